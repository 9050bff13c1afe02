import NeuralDimension
import NeuralSyntax

/// What a parameter accepts (language.md, section 8).
public indirect enum ParameterType: Sendable {
  case int, float, bool, string, shape, none, layer, value
  /// A layer that a `let` names and that is used before: one with weights of its own.
  case instance
  /// A thing that the catalogue declares with this keyword: `activation`, `schedule`, …
  case declared(String)
  case literal(Value)
  case tuple([ParameterType])
  case list(ParameterType)
  case union([ParameterType])
  case refined(ParameterType, Relation, Double)
  case interval(
    ParameterType, lower: Double, includesLower: Bool, upper: Double, includesUpper: Bool)
  /// A layer of one category, or with one trait: `layer in recurrent`.
  case member(String)

  /// Keywords of declarations whose names are types.
  static let declaredKeywords: Set<String> = [
    "activation", "schedule", "initializer", "regularizer", "constraint", "optimizer", "loss",
    "metric",
  ]

  /// Reads a type as it is written; `nil` where it makes no sense, which `report` hears of.
  init?(_ expression: TypeExpression, report: (EvaluationError) -> Void) {
    switch expression.kind {
    case .name("int"): self = .int
    case .name("float"): self = .float
    case .name("bool"): self = .bool
    case .name("string"): self = .string
    case .name("shape"): self = .shape
    case .name("none"): self = .none
    case .name("layer"): self = .layer
    case .name("value"): self = .value
    case .name("instance"): self = .instance
    case .name(let name) where ParameterType.declaredKeywords.contains(name):
      self = .declared(name)
    case .name(let name):
      report(
        EvaluationError(
          .invalidArgument,
          "`\(name)` is not a type; types are int, float, bool, string, shape, "
            + "none, layer, instance, value and activation", expression.range))
      return nil
    case .literal(let literal):
      guard let value = ParameterType.constant(literal) else {
        report(EvaluationError(.notConstant, "a type needs a literal here", literal.range))
        return nil
      }
      self = value == .none ? .none : .literal(value)
    case .tuple(let entries):
      let types = entries.compactMap { ParameterType($0, report: report) }
      guard types.count == entries.count else { return nil }
      self = .tuple(types)
    case .list(let entry):
      guard let type = ParameterType(entry, report: report) else { return nil }
      self = .list(type)
    case .union(let choices):
      let types = choices.compactMap { ParameterType($0, report: report) }
      guard types.count == choices.count else { return nil }
      self = .union(types)
    case .refined(let base, let comparison, let bound):
      guard let type = ParameterType(base, report: report) else { return nil }
      guard let relation = Relation(rawValue: comparison.rawValue),
        let limit = ParameterType.number(bound)
      else {
        report(EvaluationError(.notConstant, "a bound must be a number", bound.range))
        return nil
      }
      self = .refined(type, relation, limit)
    case .interval(let base, let lower, let includesLower, let upper, let includesUpper):
      guard let type = ParameterType(base, report: report) else { return nil }
      guard let least = ParameterType.number(lower), let most = ParameterType.number(upper) else {
        report(EvaluationError(.notConstant, "a bound must be a number", expression.range))
        return nil
      }
      self = .interval(
        type, lower: least, includesLower: includesLower, upper: most,
        includesUpper: includesUpper)
    case .member(_, let category): self = .member(category.text)
    case .missing: return nil
    }
  }

  private static func constant(_ expression: Expression) -> Value? {
    var context = ConstantContext()
    return try? context.evaluate(expression)
  }

  private static func number(_ expression: Expression) -> Double? {
    guard let value = constant(expression) else { return nil }
    return try? Operators.number(value, expression.range)
  }

  /// What is accepted, in words: `an integer >= 1, or (an integer, an integer)`.
  public var description: String {
    switch self {
    case .int: "an integer"
    case .float: "a number"
    case .bool: "true or false"
    case .string: "a string"
    case .shape: "a shape"
    case .none: "none"
    case .layer: "a layer"
    case .value: "a named value"
    case .instance: "a layer that a `let` names"
    case .declared(let keyword): "the name of \(article(keyword)) \(keyword)"
    case .literal(let value): value.description
    case .tuple(let types): "(\(types.map(\.description).joined(separator: ", ")))"
    case .list(let type): "a list of \(type.description)"
    case .union(let types):
      types.count < 2
        ? types.map(\.description).joined()
        : types.dropLast().map(\.description).joined(separator: ", ") + " or "
          + (types.last?.description ?? "")
    case .refined(let type, let relation, let bound):
      "\(type.description) \(relation.rawValue) \(numberText(bound))"
    case .interval(let type, let lower, let includesLower, let upper, let includesUpper):
      "\(type.description) in \(includesLower ? "[" : "(")\(numberText(lower)), "
        + "\(numberText(upper))\(includesUpper ? "]" : ")")"
    case .member(let group):
      "\(article(group)) \(group.split(separator: "_").joined(separator: " ")) layer"
    }
  }

  /// The strings among what is accepted, for completion and suggestions.
  public var literals: [String] {
    switch self {
    case .literal(.string(let text)): [text]
    case .union(let types): types.flatMap(\.literals)
    default: []
    }
  }

  /// The keyword of declarations whose names are accepted.
  public var declaredKeyword: String? {
    switch self {
    case .declared(let keyword): keyword
    case .union(let types): types.lazy.compactMap(\.declaredKeyword).first
    default: nil
    }
  }

  /// Whether a list or a tuple is accepted as it is.
  public var takesLists: Bool {
    switch self {
    case .list, .tuple, .shape: true
    case .union(let types): types.contains(where: \.takesLists)
    default: false
    }
  }

  /// Whether a layer is accepted whose weights are shared.
  public var takesInstance: Bool {
    switch self {
    case .instance: true
    case .union(let types): types.contains(where: \.takesInstance)
    default: false
    }
  }

  /// Whether tensors are accepted.
  public var takesTensors: Bool {
    switch self {
    case .value: true
    case .union(let types): types.contains(where: \.takesTensors)
    case .tuple(let types): types.contains(where: \.takesTensors)
    case .list(let type): type.takesTensors
    default: false
    }
  }
}

private func article(_ word: String) -> String {
  "aeiou".contains(word.first ?? "x") ? "an" : "a"
}

func numberText(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? Value.text(value)
}

/// Literals and arithmetic, no names.
struct ConstantContext: EvaluationContext {
  // Stored: the thread sanitizer faults on `inout` values of no size.
  let facts = Facts()

  func lookup(_ name: String) -> Value? { nil }

  func undefined(_ name: String, _ range: SourceRange) -> EvaluationError {
    EvaluationError(.undefinedName, "`\(name)` is not known here", range)
  }

  mutating func evaluate(call: Call) throws(EvaluationError) -> Value {
    throw EvaluationError(.notConstant, "a constant is needed here", call.range)
  }
}
