import LanguageServerProtocol
import NeuralSyntax

extension ColumnEncoding {
  init(_ encoding: LSP.PositionEncoding) {
    switch encoding {
    case .utf8: self = .utf8
    case .utf16: self = .utf16
    case .utf32: self = .utf32
    }
  }
}

extension SyntaxTree {
  /// The byte at a position; what lies past the end of a line or of the text is clamped to it.
  func offset(of position: LSP.Position, in encoding: LSP.PositionEncoding) -> Int {
    offset(
      of: TextPosition(line: position.line, column: position.character),
      in: ColumnEncoding(encoding))
  }

  func position(at offset: Int, in encoding: LSP.PositionEncoding) -> LSP.Position {
    let position: TextPosition = position(at: offset, in: ColumnEncoding(encoding))
    return LSP.Position(line: position.line, character: position.column)
  }

  /// The bytes of a range, whichever way round it is given.
  func bytes(of range: LSP.Range, in encoding: LSP.PositionEncoding) -> Range<Int> {
    let start = offset(of: range.start, in: encoding)
    let end = offset(of: range.end, in: encoding)
    return min(start, end)..<max(start, end)
  }

  func range(of bytes: Range<Int>, in encoding: LSP.PositionEncoding) -> LSP.Range {
    let start = position(at: bytes.lowerBound, in: encoding)
    return LSP.Range(
      start: start, end: bytes.isEmpty ? start : position(at: bytes.upperBound, in: encoding))
  }
}
