/// What is reported, and where.
extension Parser {
  /// Places of the chunk that is being read.
  func range(_ start: Int, _ end: Int) -> SourceRange {
    SourceRange(
      startChunk: SourceRange.here, start: UInt32(truncatingIfNeeded: max(start - chunkStart, 0)),
      endChunk: SourceRange.here, end: UInt32(truncatingIfNeeded: max(end - chunkStart, 0)))
  }

  var tokenRange: SourceRange { range(token.start, token.end) }

  /// The empty range after the last token: where something is missing.
  var gapRange: SourceRange {
    let isEarlier =
      previousEnd < chunkStart || previousEnd == chunkStart && !(lexer.isStart && chunkStart == 0)
    return isEarlier ? .gapBefore : range(previousEnd, previousEnd)
  }

  /// An open node, as the chunk knows it.
  func place(of index: Int) -> NodePlace {
    let frame = stack[index]
    // Nodes of earlier chunks are the outermost, and stand where they stood at the chunk's start.
    return frame.node == OpenNode.elsewhere ? .level(index) : .here(Int(frame.node))
  }

  mutating func report(
    _ range: SourceRange, _ message: String, fix: SyntaxError.Fix? = nil,
    related: SyntaxError.Related? = nil
  ) {
    report(.syntaxError, range, message, fix: fix, related: related)
  }

  mutating func report(
    _ code: SyntaxError.Code, _ range: SourceRange, _ message: String,
    fix: SyntaxError.Fix? = nil, related: SyntaxError.Related? = nil,
    unclosed: ChunkError.Unclosed? = nil
  ) {
    if isLimited { return }
    if lastError == previousEnd { return }
    lastError = previousEnd
    isFaulty = true
    // Binary files are opened by mistake: their errors would take more room than they do. So
    // errors add to a pressure which items without any take away again. Where it is too high nothing
    // is reported until several items in a row are in order: then how high it is depends on no more
    // than these, and an edit changes nothing far behind it.
    guard pressure <= Parser.pressureLimit - Parser.pressureOfError else {
      pressure = Parser.flood
      return
    }
    pressure += Parser.pressureOfError
    errors.append(
      ChunkError(
        error: SyntaxError(code: code, message: message, range: range, fix: fix, related: related),
        unclosed: unclosed))
  }

  private static let pressureLimit: UInt8 = 128
  private static let pressureOfError: UInt8 = 4
  /// The pressure after an error that was too many.
  private static let flood: UInt8 = 255
  private static let itemsToEndFlood: UInt8 = 16

  /// So much is wrong that nothing is reported: what was meant is not worth a long look.
  var isFlooded: Bool { pressure > Parser.pressureLimit }

  /// After an item that is in order.
  mutating func easePressure() {
    guard pressure > 0 else { return }
    pressure -= 1
    if pressure == Parser.flood - Parser.itemsToEndFlood {
      pressure = Parser.pressureLimit - Parser.itemsToEndFlood
    }
  }

  /// Reports at the current token if it stands on the line of the one before it, else after that:
  /// what is missing at the end of a line is not the fault of the next one.
  mutating func expected(
    _ what: String, fix: SyntaxError.Fix? = nil, related: SyntaxError.Related? = nil
  ) {
    let atGap: Bool
    switch token.kind {
    case .endOfFile, .rightParen, .rightBracket, .rightBrace, .comma, .semicolon,
      .leftBrace, .equal, .colon, .arrow, .pipe:
      atGap = true
    default: atGap = token.startsLine || fix != nil
    }
    report(atGap ? gapRange : tokenRange, what, fix: fix, related: related)
  }

  /// Whether an error of this item has been reported.
  var hasReported: Bool { lastError != Parser.noError }

  /// Whether an error of this item was reported after `position`.
  func lastErrorIs(after position: Int) -> Bool { lastError >= position }

  /// An error about the token that was just taken stands for those that it causes there.
  mutating func markReported() { lastError = previousEnd }

  func string(_ start: Int, _ end: Int) -> String {
    let start = max(start, 0)
    return Parser.string(lexer.text, start..<max(end, start))
  }

  /// The text of a range, clamped to what there is, or the start of it.
  static func string(_ text: [UInt8], _ range: Range<Int>) -> String {
    String(decoding: text[range.clamped(to: text.indices)].prefix(80), as: UTF8.self)
  }

  var tokenText: String { string(token.start, token.end) }

  /// The last token of this item that was taken.
  var previousText: String { string(previousStart, previousEnd) }

  mutating func insertion(_ text: String) -> SyntaxError.Fix {
    SyntaxError.Fix(title: "Insert '\(text)'", range: gapRange, text: text)
  }
}
