/// A range of the source that survives edits elsewhere in the file.
///
/// Both ends are anchored to the chunk that holds them: an edit moves chunks, it does not renumber
/// what stands inside the untouched ones. `SyntaxTree.range(of:)` turns it into byte offsets.
public struct SourceRange: Hashable, Sendable {
  /// The identity of the chunk that holds the first byte, unique in its document.
  public var startChunk: UInt64
  /// The identity of the chunk that holds the end.
  public var endChunk: UInt64
  /// The byte offset of the start, relative to `startChunk`.
  public var start: UInt32
  /// The byte offset just past the end, relative to `endChunk`.
  public var end: UInt32

  public init(startChunk: UInt64, start: UInt32, endChunk: UInt64, end: UInt32) {
    self.startChunk = startChunk
    self.start = start
    self.endChunk = endChunk
    self.end = end
  }

  /// The range from the start of this one to the end of `other`.
  public func joined(with other: SourceRange) -> SourceRange {
    SourceRange(
      startChunk: startChunk, start: start, endChunk: other.endChunk, end: other.end)
  }

  /// The empty range at the start of this one.
  public var startPoint: SourceRange {
    SourceRange(startChunk: startChunk, start: start, endChunk: startChunk, end: start)
  }

  /// The empty range at the end of this one.
  public var endPoint: SourceRange {
    SourceRange(startChunk: endChunk, start: end, endChunk: endChunk, end: end)
  }
}

/// Places as a chunk notes them down in its errors. It does not know its own identity, and what
/// stands in earlier chunks is said in words that stay true when those are read again.
extension SourceRange {
  /// Relative to the chunk that notes it.
  static let here: UInt64 = 0
  /// The end of the last token before the chunk.
  static let gapBefore = SourceRange(startChunk: 1, start: 0, endChunk: 1, end: 0)
  /// The place where the `}` of the suspicious block of an earlier chunk should stand.
  static let suspectedGap = SourceRange(startChunk: 2, start: 0, endChunk: 2, end: 0)
}
