import NeuralDimension
import NeuralModel
import NeuralSchema

extension PyTorchEmitters {
  static func batchNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let rank = use.rank()
    guard case .integer(.constant(let axis)) = try use.uniform("axis"), (2...5).contains(rank)
    else { throw use.unsupported("normalizes tensors of two to five axes over a constant axis") }
    let direct = use.node?.axisLayout(use.writer.graph(use.writer.firstActive))
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
    guard case .integer(.constant(let axis)) = try use.uniform("axis") else {
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
}
