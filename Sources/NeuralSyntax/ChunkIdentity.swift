/// The identities of chunks: names that are ordered like the chunks and never used twice.
///
/// The upper 40 bits of an identity order it, the lower 24 are the number of the edit that made the
/// chunk: a chunk that takes the place of another has a name of its own. Where an order runs out of
/// room, some neighbours are renamed, and ranges that are anchored to them count as gone.
enum ChunkIdentity {
  private static let limit: UInt64 = 1 << 40

  private static func make(_ order: UInt64, _ edit: UInt64) -> UInt64 {
    order << 24 | edit & 0xFF_FFFF
  }

  /// The chunks of a text that is read for the first time.
  static func first(_ chunks: [Chunk]) -> [ChunkTree.Entry] {
    spread(chunks, between: 0, limit, edit: 0)
  }

  private static func spread(
    _ chunks: [Chunk], between low: UInt64, _ high: UInt64, edit: UInt64
  ) -> [ChunkTree.Entry] {
    let step = (high - low) / UInt64(chunks.count + 1)
    return chunks.enumerated().map { index, chunk in
      ChunkTree.Entry(chunk: chunk, identity: make(low + step * UInt64(index + 1), edit))
    }
  }

  /// Puts new chunks in place of those numbered `range`.
  static func replace(
    _ range: Range<Int>, of tree: ChunkTree, with chunks: [Chunk], edit: UInt64
  ) -> ChunkTree {
    if chunks.count <= range.count {
      // As many as there were, or fewer: their orders serve again.
      let entries = chunks.enumerated().map { index, chunk in
        let old = tree.chunk(at: range.lowerBound + index)?.identity ?? 0
        return ChunkTree.Entry(chunk: chunk, identity: make(old >> 24, edit))
      }
      return tree.replacing(range, with: entries)
    }
    var (range, chunks) = (range, chunks)
    var reach = 1
    while true {
      let low = tree.chunk(at: range.lowerBound - 1).map { $0.identity >> 24 } ?? 0
      let high = tree.chunk(at: range.upperBound).map { $0.identity >> 24 } ?? limit
      let isWhole = range == 0..<tree.count
      // The more are renamed, the more room they get, so that it is not done again soon.
      if isWhole || (high - low) / UInt64(chunks.count + 1) >= UInt64(reach) {
        let entries = spread(chunks, between: low, high, edit: edit)
        return tree.replacing(range, with: entries)
      }
      let wider = max(range.lowerBound - reach, 0)..<min(range.upperBound + reach, tree.count)
      chunks =
        (wider.lowerBound..<range.lowerBound).compactMap { tree.chunk(at: $0)?.chunk } + chunks
        + (range.upperBound..<wider.upperBound).compactMap { tree.chunk(at: $0)?.chunk }
      range = wider
      reach *= 2
    }
  }
}
