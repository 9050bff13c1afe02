import NeuralSyntax

/// The names that a layer's rule uses, held against those that it knows at that place: a mistake in
/// a declaration is found before anyone uses the layer.
public struct RuleNames {
  public private(set) var errors: [EvaluationError] = []
  /// Parameters, dimensions and `let` names, in the order in which they come.
  public private(set) var bound: [String] = []

  private let schema: LayerSchema
  private let catalogue: Catalogue

  public init(_ schema: LayerSchema, _ catalogue: Catalogue) {
    self.schema = schema
    self.catalogue = catalogue
    bound = schema.parameters.map(\.name)
    read(schema.items)
  }

  private mutating func read(_ items: [LayerItem]) {
    for item in items {
      switch item {
      case .input(let patterns, _): for pattern in patterns { bind(pattern) }
      case .output(let expressions, _): for expression in expressions { check(expression) }
      case .binding(let name, let expression):
        check(expression)
        bound.append(name.text)
      case .require(let condition, _, let code, _):
        check(condition)
        if let code, DiagnosticCode(rawValue: code.text) == nil {
          let near = nearest(to: code.text, among: DiagnosticCode.allCases.map(\.rawValue))
          errors.append(
            EvaluationError(
              .undefinedName,
              "there is no finding called `\(code.text)`"
                + (near.map { "; did you mean `\($0)`?" } ?? ""), code.range, replacement: near))
        }
      case .conditional(let arms, let otherwise):
        for arm in arms {
          check(arm.condition)
          read(arm.items)
        }
        read(otherwise)
      case .weights(let entries, _), .state(let entries, _):
        for entry in entries {
          if let condition = entry.condition { check(condition) }
          check(entry.shape)
        }
      case .macs(let expression): check(expression)
      case .body, .entry: continue
      }
    }
  }

  private mutating func bind(_ pattern: Input) {
    if let value = pattern.defaultValue { check(value) }
    if pattern.isVariadic {
      bound.append(pattern.name?.text ?? "values")
      return
    }
    let entries: [Expression] =
      switch pattern.shape?.kind {
      case .tuple(let entries): entries
      case .parenthesized(let entry): [entry]
      default: pattern.shape.map { [$0] } ?? []
      }
    for entry in entries {
      switch entry.kind {
      case .name(let name): bound.append(name)
      case .spread(let inner):
        if case .name(let name)? = inner?.kind { bound.append(name) }
      default: check(entry)
      }
    }
    if let name = pattern.name { bound.append(name.text) }
  }

  private mutating func check(_ expression: Expression) {
    switch expression.kind {
    case .integer, .float, .string, .boolean, .none, .missing: return
    case .name(let name):
      if bound.contains(name) { return }
      let near = nearest(to: name, among: bound)
      errors.append(
        EvaluationError(
          .undefinedName,
          "the declaration of `\(schema.name)` does not define `\(name)`"
            + (near.map { "; did you mean `\($0)`?" } ?? ""), expression.range, replacement: near))
    case .parenthesized(let inner), .unary(_, let inner): check(inner)
    case .tuple(let elements), .list(let elements): for element in elements { check(element) }
    case .call(let call): check(call)
    case .index(let base, let index):
      check(base)
      check(index)
    case .slice(let base, let start, let end):
      check(base)
      if let start { check(start) }
      if let end { check(end) }
    case .binary(_, let left, let right):
      check(left)
      check(right)
    case .comparison(let first, let links):
      check(first)
      for link in links { check(link.operand) }
    case .conditional(let condition, let then, let otherwise):
      check(condition)
      check(then)
      check(otherwise)
    case .spread(let inner): if let inner { check(inner) }
    }
  }

  private mutating func check(_ call: Call) {
    for argument in call.arguments ?? [] { check(argument.value) }
    let name = call.name.text
    let functions = RuleFunction.allCases.map(\.rawValue) + Functions.allCases.map(\.rawValue)
    if functions.contains(name) || catalogue.layer(named: name, in: schema.file) != nil { return }
    let near = nearest(to: name, among: functions) ?? catalogue.nearestLayer(to: name)
    errors.append(
      EvaluationError(
        .unknownLayer,
        "`\(name)` is neither a function nor a layer"
          + (near.map { "; did you mean `\($0)`?" } ?? ""), call.name.range, replacement: near))
  }
}
