/// Where one chunk ends and the next starts, and the comments between items.
extension Parser {
  mutating func flushComments(cutting: Bool = false) {
    guard token.hasComment, flushed < token.start else { return }
    var index = flushed
    let text = lexer.text
    while index < token.start {
      guard text[index] == 0x23 else {
        index += 1
        continue
      }
      let end = lexer.endOfLine(from: index)
      if cutting, index - chunkStart >= Parser.chunkSize {
        cut(at: index - lexer.column(of: index))
      }
      appendComment(index, end)
      index = end
    }
  }

  /// `##` starts documentation, `###` and longer rules do not.
  private mutating func appendComment(_ start: Int, _ end: Int) {
    let text = lexer.text
    let isDocumentation =
      start + 1 < end && text[start + 1] == 0x23 && (start + 2 >= end || text[start + 2] != 0x23)
    append(isDocumentation ? .documentation : .comment, start, end)
    flushed = end
  }

  mutating func cutIfLong() {
    guard previousEnd - chunkStart >= Parser.chunkSize else { return }
    // A comment on the line of what it follows stays with it, and so does the line break.
    var position = lexer.afterBlanks(previousEnd)
    guard position < token.start || token.kind == .endOfFile else {
      cut(at: previousEnd)
      return
    }
    if position < token.start, lexer.text[position] == 0x23 {
      let end = lexer.endOfLine(from: position)
      if flushed < end { appendComment(position, end) }
      position = end
    }
    cut(at: lexer.afterLineBreak(position))
  }

  /// Ends the chunk at `position`.
  mutating func cut(at position: Int) {
    let isLast = position == lexer.text.count && token.kind == .endOfFile
    guard
      position > chunkStart || (finished.isEmpty && isLast)
        || ((!nodes.isEmpty || !errors.isEmpty) && isLast)
    else { return }
    for frame in stack where frame.chunk == chunkIdentity {
      close(Int(frame.node))
      nodes[Int(frame.node)].isOpen = true
    }
    let start = chunkStart
    let identity = chunkIdentity
    let range = start..<position
    var invalid: [SyntaxError] = []
    var summary = TextSummary(lexer.text, range) { run in
      guard invalid.count < Parser.errorsInChunk else { return }
      invalid.append(
        SyntaxError(
          code: .invalidUTF8,
          message: "these bytes are not UTF-8; save the file in that encoding",
          range: SourceRange(
            startChunk: identity, start: UInt32(truncatingIfNeeded: run.lowerBound - start),
            endChunk: identity, end: UInt32(truncatingIfNeeded: run.upperBound - start))))
    }
    summary.chunks = 1
    errors += invalid
    // Exactly as long as needed: the parser keeps its own buffer, chunks live long.
    var kept: [FlatNode] = []
    kept.reserveCapacity(nodes.count)
    kept += nodes
    errors.sort { Parser.place($0, identity) < Parser.place($1, identity) }
    finished.append(
      Chunk(
        identity: identity, text: Array(lexer.text[range]), nodes: kept, errors: errors,
        openAtStart: openAtStart, suspicionAtStart: suspicionAtStart,
        lookahead: max(0, reach - position), summary: summary))
    finishedStarts.append(start)
    chunkStart = position
    chunkIdentity = identity &+ 1
    flushed = max(flushed, position)
    openAtStart = stack
    suspicionAtStart = suspicion
    nodes.removeAll(keepingCapacity: true)
    errors.removeAll(keepingCapacity: true)
  }

  /// Errors of earlier places first; some stand at the end of an earlier chunk.
  private static func place(_ error: SyntaxError, _ identity: UInt32) -> Int {
    error.range.startChunk == identity ? Int(error.range.start) : -1
  }
}
