/// Where one chunk ends and the next starts, and the comments between items.
extension Parser {
  mutating func flushComments(cutting: Bool = false) {
    guard token.hasComment, flushed < token.start else { return }
    var index = flushed
    while index < token.start {
      guard lexer.text[index] == 0x23 else {
        index += 1
        continue
      }
      if cutting, index - chunkStart >= minimalSize {
        let position = index - lexer.column(of: index)
        if position >= flushed, position > previousEnd, mayCut(at: position) {
          cut(at: position)
          if isStopped { return }
        }
      }
      index = appendComment(index)
    }
  }

  /// Adds the comment at `index`; the result is where it ends. `##` starts documentation, `###` and
  /// longer rules do not.
  private mutating func appendComment(_ index: Int) -> Int {
    let text = lexer.text
    let end = lexer.endOfLine(from: index)
    let isDocumentation =
      index + 1 < end && text[index + 1] == 0x23 && (index + 2 >= end || text[index + 2] != 0x23)
    append(isDocumentation ? .documentation : .comment, index, end)
    flushed = end
    return end
  }

  mutating func cutIfLong() {
    guard previousEnd - chunkStart >= minimalSize else { return }
    // A comment on the line of what it follows stays with it, and so does the line break.
    var position = lexer.afterBlanks(max(previousEnd, flushed))
    guard position < token.start || token.kind == .endOfFile else {
      if mayCutLine(at: previousEnd), mayCut(at: previousEnd) { cut(at: previousEnd) }
      return
    }
    let hasComment = position < token.start && lexer.text[position] == 0x23
    let end = hasComment ? lexer.endOfLine(from: position) : position
    guard mayCut(at: lexer.afterLineBreak(end)) else { return }
    if hasComment, flushed < end { position = appendComment(position) }
    cut(at: lexer.afterLineBreak(end))
  }

  // MARK: Where to cut

  /// No chunk that is followed by another is smaller. Those that are read for the first time grow
  /// to the usual size; others may end where an old one did.
  private var minimalSize: Int { old == nil ? chunkSize : chunkSize / 2 }

  /// Whether a chunk long enough may end at `position`: where one has ended before, if that is near.
  private mutating func mayCut(at position: Int) -> Bool {
    let size = position - chunkStart
    // An error about the token ahead may be taken back when its line is read.
    if let last = errors.last?.error.range, last.endChunk == SourceRange.here, last.end > size {
      return false
    }
    let earliest = max(position, chunkStart + minimalSize)
    guard let near = old?.first(from: earliest) else {
      return size >= chunkSize
    }
    if near == position { return true }
    return size >= (near - chunkStart <= 2 * chunkSize ? 2 : 1) * chunkSize
  }

  /// Only long lines are cut: what is reported of a line may depend on all of its start.
  private mutating func mayCutLine(at position: Int) -> Bool { startOfLine(position) == nil }

  static let longLine = 4096

  /// Where the line starts that holds `position`, unless that is far away. The blanks of its start
  /// may stand before the chunk.
  mutating func startOfLine(_ position: Int) -> Int? {
    let known = knownLine.position >= chunkStart && knownLine.position <= position
    let floor = known ? knownLine.position : chunkStart
    var lineStart = known ? knownLine.start : start.startsLine ? chunkStart - start.blanks : nil
    var index = position
    while index > floor, position - index < Parser.longLine {
      let byte = lexer.text[index - 1]
      if byte == 0x0A || byte == 0x0D {
        lineStart = index
        break
      }
      index -= 1
    }
    if let place = lineStart, position - place >= Parser.longLine { lineStart = nil }
    knownLine = (position, lineStart)
    return lineStart
  }

  // MARK: Cutting

  /// Ends the chunk at `position`.
  mutating func cut(at position: Int) {
    let isEmptyText = finished.isEmpty && lexer.isStart && chunkStart == 0 && atEnd
    guard position > chunkStart || !nodes.isEmpty || !errors.isEmpty || isEmptyText else { return }
    guard reach <= lexer.limit else { return stop(.needsMoreText) }
    var next = state(at: position)
    var opens = 0
    for frame in stack where frame.node != OpenNode.elsewhere {
      close(Int(frame.node))
      nodes[Int(frame.node)].isOpen = true
      opens += 1
    }
    let hasToken = nodes.contains { $0.kind.isToken && !$0.kind.isComment }
    let text = textSummary(upTo: position, &next.invalidRuns)
    finished.append(
      Chunk(
        text: Array(lexer.text[chunkStart..<position]),
        nodes: NodeList(nodes, byteCount: position - chunkStart),
        errors: errors,
        start: start, suspicion: suspicion,
        summary: ChunkSummary(
          text: text, errors: errors.count, withTokens: hasToken ? 1 : 0,
          suspicions: suspicion == nil ? 0 : 1, closes: closes, opens: opens,
          reach: max(reach, position) - chunkStart)))
    begin(at: position, next)
    if let number = old?.number(at: position, next) { stop(.fits(number)) }
  }

  /// What is known at `position`, where the chunk ends.
  private func state(at position: Int) -> ParserState {
    var open = stack
    for index in open.indices { open[index].node = OpenNode.elsewhere }
    var state = start
    // Most chunks start like the one before them, and then share what they know.
    if open != state.open { state.open = open }
    if let suspicion { state.suspicion = suspicion.isReported ? .reported : .unreported }
    if suspicion == nil { state.suspicion = carriedSuspicion }
    state.pressure = pressure
    state.skippedBraces = skippedBraces
    state.isGapReported = isReported(gapRange)
    state.followsToken = previousEnd == position
    let isNewLine = lexer.text[max(previousEnd, chunkStart)..<position].contains {
      $0 == 0x0A || $0 == 0x0D
    }
    state.startsLine = isNewLine || previousEnd <= chunkStart && start.startsLine
    state.blanks = state.startsLine ? lexer.column(of: position) : 0
    return state
  }

  private mutating func begin(at position: Int, _ state: ParserState) {
    start = state
    stack = state.open
    carriedSuspicion = state.suspicion
    suspicion = nil
    chunkStart = position
    flushed = max(flushed, position)
    closes = 0
    beginsDeclaration = false
    nodes.removeAll(keepingCapacity: true)
    errors.removeAll(keepingCapacity: true)
  }

  /// Counts the text of the chunk and reports what in it is not UTF-8: only so many runs in a
  /// declaration.
  private mutating func textSummary(
    upTo position: Int, _ invalidRuns: inout UInt8
  ) -> TextSummary {
    var runs: [Range<Int>] = []
    var summary = TextSummary(lexer.text, chunkStart..<position) { runs.append($0) }
    summary.chunks = 1
    if runs.isEmpty, !beginsDeclaration { return summary }
    var starts = nodes.lazy.filter(\.kind.isDeclaration).map { $0.offset }.makeIterator()
    var declaration = starts.next()
    for run in runs {
      while let offset = declaration, chunkStart + offset <= run.lowerBound {
        invalidRuns = 0
        declaration = starts.next()
      }
      guard invalidRuns < Parser.invalidRunsInDeclaration else { continue }
      invalidRuns += 1
      errors.append(
        ChunkError(
          error: SyntaxError(
            code: .invalidUTF8,
            message: "these bytes are not UTF-8; save the file in that encoding",
            range: range(run.lowerBound, run.upperBound))))
    }
    if declaration != nil { invalidRuns = 0 }
    return summary
  }

  private static let invalidRunsInDeclaration: UInt8 = 16

  /// The end of the text.
  mutating func finish() {
    if isStopped { return }
    if lexer.limit < .max { return stop(.needsMoreText) }
    flushComments()
    cut(at: lexer.text.count)
    if !isStopped { stop(.endOfText) }
  }

  private mutating func stop(_ reason: Stop) {
    stop = reason
    pretendEnd()
  }

  /// Why reading ended.
  enum Stop: Equatable {
    case endOfText
    /// What was read after the last finished chunk may depend on what follows the text at hand.
    case needsMoreText
    /// The old chunk of this number goes on from here.
    case fits(Int)
  }
}
