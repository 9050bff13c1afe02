/// A node of a tree, with its place: a value that is cheap to make and to copy.
///
/// Comments and skipped text are nodes too; blanks lie between them.
public struct SyntaxNode: Sendable {
  public let tree: SyntaxTree
  /// Absent in the root.
  let chunk: Chunk?
  /// What stands before the chunk.
  let before: TextSummary
  let index: Int

  private var flat: FlatNode? {
    guard let chunk, chunk.nodes.indices.contains(index) else { return nil }
    return chunk.nodes[index]
  }

  public var kind: SyntaxKind { flat?.kind ?? .sourceFile }

  public var isToken: Bool { kind.isToken }

  /// Absolute byte offsets.
  public var range: Range<Int> { tree.range(of: sourceRange) }

  public var sourceRange: SourceRange {
    guard let chunk, let flat else {
      let last = tree.chunks.chunk(at: tree.chunks.summary.chunks - 1)?.chunk
      return SourceRange(
        startChunk: tree.chunks.chunk(at: 0)?.chunk.identity ?? 0, start: 0,
        endChunk: last?.identity ?? 0,
        end: UInt32(truncatingIfNeeded: last?.text.count ?? 0))
    }
    guard flat.isOpen else { return chunk.range(of: index) }
    let end = closing()
    return SourceRange(
      startChunk: chunk.identity, start: UInt32(truncatingIfNeeded: flat.offset),
      endChunk: end?.chunk.identity ?? chunk.identity,
      end: UInt32(truncatingIfNeeded: end?.offset ?? chunk.text.count))
  }

  /// The text of the node, what is between its tokens included.
  public var bytes: [UInt8] { tree.text(in: range) }

  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The node that this one stands in; absent for the root.
  public var parent: SyntaxNode? {
    guard let chunk else { return nil }
    var open = chunk.openAtStart.count
    var inner: Int?
    var place = 0
    while place < index {
      let node = chunk.nodes[place]
      if node.kind == .close {
        open -= 1
        place += 1
      } else if node.kind.isToken {
        place += 1
      } else {
        let end = place + Int(node.extent) + 1
        if end > index {
          inner = place
          place += 1
        } else {
          place = end
        }
      }
    }
    if let inner { return SyntaxNode(tree: tree, chunk: chunk, before: before, index: inner) }
    guard open > 0, open <= chunk.openAtStart.count else { return tree.root }
    return tree.node(chunk.openAtStart[open - 1])
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
    var children: [SyntaxNode] = []
    guard let chunk else {
      guard let first = tree.chunks.chunk(at: 0) else { return [] }
      collect(&children, first.chunk, first.before, 0, depth: 0)
      return children
    }
    guard let flat, !flat.kind.isToken else { return [] }
    if flat.isOpen {
      collect(&children, chunk, before, index + 1, depth: 0)
      return children
    }
    let end = min(index + Int(flat.extent) + 1, chunk.nodes.count)
    var place = index + 1
    while place < end {
      children.append(SyntaxNode(tree: tree, chunk: chunk, before: before, index: place))
      let node = chunk.nodes[place]
      place += node.kind.isToken ? 1 : Int(node.extent) + 1
    }
    return children
  }

  /// Children from a node of a chunk on, to the `close` of the node that they belong to.
  private func collect(
    _ children: inout [SyntaxNode], _ chunk: Chunk, _ before: TextSummary, _ place: Int,
    depth: Int
  ) {
    var (chunk, before, place, depth) = (chunk, before, place, depth)
    while true {
      while place < chunk.nodes.count {
        let node = chunk.nodes[place]
        if node.kind == .close {
          if depth == 0 { return }
          depth -= 1
          place += 1
          continue
        }
        if depth == 0 {
          children.append(SyntaxNode(tree: tree, chunk: chunk, before: before, index: place))
        }
        if node.kind.isToken {
          place += 1
        } else if node.isOpen {
          depth += 1
          place += 1
        } else {
          place += Int(node.extent) + 1
        }
      }
      guard let next = tree.chunks.chunk(at: before.chunks + 1) else { return }
      (chunk, before) = next
      place = 0
    }
  }

  /// Where an open node ends: a chunk and an offset in it.
  private func closing() -> (chunk: Chunk, offset: Int)? {
    guard let chunk else { return nil }
    var following = before.chunks + 1
    guard var current = tree.chunks.chunk(at: following)?.chunk,
      let level = current.openAtStart.firstIndex(where: {
        $0.chunk == chunk.identity && Int($0.node) == index
      })
    else { return nil }
    while let next = tree.chunks.chunk(at: following + 1)?.chunk, level < next.openAtStart.count,
      next.openAtStart[level].chunk == chunk.identity, Int(next.openAtStart[level].node) == index
    {
      current = next
      following += 1
    }
    var depth = current.openAtStart.count
    var place = 0
    while place < current.nodes.count {
      let node = current.nodes[place]
      if node.kind == .close {
        depth -= 1
        if depth == level { return (current, node.offset) }
        place += 1
      } else if node.kind.isToken || node.isOpen {
        place += 1
      } else {
        place += Int(node.extent) + 1
      }
    }
    return (current, current.text.count)
  }
}

extension SyntaxNode: Hashable {
  public static func == (left: SyntaxNode, right: SyntaxNode) -> Bool {
    left.chunk === right.chunk && left.index == right.index
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(chunk?.identity)
    hasher.combine(index)
  }
}

extension SyntaxTree {
  /// The file; its children are the declarations.
  public var root: SyntaxNode {
    SyntaxNode(tree: self, chunk: nil, before: TextSummary(), index: 0)
  }

  func node(_ open: OpenNode) -> SyntaxNode? {
    guard let start = index.start(of: open.chunk),
      let (chunk, before) = chunks.descend({ $0.bytes <= start }), chunk.identity == open.chunk
    else { return nil }
    return SyntaxNode(tree: self, chunk: chunk, before: before, index: Int(open.node))
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
    guard !range.isEmpty, var (chunk, before) = chunks.descend({ $0.bytes <= range.lowerBound })
    else { return [] }
    while true {
      for (index, node) in chunk.nodes.enumerated() where node.kind.isToken {
        let start = before.bytes + node.offset
        if start >= range.upperBound { return tokens }
        if start + Int(node.extent) > range.lowerBound {
          tokens.append(SyntaxNode(tree: self, chunk: chunk, before: before, index: index))
        }
      }
      guard let next = chunks.chunk(at: before.chunks + 1) else { return tokens }
      (chunk, before) = next
    }
  }

  private func lastToken(startingAtOrBefore offset: Int) -> SyntaxNode? {
    guard offset >= 0, let (chunk, before) = chunks.descend({ $0.bytes <= offset }) else {
      return nil
    }
    let local = offset - before.bytes
    let index = chunk.nodes.lastIndex { $0.kind.isToken && $0.offset <= local }
    guard let index else {
      return SyntaxNode(tree: self, chunk: chunk, before: before, index: 0).previousToken
    }
    return SyntaxNode(tree: self, chunk: chunk, before: before, index: index)
  }
}

extension SyntaxNode {
  /// The token or comment before this node.
  public var previousToken: SyntaxNode? {
    guard var chunk else { return nil }
    var before = before
    var end = min(index, chunk.nodes.count)
    while true {
      if let place = chunk.nodes[..<end].lastIndex(where: { $0.kind.isToken }) {
        return SyntaxNode(tree: tree, chunk: chunk, before: before, index: place)
      }
      guard let previous = tree.chunks.chunk(at: before.chunks - 1) else { return nil }
      (chunk, before) = previous
      end = chunk.nodes.count
    }
  }

  /// The token or comment after this one.
  public var nextToken: SyntaxNode? {
    guard var chunk else { return nil }
    var before = before
    var start = min(index + 1, chunk.nodes.count)
    while true {
      if let place = chunk.nodes[start...].firstIndex(where: { $0.kind.isToken }) {
        return SyntaxNode(tree: tree, chunk: chunk, before: before, index: place)
      }
      guard let next = tree.chunks.chunk(at: before.chunks + 1) else { return nil }
      (chunk, before) = next
      start = 0
    }
  }
}
