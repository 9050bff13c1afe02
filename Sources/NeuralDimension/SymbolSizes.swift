/// What is known of one symbol by itself.
struct SymbolFacts: Sendable, Equatable {
  var least = 1
  var most: Int?
  /// The only sizes it can have, ascending, where they are listed.
  var values: [Int]?
  /// Conditions beyond bounds, such as divisibility.
  var filters: [Filter] = []

  /// `difference relation 0`, over this symbol alone.
  struct Filter: Sendable, Equatable {
    var difference: Polynomial
    var relation: Relation

    func allows(_ size: Int) -> Bool {
      difference.value { _ in size }.map { relation.holds($0, 0) } ?? false
    }
  }

  func allows(_ size: Int) -> Bool {
    if size < least || size > most ?? Int.max { return false }
    if let values, !values.contains(size) { return false }
    return filters.allSatisfy { $0.allows(size) }
  }

  /// Narrows the bounds by `coefficient·symbol + constant relation 0`; false where that is no bound.
  mutating func narrow(_ coefficient: Int, _ constant: Int, _ relation: Relation) -> Bool {
    guard coefficient == 1 || coefficient == -1, constant != Int.min else { return false }
    let bound = coefficient == 1 ? -constant : constant
    switch coefficient == 1 ? relation : relation.mirrored {
    case .equal:
      least = max(least, bound)
      most = min(most ?? bound, bound)
    case .greaterOrEqual: least = max(least, bound)
    case .greater where bound < Int.max: least = max(least, bound + 1)
    case .lessOrEqual: most = min(most ?? bound, bound)
    case .less where bound > Int.min: most = min(most ?? bound - 1, bound - 1)
    case .greater, .less, .notEqual: return false
    }
    return true
  }
}

extension Relation {
  /// The relation between the sides in the other order, or between the negated ones.
  public var mirrored: Relation {
    switch self {
    case .equal, .notEqual: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }
}

/// The sizes of one symbol at which an expression over it alone has to be looked at.
///
/// Floors of sizes repeat with the least common multiple of their divisors, and what has degree 1
/// grows by the same amount in each such period. So the first period that the facts allow decides
/// for all sizes; `min` and `max` are settled some periods later.
struct SymbolSizes {
  let symbol: Symbol
  /// Allowed sizes, ascending.
  private(set) var points: [Int] = []
  /// The length of the last stretch of `points`, which repeats.
  private(set) var period = 1
  /// Whether the last stretch repeats forever.
  private(set) var isEndless = false

  /// Sizes that one question may look at.
  static let limit = 4096

  /// `nil` where no bounded number of sizes decides about `expression`.
  init?(_ symbol: Symbol, _ facts: SymbolFacts, for expression: Polynomial) {
    self.symbol = symbol
    if let values = facts.values {
      points = values.filter(facts.allows)
      return
    }
    if let most = facts.most, most - facts.least < SymbolSizes.limit {
      points = facts.least > most ? [] : (facts.least...most).filter(facts.allows)
      return
    }
    // Filters that are no quasi-linear expressions are left out: all that is allowed stays in.
    var exact: [SymbolFacts.Filter] = []
    for filter in facts.filters where filter.difference.degree(in: symbol) <= 1 {
      guard let own = filter.difference.period(in: symbol, limit: SymbolSizes.limit),
        let common = leastCommonMultiple(period, own), common <= SymbolSizes.limit
      else { continue }
      period = common
      exact.append(filter)
    }
    guard expression.degree(in: symbol) <= 1,
      let own = expression.period(in: symbol, limit: SymbolSizes.limit),
      let common = leastCommonMultiple(period, own), common <= SymbolSizes.limit
    else { return nil }
    period = common
    var start = facts.least
    for filter in exact {
      guard settle(filter.difference, &start), pass(filter.difference, &start) else { return nil }
    }
    guard settle(expression, &start) else { return nil }
    guard start - facts.least <= 4 * SymbolSizes.limit, start < Int.max - 4 * period else {
      return nil
    }
    func isAllowed(_ size: Int) -> Bool { exact.allSatisfy { $0.allows(size) } }
    let most = facts.most ?? Int.max
    let end = min(most, start + period - 1)
    if facts.least <= end { points = (facts.least...end).filter(isAllowed) }
    if most > end {
      if facts.most == nil {
        isEndless = (points.last ?? Int.min) >= start
      } else {
        points += (max(end + 1, most - period + 1)...most).filter(isAllowed)
      }
    }
  }

  /// Moves `start` to where every `min` and `max` in the expression has made its choice.
  private func settle(_ expression: Polynomial, _ start: inout Int) -> Bool {
    var choices: [(Polynomial, Polynomial)] = []
    expression.collectChoices(into: &choices)
    for (a, b) in choices.reversed() {
      guard let difference = try? a.adding(b, times: -1), difference.degree(in: symbol) <= 1,
        pass(difference, &start)
      else { return false }
    }
    return true
  }

  /// Moves `start` to where the sign of an expression no longer changes from period to period.
  private func pass(_ difference: Polynomial, _ start: inout Int) -> Bool {
    guard let slope = slope(of: difference, from: start) else { return false }
    if slope == 0 { return true }
    var steps = 0
    for size in start..<(start + period) {
      guard let value = difference.value({ _ in size }) else { return false }
      if value != 0, (value < 0) == (slope < 0) { continue }
      steps = max(steps, Int(clamping: value.magnitude / slope.magnitude) + 1)
    }
    if steps == 0 { return true }
    let (distance, overflow) = (steps + 1).multipliedReportingOverflow(by: period)
    guard !overflow, distance <= 4 * SymbolSizes.limit, start < Int.max - 2 * distance else {
      return false
    }
    start += distance
    return true
  }

  private func slope(of expression: Polynomial, from start: Int) -> Int? {
    guard start < Int.max - 2 * period, let a = expression.value({ _ in start }),
      let b = expression.value({ _ in start + period })
    else { return nil }
    let (difference, overflow) = b.subtractingReportingOverflow(a)
    return overflow ? nil : difference
  }

  /// By how much an expression grows from the last stretch to the next one; 0 where none follows.
  func slope(of expression: Polynomial) -> Int? {
    guard isEndless, let last = points.last else { return 0 }
    return slope(of: expression, from: last)
  }
}
