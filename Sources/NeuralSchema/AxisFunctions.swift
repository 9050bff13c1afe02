import NeuralDimension

// Functions of shape rules that work along named axes. Axes count the batch as 0, as in Keras, and
// the batch itself is never one of them.
extension ShapeFunctions {
  func shape(_ value: Value?) throws(RuleFailure) -> [Dimension] {
    guard let dimensions = value?.dimensions else { throw wants("a shape") }
    return dimensions
  }

  /// The place of an axis that may count from the end.
  func axis(
    _ value: Value, of shape: [Dimension], argument: Int = 1
  ) throws(RuleFailure) -> Int {
    guard case .integer(let dimension) = value, let axis = dimension.constant else {
      throw RuleFailure(
        code: .notConstant, message: "an axis must be a constant", parameter: blame(argument))
    }
    let place = axis < 0 ? axis + shape.count : axis
    guard (1..<max(shape.count, 1)).contains(place) else {
      throw RuleFailure(
        code: .invalidArgument,
        message: place == 0
          ? "axis \(axis) of \(TensorType.text(shape)) is the batch; the other axes are 1 to "
            + "\(shape.count - 1)"
          : "axis \(axis) is outside \(TensorType.text(shape)); its axes are 1 to "
            + "\(shape.count - 1), or -1 to \(1 - shape.count) from the end",
        parameter: blame(argument))
    }
    return place
  }

  /// The places of one axis or of several, which must differ.
  private func axes(
    _ value: Value, of shape: [Dimension], argument: Int = 1
  ) throws(RuleFailure) -> [Int] {
    var places: [Int] = []
    for entry in value.elements ?? [value] {
      let place = try axis(entry, of: shape, argument: argument)
      if places.contains(place) {
        throw RuleFailure(
          code: .invalidArgument, message: "axis \(place) is named twice in \(value)",
          parameter: blame(argument))
      }
      places.append(place)
    }
    return places
  }

  func sizes(_ values: [Value]) throws(RuleFailure) -> Value {
    guard values.count == 2 else { throw wants("a shape and axes") }
    let shape = try shape(values[0])
    return .tuple(try axes(values[1], of: shape).map { .integer(shape[$0]) })
  }

  func replaced(_ values: [Value]) throws(RuleFailure) -> Value {
    guard values.count == 3 else { throw wants("a shape, axes and a size") }
    var shape = try shape(values[0])
    let sizes = values[2].dimensions
    for (index, place) in try axes(values[1], of: shape).enumerated() {
      if case .integer(let size) = values[2] {
        shape[place] = size
      } else if let sizes, sizes.indices.contains(index) {
        shape[place] = sizes[index]
      } else {
        throw wants("one size, or one for each axis")
      }
    }
    return .tuple(shape.map(Value.integer))
  }

  /// Equal parts by their number, which must divide the size, or parts of given sizes.
  func split(_ values: [Value]) throws(RuleFailure) -> Value {
    guard values.count == 3 else { throw wants("a shape, an axis and sections") }
    let shape = try shape(values[0])
    let place = try axis(values[1], of: shape)
    let whole = shape[place]
    func part(_ size: Dimension) -> Value {
      var part = shape
      part[place] = size
      return .tuple(part.map(Value.integer))
    }
    if case .integer(let sections) = values[2] {
      guard let count = sections.constant, count >= 1, count <= Functions.rangeLimit else {
        throw wants("a number of sections")
      }
      let rest = try size { () throws(DimensionError) in try whole.remainder(dividingBy: sections) }
      if case .refuted(let example) = facts.verdict(rest, .equal, .constant(0)) {
        throw RuleFailure(
          code: .notDivisible,
          message: "\(whole) on axis \(place) of \(TensorType.text(shape)) does not fall into "
            + "\(count) equal sections\(ShapeRule.suffix(example))",
          parameter: blame(2), input: 0, counterexample: example)
      }
      let each = try size { () throws(DimensionError) in try whole.floorDivided(by: sections) }
      return .tuple(Array(repeating: part(each), count: count))
    }
    let sizes = try self.shape(values[2])
    let total = try size { () throws(DimensionError) in
      var total = Dimension.constant(0)
      for size in sizes { total = try total.adding(size) }
      return total
    }
    if case .refuted(let example) = facts.verdict(total, .equal, whole) {
      throw RuleFailure(
        code: .shapeMismatch,
        message: "the sections \(TensorType.text(sizes)) make \(total), axis \(place) of "
          + "\(TensorType.text(shape)) has \(whole)\(ShapeRule.suffix(example))",
        parameter: blame(2), input: 0, counterexample: example)
    }
    return .tuple(sizes.map(part))
  }

  /// One shape for all, without broadcasting.
  func equal(_ shapes: [[Dimension]]) throws(RuleFailure) -> Value {
    for (index, shape) in shapes.enumerated().dropFirst() {
      let first = shapes[0]
      let differs =
        shape.count != first.count
        || zip(first, shape).contains { a, b in
          if case .refuted = facts.verdict(a, .equal, b) { true } else { false }
        }
      if differs {
        throw RuleFailure(
          code: .shapeMismatch,
          message: "`\(layer)` needs operands of one shape, but operand 1 is "
            + "\(TensorType.text(first)) and operand \(index + 1) is \(TensorType.text(shape))")
      }
    }
    return .tuple(shapes[0].map(Value.integer))
  }
}
