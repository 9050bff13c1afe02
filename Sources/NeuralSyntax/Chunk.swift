/// A node of a chunk: kind in 7 bits, whether it is still open at the end of the chunk in one, the
/// offset of its start in the chunk in 24, and its extent, which is the length in bytes of a token
/// and the number of descendants of everything else.
struct FlatNode: Equatable {
  var head: UInt32
  var extent: UInt32

  static let offsetLimit = 1 << 24

  init(head: UInt32, extent: UInt32) {
    self.head = head
    self.extent = extent
  }

  init(_ kind: SyntaxKind, offset: Int, extent: Int) {
    head = UInt32(kind.rawValue) << 24 | UInt32(truncatingIfNeeded: offset) & 0xFF_FFFF
    self.extent = UInt32(truncatingIfNeeded: extent)
  }

  var kind: SyntaxKind {
    SyntaxKind(rawValue: UInt8(truncatingIfNeeded: head >> 24) & 0x7F) ?? .skipped
  }
  var offset: Int { Int(head & 0xFF_FFFF) }
  var isOpen: Bool {
    get { head & 0x8000_0000 != 0 }
    set { head = newValue ? head | 0x8000_0000 : head & 0x7FFF_FFFF }
  }
}

/// A run of statements with its text, immutable once built.
///
/// It says nothing that depends on where it stands, nor on the contents of the chunks before it
/// beyond `start`: an edit elsewhere leaves it true.
final class Chunk: Sendable {
  let text: [UInt8]
  let nodes: NodeList
  /// In the order in which they were found; their places are relative to the chunk.
  let errors: [ChunkError]
  /// What the parser knew when it began to read it.
  let start: ParserState
  /// A suspicion that arose in it and outlives it.
  let suspicion: Suspicion?
  let summary: ChunkSummary

  init(
    text: [UInt8], nodes: NodeList, errors: [ChunkError], start: ParserState,
    suspicion: Suspicion?, summary: ChunkSummary
  ) {
    self.text = text
    self.nodes = nodes
    self.errors = errors
    self.start = start
    self.suspicion = suspicion
    self.summary = summary
  }

  /// How many bytes after its end the parser has looked at to decide what is in it.
  var lookahead: Int { summary.reach - text.count }

  /// The offset just past node `index`, of those that end in this chunk.
  func end(of index: Int) -> Int {
    let node = nodes[index]
    if node.kind.isToken { return node.offset + Int(node.extent) }
    let last = min(index + Int(node.extent), nodes.count - 1)
    let leaf = nodes[last]
    return leaf.kind.isToken ? leaf.offset + Int(leaf.extent) : leaf.offset
  }

  /// The range of node `index`, which ends here; `identity` is this chunk's.
  func range(of index: Int, in identity: UInt64) -> SourceRange {
    SourceRange(
      startChunk: identity, start: UInt32(truncatingIfNeeded: nodes[index].offset),
      endChunk: identity, end: UInt32(truncatingIfNeeded: end(of: index)))
  }

  /// Where its last token ends, comments excepted.
  var lastTokenEnd: Int? {
    nodes.last { $0.kind.isToken && !$0.kind.isComment }.map { $0.offset + Int($0.extent) }
  }
}

/// What a stretch of chunks adds up to.
struct ChunkSummary: Equatable {
  var text = TextSummary()
  var errors = 0
  /// How many have a token that is no comment.
  var withTokens = 0
  /// In how many a suspicion arose that outlives them.
  var suspicions = 0
  /// How many nodes of earlier chunks end in the stretch.
  var closes = 0
  /// How many nodes begin in the stretch and are open at its end.
  var opens = 0
  /// The furthest byte that reading the stretch has looked at, from its start.
  var reach = 0

  static func + (left: ChunkSummary, right: ChunkSummary) -> ChunkSummary {
    let closing = min(left.opens, right.closes)
    return ChunkSummary(
      text: left.text + right.text, errors: left.errors + right.errors,
      withTokens: left.withTokens + right.withTokens,
      suspicions: left.suspicions + right.suspicions,
      closes: left.closes + right.closes - closing, opens: left.opens - closing + right.opens,
      reach: max(left.reach, left.text.bytes + right.reach))
  }
}
