/// A balanced tree over chunks: every inner node has between half and all of `fanOut` children,
/// its right edge excepted, and sums what they add to a position.
final class ChunkTree: Sendable {
  let summary: TextSummary
  /// Empty in a leaf of the tree, which holds chunks instead.
  let children: [ChunkTree]
  let chunks: [Chunk]

  static let fanOut = 16

  private init(children: [ChunkTree]) {
    self.children = children
    chunks = []
    summary = children.reduce(TextSummary()) { $0 + $1.summary }
  }

  private init(chunks: [Chunk]) {
    children = []
    self.chunks = chunks
    summary = chunks.reduce(TextSummary()) { $0 + $1.summary }
  }

  static func build(_ chunks: [Chunk]) -> ChunkTree {
    var level = stride(from: 0, to: max(chunks.count, 1), by: fanOut).map {
      ChunkTree(chunks: Array(chunks[min($0, chunks.count)..<min($0 + fanOut, chunks.count)]))
    }
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: fanOut).map {
        ChunkTree(children: Array(level[$0..<min($0 + fanOut, level.count)]))
      }
    }
    return level.first ?? ChunkTree(chunks: [])
  }

  /// The first chunk for which `isBefore(end of the chunk)` is false, or the last one, with the
  /// sum of those before it; absent only in a tree without chunks.
  func descend(_ isBefore: (TextSummary) -> Bool) -> (chunk: Chunk, before: TextSummary)? {
    var node = self
    var before = TextSummary()
    while !node.children.isEmpty {
      for (index, child) in node.children.enumerated() {
        let end = before + child.summary
        if index == node.children.count - 1 || !isBefore(end) {
          node = child
          break
        }
        before = end
      }
    }
    for (index, chunk) in node.chunks.enumerated() {
      let end = before + chunk.summary
      if index == node.chunks.count - 1 || !isBefore(end) { return (chunk, before) }
      before = end
    }
    return nil
  }

  /// The chunk at a place in the order, with the sum of those before it.
  func chunk(at index: Int) -> (chunk: Chunk, before: TextSummary)? {
    guard index >= 0, index < summary.chunks else { return nil }
    return descend { $0.chunks <= index }
  }

  func forEach(_ body: (Chunk) -> Void) {
    for child in children { child.forEach(body) }
    for chunk in chunks { body(chunk) }
  }
}
