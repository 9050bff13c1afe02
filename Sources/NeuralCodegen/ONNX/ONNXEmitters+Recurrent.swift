import NeuralDimension
import NeuralModel
import NeuralSchema

// Layers over time: ONNX's LSTM, GRU and RNN where they compute the same, else a Scan over a cell.
extension ONNXEmitters {
  static func recurrent(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    guard let kernel = layer.weights.first(where: { $0.name == "kernel" })?.shape,
      let features = kernel.first?.constant, let width = kernel.last?.constant,
      let units = layer.weights.first(where: { $0.name == "recurrent_kernel" })?
        .shape.first?.constant
    else { throw builder.problem(layer, "needs inputs of a known width") }
    let gates = width / units
    guard let activations = activations(layer, gates: gates) else {
      return try scanned(&builder, layer, [(layer, "")])
    }
    // Keras has the gates i, f, c, o, ONNX i, o, f, c; both have z, r, h and both one gate alone.
    let blocks: [WeightRecipe.Step] = gates == 4 ? [.blocks(axis: 1, order: [0, 3, 1, 2])] : []
    func matrix(
      _ name: String, _ rows: Int, _ builder: inout ONNXGraphBuilder
    ) throws(TargetProblem) -> String {
      try builder.weight(
        name, of: layer, blocks + [.transpose([1, 0]), .reshape([1, width, rows])])
    }
    var inputs = [
      builder.tensor(layer.inputs[0], .timeFirst(3)), try matrix("kernel", features, &builder),
      try matrix("recurrent_kernel", units, &builder),
    ]
    if let bias = layer.weights.first(where: { $0.name == "bias" }) {
      // A second bias, which acts on the state, is there for a GRU that resets after the product.
      let steps: [WeightRecipe.Step] =
        bias.shape.count == 2
        ? [.reshape([1, 2 * width])]
        : [.reshape([1, width])] + blocks + [.zeros(after: width)]
      inputs.append(try builder.weight("bias", of: layer, steps))
    } else {
      inputs.append("")
    }
    inputs.append("")
    for state in layer.inputs.dropFirst() {
      inputs.append(
        builder.node("Unsqueeze", [builder.tensor(state), builder.integers([0])]))
    }
    while inputs.last == "" { inputs.removeLast() }
    let isBackwards = layer.isTrue("go_backwards")
    var attributes: [(name: String, value: ONNXAttribute)] = activations
    attributes.append(("direction", .string(isBackwards ? "reverse" : "forward")))
    attributes.append(("hidden_size", .integer(units)))
    if gates == 3 {
      attributes.append(("linear_before_reset", .integer(layer.isTrue("reset_after") ? 1 : 0)))
    }
    let operation = [4: "LSTM", 3: "GRU"][gates] ?? "RNN"
    let results = builder.append(operation, inputs, attributes, results: gates == 4 ? 3 : 2)
    let first = builder.integers([0])
    func state(_ index: Int, _ builder: inout ONNXGraphBuilder) -> ONNXValue {
      ONNXValue(name: builder.node("Squeeze", [results[index], first]), order: .declared(2))
    }
    var values: [ONNXValue] = []
    if layer.isTrue("return_sequences") {
      var all = builder.node("Squeeze", [results[0], builder.integers([1])])
      // ONNX gives the steps of a backward pass in their own order, Keras in that of the pass.
      if isBackwards { all = reversed(all, &builder) }
      values.append(ONNXValue(name: all, order: .timeFirst(3)))
    } else {
      values.append(state(1, &builder))
    }
    if layer.isTrue("return_state") {
      values.append(state(1, &builder))
      if gates == 4 { values.append(state(2, &builder)) }
    }
    return values
  }

  /// A sequence, time first, from its end.
  private static func reversed(_ tensor: String, _ builder: inout ONNXGraphBuilder) -> String {
    builder.node(
      "Slice",
      [
        tensor, builder.integers([-1]), builder.integers([Int(Int32.min)]),
        builder.integers([0]), builder.integers([-1]),
      ])
  }

  /// What ONNX calls the activations, with their numbers; `nil` where it has not both.
  private static func activations(
    _ layer: ONNXLayer, gates: Int
  ) -> [(name: String, value: ONNXAttribute)]? {
    var names: [String] = []
    var (alphas, betas): ([Float], [Float]) = ([], [])
    let wanted = gates == 1 ? ["activation"] : ["recurrent_activation", "activation"]
    for name in wanted {
      guard case .layer(let value)? = layer.arguments[name],
        !value.arguments.entries.contains(where: \.isGiven)
      else { return nil }
      switch value.schema.name {
      case "tanh": names.append("Tanh")
      case "sigmoid": names.append("Sigmoid")
      case "relu": names.append("Relu")
      case "softsign": names.append("Softsign")
      case "softplus": names.append("Softplus")
      case "hard_sigmoid":
        names.append("HardSigmoid")
        alphas.append(1 / 6)
        betas.append(0.5)
      default: return nil
      }
    }
    // The cell of an LSTM and its result have the same.
    if gates == 4 { names.append(names[1]) }
    if names == ["Sigmoid", "Tanh", "Tanh"] || names == ["Sigmoid", "Tanh"] || names == ["Tanh"] {
      return []
    }
    var attributes: [(name: String, value: ONNXAttribute)] = []
    if !alphas.isEmpty {
      attributes = [("activation_alpha", .floats(alphas)), ("activation_beta", .floats(betas))]
    }
    attributes.append(("activations", .strings(names)))
    return attributes
  }

  static func bidirectional(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    guard case .layer(let forward)? = layer.arguments["layer"] else { return [] }
    var backward = forward
    if case .layer(let given)? = layer.arguments["backward_layer"] {
      backward = given
    } else {
      for index in backward.arguments.entries.indices
      where backward.arguments.entries[index].name == "go_backwards" {
        backward.arguments.entries[index].value = .boolean(true)
      }
    }
    func run(
      _ value: LayerValue, _ part: String, _ builder: inout ONNXGraphBuilder
    ) throws(TargetProblem) -> ([ONNXValue], [TensorType]) {
      let inner = try ONNXLayer(
        value, inputs: [layer.inputs[0]], inputTypes: [layer.inputTypes[0]], outputs: [],
        of: layer, below: part
      ).evaluated(builder)
      return (try builder.emit(inner), inner.outputs)
    }
    guard layer.inputs.count == 1 else {
      throw builder.problem(layer, "begins from no states here")
    }
    let (ahead, types) = try run(forward, "forward_layer", &builder)
    var (back, _) = try run(backward, "backward_layer", &builder)
    let rank = types[0].shape.count
    let givesSequences = forward.arguments["return_sequences"] == .boolean(true)
    if givesSequences {
      // Side by side with the steps of the way there.
      let value = builder.innerValue(back[0], types[0])
      var order = AxisOrder.declared(rank)
      order.axes.swapAt(0, 1)
      let all = builder.tensor(value, order)
      back[0] = ONNXValue(name: reversed(all, &builder), order: order)
    }
    let first = builder.innerValue(ahead[0], types[0])
    let second = builder.innerValue(back[0], types[0])
    let order = ahead[0].order
    let operands = [builder.tensor(first, order), builder.tensor(second, order)]
    let states = Array(ahead.dropFirst() + back.dropFirst())
    let merged: String
    switch layer.arguments["merge_mode"] {
    case .string("sum")?: merged = builder.node("Add", operands)
    case .string("mul")?: merged = builder.node("Mul", operands)
    case .string("ave")?: merged = builder.node("Mean", operands)
    case Value.none?:
      return [
        ONNXValue(name: operands[0], order: order), ONNXValue(name: operands[1], order: order),
      ] + states
    default:
      merged = builder.node(
        "Concat", operands, ["axis": .integer(order.place(of: rank - 1))])
    }
    return [ONNXValue(name: merged, order: order)] + states
  }

  /// The batch and the steps together are the batch of the layer inside.
  static func timeDistributed(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    guard case .layer(let value)? = layer.arguments["layer"] else { return [] }
    let shape = layer.inputTypes[0].shape
    let frame = Array(shape.dropFirst(2))
    let x = builder.tensor(layer.inputs[0])
    let samples = Dimension(Symbol(id: Int32.max, name: "samples"))
    let merged = try builder.reshape(x, from: shape, to: [samples] + frame)
    let type = TensorType(shape: [samples] + frame, dtype: layer.inputTypes[0].dtype)
    let input = builder.innerValue(
      ONNXValue(name: merged, order: .declared(type.shape.count)), type)
    let inner = try ONNXLayer(
      value, inputs: [input], inputTypes: [type], outputs: [], of: layer, below: "layer"
    ).evaluated(builder)
    let result = try builder.emit(inner)[0]
    let output = builder.innerValue(result, inner.outputs[0])
    let parted = try builder.reshape(
      builder.tensor(output), from: inner.outputs[0].shape, to: layer.outputs[0].shape)
    return [ONNXValue(name: parted, order: .declared(layer.outputs[0].shape.count))]
  }
}
