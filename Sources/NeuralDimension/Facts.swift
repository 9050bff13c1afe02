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

    var symbols: Set<Symbol> { left.symbols.union(right.symbols) }

    func holds(_ sizes: [Symbol: Int]) -> Bool? {
      guard let a = left.evaluated(sizes), let b = right.evaluated(sizes) else { return nil }
      return relation.holds(a, b)
    }
  }

  public private(set) var constraints: [Constraint] = []

  /// Evaluations that one question may cost before the answer is "unknown".
  static let budget = 20_000

  public init() {}

  public mutating func add(_ constraint: Constraint) {
    if !constraints.contains(constraint) { constraints.append(constraint) }
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
    let question = Constraint(left, relation, right)
    let search = Search(question: question, facts: self)
    if search.isProved() { return .proved }
    return search.counterexample().map { .refuted($0) } ?? .unknown
  }

  /// Sizes that the facts allow and for which `left relation right` holds, if any were found.
  public func example(_ left: Dimension, _ relation: Relation, _ right: Dimension) -> [Symbol: Int]?
  {
    Search(question: Constraint(left, relation, right).negated, facts: self).counterexample()
  }
}

/// The search for sizes that refute a question, and for a proof that there are none.
private struct Search {
  var question: Facts.Constraint
  var symbols: [Symbol]
  /// The constraints that bear on the question's symbols, directly or through others.
  var constraints: [Facts.Constraint]
  /// The least common multiple of all divisors: floors are linear in each residue class of it.
  var modulus: Int

  init(question: Facts.Constraint, facts: Facts) {
    self.question = question
    var reached = question.symbols
    var relevant: [Facts.Constraint] = []
    var pending = facts.constraints
    while let index = pending.firstIndex(where: { !$0.symbols.isDisjoint(with: reached) }) {
      let constraint = pending.remove(at: index)
      reached.formUnion(constraint.symbols)
      relevant.append(constraint)
    }
    symbols = reached.sorted()
    constraints = relevant
    var divisors: Set<Int> = []
    for constraint in relevant + [question] {
      constraint.left.polynomial.collectDivisors(into: &divisors)
      constraint.right.polynomial.collectDivisors(into: &divisors)
    }
    var multiple = 1
    for divisor in divisors where divisor != 0 {
      let common = greatestCommonDivisor(multiple, divisor)
      let (product, overflow) = (multiple / common).multipliedReportingOverflow(by: abs(divisor))
      multiple = overflow ? Int.max : product
      if multiple > Facts.budget { break }
    }
    modulus = multiple
  }

  /// The smallest sizes found that the facts allow and that break the question.
  func counterexample() -> [Symbol: Int]? {
    var candidates = Array(1...256)
    let reach = min(modulus, Facts.budget / 4)
    if reach > 64 { candidates = Array(1...(3 * reach + 64)) }
    candidates += [320, 384, 448, 512, 640, 768, 1000, 1024, 2048, 4096, 65536, 1 << 20]
    // Sizes named by the facts and their neighbours, and multiples of the modulus.
    candidates += [modulus, 2 * modulus, 7 * modulus].filter { $0 > 0 && $0 < 1 << 24 }
    for constraint in constraints {
      for bound in [constraint.left.constant, constraint.right.constant].compactMap({ $0 })
      where bound > 0 && bound < 1 << 24 {
        candidates += [bound, bound + 1, max(1, bound - 1)]
      }
    }
    candidates = Array(Set(candidates)).sorted()
    if symbols.count > 1 {
      let perSymbol = symbols.count == 2 ? 140 : symbols.count == 3 ? 27 : 8
      if candidates.count > perSymbol { candidates = thinned(candidates, to: perSymbol) }
    }
    var sizes: [Symbol: Int] = [:]
    var budget = Facts.budget
    return descend(0, candidates, &sizes, &budget)
  }

  /// The first few of them, then a spread over the rest.
  private func thinned(_ candidates: [Int], to count: Int) -> [Int] {
    let head = candidates.prefix(count / 2)
    let rest = candidates.dropFirst(count / 2)
    let step = max(1, rest.count / max(1, count - head.count))
    return head + rest.enumerated().filter { $0.offset % step == 0 }.map(\.element)
  }

  private func descend(
    _ depth: Int, _ candidates: [Int], _ sizes: inout [Symbol: Int], _ budget: inout Int
  ) -> [Symbol: Int]? {
    if depth == symbols.count {
      budget -= 1
      guard question.holds(sizes) == false else { return nil }
      return sizes
    }
    for candidate in candidates {
      if budget <= 0 { return nil }
      sizes[symbols[depth]] = candidate
      budget -= 1
      // Constraints whose symbols are all fixed prune early.
      let fixed = Set(symbols[...depth])
      let allowed = constraints.allSatisfy { constraint in
        guard constraint.symbols.isSubset(of: fixed), constraint.symbols.contains(symbols[depth])
        else { return true }
        return constraint.holds(sizes) ?? false
      }
      if allowed, let found = descend(depth + 1, candidates, &sizes, &budget) { return found }
    }
    sizes[symbols[depth]] = nil
    return nil
  }

  /// Whether the question holds in every residue class that the facts allow.
  func isProved() -> Bool {
    guard let difference = try? question.left.subtracting(question.right) else { return false }
    let own = difference.symbols.sorted()
    var classes = 1
    for _ in own {
      let (product, overflow) = classes.multipliedReportingOverflow(by: modulus)
      if overflow || product > Facts.budget { return false }
      classes = product
    }
    var residues = [Int](repeating: 0, count: own.count)
    for _ in 0..<classes {
      if !holds(difference, own, residues) { return false }
      var position = 0
      while position < own.count {
        residues[position] += 1
        if residues[position] < modulus { break }
        residues[position] = 0
        position += 1
      }
    }
    return true
  }

  /// Whether the question holds for all allowed sizes modulus·q + residue.
  private func holds(_ difference: Dimension, _ own: [Symbol], _ residues: [Int]) -> Bool {
    // The least allowed size of the class stands for the residue, so that q starts at 0.
    var least: [Symbol: Int] = [:]
    for (symbol, residue) in zip(own, residues) {
      let below = lowerBound(symbol) - residue
      let steps = below > 0 ? (below + modulus - 1) / modulus : 0
      let (start, overflow) = steps.multipliedReportingOverflow(by: modulus)
      if overflow { return false }
      least[symbol] = start + residue
    }
    let replace: (Symbol) -> Dimension? = { symbol in
      guard let start = least[symbol] else { return nil }
      return try? Dimension.constant(modulus).multiplied(by: Dimension(symbol))
        .adding(.constant(start))
    }
    for constraint in constraints where constraint.relation == .equal {
      // A class that a divisibility excludes needs no proof.
      if let left = try? constraint.left.subtracting(constraint.right).substituting(replace),
        let value = left.constant, value != 0
      {
        return true
      }
    }
    guard let value = try? difference.substituting(replace) else { return false }
    switch question.relation {
    case .equal: return value == .constant(0)
    case .notEqual: return value.constant.map { $0 != 0 } ?? false
    case .less: return bound(value, sign: -1).map { $0 > 0 } ?? false
    case .lessOrEqual: return bound(value, sign: -1).map { $0 >= 0 } ?? false
    case .greater: return bound(value, sign: 1).map { $0 > 0 } ?? false
    case .greaterOrEqual: return bound(value, sign: 1).map { $0 >= 0 } ?? false
    }
  }

  /// The least size that the facts state for a symbol outright.
  private func lowerBound(_ symbol: Symbol) -> Int {
    var least = 1
    for constraint in constraints {
      guard constraint.left.symbol == symbol, let limit = constraint.right.constant,
        limit < 1 << 32
      else { continue }
      switch constraint.relation {
      case .greaterOrEqual, .equal: least = max(least, limit)
      case .greater: least = max(least, limit + 1)
      case .less, .lessOrEqual, .notEqual: continue
      }
    }
    return least
  }

  /// The least value of sign·`value` where all symbols are at least 0 and no term pulls it down.
  private func bound(_ value: Dimension, sign: Int) -> Int? {
    guard let scaled = try? value.multiplied(by: .constant(sign)) else { return nil }
    let grows = scaled.polynomial.terms.allSatisfy { term in
      term.factors.isEmpty
        || term.coefficient > 0
          && term.factors.allSatisfy { if case .symbol = $0.atom { true } else { false } }
    }
    return grows ? scaled.polynomial.constantTerm : nil
  }
}
