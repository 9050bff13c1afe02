/// A sum of products of atoms with integer coefficients, in a normal form: terms sorted, equal
/// products merged, no zero coefficient, no factor twice in a product. Two polynomials that are
/// equal as polynomials over their atoms are equal as values.
public struct Polynomial: Hashable, Sendable {
  /// Past this many terms arithmetic gives up with `DimensionError.tooComplex`.
  static let termLimit = 64

  /// What cannot be taken apart further.
  public indirect enum Atom: Hashable, Sendable {
    case symbol(Symbol)
    /// ⌊numerator / divisor⌋, not expressible by smaller ones.
    case floor(Polynomial, Polynomial)
    case minimum(Polynomial, Polynomial)
    case maximum(Polynomial, Polynomial)
  }

  public struct Factor: Hashable, Sendable {
    public var atom: Atom
    public var power: Int
  }

  public struct Term: Hashable, Sendable {
    public var coefficient: Int
    /// Sorted by atom; empty for the constant term.
    public var factors: [Factor]

    var degree: Int { factors.reduce(0) { $0 + $1.power } }
  }

  public private(set) var terms: [Term]

  init(terms: [Term]) { self.terms = terms }

  public init(_ constant: Int) {
    terms = constant == 0 ? [] : [Term(coefficient: constant, factors: [])]
  }

  public init(_ atom: Atom) {
    terms = [Term(coefficient: 1, factors: [Factor(atom: atom, power: 1)])]
  }

  /// The value, where no symbol is left.
  public var constant: Int? {
    switch terms.count {
    case 0: 0
    case 1 where terms[0].factors.isEmpty: terms[0].coefficient
    default: nil
    }
  }

  /// The constant term.
  public var constantTerm: Int {
    terms.last.flatMap { $0.factors.isEmpty ? $0.coefficient : nil } ?? 0
  }

  /// All symbols it depends on.
  public func collectSymbols(into symbols: inout Set<Symbol>) {
    forEachSymbol { symbols.insert($0) }
  }

  /// Every symbol, those that stand in several places as often.
  func forEachSymbol(_ body: (Symbol) -> Void) {
    for term in terms {
      for factor in term.factors {
        switch factor.atom {
        case .symbol(let symbol): body(symbol)
        case .floor(let a, let b), .minimum(let a, let b), .maximum(let a, let b):
          a.forEachSymbol(body)
          b.forEachSymbol(body)
        }
      }
    }
  }

  // MARK: Arithmetic

  func adding(_ other: Polynomial, times scale: Int = 1) throws(DimensionError) -> Polynomial {
    var sum = terms
    for term in other.terms {
      let (scaled, overflow) = term.coefficient.multipliedReportingOverflow(by: scale)
      if overflow { throw .overflow }
      if let index = sum.firstIndex(where: { $0.factors == term.factors }) {
        let (total, overflow) = sum[index].coefficient.addingReportingOverflow(scaled)
        if overflow { throw .overflow }
        if total == 0 { sum.remove(at: index) } else { sum[index].coefficient = total }
      } else if scaled != 0 {
        sum.append(Term(coefficient: scaled, factors: term.factors))
      }
    }
    if sum.count > Polynomial.termLimit { throw .tooComplex }
    sum.sort(by: Polynomial.precedes)
    return Polynomial(terms: sum)
  }

  func multiplied(by other: Polynomial) throws(DimensionError) -> Polynomial {
    var product = Polynomial(0)
    for left in terms {
      for right in other.terms {
        let (coefficient, overflow) = left.coefficient.multipliedReportingOverflow(
          by: right.coefficient)
        if overflow { throw .overflow }
        let term = Term(
          coefficient: coefficient, factors: Polynomial.merged(left.factors, right.factors))
        product = try product.adding(Polynomial(terms: [term]))
      }
    }
    return product
  }

  /// ⌊self / divisor⌋ (toward minus infinity), with whatever divides evenly taken out.
  func floorDivided(by divisor: Polynomial) throws(DimensionError) -> Polynomial {
    guard let modulus = divisor.constant else { return try dividedSymbolically(by: divisor) }
    if modulus == 0 { throw .divisionByZero }
    if modulus < 0 {
      if modulus == Int.min { throw .overflow }
      return try Polynomial(0).adding(self, times: -1).floorDivided(by: Polynomial(-modulus))
    }
    if modulus == 1 { return self }
    var quotient: [Term] = []
    var rest: [Term] = []
    for term in terms {
      let (q, r) = Polynomial.floorDivision(term.coefficient, modulus)
      if q != 0 { quotient.append(Term(coefficient: q, factors: term.factors)) }
      if r != 0 { rest.append(Term(coefficient: r, factors: term.factors)) }
    }
    let whole = Polynomial(terms: quotient)
    let remainder = Polynomial(terms: rest)
    if remainder.constant != nil { return whole }
    return try whole.adding(Polynomial.floorAtom(remainder, modulus))
  }

  /// ⌊remainder / modulus⌋ for 0 <= every coefficient < modulus, in lowest form.
  private static func floorAtom(
    _ remainder: Polynomial, _ modulus: Int
  ) throws(DimensionError) -> Polynomial {
    // ⌊(⌊a/b⌋ + c) / d⌋ = ⌊(a + b·c) / (b·d)⌋ for whole c: chains of windows stay one floor.
    for (index, term) in remainder.terms.enumerated() where term.coefficient == 1 {
      guard term.factors.count == 1, term.factors[0].power == 1,
        case .floor(let numerator, let inner) = term.factors[0].atom, let divisor = inner.constant
      else { continue }
      var others = remainder.terms
      others.remove(at: index)
      let lifted = try numerator.adding(
        Polynomial(terms: others).multiplied(by: Polynomial(divisor)))
      let (product, overflow) = divisor.multipliedReportingOverflow(by: modulus)
      if overflow { throw .overflow }
      return try lifted.floorDivided(by: Polynomial(product))
    }
    // ⌊(g·s + c) / (g·m)⌋ = ⌊(s + ⌊c/g⌋) / m⌋.
    var common = modulus
    for term in remainder.terms where !term.factors.isEmpty {
      common = greatestCommonDivisor(common, term.coefficient)
    }
    if common > 1 {
      var reduced: [Term] = []
      for term in remainder.terms {
        let coefficient = term.coefficient / common
        if coefficient != 0 {
          reduced.append(Term(coefficient: coefficient, factors: term.factors))
        }
      }
      return try Polynomial(terms: reduced).floorDivided(by: Polynomial(modulus / common))
    }
    return Polynomial(.floor(remainder, Polynomial(modulus)))
  }

  /// Division by an expression: exact where the divisor is one product that every term contains.
  private func dividedSymbolically(by divisor: Polynomial) throws(DimensionError) -> Polynomial {
    if terms.isEmpty { return self }
    if let exact = dividedExactly(by: divisor) { return exact }
    return Polynomial(.floor(self, divisor))
  }

  /// The quotient, where `divisor` divides as a polynomial; both may share a factor product.
  func dividedExactly(by divisor: Polynomial) -> Polynomial? {
    if self == divisor { return Polynomial(1) }
    guard divisor.terms.count == 1 else { return nil }
    let unit = divisor.terms[0]
    var quotient: [Term] = []
    for term in terms {
      guard term.coefficient % unit.coefficient == 0 else { return nil }
      var factors = term.factors
      for factor in unit.factors {
        guard let index = factors.firstIndex(where: { $0.atom == factor.atom }),
          factors[index].power >= factor.power
        else { return nil }
        factors[index].power -= factor.power
        if factors[index].power == 0 { factors.remove(at: index) }
      }
      quotient.append(Term(coefficient: term.coefficient / unit.coefficient, factors: factors))
    }
    return Polynomial(terms: quotient.sorted(by: Polynomial.precedes))
  }

  // MARK: Evaluation

  /// The polynomial with every symbol that `value` answers replaced.
  func substituting(
    _ value: (Symbol) -> Polynomial?
  ) throws(DimensionError) -> Polynomial {
    var result = Polynomial(0)
    for term in terms {
      var product = Polynomial(term.coefficient)
      for factor in term.factors {
        let base: Polynomial
        switch factor.atom {
        case .symbol(let symbol): base = value(symbol) ?? Polynomial(factor.atom)
        case .floor(let numerator, let divisor):
          base = try numerator.substituting(value).floorDivided(by: divisor.substituting(value))
        case .minimum(let a, let b):
          base = try Polynomial.minimum(a.substituting(value), b.substituting(value))
        case .maximum(let a, let b):
          base = try Polynomial.maximum(a.substituting(value), b.substituting(value))
        }
        for _ in 0..<factor.power { product = try product.multiplied(by: base) }
      }
      result = try result.adding(product)
    }
    return result
  }

  static func minimum(_ a: Polynomial, _ b: Polynomial) throws(DimensionError) -> Polynomial {
    if let difference = try a.adding(b, times: -1).constant { return difference <= 0 ? a : b }
    return Polynomial(.minimum(a, b))
  }

  static func maximum(_ a: Polynomial, _ b: Polynomial) throws(DimensionError) -> Polynomial {
    if let difference = try a.adding(b, times: -1).constant { return difference >= 0 ? a : b }
    return Polynomial(.maximum(a, b))
  }

  // MARK: Order

  /// Higher degrees first, the constant last; then by the atoms, which have one order.
  private static func precedes(_ left: Term, _ right: Term) -> Bool {
    if left.degree != right.degree { return left.degree > right.degree }
    return order(left.factors, right.factors) < 0
  }

  /// Negative where `left` stands before `right`, 0 where they are equal.
  private static func order(_ left: [Factor], _ right: [Factor]) -> Int {
    for (a, b) in zip(left, right) {
      let atoms = order(a.atom, b.atom)
      if atoms != 0 { return atoms }
      if a.power != b.power { return a.power - b.power }
    }
    return left.count - right.count
  }

  private static func order(_ left: Atom, _ right: Atom) -> Int {
    switch (left, right) {
    case (.symbol(let a), .symbol(let b)): return Int(a.id) - Int(b.id)
    case (.floor(let a, let b), .floor(let c, let d)),
      (.minimum(let a, let b), .minimum(let c, let d)),
      (.maximum(let a, let b), .maximum(let c, let d)):
      let first = order(a, c)
      return first != 0 ? first : order(b, d)
    default: return rank(left) - rank(right)
    }
  }

  private static func rank(_ atom: Atom) -> Int {
    switch atom {
    case .symbol: 0
    case .floor: 1
    case .minimum: 2
    case .maximum: 3
    }
  }

  private static func order(_ left: Polynomial, _ right: Polynomial) -> Int {
    for (a, b) in zip(left.terms, right.terms) {
      let factors = order(a.factors, b.factors)
      if factors != 0 { return factors }
      if a.coefficient != b.coefficient { return a.coefficient < b.coefficient ? -1 : 1 }
    }
    return left.terms.count - right.terms.count
  }

  private static func merged(_ left: [Factor], _ right: [Factor]) -> [Factor] {
    if left.isEmpty { return right }
    if right.isEmpty { return left }
    var factors = left
    for factor in right {
      if let index = factors.firstIndex(where: { $0.atom == factor.atom }) {
        factors[index].power += factor.power
      } else {
        factors.append(factor)
      }
    }
    return factors.sorted { order($0.atom, $1.atom) < 0 }
  }

  static func floorDivision(_ value: Int, _ modulus: Int) -> (quotient: Int, remainder: Int) {
    let (q, r) = value.quotientAndRemainder(dividingBy: modulus)
    return r < 0 ? (q - 1, r + modulus) : (q, r)
  }
}

func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  var (a, b) = (a.magnitude, b.magnitude)
  while b != 0 { (a, b) = (b, a % b) }
  return Int(clamping: a)
}
