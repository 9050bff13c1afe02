@testable import NeuralSyntax

/// Writes what was read compactly enough to be expected by hand. Nearly the language itself, with
/// every grouping made visible: `(a + (b * c))`.
enum Dump {
  static func file(_ file: SourceFile) -> String {
    file.declarations.map(declaration).joined(separator: "\n")
  }

  static func declaration(_ declaration: Declaration) -> String {
    switch declaration {
    case .import(let item):
      return "import \(item.names.map(\.text).joined(separator: ",")) from \(item.path)"
    case .definition(let item):
      return doc(item.documentation)
        + "define \(item.name.text)(\(list(item.parameters, parameter))) "
        + block(item.body)
    case .network(let item):
      return doc(item.documentation)
        + "network \(item.name.text)(\(list(item.parameters, parameter)))"
        + item.sections.map { "\n  " + section($0) }.joined()
    case .layer(let item):
      return doc(item.documentation)
        + "\(item.keyword.text) \(item.name.text)(\(list(item.parameters, parameter)))"
        + item.items.map { "\n  " + layerItem($0) }.joined()
    case .research(let item):
      return doc(item.documentation) + "research \(item.name?.text ?? "_") "
        + "{\(list(item.entries, setting))}"
    }
  }

  static func doc(_ text: String?) -> String { text.map { "[\($0)] " } ?? "" }

  static func list<T>(_ items: [T], _ write: (T) -> String) -> String {
    items.map(write).joined(separator: ", ")
  }

  static func section(_ section: Section) -> String {
    let word = doc(section.documentation) + section.keyword.text + ": "
    switch section.value {
    case .inputs(let inputs, let conditions):
      return word + list(inputs, input)
        + (conditions.isEmpty ? "" : " where " + list(conditions, expression))
    case .statements(let body): return word + block(body)
    case .expressions(let values): return word + list(values, expression)
    case .settings(let settings): return word + "{\(list(settings, setting))}"
    case .missing: return word + "?"
    }
  }

  static func setting(_ setting: Setting) -> String {
    let word = doc(setting.documentation) + setting.name.text + ": "
    switch setting.value {
    case .expression(let value): return word + expression(value)
    case .group(let settings): return word + "{\(list(settings, self.setting))}"
    }
  }

  static func input(_ input: Input) -> String {
    var parts: [String] = []
    if let name = input.name { parts.append((input.isVariadic ? "..." : "") + name.text) }
    if let dtype = input.dtype { parts.append("<\(dtype.text)>") }
    if let shape = input.shape { parts.append(expression(shape)) }
    if let value = input.defaultValue { parts.append("= " + expression(value)) }
    return parts.joined(separator: " ")
  }

  static func parameter(_ parameter: Parameter) -> String {
    ([parameter.name] + parameter.aliases).map(\.text).joined(separator: "|")
      + (parameter.type.map { ": " + type($0) } ?? "")
      + (parameter.defaultValue.map { " = " + expression($0) } ?? "")
  }

  static func block(_ block: Block) -> String { "{\(statements(block))}" }

  static func statements(_ block: Block) -> String {
    block.statements.map(statement).joined(separator: "; ")
  }

  static func statement(_ statement: Statement) -> String {
    let text: String
    switch statement.kind {
    case .flow(let flow): text = flow.elements.map(element).joined(separator: " -> ")
    case .binding(let name, let value): text = "let \(name.text) = \(expression(value))"
    case .loop(let variables, let sequence, let body):
      text = "for \(list(variables, \.text)) in \(expression(sequence)) \(block(body))"
    case .conditional(let arms, let otherwise):
      text =
        arms.map { "if \(expression($0.condition)) \(block($0.body))" }.joined(separator: " else ")
        + (otherwise.map { " else " + block($0) } ?? "")
    }
    return doc(statement.documentation) + text
  }

  static func element(_ element: FlowElement) -> String {
    switch element {
    case .step(let step):
      return call(step.call) + (step.call.block.map { " " + block($0) } ?? "")
        + (step.repetition.map { " * " + expression($0) } ?? "")
        + (step.device.map { " @ " + expression($0) } ?? "")
    case .value(let value): return "=" + expression(value)
    case .values(let values, _): return "(\(list(values, expression)))"
    }
  }

  static func call(_ call: Call) -> String {
    call.name.text + (call.arguments.map { "(\(list($0, argument)))" } ?? "")
  }

  static func argument(_ argument: Argument) -> String {
    (argument.name.map { $0.text + (argument.usesColon ? ": " : "=") } ?? "")
      + expression(argument.value)
  }

  static func expression(_ value: Expression) -> String {
    switch value.kind {
    case .integer(let number): return number.map { "\($0)" } ?? "overflow"
    case .float(let number): return "\(number)"
    case .string(let text): return "'\(text)'"
    case .boolean(let value): return "\(value)"
    case .none: return "none"
    case .name(let text): return text
    case .parenthesized(let inner): return "<\(expression(inner))>"
    case .tuple(let parts): return "(\(list(parts, expression))\(parts.count == 1 ? "," : ""))"
    case .list(let parts): return "[\(list(parts, expression))]"
    case .call(let call): return self.call(call)
    case .index(let base, let place): return "\(expression(base))[\(expression(place))]"
    case .slice(let base, let lower, let upper):
      return "\(expression(base))[\(lower.map(expression) ?? ""):\(upper.map(expression) ?? "")]"
    case .unary(let sign, let operand):
      return "(\(sign.rawValue)\(sign == .not ? " " : "")\(expression(operand)))"
    case .binary(let sign, let left, let right):
      return "(\(expression(left)) \(sign.rawValue) \(expression(right)))"
    case .comparison(let first, let links):
      return "(\(expression(first))"
        + links.map { " \($0.operator.rawValue) \(expression($0.operand))" }.joined() + ")"
    case .conditional(let condition, let then, let otherwise):
      return "(\(expression(then)) if \(expression(condition)) else \(expression(otherwise)))"
    case .spread(let inner): return "..." + (inner.map(expression) ?? "")
    case .missing: return "?"
    }
  }

  static func type(_ value: TypeExpression) -> String {
    switch value.kind {
    case .name(let text): return text
    case .literal(let literal): return expression(literal)
    case .tuple(let parts): return "(\(list(parts, type)))"
    case .list(let part): return "[\(type(part))]"
    case .union(let parts): return parts.map(type).joined(separator: " | ")
    case .refined(let base, let sign, let bound):
      return "\(type(base)) \(sign.rawValue) \(expression(bound))"
    case .interval(let base, let lower, let includesLower, let upper, let includesUpper):
      return "\(type(base)) in \(includesLower ? "[" : "(")\(expression(lower)), "
        + "\(expression(upper))\(includesUpper ? "]" : ")")"
    case .member(let base, let category): return "\(type(base)) in \(category.text)"
    case .missing: return "?"
    }
  }

  static func layerItem(_ item: LayerItem) -> String {
    switch item {
    case .input(let inputs, _): return "input: " + list(inputs, input)
    case .output(let values, _): return "output: " + list(values, expression)
    case .binding(let name, let value): return "let \(name.text) = \(expression(value))"
    case .require(let condition, let message, let code, _):
      return "require \(expression(condition))" + (message.map { ", " + expression($0) } ?? "")
        + (code.map { " as " + $0.text } ?? "")
    case .conditional(let arms, let otherwise):
      return arms.map { "if \(expression($0.condition)) {\(items($0.items))}" }
        .joined(separator: " else ") + (otherwise.isEmpty ? "" : " else {\(items(otherwise))}")
    case .weights(let entries, _): return "weights {\(list(entries, weight))}"
    case .state(let entries, _): return "state {\(list(entries, weight))}"
    case .macs(let value): return "macs: " + expression(value)
    case .body(let body): return "body " + block(body)
    case .entry(let name, let values): return "\(name.text): " + list(values, expression)
    }
  }

  static func items(_ items: [LayerItem]) -> String {
    items.map(layerItem).joined(separator: "; ")
  }

  static func weight(_ entry: WeightEntry) -> String {
    "\(entry.name.text): \(expression(entry.shape))"
      + (entry.initialValue.map { " = " + expression($0) } ?? "")
      + (entry.condition.map { " when " + expression($0) } ?? "")
  }
}
