// What would make a claim hold: the condition that the source can state.
extension Facts {
  /// Conditions on single symbols under which `left relation right` holds for every allowed size,
  /// the weakest that were found; `nil` where none were, or no allowed size meets them.
  ///
  /// An equality asks for divisibility (`height % 32 == 0`), a remainder, one size, or for two
  /// symbols to be equal; an inequality asks for a lower or an upper bound of a symbol.
  public func remedy(
    _ left: Dimension, _ relation: Relation, _ right: Dimension
  ) -> [Constraint]? {
    guard let difference = try? left.subtracting(right), difference.constant == nil else {
      return nil
    }
    let question = Constraint(left, relation, right)
    let found =
      relation == .equal
      ? equation(question, difference) : bound(question, difference.symbols.sorted())
    return found.flatMap { conditions in
      isProof(conditions, question) && isPossible(conditions) ? conditions : nil
    }
  }

  private func isProof(_ conditions: [Constraint], _ question: Constraint) -> Bool {
    var facts = self
    for condition in conditions { facts.add(condition) }
    return facts.verdict(question.left, question.relation, question.right) == .proved
  }

  /// Whether some allowed size meets all conditions.
  private func isPossible(_ conditions: [Constraint]) -> Bool {
    var facts = self
    for condition in conditions.dropLast() { facts.add(condition) }
    guard let last = conditions.last else { return false }
    return facts.example(last.left, last.relation, last.right) != nil
  }

  // MARK: Equalities

  private func equation(_ question: Constraint, _ difference: Dimension) -> [Constraint]? {
    let symbols = difference.symbols.sorted()
    if symbols.count == 1, let only = solution(question, symbols[0], difference) { return [only] }
    var periods: [Int] = []
    for symbol in symbols {
      guard let period = difference.polynomial.period(in: symbol, limit: SymbolSizes.limit) else {
        return nil
      }
      periods.append(period)
    }
    var conditions = zip(symbols, periods).map { Facts.multiple($0, of: $1) }
    if isProof(conditions.compactMap { $0 }, question) {
      // Each symbol needs no more than the smallest divisor that still does.
      for (index, symbol) in symbols.enumerated() {
        for divisor in divisors(of: periods[index]) {
          let wanted = Facts.multiple(symbol, of: divisor)
          let others = (conditions[..<index] + conditions[(index + 1)...]).compactMap { $0 }
          if isProof(others + (wanted.map { [$0] } ?? []), question) {
            conditions[index] = wanted
            break
          }
        }
      }
      return conditions.compactMap { $0 }
    }
    if symbols.count == 1 {
      return remainder(question, symbols[0], periods[0]).map { [$0] }
    }
    // Symbols that have to be the same: `height == width`.
    if symbols.count == 2 {
      let same = Constraint(Dimension(symbols[0]), .equal, Dimension(symbols[1]))
      if isProof([same], question) { return [same] }
      if question.left.symbol != nil || question.right.symbol != nil { return [question] }
    }
    return nil
  }

  /// `symbol % divisor == 0`; `nil` for 1, which asks for nothing.
  private static func multiple(_ symbol: Symbol, of divisor: Int) -> Constraint? {
    guard divisor > 1,
      let rest = try? Dimension(symbol).remainder(dividingBy: .constant(divisor))
    else { return nil }
    return Constraint(rest, .equal, .constant(0))
  }

  /// Ascending.
  private func divisors(of number: Int) -> [Int] {
    (1...max(1, number)).filter { number % $0 == 0 }
  }

  /// The one size at which an expression that grows with the symbol is right.
  private func solution(
    _ question: Constraint, _ symbol: Symbol, _ difference: Dimension
  ) -> Constraint? {
    guard difference.polynomial.degree(in: symbol) == 1, let found = example(question),
      let size = found[symbol]
    else { return nil }
    let only = Constraint(Dimension(symbol), .equal, .constant(size))
    var others = self
    others.add(only.negated)
    return others.example(question) == nil ? only : nil
  }

  private func example(_ question: Constraint) -> [Symbol: Int]? {
    example(question.left, question.relation, question.right)
  }

  /// `symbol % divisor == remainder`, with the smallest divisor.
  private func remainder(
    _ question: Constraint, _ symbol: Symbol, _ period: Int
  ) -> Constraint? {
    guard period <= 64 else { return nil }
    for divisor in divisors(of: period).dropFirst() {
      for rest in 1..<divisor {
        guard let remainder = try? Dimension(symbol).remainder(dividingBy: .constant(divisor))
        else { return nil }
        let condition = Constraint(remainder, .equal, .constant(rest))
        if isPossible([condition]), isProof([condition], question) { return condition }
      }
    }
    return nil
  }

  // MARK: Bounds

  /// A bound of one symbol that is enough, with the others as they are.
  private func bound(_ question: Constraint, _ symbols: [Symbol]) -> [Constraint]? {
    for symbol in symbols {
      let known = single[symbol] ?? SymbolFacts()
      for isLower in [true, false] {
        let make = { (size: Int) in
          Constraint(Dimension(symbol), isLower ? .greaterOrEqual : .lessOrEqual, .constant(size))
        }
        // Doubling away from the end that does not do, then halving towards the weakest that does.
        var (bad, good) = isLower ? (known.least, known.least) : (0, 0)
        if isLower {
          var step = 1
          while step < 1 << 40 {
            good = known.least &+ step
            if isProof([make(good)], question) { break }
            bad = good
            step *= 2
          }
          if step >= 1 << 40 { continue }
        } else {
          guard isProof([make(known.least)], question) else { continue }
          good = known.least
          var step = 1
          while step < 1 << 40, isProof([make(good + step)], question) {
            good += step
            step *= 2
          }
          bad = good + step
        }
        while abs(good - bad) > 1 {
          let middle = (good + bad) / 2
          if isProof([make(middle)], question) { good = middle } else { bad = middle }
        }
        return [make(good)]
      }
    }
    return nil
  }
}

extension Facts.Constraint {
  /// What the source would say: `height % 32 == 0`, `height >= 29`, `height == width`.
  public var text: String {
    if let (symbol, divisor, rest) = remainder { return "\(symbol.name) % \(divisor) == \(rest)" }
    return "\(left) \(relation.rawValue) \(right)"
  }

  /// The parts of `symbol % divisor == rest`.
  public var remainder: (symbol: Symbol, divisor: Int, rest: Int)? {
    // s - m·⌊s / m⌋
    guard relation == .equal, let rest = right.constant, left.symbols.count == 1,
      let symbol = left.symbols.first
    else { return nil }
    for term in left.polynomial.terms {
      guard term.coefficient < -1, term.factors.count == 1, term.factors[0].power == 1,
        case .floor = term.factors[0].atom,
        left == (try? Dimension(symbol).remainder(dividingBy: .constant(-term.coefficient)))
      else { continue }
      return (symbol, -term.coefficient, rest)
    }
    return nil
  }
}
