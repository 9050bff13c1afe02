/// Reads text into chunks.
///
/// The statement level is a loop over an explicit stack of open nodes, one item (a statement, a
/// section's start, a closing brace) at a time; only expressions recurse. Between two items the
/// stack is nearly all the state there is (`ParserState`), so reading can start again at any chunk.
/// Nothing that is read depends on where the chunks are cut.
struct Parser {
  let lexer: Lexer
  /// How long chunks grow before they are cut.
  let chunkSize: Int
  var token: Token
  /// The token after `token`, where it has been looked at.
  private var ahead: Token?
  /// The end of the last token that is in the tree; -1 where that is somewhere before the text read.
  var previousEnd: Int
  /// The start of the last token of this item that is in the tree; `previousEnd` where there is none.
  private(set) var previousStart = 0
  /// The end of the last token or comment that is in the tree.
  var flushed = 0
  /// The furthest place that has been looked at.
  var reach = 0
  /// How much has been lexed, each byte as often as it was.
  private(set) var lexedBytes = 0

  // The chunk that is being read.

  var chunkStart = 0
  /// What was known at its start.
  var start: ParserState
  var nodes: [FlatNode] = []
  var errors: [ChunkError] = []
  /// How many nodes of earlier chunks have ended in it.
  var closes = 0
  var beginsDeclaration = false

  var finished: [Chunk] = []
  /// The chunks of the version before, where they may fit again.
  var old: OldChunks?
  var stop: Stop?
  var isStopped: Bool { stop != nil }

  var stack: [OpenNode]
  /// Kept with the stack between items: the suspicion of this chunk, or of an earlier one.
  var suspicion: Suspicion?
  var carriedSuspicion: Suspicion.Carried
  var pressure: UInt8
  var skippedBraces: Int?

  /// Where the line starts that holds a position, as it was asked for last.
  var knownLine: (position: Int, start: Int?) = (-1, nil)

  // State of the item that is being read.

  private(set) var itemStart = 0
  /// Column of the line on which it starts.
  var indent: UInt32 = 0
  /// The brackets that are open in it.
  var brackets: [Bracket] = []
  /// A word that ends the innermost brackets although they are open.
  var bracketStop = Word.other
  /// Something in it went past a limit: the rest of it is passed over.
  var isLimited = false
  /// Where the last error of the item was reported: a second one there says nothing new.
  var lastError = Parser.noError
  var isFaulty = false

  struct Bracket {
    var kind: SyntaxKind
    var start: Int
  }

  static let noError = Int.min
  static let expressionDepth = 200
  static let blockDepth = 256
  /// An item starts at most this far from the start of its chunk, blanks and comments apart.
  static let blankLimit = 0x1_0000
  static let maximalOffset = FlatNode.offsetLimit - 2 * blankLimit

  /// Reads a text from its start on, or from where a chunk starts, which `state` describes.
  init(_ lexer: Lexer, from state: ParserState = ParserState(), chunkSize: Int) {
    self.lexer = lexer
    self.chunkSize = chunkSize
    start = state
    stack = state.open
    carriedSuspicion = state.suspicion
    pressure = state.pressure
    skippedBraces = state.skippedBraces
    previousEnd = state.followsToken ? 0 : -1
    token = lexer.token(from: 0)
    lexedBytes = token.end
    note(token)
    nodes.reserveCapacity(512)
  }

  /// Reads the whole text.
  static func chunks(of text: [UInt8], chunkSize: Int) -> [Chunk] {
    var parser = Parser(Lexer(text: text), chunkSize: chunkSize)
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
      if isStopped { return }
      if isLimited { skipLimited() }
      // Every item consumes a token or closes a node; this is here so that a mistake in one of
      // them is not an endless loop.
      if token.start == position, stack.count == depth, nodes.count == count {
        skipToken()
      }
      if !isFaulty { easePressure() }
    }
    finish()
  }

  // MARK: Tokens

  var atEnd: Bool { token.kind == .endOfFile }

  mutating func peek() -> Token {
    if let ahead { return ahead }
    let next = lex(from: token.end)
    ahead = next
    return next
  }

  /// The bytes after a token that decide where it ends: those of `1e+`, at most.
  private static let tokenLookahead = 3

  @inline(__always)
  private mutating func note(_ token: Token) {
    reach = max(reach, token.end + Parser.tokenLookahead)
    if token.kind == .unterminatedString || token.isForeign { noteLine(token) }
  }

  /// Of some tokens, what stands far behind them decides where they end.
  private mutating func noteLine(_ token: Token) {
    if token.kind == .unterminatedString {
      reach = max(reach, lexer.endOfLine(from: token.end) + 1)
    } else if token.kind == .unknown {
      reach = max(reach, LookAlike.reach(from: token.start, in: lexer.text))
    }
  }

  /// The token after `token`, which need not be the current one.
  mutating func token(after token: Token) -> Token {
    lex(from: token.end)
  }

  mutating func lex(from position: Int) -> Token {
    let token = lexer.token(from: position)
    lexedBytes += token.end - position
    note(token)
    return token
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
    previousStart = token.start
    previousEnd = token.end
    flushed = token.end
    advance()
  }

  private mutating func advance() {
    if let ahead {
      token = ahead
      self.ahead = nil
    } else {
      token = lex(from: token.end)
    }
  }

  /// Nodes have 24 bits for their place in the chunk: an item that needs more is cut short. The
  /// parser then sees the end of the text, and what remains of the item is one skipped leaf.
  @inline(__always)
  mutating func checkReach() {
    if token.end - itemStart > Parser.maximalOffset, token.kind != .endOfFile { cutItemShort() }
  }

  private mutating func cutItemShort() {
    report(
      .expansionLimit, range(token.start, token.start),
      "this statement is longer than 16 MB; the rest of it is not read")
    isLimited = true
    pretendEnd()
  }

  /// From here on, the parser sees the end of the text.
  mutating func pretendEnd() {
    ahead = nil
    token = Token(
      kind: .endOfFile, startsLine: true, hasComment: false, start: flushed, end: flushed)
  }

  mutating func beginItem() {
    brackets.removeAll(keepingCapacity: true)
    isLimited = false
    lastError = Parser.noError
    isFaulty = false
    previousStart = previousEnd
    itemStart = token.start
    indent =
      token.startsLine
      ? UInt32(truncatingIfNeeded: lexer.column(of: token.start)) : stack.last?.indent ?? 0
  }

  /// What is read goes on with nodes of the item before: nothing is cut here.
  mutating func continueItem() { itemStart = chunkStart }

  /// Adds the comments before the current token, and cuts where a chunk is long enough. Called
  /// where an item starts, after the nodes that end before it are closed.
  mutating func startItem() {
    cutIfLong()
    if token.hasComment { flushComments(cutting: true) }
    cutBeforeFarToken()
    checkReach()
  }

  @inline(__always)
  func isWord(_ word: Word) -> Bool { token.kind == .name && token.word == word }

  // MARK: Nodes

  @inline(__always)
  mutating func append(_ kind: SyntaxKind, _ start: Int, _ end: Int) {
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
    if index == nodes.count - 1 {
      // Empty: it stands where the text before it ends, not behind the blanks.
      let offset = max(flushed - chunkStart, 0)
      if offset < nodes[index].offset {
        nodes[index] = FlatNode(nodes[index].kind, offset: offset, extent: 0)
      }
    }
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
    nodes.append(FlatNode(.missing, offset: max(flushed - chunkStart, 0), extent: 0))
  }

  /// Starts a node that may go on into other chunks; `pop` ends it.
  mutating func push(_ kind: SyntaxKind) {
    let node = open(kind)
    if stack.isEmpty { beginsDeclaration = true }
    stack.append(
      OpenNode(kind: kind, indent: indent, node: UInt32(truncatingIfNeeded: node)))
  }

  /// Takes the `{` that belongs to the innermost open node, whose closing ends it.
  mutating func pushBrace() {
    if !stack.isEmpty { stack[stack.count - 1].hasBrace = true }
    bump()
    if token.kind == .leftBrace { skipDoubledBrace() }
  }

  mutating func pop() {
    guard let frame = stack.popLast() else { return }
    if stack.isEmpty { forgetSuspicion() }
    if frame.node != OpenNode.elsewhere {
      close(Int(frame.node))
    } else {
      closes += 1
      nodes.append(FlatNode(.close, offset: max(flushed - chunkStart, 0), extent: 0))
    }
  }

  /// Ends every open node from `depth` on.
  mutating func pop(to depth: Int) {
    while stack.count > depth { pop() }
  }

  // MARK: Skipping

  /// Passes the current token over.
  mutating func skipToken() { bump(.skipped) }

  /// One leaf over everything from the current token to `end`, which is the end of a token or
  /// comment.
  mutating func skip(to end: Int) {
    checkReach()
    guard end > token.start, token.kind != .endOfFile else { return }
    flushComments()
    skip(from: token.start, to: end)
  }

  /// One leaf over everything from the end of the last token to `end`: for what is so long that
  /// the current token's own place cannot be written down.
  mutating func skipFromPrevious(to end: Int) {
    let start = max(flushed, chunkStart)
    if end > start { skip(from: start, to: end) }
  }

  /// One leaf from `start` to `end`, comments included.
  mutating func skip(from start: Int, to end: Int) {
    append(.skipped, start, end)
    previousStart = start
    previousEnd = end
    flushed = end
    token = lex(from: end)
    ahead = nil
  }
}
