import NeuralModel
import NeuralSchema

extension NetworkGraph {
  /// The first layer after a node that would leave out what the node's mask hides.
  func maskReader(of node: Int) -> GraphNode? {
    var reached = Set(nodes[node].outputs)
    for later in nodes where !reached.isDisjoint(with: later.inputs) {
      if later.schema.belongs(to: "sequence_reading")
        || ["attention", "recurrent"].contains(later.schema.category)
        || ["Softmax", "GlobalAveragePooling1D"].contains(later.schema.name)
      {
        return later
      }
      reached.formUnion(later.outputs)
    }
    return nil
  }
}
