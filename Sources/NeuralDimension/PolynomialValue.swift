// Polynomials at numbers, and how they change as a symbol grows.

extension Polynomial {
  /// The number that it is where every symbol has one; `nil` past 64 bits and for a division by 0.
  func value(_ size: (Symbol) -> Int?) -> Int? {
    var sum = 0
    for term in terms {
      var product = term.coefficient
      for factor in term.factors {
        guard let base = factor.atom.value(size) else { return nil }
        for _ in 0..<factor.power {
          let (next, overflow) = product.multipliedReportingOverflow(by: base)
          if overflow { return nil }
          product = next
        }
      }
      let (next, overflow) = sum.addingReportingOverflow(product)
      if overflow { return nil }
      sum = next
    }
    return sum
  }

  /// The degree in `symbol`, where floors count as what they round.
  func degree(in symbol: Symbol) -> Int {
    terms.reduce(0) { most, term in
      max(most, term.factors.reduce(0) { $0 + $1.power * $1.atom.degree(in: symbol) })
    }
  }

  /// The number of sizes after which its floors round alike again, as `symbol` grows; `nil` where
  /// there is none, or none below `limit`.
  func period(in symbol: Symbol, limit: Int) -> Int? {
    var period = 1
    for term in terms {
      for factor in term.factors {
        guard let next = factor.atom.period(in: symbol, limit: limit),
          let common = leastCommonMultiple(period, next), common <= limit
        else { return nil }
        period = common
      }
    }
    return period
  }

  /// The number of terms and factors, those inside atoms included.
  var complexity: Int {
    terms.reduce(0) { total, term in
      term.factors.reduce(total + 1) { $0 + $1.atom.complexity }
    }
  }

  /// The atoms that choose between two expressions, those inside others included.
  func collectChoices(into choices: inout [(Polynomial, Polynomial)]) {
    for term in terms {
      for factor in term.factors {
        switch factor.atom {
        case .symbol: continue
        case .floor(let a, let b):
          a.collectChoices(into: &choices)
          b.collectChoices(into: &choices)
        case .minimum(let a, let b), .maximum(let a, let b):
          choices.append((a, b))
          a.collectChoices(into: &choices)
          b.collectChoices(into: &choices)
        }
      }
    }
  }
}

extension Polynomial.Atom {
  func value(_ size: (Symbol) -> Int?) -> Int? {
    switch self {
    case .symbol(let symbol): return size(symbol)
    case .floor(let numerator, let divisor):
      guard let a = numerator.value(size), let b = divisor.value(size), b != 0,
        !(a == Int.min && b == -1)
      else { return nil }
      let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
      return remainder != 0 && (remainder < 0) != (b < 0) ? quotient - 1 : quotient
    case .minimum(let a, let b):
      guard let x = a.value(size), let y = b.value(size) else { return nil }
      return Swift.min(x, y)
    case .maximum(let a, let b):
      guard let x = a.value(size), let y = b.value(size) else { return nil }
      return Swift.max(x, y)
    }
  }

  var symbols: Set<Symbol> {
    var symbols: Set<Symbol> = []
    Polynomial(self).collectSymbols(into: &symbols)
    return symbols
  }

  fileprivate var complexity: Int {
    switch self {
    case .symbol: 1
    case .floor(let a, let b), .minimum(let a, let b), .maximum(let a, let b):
      1 + a.complexity + b.complexity
    }
  }

  fileprivate func degree(in symbol: Symbol) -> Int {
    switch self {
    case .symbol(let own): own == symbol ? 1 : 0
    case .floor(let numerator, _): numerator.degree(in: symbol)
    case .minimum(let a, let b), .maximum(let a, let b):
      Swift.max(a.degree(in: symbol), b.degree(in: symbol))
    }
  }

  fileprivate func period(in symbol: Symbol, limit: Int) -> Int? {
    switch self {
    case .symbol: return 1
    case .floor(let numerator, let divisor):
      guard let modulus = divisor.constant else { return nil }
      if numerator.degree(in: symbol) == 0 { return 1 }
      guard let inner = numerator.period(in: symbol, limit: limit) else { return nil }
      let (period, overflow) = inner.multipliedReportingOverflow(by: abs(modulus))
      return overflow || period > limit ? nil : period
    case .minimum(let a, let b), .maximum(let a, let b):
      guard let x = a.period(in: symbol, limit: limit), let y = b.period(in: symbol, limit: limit)
      else { return nil }
      return leastCommonMultiple(x, y)
    }
  }
}

func leastCommonMultiple(_ a: Int, _ b: Int) -> Int? {
  let (multiple, overflow) = (a / greatestCommonDivisor(a, b)).multipliedReportingOverflow(by: b)
  return overflow ? nil : multiple
}
