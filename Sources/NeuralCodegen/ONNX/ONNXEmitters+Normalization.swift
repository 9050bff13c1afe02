import NeuralDimension
import NeuralModel
import NeuralSchema

// Normalizations, in evaluation.
extension ONNXEmitters {
  /// A weight, or what stands for it where the layer has none.
  private static func weight(
    _ name: String, or value: Float, size: Int, _ builder: inout ONNXGraphBuilder,
    _ layer: ONNXLayer
  ) throws(TargetProblem) -> String {
    layer.weights.contains { $0.name == name }
      ? try builder.weight(name, of: layer)
      : builder.constant(.floats(Array(repeating: value, count: size)), shape: [size])
  }

  private static func epsilon(_ layer: ONNXLayer) -> Double { layer.number("epsilon") ?? 0 }

  /// The axis of the channels, and their number.
  private static func channels(
    _ builder: ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> (axis: Int, count: Int) {
    let axis = layer.axes()[0]
    guard let count = layer.inputTypes[0].shape[axis].constant else {
      throw builder.problem(layer, "needs a known number of channels")
    }
    return (axis, count)
  }

  /// An operator that scales each channel, and reads these weights besides.
  private static func channelNormalization(
    _ name: String, moments: [String], _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let (axis, count) = try channels(builder, layer)
    let order = AxisOrder.second(axis, rank: layer.rank)
    var inputs = [
      builder.tensor(layer.inputs[0], order),
      try weight("gamma", or: 1, size: count, &builder, layer),
      try weight("beta", or: 0, size: count, &builder, layer),
    ]
    for moment in moments { inputs.append(try builder.weight(moment, of: layer)) }
    let result = builder.node(name, inputs, ["epsilon": .float(Float(epsilon(layer)))])
    return [ONNXValue(name: result, order: order)]
  }

  static func batchNormalization(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    try channelNormalization(
      "BatchNormalization", moments: ["moving_mean", "moving_variance"], &builder, layer)
  }

  static func instanceNormalization(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    try channelNormalization("InstanceNormalization", moments: [], &builder, layer)
  }

  static func layerNormalization(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let axes = layer.axes()
    let order = AxisOrder.last(axes, rank: layer.rank)
    let sizes = axes.compactMap { layer.inputTypes[0].shape[$0].constant }
    guard sizes.count == axes.count, !axes.isEmpty else {
      throw builder.problem(layer, "needs known sizes on the axes that it normalizes")
    }
    let x = builder.tensor(layer.inputs[0], order)
    let scale =
      layer.isTrue("scale")
      ? try builder.weight("gamma", of: layer)
      : builder.constant(
        .floats(Array(repeating: 1, count: sizes.reduce(1, *))), shape: sizes)
    var inputs = [x, scale]
    if layer.isTrue("center") { inputs.append(try builder.weight("beta", of: layer)) }
    let result = builder.node(
      "LayerNormalization", inputs,
      ["axis": .integer(-axes.count), "epsilon": .float(Float(epsilon(layer)))])
    return [ONNXValue(name: result, order: order)]
  }

  /// Each group as one channel of an instance normalization, then the scales of the channels.
  static func groupNormalization(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let (axis, channels) = try channels(builder, layer)
    let given = layer.integer("groups") ?? channels
    let groups = given == -1 ? channels : given
    let order = AxisOrder.second(axis, rank: layer.rank)
    let shape = order.applied(to: layer.inputTypes[0].shape)
    let x = builder.tensor(layer.inputs[0], order)
    let grouped = builder.node("Reshape", [x, builder.integers([0, groups, -1])])
    let normalized = builder.node(
      "InstanceNormalization",
      [
        grouped, builder.constant(.floats(Array(repeating: 1, count: groups)), shape: [groups]),
        builder.constant(.floats(Array(repeating: 0, count: groups)), shape: [groups]),
      ], ["epsilon": .float(Float(epsilon(layer)))])
    let batch = shape[0]
    var result = try builder.reshape(
      normalized, from: [batch, .constant(groups), .constant(-1)], to: shape)
    let steps = broadcast(layer, axis: axis, in: order)
    if layer.isTrue("scale") {
      result = builder.node("Mul", [result, try builder.weight("gamma", of: layer, steps)])
    }
    if layer.isTrue("center") {
      result = builder.node("Add", [result, try builder.weight("beta", of: layer, steps)])
    }
    return [ONNXValue(name: result, order: order)]
  }

  static func rmsNormalization(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let axes = layer.axes()
    let order = AxisOrder.last(axes, rank: layer.rank)
    let x = builder.tensor(layer.inputs[0], order)
    let squares = builder.node("Mul", [x, x])
    let mean = builder.node(
      "ReduceMean", [squares],
      [
        "axes": .integers(Array(layer.rank - axes.count..<layer.rank)), "keepdims": .integer(1),
      ])
    let root = builder.node(
      "Sqrt", [builder.node("Add", [mean, builder.scalar(epsilon(layer))])])
    let normalized = builder.node("Div", [x, root])
    let result = builder.node("Mul", [normalized, try builder.weight("scale", of: layer)])
    return [ONNXValue(name: result, order: order)]
  }

  /// Keras divides by no length below √1e-12.
  static func unitNormalization(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = builder.order(of: layer.inputs[0])
    let x = builder.tensor(layer.inputs[0], order)
    let places = layer.axes().map { order.place(of: $0) }.sorted()
    let sum = builder.node(
      "ReduceSum", [builder.node("Mul", [x, x]), builder.integers(places)])
    let length = builder.node("Sqrt", [builder.node("Max", [sum, builder.scalar(1e-12)])])
    return [ONNXValue(name: builder.node("Div", [x, length]), order: order)]
  }

  /// The kernel is normalized while training only: what is stored is the normalized one.
  static func spectralNormalization(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    guard case .layer(let value)? = layer.arguments["layer"] else { return [] }
    let inner = try ONNXLayer(
      value, inputs: layer.inputs, inputTypes: layer.inputTypes, outputs: layer.outputs,
      of: layer, below: "layer"
    ).evaluated(builder)
    return try builder.emit(inner)
  }

  static func localResponseNormalization(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let size = layer.integer("size") ?? 1
    guard !size.isMultiple(of: 2) else {
      throw builder.problem(layer, "has as many neighbours on both sides: write an odd size")
    }
    let order = layer.channelsSecond
    let result = builder.node(
      "LRN", [builder.tensor(layer.inputs[0], order)],
      [
        "alpha": .float(Float(layer.number("alpha") ?? 0.0001)),
        "beta": .float(Float(layer.number("beta") ?? 0.75)),
        "bias": .float(Float(layer.number("k") ?? 1)), "size": .integer(size),
      ])
    return [ONNXValue(name: result, order: order)]
  }

  /// (x − mean) over the deviation, which Keras keeps above 1e-7.
  static func normalization(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let rank = layer.rank
    let axes = layer.arguments["axis"] == Value.none ? [] : layer.axes()
    // The sizes of the kept axes, with 1 for the others between them.
    let first = axes.min() ?? rank
    let sizes = (first..<rank).map { axis in
      axes.contains(axis) ? layer.inputTypes[0].shape[axis].constant ?? 1 : 1
    }
    func moments(
      _ name: String, _ builder: inout ONNXGraphBuilder
    ) throws(TargetProblem) -> String {
      switch layer.arguments[name] {
      case Value.none?, nil:
        return try builder.weight(name, of: layer, sizes.isEmpty ? [] : [.reshape(sizes)])
      case let value?:
        if let number = value.number { return builder.scalar(number) }
        let numbers = value.elements?.compactMap(\.number) ?? []
        guard numbers.count == sizes.reduce(1, *) else {
          throw builder.problem(layer, "needs one \(name) for each entry of the axis")
        }
        return builder.constant(.floats(numbers.map { Float($0) }), shape: sizes)
      }
    }
    let x = builder.tensor(layer.inputs[0])
    let mean = try moments("mean", &builder)
    let root = builder.node("Sqrt", [try moments("variance", &builder)])
    let deviation = builder.node("Max", [root, builder.scalar(1e-7)])
    let result =
      layer.isTrue("invert")
      ? builder.node("Add", [builder.node("Mul", [x, deviation]), mean])
      : builder.node("Div", [builder.node("Sub", [x, mean]), deviation])
    return [ONNXValue(name: result, order: .declared(rank))]
  }
}
