import NeuralCodegen
import NeuralModel

/// Measures what it takes to write the networks of a file for each target, once they are analysed: code,
/// or the bytes of a model that has no weights.
enum GenerateBenchmark {
  static func run(_ text: [UInt8]) {
    let analysis = Analysis(Document(id: FileID(rawValue: 0), path: "generate.neural", text: text))
    for target in Target.allCases {
      var count = 0
      let times = (0..<50).map { _ in
        Benchmarks.time { count = bytes(analysis, target) }
      }
      print("\(target.rawValue)_us \(times.min() ?? 0)")
      print("\(target.rawValue)_bytes \(count)")
    }
  }

  private static func bytes(_ analysis: Analysis, _ target: Target) -> Int {
    let result = Generator.generate(
      analysis.networks, definitions: analysis.definitions, target: target,
      source: "generate.neural", weightsAreInputs: true)
    switch result {
    case .code(let code): return code.utf8.count
    case .model(let model):
      var count = 0
      do throws(Safetensors.FormatError) {
        try model.write(.inputs, dataName: "generate.onnx.data") {
          (_, bytes) throws(Safetensors.FormatError) in
          count += bytes.count
        } invalid: {
          $0
        }
      } catch {
        return 0
      }
      return count
    case .problems: return 0
    }
  }
}
