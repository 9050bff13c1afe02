import NeuralDimension
import NeuralModel
import NeuralSchema

// LSTM, GRU and SimpleRNN. PyTorch's have two biases for each gate where Keras's LSTM and SimpleRNN have
// one: the second is zero and stays so.
extension PyTorchEmitters {
  /// What is common to a recurrent layer and one inside Bidirectional.
  private struct Cell {
    var name: String
    var hasStatePair: Bool
    var units: PythonValue
    var arguments: [Python]
    var preparation: (String) -> [String]
    var returnsSequences: Bool
    var returnsState: Bool
    var isBackwards: Bool
  }

  private static func cell(
    _ use: LayerUse, _ name: String, _ arguments: BoundArguments, features: String,
    units: PythonValue, isBidirectional: Bool
  ) throws(EmissionError) -> Cell {
    let isLSTM = name == "LSTM"
    // PyTorch calls the one without gates RNN, and its ReLU a nonlinearity.
    let isSimple = name == "SimpleRNN"
    var differences = try differences(use, arguments)
    let isRectified = isSimple && differences.map(\.text) == ["F.relu"]
    if isRectified { differences = [] }
    let own = isSimple ? "RNN" : name
    if isBidirectional, !differences.isEmpty {
      throw use.unsupported(
        "reads both directions only with PyTorch's own \(own): leave "
          + differences.map(\.name).joined(separator: ", ") + " at the default")
    }
    var made: [Python] = [
      .text(features), .text(units.text), .keyword("batch_first", .text("True")),
    ]
    let hasBias = arguments["use_bias"] == .boolean(true)
    if !differences.isEmpty {
      use.writer.module.require(name, RecurrentSupport.text(of: name))
      made = [.text(features), .text(units.text)]
      if !hasBias { made.append(.keyword("bias", .text("False"))) }
      made += differences.map { .keyword($0.name, .text($0.text)) }
    } else if !hasBias {
      made.insert(.keyword("bias", .text("False")), at: 2)
    }
    if isRectified { made.insert(.keyword("nonlinearity", .text("\"relu\"")), at: 2) }
    if isBidirectional { made.append(.keyword("bidirectional", .text("True"))) }
    let hasOneBias = (isLSTM || isSimple) && hasBias && differences.isEmpty
    return Cell(
      name: differences.isEmpty ? "nn.\(own)" : name, hasStatePair: isLSTM,
      units: units, arguments: made,
      preparation: { attribute in
        guard hasOneBias else { return [] }
        return (isBidirectional ? ["", "_reverse"] : [""]).map {
          "nn.init.zeros_(\(attribute).bias_hh_l0\($0)).requires_grad_(False)"
        }
      },
      returnsSequences: arguments["return_sequences"] == .boolean(true),
      returnsState: arguments["return_state"] == .boolean(true),
      isBackwards: arguments["go_backwards"] == .boolean(true))
  }

  /// Arguments that PyTorch's own module does not have, as a class of the module's takes them.
  private static func differences(
    _ use: LayerUse, _ arguments: BoundArguments
  ) throws(EmissionError) -> [(name: String, text: String)] {
    var differences: [(name: String, text: String)] = []
    for (name, usual) in [("activation", "tanh"), ("recurrent_activation", "sigmoid")] {
      guard case .layer(let layer)? = arguments[name], layer.schema.name != usual else { continue }
      let called = try use.function(of: layer, layout: .declared)("x")
      differences.append((name, use.functionText(called)))
    }
    for name in ["dropout", "recurrent_dropout"] {
      if case .float(let rate)? = arguments[name], rate > 0 {
        differences.append((name, Python.float(rate)))
      }
    }
    if arguments["reset_after"] == .boolean(false) { differences.append(("reset_after", "False")) }
    return differences
  }

  static func recurrent(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["seed", "unit_forget_bias"])
    var arguments = BoundArguments()
    for parameter in use.schema.parameters where parameter.name != "units" {
      arguments.entries.append(
        BoundArgument(
          name: parameter.name, value: try use.uniform(parameter.name), isGiven: true, range: nil))
    }
    let cell = try cell(
      use, use.schema.name, arguments, features: try use.size(0, -1, hint: "input_size").text,
      units: try use.expression("units"), isBidirectional: false)
    if cell.hasStatePair, use.inputs.count == 2 {
      throw use.unsupported("starts an LSTM from both states, (x, h, c), or from none")
    }
    var emission = try overTime(use, [cell])
    emission.constructor = .call(cell.name, cell.arguments)
    emission.preparation = cell.preparation
    emission.sizes[cell.returnsSequences ? 2 : 1] = cell.units
    return emission
  }

  /// Cells of `RNN`, one on top of the other, as the layers that they are over time.
  static func cells(_ use: LayerUse) throws(EmissionError) -> Emission {
    var features = try use.size(0, -1, hint: "input_size").text
    var cells: [Cell] = []
    for value in try use.cells() {
      try use.refuse(["seed", "unit_forget_bias"], of: value)
      let size = value.arguments["units"] ?? .none
      let units = PythonValue(
        text: Python.literal(size) ?? "", values: use.writer.uses.map { _ in size })
      let name = String(value.schema.name.dropLast("Cell".count))
      cells.append(
        try cell(
          use, name, value.arguments, features: features, units: units, isBidirectional: false))
      features = units.text
    }
    var emission = try overTime(use, cells)
    emission.below = "cell"
    let made = cells.map { Python.call($0.name, $0.arguments) }
    guard try use.uniform("cell").elements != nil else {
      emission.constructor = made[0]
      emission.preparation = cells[0].preparation
      return emission
    }
    emission.constructor = .call("nn.ModuleList", [.list(made)])
    emission.preparation = { attribute in
      cells.enumerated().flatMap { $0.element.preparation("\(attribute)[\($0.offset)]") }
    }
    return emission
  }

  static func cellLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    throw use.unsupported(
      "runs cells over a sequence; write RNN(\(use.schema.name)(…)) on one")
  }

  /// The calls of layers over time, one on top of the other, and what is read of their results.
  private static func overTime(
    _ use: LayerUse, _ cells: [Cell]
  ) throws(EmissionError) -> Emission {
    let isBackwards = try use.isTrue("go_backwards")
    let returnsSequences = try use.isTrue("return_sequences")
    let isList = use.schema.name == "RNN" ? try use.uniform("cell").elements != nil : false
    var emission = Emission(layouts: use.inputs.map { _ in .declared }, output: .declared) { $0[0] }
    func input(_ inputs: [String]) -> String {
      isBackwards ? "\(inputs[0]).flip(1)" : inputs[0]
    }
    func called(_ module: String, _ index: Int, _ x: String, _ inputs: [String]) -> String {
      let name = isList ? "\(module)[\(index)]" : module
      if inputs.count == 1 { return "\(name)(\(x))" }
      let first = cells[..<index].reduce(1) { $0 + ($1.hasStatePair ? 2 : 1) }
      let h = "\(inputs[first]).unsqueeze(0)"
      guard cells[index].hasStatePair else { return "\(name)(\(x), \(h))" }
      return "\(name)(\(x), (\(h), \(inputs[first + 1]).unsqueeze(0)))"
    }
    guard try use.isTrue("return_state") else {
      emission.expression = { module, inputs in
        cells.indices.reduce(input(inputs)) { "\(called(module, $1, $0, inputs))[0]" }
          + (returnsSequences ? "" : "[:, -1]")
      }
      return emission
    }
    emission.statements = { module, inputs, outputs in
      var rest = outputs.dropFirst()
      var x = input(inputs)
      var lines: [String] = []
      for (index, cell) in cells.enumerated() {
        let states = rest.prefix(cell.hasStatePair ? 2 : 1)
        rest = rest.dropFirst(states.count)
        let state = cell.hasStatePair ? "(\(states.joined(separator: ", ")))" : states.joined()
        lines.append("\(outputs[0]), \(state) = \(called(module, index, x, inputs))")
        x = outputs[0]
      }
      if !returnsSequences { lines.append("\(x) = \(x)[:, -1]") }
      for output in outputs.dropFirst() where output != "_" {
        lines.append("\(output) = \(output)[0]")
      }
      return lines
    }
    return emission
  }

  static func bidirectional(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard case .layer(let inner) = try use.uniform("layer"),
      ["LSTM", "GRU", "SimpleRNN"].contains(inner.schema.name),
      let units = inner.arguments["units"]
    else { throw use.unsupported("reads only LSTM, GRU and SimpleRNN in both directions") }
    let size = PythonValue(
      text: Python.literal(units) ?? "", values: use.writer.uses.map { _ in units })
    let cell = try cell(
      use, inner.schema.name, inner.arguments,
      features: try use.size(0, -1, hint: "input_size").text, units: size, isBidirectional: true)
    try use.refuse(["backward_layer"])
    try use.refuse(["seed", "unit_forget_bias"], of: inner)
    if cell.isBackwards || cell.returnsState {
      throw use.unsupported("takes neither go_backwards nor return_state inside Bidirectional")
    }
    guard case .string(let mode) = try use.uniform("merge_mode") else {
      throw use.unsupported("needs a constant merge_mode")
    }
    var emission = Emission(
      .call(cell.name, cell.arguments), layouts: [.declared], output: .declared)
    emission.preparation = cell.preparation
    emission.isPlain = false
    emission.expression = { module, inputs in
      let call = "\(module)(\(inputs[0]))"
      if cell.returnsSequences {
        let sequence = "\(call)[0]"
        switch mode {
        case "concat": return sequence
        case "mul": return "torch.mul(*\(sequence).chunk(2, dim=-1))"
        case "ave": return "torch.add(*\(sequence).chunk(2, dim=-1)) / 2"
        default: return "torch.add(*\(sequence).chunk(2, dim=-1))"
        }
      }
      // The last step of each direction: (2, batch, units).
      let states = cell.hasStatePair ? "\(call)[1][0]" : "\(call)[1]"
      switch mode {
      case "concat": return "torch.cat(tuple(\(states)), dim=-1)"
      case "mul": return "\(states).prod(dim=0)"
      case "ave": return "\(states).mean(dim=0)"
      default: return "\(states).sum(dim=0)"
      }
    }
    return emission
  }
}
