import NeuralDimension
import NeuralSchema

// What one use of a layer keeps for its backward pass.
extension Expander {
  /// What the declaration says, else: a layer with weights keeps what it reads, one without keeps
  /// nothing, and either also what the activation keeps that it ends in.
  func backward(
    of schema: LayerSchema, _ arguments: BoundArguments, _ result: RuleResult
  ) -> BackwardNeed {
    if let declared = result.backward { return declared }
    var need = BackwardNeed(inputs: !result.weights.isEmpty)
    var function: LayerSchema?
    if case .layer(let layer)? = arguments["activation"], layer.schema.keyword == "activation" {
      function = layer.schema
    } else if schema.category == "activation", result.weights.isEmpty {
      function = catalogue.declared("activation", schema.name)
    }
    guard let function else { return need }
    let own = function.functionBackward
    need.outputs = own.outputs
    if own.inputs, result.weights.isEmpty {
      need.inputs = true
    } else if own.inputs, let output = result.outputs.first {
      // What the activation reads is a value of its own between the two.
      var count = Dimension.constant(1)
      for size in output.shape { count = (try? count.multiplied(by: size)) ?? count }
      need.values = count
    }
    return need
  }
}
