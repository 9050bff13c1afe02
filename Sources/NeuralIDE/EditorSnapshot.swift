import NeuralModel
import NeuralSchema
import NeuralSyntax

/// An analysis, and what the features look up in it: which parts of the graphs a step became.
public struct EditorSnapshot: Sendable {
  public let analysis: Analysis
  /// The uses of each step of the file, by its place, in the order of the graphs.
  private let uses: [SourceRange: [StepUse]]

  public init(_ analysis: Analysis) {
    self.analysis = analysis
    uses = StepUse.all(in: analysis)
  }

  var tree: SyntaxTree { analysis.document.tree }
  var source: SourceFile { analysis.document.source }
  var catalogue: Catalogue { analysis.catalogue }

  func range(_ range: SourceRange) -> Range<Int> { tree.range(of: range) }

  func text(_ range: SourceRange) -> String {
    String(decoding: tree.text(in: tree.range(of: range)), as: UTF8.self)
  }

  /// The line of a place, from 1.
  func line(_ range: SourceRange) -> Int {
    tree.position(at: tree.range(of: range).lowerBound, in: .utf8).line + 1
  }

  func pieces(at offset: Int) -> [Piece] {
    source.pieces(in: offset..<offset + 1, of: tree)
  }

  func visibleNames(at offset: Int) -> [VisibleName] {
    source.visibleNames(at: offset, in: tree)
  }

  // MARK: Uses

  /// What a step became: each layer, definition call or container that it was expanded to.
  func uses(of step: Step) -> [StepUse] {
    let all = uses[step.range] ?? []
    return all.filter { !$0.isRepetition }
  }

  /// What flows into a step and out of it, all of its repetitions taken together.
  func flows(through step: Step) -> [StepUse] {
    let all = uses[step.range] ?? []
    let repetitions = all.filter(\.isRepetition)
    return repetitions.isEmpty ? all : repetitions
  }

  func graph(_ use: StepUse) -> NetworkGraph { analysis.networks[use.network] }

  func inputs(of use: StepUse) -> [TensorType?] {
    use.inputs.map { graph(use).type(of: $0) }
  }

  func outputs(of use: StepUse) -> [TensorType?] {
    use.outputs.map { graph(use).type(of: $0) }
  }

  /// What a call in a graph is a use of, where it is a layer.
  func node(_ use: StepUse) -> GraphNode? {
    guard let node = use.node, graph(use).nodes.indices.contains(node) else { return nil }
    return graph(use).nodes[node]
  }

  // MARK: Names

  /// The declaration that a callee names: a definition, a layer, or, where `keyword` or nothing
  /// else is expected, something else that the catalogue declares.
  func schema(named name: String, expecting keyword: String? = nil) -> LayerSchema? {
    if let keyword, let schema = catalogue.declared(keyword, name) { return schema }
    if let definition = analysis.definitions.first(where: { $0.schema.name == name }) {
      return definition.schema
    }
    if let layer = analysis.layers.first(where: { $0.name == name }) { return layer }
    if let match = catalogue.layer(named: name) { return match.schema }
    for keyword in ["activation", "schedule", "optimizer", "loss", "metric"] {
      if let schema = catalogue.declared(keyword, name) { return schema }
    }
    return nil
  }

  /// Whether a bare name in a flow is a layer or definition rather than a value (language.md,
  /// section 4).
  func isStepName(_ name: String) -> Bool {
    guard let first = name.utf8.first, (65...90).contains(first) else { return false }
    if analysis.definitions.contains(where: { $0.schema.name == name })
      || analysis.layers.contains(where: { $0.name == name })
    {
      return true
    }
    return catalogue.layer(named: name).map { $0.spelling != .otherCase } ?? false
  }
}
