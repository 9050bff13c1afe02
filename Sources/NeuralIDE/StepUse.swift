import NeuralDimension
import NeuralModel
import NeuralSyntax

/// One thing that a step of the source became in a graph: a layer, a call of a definition, a
/// container, a layer made of others, or all of its repetitions together.
struct StepUse: Sendable {
  /// Its place in `Analysis.networks`.
  var network: Int
  var path: String
  /// Values that flow in and out.
  var inputs: [Int]
  var outputs: [Int]
  /// The layer's node, where it is one.
  var node: Int?
  /// The scope of what it holds.
  var scope: Int?
  var isRepetition = false
  /// A block without a layer of its own: its last statement says what flows out.
  var isGroup = false
  /// The definition that it calls, by its place in `Analysis.definitions`.
  var definition: Int?

  /// All uses in the file's own text, by the range of their step.
  static func all(in analysis: Analysis) -> [SourceRange: [StepUse]] {
    var uses: [SourceRange: [StepUse]] = [:]
    for index in analysis.networks.indices {
      var collector = UseCollector(
        network: index, graph: analysis.networks[index], file: analysis.document.id, uses: uses)
      // Only one holds them, so that adding to them copies nothing.
      uses = [:]
      collector.collect()
      swap(&uses, &collector.uses)
    }
    return uses
  }

  /// Values in the weights of everything that this use holds, and the work of all of it.
  func cost(in graph: NetworkGraph) -> Cost {
    var cost = Cost()
    if let scope { cost.add(scope: scope, of: graph) }
    if let node, graph.nodes.indices.contains(node) { cost.add(graph.nodes[node]) }
    return cost
  }
}

extension StepUse {
  /// What a layer costs in the configurations of the search space, where that differs.
  func searchedCosts(in graph: NetworkGraph) -> [Cost]? {
    guard let node, scope == nil, graph.nodes.indices.contains(node) else { return nil }
    let costs = graph.nodes[node].costs.map {
      Cost(trainable: $0.trainable, nonTrainable: $0.nonTrainable, macs: $0.macs)
    }
    return costs.isEmpty ? nil : costs
  }
}

/// Walks the scopes of a graph in the order of the source.
private struct UseCollector {
  let network: Int
  let graph: NetworkGraph
  let file: FileID
  var uses: [SourceRange: [StepUse]]

  mutating func collect() { if !graph.scopes.isEmpty { walk(0) } }

  private mutating func add(_ use: StepUse, at location: Location) {
    if location.file == file { uses[location.range, default: []].append(use) }
  }

  private mutating func walk(_ index: Int) {
    // A container's scope stands just before its node.
    var container: Int?
    /// The step whose own layer came last: the statements in its block are no use of it.
    var layer: Location?
    for item in graph.scopes[index].items {
      switch item {
      case .node(let number):
        let location = graph.nodes[number].location
        var use = StepUse(
          network: network, path: graph.nodes[number].path, inputs: graph.nodes[number].inputs,
          outputs: graph.nodes[number].outputs, node: number)
        if let scope = container, graph.scopes[scope].location == location {
          use.inputs = graph.scopes[scope].inputs
          use.scope = scope
        }
        add(use, at: location)
        container = nil
        layer = location
      case .scope(let number):
        let scope = graph.scopes[number]
        container = nil
        var use = StepUse(
          network: network, path: scope.path, inputs: scope.inputs, outputs: scope.outputs,
          scope: number)
        switch scope.kind {
        case .network, .iteration, .arm: walk(number)
        case .branch, .shortcut:
          use.isGroup = true
          add(use, at: scope.location)
          walk(number)
        case .container:
          container = number
          walk(number)
        case .definition(let definition, _):
          use.definition = definition
          add(use, at: scope.location)
          walk(number)
          layer = scope.location
        case .repetition:
          use.isRepetition = true
          add(use, at: scope.location)
          walk(number)
        case .sequence:
          use.isGroup = true
          if layer != scope.location { add(use, at: scope.location) }
          walk(number)
        // What is inside is the catalogue's text.
        case .composite:
          add(use, at: scope.location)
          layer = scope.location
        }
      }
    }
  }
}

/// Sizes of a part of a network, added up.
struct Cost: Equatable {
  var trainable = Dimension.constant(0)
  var nonTrainable = Dimension.constant(0)
  var macs = Dimension.constant(0)

  var parameters: Dimension { (try? trainable.adding(nonTrainable)) ?? trainable }

  mutating func add(_ other: Cost) {
    if let sum = try? trainable.adding(other.trainable) { trainable = sum }
    if let sum = try? nonTrainable.adding(other.nonTrainable) { nonTrainable = sum }
    if let sum = try? macs.adding(other.macs) { macs = sum }
  }

  mutating func add(_ node: GraphNode) {
    let own = node.trainableCount
    if let sum = try? trainable.adding(own) { trainable = sum }
    if let rest = try? node.parameterCount.subtracting(own),
      let sum = try? nonTrainable.adding(rest)
    {
      nonTrainable = sum
    }
    if let sum = try? macs.adding(node.macs) { macs = sum }
  }

  mutating func add(scope: Int, of graph: NetworkGraph) {
    guard graph.scopes.indices.contains(scope) else { return }
    for item in graph.scopes[scope].items {
      switch item {
      case .node(let node): if graph.nodes.indices.contains(node) { add(graph.nodes[node]) }
      case .scope(let inner): add(scope: inner, of: graph)
      }
    }
  }
}
