/// The text of a document, read: every byte of it, in a tree that is never changed.
///
/// Copies are cheap, and a tree can be read from any thread.
public struct SyntaxTree: Sendable {
  let chunks: ChunkTree
  /// Where each chunk starts, by identity.
  let index: ChunkIndex

  /// Reads a text. There is no text for which this fails; what the grammar does not allow is
  /// among the `errors`.
  public static func parse(_ text: [UInt8]) -> SyntaxTree {
    SyntaxTree(Parser.chunks(of: text))
  }

  init(_ list: [Chunk]) {
    chunks = ChunkTree.build(list)
    index = ChunkIndex(list)
  }

  public var byteCount: Int { chunks.summary.bytes }

  public var text: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(byteCount)
    chunks.forEach { text += $0.text }
    return text
  }

  /// In the order of the text.
  public var errors: [SyntaxError] {
    var errors: [SyntaxError] = []
    chunks.forEach { errors += $0.errors }
    return errors
  }

  /// The byte offsets of a range that was read from this tree, or from an earlier version of its
  /// document if the chunks it lies in are still there. Empty at the end of the text if not.
  public func range(of range: SourceRange) -> Range<Int> {
    let start = min(
      index.start(of: range.startChunk).map { $0 + Int(range.start) } ?? byteCount, byteCount)
    let end = min(
      index.start(of: range.endChunk).map { $0 + Int(range.end) } ?? byteCount, byteCount)
    return start..<max(start, end)
  }

  /// The part of the text in `range`, clamped to it.
  public func text(in range: Range<Int>) -> [UInt8] {
    let range = range.clamped(to: 0..<byteCount)
    guard !range.isEmpty, var (chunk, before) = chunks.descend({ $0.bytes <= range.lowerBound })
    else { return [] }
    var text: [UInt8] = []
    while true {
      let local = (range.lowerBound - before.bytes..<range.upperBound - before.bytes)
        .clamped(to: 0..<chunk.text.count)
      text += chunk.text[local]
      guard before.bytes + chunk.text.count < range.upperBound,
        let next = chunks.chunk(at: before.chunks + 1)
      else { return text }
      (chunk, before) = next
    }
  }

  /// What the file declares. Reading it walks the whole tree: do so once for a version.
  public var sourceFile: SourceFile {
    var reader = DeclarationReader(self)
    return reader.sourceFile()
  }
}

/// Finds chunks by their identity.
struct ChunkIndex: Sendable {
  private struct Entry {
    var identity: UInt32
    var start: Int
  }

  private let entries: [Entry]

  init(_ chunks: [Chunk]) {
    var start = 0
    var entries = chunks.map { chunk in
      defer { start += chunk.text.count }
      return Entry(identity: chunk.identity, start: start)
    }
    if !zip(entries, entries.dropFirst()).allSatisfy({ $0.identity < $1.identity }) {
      entries.sort { $0.identity < $1.identity }
    }
    self.entries = entries
  }

  func start(of identity: UInt32) -> Int? {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].identity < identity { low = middle + 1 } else { high = middle }
    }
    return low < entries.count && entries[low].identity == identity ? entries[low].start : nil
  }
}
