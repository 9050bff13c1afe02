// Measures ONNX's shape inference over models, as a peer for shapes from source text: prints the best
// time of many runs in microseconds for each. A model's weights are inputs, so that none is read.

#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>

int main(int count, char** paths) {
  for (int index = 1; index < count; index++) {
    std::ifstream file(paths[index], std::ios::binary);
    onnx::ModelProto model;
    if (!model.ParseFromIstream(&file)) return 1;
    // What the generator has written of shapes would be told, not inferred.
    model.mutable_graph()->clear_value_info();
    double best = 1e12, spent = 0;
    for (int run = 0; run < 5 || (run < 1000 && spent < 2e6); run++) {
      onnx::ModelProto copy(model);
      auto start = std::chrono::steady_clock::now();
      onnx::shape_inference::InferShapes(copy);
      std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
      best = std::min(best, time.count());
      spent += time.count();
      if (run == 0 && copy.graph().value_info_size() == 0) return 1;
    }
    std::printf("infer_us %g\nnodes %d\n", best, model.graph().node_size());
  }
}
