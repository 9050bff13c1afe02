import NeuralDimension

/// What sizes must be, in words: *height and width must be multiples of 32*.
struct Advice {
  let conditions: [Facts.Constraint]

  init(_ conditions: [Facts.Constraint]) { self.conditions = conditions }

  var text: String {
    var parts: [String] = []
    var rest = conditions[...]
    while let first = rest.popFirst() {
      guard let (symbol, divisor, remainder) = first.remainder, remainder == 0 else {
        parts.append(Advice.text(first))
        continue
      }
      var names = [Advice.name(symbol)]
      while let next = rest.first?.remainder, next.divisor == divisor, next.rest == 0 {
        names.append(Advice.name(next.symbol))
        rest.removeFirst()
      }
      let subject = Advice.joined(names)
      parts.append(
        names.count == 1
          ? "\(subject) must be a multiple of \(divisor)"
          : "\(subject) must be multiples of \(divisor)")
    }
    return Advice.joined(parts)
  }

  private static func text(_ condition: Facts.Constraint) -> String {
    if let (symbol, divisor, rest) = condition.remainder {
      return "\(name(symbol)) must leave \(rest) when divided by \(divisor)"
    }
    let left = condition.left.description(naming: name)
    let right = condition.right.description(naming: name)
    switch condition.relation {
    case .equal:
      return "\(left) must \(condition.right.constant == nil ? "equal" : "be") \(right)"
    case .notEqual: return "\(left) must not be \(right)"
    case .greaterOrEqual: return "\(left) must be at least \(right)"
    case .lessOrEqual: return "\(left) must be at most \(right)"
    case .less: return "\(left) must be below \(right)"
    case .greater: return "\(left) must be above \(right)"
    }
  }

  /// A size that the source leaves unnamed is called by how it is written.
  private static func name(_ symbol: Symbol) -> String {
    symbol.name == "none" ? "the size written `none`" : symbol.name
  }

  private static func joined(_ parts: [String]) -> String {
    guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
    return "\(parts.dropLast().joined(separator: ", ")) and \(last)"
  }
}

extension Facts {
  /// Conditions under which all claims hold; `nil` where one cannot be met so. The batch can have
  /// any size.
  func conditions(for claims: [Constraint]) -> [Constraint]? {
    if claims.isEmpty { return nil }
    var facts = self
    var all: [Constraint] = []
    for claim in claims {
      if facts.verdict(claim.left, claim.relation, claim.right) == .proved { continue }
      guard let found = facts.remedy(claim.left, claim.relation, claim.right),
        !found.contains(where: { $0.symbols.contains(.batch) })
      else { return nil }
      for condition in found {
        facts.add(condition)
        all.append(condition)
      }
    }
    return all.isEmpty ? nil : all
  }
}

extension UnmetClaim {
  /// A failure that conditions on the inputs would mend, which its message then asks for; `nil` where
  /// none would.
  init?(_ failure: RuleFailure, claims: [Facts.Constraint], _ facts: Facts) {
    guard let conditions = facts.conditions(for: claims) else { return nil }
    var failure = failure
    failure.message += ": \(Advice(conditions).text)"
    self.init(failure: failure, claims: claims, conditions: conditions)
  }
}

extension Facts.Constraint {
  /// The same with what is not fixed on the left: `5 < steps` is `steps > 5`.
  fileprivate var facingLeft: Facts.Constraint {
    guard left.constant != nil, right.constant == nil else { return self }
    return Facts.Constraint(right, relation.mirrored, left)
  }
}

extension Condition {
  /// The comparisons that it is made of, where all of them must hold; else none.
  var claims: [Facts.Constraint] {
    switch self {
    case .comparison(let constraint): return [constraint.facingLeft]
    case .not(.comparison(let constraint)): return [constraint.negated.facingLeft]
    case .all(let conditions):
      let parts = conditions.map(\.claims)
      return parts.contains(where: \.isEmpty) ? [] : parts.flatMap { $0 }
    case .constant, .any, .not: return []
    }
  }
}
