/// A size: a number, or an integer polynomial over symbols and floors of them.
///
/// Arithmetic is exact and normalizes as it goes, so that equal forms are equal values. It throws
/// `DimensionError` where a result leaves 64 bits.
public enum Dimension: Hashable, Sendable {
  case constant(Int)
  /// Never a constant polynomial: those are `.constant`.
  case polynomial(Polynomial)

  public init(_ polynomial: Polynomial) {
    if let constant = polynomial.constant {
      self = .constant(constant)
    } else {
      self = .polynomial(polynomial)
    }
  }

  public init(_ symbol: Symbol) { self = .polynomial(Polynomial(.symbol(symbol))) }

  public var constant: Int? {
    if case .constant(let value) = self { value } else { nil }
  }

  /// The symbol, where it is exactly one.
  public var symbol: Symbol? {
    guard case .polynomial(let polynomial) = self, polynomial.terms.count == 1,
      polynomial.terms[0].coefficient == 1, polynomial.terms[0].factors.count == 1,
      polynomial.terms[0].factors[0].power == 1,
      case .symbol(let symbol) = polynomial.terms[0].factors[0].atom
    else { return nil }
    return symbol
  }

  public var polynomial: Polynomial {
    switch self {
    case .constant(let value): Polynomial(value)
    case .polynomial(let polynomial): polynomial
    }
  }

  public var symbols: Set<Symbol> {
    guard case .polynomial(let polynomial) = self else { return [] }
    var symbols: Set<Symbol> = []
    polynomial.collectSymbols(into: &symbols)
    return symbols
  }

  /// Calls `body` with every symbol, those that stand in several places as often.
  public func forEachSymbol(_ body: (Symbol) -> Void) {
    if case .polynomial(let polynomial) = self { polynomial.forEachSymbol(body) }
  }

  public func adding(_ other: Dimension) throws(DimensionError) -> Dimension {
    if case .constant(let a) = self, case .constant(let b) = other {
      let (sum, overflow) = a.addingReportingOverflow(b)
      if overflow { throw .overflow }
      return .constant(sum)
    }
    return try Dimension(polynomial.adding(other.polynomial))
  }

  public func subtracting(_ other: Dimension) throws(DimensionError) -> Dimension {
    if case .constant(let a) = self, case .constant(let b) = other {
      let (difference, overflow) = a.subtractingReportingOverflow(b)
      if overflow { throw .overflow }
      return .constant(difference)
    }
    return try Dimension(polynomial.adding(other.polynomial, times: -1))
  }

  public func multiplied(by other: Dimension) throws(DimensionError) -> Dimension {
    if case .constant(let a) = self, case .constant(let b) = other {
      let (product, overflow) = a.multipliedReportingOverflow(by: b)
      if overflow { throw .overflow }
      return .constant(product)
    }
    return try Dimension(polynomial.multiplied(by: other.polynomial))
  }

  /// Rounds toward minus infinity, as Python's `//`.
  public func floorDivided(by other: Dimension) throws(DimensionError) -> Dimension {
    if case .constant(let a) = self, case .constant(let b) = other {
      if b == 0 { throw .divisionByZero }
      if a == Int.min, b == -1 { throw .overflow }
      let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
      return .constant(remainder != 0 && (remainder < 0) != (b < 0) ? quotient - 1 : quotient)
    }
    return try Dimension(polynomial.floorDivided(by: other.polynomial))
  }

  /// Rounds up.
  public func ceilDivided(by other: Dimension) throws(DimensionError) -> Dimension {
    let negative = try Dimension.constant(0).subtracting(self).floorDivided(by: other)
    return try Dimension.constant(0).subtracting(negative)
  }

  /// Python's `%`: the sign is the divisor's.
  public func remainder(dividingBy other: Dimension) throws(DimensionError) -> Dimension {
    try subtracting(other.multiplied(by: floorDivided(by: other)))
  }

  public func raised(to power: Int) throws(DimensionError) -> Dimension {
    if power > 64 {
      // Only -1, 0 and 1 have such powers in 64 bits.
      switch constant {
      case 0: return .constant(0)
      case 1: return .constant(1)
      case -1: return .constant(power.isMultiple(of: 2) ? 1 : -1)
      default: throw .overflow
      }
    }
    var result = Dimension.constant(1)
    for _ in 0..<max(0, power) { result = try result.multiplied(by: self) }
    return result
  }

  public static func minimum(_ a: Dimension, _ b: Dimension) throws(DimensionError) -> Dimension {
    try Dimension(Polynomial.minimum(a.polynomial, b.polynomial))
  }

  public static func maximum(_ a: Dimension, _ b: Dimension) throws(DimensionError) -> Dimension {
    try Dimension(Polynomial.maximum(a.polynomial, b.polynomial))
  }

  /// The one of two equal sizes that is easier to read: `rows` rather than `16*(rows//16)`.
  public func simpler(_ other: Dimension) -> Dimension {
    if case .constant = self, case .constant = other { return self }
    if self == other { return self }
    return other.polynomial.complexity < polynomial.complexity ? other : self
  }

  /// The dimension with the symbols that `value` answers replaced.
  public func substituting(
    _ value: (Symbol) -> Dimension?
  ) throws(DimensionError) -> Dimension {
    guard case .polynomial(let polynomial) = self else { return self }
    return try Dimension(polynomial.substituting { value($0)?.polynomial })
  }

  /// The number it is where every symbol has one; `nil` past 64 bits or for a missing symbol.
  public func evaluated(_ sizes: [Symbol: Int]) -> Int? { evaluated { sizes[$0] } }

  public func evaluated(_ size: (Symbol) -> Int?) -> Int? {
    switch self {
    case .constant(let value): value
    case .polynomial(let polynomial): polynomial.value(size)
    }
  }
}
