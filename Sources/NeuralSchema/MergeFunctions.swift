import NeuralDimension

// Functions over whole shapes: merging and rearranging.
extension ShapeFunctions {
  /// The shapes of a list of tensors or of tuples of sizes.
  func shapes(_ value: Value?) throws(RuleFailure) -> [[Dimension]] {
    var shapes: [[Dimension]] = []
    for element in value?.elements ?? [] {
      if case .tensor(let tensor) = element, let type = tensor.type {
        shapes.append(type.shape)
      } else if let dimensions = element.dimensions {
        shapes.append(dimensions)
      }
    }
    guard !shapes.isEmpty, shapes.count == value?.elements?.count else {
      throw RuleFailure(
        code: .inputCount, message: "`\(layer)` needs at least one input", declarationRange: range)
    }
    return shapes
  }

  private func label(_ index: Int) -> String {
    labels.indices.contains(index) ? labels[index] : "input \(index + 1)"
  }

  /// NumPy's broadcasting over tensors of one rank; a size that is stretched is a warning.
  mutating func broadcast(_ shapes: [[Dimension]]) throws(RuleFailure) -> Value {
    var result = shapes[0]
    for (index, shape) in shapes.enumerated().dropFirst() {
      guard shape.count == result.count else {
        throw RuleFailure(
          code: .shapeMismatch,
          message: "`\(layer)` needs tensors of one rank, but \(label(0)) gives "
            + "\(TensorType.text(shapes[0])) and \(label(index)) gives \(TensorType.text(shape))",
          input: index)
      }
      var stretched = false
      var unequal: [Unequal] = []
      for axis in result.indices {
        switch facts.verdict(result[axis], .equal, shape[axis]) {
        case .proved: result[axis] = result[axis].simpler(shape[axis])
        case .refuted(let sizes):
          if result[axis] == .constant(1) {
            result[axis] = shape[axis]
            stretched = true
          } else if shape[axis] == .constant(1) {
            stretched = true
          } else {
            unequal.append(Unequal(axis, result[axis], shape[axis], sizes))
          }
        case .unknown:
          notes.append(
            RuleNote(
              code: .unprovableShape,
              message: "`\(result[axis])` and `\(shape[axis])` may differ for some sizes"))
        }
      }
      unmet += try mend(unequal, index) { first in
        "`\(layer)` needs equal shapes, but \(label(0)) gives \(TensorType.text(shapes[0])) and "
          + "\(label(index)) gives \(TensorType.text(shape)): \(first.left) is not "
          + "\(first.right) on axis \(first.axis)"
      }
      if stretched {
        notes.append(
          RuleNote(
            code: .implicitBroadcast,
            message: "`\(layer)` stretches a size of 1: \(label(0)) gives "
              + "\(TensorType.text(shapes[0])), \(label(index)) gives \(TensorType.text(shape)); give "
              + "both one shape, or write `# neural: allow(implicit-broadcast)` where it is meant"))
      }
    }
    return .tuple(result.map(Value.integer))
  }

  /// `concatenate(values, axis)`: all sizes but those on the axis are equal.
  mutating func concatenate(_ values: [Value]) throws(RuleFailure) -> Value {
    let shapes = try shapes(values.first)
    guard values.count > 1, case .integer(.constant(let axis)) = values[1] else {
      throw RuleFailure(code: .notConstant, message: "the axis must be a constant")
    }
    let rank = shapes[0].count
    let position = axis < 0 ? axis + rank : axis
    guard (1..<rank).contains(position) else {
      throw RuleFailure(
        code: .invalidArgument,
        message: axis == 0
          ? "axis 0 is the batch, which cannot be concatenated"
          : "axis \(axis) is outside \(TensorType.text(shapes[0]))", parameter: blame(1))
    }
    var result = shapes[0]
    for (index, shape) in shapes.enumerated().dropFirst() {
      guard shape.count == rank else {
        throw RuleFailure(
          code: .shapeMismatch,
          message: "`\(layer)` needs tensors of one rank, but \(label(0)) gives "
            + "\(TensorType.text(shapes[0])) and \(label(index)) gives \(TensorType.text(shape))",
          input: index)
      }
      var unequal: [Unequal] = []
      for other in result.indices where other != position {
        switch facts.verdict(result[other], .equal, shape[other]) {
        case .proved: result[other] = result[other].simpler(shape[other])
        case .refuted(let sizes):
          unequal.append(Unequal(other, result[other], shape[other], sizes))
        case .unknown:
          notes.append(
            RuleNote(
              code: .unprovableShape,
              message: "`\(result[other])` and `\(shape[other])` may differ for some sizes"))
        }
      }
      unmet += try mend(unequal, index) { first in
        "`\(layer)` along axis \(axis) needs all other sizes equal, but axis \(first.axis) is "
          + "\(first.left) in \(label(0)) and \(first.right) in \(label(index))"
      }
      let total = (result[position], shape[position])
      result[position] = try size { () throws(DimensionError) in try total.0.adding(total.1) }
    }
    formulas.append(.sum(axis: position, shapes.map { $0[position] }, result[position]))
    return .tuple(result.map(Value.integer))
  }

  /// Two sizes that should be equal and are not for some sizes.
  private struct Unequal {
    var axis: Int
    var left: Dimension
    var right: Dimension
    var example: [Symbol: Int]

    init(_ axis: Int, _ left: Dimension, _ right: Dimension, _ example: [Symbol: Int]) {
      (self.axis, self.left, self.right, self.example) = (axis, left, right, example)
    }

    var claim: Facts.Constraint { Facts.Constraint(left, .equal, right) }
  }

  /// Sizes of the first operand and of that at `index` that differ: an error, put off where
  /// conditions on the inputs would make all of them equal.
  private func mend(
    _ unequal: [Unequal], _ index: Int, _ message: (Unequal) -> String
  ) throws(RuleFailure) -> [UnmetClaim] {
    guard let first = unequal.first else { return [] }
    var failure = RuleFailure(
      code: .shapeMismatch, message: message(first) + ShapeRule.suffix(first.example), input: index,
      counterexample: first.example)
    let claims = unequal.map(\.claim)
    guard let conditions = facts.conditions(for: claims) else { throw failure }
    failure.message = "\(message(first)): \(Advice(conditions).text)"
    if let a = first.left.evaluated(first.example), let b = first.right.evaluated(first.example) {
      let sizes =
        first.example.count == 1
        ? "\(first.example.values.first ?? 0)" : ShapeRule.text(first.example)
      failure.message += "; with \(sizes), \(label(0)) has \(a) and \(label(index)) has \(b)"
    }
    return [UnmetClaim(failure: failure, claims: claims, conditions: conditions)]
  }

  /// `reshape(sizes, target)`: the target may have one -1, which takes what is left.
  mutating func reshape(_ values: [Value]) throws(RuleFailure) -> Value {
    guard values.count == 2, let sizes = values[0].dimensions, let target = values[1].dimensions
    else { throw RuleFailure(code: .invalidArgument, message: "a shape is needed here") }
    let free = target.indices.filter { target[$0] == .constant(-1) }
    guard free.count <= 1 else {
      throw RuleFailure(
        code: .invalidArgument, message: "only one size can be -1 (what is left)",
        parameter: blame(1))
    }
    if let bad = target.first(where: { ($0.constant ?? 1) < 1 && $0 != .constant(-1) }) {
      throw RuleFailure(
        code: .invalidArgument, message: "a size must be at least 1, this is \(bad)",
        parameter: blame(1))
    }
    let volume = try product(sizes)
    let fixed = try product(target.filter { $0 != .constant(-1) })
    var result = target
    if let index = free.first {
      let quotient = try size { () throws(DimensionError) in try volume.floorDivided(by: fixed) }
      let product = try size { () throws(DimensionError) in try quotient.multiplied(by: fixed) }
      try requireEqual(product, volume, sizes, target)
      result[index] = quotient
    } else {
      try requireEqual(fixed, volume, sizes, target)
    }
    formulas.append(.volume(volume))
    return .tuple(result.map(Value.integer))
  }

  private mutating func requireEqual(
    _ wanted: Dimension, _ volume: Dimension, _ sizes: [Dimension], _ target: [Dimension]
  ) throws(RuleFailure) {
    switch facts.verdict(wanted, .equal, volume) {
    case .proved: return
    case .unknown:
      notes.append(
        RuleNote(
          code: .unprovableShape, message: "`\(volume)` values may not fill the shape",
          parameter: blame(1)))
    case .refuted(let example):
      let into = TensorType.text(target)
      let message =
        target.contains(.constant(-1))
        ? "\(TensorType.text(sizes)) holds \(volume) values, which \(into) does not divide"
        : "\(TensorType.text(sizes)) holds \(volume) values, \(into) holds \(wanted)"
      var failure = RuleFailure(
        code: .shapeMismatch, message: message + ShapeRule.suffix(example), parameter: blame(1),
        counterexample: example)
      let claim = Facts.Constraint(wanted, .equal, volume)
      guard let conditions = facts.conditions(for: [claim]) else { throw failure }
      failure.message = "\(message): \(Advice(conditions).text)"
      unmet.append(UnmetClaim(failure: failure, claims: [claim], conditions: conditions))
    }
  }

  /// `permute(sizes, dims)`: positions count from 1, as in Keras.
  func permute(_ values: [Value]) throws(RuleFailure) -> Value {
    guard values.count == 2, let sizes = values[0].dimensions, let order = values[1].dimensions
    else { throw RuleFailure(code: .invalidArgument, message: "positions are needed here") }
    let positions = order.compactMap(\.constant)
    guard positions.sorted() == Array(1...max(1, sizes.count)), positions.count == order.count
    else {
      let expected = (1...max(1, sizes.count)).map(String.init).joined(separator: ", ")
      throw RuleFailure(
        code: .invalidArgument,
        message: "\(TensorType.text(order)) is no order of the positions \(expected)",
        parameter: blame(1))
    }
    return .tuple(positions.map { .integer(sizes[$0 - 1]) })
  }
}
