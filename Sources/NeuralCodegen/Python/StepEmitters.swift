import NeuralDimension
import NeuralModel
import NeuralSchema

/// A layer for each step of a sequence: batch and steps together are its batch.
struct StepEmitters: Sendable {
  /// The function of the module's own that calls a layer so, by the name `over_time`.
  var support: String

  func timeDistributed(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard case .layer(let layer) = try use.uniform("layer") else {
      throw use.unsupported("needs one layer")
    }
    guard try !use.uniformWeights().contains(where: { $0.name.hasSuffix("/moving_mean") }) else {
      throw use.unsupported(
        "keeps no moving statistics step by step; write a normalization without them, such as "
          + "LayerNormalization")
    }
    let inner = try LayerUse(layer, eachStepOf: use, below: "layer")
    let written = try inner.emission()
    guard written.statements == nil else {
      throw use.unsupported("applies layers of one result to each step")
    }
    use.writer.module.require("over_time", support)
    let rank = use.writer.rank(use.outputs[0]) - 1
    let given = moved(
      "step", from: .declared, to: written.inputLayouts.first ?? .declared, inner.rank(), use)
    var emission = Emission(layouts: [.declared], output: .declared) { $0[0] }
    emission.constructor = written.constructor
    emission.preparation = written.preparation
    emission.below = "layer"
    emission.expression = { module, inputs in
      let called = moved(
        written.expression(module, [given]), from: written.outputLayout, to: .declared, rank, use)
      return "over_time(\(StepEmitters.function(called)), \(inputs[0]))"
    }
    for (axis, size) in written.sizes { emission.sizes[axis == 0 ? 0 : axis + 1] = size }
    return emission
  }

  private func moved(
    _ text: String, from: Layout, to: Layout, _ rank: Int, _ use: LayerUse
  ) -> String {
    if from == to || rank < 3 { return text }
    let isSecond = to == .channelsSecond || from == .channelsLast
    return use.target.moved(text, isSecond ? .channelsSecond : .channelsLast)
  }

  /// What is called on a step: the function itself where that is all.
  private static func function(_ called: String) -> String {
    let name = called.hasSuffix("(step)") ? String(called.dropLast("(step)".count)) : ""
    let isName =
      !name.isEmpty && name.allSatisfy { $0.isLetter || $0.isNumber || "._".contains($0) }
    return isName ? name : "lambda step: \(called)"
  }
}
