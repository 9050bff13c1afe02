import NeuralDimension
import NeuralSyntax

/// A call in another framework's words as the declared layer that it stands for.
public struct Translation: Sendable {
  public var layer: LayerValue
  /// The places of the layer's inputs among those of the other framework, where they differ.
  public var order: [Int] = []
  /// How often it stands one after the other, each with weights of its own.
  public var times = 1
  /// The layer as the declaration writes it, in terms of `arguments`.
  let call: Call
  /// The arguments of the other framework's call.
  let arguments: BoundArguments

  /// The layer's call as Neural writes it; `written` gives the text of an argument. `nil` where a
  /// computed argument depends on more than literals.
  public func text(_ written: (BoundArgument) -> String?) -> String? {
    guard let once = text(call, layer, written) else { return nil }
    return times == 1 ? once : "\(once) * \(times)"
  }

  private func text(
    _ call: Call, _ layer: LayerValue, _ written: (BoundArgument) -> String?
  ) -> String? {
    var parts: [String] = []
    var isPositional = true
    for (index, argument) in (call.arguments ?? []).enumerated() {
      guard let place = layer.place(of: argument, at: index) else { return nil }
      let entry = layer.arguments.entries[place]
      if layer.schema.parameters[place].isDefault(entry.value) {
        isPositional = false
        continue
      }
      guard let text = text(argument.value, entry.value, written) else { return nil }
      isPositional = isPositional && argument.name == nil
      parts.append(isPositional ? text : "\(entry.name)=\(text)")
    }
    return "\(layer.schema.name)(\(parts.joined(separator: ", ")))"
  }

  private func text(
    _ expression: Expression, _ value: Value, _ written: (BoundArgument) -> String?
  ) -> String? {
    if case .call(let call) = expression.kind, case .layer(let inner) = value {
      return text(call, inner, written)
    }
    if case .parenthesized(let inner) = expression.kind { return text(inner, value, written) }
    if case .conditional(_, let then, let otherwise) = expression.kind {
      // Which arm it was shows in the value.
      var context = ConstantContext()
      let isThen = (try? context.evaluate(then)).map { $0 == value } ?? false
      return text(isThen ? then : otherwise, value, written)
    }
    if case .name(let name) = expression.kind, let argument = arguments.entry(name),
      argument.isGiven
    {
      return written(argument)
    }
    var isLiteral = true
    expression.forEachName { name in
      guard let given = arguments.entry(name), given.isGiven else { return }
      isLiteral = isLiteral && given.expression?.isLiteral ?? false
    }
    return isLiteral ? value.compact.description : nil
  }
}

extension LayerValue {
  /// The parameter that an argument of its call is for.
  fileprivate func place(of argument: Argument, at index: Int) -> Int? {
    guard let name = argument.name?.text else {
      return schema.parameters.indices.contains(index) ? index : nil
    }
    return schema.parameters.firstIndex { $0.name == name || $0.aliases.contains(name) }
  }
}

extension Value {
  /// One value for a tuple of equal entries, as one writes it.
  fileprivate var compact: Value {
    guard case .tuple(let entries) = self, let first = entries.first,
      entries.allSatisfy({ $0 == first })
    else { return self }
    return first.compact
  }
}

extension ParameterSchema {
  fileprivate func isDefault(_ value: Value) -> Bool {
    var context = ConstantContext()
    guard let defaultValue, let constant = try? context.evaluate(defaultValue) else { return false }
    if case .fits(let fitted)? = type?.coerce(constant, Catalogue.builtin) {
      return fitted == value
    }
    return constant == value
  }
}

extension Expression {
  fileprivate var isLiteral: Bool {
    switch kind {
    case .integer, .float, .string, .boolean, .none: true
    case .parenthesized(let inner), .unary(_, let inner): inner.isLiteral
    case .tuple(let entries), .list(let entries): entries.allSatisfy(\.isLiteral)
    default: false
    }
  }
}

// Signatures of other frameworks: `becomes`, `times` and `expects` of their declarations.
extension ShapeRule {
  /// The declared layer that a call in another framework's words stands for. What has no
  /// counterpart fails one of the declaration's requirements.
  public static func translate(
    _ schema: LayerSchema, _ binding: Binding, catalogue: Catalogue
  ) throws(RuleFailure) -> Translation {
    var rule = ShapeRule(
      schema, binding.arguments, [], labels: [], facts: Facts(), catalogue: catalogue, depth: 0)
    try rule.run(schema.items)
    guard var translation = rule.translation else {
      throw RuleFailure(
        code: .invalidArgument, message: "`\(schema.name)` stands for no layer here",
        isDeclarationFault: true)
    }
    translation.layer.universal = binding.universal
    translation.layer.arguments.expectations = rule.expectations
    translation.layer.arguments.ranks = rule.ranks
    return translation
  }

  /// Whether the arguments of an optimizer, schedule or the like satisfy its declaration.
  public static func check(
    _ schema: LayerSchema, _ arguments: BoundArguments, catalogue: Catalogue
  ) throws(RuleFailure) {
    var rule = ShapeRule(
      schema, arguments, [], labels: [], facts: Facts(), catalogue: catalogue, depth: 0)
    try rule.run(schema.items)
  }

  mutating func readTranslation(_ key: Name, _ values: [Expression]) throws(RuleFailure) {
    guard let expression = values.first else { return }
    switch key.text {
    case "becomes":
      guard case .call(let call) = expression.kind, case .layer(let layer) = try value(expression)
      else { return }
      translation = Translation(layer: located(layer, as: call), call: call, arguments: arguments)
    case "times":
      if case .integer(let times) = try value(expression) {
        translation?.times = times.constant ?? 1
      }
    case "expects":
      for case .comparison(let size, let links) in values.map(\.kind) {
        guard case .name(let name) = size.kind, case .name(let stated)? = links.first?.operand.kind,
          let argument = arguments.entry(stated), argument.isGiven, argument.value != .none
        else { continue }
        expectations.append(Expectation(size: name, argument: argument))
      }
    case "ranks", "order":
      var numbers: [Int] = []
      for expression in values {
        if case .integer(let number) = try value(expression), let constant = number.constant {
          numbers.append(constant)
        }
      }
      if key.text == "ranks" { ranks = numbers } else { translation?.order = numbers }
    default: return
    }
  }

  /// The layer with its arguments at the places where the other framework's call gives them.
  private func located(_ layer: LayerValue, as call: Call) -> LayerValue {
    var layer = layer
    for (index, argument) in (call.arguments ?? []).enumerated() {
      guard let place = layer.place(of: argument, at: index) else { continue }
      var given: [BoundArgument] = []
      argument.value.forEachName { name in
        if let entry = arguments.entry(name), entry.isGiven { given.append(entry) }
      }
      let isWhole = if case .name = argument.value.kind { true } else { false }
      let own = layer.arguments.entries[place]
      // Its defaults are the other framework's, which the layout of the network does not change.
      var entry = BoundArgument(
        name: own.name, value: own.value, isGiven: true, range: given.first?.range,
        valueRange: given.first?.valueRange, expression: isWhole ? given.first?.expression : nil)
      if case .call(let inner) = argument.value.kind, case .layer(let nested) = entry.value {
        entry.value = .layer(located(nested, as: inner))
      }
      layer.arguments.entries[place] = entry
    }
    return layer
  }
}
