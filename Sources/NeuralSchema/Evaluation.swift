import NeuralDimension
import NeuralSyntax

/// Why an expression has no value, at the place that is at fault.
public struct EvaluationError: Error, Sendable {
  public var code: DiagnosticCode
  public var message: String
  public var range: SourceRange
  /// A replacement for `range` that would mend it.
  public var replacement: String?

  public init(
    _ code: DiagnosticCode, _ message: String, _ range: SourceRange, replacement: String? = nil
  ) {
    self.code = code
    self.message = message
    self.range = range
    self.replacement = replacement
  }
}

/// Where the names of an expression come from. Networks and shape rules each have their own; the
/// meaning of operators and functions (language.md, section 5) is the same in both.
public protocol EvaluationContext {
  var facts: Facts { get }
  /// The value of a name; a context may note that it was used.
  mutating func lookup(_ name: String) -> Value?
  /// Whether `name[2]` can be a name of its own, as `-> skips[i]` makes them.
  var hasIndexedNames: Bool { get }
  /// The value of an undefined name: an error that says what is near.
  func undefined(_ name: String, _ range: SourceRange) -> EvaluationError
  /// Calls that `Functions` does not know: layers, `dim`, the functions of shape rules.
  mutating func evaluate(call: Call) throws(EvaluationError) -> Value
  /// Told of work before it is done, so that a context can bound it.
  mutating func spend(_ steps: Int) throws(EvaluationError)
  /// Told of expressions that are not evaluated, because an `if` or an `and` decided otherwise.
  mutating func skip(_ expression: Expression)
}

extension EvaluationContext {
  public var hasIndexedNames: Bool { false }

  public mutating func spend(_ steps: Int) throws(EvaluationError) {}

  public mutating func skip(_ expression: Expression) {}

  public mutating func evaluate(_ expression: Expression) throws(EvaluationError) -> Value {
    try spend(1)
    switch expression.kind {
    case .integer(let value):
      guard let value else {
        throw EvaluationError(
          .integerOverflow, "this integer does not fit in 64 bits", expression.range)
      }
      return .integer(.constant(value))
    case .float(let value): return .float(value)
    case .string(let value): return .string(value)
    case .boolean(let value): return .boolean(value)
    case .none: return .none
    case .missing: return .unknown
    case .name(let name):
      if let value = lookup(name) { return value }
      throw undefined(name, expression.range)
    case .parenthesized(let inner): return try evaluate(inner)
    case .tuple(let elements): return .tuple(try evaluate(elements: elements))
    case .list(let elements): return .list(try evaluate(elements: elements))
    case .call(let call):
      if let function = Functions.named(call.name.text), lookup(call.name.text) == nil {
        return try apply(function, call)
      }
      return try evaluate(call: call)
    case .index(let base, let index):
      let place = try evaluate(index)
      if hasIndexedNames, case .name(let name) = base.kind,
        case .integer(.constant(let number)) = place, let value = lookup("\(name)[\(number)]")
      {
        return value
      }
      return try Operators.index(evaluate(base), place, expression.range)
    case .slice(let base, let start, let end):
      let sequence = try evaluate(base)
      try spend((sequence.elements?.count ?? 0) / 8)
      let from = try start.map { e throws(EvaluationError) in try evaluate(e) }
      let to = try end.map { e throws(EvaluationError) in try evaluate(e) }
      return try Operators.slice(sequence, from, to, expression.range)
    case .unary(let sign, let operand):
      return try Operators.unary(sign, evaluate(operand), expression.range)
    case .binary(.and, let left, let right):
      return try junction(left, right, isAnd: true)
    case .binary(.or, let left, let right):
      return try junction(left, right, isAnd: false)
    case .binary(let operation, let left, let right):
      let (a, b) = (try evaluate(left), try evaluate(right))
      let result = try Operators.binary(operation, a, b, expression.range)
      try spend((result.elements?.count ?? 0) / 8)
      return result
    case .comparison(let first, let links):
      return try comparison(first, links)
    case .conditional(let condition, let then, let otherwise):
      guard let holds = try decide(condition) else {
        skip(then)
        skip(otherwise)
        return .unknown
      }
      skip(holds ? otherwise : then)
      return try evaluate(holds ? then : otherwise)
    case .spread:
      throw EvaluationError(
        .invalidArgument, "`...` can stand only in a tuple or a list", expression.range)
    }
  }

  /// The elements of a tuple or a list, spreads opened.
  private mutating func evaluate(elements: [Expression]) throws(EvaluationError) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements {
      if case .spread(let inner) = element.kind {
        guard let inner else {
          throw EvaluationError(.invalidArgument, "`...` needs a name here", element.range)
        }
        let value = try evaluate(inner)
        if value == .unknown {
          values.append(.unknown)
          continue
        }
        guard let spread = value.elements else {
          throw EvaluationError(
            .invalidArgument, "`...` needs a tuple, this is \(value.typeName)", inner.range)
        }
        values += spread
      } else {
        values.append(try evaluate(element))
      }
    }
    try spend(values.count / 8)
    if Operators.isTooLarge(values), let place = elements.first?.range {
      // One that holds what was too large already is no further mistake.
      if values.contains(where: \.isUnknown) { return [.unknown] }
      throw Operators.tooLarge("sequence", place)
    }
    return values
  }

  /// The truth of `expression`, where constants decide it; `nil` where an operand is unknown.
  public mutating func decide(_ expression: Expression) throws(EvaluationError) -> Bool? {
    let value = try evaluate(expression)
    if value.isUnknown { return nil }
    if case .condition(let condition) = value {
      switch condition.verdict(facts) {
      case .proved: return true
      case .refuted, .unknown:
        throw EvaluationError(
          .notConstant, "this condition depends on a size that is not known before running",
          expression.range)
      }
    }
    return Operators.truth(value)
  }

  private mutating func junction(
    _ left: Expression, _ right: Expression, isAnd: Bool
  ) throws(EvaluationError) -> Value {
    let first = try evaluate(left)
    if first.isUnknown {
      skip(right)
      return .unknown
    }
    if case .condition(let condition) = first {
      let second = try evaluate(right)
      let other: Condition
      if case .condition(let undecided) = second {
        other = undecided
      } else if second.isUnknown {
        return .unknown
      } else {
        other = .constant(Operators.truth(second))
      }
      return .condition(isAnd ? .all([condition, other]) : .any([condition, other]))
    }
    // Python's: the operand that decides is the value.
    if Operators.truth(first) == isAnd { return try evaluate(right) }
    skip(right)
    return first
  }

  private mutating func comparison(
    _ first: Expression, _ links: [Comparison]
  ) throws(EvaluationError) -> Value {
    var left = try evaluate(first)
    var undecided: [Condition] = []
    for link in links {
      let right = try evaluate(link.operand)
      let result = try Operators.compare(
        left, link.operator, right, first.range.joined(with: link.operand.range))
      switch result {
      case .boolean(true): break
      case .boolean(false):
        for later in links.drop(while: { $0.operand.range != link.operand.range }).dropFirst() {
          skip(later.operand)
        }
        return .boolean(false)
      case .condition(let condition): undecided.append(condition)
      default: return .unknown
      }
      left = right
    }
    switch undecided.count {
    case 0: return .boolean(true)
    case 1: return .condition(undecided[0])
    default: return .condition(.all(undecided))
    }
  }

  private mutating func apply(
    _ function: Functions, _ call: Call
  ) throws(EvaluationError) -> Value {
    var values: [Value] = []
    for argument in call.arguments ?? [] {
      if let name = argument.name {
        throw EvaluationError(
          .unknownArgument, "`\(call.name.text)` takes no argument by name", name.range)
      }
      if case .spread(let inner?) = argument.value.kind {
        values += try evaluate(inner).elements ?? [.unknown]
      } else {
        values.append(try evaluate(argument.value))
      }
    }
    let result = try function.apply(values, call.range)
    try spend(values.reduce(result.elements?.count ?? 0) { $0 + ($1.elements?.count ?? 0) } / 8)
    return result
  }
}
