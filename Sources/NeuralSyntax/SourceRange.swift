/// A range of the source that survives edits elsewhere in the file.
///
/// Both ends are anchored to the chunk that holds them: an edit moves chunks, it does not renumber
/// what stands inside the untouched ones. `SyntaxTree.range(of:)` turns it into byte offsets.
public struct SourceRange: Hashable, Sendable {
  /// The identity of the chunk that holds the first byte, unique in its document.
  public var startChunk: UInt32
  /// The byte offset of the start, relative to `startChunk`.
  public var start: UInt32
  /// The identity of the chunk that holds the end.
  public var endChunk: UInt32
  /// The byte offset just past the end, relative to `endChunk`.
  public var end: UInt32

  public init(startChunk: UInt32, start: UInt32, endChunk: UInt32, end: UInt32) {
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
