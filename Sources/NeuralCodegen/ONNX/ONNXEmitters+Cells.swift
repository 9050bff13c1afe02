import NeuralDimension
import NeuralModel
import NeuralSchema

// Cells over a sequence by ONNX's Scan: what its own recurrent operators cannot say.
extension ONNXEmitters {
  static func cells(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let given = layer.arguments["cell"]
    let values = given?.elements ?? given.map { [$0] } ?? []
    var cells: [(ONNXLayer, String)] = []
    for (index, value) in values.enumerated() {
      guard case .layer(let cell) = value else { continue }
      var part = "cell"
      // A list has a path for each entry, one cell none.
      if given?.elements != nil,
        let name = layer.weights.first(where: { $0.name.hasPrefix("cell/") })?.name,
        name.split(separator: "/").count > 2
      {
        let parts = layer.weights.map(\.name).compactMap { name -> String? in
          guard let slash = name.lastIndex(of: "/") else { return nil }
          return String(name[..<slash])
        }
        let distinct = parts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        guard distinct.count == values.count else {
          throw builder.problem(layer, "needs cells that all have weights")
        }
        part = distinct[index]
      }
      cells.append(
        (
          ONNXLayer(cell, inputs: [], inputTypes: [], outputs: [], of: layer, below: part), part
        ))
    }
    return try scanned(&builder, layer, cells)
  }

  /// Runs cells, one on top of the other, over a sequence.
  static func scanned(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer, _ cells: [(ONNXLayer, String)]
  ) throws(TargetProblem) -> [ONNXValue] {
    var sizes: [[Int]] = []
    for (cell, _) in cells {
      guard let units = cell.integer("units") else {
        throw builder.problem(layer, "knows LSTMCell, GRUCell and SimpleRNNCell")
      }
      sizes.append(Array(repeating: units, count: gateCount(cell) == 4 ? 2 : 1))
    }
    let batch = layer.inputTypes[0].shape[0]
    return try scan(
      &builder, layer, states: sizes.flatMap { $0 }.map { [batch, .constant($0)] }
    ) { (builder, input, states) throws(TargetProblem) in
      var (x, rest, made) = (input, states[...], [String]())
      for (index, (cell, _)) in cells.enumerated() {
        let own = Array(rest.prefix(sizes[index].count))
        rest = rest.dropFirst(own.count)
        let new = try step(cell, x, own, layer, &builder)
        made += new
        x = new[0]
      }
      return made
    }
  }

  private static func gateCount(_ cell: ONNXLayer) -> Int {
    guard let width = cell.weights.first(where: { $0.name == "kernel" })?.shape.last?.constant,
      let units = cell.integer("units")
    else { return 1 }
    return width / units
  }

  /// The activation that an argument of a layer names, on a value of this type.
  private static func activated(
    _ tensor: String, _ name: String, _ type: TensorType, _ layer: ONNXLayer,
    _ builder: inout ONNXGraphBuilder
  ) throws(TargetProblem) -> String {
    try builder.activate(
      ONNXValue(name: tensor, order: .declared(type.shape.count)), layer.arguments[name], type,
      layer
    ).name
  }

  /// What an LSTM makes of the sums of its gates, input, forget, candidate and output, and of its cell
  /// state: the result and the new cell state.
  private static func longShortTerm(
    _ gates: [String], _ cell: String, _ type: TensorType, _ layer: ONNXLayer,
    _ builder: inout ONNXGraphBuilder
  ) throws(TargetProblem) -> [String] {
    let input = try activated(gates[0], "recurrent_activation", type, layer, &builder)
    let forget = try activated(gates[1], "recurrent_activation", type, layer, &builder)
    let candidate = try activated(gates[2], "activation", type, layer, &builder)
    let output = try activated(gates[3], "recurrent_activation", type, layer, &builder)
    let kept = builder.node("Mul", [forget, cell])
    let c = builder.node("Add", [kept, builder.node("Mul", [input, candidate])])
    let shown = try activated(c, "activation", type, layer, &builder)
    return [builder.node("Mul", [output, shown]), c]
  }

  /// One step of a cell: the new states, the result first.
  private static func step(
    _ cell: ONNXLayer, _ x: String, _ states: [String], _ layer: ONNXLayer,
    _ builder: inout ONNXGraphBuilder
  ) throws(TargetProblem) -> [String] {
    let gates = gateCount(cell)
    let units = cell.integer("units") ?? 1
    let batch = layer.inputTypes[0].shape[0]
    let type = TensorType(shape: [batch, .constant(units)])
    let hasBias = cell.weights.contains { $0.name == "bias" }
    func product(
      _ tensor: String, _ kernel: String, _ builder: inout ONNXGraphBuilder
    ) throws(TargetProblem) -> String {
      builder.node("MatMul", [tensor, try builder.weight(kernel, of: cell)])
    }
    let h = states[0]
    if gates == 3 {
      return [try gru(cell, x, h, units, hasBias, &builder)]
    }
    var sum = builder.node(
      "Add",
      [try product(x, "kernel", &builder), try product(h, "recurrent_kernel", &builder)])
    if hasBias { sum = builder.node("Add", [sum, try builder.weight("bias", of: cell)]) }
    guard gates == 4 else { return [try activated(sum, "activation", type, cell, &builder)] }
    let four = builder.nodes(
      "Split", [sum, builder.integers(Array(repeating: units, count: 4))], ["axis": .integer(1)],
      results: 4)
    return try longShortTerm(four, states[1], type, cell, &builder)
  }

  private static func gru(
    _ cell: ONNXLayer, _ x: String, _ h: String, _ units: Int, _ hasBias: Bool,
    _ builder: inout ONNXGraphBuilder
  ) throws(TargetProblem) -> String {
    let type = TensorType(shape: [Dimension(Symbol.batch), .constant(units)])
    func columns(
      _ tensor: String, _ range: Range<Int>, axis: Int, _ builder: inout ONNXGraphBuilder
    ) -> String {
      builder.node(
        "Slice",
        [
          tensor, builder.integers([range.lowerBound * units]),
          builder.integers([range.upperBound * units]), builder.integers([axis]),
        ])
    }
    var given = builder.node("MatMul", [x, try builder.weight("kernel", of: cell)])
    let recurrent = try builder.weight("recurrent_kernel", of: cell)
    let isAfter = cell.isTrue("reset_after")
    var recurrentBias: String?
    if hasBias {
      if isAfter {
        let rows = builder.nodes(
          "Split", [try builder.weight("bias", of: cell), builder.integers([1, 1])],
          ["axis": .integer(0)], results: 2)
        given = builder.node("Add", [given, rows[0]])
        recurrentBias = rows[1]
      } else {
        given = builder.node("Add", [given, try builder.weight("bias", of: cell)])
      }
    }
    let candidate: String
    let gates: String
    if isAfter {
      var state = builder.node("MatMul", [h, recurrent])
      if let recurrentBias { state = builder.node("Add", [state, recurrentBias]) }
      gates = try activated(
        builder.node(
          "Add",
          [
            columns(given, 0..<2, axis: 1, &builder), columns(state, 0..<2, axis: 1, &builder),
          ]), "recurrent_activation", type, cell, &builder)
      let reset = builder.node(
        "Mul",
        [columns(gates, 1..<2, axis: 1, &builder), columns(state, 2..<3, axis: 1, &builder)])
      candidate = builder.node("Add", [columns(given, 2..<3, axis: 1, &builder), reset])
    } else {
      let state = builder.node("MatMul", [h, columns(recurrent, 0..<2, axis: 1, &builder)])
      gates = try activated(
        builder.node("Add", [columns(given, 0..<2, axis: 1, &builder), state]),
        "recurrent_activation", type, cell, &builder)
      let reset = builder.node("Mul", [columns(gates, 1..<2, axis: 1, &builder), h])
      let product = builder.node(
        "MatMul", [reset, columns(recurrent, 2..<3, axis: 1, &builder)])
      candidate = builder.node("Add", [columns(given, 2..<3, axis: 1, &builder), product])
    }
    let new = try activated(candidate, "activation", type, cell, &builder)
    let update = columns(gates, 0..<1, axis: 1, &builder)
    // z · h + (1 − z) · h'
    let difference = builder.node("Sub", [h, new])
    return builder.node("Add", [new, builder.node("Mul", [update, difference])])
  }

  /// An LSTM whose products are convolutions; that of the state keeps its size.
  static func convolutionalLSTM(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    guard let kernel = layer.integers("kernel_size"), let strides = layer.integers("strides"),
      let dilations = layer.integers("dilation_rate"), let filters = layer.integer("filters")
    else { throw builder.problem(layer, "needs a constant window") }
    let axes = kernel.count
    let shape = layer.inputTypes[0].shape
    let spatial =
      layer.isChannelsFirst ? Array(shape.dropFirst(3)) : Array(shape[2..<shape.count - 1])
    let result = layer.outputs[0].shape
    let frame = layer.isTrue("return_sequences") ? [result[0]] + result.dropFirst(2) : result
    let state =
      layer.isChannelsFirst
      ? frame : [frame[0], frame[frame.count - 1]] + frame[1..<frame.count - 1]
    let reach = zip(kernel, dilations).map { ($0 - 1) * $1 + 1 }
    var before = kernel.map { _ in 0 }
    var after = before
    if layer.word("padding") == "same" {
      for axis in 0..<axes {
        var total = reach[axis] - 1
        if strides[axis] > 1 {
          guard let size = spatial[axis].constant else {
            throw builder.problem(layer, "needs sizes that are known for strides with \"same\"")
          }
          let count = (size + strides[axis] - 1) / strides[axis]
          total = max((count - 1) * strides[axis] + reach[axis] - size, 0)
        }
        before[axis] = total / 2
        after[axis] = total - total / 2
      }
    }
    let turned: [WeightRecipe.Step] = [.transpose([axes + 1, axes] + (0..<axes))]
    let stateBefore = kernel.map { ($0 - 1) / 2 }
    let stateAfter = zip(kernel, stateBefore).map { $0 - 1 - $1 }
    let type = TensorType(shape: state)
    return try scan(&builder, layer, states: [state, state]) {
      (builder, input, states) throws(TargetProblem) in
      var inputs = [input, try builder.weight("kernel", of: layer, turned)]
      if layer.isTrue("use_bias") { inputs.append(try builder.weight("bias", of: layer)) }
      let given = builder.node(
        "Conv", inputs,
        [
          "dilations": .integers(dilations), "kernel_shape": .integers(kernel),
          "pads": .integers(before + after), "strides": .integers(strides),
        ])
      let kept = builder.node(
        "Conv", [states[0], try builder.weight("recurrent_kernel", of: layer, turned)],
        ["kernel_shape": .integers(kernel), "pads": .integers(stateBefore + stateAfter)])
      let four = builder.nodes(
        "Split",
        [
          builder.node("Add", [given, kept]),
          builder.integers(Array(repeating: filters, count: 4)),
        ], ["axis": .integer(1)], results: 4)
      return try longShortTerm(four, states[1], type, layer, &builder)
    }
  }

  /// A Scan over the steps of the first input, the frames channels first. `body` gives the new states, the
  /// result first.
  private static func scan(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer, states: [[Dimension]],
    _ body: (inout ONNXGraphBuilder, String, [String]) throws(TargetProblem) -> [String]
  ) throws(TargetProblem) -> [ONNXValue] {
    let rank = layer.rank
    // Time, batch, then the frame with its channels first.
    let channel = layer.isChannelsFirst ? 2 : rank - 1
    let order = AxisOrder([1, 0, channel] + (2..<rank).filter { $0 != channel })
    let x = builder.tensor(layer.inputs[0], order)
    var initial: [String] = []
    for (index, shape) in states.enumerated() {
      if layer.inputs.count > index + 1 {
        let value = layer.inputs[index + 1]
        let size = builder.shape(of: value).count
        let wanted: AxisOrder =
          layer.isChannelsFirst ? .declared(size) : .second(size - 1, rank: size)
        initial.append(builder.tensor(value, wanted))
      } else {
        initial.append(
          builder.node("Expand", [builder.scalar(0), try builder.shape(shape)]))
      }
    }
    // Sizes that the body asks for are found once, outside.
    for size in layer.inputTypes[0].shape where size.constant == nil {
      _ = try builder.size(size)
    }
    builder.enclosing = builder.model.nodes
    builder.model.nodes = []
    let input = builder.free("\(builder.path)/step")
    let olds = states.indices.map { builder.free("\(builder.path)/state_\($0 + 1)") }
    let news = try body(&builder, input, olds)
    // A result of its own, since it is a state too.
    let shown = builder.node("Identity", [news[resultIndex(layer, states)]])
    let nodes = builder.model.nodes
    builder.model.nodes = builder.enclosing ?? []
    builder.enclosing = nil
    func open(_ name: String) -> ONNXValueInfo {
      ONNXValueInfo(name: name, type: .float, shape: nil)
    }
    let graph = ONNXSubgraph(
      name: "step", nodes: nodes, inputs: (olds + [input]).map(open),
      outputs: (news + [shown]).map(open))
    let results = builder.append(
      "Scan", initial + [x],
      [
        ("body", .graph(graph)), ("num_scan_inputs", .integer(1)),
        ("scan_input_directions", .integers([layer.isTrue("go_backwards") ? 1 : 0])),
      ], results: states.count + 1)
    let frameRank = rank - 1
    let frameOrder: AxisOrder =
      layer.isChannelsFirst ? .declared(frameRank) : .second(frameRank - 1, rank: frameRank)
    var values: [ONNXValue] = []
    if layer.isTrue("return_sequences") {
      values.append(ONNXValue(name: results[states.count], order: order))
    } else {
      values.append(ONNXValue(name: results[resultIndex(layer, states)], order: frameOrder))
    }
    if layer.isTrue("return_state") {
      values += (0..<states.count).map { ONNXValue(name: results[$0], order: frameOrder) }
    }
    return values
  }

  /// The state that is the result: h of the last cell.
  private static func resultIndex(_ layer: ONNXLayer, _ states: [[Dimension]]) -> Int {
    guard let cells = layer.arguments["cell"]?.elements, case .layer(let last)? = cells.last
    else { return 0 }
    return states.count - (last.schema.parameter(named: "unit_forget_bias") == nil ? 1 : 2)
  }
}
