import NeuralModel
import NeuralSchema
import NeuralSyntax

/// An analysis, and what the features look up in it: which parts of the graphs a step became.
public struct EditorSnapshot: Sendable {
  public let analysis: Analysis
  /// The uses of each step of the file, by its place, in the order of the graphs.
  private let uses: [SourceRange: [StepUse]]
  private let names: DeclaredNames
  /// Names that a `let` gives somewhere.
  private let constants: Set<String>
  let code: LayerCode

  /// `later` does what may take long, if it can on another thread.
  public init(
    _ analysis: Analysis,
    later: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void = { $0() }
  ) {
    self.analysis = analysis
    code = LayerCode(later: later)
    constants = analysis.document.source.constantNames
    uses = StepUse.all(in: analysis)
    names = DeclaredNames(analysis)
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

  func definition(named name: String) -> Definition? {
    names.definitions[name].map { analysis.definitions[$0] }
  }

  /// The layers that users declare and that the file can name, each once.
  var userLayers: [LayerSchema] {
    analysis.layersByName.filter { $0.key == $0.value.name }.map(\.value)
      .sorted { $0.name < $1.name }
  }

  /// The file's own definition or network whose name stands at a place.
  func ownDefinition(at name: SourceRange) -> Int? {
    analysis.definitions.firstIndex {
      $0.file == analysis.document.id && $0.schema.nameRange == name
    }
  }

  /// The declaration that a callee names: a definition, a layer, or, where `keyword` or nothing
  /// else is expected, something else that the catalogue declares.
  func schema(named name: String, expecting keyword: String? = nil) -> LayerSchema? {
    names.schema(named: name, expecting: keyword)
  }

  /// The declaration that a call names; a `let` may name a layer too.
  func schema(of callee: Name, expecting keyword: String? = nil) -> LayerSchema? {
    let name = callee.text
    // Looking names up takes a walk over the file: only where one of them can be meant.
    if constants.contains(name),
      case .constant(let value)? = visibleNames(at: range(callee.range).lowerBound)
        .last(where: { $0.name == name })?.meaning,
      case .call(let inner) = value.kind, inner.name.text != name
    {
      return schema(named: inner.name.text)
    }
    return schema(named: name, expecting: keyword)
  }

  /// Whether a bare name in a flow is a layer or definition rather than a value (language.md,
  /// section 4).
  func isStepName(_ name: String) -> Bool { names.isStepName(name) }
}
