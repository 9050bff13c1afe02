import NeuralDimension
import NeuralSyntax

/// The functions over dimensions that shape rules can call (language.md, section 8).
enum RuleFunction: String, CaseIterable {
  /// By name, since each use of a layer asks.
  private static let byName = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

  static func named(_ name: String) -> RuleFunction? { byName[name] }

  case window
  case transposed_window
  case product
  case broadcast
  case concatenate
  case reshape
  case permute
  case ceil_div
  /// `axis_of(x, axis)`: the place of an axis that may count from the end; never the batch.
  case axis_of
  /// `sizes(x, axes)`: the sizes on some axes.
  case sizes
  /// `replaced(x, axes, size)`: a shape with the sizes on some axes replaced.
  case replaced
  /// `split(x, axis, sections)`: a shape for each part.
  case split
  /// `equal(values)`: the one shape of all operands.
  case equal
  /// `first(result)`: the first shape of what `apply` gave.
  case first
  /// `rest(result)`: the other shapes of it, in order.
  case rest
  case apply
  case weights_of
  /// `kernel_of(layer)`: the shape of the first weight of a layer that a `let` names.
  case kernel_of
  /// `kernel_for(layer)`: the kernel or embeddings that a layer would have on this one's first input.
  case kernel_for
  /// `argument_of(layer, name)`: an argument of a layer that is an argument; none where it has none.
  case argument_of
}

/// One call of a function over dimensions, with what it learns on the way.
struct ShapeFunctions {
  private let call: Call
  private let schema: LayerSchema
  private let arguments: BoundArguments
  var facts: Facts
  let labels: [String]
  var formulas: [Formula] = []
  var notes: [RuleNote] = []
  var unmet: [UnmetClaim] = []
  var newFacts: [Facts.Constraint] = []
  /// Lower bounds that the window being computed takes for granted.
  private var taken: [Facts.Constraint] = []

  init(
    _ call: Call, of schema: LayerSchema, _ arguments: BoundArguments, facts: Facts,
    labels: [String]
  ) {
    self.call = call
    self.schema = schema
    self.arguments = arguments
    self.facts = facts
    self.labels = labels
  }

  var layer: String { schema.name }
  var range: SourceRange { call.range }

  /// The parameter behind an argument, where the call of the layer gives it.
  func blame(_ argument: Int) -> String? {
    guard let written = call.arguments, written.indices.contains(argument) else { return nil }
    return ShapeRule.blamed(written[argument].value, schema, arguments)
  }

  mutating func apply(_ function: RuleFunction, _ values: [Value]) throws(RuleFailure) -> Value {
    switch function {
    case .window: return try window(values)
    case .transposed_window: return try transposedWindow(values)
    case .product:
      guard let dimensions = values.first?.dimensions else { throw wants("a tuple of sizes") }
      return .integer(try product(dimensions))
    case .ceil_div:
      guard values.count == 2, case .integer(let a) = values[0], case .integer(let b) = values[1]
      else { throw wants("two integers") }
      return .integer(try size { () throws(DimensionError) in try a.ceilDivided(by: b) })
    case .broadcast: return try broadcast(try shapes(values.first))
    case .concatenate: return try concatenate(values)
    case .reshape: return try reshape(values)
    case .permute: return try permute(values)
    case .argument_of:
      guard case .layer(let layer)? = values.first, case .string(let name)? = values.last else {
        throw wants("a layer and a name")
      }
      return layer.arguments[name] ?? .none
    case .axis_of: return .int(try axis(values[1], of: shape(values.first)))
    case .sizes: return try sizes(values)
    case .replaced: return try replaced(values)
    case .split: return try split(values)
    case .first: return results(values).first ?? .unknown
    case .rest: return .tuple(Array(results(values).dropFirst()))
    case .equal: return try equal(try shapes(values.first))
    case .apply, .weights_of, .kernel_of, .kernel_for: return .unknown
    }
  }

  func wants(_ what: String) -> RuleFailure {
    RuleFailure(
      code: .invalidArgument, message: "this function takes \(what)", declarationRange: range)
  }

  func size<Result>(
    _ body: () throws(DimensionError) -> Result
  ) throws(RuleFailure) -> Result {
    do {
      return try Operators.arithmetic(range, body)
    } catch {
      throw RuleFailure(code: error.code, message: error.message)
    }
  }

  func product(_ dimensions: [Dimension]) throws(RuleFailure) -> Dimension {
    try size { () throws(DimensionError) in
      var result = Dimension.constant(1)
      for dimension in dimensions { result = try result.multiplied(by: dimension) }
      return result
    }
  }

  // MARK: Windows

  /// One axis of a convolution or pool.
  private struct Axis {
    var size: Dimension
    var kernel: Dimension
    var stride: Dimension
    var dilation: Dimension
    var padding: Padding
  }

  private enum Padding {
    case valid, same, causal
    case explicit(before: Dimension, after: Dimension)
  }

  /// `value` for the axis at `index`: an integer stands for all axes.
  private func entry(
    _ value: Value?, _ index: Int, default fallback: Int
  ) throws(RuleFailure) -> Dimension {
    switch value {
    case nil, .some(.none): return .constant(fallback)
    case .integer(let dimension): return dimension
    case .some(let value):
      guard let elements = value.elements, elements.indices.contains(index),
        case .integer(let dimension) = elements[index]
      else { throw wants("an integer or one for each axis") }
      return dimension
    }
  }

  private func padding(_ value: Value?, _ index: Int) throws(RuleFailure) -> Padding {
    switch value {
    case nil, .string("valid"): return .valid
    case .string("same"): return .same
    case .string("causal"): return .causal
    case .integer(let amount): return .explicit(before: amount, after: amount)
    case .some(let value):
      guard let elements = value.elements, elements.indices.contains(index) else {
        throw wants("\"valid\", \"same\", an integer or a pair for each axis")
      }
      if case .integer(let amount) = elements[index] {
        return .explicit(before: amount, after: amount)
      }
      guard let pair = elements[index].dimensions, pair.count == 2 else {
        throw wants("a (before, after) pair for each axis")
      }
      return .explicit(before: pair[0], after: pair[1])
    }
  }

  private func axes(_ values: [Value]) throws(RuleFailure) -> [Axis] {
    guard let first = values.first else { throw wants("sizes, a kernel, strides and padding") }
    let sizes: [Dimension]
    if case .integer(let size) = first {
      sizes = [size]
    } else if let dimensions = first.dimensions {
      sizes = dimensions
    } else {
      throw wants("sizes, a kernel, strides and padding")
    }
    func argument(_ index: Int) -> Value? { values.indices.contains(index) ? values[index] : nil }
    var axes: [Axis] = []
    for (index, size) in sizes.enumerated() {
      axes.append(
        Axis(
          size: size, kernel: try entry(argument(1), index, default: 1),
          stride: try entry(argument(2), index, default: 1),
          dilation: try entry(argument(3), index, default: 1),
          padding: try padding(argument(4), index)))
    }
    return axes
  }

  static func axisName(_ index: Int, of count: Int) -> String {
    switch (count, index) {
    case (1, 0): "length"
    case (2, 0), (3, 1): "height"
    case (2, 1), (3, 2): "width"
    case (3, 0): "depth"
    default: "axis \(index + 1)"
    }
  }

  /// `window(size, kernel, strides, dilation, padding, ceil)`, axis by axis: ⌊(n + p − d·(k − 1) −
  /// 1) / s⌋ + 1, and ⌈n / s⌉ where padding is "same" (Dumoulin & Visin 2016; Keras's rules).
  private mutating func window(_ values: [Value]) throws(RuleFailure) -> Value {
    let axes = try axes(values)
    var roundsUp = false
    if values.count > 5, case .boolean(let flag) = values[5] { roundsUp = flag }
    var sizes: [Value] = []
    for (index, axis) in axes.enumerated() {
      let name = ShapeFunctions.axisName(index, of: axes.count)
      let out: Dimension
      switch axis.padding {
      case .same, .causal:
        out = try size { () throws(DimensionError) in
          try axis.size.ceilDivided(by: axis.stride)
        }
        formulas.append(.strides(name, axis.size, axis.stride, out))
      case .valid:
        out = try windowed(
          axis, .constant(0), .constant(0), roundsUp: roundsUp, name, index, axes.count)
      case .explicit(let before, let after):
        out = try windowed(axis, before, after, roundsUp: roundsUp, name, index, axes.count)
      }
      sizes.append(.integer(out))
    }
    if !taken.isEmpty {
      notes.append(
        RuleNote(
          code: .unprovableShape, message: "its window must fit into the input",
          parameter: blame(1), bounds: taken))
      taken = []
    }
    return .tuple(sizes)
  }

  private mutating func windowed(
    _ axis: Axis, _ before: Dimension, _ after: Dimension, roundsUp: Bool, _ name: String,
    _ index: Int, _ count: Int
  ) throws(RuleFailure) -> Dimension {
    // The kernel's reach: d·(k − 1) + 1.
    let reach = try size { () throws(DimensionError) in
      try axis.kernel.subtracting(.constant(1)).multiplied(by: axis.dilation)
        .adding(.constant(1))
    }
    let padded = try size { () throws(DimensionError) in
      try axis.size.adding(before).adding(after)
    }
    try atLeast(padded, reach, name, axis, before, after)
    let out = try size { () throws(DimensionError) in
      let travel = try padded.subtracting(reach)
      if !roundsUp {
        return try travel.floorDivided(by: axis.stride).adding(.constant(1))
      }
      // The last window must start inside the input or the padding before it.
      let up = try travel.ceilDivided(by: axis.stride).adding(.constant(1))
      let starts = try axis.size.adding(before).ceilDivided(by: axis.stride)
      return try Dimension.minimum(up, starts)
    }
    formulas.append(
      .window(
        name, axis.size, padding: padded == axis.size ? nil : (before, after), reach: reach,
        stride: axis.stride, roundsUp: roundsUp, out))
    return out
  }

  private mutating func take(_ bound: Facts.Constraint) {
    newFacts.append(bound)
    facts.add(bound)
    taken.append(bound)
  }

  /// A window must fit: an error only where no allowed size lets it.
  private mutating func atLeast(
    _ padded: Dimension, _ reach: Dimension, _ name: String, _ axis: Axis, _ before: Dimension,
    _ after: Dimension
  ) throws(RuleFailure) {
    switch facts.verdict(padded, .greaterOrEqual, reach) {
    case .proved: return
    case .unknown, .refuted:
      if padded.constant == nil || reach.constant == nil,
        facts.example(padded, .greaterOrEqual, reach) != nil
      {
        // `height >= 29`, where a chain of windows can be followed back to one input.
        let bounds = facts.remedy(padded, .greaterOrEqual, reach) ?? []
        if bounds.isEmpty || !bounds.allSatisfy(\.isLowerBound) {
          take(Facts.Constraint(padded, .greaterOrEqual, reach))
        }
        for bound in bounds where bound.isLowerBound { take(bound) }
        return
      }
      let dilated =
        axis.dilation == .constant(1) ? "" : " (a kernel of \(axis.kernel), dilated)"
      let padding = padded == axis.size ? "" : ", \(padded) with padding"
      throw RuleFailure(
        code: .sizeTooSmall,
        message: "a window of \(reach)\(dilated) does not fit: the \(name) here is \(axis.size)"
          + padding
          + (axis.size.constant == nil ? ", which no allowed size makes large enough" : ""),
        parameter: blame(1), input: 0)
    }
  }

  /// `transposed_window(size, kernel, strides, dilation, padding, output_padding)`. Keras's rule
  /// for "valid" and "same", PyTorch's for integers.
  private mutating func transposedWindow(_ values: [Value]) throws(RuleFailure) -> Value {
    let axes = try axes(values)
    let extra: Value? = values.count > 5 && values[5] != .none ? values[5] : nil
    var sizes: [Value] = []
    for (index, axis) in axes.enumerated() {
      let outputPadding = try extra.map { value throws(RuleFailure) in
        try entry(value, index, default: 0)
      }
      let out = try size { () throws(DimensionError) in
        let reach = try axis.kernel.subtracting(.constant(1)).multiplied(by: axis.dilation)
          .adding(.constant(1))
        let spread = try axis.size.subtracting(.constant(1)).multiplied(by: axis.stride)
        switch axis.padding {
        case .explicit(let before, let after):
          return try spread.subtracting(before).subtracting(after).adding(reach)
            .adding(outputPadding ?? .constant(0))
        case .valid:
          if let outputPadding { return try spread.adding(reach).adding(outputPadding) }
          let overlap = try Dimension.maximum(
            reach.subtracting(axis.stride), .constant(0))
          return try axis.size.multiplied(by: axis.stride).adding(overlap)
        case .same, .causal:
          guard let outputPadding else { return try axis.size.multiplied(by: axis.stride) }
          let half = try reach.floorDivided(by: .constant(2))
          return try spread.adding(reach).subtracting(half.multiplied(by: .constant(2)))
            .adding(outputPadding)
        }
      }
      let name = ShapeFunctions.axisName(index, of: axes.count)
      if case .refuted = facts.verdict(out, .greaterOrEqual, .constant(1)),
        !out.symbols.contains(where: { !$0.isSearched })
      {
        throw RuleFailure(
          code: .sizeTooSmall, message: "the \(name) of the result would be \(out)",
          parameter: blame(4))
      }
      formulas.append(.size(name, out))
      sizes.append(.integer(out))
    }
    return .tuple(sizes)
  }
}
