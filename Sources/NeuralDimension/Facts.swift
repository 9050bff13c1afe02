/// An answer about sizes that are not all known.
public enum Verdict: Sendable, Equatable {
  /// True for every allowed size.
  case proved
  /// False for these allowed sizes.
  case refuted([Symbol: Int])
  /// Neither was shown. Never an error, and never fine where it matters.
  case unknown
}

public enum Relation: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="

  public func holds(_ left: Int, _ right: Int) -> Bool {
    switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }
}

extension Relation {
  /// The relation that holds exactly where this one does not.
  public var negated: Relation {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    }
  }
}

/// What is known of the sizes of one network: its `where` conditions, and the lower bounds that
/// its windows imply. Every symbol is at least 1.
public struct Facts: Sendable, Equatable {
  public struct Constraint: Hashable, Sendable {
    public var left: Dimension
    public var relation: Relation
    public var right: Dimension

    public init(_ left: Dimension, _ relation: Relation, _ right: Dimension) {
      self.left = left
      self.relation = relation
      self.right = right
    }

    /// The constraint that holds exactly where this one does not.
    public var negated: Constraint { Constraint(left, relation.negated, right) }

    public var symbols: Set<Symbol> { left.symbols.union(right.symbols) }

    public var isLowerBound: Bool { relation == .greaterOrEqual || relation == .greater }

    /// Whether it holds for these sizes; `nil` where one is missing or the arithmetic fails.
    public func holds(_ sizes: [Symbol: Int]) -> Bool? {
      guard let a = left.evaluated(sizes), let b = right.evaluated(sizes) else { return nil }
      return relation.holds(a, b)
    }
  }

  public private(set) var constraints: [Constraint] = []
  /// Constraints over one symbol, by the symbol.
  private(set) var single: [Symbol: SymbolFacts] = [:]
  /// Constraints over several symbols that are no equation solved for one of them.
  private(set) var joint: [Constraint] = []
  /// Symbols that an equation gives by others.
  private(set) var solved: [Symbol: Dimension] = [:]

  public init() {}

  public mutating func add(_ constraint: Constraint) {
    if constraints.contains(constraint) { return }
    constraints.append(constraint)
    sort(constraint)
  }

  /// Says that a symbol has one of these sizes and no other.
  public mutating func limit(_ symbol: Symbol, to values: [Int]) {
    single[symbol, default: SymbolFacts()].values = Array(Set(values)).sorted()
    if let least = values.min() { single[symbol]?.least = min(1, least) }
  }

  /// Puts a constraint where questions find it.
  private mutating func sort(_ constraint: Constraint) {
    guard let difference = try? constraint.left.subtracting(constraint.right),
      let reduced = try? reduce(difference)
    else { return }
    let symbols = reduced.symbols
    if symbols.count == 1, let symbol = symbols.first {
      let terms = reduced.polynomial.terms
      var facts = single[symbol] ?? SymbolFacts()
      let isLinear =
        terms.count - (reduced.polynomial.constantTerm == 0 ? 0 : 1) == 1
        && terms[0].factors == [Polynomial.Factor(atom: .symbol(symbol), power: 1)]
      if !isLinear
        || !facts.narrow(
          terms[0].coefficient, reduced.polynomial.constantTerm, constraint.relation)
      {
        let filter = SymbolFacts.Filter(
          difference: reduced.polynomial, relation: constraint.relation)
        if !facts.filters.contains(filter) { facts.filters.append(filter) }
      }
      single[symbol] = facts
      return
    }
    if symbols.isEmpty { return }
    if constraint.relation == .equal, solve(reduced) { return }
    let rest = Constraint(reduced, constraint.relation, .constant(0))
    if !joint.contains(rest) { joint.append(rest) }
  }

  /// Solves `difference == 0` for a symbol that stands in it once, by itself; all that is known is
  /// sorted anew then.
  private mutating func solve(_ difference: Dimension) -> Bool {
    for term in difference.polynomial.terms.reversed() {
      guard term.factors.count == 1, term.factors[0].power == 1, abs(term.coefficient) == 1,
        case .symbol(let symbol) = term.factors[0].atom, single[symbol]?.values == nil
      else { continue }
      let own = Dimension(symbol)
      guard
        let rest = try? term.coefficient == 1
          ? own.subtracting(difference) : own.adding(difference),
        !rest.symbols.contains(symbol)
      else { continue }
      for (other, known) in solved {
        guard let replaced = try? known.substituting({ $0 == symbol ? rest : nil }) else {
          return false
        }
        solved[other] = replaced
      }
      solved[symbol] = rest
      let lists = single.compactMapValues(\.values)
      single = [:]
      joint = []
      for (symbol, values) in lists { limit(symbol, to: values) }
      // The symbol itself is at least 1, whatever it is replaced by.
      for symbol in solved.keys {
        sort(Constraint(Dimension(symbol), .greaterOrEqual, .constant(1)))
      }
      for constraint in constraints { sort(constraint) }
      return true
    }
    return false
  }

  /// A dimension with the solved symbols replaced.
  func reduce(_ dimension: Dimension) throws(DimensionError) -> Dimension {
    if solved.isEmpty { return dimension }
    return try dimension.substituting { solved[$0] }
  }

  /// Whether `left relation right` holds for every size that the facts allow.
  public func verdict(_ left: Dimension, _ relation: Relation, _ right: Dimension) -> Verdict {
    if case .constant(let a) = left, case .constant(let b) = right {
      return relation.holds(a, b) ? .proved : .refuted([:])
    }
    if left == right {
      switch relation {
      case .equal, .lessOrEqual, .greaterOrEqual: return .proved
      case .notEqual, .less, .greater: break
      }
    }
    if let scaled = scaled(left, right),
      case .proved? = Decision(scaled.facts, Constraint(scaled.left, relation, scaled.right))?
        .verdict()
    {
      return .proved
    }
    return Decision(self, Constraint(left, relation, right))?.verdict() ?? .unknown
  }

  /// The same question with symbols whose listed sizes are all alike modulo some number, such as 16,
  /// 32 and 48, replaced by what that number is multiplied with: divisors then cancel.
  private func scaled(
    _ left: Dimension, _ right: Dimension
  ) -> (facts: Facts, left: Dimension, right: Dimension)? {
    var facts = self
    var replaced: [Symbol: Dimension] = [:]
    for symbol in left.symbols.union(right.symbols) {
      guard let values = single[symbol]?.values, let first = values.first else { continue }
      let step = values.reduce(0) { greatestCommonDivisor($0, $1 - first) }
      guard step != 1,
        let value = try? Dimension(symbol).multiplied(by: .constant(step)).adding(.constant(first))
      else { continue }
      replaced[symbol] = value
      facts.single[symbol]?.values = values.map { step == 0 ? 0 : ($0 - first) / step }
      facts.single[symbol]?.least = 0
    }
    guard !replaced.isEmpty, let a = try? left.substituting({ replaced[$0] }),
      let b = try? right.substituting({ replaced[$0] })
    else { return nil }
    return (facts, a, b)
  }

  /// Sizes that the facts allow and for which `left relation right` holds, if any were found.
  public func example(_ left: Dimension, _ relation: Relation, _ right: Dimension) -> [Symbol: Int]?
  {
    if case .refuted(let sizes) = verdict(left, relation.negated, right) { sizes } else { nil }
  }

  /// Whether every constraint whose symbols all have a size here allows these.
  func allow(_ sizes: [Symbol: Int]) -> Bool {
    for (symbol, facts) in single {
      if let size = sizes[symbol], !facts.allows(size) { return false }
    }
    return joint.allSatisfy { constraint in
      constraint.symbols.contains { sizes[$0] == nil } || constraint.holds(sizes) == true
    }
  }

  /// The sizes, with some for those symbols that constraints tie to them; `nil` where the facts do
  /// not allow these, or no others were found.
  func completing(_ sizes: [Symbol: Int]) -> [Symbol: Int]? {
    guard allow(sizes) else { return nil }
    if joint.isEmpty { return sizes }
    var missing: [Symbol] = []
    var isGrowing = true
    while isGrowing {
      isGrowing = false
      for constraint in joint {
        let symbols = constraint.symbols
        guard symbols.contains(where: { sizes[$0] != nil || missing.contains($0) }) else {
          continue
        }
        for symbol in symbols.sorted() where sizes[symbol] == nil && !missing.contains(symbol) {
          missing.append(symbol)
          isGrowing = true
        }
      }
    }
    var whole = sizes
    var budget = 4096
    return extend(&whole, missing[...], &budget) ? whole : nil
  }

  private func extend(
    _ sizes: inout [Symbol: Int], _ missing: ArraySlice<Symbol>, _ budget: inout Int
  ) -> Bool {
    guard let symbol = missing.first else { return true }
    let least = min(single[symbol]?.least ?? 1, 1 << 40)
    // The sizes that are there are likely neighbours of the one that is missing.
    let near = Set(sizes.values).flatMap { [$0 - 1, $0, $0 + 1, 2 * ($0 & 0xff_ffff_ffff)] }
    for size in near.sorted() + Array(least...(least + 255)) where budget > 0 {
      budget -= 1
      sizes[symbol] = size
      if allow(sizes), extend(&sizes, missing.dropFirst(), &budget) { return true }
    }
    sizes[symbol] = nil
    return false
  }
}
