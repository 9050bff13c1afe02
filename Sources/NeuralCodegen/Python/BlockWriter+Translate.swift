import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

// Expressions of a definition as Python says them, in terms of the constructor's arguments.
extension BlockWriter {
  /// Where an expression stands, in each use: its scope, and the values that `dim` reads.
  struct Place {
    var scopes: [Int?]
    var inputs: [[Int]?]
  }

  /// The expression in Python; `nil` where it uses what a constructor does not know, or where the
  /// translation would have other values than the source has.
  func translate(_ expression: Expression, at place: Place, values: [Value?]) -> PythonValue? {
    guard let text = text(expression, place, 0) else { return nil }
    var standsForAll = false
    for use in activeUses {
      guard let value = values[use] else { continue }
      var context = SourceContext(writer: self, use: use, place: place)
      guard let result = try? context.evaluate(expression),
        result == value || BlockWriter.stands(result, for: value)
      else { return nil }
      if value.elements != nil, result.elements == nil { standsForAll = true }
    }
    return PythonValue(
      text: text, values: values, isOperation: BlockWriter.isOperation(expression),
      standsForAll: standsForAll)
  }

  /// Whether one value stands for all entries of a tuple.
  static func stands(_ value: Value, for tuple: Value) -> Bool {
    if case .integer(let whole) = value, case .float(let number) = tuple {
      return whole.constant.map { Double($0) == number } ?? false
    }
    guard let entries = tuple.elements, !entries.isEmpty else { return false }
    return entries.allSatisfy { $0 == value || stands(value, for: $0) }
  }

  private static func isOperation(_ expression: Expression) -> Bool {
    switch expression.kind {
    case .binary, .unary, .comparison, .conditional: true
    case .parenthesized(let inner): isOperation(inner)
    default: false
    }
  }

  /// Whether an expression names anything, so that a literal would lose what the source says.
  static func hasNames(_ expression: Expression) -> Bool {
    var found = false
    expression.forEachName { _ in found = true }
    if case .call = expression.kind { return true }
    expression.forEachCall { _ in found = true }
    return found
  }

  // Python's binding strengths, as far as they are needed.
  private static let conditional = 1
  private static let or = 2
  private static let and = 3
  private static let not = 4
  private static let comparison = 5
  private static let sum = 6
  private static let product = 7
  private static let unary = 8
  private static let power = 9

  /// The text of an expression for a place that binds with `strength`.
  private func text(_ expression: Expression, _ place: Place, _ strength: Int) -> String? {
    func operand(_ expression: Expression, _ strength: Int) -> String? {
      text(expression, place, strength)
    }
    func grouped(_ text: String, _ own: Int) -> String { own < strength ? "(\(text))" : text }
    switch expression.kind {
    case .integer(let value): return value.map(String.init)
    case .float(let value): return Python.float(value)
    case .string(let value): return Python.string(value)
    case .boolean(let value): return value ? "True" : "False"
    case .none: return "None"
    case .parenthesized(let inner): return operand(inner, strength)
    case .name(let name): return self.name(name, place, strength)
    case .tuple(let elements):
      let texts = elements.compactMap { operand($0, 0) }
      guard texts.count == elements.count else { return nil }
      return texts.count == 1 ? "(\(texts[0]),)" : "(\(texts.joined(separator: ", ")))"
    case .unary(let sign, let inner):
      let own = sign == .not ? BlockWriter.not : BlockWriter.unary
      guard let text = operand(inner, own) else { return nil }
      return grouped(sign == .not ? "not \(text)" : sign.rawValue + text, own)
    case .binary(let operation, let left, let right):
      let own =
        switch operation {
        case .or: BlockWriter.or
        case .and: BlockWriter.and
        case .add, .subtract: BlockWriter.sum
        case .power: BlockWriter.power
        case .multiply, .divide, .floorDivide, .remainder: BlockWriter.product
        }
      let isRight = operation == .power
      guard let a = operand(left, isRight ? own + 1 : own),
        let b = operand(right, isRight ? own : own + 1)
      else { return nil }
      // Black writes the power of simple operands without spaces.
      let isTight = operation == .power && !a.contains(" ") && !b.contains(" ")
      return grouped(
        isTight ? "\(a)**\(b)" : "\(a) \(operation.rawValue) \(b)", own)
    case .comparison(let first, let links):
      guard var text = operand(first, BlockWriter.comparison + 1) else { return nil }
      for link in links {
        guard let b = operand(link.operand, BlockWriter.comparison + 1) else { return nil }
        let isIdentity = link.operand.kind.isNone
        let symbol =
          isIdentity && link.operator == .equal
          ? "is" : isIdentity && link.operator == .notEqual ? "is not" : link.operator.rawValue
        text += " \(symbol) \(b)"
      }
      return grouped(text, BlockWriter.comparison)
    case .conditional(let condition, let then, let otherwise):
      guard let a = operand(then, BlockWriter.or), let c = operand(condition, BlockWriter.or),
        let b = operand(otherwise, BlockWriter.conditional)
      else { return nil }
      return grouped("\(a) if \(c) else \(b)", BlockWriter.conditional)
    case .call(let call): return self.call(call, place)
    case .list, .index, .slice, .spread, .missing: return nil
    }
  }

  private func name(_ name: String, _ place: Place, _ strength: Int) -> String? {
    let use = firstActive
    guard var scope = place.scopes[use] else { return nil }
    var level = 0
    while true {
      let entry = graph(use).scopes[scope]
      if let binding = entry.lets[name] {
        var outer = place
        outer.scopes = place.scopes.enumerated().map { index, start in
          start.flatMap { ancestor(of: $0, level: level, use: index) }
        }
        return text(binding, outer, strength)
      }
      switch entry.kind {
      case .definition(_, let arguments), .composite(_, let arguments):
        guard arguments.entry(name) != nil else { return nil }
        return argument(name, level: level, place)?.text
      case .network: return nil
      default: break
      }
      guard let parent = entry.parent else { return nil }
      scope = parent
      level += 1
    }
  }

  private func ancestor(of scope: Int, level: Int, use: Int) -> Int? {
    var current = scope
    for _ in 0..<level {
      guard let parent = graph(use).scopes[current].parent else { return nil }
      current = parent
    }
    return current
  }

  /// The constructor's argument for a parameter of the definition around `place`.
  private func argument(_ name: String, level: Int, _ place: Place) -> PythonValue? {
    var values: [Value?] = uses.map { _ in nil }
    var defaults: Set<String?> = []
    for use in uses.indices {
      guard let start = place.scopes[use] ?? place.scopes[firstActive],
        let scope = active[use] ? ancestor(of: start, level: level, use: use) : definition(use)
      else { continue }
      switch graph(use).scopes[scope].kind {
      case .definition(let index, let arguments):
        values[use] = arguments[name]
        let parameter = module.definitions[index].schema.parameter(named: name)
        defaults.insert(parameter?.defaultValue.flatMap(BlockWriter.constantText))
      case .composite(let schema, let arguments):
        values[use] = arguments[name]
        defaults.insert(
          schema.parameter(named: name)?.defaultValue.flatMap(BlockWriter.constantText))
      default: continue
      }
    }
    if let index = parameters.firstIndex(where: { $0.source == .argument(name) }) {
      parameters[index].values = merged(parameters[index].values, values)
      return PythonValue(text: parameters[index].name, values: values)
    }
    guard let annotation = BlockWriter.annotation(values.compactMap { $0 }) else { return nil }
    return addParameter(
      name, annotation: annotation, .argument(name),
      default: defaults.count == 1 ? defaults.first ?? nil : nil, values)
  }

  /// The definition that a use of this class is, or is inside.
  private func definition(_ use: Int) -> Int? {
    var scope = uses[use].scope
    while true {
      switch graph(use).scopes[scope].kind {
      case .definition, .composite: return scope
      default: break
      }
      guard let parent = graph(use).scopes[scope].parent else { return nil }
      scope = parent
    }
  }

  private static func constantText(_ expression: Expression) -> String? {
    switch expression.kind {
    case .integer(let value): value.map(String.init)
    case .float(let value): Python.float(value)
    case .boolean(let value): value ? "True" : "False"
    case .parenthesized(let inner): constantText(inner)
    default: nil
    }
  }

  private func call(_ call: Call, _ place: Place) -> String? {
    let arguments = call.arguments ?? []
    if call.name.text == "dim" {
      guard arguments.count == 1, arguments[0].name == nil,
        case .integer(let axis)? = place.axis(arguments[0].value)
      else { return nil }
      let values = uses.indices.map { place.inputs[$0]?.first }
      return try? size(of: values, axis: axis, hint: "size").text
    }
    guard ["min", "max", "abs", "int", "round", "sum", "len"].contains(call.name.text),
      arguments.allSatisfy({ $0.name == nil })
    else { return nil }
    let texts = arguments.compactMap { text($0.value, place, 0) }
    guard texts.count == arguments.count else { return nil }
    return "\(call.name.text)(\(texts.joined(separator: ", ")))"
  }
}

extension BlockWriter.Place {
  /// A constant axis.
  fileprivate func axis(_ expression: Expression) -> AxisNumber? {
    switch expression.kind {
    case .integer(let value?): .integer(value)
    case .unary(.minus, let inner):
      if case .integer(let value?) = inner.kind { .integer(-value) } else { nil }
    default: nil
    }
  }

  fileprivate enum AxisNumber {
    case integer(Int)
  }
}

extension Expression.Kind {
  fileprivate var isNone: Bool { if case .none = self { true } else { false } }
}

extension Expression {
  /// Calls `body` with every call in the expression.
  func forEachCall(_ body: (Call) -> Void) {
    switch kind {
    case .call(let call):
      body(call)
      for argument in call.arguments ?? [] { argument.value.forEachCall(body) }
    case .parenthesized(let inner), .unary(_, let inner): inner.forEachCall(body)
    case .tuple(let elements), .list(let elements): for e in elements { e.forEachCall(body) }
    case .binary(_, let a, let b), .index(let a, let b):
      a.forEachCall(body)
      b.forEachCall(body)
    case .comparison(let first, let links):
      first.forEachCall(body)
      for link in links { link.operand.forEachCall(body) }
    case .conditional(let c, let a, let b):
      c.forEachCall(body)
      a.forEachCall(body)
      b.forEachCall(body)
    default: return
    }
  }
}

/// The names of a definition with their values in one use, to hold a translation against.
private struct SourceContext: EvaluationContext {
  let writer: BlockWriter
  let use: Int
  let place: BlockWriter.Place
  var facts: Facts { writer.graph(use).facts }

  mutating func lookup(_ name: String) -> Value? {
    var scope = place.scopes[use]
    while let current = scope {
      let entry = writer.graph(use).scopes[current]
      if let binding = entry.lets[name] { return try? evaluate(binding) }
      switch entry.kind {
      case .definition(_, let arguments), .composite(_, let arguments): return arguments[name]
      default: scope = entry.parent
      }
    }
    return nil
  }

  func undefined(_ name: String, _ range: SourceRange) -> EvaluationError {
    EvaluationError(.undefinedName, name, range)
  }

  mutating func evaluate(call: Call) throws(EvaluationError) -> Value {
    guard call.name.text == "dim", call.arguments?.count == 1,
      let expression = call.arguments?.first?.value,
      case .integer(.constant(let axis)) = try evaluate(expression),
      let value = place.inputs[use]?.first,
      let shape = writer.graph(use).type(of: value)?.shape
    else { throw EvaluationError(.notConstant, call.name.text, call.range) }
    let position = axis < 0 ? axis + shape.count : axis
    guard shape.indices.contains(position) else {
      throw EvaluationError(.notConstant, call.name.text, call.range)
    }
    return .integer(shape[position])
  }
}
