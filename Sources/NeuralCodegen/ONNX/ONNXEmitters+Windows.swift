import NeuralDimension
import NeuralModel
import NeuralSchema

// Convolutions and pools: ONNX has the channels second, and says padding in amounts.
extension ONNXEmitters {
  /// What is added on both sides of each spatial axis, or that it depends on the size at run time.
  private enum Padding {
    case amounts(before: [Int], after: [Int])
    case sameUpper

    var attribute: (String, ONNXAttribute) {
      switch self {
      case .amounts(let before, let after): ("pads", .integers(before + after))
      case .sameUpper: ("auto_pad", .string("SAME_UPPER"))
      }
    }
  }

  /// The sizes of the spatial axes.
  private static func sizes(_ shape: [Dimension], _ layer: ONNXLayer) -> [Dimension] {
    layer.isChannelsFirst ? Array(shape.dropFirst(2)) : Array(shape[1..<shape.count - 1])
  }

  private static func padding(
    _ builder: ONNXGraphBuilder, _ layer: ONNXLayer, kernel: [Int], strides: [Int],
    dilations: [Int]
  ) throws(TargetProblem) -> Padding {
    let sizes = sizes(layer.inputTypes[0].shape, layer)
    let reach = zip(kernel, dilations).map { ($0 - 1) * $1 + 1 }
    let none = kernel.map { _ in 0 }
    switch layer.arguments["padding"] {
    case .string("valid")?: return .amounts(before: none, after: none)
    case .string("causal")?: return .amounts(before: reach.map { $0 - 1 }, after: none)
    case .string("same")?:
      var totals: [Int] = []
      for axis in kernel.indices {
        if strides[axis] == 1 {
          totals.append(reach[axis] - 1)
        } else if let size = sizes[axis].constant {
          let count = (size + strides[axis] - 1) / strides[axis]
          totals.append(max((count - 1) * strides[axis] + reach[axis] - size, 0))
        } else {
          return .sameUpper
        }
      }
      return .amounts(before: totals.map { $0 / 2 }, after: totals.map { $0 - $0 / 2 })
    case let value:
      let pairs = value?.elements?.compactMap { $0.dimensions?.compactMap(\.constant) } ?? []
      guard pairs.count == kernel.count, pairs.allSatisfy({ $0.count == 2 }) else {
        throw builder.problem(layer, "needs a constant padding")
      }
      return .amounts(before: pairs.map { $0[0] }, after: pairs.map { $0[1] })
    }
  }

  static func convolution(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    guard let kernel = layer.integers("kernel_size"), let strides = layer.integers("strides"),
      let dilations = layer.integers("dilation_rate"),
      let channels = layer.inputTypes[0].shape[layer.channelAxis].constant
    else { throw builder.problem(layer, "needs a constant window") }
    let axes = kernel.count
    var steps: [WeightRecipe.Step] = []
    var groups = layer.integer("groups") ?? 1
    if let multiplier = layer.integer("depth_multiplier") {
      // A channel by itself: its filters follow one another.
      groups = channels
      steps = [
        .transpose([axes, axes + 1] + (0..<axes)),
        .reshape([channels * multiplier, 1] + kernel),
      ]
    } else {
      steps = [.transpose([axes + 1, axes] + (0..<axes))]
    }
    let padding = try padding(
      builder, layer, kernel: kernel, strides: strides, dilations: dilations)
    let order = layer.channelsSecond
    var inputs = [
      builder.tensor(layer.inputs[0], order),
      try builder.weight("kernel", of: layer, steps),
    ]
    if layer.isTrue("use_bias") { inputs.append(try builder.weight("bias", of: layer)) }
    let result = builder.append(
      "Conv", inputs,
      [
        ("dilations", .integers(dilations)), ("group", .integer(groups)),
        ("kernel_shape", .integers(kernel)), padding.attribute, ("strides", .integers(strides)),
      ], results: 1)
    return try builder.activated(ONNXValue(name: result[0], order: order), layer)
  }

  /// Keras's "valid" fills a stride beyond the kernel up; its "same" takes from both sides what the
  /// convolution that it turns round would have padded.
  static func transposedConvolution(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    guard let kernel = layer.integers("kernel_size"), let strides = layer.integers("strides"),
      let dilations = layer.integers("dilation_rate")
    else { throw builder.problem(layer, "needs a constant window") }
    let axes = kernel.count
    let reach = zip(kernel, dilations).map { ($0 - 1) * $1 + 1 }
    let given = layer.integers("output_padding")
    var before = kernel.map { _ in 0 }
    var after = before
    var extra = given ?? before
    switch layer.arguments["padding"] {
    case .string("valid")?:
      if given == nil { extra = zip(reach, strides).map { max($1 - $0, 0) } }
    case .string?:
      if given == nil {
        let totals = zip(reach, strides).map { max($0 - $1, 0) }
        before = totals.map { $0 / 2 }
        after = zip(totals, before).map { $0 - $1 }
        extra = zip(reach, strides).map { max($1 - $0, 0) }
      } else {
        before = reach.map { $0 / 2 }
        after = before
      }
    case let value:
      let pairs = value?.elements?.compactMap { $0.dimensions?.compactMap(\.constant) } ?? []
      guard pairs.count == axes, pairs.allSatisfy({ $0.count == 2 }) else {
        throw builder.problem(layer, "needs a constant padding")
      }
      (before, after) = (pairs.map { $0[0] }, pairs.map { $0[1] })
    }
    // What is added at the end and what is taken off there cancel out.
    for axis in 0..<axes {
      let both = min(extra[axis], after[axis])
      extra[axis] -= both
      after[axis] -= both
    }
    let order = layer.channelsSecond
    var inputs = [
      builder.tensor(layer.inputs[0], order),
      try builder.weight("kernel", of: layer, [.transpose([axes + 1, axes] + (0..<axes))]),
    ]
    if layer.isTrue("use_bias") { inputs.append(try builder.weight("bias", of: layer)) }
    let result = builder.node(
      "ConvTranspose", inputs,
      [
        "dilations": .integers(dilations), "kernel_shape": .integers(kernel),
        "output_padding": .integers(extra), "pads": .integers(before + after),
        "strides": .integers(strides),
      ])
    return try builder.activated(ONNXValue(name: result, order: order), layer)
  }

  // MARK: Pools

  static func pool(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    guard let size = layer.integers("pool_size") else {
      throw builder.problem(layer, "needs a constant pool_size")
    }
    let strides = layer.integers("strides") ?? size
    var padding = try padding(
      builder, layer, kernel: size, strides: strides, dilations: size.map { _ in 1 })
    if layer.isTrue("ceil_mode"), case .amounts(let before, var after) = padding {
      // The rest of a last window that is not full, which ONNX counts otherwise.
      let inputs = sizes(layer.inputTypes[0].shape, layer)
      let outputs = sizes(layer.outputs[0].shape, layer)
      for axis in size.indices {
        guard let input = inputs[axis].constant, let count = outputs[axis].constant else {
          throw builder.problem(
            layer, "needs sizes that are known for ceil_mode; write padding=\"same\" instead")
        }
        let reach = (count - 1) * strides[axis] + size[axis]
        after[axis] = max(after[axis], reach - input - before[axis])
      }
      padding = .amounts(before: before, after: after)
    }
    let isLargest = layer.schema.name.hasPrefix("Max")
    let order = layer.channelsSecond
    let x = builder.tensor(layer.inputs[0], order)
    var attributes: [(name: String, value: ONNXAttribute)] = [
      ("kernel_shape", .integers(size)), padding.attribute, ("strides", .integers(strides)),
    ]
    if !isLargest { attributes.insert(("count_include_pad", .integer(0)), at: 0) }
    let result = builder.append(
      isLargest ? "MaxPool" : "AveragePool", [x], attributes, results: 1)
    return [ONNXValue(name: result[0], order: order)]
  }

  /// Over all places; in any order, since only axes are named.
  static func globalPool(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = builder.order(of: layer.inputs[0])
    let x = builder.tensor(layer.inputs[0], order)
    let places = (1..<layer.rank).filter { $0 != layer.channelAxis }
    let keeps = layer.isTrue("keepdims")
    let isLargest = layer.schema.name.contains("Max")
    if keeps, order == layer.channelsSecond {
      let result = builder.node(isLargest ? "GlobalMaxPool" : "GlobalAveragePool", [x])
      return [ONNXValue(name: result, order: order)]
    }
    let result = builder.node(
      isLargest ? "ReduceMax" : "ReduceMean", [x],
      [
        "axes": .integers(places.map { order.place(of: $0) }.sorted()),
        "keepdims": .integer(keeps ? 1 : 0),
      ])
    return [ONNXValue(name: result, order: keeps ? order : without(places, order))]
  }

  /// Windows from ⌊i · n / m⌋ to ⌈(i + 1) · n / m⌉, axis by axis: the largest, and the mean by a matrix,
  /// are the same in one axis after the other.
  static func adaptivePool(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = AxisOrder.declared(layer.rank)
    var x = builder.tensor(layer.inputs[0])
    let isLargest = layer.schema.name.contains("Max")
    for axis in (1..<layer.rank) where axis != layer.channelAxis {
      guard let size = layer.inputTypes[0].shape[axis].constant,
        let count = layer.outputs[0].shape[axis].constant
      else {
        if layer.inputTypes[0].shape[axis] == layer.outputs[0].shape[axis] { continue }
        throw builder.problem(
          layer, "needs sizes that are known; a GlobalAveragePooling or a pool serves any")
      }
      if size == count { continue }
      let windows = (0..<count).map { $0 * size / count..<(($0 + 1) * size + count - 1) / count }
      let places = builder.integers([axis])
      let parts = windows.map { window in
        let part = builder.node(
          "Slice",
          [x, builder.integers([window.lowerBound]), builder.integers([window.upperBound]), places]
        )
        return builder.node(
          isLargest ? "ReduceMax" : "ReduceMean", [part],
          ["axes": .integers([axis]), "keepdims": .integer(1)])
      }
      x = parts.count == 1 ? parts[0] : builder.node("Concat", parts, ["axis": .integer(axis)])
    }
    return [ONNXValue(name: x, order: order)]
  }
}
