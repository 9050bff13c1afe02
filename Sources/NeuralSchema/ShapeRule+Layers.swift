import NeuralDimension
import NeuralSyntax

// Layers inside layers.
extension ShapeRule {
  /// `apply(name, layer, shape, times)`: a layer inside this one; its weights go under `name/`.
  mutating func applyLayer(
    _ values: [Value], _ call: Call
  ) throws(RuleFailure) -> Value {
    guard values.count >= 3, case .string(let name) = values[0] else {
      throw RuleFailure(
        code: .missingArgument, message: "`apply` takes a name, a layer, a shape and a count",
        declarationRange: call.range)
    }
    if let chain = values[1].elements, !chain.isEmpty {
      var shape = values[2]
      var states: [Value] = []
      for (index, layer) in chain.enumerated() {
        let part = Value.string("\(name)/\(index)")
        let made = try applyLayer([part, layer, shape] + values.dropFirst(3), call)
        if made.isUnknown { return .unknown }
        // What a layer with several results hands on is the first; the others are kept.
        shape = made.shapes.first ?? .unknown
        states += made.shapes.dropFirst()
      }
      return states.isEmpty ? shape : .tuple([shape] + states)
    }
    guard case .layer(let layer) = values[1] else {
      if values[1].isUnknown { return .unknown }
      throw RuleFailure(
        code: .invalidArgument,
        message: "`\(schema.name)` needs a layer, this is "
          + values[1].typeName, parameter: blamed(call.arguments?[1].value))
    }
    guard layer.schema.body == nil else {
      throw RuleFailure(
        code: .invalidArgument,
        message: "`\(layer.schema.name)` is made of other layers, which `\(schema.name)` cannot "
          + "take as one", parameter: blamed(call.arguments?[1].value))
    }
    var shapes: [TensorType] = []
    for operand in values[2].shapes {
      guard let shape = operand.dimensions else {
        if operand.isUnknown { return .unknown }
        continue
      }
      shapes.append(TensorType(shape: shape, dtype: inputs.first?.dtype ?? .float32))
    }
    let inner: RuleResult
    do {
      inner = try ShapeRule.evaluate(
        layer.schema, layer.arguments, inputs: shapes, labels: labels, facts: facts,
        catalogue: catalogue, depth: depth + 1)
    } catch {
      throw RuleFailure(
        code: error.code, message: error.message,
        parameter: error.parameter == nil ? nil : blamed(call.arguments?[1].value),
        input: error.input, counterexample: error.counterexample)
    }
    for weight in inner.weights {
      result.weights.append(
        Weight(
          name: "\(name)/\(weight.name)", shape: weight.shape,
          isTrainable: weight.isTrainable && layer.isTrainable))
    }
    var times = Dimension.constant(1)
    if values.count > 3, case .integer(let count) = values[3] { times = count }
    result.macs = try size(call.range) { () throws(DimensionError) in
      try result.macs.adding(inner.macs.multiplied(by: times))
    }
    try keep(inner, times: times, call.range)
    result.formulas += inner.formulas
    result.notes += inner.notes
    result.unmet += inner.unmet
    result.steps += inner.steps
    for fact in inner.facts {
      facts.add(fact)
      result.facts.append(fact)
    }
    let outputs = inner.outputs.map { Value.tuple($0.shape.map(Value.integer)) }
    return outputs.count == 1 ? outputs[0] : .tuple(outputs)
  }

  /// `kernel_for(layer)`: the shape of a layer's kernel or embeddings on this one's first input.
  func kernel(for value: Value?, _ call: Call) throws(RuleFailure) -> Value {
    guard case .layer(let layer)? = value else { return .unknown }
    let inner = try ShapeRule.evaluate(
      layer.schema, layer.arguments, inputs: inputs, labels: labels, facts: facts,
      catalogue: catalogue, depth: depth + 1)
    guard let kernel = inner.weights.first(where: { ["kernel", "embeddings"].contains($0.name) })
    else {
      throw RuleFailure(
        code: .invalidArgument,
        message: "`\(schema.name)` needs a layer with a kernel, such as Dense or Conv2D; "
          + "`\(layer.schema.name)` has none", parameter: blamed(call.arguments?.first?.value))
    }
    return .tuple(kernel.shape.map(Value.integer))
  }

  /// `kernel_of(layer)`: the shape of the first weight of a layer that a `let` names.
  func kernel(of value: Value?, _ call: Call) throws(RuleFailure) -> Value {
    guard case .layer(let layer)? = value else { return .unknown }
    guard let kernel = layer.weights?.first(where: \.isTrainable) else {
      throw RuleFailure(
        code: .invalidArgument,
        message: layer.weights == nil
          ? "`\(layer.schema.name)` has no weights yet; it must be used before they are shared"
          : "`\(layer.schema.name)` has no weights that could be shared",
        parameter: blamed(call.arguments?.first?.value))
    }
    return .tuple(kernel.shape.map(Value.integer))
  }

  func blamed(_ expression: Expression?) -> String? { expression.flatMap { blamed($0) } }

  /// `weights_of(layer)`: the trainable values of a layer on this one's first input.
  mutating func weights(of value: Value?, _ call: Call) throws(RuleFailure) -> Value {
    guard case .layer(let layer)? = value else { return .unknown }
    let inner = try ShapeRule.evaluate(
      layer.schema, layer.arguments, inputs: inputs, labels: labels, facts: facts,
      catalogue: catalogue, depth: depth + 1)
    var total = Dimension.constant(0)
    for weight in inner.weights where weight.isTrainable {
      total = try size(call.range) { () throws(DimensionError) in
        var product = Dimension.constant(1)
        for size in weight.shape { product = try product.multiplied(by: size) }
        return try total.adding(product)
      }
    }
    return .integer(total)
  }
}
