import NeuralDimension

// Rules over whole shapes that depend on the form of an argument.
extension BuiltinRules {
  /// Keras's Dot: one axis of each operand goes away; a positive axis is the same place in both, a
  /// negative one counts from the end of each. Two vectors give one value.
  static func dot(
    _ arguments: BoundArguments, _ inputs: [TensorType], _ facts: Facts, _ result: inout RuleResult
  ) throws(RuleFailure) {
    guard inputs.count == 2, let axes = arguments["axes"] else { return }
    let shapes = inputs.map(\.shape)
    let stated = axes.elements ?? [axes, axes]
    var places: [Int] = []
    for (index, shape) in shapes.enumerated() {
      guard case .integer(.constant(let axis)) = stated[index] else { return }
      let place = axis < 0 ? axis + shape.count : axis
      guard shape.indices.contains(place), place > 0 else {
        throw RuleFailure(
          code: .invalidArgument,
          message: place == 0
            ? "axis 0 is the batch; the products are those of each sample"
            : "axis \(axis) is outside \(TensorType.text(shape)), operand \(index + 1)",
          parameter: "axes", input: index)
      }
      places.append(place)
    }
    let (left, right) = (shapes[0][places[0]], shapes[1][places[1]])
    if case .refuted(let sizes) = facts.verdict(left, .equal, right) {
      throw RuleFailure(
        code: .shapeMismatch,
        message: "`Dot` multiplies axis \(places[0]) of \(TensorType.text(shapes[0])) with axis "
          + "\(places[1]) of \(TensorType.text(shapes[1])): \(left) is not \(right)"
          + ShapeRule.suffix(sizes),
        parameter: "axes", input: 1, counterexample: sizes)
    }
    var rest = shapes
    for index in rest.indices { rest[index].remove(at: places[index]) }
    var output = rest[0] + rest[1].dropFirst()
    if output.count == 1 { output.append(.constant(1)) }
    result.outputs = [TensorType(shape: output, dtype: inputs[0].dtype)]
    do {
      var macs = left
      for size in rest[0].dropFirst() + rest[1].dropFirst() { macs = try macs.multiplied(by: size) }
      result.macs = macs
    } catch {
      throw RuleFailure(code: .integerOverflow, message: "the work does not fit in 64 bits")
    }
  }

  /// The stated shape; sizes left open are the input's own.
  static func customShape(
    _ arguments: BoundArguments, _ inputs: [TensorType], _ facts: Facts, _ result: inout RuleResult
  ) throws(RuleFailure) {
    guard let input = inputs.first, let stated = arguments["output_shape"]?.elements else { return }
    let sizes = input.shape.dropFirst()
    let text = "(\(stated.map(\.description).joined(separator: ", ")))"
    guard stated.count == sizes.count else {
      throw RuleFailure(
        code: .rankMismatch,
        message: "\(text) states \(stated.count) sizes beside the batch, this is "
          + input.description, parameter: "output_shape", input: 0)
    }
    var output = [input.shape[0]]
    for (size, value) in zip(sizes, stated) {
      guard case .integer(let wanted) = value else {
        output.append(size)
        continue
      }
      if case .refuted(let example) = facts.verdict(size, .equal, wanted) {
        throw RuleFailure(
          code: .shapeMismatch,
          message: "\(text) is stated, but this is \(input.description): \(size) is not \(wanted)"
            + ShapeRule.suffix(example),
          parameter: "output_shape", input: 0, counterexample: example)
      }
      output.append(wanted)
    }
    result.outputs = [TensorType(shape: output, dtype: input.dtype)]
  }
}
