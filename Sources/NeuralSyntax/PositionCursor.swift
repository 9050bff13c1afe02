/// Gives the positions of ascending byte offsets in one walk over the text.
public struct PositionCursor: Sendable {
  private let tree: SyntaxTree
  private let encoding: ColumnEncoding
  private var chunk: Chunk?
  private var before = TextSummary()
  /// The place in the chunk that `position` speaks of.
  private var place = 0
  private var position = TextPosition(line: 0, column: 0)

  public init(_ tree: SyntaxTree, in encoding: ColumnEncoding) {
    self.tree = tree
    self.encoding = encoding
    chunk = tree.chunks.chunk(at: 0)?.chunk
  }

  /// The position of `offset`, a boundary between characters. One that lies before an earlier one
  /// is taken for that one, and one past the end for the end.
  public mutating func position(at offset: Int) -> TextPosition {
    while let current = chunk {
      let end = min(offset - before.bytes, current.text.count)
      if place < end { advance(over: current.text, to: end) }
      if offset - before.bytes <= current.text.count { break }
      guard let next = tree.chunks.chunk(at: before.chunks + 1) else { break }
      (chunk, before) = (next.chunk, next.before)
      place = 0
    }
    return position
  }

  private mutating func advance(over text: [UInt8], to end: Int) {
    while place < end {
      let byte = text[place]
      if byte == 0x0A || byte == 0x0D {
        place += byte == 0x0D && place + 1 < text.count && text[place + 1] == 0x0A ? 2 : 1
        position.line += 1
        position.column = 0
      } else if byte < 0x80 {
        place += 1
        position.column += 1
      } else {
        let (length, isValid) = scalarLength(text, place, text.count)
        place += length
        switch encoding {
        case .utf8: position.column += length
        case .utf16: position.column += isValid && length == 4 ? 2 : 1
        case .utf32: position.column += 1
        }
      }
    }
  }
}
