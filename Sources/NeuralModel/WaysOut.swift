import NeuralDimension
import NeuralSchema
import NeuralSyntax

// What is usually meant where a layer does not fit and no other layer between mends it.
extension Expander {
  typealias WayOut = (
    text: String, fix: (title: String, edit: (location: Location, text: String))?
  )

  func wayOut(
    _ failure: RuleFailure, _ schema: LayerSchema, _ arguments: BoundArguments, _ inputs: [Int],
    _ call: Call
  ) -> WayOut? {
    guard compositeLocation == nil, let input = inputs.first, let type = graph.type(of: input)
    else {
      return nil
    }
    switch failure.code {
    case .dtypeMismatch where inputs.count == 1: return indices(input, schema)
    case .rankMismatch where inputs.count == 1:
      return tooEarly(input, schema, arguments) ?? vectors(input, schema, arguments)
        ?? positions(input, type, schema, arguments, call)
        ?? steps(input, type, schema, arguments, call)
        ?? image(input, type, schema, arguments, call)
        ?? channel(input, type, schema, arguments, call)
    case .shapeMismatch where schema.blockMode == .residual && inputs.count == 2:
      return projection(inputs, type)
    case .shapeMismatch where schema.traits.contains("merge"):
      return otherAxis(inputs, schema, arguments) ?? width(inputs) ?? missingAxis(inputs)
    case .shapeMismatch: return stated(failure, inputs, schema, arguments)
    case .sizeTooSmall: return padding(failure, inputs, schema, arguments, call)
    case .invalidArgument: return fromZero(failure, inputs, schema, arguments)
    case .notConstant: return pooling(input, schema, arguments)
    default: return nil
    }
  }

  /// A layer of indices reads an input of numbers: the input is meant to hold indices.
  private func indices(_ value: Int, _ schema: LayerSchema) -> WayOut? {
    guard let wanted = schema.inputPatterns?.first?.dtype?.text else { return nil }
    guard let input = graph.inputs.first(where: { $0.value == value }),
      let section = graph.declaration.sections.first(where: { $0.keyword.text == "input" }),
      case .inputs(let declared, _) = section.value,
      let place = declared.first(where: { Location(graph.file, $0.range) == input.location })?.dtype
    else { return ("it comes first, on the \(wanted) indices themselves", nil) }
    return (
      "write \(wanted) at the input",
      ("Write `\(wanted)`", (Location(graph.file, place.range), wanted))
    )
  }

  /// A layer without weights that takes away the shape which this one reads.
  private func tooEarly(
    _ value: Int, _ schema: LayerSchema, _ arguments: BoundArguments
  ) -> WayOut? {
    guard let producer = producer(value), producer.weights.isEmpty, producer.inputs.count == 1,
      let before = graph.type(of: producer.inputs[0]), outputs(schema, arguments, [before]) != nil
    else { return nil }
    return ("\(label(producer.inputs[0])) gives that shape: put `\(producer.path)` after this", nil)
  }

  /// An input that lists the size which the layer that reads it makes, as `(100, 300)` before an
  /// Embedding of 300 values.
  private func vectors(
    _ value: Int, _ schema: LayerSchema, _ arguments: BoundArguments
  ) -> WayOut? {
    guard let producer = producer(value), producer.inputs.count == 1, !producer.weights.isEmpty,
      let input = graph.inputs.first(where: { $0.value == producer.inputs[0] }),
      var type = graph.type(of: input.value), type.shape.count > 2,
      graph.type(of: value)?.shape.last == type.shape.last
    else { return nil }
    type.shape.removeLast()
    guard let made = outputs(producer.schema, producer.arguments, [type])?.first,
      outputs(schema, arguments, [made]) != nil
    else { return nil }
    let sizes = type.shape.dropFirst().map(\.description).joined(separator: ", ")
    let text = statedBatches[input.value] == nil ? "(\(sizes))" : "(none, \(sizes))"
    let fix = shapeRange(of: input).map { ("Write `\(text)`", (Location(graph.file, $0), text)) }
    return ("`\(producer.path)` makes the last size of the input: write \(text) there", fix)
  }

  /// The positions of an image as the steps of a sequence.
  private func positions(
    _ value: Int, _ type: TensorType, _ schema: LayerSchema, _ arguments: BoundArguments,
    _ call: Call
  ) -> WayOut? {
    guard type.shape.count > 3 else { return nil }
    var steps = Dimension.constant(1)
    for size in type.shape.dropFirst().dropLast() {
      steps = (try? steps.multiplied(by: size)) ?? steps
    }
    guard let channels = type.shape.last, graph.dataFormat == .channelsLast else { return nil }
    let sequence = TensorType(shape: [type.shape[0], steps, channels], dtype: type.dtype)
    guard outputs(schema, arguments, [sequence]) != nil, channels.constant != nil else {
      return nil
    }
    let reshape = "Reshape((-1, \(channels)))"
    let edit = insertion(of: reshape, isCalled: true, before: call.name.range)
    return ("\(reshape) before it makes its positions the steps", ("Insert `\(reshape)`", edit))
  }

  /// A vector where a sequence of vectors is read.
  private func steps(
    _ value: Int, _ type: TensorType, _ schema: LayerSchema, _ arguments: BoundArguments,
    _ call: Call
  ) -> WayOut? {
    guard type.shape.count == 2, statedBatches[value] == nil else { return nil }
    if let input = graph.inputs.first(where: { $0.value == value }) {
      let steps = Dimension(Symbol(id: symbolCount + 1, name: "steps"))
      let sequence = TensorType(shape: [type.shape[0], steps, type.shape[1]], dtype: type.dtype)
      guard outputs(schema, arguments, [sequence]) != nil else { return nil }
      let text = "(none, none, \(type.shape[1]))"
      let fix = shapeRange(of: input).map { ("Write `\(text)`", (Location(graph.file, $0), text)) }
      return ("a sequence of such vectors is written \(text)", fix)
    }
    let sequence = TensorType(
      shape: [type.shape[0], type.shape[1], .constant(1)], dtype: type.dtype)
    guard outputs(schema, arguments, [sequence]) != nil else { return nil }
    return reshaped("(-1, 1)", "makes its values the steps", call)
  }

  /// A vector where an image is read: a square one of as many values.
  private func image(
    _ value: Int, _ type: TensorType, _ schema: LayerSchema, _ arguments: BoundArguments,
    _ call: Call
  ) -> WayOut? {
    guard type.shape.count == 2, let count = type.shape[1].constant else { return nil }
    for channels in [1, 3] where count % channels == 0 {
      let side = Int(Double(count / channels).squareRoot())
      guard side > 1, side * side * channels == count else { continue }
      let isFirst = graph.dataFormat == .channelsFirst
      let sizes = isFirst ? [channels, side, side] : [side, side, channels]
      let made = TensorType(
        shape: [type.shape[0]] + sizes.map(Dimension.constant), dtype: type.dtype)
      guard outputs(schema, arguments, [made]) != nil else { continue }
      let text = "(\(sizes.map(String.init).joined(separator: ", ")))"
      return reshaped(text, "makes an image of its \(count) values", call)
    }
    return nil
  }

  /// An image, volume or sequence without its channels: there is one.
  private func channel(
    _ value: Int, _ type: TensorType, _ schema: LayerSchema, _ arguments: BoundArguments,
    _ call: Call
  ) -> WayOut? {
    var whole = type
    let isFirst = graph.dataFormat == .channelsFirst && type.shape.count > 2
    whole.shape.insert(.constant(1), at: isFirst ? 1 : type.shape.count)
    guard outputs(schema, arguments, [whole]) != nil else { return nil }
    let sizes = whole.shape.dropFirst().map(\.description).joined(separator: ", ")
    if let input = graph.inputs.first(where: { $0.value == value }) {
      let text = statedBatches[value] == nil ? "(\(sizes))" : "(none, \(sizes))"
      let fix = shapeRange(of: input).map { ("Write `\(text)`", (Location(graph.file, $0), text)) }
      return ("with its one channel that is \(text)", fix)
    }
    guard whole.shape.dropFirst().allSatisfy({ $0.constant != nil }) else { return nil }
    return reshaped("(\(sizes))", "states its one channel", call)
  }

  private func reshaped(_ sizes: String, _ effect: String, _ call: Call) -> WayOut {
    let reshape = "Reshape(\(sizes))"
    let edit = insertion(of: reshape, isCalled: true, before: call.name.range)
    return ("\(reshape) before it \(effect)", ("Insert `\(reshape)`", edit))
  }

  /// Where the shape of an input is written.
  func shapeRange(of input: NetworkInput) -> SourceRange? {
    guard let section = graph.declaration.sections.first(where: { $0.keyword.text == "input" }),
      case .inputs(let declared, _) = section.value
    else { return nil }
    return declared.first { Location(graph.file, $0.range) == input.location }?.shape?.range
  }

  /// A residual whose block changes the width: the shortcut has to change it too.
  private func projection(_ inputs: [Int], _ type: TensorType) -> WayOut? {
    guard let made = graph.type(of: inputs[1]), let producer = producer(inputs[1]),
      made.shape.count == type.shape.count, let width = made.shape.last?.constant,
      Array(made.shape.dropLast()) == Array(type.shape.dropLast())
    else { return nil }
    let isImage = type.shape.count == 4 && graph.dataFormat == .channelsLast
    let layer = isImage ? "Conv2D(\(width), 1)" : "Dense(\(width))"
    return (
      "let `\(producer.path)` keep the width, or project the shortcut too: shortcut { \(layer) }",
      nil
    )
  }

  /// Sequences that fit along one other axis are meant to be put together there.
  private func otherAxis(
    _ inputs: [Int], _ schema: LayerSchema, _ arguments: BoundArguments
  ) -> WayOut? {
    let types = inputs.compactMap { graph.type(of: $0) }
    guard types.count == inputs.count, let rank = types.first?.shape.count, rank == 3,
      let index = arguments.entries.firstIndex(where: { $0.name == "axis" })
    else { return nil }
    var changed = arguments
    let fitting = (1..<rank).filter { axis in
      changed.entries[index].value = .int(axis)
      return outputs(schema, changed, types) != nil
    }
    guard fitting.count == 1, isWritten(arguments.entries[index]) else { return nil }
    let text = "axis=\(fitting[0])"
    let fix = arguments.entries[index].valueRange.map {
      ("Write `\(text)`", (Location(file, $0), "\(fitting[0])"))
    }
    return ("they fit along axis \(fitting[0]): write \(text)", fix)
  }

  /// Operands that differ in their width only.
  private func width(_ inputs: [Int]) -> WayOut? {
    let shapes = inputs.compactMap { graph.type(of: $0)?.shape }
    guard shapes.count == 2, inputs.count == 2, shapes[0].count == shapes[1].count,
      let width = shapes[1].last?.constant,
      graph.dataFormat == .channelsLast || shapes[0].count < 4,
      shapes[0].last != shapes[1].last, Array(shapes[0].dropLast()) == Array(shapes[1].dropLast())
    else { return nil }
    let layer = shapes[0].count == 4 ? "Conv2D(\(width), 1)" : "Dense(\(width))"
    return ("\(layer) gives \(label(inputs[0])) the other's width", nil)
  }

  /// Operands one of which has an axis less, where it is meant to be repeated.
  private func missingAxis(_ inputs: [Int]) -> WayOut? {
    let shapes = inputs.compactMap { graph.type(of: $0)?.shape }
    guard shapes.count == 2, inputs.count == 2, let short = shapes.min(by: { $0.count < $1.count }),
      let long = shapes.max(by: { $0.count < $1.count }), long.count == short.count + 1,
      let index = shapes.firstIndex(of: short), short.last == long.last
    else { return nil }
    let sizes = (["1"] + short.dropFirst().map(\.description)).joined(separator: ", ")
    return (
      "Reshape((\(sizes))) gives \(label(inputs[index])) the axis that it is repeated along", nil
    )
  }

  /// A size that the call states and the input does not have, as PyTorch's `in_channels`.
  private func stated(
    _ failure: RuleFailure, _ inputs: [Int], _ schema: LayerSchema, _ arguments: BoundArguments
  ) -> WayOut? {
    let types = inputs.compactMap { graph.type(of: $0) }
    guard types.count == inputs.count,
      let expectation = arguments.expectations.first(where: {
        $0.argument.name == failure.parameter
      }), let value = expectation.argument.valueRange
    else { return nil }
    var free = arguments
    free.expectations = []
    guard
      let result = try? ShapeRule.evaluate(
        schema, free, inputs: types, facts: graph.facts, catalogue: catalogue),
      case .integer(.constant(let size))? = result.bindings[expectation.size]
    else { return nil }
    return ("write \(size)", ("Write `\(size)`", (Location(file, value), "\(size)")))
  }

  private func isWritten(_ entry: BoundArgument) -> Bool { entry.alternatives == nil }

  /// A window that is larger than its input.
  private func padding(
    _ failure: RuleFailure, _ inputs: [Int], _ schema: LayerSchema, _ arguments: BoundArguments,
    _ call: Call
  ) -> WayOut? {
    let types = inputs.compactMap { graph.type(of: $0) }
    guard types.count == inputs.count,
      let index = arguments.entries.firstIndex(where: { $0.name == "padding" }),
      arguments.entries[index].value == .string("valid"), isWritten(arguments.entries[index])
    else { return nil }
    var changed = arguments
    changed.entries[index].value = .string("same")
    guard outputs(schema, changed, types) != nil else { return nil }
    let text = "padding=\"same\""
    var edit: (location: Location, text: String)?
    if let value = arguments.entries[index].valueRange {
      edit = (Location(file, value), "\"same\"")
    } else if let end = call.argumentsEnd {
      edit = (Location(file, end), ", \(text)")
    }
    return (
      "write \(text), a smaller one, or keep more before it", edit.map { ("Write `\(text)`", $0) }
    )
  }

  /// Positions that count from 0, or list the batch, as PyTorch's do.
  private func fromZero(
    _ failure: RuleFailure, _ inputs: [Int], _ schema: LayerSchema, _ arguments: BoundArguments
  ) -> WayOut? {
    let types = inputs.compactMap { graph.type(of: $0) }
    guard types.count == inputs.count, let parameter = failure.parameter,
      let index = arguments.entries.firstIndex(where: { $0.name == parameter }),
      isWritten(arguments.entries[index]),
      let numbers = arguments.entries[index].value.dimensions?.map(\.constant),
      numbers.contains(0)
    else { return nil }
    let known = numbers.compactMap { $0 }
    let counted = known.map { $0 + 1 }
    let candidates = known.first == 0 ? [Array(known.dropFirst()), counted] : [counted]
    for candidate in candidates {
      var changed = arguments
      changed.entries[index].value = .tuple(candidate.map(Value.int))
      guard outputs(schema, changed, types) != nil else { continue }
      let text = changed.entries[index].value.description
      let fix = arguments.entries[index].valueRange.map {
        ("Write `\(text)`", (Location(file, $0), text))
      }
      return ("they count from 1, the batch left out: \(text)", fix)
    }
    return nil
  }

  /// All places of an image of any size in one vector have no fixed number: a pool has.
  private func pooling(
    _ value: Int, _ schema: LayerSchema, _ arguments: BoundArguments
  ) -> WayOut? {
    guard let producer = producer(value), producer.schema.traits.contains("bridge"),
      producer.inputs.count == 1
    else { return nil }
    let other = bridges(from: producer.inputs[0]).first { bridge in
      bridge.name != producer.schema.name && outputs(schema, arguments, [bridge.type]) != nil
    }
    guard let other else { return nil }
    let text = "\(other.name)() in place of `\(producer.path)` gives a size that is known"
    guard isWrittenHere(producer), !producer.arguments.entries.contains(where: { $0.isGiven })
    else {
      return (text, nil)
    }
    return (text, ("Write `\(other.name)`", (producer.calleeLocation, other.name)))
  }
}
