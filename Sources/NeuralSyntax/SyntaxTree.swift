/// The text of a document, read: every byte of it, in a tree that is never changed.
///
/// Copies are cheap, and a tree can be read from any thread.
public struct SyntaxTree: Sendable {
  let chunks: ChunkTree
  /// How many edits lie between this version and the first.
  private let edits: UInt64
  private let chunkSize: Int

  package static let usualChunkSize = 1024

  /// Reads a text. There is no text for which this fails; what the grammar does not allow is
  /// among the `errors`.
  public static func parse(_ text: [UInt8]) -> SyntaxTree {
    parse(text, chunkSize: usualChunkSize)
  }

  /// Nothing that a tree says depends on the size of its chunks, but what an edit costs.
  package static func parse(_ text: [UInt8], chunkSize: Int) -> SyntaxTree {
    let chunks = ChunkIdentity.first(Parser.chunks(of: text, chunkSize: chunkSize))
    return SyntaxTree(ChunkTree(chunks), edits: 0, chunkSize: chunkSize)
  }

  private init(_ chunks: ChunkTree, edits: UInt64, chunkSize: Int) {
    self.chunks = chunks
    self.edits = edits
    self.chunkSize = chunkSize
  }

  /// The tree of the text in which the bytes of `range`, clamped to it, are `text`: the same as that
  /// of a text read from its start. Only what the edit can have changed is read again; everything
  /// else is shared with this tree.
  public func replacing(_ range: Range<Int>, with text: [UInt8]) -> SyntaxTree {
    replacingAndCounting(range, with: text).tree
  }

  /// The same, and what it took.
  package func replacingAndCounting(
    _ range: Range<Int>, with text: [UInt8]
  ) -> (tree: SyntaxTree, cost: EditCost) {
    let reparse = Reparse(chunks, range.clamped(to: 0..<byteCount), text, chunkSize: chunkSize)
    let edited = ChunkIdentity.replace(
      reparse.replaced, of: chunks, with: reparse.chunks, edit: edits &+ 1)
    let cost = EditCost(
      lexedBytes: reparse.lexedBytes, newChunks: reparse.chunks.count,
      reusedChunks: chunks.count - reparse.replaced.count)
    return (SyntaxTree(edited, edits: edits &+ 1, chunkSize: chunkSize), cost)
  }

  public var byteCount: Int { chunks.summary.text.bytes }

  public var text: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(byteCount)
    chunks.forEach { text += $0.chunk.text }
    return text
  }

  /// The byte offsets of a range that was read from this tree, or from an earlier version of its
  /// document if the chunks it lies in are still there. Empty at the end of the text if not.
  public func range(of range: SourceRange) -> Range<Int> {
    let first = chunks.chunk(named: range.startChunk)
    let start = first.map { min($0.before.bytes + Int(range.start), byteCount) } ?? byteCount
    let last = range.startChunk == range.endChunk ? first : chunks.chunk(named: range.endChunk)
    let end = last.map { min($0.before.bytes + Int(range.end), byteCount) } ?? byteCount
    return start..<max(start, end)
  }

  /// The part of the text in `range`, clamped to it.
  public func text(in range: Range<Int>) -> [UInt8] {
    let range = range.clamped(to: 0..<byteCount)
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    chunks.copyText(range, into: &text)
    return text
  }

  /// What the file declares. Reading it walks the whole tree: do so once for a version.
  public var sourceFile: SourceFile {
    var reader = DeclarationReader(self)
    return reader.sourceFile()
  }
}

/// What bringing a tree up to date has taken.
package struct EditCost: Sendable {
  /// Bytes that went through the lexer, each as often as it did.
  package var lexedBytes: Int
  package var newChunks: Int
  package var reusedChunks: Int
}
