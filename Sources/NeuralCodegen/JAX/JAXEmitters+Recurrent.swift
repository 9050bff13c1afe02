import NeuralDimension
import NeuralModel
import NeuralSchema

// LSTM, GRU and SimpleRNN. Flax's cells keep a weight for each gate, or a bias less than Keras's GRU:
// the module brings Keras's, with its weights as they are in a file.
extension JAXEmitters {
  /// The constructor of a recurrent layer, its own or one inside Bidirectional.
  private static func recurrence(
    _ use: LayerUse, _ name: String, _ arguments: BoundArguments, features: String, units: String
  ) throws(EmissionError) -> Python {
    var given: [Python] = [.text(features), .text(units)]
    for (argument, usual) in [("activation", "tanh"), ("recurrent_activation", "sigmoid")] {
      guard case .layer(let layer)? = arguments[argument], layer.schema.name != usual
      else { continue }
      let called = try use.function(of: layer, layout: .declared)("x")
      given.append(.keyword(argument, .text(use.functionText(called))))
    }
    if arguments["use_bias"] == .boolean(false) {
      given.append(.keyword("use_bias", .text("False")))
    }
    for argument in ["dropout", "recurrent_dropout"] {
      if case .float(let rate)? = arguments[argument], rate > 0 {
        given.append(.keyword(argument, .text(Python.float(rate))))
      }
    }
    if arguments["reset_after"] == .boolean(false) {
      given.append(.keyword("reset_after", .text("False")))
    }
    if arguments["unit_forget_bias"] == .boolean(false) {
      given.append(.keyword("unit_forget_bias", .text("False")))
    }
    use.writer.module.require("Recurrent", JAXRecurrent.base)
    switch name {
    case "LSTM": use.writer.module.require("RecurrentLSTM", JAXRecurrent.lstm)
    case "GRU": use.writer.module.require("RecurrentGRU", JAXRecurrent.gru)
    default: use.writer.module.require("RecurrentSimpleRNN", JAXRecurrent.simple)
    }
    return .call(name, given + [rngs])
  }

  static func recurrent(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["seed"])
    try refuseOptions(use)
    var arguments = BoundArguments()
    for parameter in use.schema.parameters where parameter.name != "units" {
      arguments.entries.append(
        BoundArgument(
          name: parameter.name, value: try use.uniform(parameter.name), isGiven: true, range: nil))
    }
    if use.schema.name == "LSTM", use.inputs.count == 2 {
      throw use.unsupported("starts an LSTM from both states, (x, h, c), or from none")
    }
    let units = try use.expression("units")
    let constructor = try recurrence(
      use, use.schema.name, arguments,
      features: try use.size(0, -1, hint: "in_features").text, units: units.text)
    var emission = try overTime(use, [use.schema.name == "LSTM" ? 2 : 1])
    emission.constructor = constructor
    emission.sizes[arguments["return_sequences"] == .boolean(true) ? 2 : 1] = units
    return emission
  }

  /// Cells of `RNN`, one on top of the other, as the layers that they are over time.
  static func cells(_ use: LayerUse) throws(EmissionError) -> Emission {
    let cells = try use.cells()
    var features = try use.size(0, -1, hint: "in_features").text
    var made: [Python] = []
    for cell in cells {
      try use.refuse(["seed"], of: cell)
      try refuse(cell.universal.filter { $0.key.contains("_") }.mapValues(\.value), use)
      let name = String(cell.schema.name.dropLast("Cell".count))
      let units = cell.arguments["units"].flatMap(Python.literal) ?? ""
      made.append(
        try recurrence(use, name, cell.arguments, features: features, units: units))
      features = units
    }
    var emission = try overTime(use, cells.map { $0.schema.name == "LSTMCell" ? 2 : 1 })
    let isList = try use.uniform("cell").elements != nil
    emission.constructor = isList ? .call("nnx.List", [.list(made)]) : made[0]
    emission.below = "cell"
    return emission
  }

  static func cell(_ use: LayerUse) throws(EmissionError) -> Emission {
    throw use.unsupported(
      "runs cells over a sequence; write RNN(\(use.schema.name)(…)) on one")
  }

  /// The calls of layers over time, each of so many states, and what is read of their results.
  private static func overTime(
    _ use: LayerUse, _ counts: [Int]
  ) throws(EmissionError) -> Emission {
    let isBackwards = try use.isTrue("go_backwards")
    let returnsSequences = try use.isTrue("return_sequences")
    let isList = use.schema.name == "RNN" ? try use.uniform("cell").elements != nil : false
    var emission = Emission(layouts: use.inputs.map { _ in .declared }, output: .declared) { $0[0] }
    /// The call of one of the layers on what the one below it gives.
    func called(_ module: String, _ index: Int, _ x: String, _ inputs: [String]) -> String {
      let first = counts[..<index].reduce(1, +)
      let states = inputs.count > 1 ? Array(inputs[first..<first + counts[index]]) : []
      let name = isList ? "\(module)[\(index)]" : module
      return "\(name)(\(([x] + states).joined(separator: ", ")))"
    }
    func input(_ inputs: [String]) -> String {
      isBackwards ? "\(inputs[0])[:, ::-1]" : inputs[0]
    }
    guard try use.isTrue("return_state") else {
      emission.expression = { module, inputs in
        counts.indices.reduce(input(inputs)) { "\(called(module, $1, $0, inputs))[0]" }
          + (returnsSequences ? "" : "[:, -1]")
      }
      return emission
    }
    emission.statements = { module, inputs, outputs in
      var rest = outputs.dropFirst()
      var x = input(inputs)
      var lines: [String] = []
      for (index, count) in counts.enumerated() {
        let states = rest.prefix(count)
        rest = rest.dropFirst(count)
        let state =
          count == 1 ? "(\(states.joined()),)" : "(\(states.joined(separator: ", ")))"
        lines.append("\(outputs[0]), \(state) = \(called(module, index, x, inputs))")
        x = outputs[0]
      }
      return lines + (returnsSequences ? [] : ["\(x) = \(x)[:, -1]"])
    }
    return emission
  }

  static func bidirectional(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard case .layer(let inner) = try use.uniform("layer"),
      ["LSTM", "GRU", "SimpleRNN"].contains(inner.schema.name),
      let units = inner.arguments["units"].flatMap(Python.literal)
    else { throw use.unsupported("reads only LSTM, GRU and SimpleRNN in both directions") }
    try use.refuse(["backward_layer"])
    try use.refuse(["seed", "return_state"], of: inner)
    try refuse(
      inner.universal.filter { $0.key.contains("_") }.mapValues(\.value), use)
    guard use.inputs.count == 1 else {
      throw use.unsupported("starts both directions from zeros; leave the states out")
    }
    guard case .string(let mode) = try use.uniform("merge_mode") else {
      throw use.unsupported("needs a merge_mode; write two layers for two results")
    }
    use.writer.module.require("Bidirectional", JAXRecurrent.bidirectional)
    let made = try recurrence(
      use, inner.schema.name, inner.arguments,
      features: try use.size(0, -1, hint: "in_features").text, units: units)
    var arguments: [Python] = [made, made]
    if mode != "concat" { arguments.append(.keyword("merge_mode", .text(Python.string(mode)))) }
    if inner.arguments["return_sequences"] == .boolean(true) {
      arguments.append(.keyword("return_sequences", .text("True")))
    }
    return Emission(
      .call("Bidirectional", arguments), layouts: [.declared], output: .declared)
  }
}
