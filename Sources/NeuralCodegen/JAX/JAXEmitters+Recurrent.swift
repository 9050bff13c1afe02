import NeuralDimension
import NeuralModel
import NeuralSchema

// LSTM, GRU and SimpleRNN. Flax's cells keep a weight for each gate, or a bias less than Keras's GRU:
// the module brings Keras's, with its weights as they are in a file.
extension JAXEmitters {
  /// The constructor of a recurrent layer, its own or one inside Bidirectional.
  private static func cell(
    _ use: LayerUse, _ schema: LayerSchema, _ arguments: BoundArguments, units: String
  ) throws(EmissionError) -> Python {
    let features = try use.size(0, -1, hint: "in_features").text
    var given: [Python] = [.text(features), .text(units)]
    for (name, usual) in [("activation", "tanh"), ("recurrent_activation", "sigmoid")] {
      guard case .layer(let layer)? = arguments[name], layer.schema.name != usual else { continue }
      let called = try use.function(of: layer, layout: .declared)("x")
      let isBare = called.hasSuffix("(x)") && called.filter { $0 == "(" }.count == 1
      given.append(
        .keyword(name, .text(isBare ? String(called.dropLast(3)) : "lambda x: \(called)")))
    }
    if arguments["use_bias"] == .boolean(false) {
      given.append(.keyword("use_bias", .text("False")))
    }
    for name in ["dropout", "recurrent_dropout"] {
      if case .float(let rate)? = arguments[name], rate > 0 {
        given.append(.keyword(name, .text(Python.float(rate))))
      }
    }
    if arguments["reset_after"] == .boolean(false) {
      given.append(.keyword("reset_after", .text("False")))
    }
    if arguments["unit_forget_bias"] == .boolean(false) {
      given.append(.keyword("unit_forget_bias", .text("False")))
    }
    use.writer.module.require("Recurrent", JAXRecurrent.base)
    switch schema.name {
    case "LSTM": use.writer.module.require("RecurrentLSTM", JAXRecurrent.lstm)
    case "GRU": use.writer.module.require("RecurrentGRU", JAXRecurrent.gru)
    default: use.writer.module.require("RecurrentSimpleRNN", JAXRecurrent.simple)
    }
    return .call(schema.name, given + [rngs])
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
    let constructor = try cell(use, use.schema, arguments, units: units.text)
    let isBackwards = arguments["go_backwards"] == .boolean(true)
    let returnsSequences = arguments["return_sequences"] == .boolean(true)
    var emission = Emission(
      constructor, layouts: use.inputs.map { _ in .declared }, output: .declared)
    emission.isPlain = false
    func called(_ module: String, _ inputs: [String]) -> String {
      let x = isBackwards ? "\(inputs[0])[:, ::-1]" : inputs[0]
      return "\(module)(\(([x] + inputs.dropFirst()).joined(separator: ", ")))"
    }
    emission.sizes[returnsSequences ? 2 : 1] = units
    guard arguments["return_state"] == .boolean(true) else {
      emission.expression = { module, inputs in
        "\(called(module, inputs))[0]" + (returnsSequences ? "" : "[:, -1]")
      }
      return emission
    }
    emission.statements = { module, inputs, outputs in
      let states = outputs.dropFirst()
      let state =
        states.count == 1 ? "(\(states.joined()),)" : "(\(states.joined(separator: ", ")))"
      return ["\(outputs[0]), \(state) = \(called(module, inputs))"]
        + (returnsSequences ? [] : ["\(outputs[0]) = \(outputs[0])[:, -1]"])
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
    let made = try cell(use, inner.schema, inner.arguments, units: units)
    var arguments: [Python] = [made, made]
    if mode != "concat" { arguments.append(.keyword("merge_mode", .text(Python.string(mode)))) }
    if inner.arguments["return_sequences"] == .boolean(true) {
      arguments.append(.keyword("return_sequences", .text("True")))
    }
    return Emission(
      .call("Bidirectional", arguments), layouts: [.declared], output: .declared)
  }
}
