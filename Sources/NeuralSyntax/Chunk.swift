/// A node of a chunk: kind in 7 bits, whether it is still open at the end of the chunk in one, the
/// offset of its start in the chunk in 24, and its extent, which is the length in bytes of a token
/// and the number of descendants of everything else.
struct FlatNode: Equatable {
  var head: UInt32
  var extent: UInt32

  static let offsetLimit = 1 << 24

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

/// A node that is open at the start of a chunk, in the parser's stack or in a chunk's.
struct OpenNode: Equatable {
  var kind: SyntaxKind
  /// What a step has had already: a repetition, a device, a block.
  var flags: UInt8 = 0
  /// Whether a `{` belongs to it that waits for its `}`.
  var hasBrace = false
  /// Column of the line on which it starts.
  var indent: UInt32
  /// The identity of the chunk that holds its start, its index there, and the offset of its `{`.
  var chunk: UInt32
  var node: UInt32
  var brace: UInt32 = 0
}

/// A block that a `}` of an outer column has closed; it may be the one whose `}` is missing.
struct Suspicion: Equatable {
  /// The block, in words.
  var what: String
  var brace: SourceRange
  /// Where its `}` should stand.
  var gap: SourceRange
  /// The column of its `}`.
  var indent: Int
  /// Something else is wrong at that place, and reported.
  var isReported: Bool
}

/// A run of statements with its text, immutable once built.
final class Chunk: Sendable {
  /// Unique in the document.
  let identity: UInt32
  let text: [UInt8]
  let nodes: [FlatNode]
  let errors: [SyntaxError]
  /// The nodes of earlier chunks that are open at its start, outermost first.
  let openAtStart: [OpenNode]
  let suspicionAtStart: Suspicion?
  /// How many bytes after its end the parser has looked at to decide what is in it.
  let lookahead: Int
  let summary: TextSummary

  init(
    identity: UInt32, text: [UInt8], nodes: [FlatNode], errors: [SyntaxError],
    openAtStart: [OpenNode], suspicionAtStart: Suspicion?, lookahead: Int, summary: TextSummary
  ) {
    self.identity = identity
    self.text = text
    self.nodes = nodes
    self.errors = errors
    self.openAtStart = openAtStart
    self.suspicionAtStart = suspicionAtStart
    self.lookahead = lookahead
    self.summary = summary
  }

  /// The offset just past node `index`, of those that end in this chunk.
  func end(of index: Int) -> Int {
    let node = nodes[index]
    if node.kind.isToken { return node.offset + Int(node.extent) }
    let last = min(index + Int(node.extent), nodes.count - 1)
    let leaf = nodes[last]
    return leaf.kind.isToken ? leaf.offset + Int(leaf.extent) : leaf.offset
  }

  func range(of index: Int) -> SourceRange {
    SourceRange(
      startChunk: identity, start: UInt32(truncatingIfNeeded: nodes[index].offset),
      endChunk: identity, end: UInt32(truncatingIfNeeded: end(of: index)))
  }
}
