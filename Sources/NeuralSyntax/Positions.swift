/// A line and a place in it, both from 0.
public struct TextPosition: Hashable, Sendable, Comparable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  public static func < (left: TextPosition, right: TextPosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// What a column counts.
public enum ColumnEncoding: Sendable { case utf8, utf16, utf32 }

extension SyntaxTree {
  /// At least one; a line break at the end of the text starts another.
  public var lineCount: Int { chunks.summary.text.lineBreaks + 1 }

  /// The position of a byte offset. An offset outside the text, inside a character or between the
  /// two bytes of a line break is that of the boundary before it.
  public func position(at offset: Int, in encoding: ColumnEncoding) -> TextPosition {
    let offset = boundary(at: offset)
    let here = prefix(offset)
    let start = lineStart(here.lineBreaks)
    return TextPosition(
      line: here.lineBreaks,
      column: here.units(encoding) - prefix(start).units(encoding))
  }

  /// The byte offset of a position. A line outside the text is clamped to it, and a column to its
  /// line without the line break; a column inside a character is that of its start.
  public func offset(of position: TextPosition, in encoding: ColumnEncoding) -> Int {
    if position.line < 0 { return 0 }
    if position.line >= lineCount { return byteCount }
    let start = lineStart(position.line)
    guard position.column > 0, var place = chunks.descend({ $0.bytes <= start })
    else { return start }
    let target = prefix(start).units(encoding).addingReportingOverflow(position.column)
    let units = target.overflow ? Int.max : target.partialValue
    // Skip to the chunk of the column, unless the line ends before it.
    let lineEnd = chunks.descend { $0.lineBreaks <= position.line }
    if let later = chunks.descend({ $0.units(encoding) <= units }),
      later.before.bytes > place.before.bytes
    {
      place = later
      if let lineEnd, lineEnd.before.bytes < later.before.bytes { place = lineEnd }
    }
    var index = max(start - place.before.bytes, 0)
    var count = place.before.units(encoding)
    if index > 0 { count += TextSummary(place.chunk.text, 0..<index).units(encoding) }
    while true {
      let text = place.chunk.text
      while index < text.count {
        let byte = text[index]
        if byte == 0x0A || byte == 0x0D || count >= units { return place.before.bytes + index }
        let (length, isValid) = scalarLength(text, index, text.count)
        switch encoding {
        case .utf8: count += length
        case .utf16: count += isValid && length == 4 ? 2 : 1
        case .utf32: count += 1
        }
        if count > units { return place.before.bytes + index }
        index += length
      }
      guard let next = chunks.chunk(at: place.number + 1) else { return byteCount }
      place = next
      index = 0
    }
  }

  /// The offset of a line's first byte.
  private func lineStart(_ line: Int) -> Int {
    guard line > 0 else { return 0 }
    guard let place = chunks.descend({ $0.lineBreaks < line }) else { return 0 }
    let text = place.chunk.text
    var left = line - place.before.lineBreaks
    var index = 0
    while index < text.count, left > 0 {
      let byte = text[index]
      index += 1
      if byte == 0x0A || byte == 0x0D && !(index < text.count && text[index] == 0x0A) {
        left -= 1
      }
    }
    return place.before.bytes + index
  }

  /// What stands before an offset, which is a boundary.
  private func prefix(_ offset: Int) -> TextSummary {
    guard let place = chunks.descend({ $0.bytes <= offset }) else { return TextSummary() }
    let local = min(max(offset - place.before.bytes, 0), place.chunk.text.count)
    return place.before + TextSummary(place.chunk.text, 0..<local)
  }

  private func boundary(at offset: Int) -> Int {
    if offset <= 0 { return 0 }
    if offset >= byteCount { return byteCount }
    guard let place = chunks.descend({ $0.bytes <= offset }) else { return 0 }
    let local = offset - place.before.bytes
    let text = place.chunk.text
    guard local > 0, local < text.count else { return offset }
    if text[local] == 0x0A, text[local - 1] == 0x0D { return offset - 1 }
    guard text[local] & 0xC0 == 0x80 else { return offset }
    // Inside a sequence, if one that starts up to three bytes before reaches past it.
    for back in 1...3 where local - back >= 0 && text[local - back] & 0xC0 != 0x80 {
      let (length, _) = scalarLength(text, local - back, text.count)
      return length > back ? offset - back : offset
    }
    return offset
  }
}
