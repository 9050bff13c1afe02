import NeuralDimension
import NeuralModel
import NeuralSchema

extension PyTorchEmitters {
  static func batchNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let rank = use.rank()
    guard case .integer(.constant(let axis)) = try use.uniform("axis"), (2...5).contains(rank)
    else { throw use.unsupported("normalizes tensors of two to five axes over a constant axis") }
    let direct = try use.axisLayout()
    let layout = direct ?? .declared
    let features = try use.size(0, axis, hint: "num_features")
    var arguments: [Python] = [.text(features.text)]
    let epsilon = try use.expression("epsilon")
    if epsilon.text != "1e-05" { arguments.append(.keyword("eps", .text(epsilon.text))) }
    if case .float(let momentum) = try use.uniform("momentum") {
      // Keras keeps this much of the old value, PyTorch takes this much of the new one.
      let taken = ((1 - momentum) * 1e12).rounded() / 1e12
      if taken != 0.1 { arguments.append(.keyword("momentum", .text(Python.float(taken)))) }
    }
    let isScaled = try use.isTrue("scale")
    let isCentred = try use.isTrue("center")
    if !isScaled, !isCentred { arguments.append(.keyword("affine", .text("False"))) }
    let dimensions = rank == 4 ? 2 : rank == 5 ? 3 : 1
    var emission = Emission(
      .call("nn.BatchNorm\(dimensions)d", arguments), layouts: [layout], output: layout)
    emission.preparation = { withoutParameters($0, isScaled, isCentred) }
    if direct == nil {
      emission.isPlain = false
      emission.expression = { module, inputs in
        "\(module)(\(inputs[0]).movedim(\(axis), 1)).movedim(1, \(axis))"
      }
    }
    return emission
  }

  /// Takes away the one of weight and bias that the declaration leaves out.
  private static func withoutParameters(
    _ attribute: String, _ isScaled: Bool, _ isCentred: Bool
  ) -> [String] {
    if isScaled == isCentred { return [] }
    return ["\(attribute).register_parameter(\"\(isScaled ? "bias" : "weight")\", None)"]
  }

  static func layerNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard let axis = oneAxis(try use.uniform("axis")) else {
      throw use.unsupported("normalizes one axis; write Reshape around it for several")
    }
    let rank = use.rank()
    let features = try use.size(0, axis, hint: "num_features")
    var arguments: [Python] = [.text(features.text)]
    let epsilon = try use.expression("epsilon")
    if epsilon.text != "1e-05" { arguments.append(.keyword("eps", .text(epsilon.text))) }
    let isScaled = try use.isTrue("scale")
    let isCentred = try use.isTrue("center")
    if !isScaled, !isCentred { arguments.append(.keyword("elementwise_affine", .text("False"))) }
    var emission = Emission(
      .call("nn.LayerNorm", arguments), layouts: [.declared], output: .declared)
    emission.preparation = { withoutParameters($0, isScaled, isCentred) }
    if axis != -1, axis != rank - 1 {
      emission.isPlain = false
      emission.expression = { module, inputs in
        "\(module)(\(inputs[0]).movedim(\(axis), -1)).movedim(-1, \(axis))"
      }
    }
    return emission
  }

  static func groupNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let features = try use.size(0, try IndexEmitters.constantAxis(use), hint: "num_channels").text
    let given = try use.expression("groups").text
    let isScaled = try use.isTrue("scale")
    let isCentred = try use.isTrue("center")
    var arguments: [Python] = [.text(given == "-1" ? features : given), .text(features)]
    let epsilon = try use.expression("epsilon").text
    if epsilon != "1e-05" { arguments.append(.keyword("eps", .text(epsilon))) }
    if !isScaled, !isCentred { arguments.append(.keyword("affine", .text("False"))) }
    return try overChannels(use, .call("nn.GroupNorm", arguments)) {
      withoutParameters($0, isScaled, isCentred)
    }
  }

  static func instanceNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let rank = use.rank()
    guard (3...5).contains(rank) else {
      throw use.unsupported("normalizes over one to three axes; write Reshape around it")
    }
    let features = try use.size(0, try IndexEmitters.constantAxis(use), hint: "num_features").text
    var arguments: [Python] = [.text(features)]
    let epsilon = try use.expression("epsilon").text
    if epsilon != "1e-05" { arguments.append(.keyword("eps", .text(epsilon))) }
    if try use.isTrue("affine") { arguments.append(.keyword("affine", .text("True"))) }
    return try overChannels(use, .call("nn.InstanceNorm\(rank - 2)d", arguments)) { _ in [] }
  }

  /// A module that wants the channels second.
  private static func overChannels(
    _ use: LayerUse, _ constructor: Python, _ preparation: @escaping (String) -> [String]
  ) throws(EmissionError) -> Emission {
    let axis = try IndexEmitters.constantAxis(use)
    let direct = try use.axisLayout()
    let layout = direct ?? .declared
    var emission = Emission(constructor, layouts: [layout], output: layout)
    emission.preparation = preparation
    if direct == nil {
      emission.isPlain = false
      emission.expression = { module, inputs in
        "\(module)(\(inputs[0]).movedim(\(axis), 1)).movedim(1, \(axis))"
      }
    }
    return emission
  }

  static func rmsNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard let axis = oneAxis(try use.uniform("axis")) else {
      throw use.unsupported("normalizes one axis; write Reshape around it for several")
    }
    let features = try use.size(0, axis, hint: "num_features").text
    let epsilon = try use.expression("epsilon").text
    var emission = Emission(
      .call("nn.RMSNorm", [.text(features), .keyword("eps", .text(epsilon))]),
      layouts: [.declared], output: .declared)
    if axis != -1, axis != use.rank() - 1 {
      emission.isPlain = false
      emission.expression = { module, inputs in
        "\(module)(\(inputs[0]).movedim(\(axis), -1)).movedim(-1, \(axis))"
      }
    }
    return emission
  }

  /// An axis, or a list of one.
  private static func oneAxis(_ value: Value) -> Int? {
    if case .integer(let axis) = value { return axis.constant }
    guard let list = value.dimensions, list.count == 1 else { return nil }
    return list[0].constant
  }

  /// Keras's smallest sum of squares, 1e-12, is that of a length of 1e-6.
  static func unitNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let value = try use.uniform("axis")
    guard let axes = oneAxis(value).map(String.init) ?? Python.literal(.tuple(value.elements ?? []))
    else { throw use.unsupported("needs constant axes") }
    return Emission(layouts: [.declared], output: .declared) {
      "F.normalize(\($0[0]), dim=\(axes), eps=1e-6)"
    }
  }

  static func localResponse(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    var arguments: [Python] = [.text(try use.expression("size").text)]
    for (name, usual) in [("alpha", "0.0001"), ("beta", "0.75"), ("k", "1.0")] {
      let text = try use.expression(name).text
      if text != usual { arguments.append(.keyword(name, .text(text))) }
    }
    return Emission(
      .call("nn.LocalResponseNorm", arguments), layouts: [layout], output: layout)
  }
}
