/// What is reported, and where.
extension Parser {
  /// A place of the text as the rest of the program names it.
  func anchor(_ position: Int) -> (chunk: UInt32, offset: UInt32) {
    if position >= chunkStart || finished.isEmpty {
      return (chunkIdentity, UInt32(truncatingIfNeeded: max(position - chunkStart, 0)))
    }
    var index = finished.count - 1
    while index > 0, finishedStarts[index] > position { index -= 1 }
    return (
      finished[index].identity,
      UInt32(truncatingIfNeeded: max(position - finishedStarts[index], 0))
    )
  }

  func range(_ start: Int, _ end: Int) -> SourceRange {
    let first = anchor(start)
    // The end of a chunk and the start of the next are one place: stay with the start's chunk.
    if first.chunk != chunkIdentity, start == end {
      return SourceRange(
        startChunk: first.chunk, start: first.offset, endChunk: first.chunk, end: first.offset)
    }
    let last = anchor(end)
    return SourceRange(
      startChunk: first.chunk, start: first.offset, endChunk: last.chunk, end: last.offset)
  }

  var tokenRange: SourceRange { range(token.start, token.end) }

  /// The empty range after the last token: where something is missing.
  var gapRange: SourceRange {
    if previousEnd < chunkStart || (previousEnd == chunkStart && !finished.isEmpty) {
      // It ended an earlier chunk.
      let place = anchor(previousEnd - 1)
      return SourceRange(
        startChunk: place.chunk, start: place.offset + 1, endChunk: place.chunk,
        end: place.offset + 1)
    }
    return range(previousEnd, previousEnd)
  }

  /// The absolute place of an open node's `{`.
  func braceRange(_ frame: OpenNode) -> SourceRange {
    SourceRange(
      startChunk: frame.chunk, start: frame.brace, endChunk: frame.chunk, end: frame.brace &+ 1)
  }

  /// The text from `start` in the chunk of an open node on.
  func absolute(_ frame: OpenNode, _ offset: Int) -> Int {
    if frame.chunk == chunkIdentity { return chunkStart + offset }
    let index = Int(frame.chunk &- firstIdentity)
    return finishedStarts.indices.contains(index) ? finishedStarts[index] + offset : 0
  }

  func nodeOf(_ frame: OpenNode) -> (nodes: ArraySlice<FlatNode>, start: Int) {
    let node = Int(frame.node)
    if frame.chunk == chunkIdentity { return (nodes[min(node, nodes.count)...], chunkStart) }
    let index = Int(frame.chunk &- firstIdentity)
    guard finished.indices.contains(index) else { return ([], 0) }
    let all = finished[index].nodes
    return (all[min(node, all.count)...], finishedStarts[index])
  }

  mutating func report(
    _ range: SourceRange, _ message: String, fix: SyntaxError.Fix? = nil,
    related: SyntaxError.Related? = nil
  ) {
    report(.syntaxError, range, message, fix: fix, related: related)
  }

  mutating func report(
    _ code: SyntaxError.Code, _ range: SourceRange, _ message: String,
    fix: SyntaxError.Fix? = nil, related: SyntaxError.Related? = nil
  ) {
    if isLimited { return }
    if lastError == previousEnd { return }
    lastError = previousEnd
    // Binary files are opened by mistake: their errors would take more room than they do.
    if errors.count >= Parser.errorsInChunk { return }
    errors.append(
      SyntaxError(code: code, message: message, range: range, fix: fix, related: related))
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
  var hasReported: Bool { lastError >= 0 }

  /// Whether an error of this item was reported after `position`.
  func lastErrorIs(after position: Int) -> Bool { lastError >= position }

  /// An error about the token that was just taken stands for those that it causes there.
  mutating func markReported() { lastError = previousEnd }

  func string(_ start: Int, _ end: Int) -> String {
    let start = min(max(start, 0), lexer.text.count)
    return String(
      decoding: lexer.text[start..<min(max(end, start), start + 80, lexer.text.count)],
      as: UTF8.self)
  }

  var tokenText: String { string(token.start, token.end) }

  mutating func insertion(_ text: String) -> SyntaxError.Fix {
    SyntaxError.Fix(title: "Insert '\(text)'", range: gapRange, text: text)
  }
}
