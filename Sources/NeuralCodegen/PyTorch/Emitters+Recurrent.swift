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
    _ use: LayerUse, _ schema: LayerSchema, _ arguments: BoundArguments,
    units: PythonValue, isBidirectional: Bool
  ) throws(EmissionError) -> Cell {
    let isLSTM = schema.name == "LSTM"
    // PyTorch calls the one without gates RNN, and its ReLU a nonlinearity.
    let isSimple = schema.name == "SimpleRNN"
    var differences = try differences(use, arguments)
    let isRectified = isSimple && differences.map(\.text) == ["F.relu"]
    if isRectified { differences = [] }
    let own = isSimple ? "RNN" : schema.name
    if isBidirectional, !differences.isEmpty {
      throw use.unsupported(
        "reads both directions only with PyTorch's own \(own): leave "
          + differences.map(\.name).joined(separator: ", ") + " at the default")
    }
    let features = try use.size(0, -1, hint: "input_size")
    var made: [Python] = [
      .text(features.text), .text(units.text), .keyword("batch_first", .text("True")),
    ]
    let hasBias = arguments["use_bias"] == .boolean(true)
    if !differences.isEmpty {
      use.writer.module.require(schema.name, RecurrentSupport.text(of: schema.name))
      made = [.text(features.text), .text(units.text)]
      if !hasBias { made.append(.keyword("bias", .text("False"))) }
      made += differences.map { .keyword($0.name, .text($0.text)) }
    } else if !hasBias {
      made.insert(.keyword("bias", .text("False")), at: 2)
    }
    if isRectified { made.insert(.keyword("nonlinearity", .text("\"relu\"")), at: 2) }
    if isBidirectional { made.append(.keyword("bidirectional", .text("True"))) }
    let hasOneBias = (isLSTM || isSimple) && hasBias && differences.isEmpty
    return Cell(
      name: differences.isEmpty ? "nn.\(own)" : schema.name, hasStatePair: isLSTM,
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
      let isBare = called.hasSuffix("(x)") && called.filter { $0 == "(" }.count == 1
      differences.append((name, isBare ? String(called.dropLast(3)) : "lambda x: \(called)"))
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
      use, use.schema, arguments, units: try use.expression("units"), isBidirectional: false)
    let states = use.inputs.count - 1
    if cell.hasStatePair, states == 1 {
      throw use.unsupported("starts an LSTM from both states, (x, h, c), or from none")
    }
    var emission = Emission(
      .call(cell.name, cell.arguments), layouts: use.inputs.map { _ in .declared },
      output: .declared)
    emission.preparation = cell.preparation
    emission.isPlain = false
    func called(_ module: String, _ inputs: [String]) -> String {
      let x = cell.isBackwards ? "\(inputs[0]).flip(1)" : inputs[0]
      switch inputs.count {
      case 1: return "\(module)(\(x))"
      case 2: return "\(module)(\(x), \(inputs[1]).unsqueeze(0))"
      default:
        return "\(module)(\(x), (\(inputs[1]).unsqueeze(0), \(inputs[2]).unsqueeze(0)))"
      }
    }
    emission.sizes[cell.returnsSequences ? 2 : 1] = cell.units
    guard cell.returnsState else {
      emission.expression = { module, inputs in
        "\(called(module, inputs))[0]" + (cell.returnsSequences ? "" : "[:, -1]")
      }
      return emission
    }
    emission.statements = { module, inputs, outputs in
      let state = cell.hasStatePair ? "(\(outputs[1]), \(outputs[2]))" : outputs[1]
      var lines = ["\(outputs[0]), \(state) = \(called(module, inputs))"]
      if !cell.returnsSequences { lines.append("\(outputs[0]) = \(outputs[0])[:, -1]") }
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
      use, inner.schema, inner.arguments, units: size, isBidirectional: true)
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
