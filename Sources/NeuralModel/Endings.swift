import NeuralSchema
import NeuralSyntax

/// What a value ends in, as a loss sees it.
struct Ending: Equatable {
  /// The node that gives it; what acts in training only is passed over.
  var node: GraphNode
  /// The function that it applies last; `nil` where the values may be anything.
  var activation: LayerSchema?

  static func == (left: Ending, right: Ending) -> Bool {
    left.node.path == right.node.path && left.activation === right.activation
      && left.node.location == right.node.location
  }
}

extension Expander {
  /// What a value ends in, in every configuration; `nil` for an input.
  func endings(of value: Int) -> Alternatives<Ending?> {
    var value = value
    for _ in 0..<16 {
      if let joined = search.endings[value] { return joined }
      guard let node = producer(value) else { break }
      if node.schema.category == "regularization", let input = node.inputs.first {
        value = input
        continue
      }
      guard let entry = node.arguments.entry("activation") else {
        return Alternatives(Ending(node: node, activation: lastActivation(node)))
      }
      let values = entry.alternatives ?? Alternatives(entry.value)
      return values.map { Ending(node: node, activation: activation(of: $0)) }
    }
    return Alternatives(nil)
  }

  /// The activation that a node ends in, as its own layer or as an argument.
  func lastActivation(_ node: GraphNode) -> LayerSchema? {
    if let entry = node.arguments.entry("activation") { return activation(of: entry.value) }
    return node.schema.category == "activation"
      ? catalogue.declared("activation", node.schema.name) : nil
  }

  /// Whether that is a softmax, or the logarithm of one, in any configuration.
  func endsInDistribution(_ node: GraphNode) -> Bool {
    func isDistribution(_ activation: LayerSchema?) -> Bool {
      activation.map {
        $0.traits.contains("distribution") || $0.traits.contains("log_distribution")
      } ?? false
    }
    guard let choices = node.arguments.entry("activation")?.alternatives else {
      return isDistribution(lastActivation(node))
    }
    return choices.entries.contains { $0.map { isDistribution(activation(of: $0)) } ?? false }
  }

  /// The function that an `activation=` names; without one it is linear.
  private func activation(of value: Value) -> LayerSchema? {
    if case .layer(let layer) = value { return layer.schema }
    return catalogue.declared("activation", "linear")
  }

  // MARK: Where it is written

  /// Whether a node's arguments are text of the file that is checked: those of the parts of a
  /// composite layer are the catalogue's.
  func isWrittenHere(_ node: GraphNode) -> Bool {
    guard node.location.file == graph.file else { return false }
    var scope: Int? = node.scope
    while let index = scope, graph.scopes.indices.contains(index) {
      if case .composite(let schema, _) = graph.scopes[index].kind,
        schema.file.catalogueFile != nil
      {
        return false
      }
      scope = graph.scopes[index].parent
    }
    return true
  }

  /// Where the activation of a node is written.
  func activationLocation(_ node: GraphNode) -> Location {
    if let range = node.arguments.entry("activation")?.range, isWrittenHere(node) {
      return Location(graph.file, range)
    }
    return node.calleeLocation
  }

  /// The edit that gives a node an activation; `nil` where none can be written.
  func writing(_ activation: String, at node: GraphNode) -> (location: Location, text: String)? {
    guard isWrittenHere(node), let entry = node.arguments.entry("activation") else { return nil }
    if let value = entry.valueRange {
      return (Location(graph.file, value), Value.quoted(activation))
    }
    // The call of a `let` instance has no arguments of its own.
    guard node.instance == nil, let end = node.argumentsEnd else { return nil }
    let separator = node.arguments.entries.contains(where: \.isGiven) ? ", " : ""
    return (Location(graph.file, end), "\(separator)activation=\(Value.quoted(activation))")
  }

  /// The edit that leaves the activation of a node out.
  func removingActivation(of node: GraphNode) -> (location: Location, text: String)? {
    guard isWrittenHere(node), let own = node.arguments.entry("activation")?.range, let source
    else { return nil }
    let before = node.arguments.entries.compactMap(\.range)
      .filter { source.isBefore($0, own) }
      .max { source.isBefore($0, $1) }
    let isLast = !node.arguments.entries.compactMap(\.range).contains { source.isBefore(own, $0) }
    guard isLast else { return nil }
    let range = before.map { $0.endPoint.joined(with: own.endPoint) } ?? own
    return (Location(graph.file, range), "")
  }
}
