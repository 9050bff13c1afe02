// Questions in which symbols stand together.
extension Decision {
  /// Evaluations that one question may cost before the answer is "unknown".
  private static let budget = 20_000

  /// Decides by a grid of sizes, by bounds of each term, or by finding sizes that break the claim.
  func grid() -> Verdict {
    if relation == .greaterOrEqual, isImplied() || isBoundedBelow() { return .proved }
    let axes = symbols.map(axis)
    let isProof =
      axes.allSatisfy(\.isComplete) || relation == .equal && axes.allSatisfy(\.isProof)
    var size = 1
    for axis in axes {
      let (product, overflow) = size.multipliedReportingOverflow(by: axis.points.count)
      size = overflow ? Int.max : product
    }
    if isProof, size <= Decision.budget {
      let verdict = walk(axes.map(\.points), isProof: true)
      if verdict != .unknown { return verdict }
    }
    return walk(axes.map { thinned($0.points, among: axes.count) }, isProof: false)
  }

  // MARK: Grids

  /// Sizes of one symbol that a grid looks at.
  private struct Axis {
    var points: [Int]
    /// Whether these are all sizes that are allowed.
    var isComplete: Bool
    /// Whether an equation that holds at these holds at all: an expression of degree d in each
    /// class of remainders that is 0 at d + 1 of its sizes is 0.
    var isProof: Bool
  }

  private func axis(_ symbol: Symbol) -> Axis {
    let known = facts.single[symbol] ?? SymbolFacts()
    let limit = SymbolSizes.limit
    if let values = known.values {
      return Axis(points: values.filter(known.allows), isComplete: true, isProof: true)
    }
    if let most = known.most, most - known.least < 64 {
      let points = known.least > most ? [] : (known.least...most).filter(known.allows)
      return Axis(points: points, isComplete: true, isProof: true)
    }
    var period = difference.period(in: symbol, limit: limit)
    var isExact = true
    for filter in known.filters where filter.difference.degree(in: symbol) <= 1 {
      let own = filter.difference.period(in: symbol, limit: limit)
      period = period.flatMap { a in own.flatMap { leastCommonMultiple(a, $0) } }
    }
    for filter in known.filters {
      // Only what repeats selects the same remainders everywhere.
      guard let period, filter.difference.degree(in: symbol) <= 1,
        let a = filter.difference.value({ _ in known.least }),
        let b = filter.difference.value({ _ in known.least + period }), a == b
      else {
        isExact = false
        continue
      }
    }
    var choices: [(Polynomial, Polynomial)] = []
    difference.collectChoices(into: &choices)
    guard let period, period <= 256, known.least < Int.max / 4, choices.isEmpty, isExact else {
      return Axis(points: candidates(known, period ?? 1), isComplete: false, isProof: false)
    }
    let degree = max(1, difference.degree(in: symbol))
    let end = known.least + period * (degree + 1)
    let points = (known.least..<end).filter { known.most ?? Int.max < $0 || known.allows($0) }
    return Axis(points: points, isComplete: false, isProof: true)
  }

  /// Sizes worth trying, smaller ones first.
  private func candidates(_ known: SymbolFacts, _ period: Int) -> [Int] {
    let least = min(known.least, 1 << 40)
    var sizes = Array(least...(least + 256))
    for step in [period, 2 * period, 7 * period, 320, 512, 640, 1000, 1024, 4096, 65536, 1 << 20]
    where step < 1 << 40 {
      sizes += [least + step, step, step + 1]
    }
    if let most = known.most { sizes += [most, most - 1] }
    return Set(sizes).filter(known.allows).sorted()
  }

  /// So many of them that a grid of all symbols stays small: the first ones, then a spread.
  private func thinned(_ points: [Int], among count: Int) -> [Int] {
    let most = [20_000, 20_000, 140, 27, 11, 7, 5][min(count, 6)]
    if points.count <= most { return points }
    let head = points.prefix(most / 2)
    let rest = points.dropFirst(most / 2)
    let step = max(1, rest.count / max(1, most - head.count))
    return head + rest.enumerated().filter { $0.offset % step == 0 }.map(\.element)
  }

  private func walk(_ axes: [[Int]], isProof: Bool) -> Verdict {
    if axes.contains(where: \.isEmpty) { return isProof ? .proved : .unknown }
    var places = [Int](repeating: 0, count: axes.count)
    var sizes: [Symbol: Int] = [:]
    for (symbol, axis) in zip(symbols, axes) { sizes[symbol] = axis[0] }
    var isSettled = true
    for _ in 0..<Decision.budget {
      if let value = difference.value({ sizes[$0] }) {
        if !relation.holds(value, 0) {
          if let whole = completed(sizes) { return .refuted(whole) }
          // Sizes that the facts exclude say nothing; an equation must hold beyond them too.
          if relation == .equal || facts.allow(sizes) { isSettled = false }
        }
      } else {
        isSettled = false
      }
      var position = axes.count - 1
      while position >= 0 {
        places[position] += 1
        if places[position] == axes[position].count { places[position] = 0 }
        sizes[symbols[position]] = axes[position][places[position]]
        if places[position] != 0 { break }
        position -= 1
      }
      if position < 0 { return isProof && isSettled ? .proved : .unknown }
    }
    return .unknown
  }

  // MARK: Bounds

  /// Whether a fact over the same symbols says as much.
  private func isImplied() -> Bool {
    facts.joint.contains { fact in
      let known: Polynomial?
      switch fact.relation {
      case .greaterOrEqual: known = fact.left.polynomial
      case .greater: known = try? fact.left.polynomial.adding(Polynomial(-1))
      case .lessOrEqual: known = try? Polynomial(0).adding(fact.left.polynomial, times: -1)
      case .less: known = try? Polynomial(-1).adding(fact.left.polynomial, times: -1)
      case .equal, .notEqual: known = nil
      }
      guard let known, let rest = try? difference.adding(known, times: -1).constant else {
        return false
      }
      return rest >= 0
    }
  }

  /// Whether the least value of every term adds up to 0 or more.
  private func isBoundedBelow() -> Bool {
    var shifted: [Symbol: Polynomial] = [:]
    for symbol in symbols {
      let least = facts.single[symbol]?.least ?? 1
      guard let sum = try? Polynomial(.symbol(symbol)).adding(Polynomial(least)) else {
        return false
      }
      shifted[symbol] = sum
    }
    guard let expression = try? difference.substituting({ shifted[$0] }) else { return false }
    return expression.bounds { symbol in
      let known = facts.single[symbol] ?? SymbolFacts()
      let most = known.values?.last ?? known.most
      return Bounds(low: 0, high: most.flatMap { $0 < known.least ? nil : $0 - known.least })
    }?.low ?? -1 >= 0
  }
}

/// The values between which an expression lies.
struct Bounds {
  var low: Int
  /// `nil` without an upper end.
  var high: Int?
}

extension Polynomial {
  /// Bounds from those of each symbol; `nil` where there is no lower one.
  fileprivate func bounds(_ symbol: (Symbol) -> Bounds) -> Bounds? {
    var sum = Bounds(low: 0, high: 0)
    for term in terms {
      var product = Bounds(low: 1, high: 1)
      for factor in term.factors {
        guard let atom = factor.atom.bounds(symbol), atom.low >= 0 else { return nil }
        for _ in 0..<factor.power {
          let (low, overflow) = product.low.multipliedReportingOverflow(by: atom.low)
          if overflow { return nil }
          product.low = low
          product.high = product.high.flatMap { a in atom.high.flatMap { checkedProduct(a, $0) } }
        }
      }
      let isPositive = term.coefficient > 0
      let ends: (near: Int?, far: Int?) =
        isPositive ? (product.low, product.high) : (product.high, product.low)
      guard let near = ends.near, let low = checkedProduct(near, term.coefficient) else {
        return nil
      }
      let (total, overflow) = sum.low.addingReportingOverflow(low)
      if overflow { return nil }
      sum.low = total
      let far = ends.far.flatMap { checkedProduct($0, term.coefficient) }
      if let most = sum.high, let far {
        let (total, overflow) = most.addingReportingOverflow(far)
        sum.high = overflow ? nil : total
      } else {
        sum.high = nil
      }
    }
    return sum
  }
}

private func checkedProduct(_ a: Int, _ b: Int) -> Int? {
  let (product, overflow) = a.multipliedReportingOverflow(by: b)
  return overflow ? nil : product
}

extension Polynomial.Atom {
  fileprivate func bounds(_ symbol: (Symbol) -> Bounds) -> Bounds? {
    switch self {
    case .symbol(let own): return symbol(own)
    case .floor(let numerator, let divisor):
      guard let modulus = divisor.constant, modulus > 0, let inner = numerator.bounds(symbol) else {
        return nil
      }
      return Bounds(
        low: Polynomial.floorDivision(inner.low, modulus).quotient,
        high: inner.high.map { Polynomial.floorDivision($0, modulus).quotient })
    case .minimum(let a, let b):
      guard let x = a.bounds(symbol), let y = b.bounds(symbol) else { return nil }
      let highs = [x.high, y.high].compactMap { $0 }
      return Bounds(low: Swift.min(x.low, y.low), high: highs.min())
    case .maximum(let a, let b):
      guard let x = a.bounds(symbol), let y = b.bounds(symbol) else { return nil }
      let high = x.high.flatMap { a in y.high.map { Swift.max(a, $0) } }
      return Bounds(low: Swift.max(x.low, y.low), high: high)
    }
  }
}
