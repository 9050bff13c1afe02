import NeuralCodegen
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// A file that a target makes of a network.
public struct GeneratedFile: Sendable {
  /// Where it belongs: beside the source, unless the caller says otherwise.
  public var path: String
  public var contents: [UInt8]
  /// A model, which is written piece by piece, instead of contents.
  public var model: ONNXModel?
  /// UTF-8 text that an editor can show; an ONNX model is none.
  public var isText: Bool
  /// What editors call its language: `python`.
  public var language: String
  /// Whether its folder is made where it is not there: the user's settings name it.
  public var makesFolder = false

  public init(path: String, contents: [UInt8], isText: Bool, language: String) {
    self.path = path
    self.contents = contents
    self.isText = isText
    self.language = language
  }
}

/// Why nothing was generated, in words for the user.
public struct GenerationError: Error, Equatable {
  public var message: String
  /// The errors of the source that stand in the way, where it is those.
  public var diagnostics: [Diagnostic]

  public init(_ message: String, diagnostics: [Diagnostic] = []) {
    self.message = message
    self.diagnostics = diagnostics
  }
}

/// The targets of this version, for those who know no generators.
public enum GenerationTarget {
  public static let names = Target.allCases.map(\.rawValue)

  /// What to say of a target that is not in `names`.
  public static func refusal(_ name: String) -> String {
    "There is no target \(name), but \(names.joined(separator: ", "))."
  }
}

extension GeneratedFile {
  /// The file that `target` makes of a network, or of all networks of the file where none is named.
  /// `weightsAreInputs` says where a model's weights are.
  public static func make(
    from analysis: Analysis, network: String?, target name: String, weightsAreInputs: Bool = false
  ) throws(GenerationError) -> GeneratedFile {
    guard let target = Target(rawValue: name) else {
      throw GenerationError(GenerationTarget.refusal(name))
    }
    let graphs = try chosen(network, in: analysis)
    try requireSound(graphs, in: analysis)
    let path = analysis.document.path
    switch Generator.generate(
      graphs, definitions: analysis.definitions, target: target, source: path,
      weightsAreInputs: weightsAreInputs)
    {
    case .code(let code):
      return GeneratedFile(
        path: place(beside: path, target), contents: Array(code.utf8),
        isText: true, language: "python")
    case .model(let model):
      var file = GeneratedFile(
        path: place(beside: path, target), contents: [],
        isText: false, language: "onnx")
      file.model = model
      return file
    case .problems(let problems):
      let diagnostics = problems.map { finding($0, analysis) }
      let first = diagnostics.first
      throw GenerationError(
        "\(target.displayName) cannot be generated" + reason(first, analysis, problems.count),
        diagnostics: diagnostics)
    }
  }

  /// Whether a file was generated and not edited since.
  public static func isUnedited(_ contents: [UInt8]) -> Bool {
    GeneratedHeader.isUnedited(contents) || ONNXModel.isUnedited(contents)
  }

  /// What ONNX's own checker refuses of a model, at the layers that its nodes were made for.
  public static func refused(
    _ model: ONNXModel, _ findings: [(node: String, message: String)], in analysis: Analysis
  ) -> GenerationError {
    let diagnostics = findings.map { node, message in
      let location = model.location(ofNode: node)
      let document = location.flatMap { analysis.document($0.file) }
      return Diagnostic(
        code: .onnxCheck, severity: DiagnosticCode.onnxCheck.severity,
        message: node.isEmpty ? message : "\(node): \(message)",
        file: document?.id ?? analysis.document.id,
        range: location.flatMap { document?.tree.range(of: $0.range) } ?? 0..<0)
    }
    return GenerationError(
      "ONNX's checker refuses the model" + reason(diagnostics.first, analysis, findings.count),
      diagnostics: diagnostics)
  }

  // MARK: Networks

  private static func chosen(
    _ name: String?, in analysis: Analysis
  ) throws(GenerationError) -> [NetworkGraph] {
    let names = analysis.networks.map(\.name)
    guard let name else {
      if analysis.networks.isEmpty {
        throw GenerationError(
          "There is no network in \(analysis.document.path).",
          diagnostics: analysis.diagnostics.filter { $0.severity == .error })
      }
      return analysis.networks
    }
    let graphs = analysis.networks.filter { $0.name == name }
    if graphs.isEmpty { throw unknown(name, among: names) }
    return graphs
  }

  /// `There is no network Lenet, but LeNet5.`
  public static func unknown(_ name: String, among names: [String]) -> GenerationError {
    if names.isEmpty { return GenerationError("There is no network \(name), nor any other.") }
    var others = names
    if let near = nearest(to: name, among: names) {
      others = [near] + names.filter { $0 != near }
    }
    return GenerationError(
      "There is no network \(name) here, but \(others.joined(separator: ", ")).")
  }

  private static func requireSound(
    _ graphs: [NetworkGraph], in analysis: Analysis
  ) throws(GenerationError) {
    let errors = analysis.errors(against: graphs)
    if !errors.isEmpty {
      let names = graphs.map(\.name).joined(separator: ", ")
      throw GenerationError(
        "\(names) has \(errors.count == 1 ? "an error" : "errors")"
          + reason(errors.first, analysis, errors.count), diagnostics: errors)
    }
    if let graph = graphs.first(where: { !$0.isComplete }) {
      if let first = analysis.importedErrors.first {
        throw GenerationError(
          "\(graph.name) uses what has an error"
            + reason(first, analysis, analysis.importedErrors.count),
          diagnostics: analysis.importedErrors)
      }
      let open = graph.declaration.parameters.filter { $0.defaultValue == nil }
        .map { "`\($0.name.text)`" }
      throw GenerationError(
        open.isEmpty
          ? "\(graph.name) is not complete."
          : "\(graph.name) has no value for \(open.joined(separator: ", ")); give it a default.")
    }
  }

  private static func reason(_ first: Diagnostic?, _ analysis: Analysis, _ count: Int) -> String {
    guard let first else { return "." }
    let document = analysis.document(first.file) ?? analysis.document
    let line = document.tree.position(at: first.range.lowerBound, in: .utf8).line + 1
    let place =
      document.id == analysis.document.id
      ? "" : "\(ImportPath.relative(document.path, to: analysis.document.path)), "
    let more = count > 1 ? " (and \(count - 1) more)" : ""
    return ": \(place)line \(line): \(first.message)\(more)"
  }

  private static func finding(_ problem: TargetProblem, _ analysis: Analysis) -> Diagnostic {
    let document = analysis.document(problem.location.file)
    return Diagnostic(
      code: .unsupportedByTarget, severity: DiagnosticCode.unsupportedByTarget.severity,
      message: problem.message, file: document?.id ?? analysis.document.id,
      range: document?.tree.range(of: problem.location.range) ?? 0..<0)
  }

  // MARK: Paths

  /// Beside the source, under a name that the target's language can import: `my-net.neural` is
  /// `my_net.py`, `my_net_jax.py` and `my_net.onnx`.
  static func place(beside path: String, _ target: Target) -> String {
    var folder = ""
    var name = path[...]
    if path.hasPrefix("untitled:") {
      name = path.dropFirst("untitled:".count)
      if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
    } else if let slash = path.lastIndex(of: "/") {
      folder = String(path[...slash])
      name = path[path.index(after: slash)...]
    }
    for known in [".neural", ".nr", ".rnr"] where name.hasSuffix(known) && name != known {
      name = name.dropLast(known.count)
      break
    }
    var module = name.map { character in
      character == "_" || character.isLetter || character.isNumber ? String(character) : "_"
    }.joined()
    if module.isEmpty || module.first?.isNumber == true { module = "_" + module }
    return "\(folder)\(module)\(target.fileSuffix).\(target.fileExtension)"
  }
}

extension Analysis {
  /// The errors that stand in the way of networks: all but those inside other ones.
  func errors(against graphs: [NetworkGraph]) -> [Diagnostic] {
    let own = Set(graphs.map { $0.declaration.name.range })
    let others = networks.filter { !own.contains($0.declaration.name.range) }.map {
      document.tree.range(of: $0.declaration.range)
    }
    return diagnostics.filter { diagnostic in
      diagnostic.severity == .error
        && !others.contains { $0.contains(diagnostic.range.lowerBound) }
    }
  }
}
