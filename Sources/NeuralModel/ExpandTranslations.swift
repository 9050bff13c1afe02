import NeuralSchema
import NeuralSyntax

// PyTorch's signatures: calls that stand for a declared layer.
extension Expander {
  /// The layer that a call stands for, with a hint that shows it; `nil` after an error.
  mutating func translate(_ schema: LayerSchema, _ binding: Binding, _ call: Call) -> Translation? {
    guard !binding.isBroken, !binding.arguments.entries.contains(where: { $0.value.isUnknown })
    else { return nil }
    do {
      let translation = try ShapeRule.translate(schema, binding, catalogue: catalogue)
      hint(translation, of: call)
      return translation
    } catch {
      let place = error.parameter.flatMap { binding.arguments.entry($0)?.range }
      report(error.code, error.message, place ?? call.name.range)
      return nil
    }
  }

  private mutating func hint(_ translation: Translation, of call: Call) {
    guard compositeLocation == nil else { return }
    let text = translation.text { argument in
      argument.valueRange.flatMap { range in source?.text(of: range) }
    }
    let name = translation.layer.schema.name
    var finding = Finding(
      .layerSpelling,
      "`\(call.name.text)` is PyTorch's; here it is `\(text ?? name)`", location(call.name.range))
    if let text {
      finding = finding.fixing("Write `\(text)`", [(location(call.range), text)])
    }
    add(finding)
  }

  /// The layers that a call in PyTorch's words stands for, one after the other.
  mutating func applyTranslation(
    _ schema: LayerSchema, _ binding: Binding, _ call: Call, inputs: [Int]?,
    _ context: StepContext
  ) -> [Int]? {
    guard let translation = translate(schema, binding, call) else { return [unknownValue()] }
    let operands = (inputs ?? []) + operandIDs(binding)
    guard inputs != nil || !operands.isEmpty else {
      _ = missingInput(call)
      return [unknownValue()]
    }
    // Its parentheses hold another signature: nothing of the layer's own can be added there.
    var call = call
    call.argumentsRange = nil
    var context = context
    var layer = translation.layer
    var values = operands
    if translation.order.count == operands.count,
      translation.order.allSatisfy(operands.indices.contains)
    {
      values = translation.order.map { operands[$0] }
    }
    for index in 1...max(1, translation.times) {
      charge(1)
      if budget.isExhausted { return [unknownValue()] }
      if translation.times > 1 { context.repetition = index }
      values = addNode(
        layer.schema, Binding(arguments: layer.arguments, universal: layer.universal),
        inputs: values, call: call, context,
        place: path(for: layer.schema, layer.universal, context),
        instance: nil)
      layer.arguments.expectations = []
    }
    return values
  }
}
