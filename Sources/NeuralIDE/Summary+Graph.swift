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
          range: node.location.file == graph.file ? tree.range(of: node.location.range) : 0..<0)
      },
      outputs: graph.outputs.map { tensor($0.name, $0.value) },
      parameters: Size(parameters), trainable: Size(totals.map(\.trainable)),
      nonTrainable: Size(totals.map(\.nonTrainable)), macs: Size(totals.map(\.macs)),
      // float32 throughout; of the first configuration.
      weightsMemory: parameters.first.flatMap { try? $0.multiplied(by: .constant(4)) }
        .map { Size($0) } ?? .symbolic("?"),
      trainingMemory: nil)
  }
}

extension NetworkSummary.Size {
  /// What a size is in several configurations.
  init(_ sizes: [Dimension]) {
    let first = sizes.first.map { Self($0) } ?? .symbolic("?")
    self = Set(sizes).count > 1 ? .searched(ShapeText.range(sizes), first: first) : first
  }

  init(_ dimension: Dimension) {
    self = dimension.constant.map { .fixed($0) } ?? .symbolic(dimension.description)
  }
}
