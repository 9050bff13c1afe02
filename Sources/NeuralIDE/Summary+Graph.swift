import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

extension NetworkSummary {
  /// The table of a network that has no errors; `tree` is that of its file.
  public init(_ graph: NetworkGraph, tree: SyntaxTree) {
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
        name: name, shape: type?.shape.map(Size.init) ?? [],
        dtype: type.map { $0.dtype.rawValue } ?? "float32")
    }
    let totals = graph.totals
    let parameters = totals.parameters ?? totals.trainable
    self.init(
      name: graph.name,
      inputs: graph.inputs.map { tensor($0.name, $0.value) },
      layers: graph.nodes.map { node in
        let isShared = node.sharedWith != nil
        return Layer(
          path: node.path, type: node.schema.name, inputs: node.inputs.map(name),
          outputs: node.outputs.map { graph.type(of: $0)?.shape.map(Size.init) ?? [] },
          parameters: isShared ? .fixed(0) : Size(node.parameterCount),
          trainable: isShared ? .fixed(0) : Size(node.trainableCount), macs: Size(node.macs),
          range: Self.range(of: node, in: graph, tree))
      },
      outputs: graph.outputs.map { tensor($0.name, $0.value) },
      parameters: Size(parameters), trainable: Size(totals.trainable),
      nonTrainable: Size(totals.nonTrainable), macs: Size(totals.macs),
      memory: Memory(graph.memory))
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
      weights: memory.weights.map(NetworkSummary.Size.init),
      inference: memory.inference.map(NetworkSummary.Size.init),
      gradients: memory.gradients.map(NetworkSummary.Size.init),
      optimizer: memory.optimizer.map(NetworkSummary.Size.init),
      activations: memory.activations.map(NetworkSummary.Size.init),
      training: memory.training.map(NetworkSummary.Size.init), batchSize: memory.batchSize)
  }
}

extension NetworkSummary.Size {
  init(_ dimension: Dimension) {
    self = dimension.constant.map { .fixed($0) } ?? .symbolic(dimension.description)
  }
}
