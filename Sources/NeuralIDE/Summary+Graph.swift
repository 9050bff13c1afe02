import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

extension NetworkSummary {
  /// The table of a network that has no errors; `tree` is that of its file, `totals` are those of
  /// its configurations.
  public init(_ graph: NetworkGraph, tree: SyntaxTree, totals: [Totals]) {
    // What a value is called by those who read it.
    func name(_ value: Int) -> String {
      guard graph.values.indices.contains(value) else { return "" }
      switch graph.values[value].producer {
      case .input(let index):
        return graph.inputs.indices.contains(index) ? graph.inputs[index].name : "input"
      case .node(let node, let output):
        guard graph.nodes.indices.contains(node) else { return "" }
        let path = graph.nodes[node].path
        return graph.nodes[node].outputs.count > 1 ? "\(path):\(output)" : path
      }
    }
    func tensor(_ name: String, _ value: Int) -> Tensor {
      let type = graph.type(of: value)
      return Tensor(
        name: name, shape: sizes(value), dtype: type.map { $0.dtype.rawValue } ?? "float32")
    }
    // `26|24` where the search space has several.
    func sizes(_ value: Int) -> [Size] {
      let shapes = graph.types(of: value).map(\.shape)
      guard let first = shapes.first else { return [] }
      return first.indices.map { axis in
        let sizes = shapes.map { $0.indices.contains(axis) ? $0[axis] : first[axis] }
        return Size(sizes)
      }
    }
    func counts(_ node: GraphNode, _ own: Dimension, _ cost: (Totals) -> Dimension) -> Size {
      node.sharedWith != nil
        ? .fixed(0) : Size(node.costs.isEmpty ? [own] : node.costs.map(cost))
    }
    // Where the configurations are too many to be worked out one by one.
    let range = totals.count == 1 ? graph.totalsRange : nil
    let parameters = totals.map { $0.parameters ?? $0.trainable }
    self.init(
      name: graph.name,
      inputs: graph.inputs.map { tensor($0.name, $0.value) },
      layers: graph.nodes.map { node in
        Layer(
          path: node.path, type: node.schema.name, inputs: node.inputs.map(name),
          outputs: node.outputs.map(sizes),
          parameters: counts(node, node.parameterCount) { $0.parameters ?? $0.trainable },
          trainable: counts(node, node.trainableCount, \.trainable),
          macs: node.costs.isEmpty ? Size(node.macs) : Size(node.costs.map(\.macs)),
          range: Self.range(of: node, in: graph, tree))
      },
      outputs: graph.outputs.map { tensor($0.name, $0.value) },
      parameters: Size(parameters, range?.parameters),
      trainable: Size(totals.map(\.trainable), range?.trainable),
      nonTrainable: Size(totals.map(\.nonTrainable), range?.nonTrainable),
      macs: Size(totals.map(\.macs), range?.macs),
      memory: Memory(graph.memory),
      searchNote: ShapeText.searchNote(graph, hasRange: totals.count > 1 || range != nil))
  }

  /// Where a node stands in the network's own file: itself, or the use that brought it.
  private static func range(of node: GraphNode, in graph: NetworkGraph, _ tree: SyntaxTree)
    -> Range<Int>
  {
    if node.location.file == graph.file { return tree.range(of: node.location.range) }
    var scope: Int? = node.scope
    while let index = scope {
      let location = graph.scopes[index].location
      if location.file == graph.file { return tree.range(of: location.range) }
      scope = graph.scopes[index].parent
    }
    return 0..<0
  }
}

extension NetworkSummary.Memory {
  init(_ memory: NeuralModel.Memory) {
    self.init(
      weights: memory.weights.map { NetworkSummary.Size($0) },
      inference: memory.inference.map { NetworkSummary.Size($0) },
      gradients: memory.gradients.map { NetworkSummary.Size($0) },
      optimizer: memory.optimizer.map { NetworkSummary.Size($0) },
      activations: memory.activations.map { NetworkSummary.Size($0) },
      training: memory.training.map { NetworkSummary.Size($0) }, batchSize: memory.batchSize)
  }
}

extension NetworkSummary.Size {
  /// What a size is in several configurations.
  init(_ sizes: [Dimension]) {
    let first = sizes.first.map { Self($0) } ?? .symbolic("?")
    self = Set(sizes).count > 1 ? .searched(ShapeText.range(sizes), first: first) : first
  }

  /// The same of configurations of which the least and the most are known.
  fileprivate init(_ sizes: [Dimension], _ range: ClosedRange<Int>?) {
    if let range, range.lowerBound < range.upperBound {
      self = .searched(
        ShapeText.range(range), first: sizes.first.map { Self($0) } ?? .symbolic("?"))
    } else {
      self = Self(sizes)
    }
  }

  init(_ dimension: Dimension) {
    self = dimension.constant.map { .fixed($0) } ?? .symbolic(dimension.description)
  }
}
