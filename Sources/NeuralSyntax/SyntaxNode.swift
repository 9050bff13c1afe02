/// A node of a tree, with its place: a value that is cheap to make and to copy.
///
/// Comments and skipped text are nodes too; blanks lie between them.
public struct SyntaxNode: Sendable {
  public let tree: SyntaxTree
  /// The chunk in which it begins; absent in the root.
  let place: ChunkPlace?
  let index: Int

  var chunk: Chunk? { place?.chunk }

  private var flat: FlatNode? {
    guard let chunk, chunk.nodes.indices.contains(index) else { return nil }
    return chunk.nodes[index]
  }

  public var kind: SyntaxKind { flat?.kind ?? .sourceFile }

  public var isToken: Bool { kind.isToken }

  /// Absolute byte offsets.
  public var range: Range<Int> {
    guard let place, let flat else { return 0..<tree.byteCount }
    let start = place.before.bytes + flat.offset
    guard flat.isOpen else { return start..<place.before.bytes + place.chunk.end(of: index) }
    return start..<(closing().map { $0.place.before.bytes + $0.offset } ?? tree.byteCount)
  }

  public var sourceRange: SourceRange {
    guard let place, let flat else {
      let last = tree.chunks.chunk(at: tree.chunks.count - 1)
      return SourceRange(
        startChunk: tree.chunks.chunk(at: 0)?.identity ?? 0, start: 0,
        endChunk: last?.identity ?? 0,
        end: UInt32(truncatingIfNeeded: last?.chunk.text.count ?? 0))
    }
    guard flat.isOpen else { return place.chunk.range(of: index, in: place.identity) }
    let end = closing()
    return SourceRange(
      startChunk: place.identity, start: UInt32(truncatingIfNeeded: flat.offset),
      endChunk: end?.place.identity ?? place.identity,
      end: UInt32(truncatingIfNeeded: end?.offset ?? place.chunk.text.count))
  }

  /// The text of the node, what is between its tokens included.
  public var bytes: [UInt8] { tree.text(in: range) }

  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The node that this one stands in; absent for the root.
  public var parent: SyntaxNode? {
    guard let place, let chunk else { return nil }
    var open = chunk.start.open.count
    var inner: Int?
    var next = 0
    while next < index {
      let node = chunk.nodes[next]
      if node.kind == .close {
        open -= 1
        next += 1
      } else if node.kind.isToken {
        next += 1
      } else {
        let end = next + Int(node.extent) + 1
        if end > index {
          inner = next
          next += 1
        } else {
          next = end
        }
      }
    }
    if let inner { return SyntaxNode(tree: tree, place: place, index: inner) }
    guard open > 0 else { return tree.root }
    return tree.openNode(open - 1, before: place)
  }

  /// The nodes around this one, innermost first, without the root.
  public var ancestors: [SyntaxNode] {
    var ancestors: [SyntaxNode] = []
    var node = parent
    while let next = node, next.kind != .sourceFile {
      ancestors.append(next)
      node = next.parent
    }
    return ancestors
  }

  public var children: [SyntaxNode] {
    guard let place, let chunk else {
      return tree.chunks.chunk(at: 0).map { collect(from: $0, 0) } ?? []
    }
    guard let flat, !flat.kind.isToken else { return [] }
    if flat.isOpen { return collect(from: place, index + 1) }
    var children: [SyntaxNode] = []
    let end = min(index + Int(flat.extent) + 1, chunk.nodes.count)
    var next = index + 1
    while next < end {
      children.append(SyntaxNode(tree: tree, place: place, index: next))
      let node = chunk.nodes[next]
      next += node.kind.isToken ? 1 : Int(node.extent) + 1
    }
    return children
  }

  /// Children from a node of a chunk on, to the `close` of the node that they belong to.
  private func collect(from place: ChunkPlace, _ index: Int) -> [SyntaxNode] {
    var children: [SyntaxNode] = []
    var (place, index, depth) = (place, index, 0)
    while true {
      let nodes = place.chunk.nodes
      while index < nodes.count {
        let node = nodes[index]
        if node.kind == .close {
          if depth == 0 { return children }
          depth -= 1
          index += 1
          continue
        }
        if depth == 0 {
          children.append(SyntaxNode(tree: tree, place: place, index: index))
        }
        if node.kind.isToken {
          index += 1
        } else if node.isOpen {
          depth += 1
          index += 1
        } else {
          index += Int(node.extent) + 1
        }
      }
      guard let next = tree.chunks.chunk(at: place.number + 1) else { return children }
      (place, index) = (next, 0)
    }
  }

  /// Where an open node ends: a chunk and an offset in it.
  private func closing() -> (place: ChunkPlace, offset: Int)? {
    guard let place else { return nil }
    let nodes = place.chunk.nodes
    let around = nodes[..<index].count { $0.isOpen }
    let level = place.chunk.start.open.count - place.chunk.summary.closes + around
    guard let end = tree.chunks.closing(ofLevel: level, after: place.number) else { return nil }
    var depth = end.chunk.start.open.count
    var next = 0
    while next < end.chunk.nodes.count {
      let node = end.chunk.nodes[next]
      if node.kind == .close {
        depth -= 1
        if depth == level { return (end, node.offset) }
        next += 1
      } else if node.kind.isToken || node.isOpen {
        next += 1
      } else {
        next += Int(node.extent) + 1
      }
    }
    return (end, end.chunk.text.count)
  }
}

extension SyntaxNode: Hashable {
  public static func == (left: SyntaxNode, right: SyntaxNode) -> Bool {
    left.chunk === right.chunk && left.index == right.index
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(place?.identity)
    hasher.combine(index)
  }
}

extension SyntaxTree {
  /// The file; its children are the declarations.
  public var root: SyntaxNode { SyntaxNode(tree: self, place: nil, index: 0) }

  /// The node at a level of those that are open at the start of a chunk, outermost first.
  func openNode(_ level: Int, before place: ChunkPlace) -> SyntaxNode? {
    guard let found = chunks.opening(ofLevel: level, before: place.number) else { return nil }
    var ordinal = found.ordinal
    for (index, node) in found.place.chunk.nodes.enumerated() where node.isOpen {
      if ordinal == 0 { return SyntaxNode(tree: self, place: found.place, index: index) }
      ordinal -= 1
    }
    return nil
  }

  /// The token or comment that holds the byte at `offset`.
  public func token(at offset: Int) -> SyntaxNode? {
    guard offset >= 0, offset < byteCount, let token = lastToken(startingAtOrBefore: offset) else {
      return nil
    }
    return token.range.contains(offset) ? token : nil
  }

  /// The last token or comment that ends at `offset` or before it.
  public func token(before offset: Int) -> SyntaxNode? {
    guard var token = lastToken(startingAtOrBefore: min(offset, byteCount) - 1) else { return nil }
    while token.range.upperBound > offset {
      guard let previous = token.previousToken else { return nil }
      token = previous
    }
    return token
  }

  /// The innermost node around `offset` that is no token; its ends count as inside.
  public func node(at offset: Int) -> SyntaxNode {
    var node = (token(at: offset) ?? token(before: offset))?.parent ?? root
    while node.kind != .sourceFile,
      !(node.range.lowerBound...node.range.upperBound).contains(offset)
    {
      guard let parent = node.parent else { break }
      node = parent
    }
    return node
  }

  /// The tokens and comments that overlap `range`, in order.
  public func tokens(in range: Range<Int>) -> [SyntaxNode] {
    var tokens: [SyntaxNode] = []
    let range = range.clamped(to: 0..<byteCount)
    guard !range.isEmpty else { return [] }
    chunks.forEach(in: range) { place in
      for (index, node) in place.chunk.nodes.enumerated() where node.kind.isToken {
        let start = place.before.bytes + node.offset
        if start >= range.upperBound { return }
        if start + Int(node.extent) > range.lowerBound {
          tokens.append(SyntaxNode(tree: self, place: place, index: index))
        }
      }
    }
    return tokens
  }

  private func lastToken(startingAtOrBefore offset: Int) -> SyntaxNode? {
    guard offset >= 0, let place = chunks.descend({ $0.bytes <= offset }) else { return nil }
    let local = offset - place.before.bytes
    let index = place.chunk.nodes.lastIndex { $0.kind.isToken && $0.offset <= local }
    guard let index else { return SyntaxNode(tree: self, place: place, index: 0).previousToken }
    return SyntaxNode(tree: self, place: place, index: index)
  }
}

extension SyntaxNode {
  /// The token or comment before this node.
  public var previousToken: SyntaxNode? {
    guard var place else { return nil }
    var end = min(index, place.chunk.nodes.count)
    while true {
      if let found = place.chunk.nodes[..<end].lastIndex(where: { $0.kind.isToken }) {
        return SyntaxNode(tree: tree, place: place, index: found)
      }
      guard let previous = tree.chunks.chunk(at: place.number - 1) else { return nil }
      place = previous
      end = place.chunk.nodes.count
    }
  }

  /// The token or comment after this one.
  public var nextToken: SyntaxNode? {
    guard var place else { return nil }
    var start = min(index + 1, place.chunk.nodes.count)
    while true {
      if let found = place.chunk.nodes[start...].firstIndex(where: { $0.kind.isToken }) {
        return SyntaxNode(tree: tree, place: place, index: found)
      }
      guard let next = tree.chunks.chunk(at: place.number + 1) else { return nil }
      place = next
      start = 0
    }
  }
}
