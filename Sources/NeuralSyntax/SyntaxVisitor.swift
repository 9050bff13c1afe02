/// What is told of each node and token by a walk over a tree, in the order of the text.
public protocol SyntaxVisitor {
  /// A node begins; its tokens and nodes follow, then `close`.
  mutating func open(_ kind: SyntaxKind)
  mutating func close()
  mutating func visit(_ token: VisitedToken)
}

/// A token or comment that a walk has come to.
public struct VisitedToken {
  public var kind: SyntaxKind
  /// Absolute byte offsets.
  public var range: Range<Int>
  public var sourceRange: SourceRange
  /// The text of the chunk that it stands in, and where it stands there.
  public var text: [UInt8]
  public var place: Range<Int>
  /// The node that it stands in holds nothing else.
  public var isAlone: Bool
  /// What follows it in its node.
  public var next: SyntaxKind?
}

extension SyntaxTree {
  /// Walks over the part of the tree that holds `range`: whole chunks, so that some may come that
  /// lies before and behind it. The nodes that are open at the start are opened first, and those
  /// that are open at the end are not closed.
  public func walk(_ range: Range<Int>, _ visitor: inout some SyntaxVisitor) {
    guard var place = chunks.descend({ $0.bytes <= range.lowerBound }) else { return }
    for node in place.chunk.start.open { visitor.open(node.kind) }
    while true {
      place.walk(&visitor)
      guard place.before.bytes + place.chunk.text.count < range.upperBound,
        let next = chunks.chunk(at: place.number + 1)
      else { return }
      place = next
    }
  }
}

extension ChunkPlace {
  fileprivate func walk(_ visitor: inout some SyntaxVisitor) {
    let (text, nodes, start) = (chunk.text, chunk.nodes, before.bytes)
    // The last node of each one that is open, or the end of the chunk where it goes on behind it.
    var ends: [Int] = []
    for (index, node) in nodes.enumerated() {
      while let end = ends.last, end < index {
        ends.removeLast()
        visitor.close()
      }
      let kind = node.kind
      if kind == .close {
        visitor.close()
      } else if kind.isToken {
        let place = node.offset..<min(node.offset + Int(node.extent), text.count)
        let end = ends.last ?? .max
        let follows = index < end && index + 1 < nodes.count
        visitor.visit(
          VisitedToken(
            kind: kind, range: start + place.lowerBound..<start + place.upperBound,
            sourceRange: SourceRange(
              startChunk: identity, start: UInt32(truncatingIfNeeded: place.lowerBound),
              endChunk: identity, end: UInt32(truncatingIfNeeded: place.upperBound)),
            text: text, place: place,
            isAlone: end == index && index > 0 && !nodes[index - 1].kind.isToken,
            next: follows ? nodes[index + 1].kind : nil))
      } else {
        visitor.open(kind)
        ends.append(node.isOpen ? .max : index + Int(node.extent))
      }
    }
    for _ in ends.filter({ $0 != .max }) { visitor.close() }
  }
}
