import NeuralModel
import NeuralSchema
import NeuralSyntax

/// What a network can be turned into.
public enum Target: String, Sendable, CaseIterable {
  case pytorch
  case tensorflow
  case jax
  case onnx

  /// The name that people know it by.
  public var displayName: String {
    switch self {
    case .pytorch: "PyTorch"
    case .tensorflow: "TensorFlow"
    case .jax: "JAX"
    case .onnx: "ONNX"
    }
  }

  /// What a file's name has behind the source's, so that those of several targets stand side by side.
  public var fileSuffix: String {
    switch self {
    case .pytorch, .onnx: ""
    case .tensorflow, .jax: "_" + rawValue
    }
  }

  public var fileExtension: String {
    switch self {
    case .pytorch, .tensorflow, .jax: "py"
    case .onnx: "onnx"
    }
  }

  /// How it is written, for the targets that are Python.
  var python: PythonTarget? {
    switch self {
    case .pytorch: .pytorch
    case .tensorflow: .tensorflow
    case .jax: .jax
    case .onnx: nil
    }
  }
}

/// Something that a target cannot say, at its place in the source.
public struct TargetProblem: Error, Sendable {
  public var message: String
  public var location: Location

  public init(_ message: String, at location: Location) {
    self.message = message
    self.location = location
  }
}

/// What one file holds, or why there is none.
public enum GenerationResult: Sendable {
  case code(String)
  /// A model file, which is one network.
  case model(ONNXModel)
  /// At least one; nothing is approximated.
  case problems([TargetProblem])
}

public enum Generator {
  /// Turns networks of one file into one module of `target`, or one of them into a model. The graphs
  /// are complete: a network with errors is not generated. `documentation` is the file's own comment;
  /// `weightsAreInputs` says where a model's weights are.
  public static func generate(
    _ networks: [NetworkGraph], definitions: [Definition], target: Target, source: String,
    documentation: String? = nil, weightsAreInputs: Bool = false
  ) -> GenerationResult {
    guard let python = target.python else {
      return onnx(networks, source: source, weightsAreInputs: weightsAreInputs)
    }
    let module = PythonModule(
      networks, definitions: definitions, documentation: documentation, target: python)
    do throws(TargetProblem) {
      let body = try module.generate()
      return .code(GeneratedHeader.python(source: source, body: body))
    } catch {
      return .problems([error])
    }
  }
}
