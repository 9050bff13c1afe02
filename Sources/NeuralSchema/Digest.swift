import NeuralDimension

/// A quick hash of arguments and types, for tables of what rules have said: equal ones have equal
/// digests, and others hardly ever.
public struct Digest: Sendable, Hashable {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15
  /// Whether every size in it is a number or the batch: what follows holds in any network then.
  public private(set) var isConcrete = true

  public init() {}

  private mutating func add(_ number: Int) {
    state = (state ^ UInt64(bitPattern: Int64(number))) &* 0xD6E8_FEB8_6659_FD93
    state ^= state >> 32
  }

  private mutating func add(_ text: String) {
    add(text.utf8.count)
    add(Int(text.utf8.first ?? 0) << 8 | Int(text.utf8.last ?? 0))
  }

  private mutating func add(_ size: Dimension) {
    switch size {
    case .constant(let number): add(number)
    case .polynomial(let polynomial):
      add(~polynomial.terms.count)
      if size.symbol?.id != Symbol.batch.id {
        isConcrete = false
        add(polynomial.constantTerm)
      }
    }
  }

  public mutating func add(_ type: TensorType) {
    add(type.shape.count)
    for size in type.shape { add(size) }
  }

  public mutating func add(_ arguments: BoundArguments) {
    for entry in arguments.entries { add(entry.value) }
  }

  private mutating func add(_ value: Value) {
    switch value {
    case .none: add(1)
    case .boolean(let flag): add(flag ? 3 : 2)
    case .integer(let size): add(size)
    case .float(let number): add(Int(truncatingIfNeeded: number.bitPattern))
    case .string(let text): add(text)
    case .tuple(let values), .list(let values):
      add(~values.count)
      for value in values { add(value) }
    case .layer(let layer):
      add(layer.schema.name)
      add(layer.arguments)
      for weight in layer.weights ?? [] { for size in weight.shape { add(size) } }
    case .tensor(let tensor): if let type = tensor.type { add(type) }
    case .definition(let index): add(index)
    case .condition: isConcrete = false
    case .unknown: add(4)
    }
  }
}
