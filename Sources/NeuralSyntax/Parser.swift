/// Reads text into chunks.
///
/// The statement level is a loop over an explicit stack of open nodes, one item (a statement, a
/// section's start, a closing brace) at a time; only expressions recurse. Between two items the
/// stack is all the state there is, so reading can start again at any chunk.
struct Parser {
  let lexer: Lexer
  var token: Token
  /// The token after `token`, where it has been looked at.
  private var ahead: Token?
  /// The end of the last token that is in the tree.
  var previousEnd = 0
  /// The end of the last token or comment that is in the tree.
  private var flushed = 0
  /// The furthest place that has been looked at.
  private var reach = 0

  private(set) var chunkStart = 0
  private(set) var chunkIdentity: UInt32
  var nodes: [FlatNode] = []
  var errors: [SyntaxError] = []
  private var openAtStart: [OpenNode] = []
  private var suspicionAtStart: Suspicion?
  private(set) var finished: [Chunk] = []
  private var finishedStarts: [Int] = []
  private let firstIdentity: UInt32

  var stack: [OpenNode] = []
  /// Kept with the stack between items.
  var suspicion: Suspicion?

  // State of the item that is being read.

  /// Column of the line on which it starts.
  var indent: UInt32 = 0
  /// The brackets that are open in it.
  var brackets: [Bracket] = []
  /// Something in it went past a limit: the rest of it is passed over.
  var isLimited = false
  /// Where the last error of the item was reported: a second one there says nothing new.
  private var lastError = -1

  struct Bracket {
    var kind: SyntaxKind
    var start: Int
  }

  static let chunkSize = 1024
  static let expressionDepth = 200
  static let blockDepth = 256
  static let maximalOffset = FlatNode.offsetLimit - 0x1_0000

  init(_ text: [UInt8], firstIdentity: UInt32 = 0) {
    lexer = Lexer(text: text)
    token = lexer.token(from: 0)
    reach = token.end
    chunkIdentity = firstIdentity
    self.firstIdentity = firstIdentity
    nodes.reserveCapacity(512)
  }

  /// Reads the whole text.
  static func chunks(of text: [UInt8]) -> [Chunk] {
    var parser = Parser(text)
    parser.run()
    return parser.finished
  }

  mutating func run() {
    while true {
      let position = token.start
      let depth = stack.count
      let count = nodes.count
      beginItem()
      guard item() else { break }
      if isLimited { skipLimited() }
      // Every item consumes a token or closes a node; this is here so that a mistake in one of
      // them is not an endless loop.
      if token.start == position, stack.count == depth, nodes.count == count {
        skipToken()
      }
    }
    flushComments()
    cut(at: lexer.text.count)
  }

  // MARK: Tokens

  var atEnd: Bool { token.kind == .endOfFile }

  mutating func peek() -> Token {
    if let ahead { return ahead }
    let next = lexer.token(from: token.end)
    reach = max(reach, next.end)
    ahead = next
    return next
  }

  /// The token after `token`, which need not be the current one.
  mutating func token(after token: Token) -> Token {
    let next = lexer.token(from: token.end)
    reach = max(reach, next.end)
    return next
  }

  /// Adds the current token to the tree.
  mutating func bump(_ kind: SyntaxKind? = nil) {
    checkReach()
    guard token.kind != .endOfFile else { return }
    flushComments()
    append(kind ?? token.kind, token.start, token.end)
    if token.isForeign || token.kind == .string || token.kind == .unterminatedString
      || token.kind == .malformedNumber || token.kind == .dot
    {
      checkSpelling()
    }
    previousEnd = token.end
    flushed = token.end
    advance()
  }

  private mutating func advance() {
    if let ahead {
      token = ahead
      self.ahead = nil
    } else {
      token = lexer.token(from: token.end)
      reach = max(reach, token.end)
    }
  }

  /// Nodes have 24 bits for their place in the chunk: an item that needs more is cut short. The
  /// parser then sees the end of the text, and what remains of the item is one skipped leaf.
  private mutating func checkReach() {
    guard token.end - chunkStart > Parser.maximalOffset, token.kind != .endOfFile else { return }
    report(
      .expansionLimit, range(token.start, token.start),
      "this statement is longer than 16 MB; the rest of it is not read")
    isLimited = true
    ahead = nil
    token = Token(
      kind: .endOfFile, startsLine: true, hasComment: false, start: flushed, end: flushed)
  }

  mutating func beginItem() {
    brackets.removeAll(keepingCapacity: true)
    isLimited = false
    lastError = -1
    indent =
      token.startsLine
      ? UInt32(truncatingIfNeeded: lexer.column(of: token.start)) : stack.last?.indent ?? 0
  }

  /// Adds the comments before the current token, and cuts where a chunk is long enough. Called
  /// where an item starts, after the nodes that end before it are closed.
  mutating func startItem() {
    cutIfLong()
    if token.hasComment { flushComments(cutting: true) }
    if token.start - chunkStart > 0x10000 {
      flushComments()
      cut(at: token.start)
    }
    checkReach()
  }

  func isWord(_ word: Word) -> Bool { token.kind == .name && token.word == word }

  // MARK: Nodes

  private mutating func append(_ kind: SyntaxKind, _ start: Int, _ end: Int) {
    nodes.append(FlatNode(kind, offset: max(start - chunkStart, 0), extent: end - start))
  }

  /// Starts a node at the current token; `close` ends it.
  mutating func open(_ kind: SyntaxKind) -> Int {
    checkReach()
    flushComments()
    nodes.append(FlatNode(kind, offset: max(token.start - chunkStart, 0), extent: 0))
    return nodes.count - 1
  }

  mutating func close(_ index: Int) {
    guard nodes.indices.contains(index) else { return }
    nodes[index].extent = UInt32(truncatingIfNeeded: nodes.count - index - 1)
  }

  /// Puts a node around everything from node `index` on.
  mutating func wrap(_ index: Int, _ kind: SyntaxKind) {
    guard nodes.indices.contains(index) else { return }
    let offset = nodes[index].offset
    nodes.insert(FlatNode(kind, offset: offset, extent: nodes.count - index), at: index)
  }

  /// An empty node where an expression should be.
  mutating func missing() {
    nodes.append(FlatNode(.missing, offset: max(previousEnd - chunkStart, 0), extent: 0))
  }

  /// Starts a node that may go on into other chunks; `pop` ends it.
  mutating func push(_ kind: SyntaxKind) {
    let node = open(kind)
    stack.append(
      OpenNode(
        kind: kind, indent: indent, chunk: chunkIdentity,
        node: UInt32(truncatingIfNeeded: node)))
  }

  /// Takes the `{` that belongs to the innermost open node, whose closing ends it.
  mutating func pushBrace() {
    if !stack.isEmpty {
      stack[stack.count - 1].hasBrace = true
      stack[stack.count - 1].brace = UInt32(truncatingIfNeeded: max(token.start - chunkStart, 0))
    }
    bump()
  }

  mutating func pop() {
    guard let frame = stack.popLast() else { return }
    if stack.isEmpty { suspicion = nil }
    if frame.chunk == chunkIdentity {
      close(Int(frame.node))
    } else {
      nodes.append(FlatNode(.close, offset: max(previousEnd - chunkStart, 0), extent: 0))
    }
  }

  /// Ends every open node from `depth` on.
  mutating func pop(to depth: Int) {
    while stack.count > depth { pop() }
  }

  // MARK: Comments and chunks

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
      let isDocumentation =
        index + 1 < end && text[index + 1] == 0x23 && (index + 2 >= end || text[index + 2] != 0x23)
      append(isDocumentation ? .documentation : .comment, index, end)
      flushed = end
      index = end
    }
  }

  private mutating func cutIfLong() {
    guard previousEnd - chunkStart >= Parser.chunkSize else { return }
    // A comment on the line of what it follows stays with it, and so does the line break.
    var position = lexer.afterBlanks(previousEnd)
    guard position < token.start || token.kind == .endOfFile else {
      cut(at: previousEnd)
      return
    }
    if position < token.start, lexer.text[position] == 0x23 {
      let end = lexer.endOfLine(from: position)
      if flushed < end {
        let isDocumentation = position + 1 < end && lexer.text[position + 1] == 0x23
        append(isDocumentation ? .documentation : .comment, position, end)
        flushed = end
      }
      position = end
    }
    cut(at: lexer.afterLineBreak(position))
  }

  /// Ends the chunk at `position`.
  private mutating func cut(at position: Int) {
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
      invalid.append(
        SyntaxError(
          code: .invalidUTF8,
          message: "these bytes are not UTF-8; save the file in that encoding",
          range: SourceRange(
            startChunk: identity, start: UInt32(truncatingIfNeeded: run.lowerBound - start),
            endChunk: identity, end: UInt32(truncatingIfNeeded: run.upperBound - start))))
    }
    summary.chunks = 1
    finished.append(
      Chunk(
        identity: identity, text: Array(lexer.text[range]), nodes: nodes, errors: errors + invalid,
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

  // MARK: Errors

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

  /// Passes the current token over.
  mutating func skipToken() { bump(.skipped) }

  /// One leaf over everything from the current token to `end`, which is the end of a token or
  /// comment.
  mutating func skip(to end: Int) {
    checkReach()
    guard end > token.start, token.kind != .endOfFile else { return }
    flushComments()
    append(.skipped, token.start, end)
    previousEnd = end
    flushed = end
    token = lexer.token(from: end)
    ahead = nil
    reach = max(reach, token.end)
  }

  /// One leaf over everything from the end of the last token to `end`: for what is so long that
  /// the current token's own place cannot be written down.
  mutating func skipFromPrevious(to end: Int) {
    let start = max(flushed, chunkStart)
    guard end > start else { return }
    append(.skipped, start, end)
    previousEnd = end
    flushed = end
    token = lexer.token(from: end)
    ahead = nil
    reach = max(reach, token.end)
  }
}
