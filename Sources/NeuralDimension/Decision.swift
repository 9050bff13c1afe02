/// One question about sizes: whether `difference relation 0` holds wherever the facts allow.
///
/// Where no product or floor joins symbols, each is looked at by itself; what joins them is decided
/// on a grid of sizes, or not at all.
struct Decision {
  let facts: Facts
  private let question: Facts.Constraint
  let difference: Polynomial
  /// `==`, `!=` or `>=`.
  let relation: Relation
  let symbols: [Symbol]

  init?(_ facts: Facts, _ question: Facts.Constraint) {
    self.facts = facts
    self.question = question
    let (low, high) =
      switch question.relation {
      case .equal, .notEqual, .greater, .greaterOrEqual: (question.right, question.left)
      case .less, .lessOrEqual: (question.left, question.right)
      }
    guard var difference = try? facts.reduce(high.subtracting(low)) else { return nil }
    switch question.relation {
    case .equal, .notEqual: relation = question.relation
    case .greaterOrEqual, .lessOrEqual: relation = .greaterOrEqual
    case .greater, .less:
      // Strictly above is one above.
      guard let less = try? difference.subtracting(.constant(1)) else { return nil }
      difference = less
      relation = .greaterOrEqual
    }
    self.difference = difference.polynomial
    symbols = difference.symbols.sorted()
  }

  func verdict() -> Verdict {
    if let constant = difference.constant {
      return relation.holds(constant, 0) ? .proved : .refuted([:])
    }
    if let parts = separated() {
      guard let spans = spans(parts.bySymbol) else { return grid() }
      switch separate(spans, parts.constant) {
      case .proved: return .proved
      case .refuted(let sizes):
        if let whole = completed(sizes) { return .refuted(whole) }
      case .unknown: break
      }
    }
    return grid()
  }

  /// The sizes with those of solved symbols, where the facts allow them all and the claim fails.
  func completed(_ sizes: [Symbol: Int]) -> [Symbol: Int]? {
    guard var whole = facts.completing(sizes) else { return nil }
    for (symbol, expression) in facts.solved where whole[symbol] == nil {
      if let size = expression.evaluated(whole) { whole[symbol] = size }
    }
    guard question.holds(whole) == false else { return nil }
    // What the question does not name is of no interest.
    let named = question.symbols
    return whole.filter { named.contains($0.key) }
  }

  // MARK: Symbols by themselves

  /// The terms of each symbol, where no term has two.
  private func separated() -> (bySymbol: [(Symbol, Polynomial)], constant: Int)? {
    var parts: [(symbol: Symbol, terms: [Polynomial.Term])] = []
    for term in difference.terms where !term.factors.isEmpty {
      var own: Symbol?
      for factor in term.factors {
        let symbols: Set<Symbol>
        if case .symbol(let symbol) = factor.atom {
          symbols = [symbol]
        } else {
          symbols = factor.atom.symbols
        }
        guard symbols.count == 1, let symbol = symbols.first, own == nil || own == symbol else {
          return nil
        }
        own = symbol
      }
      guard let own else { return nil }
      if let index = parts.firstIndex(where: { $0.symbol == own }) {
        parts[index].terms.append(term)
      } else {
        parts.append((own, [term]))
      }
    }
    return (
      parts.sorted { $0.symbol < $1.symbol }.map { ($0.symbol, Polynomial(terms: $0.terms)) },
      difference.constantTerm
    )
  }

  /// What an expression over one symbol is worth at the sizes that decide about it.
  private struct Span {
    var sizes: SymbolSizes
    var values: [Int]
    /// The growth from one last stretch to the next.
    var slope: Int

    /// The place of the least and of the greatest value; `nil` where there is no such.
    var least: Int?
    var greatest: Int?

    init?(_ sizes: SymbolSizes, _ polynomial: Polynomial) {
      var values: [Int] = []
      values.reserveCapacity(sizes.points.count)
      for size in sizes.points {
        guard let value = polynomial.value({ _ in size }) else { return nil }
        values.append(value)
      }
      guard let slope = sizes.slope(of: polynomial) else { return nil }
      (self.sizes, self.values, self.slope) = (sizes, values, slope)
      least = slope < 0 ? nil : values.indices.min { values[$0] < values[$1] }
      greatest = slope > 0 ? nil : values.indices.max { values[$0] < values[$1] }
    }

    var isConstant: Bool { slope == 0 && values.allSatisfy { $0 == values[0] } }

    /// The smallest size that `isWanted` asks for.
    func first(_ isWanted: (Int) -> Bool) -> (size: Int, value: Int)? {
      if let index = values.firstIndex(where: isWanted) {
        return (sizes.points[index], values[index])
      }
      guard slope != 0, let last = sizes.points.last else { return nil }
      // The last stretch goes on; doubling finds how far.
      var best: (size: Int, value: Int)?
      for index in values.indices.reversed() where sizes.points[index] > last - sizes.period {
        var steps = 1
        while steps < 1 << 40, let there = shifted(index, by: steps), !isWanted(there.value) {
          steps *= 2
        }
        var (low, high) = (steps / 2, steps)
        while low + 1 < high {
          let middle = (low + high) / 2
          if let there = shifted(index, by: middle), isWanted(there.value) {
            high = middle
          } else {
            low = middle
          }
        }
        if let there = shifted(index, by: high), isWanted(there.value),
          there.size < best?.size ?? Int.max
        {
          best = there
        }
      }
      return best
    }

    /// The size that many stretches after a point, and what the expression is worth there.
    func shifted(_ index: Int, by steps: Int) -> (size: Int, value: Int)? {
      let (distance, first) = sizes.period.multipliedReportingOverflow(by: steps)
      let (growth, second) = slope.multipliedReportingOverflow(by: steps)
      let (size, third) = sizes.points[index].addingReportingOverflow(distance)
      let (value, fourth) = values[index].addingReportingOverflow(growth)
      return first || second || third || fourth ? nil : (size, value)
    }

    /// The smallest size at which the expression is exactly `target`, if there is one.
    func solution(_ target: Int) -> Int? {
      if let index = values.firstIndex(of: target) { return sizes.points[index] }
      guard slope != 0, let last = sizes.points.last else { return nil }
      var best: Int?
      for index in values.indices.reversed() where sizes.points[index] > last - sizes.period {
        let (rest, overflow) = target.subtractingReportingOverflow(values[index])
        guard !overflow, rest % slope == 0, rest / slope > 0,
          let there = shifted(index, by: rest / slope)
        else { continue }
        best = min(best ?? there.size, there.size)
      }
      return best
    }
  }

  private func spans(_ parts: [(Symbol, Polynomial)]) -> [Span]? {
    var spans: [Span] = []
    for (symbol, polynomial) in parts {
      guard
        let sizes = SymbolSizes(symbol, facts.single[symbol] ?? SymbolFacts(), for: polynomial),
        let span = Span(sizes, polynomial)
      else { return nil }
      spans.append(span)
    }
    return spans
  }

  private func separate(_ spans: [Span], _ constant: Int) -> Verdict {
    // No size is allowed: anything holds.
    if spans.contains(where: \.values.isEmpty) { return .proved }
    func total(_ places: [Int]) -> Int? {
      var sum = constant
      for (span, place) in zip(spans, places) {
        let (next, overflow) = sum.addingReportingOverflow(span.values[place])
        if overflow { return nil }
        sum = next
      }
      return sum
    }
    func sum(_ place: (Span) -> Int?) -> Int? {
      let places = spans.compactMap(place)
      return places.count == spans.count ? total(places) : nil
    }
    let (least, greatest) = (sum(\.least), sum(\.greatest))
    switch relation {
    case .greaterOrEqual:
      if let least, least >= 0 { return .proved }
    case .equal:
      if spans.allSatisfy(\.isConstant) {
        if total(spans.map { _ in 0 }) == 0 { return .proved }
      }
    default:
      if let least, least > 0 { return .proved }
      if let greatest, greatest < 0 { return .proved }
      if spans.count == 1 {
        return spans[0].solution(-constant).map { .refuted([spans[0].sizes.symbol: $0]) } ?? .proved
      }
    }
    return counterexample(spans, constant) ?? .unknown
  }

  /// The smallest sizes of all that break the claim, or else those of one symbol with the others
  /// at their smallest, or else all at the end that breaks it.
  private func counterexample(_ spans: [Span], _ constant: Int) -> Verdict? {
    var sizes: [Symbol: Int] = [:]
    var sum = constant
    for span in spans {
      sizes[span.sizes.symbol] = span.sizes.points[0]
      let (next, overflow) = sum.addingReportingOverflow(span.values[0])
      if overflow { return nil }
      sum = next
    }
    if !relation.holds(sum, 0) { return .refuted(sizes) }
    for span in spans {
      let rest = sum - span.values[0]
      let breaks = { (value: Int) in
        let (total, overflow) = rest.addingReportingOverflow(value)
        return !overflow && !self.relation.holds(total, 0)
      }
      if let found = span.first(breaks) {
        sizes[span.sizes.symbol] = found.size
        return .refuted(sizes)
      }
    }
    guard relation == .greaterOrEqual else { return nil }
    for span in spans {
      guard let least = span.least else { return nil }
      sizes[span.sizes.symbol] = span.sizes.points[least]
    }
    return .refuted(sizes)
  }
}
