import NeuralModel
import NeuralSchema

// The weights of a layer: its own, and those of another one that it uses.
extension LayerUse {
  /// The weights, where all uses have the same.
  func uniformWeights() throws(EmissionError) -> [Weight] {
    let all = writer.uses.indices.map { use in
      nodes[use].map { own(writer.graph(use).nodes[$0].weights) }
    }
    let known = writer.activeUses.compactMap { all[$0] }
    guard let first = known.first, known.allSatisfy({ $0 == first }) else {
      throw writer.split(
        writer.keys { all[$0].map { $0.map { TensorType.text($0.shape) }.joined() } ?? "" })
    }
    return first
  }

  /// Those of the layer inside, by its own names.
  private func own(_ weights: [Weight]) -> [Weight] {
    guard let part else { return weights }
    return weights.compactMap { weight in
      guard weight.name.hasPrefix(part + "/") else { return nil }
      var own = weight
      own.name = String(weight.name.dropFirst(part.count + 1))
      return own
    }
  }

  /// The layer whose kernel this one uses, and what holds it; `nil` where it has its own.
  func tiedOwner() throws(EmissionError) -> (variable: String, node: GraphNode)? {
    let first = writer.firstActive
    guard let owner = tied[first] else { return nil }
    guard let variable = writer.moduleOfNode[first][owner] else {
      throw writer.isOutOfReach(path(first), at: location(first))
    }
    let node = writer.graph(first).nodes[owner]
    guard node.isTrainable == isTrainable(first) else {
      throw unsupported("trains a shared kernel for both layers or for none")
    }
    return (variable, node)
  }

  /// The same with the name of the kernel, of a framework that reads it from any layer alike.
  func tiedKernel() throws(EmissionError) -> (variable: String, weight: String)? {
    guard let (variable, node) = try tiedOwner() else { return nil }
    guard let weight = node.weights.first?.name, node.tiedTo == nil,
      weight == "kernel" || weight == "embeddings"
    else { throw unsupported("shares the kernels of Dense and Embedding only") }
    return (variable, weight)
  }
}
