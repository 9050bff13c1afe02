/// A size that the source names instead of stating: `seq` in `(seq, 512)`, or an unnamed `none`.
///
/// Two symbols are the same when their identities are; names are for people.
public struct Symbol: Hashable, Sendable, Comparable {
  /// Unique in one network; 0 is the batch, and those below 0 stand for values that depend on
  /// search variables.
  public var id: Int32
  public var name: String

  public init(id: Int32, name: String) {
    self.id = id
    self.name = name
  }

  /// The implicit first dimension of every tensor.
  public static let batch = Symbol(id: 0, name: "batch")

  /// Whether it is a number in every configuration of the search space.
  public var isSearched: Bool { id < 0 }

  public static func == (left: Symbol, right: Symbol) -> Bool { left.id == right.id }
  public static func < (left: Symbol, right: Symbol) -> Bool { left.id < right.id }
  public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// Why arithmetic over dimensions has no result.
public enum DimensionError: Error, Sendable, Equatable {
  /// A coefficient or a size left the range of 64-bit integers.
  case overflow
  /// A divisor is zero.
  case divisionByZero
  /// The expression has more terms than are worth keeping.
  case tooComplex
}
