import NeuralDimension
import NeuralSyntax

// Input patterns: shapes bound to names, and names that are bound already held against them.
extension ShapeRule {
  mutating func match(_ patterns: [Input]) throws(RuleFailure) {
    var next = 0
    for (position, pattern) in patterns.enumerated() {
      if pattern.isVariadic {
        let rest = inputs[min(next, inputs.count)...]
        bind(
          pattern.name?.text ?? "values",
          .list(rest.map { .tensor(TensorValue(id: -1, type: $0)) }))
        next = inputs.count
        continue
      }
      guard next < inputs.count else {
        if let fallback = pattern.defaultValue {
          let value = try value(fallback)
          if let name = pattern.name?.text { bind(name, value) }
          if let shape = pattern.shape, let dimensions = value.dimensions {
            try match(dimensions, shape, position, isDefault: true)
          }
          continue
        }
        let needed = patterns.filter { $0.defaultValue == nil && !$0.isVariadic }.count
        throw RuleFailure(
          code: .inputCount,
          message: "`\(schema.name)` needs \(needed) input\(needed == 1 ? "" : "s"), here "
            + (inputs.isEmpty ? "are none" : inputs.count == 1 ? "is 1" : "are \(inputs.count)")
            + way(patterns))
      }
      let type = inputs[next]
      if let dtype = pattern.dtype, let wanted = DType(rawValue: dtype.text),
        wanted.isFloatingPoint != type.dtype.isFloatingPoint
      {
        throw RuleFailure(
          code: .dtypeMismatch,
          message: "`\(schema.name)` reads \(dtype.text) indices, \(label(next)) gives "
            + "\(type.dtype.rawValue) \(type.description)", input: next)
      }
      if let shape = pattern.shape { try match(type.shape, shape, next, isDefault: false) }
      if let name = pattern.name?.text { bind(name, .tuple(type.shape.map(Value.integer))) }
      next += 1
    }
    if next < inputs.count {
      throw RuleFailure(
        code: .inputCount,
        message: "`\(schema.name)` takes \(next) input\(next == 1 ? "" : "s"), here are "
          + "\(inputs.count)", input: next)
    }
  }

  /// How several inputs are given: `(x, memory) -> TransformerDecoder(…)`.
  private func way(_ patterns: [Input]) -> String {
    let names = patterns.filter { $0.defaultValue == nil }.compactMap { $0.name?.text }
    guard names.count > 1, !patterns.contains(where: \.isVariadic) else { return "" }
    return "; write `(\(names.joined(separator: ", "))) -> \(schema.name)(…)`"
  }

  func label(_ input: Int) -> String {
    labels.indices.contains(input) ? labels[input] : "input \(input + 1)"
  }

  mutating func match(
    _ shape: [Dimension], _ pattern: Expression, _ input: Int, isDefault: Bool
  ) throws(RuleFailure) {
    let entries: [Expression] =
      switch pattern.kind {
      case .tuple(let entries): entries
      case .parenthesized(let entry): [entry]
      default: [pattern]
      }
    let spreads = entries.filter { if case .spread = $0.kind { true } else { false } }.count
    let fixed = entries.count - spreads
    guard spreads == 0 ? shape.count == fixed : shape.count >= fixed else {
      throw RuleFailure(
        code: .rankMismatch,
        message: "`\(schema.name)` expects \(ShapeRule.text(pattern: entries)), \(label(input)) "
          + "gives \(TensorType.text(shape))", input: input)
    }
    var position = 0
    for entry in entries {
      switch entry.kind {
      case .spread(let name):
        let taken = shape[position..<(position + shape.count - fixed)]
        if let name, case .name(let text) = name.kind {
          let value = Value.tuple(taken.map(Value.integer))
          if let known = lookup(text) {
            try agree(known, value, text, input, shape)
          } else {
            bind(text, value)
          }
        }
        position += taken.count
      case .name(let text):
        let value = Value.integer(shape[position])
        if let known = lookup(text) {
          try agree(known, value, text, input, shape)
        } else {
          bind(text, value)
        }
        position += 1
      default:
        try agree(try value(entry), .integer(shape[position]), "", input, shape)
        position += 1
      }
    }
  }

  /// A name of a pattern that is bound already must have the same size again.
  mutating func agree(
    _ known: Value, _ value: Value, _ name: String, _ input: Int, _ shape: [Dimension]
  ) throws(RuleFailure) {
    guard case .condition(let condition) = Operators.equality(known, value) else {
      if Operators.equality(known, value) == .boolean(true) { return }
      throw mismatch(known, value, name, input, shape, [:])
    }
    switch condition.verdict(facts) {
    case .proved: return
    case .refuted(let sizes):
      let claims = condition.claims
      guard let conditions = facts.conditions(for: claims) else {
        throw mismatch(known, value, name, input, shape, sizes)
      }
      var failure = mismatch(known, value, name, input, shape, [:])
      failure.counterexample = sizes
      failure.message += ": \(Advice(conditions).text)"
      if let first = claims.first(where: { $0.holds(sizes) == false }),
        let a = first.left.evaluated(sizes), let b = first.right.evaluated(sizes)
      {
        failure.message += "; \(ShapeRule.text(sizes)) makes them \(a) and \(b)"
      }
      result.unmet.append(UnmetClaim(failure: failure, claims: claims, conditions: conditions))
    case .unknown:
      result.notes.append(
        RuleNote(
          code: .unprovableShape, message: "`\(known)` and `\(value)` may differ for some sizes"))
    }
  }

  func mismatch(
    _ known: Value, _ value: Value, _ name: String, _ input: Int, _ shape: [Dimension],
    _ sizes: [Symbol: Int]
  ) -> RuleFailure {
    var message = "`\(schema.name)` needs "
    // What an argument of this layer decides is said by its name.
    if input > 0, arguments.entry(name) == nil {
      message +=
        "equal shapes, but \(label(0)) gives \(inputs[0].description) and \(label(input)) gives "
        + TensorType.text(shape)
    } else {
      message +=
        (name.isEmpty ? "" : "\(name) = ") + "\(known), \(label(input)) gives "
        + TensorType.text(shape)
    }
    return RuleFailure(
      code: .shapeMismatch, message: message + ShapeRule.suffix(sizes), input: input,
      counterexample: sizes)
  }

  /// `; height = 33 breaks it`, for sizes that refute a rule.
  static func suffix(_ sizes: [Symbol: Int]) -> String {
    sizes.isEmpty ? "" : "; \(text(sizes)) breaks it"
  }

  /// `height = 33, width = 64`.
  static func text(_ sizes: [Symbol: Int]) -> String {
    sizes.sorted { $0.key < $1.key }.map { "\($0.key.name) = \($0.value)" }
      .joined(separator: ", ")
  }

  /// `(batch, time, features)`, spreads as `...`.
  static func text(pattern: [Expression]) -> String {
    let entries = pattern.map { entry -> String in
      switch entry.kind {
      case .name(let text): return text
      case .spread: return "…"
      case .integer(let value): return value.map(String.init) ?? "?"
      default: return "…"
      }
    }
    return "(\(entries.joined(separator: ", ")))"
  }
}
