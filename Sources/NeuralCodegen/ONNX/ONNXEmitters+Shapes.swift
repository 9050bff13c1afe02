import NeuralDimension
import NeuralModel
import NeuralSchema

// Merges, and what rearranges values.
extension ONNXEmitters {
  private static let merges = [
    "Add": "Add", "Subtract": "Sub", "Multiply": "Mul", "Average": "Mean", "Maximum": "Max",
    "Minimum": "Min",
  ]

  /// The order of the first operand that is not as declared, where all have as many axes.
  private static func commonOrder(
    _ builder: ONNXGraphBuilder, _ layer: ONNXLayer
  ) -> AxisOrder {
    let rank = layer.outputs[0].shape.count
    guard layer.inputTypes.allSatisfy({ $0.shape.count == rank }) else { return .declared(rank) }
    return layer.inputs.map { builder.order(of: $0) }.first { !$0.isDeclared } ?? .declared(rank)
  }

  private static func operands(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer, _ order: AxisOrder
  ) -> [String] {
    layer.inputs.map { value in
      builder.shape(of: value).count == order.rank
        ? builder.tensor(value, order) : builder.tensor(value)
    }
  }

  static func merged(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = commonOrder(builder, layer)
    let operands = operands(&builder, layer, order)
    let operation = merges[layer.schema.name] ?? layer.schema.name
    if ["Mean", "Max", "Min"].contains(operation) {
      return [ONNXValue(name: builder.node(operation, operands), order: order)]
    }
    var result = operands[0]
    for operand in operands.dropFirst() { result = builder.node(operation, [result, operand]) }
    return [ONNXValue(name: result, order: order)]
  }

  /// The block's result plus the input or its shortcut.
  static func residual(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = commonOrder(builder, layer)
    let operands = operands(&builder, layer, order)
    return [ONNXValue(name: builder.node("Add", operands.reversed()), order: order)]
  }

  static func concatenate(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = commonOrder(builder, layer)
    let operands = operands(&builder, layer, order)
    let place = order.place(of: layer.axes()[0])
    return [
      ONNXValue(name: builder.node("Concat", operands, ["axis": .integer(place)]), order: order)
    ]
  }

  /// Products along one axis of each operand, both of which go away.
  static func dot(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let ranks = layer.inputTypes.map(\.shape.count)
    let given = layer.integer("axes").map { [$0, $0] } ?? layer.integers("axes") ?? []
    guard given.count == 2, ranks.count == 2 else {
      throw builder.problem(layer, "needs constant axes")
    }
    let axes = zip(given, ranks).map { $0 < 0 ? $0 + $1 : $0 }
    guard ranks.allSatisfy({ $0 <= 3 }) else {
      throw builder.problem(layer, "reads (batch, values) or (batch, steps, values)")
    }
    var tensors: [String] = []
    for (index, value) in layer.inputs.enumerated() {
      let order = AxisOrder.last([axes[index]], rank: ranks[index])
      var tensor = builder.tensor(value, order)
      if layer.isTrue("normalize") {
        let square = builder.node("Mul", [tensor, tensor])
        let sum = builder.node("ReduceSum", [square, builder.integers([-1])])
        let length = builder.node(
          "Sqrt", [builder.node("Max", [sum, builder.scalar(1e-12)])])
        tensor = builder.node("Div", [tensor, length])
      }
      // A vector is a matrix of one row.
      if ranks[index] == 2 {
        tensor = builder.node("Unsqueeze", [tensor, builder.integers([1])])
      }
      tensors.append(tensor)
    }
    let turned = builder.node("Transpose", [tensors[1]], ["perm": .integers([0, 2, 1])])
    var result = builder.node("MatMul", [tensors[0], turned])
    let order = AxisOrder.declared(layer.outputs[0].shape.count)
    // (batch, 1) for two vectors.
    let single = ranks == [2, 2] ? [1] : ranks.indices.filter { ranks[$0] == 2 }.map { $0 + 1 }
    if !single.isEmpty { result = builder.node("Squeeze", [result, builder.integers(single)]) }
    return [ONNXValue(name: result, order: order)]
  }

  // MARK: Reshaping

  static func flatten(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let x = builder.tensor(layer.inputs[0])
    if layer.rank == 2 { return [ONNXValue(name: x, order: .declared(2))] }
    return [ONNXValue(name: builder.node("Flatten", [x]), order: .declared(2))]
  }

  static func reshape(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let x = builder.tensor(layer.inputs[0])
    let shape = layer.outputs[0].shape
    return [
      ONNXValue(
        name: try builder.reshape(x, from: layer.inputTypes[0].shape, to: shape),
        order: .declared(shape.count))
    ]
  }

  /// Only the order changes: what comes next transposes where it has to.
  static func permute(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = builder.order(of: layer.inputs[0])
    let x = builder.tensor(layer.inputs[0], order)
    let moved = [0] + (layer.integers("dims") ?? [])
    let places = order.axes.map { axis in moved.firstIndex(of: axis) ?? 0 }
    return [ONNXValue(name: x, order: AxisOrder(places))]
  }

  static func repeatVector(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let x = builder.node(
      "Unsqueeze", [builder.tensor(layer.inputs[0]), builder.integers([1])])
    let result = builder.node(
      "Expand", [x, builder.integers([1, layer.integer("n") ?? 1, 1])])
    return [ONNXValue(name: result, order: .declared(3))]
  }

  /// (before, after) for each spatial axis.
  private static func amounts(
    _ name: String, _ layer: ONNXLayer, _ builder: ONNXGraphBuilder
  ) throws(TargetProblem) -> [[Int]] {
    if let pair = layer.integers(name), pair.count == 2, layer.rank == 3 { return [pair] }
    let pairs = layer.arguments[name]?.elements?.compactMap {
      $0.dimensions?.compactMap(\.constant)
    }
    guard let pairs, pairs.count == layer.rank - 2, pairs.allSatisfy({ $0.count == 2 }) else {
      throw builder.problem(layer, "needs a constant \(name)")
    }
    return pairs
  }

  private static func places(_ layer: ONNXLayer) -> [Int] {
    (1..<layer.rank).filter { $0 != layer.channelAxis }
  }

  static func cropping(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let pairs = try amounts("cropping", layer, builder)
    let order = builder.order(of: layer.inputs[0])
    let x = builder.tensor(layer.inputs[0], order)
    let result = builder.node(
      "Slice",
      [
        x, builder.integers(pairs.map { $0[0] }),
        builder.integers(pairs.map { $0[1] == 0 ? Int(Int32.max) : -$0[1] }),
        builder.integers(places(layer).map { order.place(of: $0) }),
      ])
    return [ONNXValue(name: result, order: order)]
  }

  static func zeroPadding(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let pairs = try amounts("padding", layer, builder)
    let order = builder.order(of: layer.inputs[0])
    let x = builder.tensor(layer.inputs[0], order)
    var before = Array(repeating: 0, count: layer.rank)
    var after = before
    for (axis, pair) in zip(places(layer), pairs) {
      before[order.place(of: axis)] = pair[0]
      after[order.place(of: axis)] = pair[1]
    }
    let result = builder.node("Pad", [x, builder.integers(before + after)])
    return [ONNXValue(name: result, order: order)]
  }

  // MARK: Sizes of images

  static func upSampling(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let sizes = layer.integers("size") ?? layer.integer("size").map { [$0] } ?? []
    guard sizes.count == layer.rank - 2 else {
      throw builder.problem(layer, "needs a constant size")
    }
    let order = layer.channelsSecond
    let scales = [1, 1] + sizes.map(Float.init)
    let method = layer.word("interpolation") ?? "nearest"
    let result = try resized(
      builder.tensor(layer.inputs[0], order), method, layer, &builder, isWhole: true,
      [
        "", builder.constant(.floats(scales), shape: [scales.count]),
      ])
    return [ONNXValue(name: result, order: order)]
  }

  /// Pixels are squares whose middles meet, as in Keras on TensorFlow.
  private static func resized(
    _ x: String, _ method: String, _ layer: ONNXLayer, _ builder: inout ONNXGraphBuilder,
    isWhole: Bool, _ sizes: [String]
  ) throws(TargetProblem) -> String {
    switch method {
    case "nearest" where isWhole:
      return builder.node(
        "Resize", [x] + sizes,
        [
          "coordinate_transformation_mode": .string("asymmetric"), "mode": .string("nearest"),
          "nearest_mode": .string("floor"),
        ])
    case "nearest":
      return builder.node(
        "Resize", [x] + sizes,
        [
          "coordinate_transformation_mode": .string("half_pixel"), "mode": .string("nearest"),
          "nearest_mode": .string("round_prefer_ceil"),
        ])
    case "bilinear":
      return builder.node(
        "Resize", [x] + sizes,
        [
          "coordinate_transformation_mode": .string("half_pixel"), "mode": .string("linear"),
        ])
    default:
      throw builder.problem(
        layer, "interpolates by \"nearest\" and \"bilinear\" only, not by \"\(method)\"")
    }
  }

  static func resizing(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    for name in ["crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"]
    where layer.isTrue(name) {
      throw builder.problem(layer, "has no `\(name)` for this layer; leave it out")
    }
    guard let height = layer.integer("height"), let width = layer.integer("width"),
      layer.rank == 4
    else { throw builder.problem(layer, "needs one image of a constant size for each sample") }
    let order = layer.channelsSecond
    let shape = order.applied(to: layer.inputTypes[0].shape)
    let x = builder.tensor(layer.inputs[0], order)
    let target = try builder.shape([shape[0], shape[1], .constant(height), .constant(width)])
    let result = try resized(
      x, layer.word("interpolation") ?? "bilinear", layer, &builder, isWhole: false,
      ["", "", target])
    return [ONNXValue(name: result, order: order)]
  }

  static func centerCrop(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let wanted = [layer.integer("height"), layer.integer("width")].compactMap { $0 }
    let sizes = places(layer).compactMap { layer.inputTypes[0].shape[$0].constant }
    guard wanted.count == 2, sizes.count == 2, zip(sizes, wanted).allSatisfy({ $0 >= $1 }) else {
      throw builder.problem(
        layer,
        "takes the middle of images of a known size that are large enough; "
          + "write Resizing before it")
    }
    let order = builder.order(of: layer.inputs[0])
    let x = builder.tensor(layer.inputs[0], order)
    let starts = zip(sizes, wanted).map { ($0 - $1) / 2 }
    let result = builder.node(
      "Slice",
      [
        x, builder.integers(starts), builder.integers(zip(starts, wanted).map { $0 + $1 }),
        builder.integers(places(layer).map { order.place(of: $0) }),
      ])
    return [ONNXValue(name: result, order: order)]
  }

  // MARK: Channels

  static func depthToSpace(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = layer.channelsSecond
    let result = builder.node(
      "DepthToSpace", [builder.tensor(layer.inputs[0], order)],
      ["blocksize": .integer(layer.integer("block_size") ?? 1), "mode": .string("CRD")])
    return [ONNXValue(name: result, order: order)]
  }

  /// ONNX's own has the pixels before the channels; PyTorch's PixelUnshuffle has them after.
  static func spaceToDepth(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = layer.channelsSecond
    let size = layer.integer("block_size") ?? 1
    let shape = order.applied(to: layer.inputTypes[0].shape)
    guard let channels = shape[1].constant else {
      throw builder.problem(layer, "needs a known number of channels")
    }
    let x = builder.node(
      "SpaceToDepth", [builder.tensor(layer.inputs[0], order)], ["blocksize": .integer(size)])
    let places = (0..<channels).flatMap { channel in
      (0..<size * size).map { $0 * channels + channel }
    }
    let result = builder.node("Gather", [x, builder.integers(places)], ["axis": .integer(1)])
    return [ONNXValue(name: result, order: order)]
  }

  static func channelShuffle(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = builder.order(of: layer.inputs[0])
    let axis = layer.channelAxis
    guard let channels = layer.inputTypes[0].shape[axis].constant,
      let groups = layer.integer("groups")
    else { throw builder.problem(layer, "needs a known number of channels") }
    let each = channels / groups
    let places = (0..<channels).map { $0 % groups * each + $0 / groups }
    let x = builder.tensor(layer.inputs[0], order)
    let result = builder.node(
      "Gather", [x, builder.integers(places)], ["axis": .integer(order.place(of: axis))])
    return [ONNXValue(name: result, order: order)]
  }

  // MARK: Masks

  /// Steps whose values all are `mask_value` become 0.
  static func masking(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    try refuseReaders(&builder, layer)
    let x = builder.tensor(layer.inputs[0])
    let value = builder.scalar(layer.number("mask_value") ?? 0)
    let isPadding = builder.node("Equal", [x, value])
    let isValue = builder.node("Not", [isPadding])
    let kept = builder.node(
      "ReduceMax",
      [builder.node("Cast", [isValue], ["to": .integer(ONNXType.float.rawValue)])],
      ["axes": .integers([layer.rank - 1]), "keepdims": .integer(1)])
    return [
      ONNXValue(name: builder.node("Mul", [x, kept]), order: .declared(layer.rank))
    ]
  }

  /// A mask that a later layer would read is not left out silently.
  static func refuseReaders(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) {
    let network = builder.network
    guard let node = network.nodes.firstIndex(where: { $0.path == builder.path }),
      let reader = network.maskReader(of: node)
    else { return }
    throw builder.problem(
      layer,
      "passes no mask on to \(reader.path), which would leave the padding out; "
        + "the TensorFlow target does")
  }
}
