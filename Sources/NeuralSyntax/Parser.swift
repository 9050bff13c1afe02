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
  var flushed = 0
  /// The furthest place that has been looked at.
  var reach = 0

  var chunkStart = 0
  var chunkIdentity: UInt32
  var nodes: [FlatNode] = []
  var errors: [SyntaxError] = []
  var openAtStart: [OpenNode] = []
  var suspicionAtStart: Suspicion?
  var finished: [Chunk] = []
  var finishedStarts: [Int] = []
  let firstIdentity: UInt32

  var stack: [OpenNode] = []
  /// Kept with the stack between items.
  var suspicion: Suspicion?

  // State of the item that is being read.

  /// Column of the line on which it starts.
  var indent: UInt32 = 0
  /// The brackets that are open in it.
  var brackets: [Bracket] = []
  /// A word that ends the innermost brackets although they are open.
  var bracketStop = Word.other
  /// Something in it went past a limit: the rest of it is passed over.
  var isLimited = false
  /// Where the last error of the item was reported: a second one there says nothing new.
  var lastError = -1

  struct Bracket {
    var kind: SyntaxKind
    var start: Int
  }

  static let chunkSize = 1024
  static let errorsInChunk = 16
  static let expressionDepth = 200
  static let blockDepth = 256
  static let maximalOffset = FlatNode.offsetLimit - 0x1_0000

  init(_ text: [UInt8], firstIdentity: UInt32 = 0) {
    lexer = Lexer(text: text)
    token = lexer.token(from: 0)
    reach = token.end + Parser.tokenLookahead
    chunkIdentity = firstIdentity
    self.firstIdentity = firstIdentity
    nodes.reserveCapacity(512)
  }

  /// Reads on at the end of `chunks`, which are what has been read of the text before.
  init(_ text: [UInt8], after chunks: [Chunk], openAtStart: [OpenNode], suspicion: Suspicion?) {
    self.init(text, firstIdentity: chunks.first?.identity ?? 0)
    finished = chunks
    var position = 0
    for chunk in chunks {
      finishedStarts.append(position)
      position += chunk.text.count
    }
    chunkStart = position
    previousEnd = position
    flushed = position
    chunkIdentity = (chunks.last?.identity).map { $0 &+ 1 } ?? 0
    token = lexer.token(from: position)
    reach = token.end + Parser.tokenLookahead
    stack = openAtStart
    self.openAtStart = openAtStart
    self.suspicion = suspicion
    suspicionAtStart = suspicion
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
    note(next)
    ahead = next
    return next
  }

  /// The bytes after a token that decide where it ends: those of `1e+`, at most.
  private static let tokenLookahead = 3

  mutating func note(_ token: Token) {
    reach = max(reach, token.end + Parser.tokenLookahead)
    if token.kind == .unterminatedString || token.isForeign {
      reach = max(reach, lexer.endOfLine(from: token.end) + 1)
    }
  }

  /// The token after `token`, which need not be the current one.
  mutating func token(after token: Token) -> Token {
    let next = lexer.token(from: token.end)
    note(next)
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
      note(token)
    }
  }

  /// Nodes have 24 bits for their place in the chunk: an item that needs more is cut short. The
  /// parser then sees the end of the text, and what remains of the item is one skipped leaf.
  mutating func checkReach() {
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
    if token.kind == .leftBrace { skipDoubledBrace() }
  }

  mutating func pop() {
    guard let frame = stack.popLast() else { return }
    if stack.isEmpty { suspicion = nil }
    if frame.chunk == chunkIdentity {
      close(Int(frame.node))
    } else {
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
    append(.skipped, token.start, end)
    previousEnd = end
    flushed = end
    token = lexer.token(from: end)
    ahead = nil
    note(token)
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
    note(token)
  }
}
