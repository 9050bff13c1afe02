#include "COnnx.h"

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include <onnx/checker.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

namespace {

// The name of the node in libonnx's words: "(op_type:Conv, node name: conv2d_1): …" of shape inference,
// "Bad node spec for node. Name: conv2d_1 OpType: Conv" of the checker.
std::string nodeName(const std::string &message) {
  for (const std::string &before : {std::string("node name: "), std::string("Name: ")}) {
    const size_t start = message.find(before);
    if (start == std::string::npos) continue;
    const size_t first = start + before.size();
    const size_t end = message.find_first_of("),\n \t", first);
    return message.substr(first, end == std::string::npos ? end : end - first);
  }
  return "";
}

void report(const connx_observer &observer, const char *message) {
  observer.error(observer.context, nodeName(message).c_str(), message);
}

void tell(const connx_observer &observer, const onnx::ValueInfoProto &value) {
  if (!value.has_type() || !value.type().has_tensor_type()) return;
  const auto &tensor = value.type().tensor_type();
  if (!tensor.has_shape()) return;
  std::vector<int64_t> sizes;
  std::vector<const char *> symbols;
  for (const auto &dim : tensor.shape().dim()) {
    sizes.push_back(dim.has_dim_value() ? dim.dim_value() : -1);
    symbols.push_back(dim.has_dim_param() ? dim.dim_param().c_str() : "");
  }
  observer.shape(observer.context, value.name().c_str(), tensor.elem_type(), sizes.size(),
                 sizes.data(), symbols.data());
}

void infer(onnx::ModelProto &model, const onnx::ShapeInferenceOptions &options) {
  onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), options);
}

}  // namespace

void connx_check(const uint8_t *bytes, size_t count, connx_observer observer) {
  try {
    onnx::ModelProto model;
    if (!model.ParseFromArray(bytes, static_cast<int>(count))) {
      observer.error(observer.context, "", "the model is no protobuf message of ONNX");
      return;
    }
    onnx::checker::check_model(model);
    // Strict, types too, and with the values of shapes followed through the graph.
    try {
      infer(model, {true, 1, true});
    } catch (const std::exception &error) {
      report(observer, error.what());
      // As far as it comes: the shapes before the error may say what led to it.
      infer(model, {true, 0, true});
    }
    for (const auto &value : model.graph().value_info()) tell(observer, value);
    for (const auto &value : model.graph().output()) tell(observer, value);
  } catch (const std::exception &error) {
    report(observer, error.what());
  }
}

int32_t connx_newest_opset(void) {
  const auto &range = onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map();
  const auto found = range.find("");
  return found == range.end() ? 0 : found->second.second;
}
