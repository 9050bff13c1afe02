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
          range: node.location.file == graph.file ? tree.range(of: node.location.range) : 0..<0)
      },
      outputs: graph.outputs.map { tensor($0.name, $0.value) },
      parameters: Size(parameters), trainable: Size(totals.trainable),
      nonTrainable: Size(totals.nonTrainable), macs: Size(totals.macs),
      // float32 throughout.
      weightsMemory: (try? parameters.multiplied(by: .constant(4))).map(Size.init)
        ?? .symbolic("?"),
      trainingMemory: nil)
  }
}

extension NetworkSummary.Size {
  init(_ dimension: Dimension) {
    self = dimension.constant.map { .fixed($0) } ?? .symbolic(dimension.description)
  }
}
