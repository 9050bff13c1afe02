import NeuralModel

extension Generator {
  /// Turns a network into an ONNX model.
  static func onnx(
    _ networks: [NetworkGraph], source: String, weightsAreInputs: Bool
  ) -> GenerationResult {
    guard networks.count == 1, let network = networks.first else {
      let names = networks.map(\.name).joined(separator: ", ")
      let location = networks.first.map { Location($0.file, $0.declaration.name.range) }
      return .problems(
        location.map {
          [TargetProblem("An ONNX file holds one network; choose among \(names)", at: $0)]
        } ?? [])
    }
    let name = source.split(separator: "/").last.map(String.init) ?? source
    var builder = ONNXGraphBuilder(network, source: name, weightsAreInputs: weightsAreInputs)
    do throws(TargetProblem) {
      return .model(try builder.build())
    } catch {
      return .problems([error])
    }
  }
}
