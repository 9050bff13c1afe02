import NeuralDimension
import NeuralSchema
import NeuralSyntax

/// What an expansion depends on, where it depends on nothing else.
struct ExpansionQuestion: Hashable {
  private let definition: Int
  private let arguments: BoundArguments
  private let types: [TensorType]
  /// For each input, the first that is the same value, and whether that has a name.
  private let inputs: [Int]
  private let facts: Int
  private let isTrainable: Bool
  private let dtype: DType?
  private let digest: Digest

  static func == (left: ExpansionQuestion, right: ExpansionQuestion) -> Bool {
    left.digest == right.digest && left.definition == right.definition
      && left.facts == right.facts && left.isTrainable == right.isTrainable
      && left.dtype == right.dtype && left.inputs == right.inputs && left.types == right.types
      && left.arguments == right.arguments
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(definition)
    hasher.combine(digest)
  }

  /// `nil` where the expansion may depend on more: on variables of the search space, on what shares
  /// weights with something outside, or on an input whose dtype is still open.
  fileprivate init?(
    _ definition: Int, _ arguments: BoundArguments, isTrainable: Bool, inputs: [Int],
    _ expander: borrowing Expander
  ) {
    guard expander.compositeLocation == nil, expander.search.restrictions.isEmpty,
      !expander.search.isRepeating,
      !arguments.entries.contains(where: { $0.alternatives != nil || $0.value.isTied })
    else { return nil }
    var types: [TensorType] = []
    var places: [Int] = []
    var digest = Digest()
    for input in inputs {
      guard expander.search.types[input] == nil, !expander.openInputs.contains(input),
        let type = expander.graph.type(of: input)
      else { return nil }
      digest.add(type)
      types.append(type)
      let place = inputs.firstIndex(of: input) ?? 0
      places.append(expander.graph.values[input].name == nil ? place : ~place)
    }
    digest.add(arguments)
    self.definition = definition
    self.arguments = arguments
    self.types = types
    self.inputs = places
    self.digest = digest
    facts = expander.factsVersion
    self.isTrainable = isTrainable && expander.isTrainable
    dtype = expander.dtype
  }
}

/// A part of the graph that one use of a definition made, with what a copy of it has to replace.
struct Expansion {
  /// The first is the definition's own.
  var scopes: Range<Int>
  var nodes: Range<Int>
  var values: Range<Int>
  /// How many blocks and definitions were open around it, and at most inside.
  var depth: Int
  var deepest: Int
}

// Definitions that are used again alike: what the first use made is copied.
extension Expander {
  /// Expands a use of a definition with `body`, which opens one scope at `path`, or copies an
  /// earlier one that can only give the same.
  mutating func expandingOnce(
    _ definition: Int, _ arguments: BoundArguments, isTrainable: Bool, inputs: [Int],
    path: String, location: Location, documentation: String?, _ body: (inout Expander) -> [Int]
  ) -> [Int] {
    let component = path.utf8.dropFirst(graph.scopes[scope].path.utf8.count + 1)
    guard !component.contains(0x2F), !hasPathNames(below: path),
      let question = ExpansionQuestion(
        definition, arguments, isTrainable: isTrainable, inputs: inputs, self)
    else { return body(&self) }
    if let known = expansions[question], known.scopes.upperBound <= graph.scopes.count,
      depth + known.deepest - known.depth < Expander.depthLimit
    {
      return copy(
        known, inputs: inputs, path: path, kind: .definition(definition, arguments),
        location: location, documentation: documentation)
    }
    let before = traces
    let first = (graph.scopes.count, graph.nodes.count, graph.values.count)
    let (outerDepth, outerDeepest) = (depth, deepest)
    deepest = depth
    let outputs = body(&self)
    let traces = self.traces
    if traces == before, !budget.isExhausted {
      expansions[question] = Expansion(
        scopes: first.0..<graph.scopes.count, nodes: first.1..<graph.nodes.count,
        values: first.2..<graph.values.count, depth: outerDepth, deepest: deepest)
    }
    deepest = max(outerDeepest, deepest)
    return outputs
  }

  /// What an expansion has done beside adding to the graph: where that changes, it is no copy that
  /// another use needs.
  private var traces: [Int] {
    [
      reports, factsVersion, pending.claims.count, pending.bounds.count, pending.search.count,
      instances.count, outputNodes.last?.count ?? 0, search.turnCount, search.types.count,
      search.defaults.count, openInputs.count, statedBatches.count,
    ]
  }

  private mutating func copy(
    _ expansion: Expansion, inputs: [Int], path: String, kind: GraphScope.Kind,
    location: Location, documentation: String?
  ) -> [Int] {
    charge(2 * expansion.scopes.count + Budget.node * expansion.nodes.count)
    if budget.isExhausted { return [unknownValue()] }
    let (ownInputs, ownPath) = (
      graph.scopes[expansion.scopes.lowerBound].inputs,
      graph.scopes[expansion.scopes.lowerBound].path
    )
    let prefix = ownPath.utf8.count
    let values = graph.values.count - expansion.values.lowerBound
    let nodes = graph.nodes.count - expansion.nodes.lowerBound
    let scopes = graph.scopes.count - expansion.scopes.lowerBound
    func value(_ id: Int) -> Int {
      if id >= expansion.values.lowerBound { return id + values }
      return ownInputs.firstIndex(of: id).map { inputs[$0] } ?? id
    }
    func renamed(_ own: String) -> String {
      var renamed = path
      renamed += own[own.utf8.index(own.startIndex, offsetBy: prefix)...]
      return renamed
    }
    for index in expansion.values {
      var copy = graph.values[index]
      if case .node(let node, let output) = copy.producer, node >= expansion.nodes.lowerBound {
        copy.producer = .node(node + nodes, output: output)
      }
      // What uses of the definition call its results is theirs.
      copy.otherNames = copy.otherNames.compactMap { name in
        expansion.scopes.contains(name.owner) ? (name.owner + scopes, name.name) : nil
      }
      graph.values.append(copy)
    }
    for index in expansion.nodes {
      var copy = graph.nodes[index]
      copy.path = renamed(copy.path)
      copy.inputs = copy.inputs.map(value)
      copy.outputs = copy.outputs.map(value)
      copy.scope += scopes
      if let shared = copy.sharedWith { copy.sharedWith = shared + nodes }
      if let tied = copy.tiedTo { copy.tiedTo = tied + nodes }
      graph.nodes.append(copy)
    }
    for index in expansion.scopes {
      var copy = graph.scopes[index]
      copy.path = renamed(copy.path)
      copy.parent = copy.parent.map { $0 + scopes }
      copy.inputs = copy.inputs.map(value)
      copy.outputs = copy.outputs.map(value)
      copy.items = copy.items.map { item in
        switch item {
        case .node(let node): .node(node + nodes)
        case .scope(let scope): .scope(scope + scopes)
        }
      }
      if let shared = copy.sharedWith { copy.sharedWith = shared + scopes }
      graph.scopes.append(copy)
    }
    let root = expansion.scopes.lowerBound + scopes
    graph.scopes[root].kind = kind
    graph.scopes[root].parent = scope
    graph.scopes[root].location = location
    graph.scopes[root].documentation = documentation
    graph.scopes[scope].items.append(.scope(root))
    return graph.scopes[root].outputs
  }
}

extension Value {
  /// Whether it stands for something of its own in the graph: a tensor, or a layer whose weights
  /// are shared.
  fileprivate var isTied: Bool {
    switch self {
    case .tensor: true
    case .layer(let layer):
      layer.instance != nil || layer.arguments.entries.contains { $0.value.isTied }
    case .tuple(let values), .list(let values): values.contains(where: \.isTied)
    case .none, .boolean, .integer, .float, .string, .definition, .condition, .unknown: false
    }
  }
}
