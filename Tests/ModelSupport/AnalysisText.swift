import NeuralModel
import NeuralSchema
import NeuralSyntax

/// Everything that an analysis says, line by line, with places in bytes: two of one text are the
/// same where these are.
public struct AnalysisText {
  public private(set) var lines: [String] = []
  private let analysis: Analysis

  public init(_ analysis: Analysis) {
    self.analysis = analysis
    lines += analysis.diagnostics.map { "\($0)" }
    lines += analysis.importedErrors.map { "\($0)" }
    read(analysis.document.source)
    for graph in analysis.networks { read(graph) }
  }

  private func text(_ range: SourceRange?) -> String {
    range.map { "\(analysis.document.tree.range(of: $0))" } ?? "-"
  }

  private func text(_ location: Location) -> String {
    location.file == analysis.document.id ? text(location.range) : "elsewhere"
  }

  /// Arguments of parts of built-in layers stand in the catalogue's text.
  private func text(_ arguments: BoundArguments, isHere: Bool) -> String {
    arguments.entries.map { entry in
      "\(entry.name)=\(entry.value)"
        + (isHere ? "@\(text(entry.range))\(text(entry.valueRange))" : "")
    }.joined(separator: ", ")
  }

  private mutating func read(_ source: SourceFile) {
    lines.append("file \(source.documentation ?? "-")")
    for allowance in source.allowances {
      lines.append(
        "allow \(allowance.code.text) \(text(allowance.code.range)) \(allowance.declaration ?? -1)")
    }
    for case .network(let network) in source.declarations {
      for case .statements(let block) in network.sections.map(\.value) {
        for statement in block.statements {
          lines.append("statement \(text(statement.range)) \(statement.documentation ?? "-")")
        }
      }
    }
  }

  private mutating func read(_ graph: NetworkGraph) {
    lines.append(
      "network \(graph.name) \(graph.isComplete) \(graph.dataFormat) \(graph.symbols) "
        + "\(graph.outputs) \(graph.totals) \(graph.memory)")
    for input in graph.inputs {
      lines.append("input \(input.name) \(input.value) \(text(input.location))")
    }
    for (number, value) in graph.values.enumerated() {
      lines.append(
        "value \(number) \(value.name ?? "-") \(value.producer) "
          + "\(value.type.map { "\($0)" } ?? "?") \(value.alternatives)")
    }
    for (number, node) in graph.nodes.enumerated() {
      let isHere = isHere(node, graph)
      lines.append(
        "node \(number) \(node.path) \(node.schema.name)(\(text(node.arguments, isHere: isHere))) "
          + "\(node.inputs) \(node.outputs) \(node.sharedWith ?? -1) \(node.tiedTo ?? -1) "
          + "\(node.isTrainable) \(node.device ?? "-") \(text(node.location)) "
          + "\(text(node.calleeRange)) \(text(node.argumentsEnd)) \(node.hasOwnName) "
          + "\(node.documentation ?? "-") \(node.scope) \(node.parameterCount) \(node.macs)")
    }
    for (number, scope) in graph.scopes.enumerated() {
      let lets = scope.lets.map { "\($0.key)@\(text($0.value.range))" }.sorted()
      lines.append(
        "scope \(number) \(name(scope.kind)) \(scope.path) \(scope.parent ?? -1) \(scope.items) "
          + "\(scope.inputs) \(scope.outputs) \(text(scope.location)) "
          + "\(scope.documentation ?? "-") \(scope.sharedWith ?? -1) \(lets)")
    }
  }

  private func isHere(_ node: GraphNode, _ graph: NetworkGraph) -> Bool {
    guard node.location.file == analysis.document.id else { return false }
    var scope: Int? = node.scope
    while let index = scope {
      if case .composite = graph.scopes[index].kind { return false }
      scope = graph.scopes[index].parent
    }
    return true
  }

  private func name(_ kind: GraphScope.Kind) -> String {
    switch kind {
    case .definition(let index, let arguments): "definition \(index) \(arguments.entries.count)"
    case .repetition(let times, let count): "repetition \(times) \(text(count.range))"
    case .composite(let schema, _): "composite \(schema.name)"
    case .arm(let conditions, let chosen): "arm \(conditions.map { text($0.range) }) \(chosen)"
    case .network, .iteration, .sequence, .container, .branch, .shortcut: "\(kind)"
    }
  }
}
