/// An array whose copies share all but the segments that are changed in them.
public struct SegmentedArray<Element> {
  private var segments: [[Element]] = []
  public private(set) var count = 0

  private static var width: Int { 32 }

  public init() {}

  public mutating func append(_ element: Element) {
    if count & (Self.width - 1) == 0 {
      var segment: [Element] = []
      segment.reserveCapacity(Self.width)
      segments.append(segment)
    }
    segments[segments.count - 1].append(element)
    count += 1
  }

  /// Leaves the first `length` elements.
  mutating func truncate(to length: Int) {
    guard length < count else { return }
    let whole = (length + Self.width - 1) / Self.width
    segments.removeLast(segments.count - whole)
    let rest = length & (Self.width - 1)
    if rest > 0 { segments[whole - 1].removeLast(segments[whole - 1].count - rest) }
    count = length
  }

  /// Puts the elements of `other` at the same places, from `start` on.
  mutating func overwrite(from start: Int, with other: SegmentedArray) {
    for place in start..<Swift.max(start, Swift.min(other.count, count)) {
      self[place] = other[place]
    }
  }
}

extension SegmentedArray: RandomAccessCollection, MutableCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(index: Int) -> Element {
    _read { yield segments[index / Self.width][index & (Self.width - 1)] }
    _modify { yield &segments[index / Self.width][index & (Self.width - 1)] }
  }
}

extension SegmentedArray: Sendable where Element: Sendable {}

extension SegmentedArray: ExpressibleByArrayLiteral {
  public init(arrayLiteral elements: Element...) {
    for element in elements { append(element) }
  }
}
