/// All that the parser knows between two items besides the text: where this is the same and the
/// text is, it reads the same.
struct ParserState: Equatable, Sendable {
  /// The nodes that are open, outermost first.
  var open: [OpenNode] = []
  var suspicion = Suspicion.Carried.none
  /// How much has been reported lately, see `Parser.report`.
  var pressure: UInt8 = 0
  /// What is here declares nothing and is passed over, which has been reported: the braces that are
  /// open in it.
  var skippedBraces: Int?
  /// How many runs of bytes that are not UTF-8 were reported in this declaration.
  var invalidRuns: UInt8 = 0
  /// An error ends at the end of the last token.
  var isGapReported = false
  /// The last token ends exactly here, or the text begins.
  var followsToken = true
  /// A line break stands between the last token and this place.
  var startsLine = true
  /// The blanks of the line before this place, if nothing else stands there.
  var blanks = 0
}

/// A node that is open between two items.
struct OpenNode: Equatable, Sendable {
  var kind: SyntaxKind
  /// What a step has had already: a repetition, a device, a block.
  var flags: UInt8 = 0
  /// Whether a `{` belongs to it that waits for its `}`.
  var hasBrace = false
  /// Column of the line on which it starts.
  var indent: UInt32
  /// Its index in the chunk that is being read, or `elsewhere`.
  var node: UInt32

  /// The node began in an earlier chunk: which one is found by counting what is open, and may
  /// change without a change here.
  static let elsewhere = UInt32.max
}

/// A node as a chunk knows it.
enum NodePlace: Equatable, Sendable {
  /// By its index in the chunk.
  case here(Int)
  /// By how many nodes around it are open at the start of the chunk.
  case level(Int)
}

/// A block that a `}` of an outer column has closed; it may be the one whose `}` is missing.
struct Suspicion: Equatable, Sendable {
  var block: Block
  /// Where its `}` should stand.
  var gap: SourceRange
  /// Something else is wrong at that place, and reported.
  var isReported: Bool

  /// A block in braces, and what it is the block of, which may be itself.
  struct Block: Equatable, Sendable {
    var place: NodePlace
    var owner: NodePlace
  }

  /// What is known of a suspicion that arose in an earlier chunk.
  enum Carried: UInt8, Sendable { case none, unreported, reported }
}

/// An error as a chunk notes it: places are relative to the chunk, names of blocks left out.
struct ChunkError: Equatable, Sendable {
  var error: SyntaxError
  /// The block that the error says is not closed. Its words are put before `error.message`, and
  /// its brace beside it, when they are asked for: they may stand in another chunk.
  var unclosed: Unclosed?

  enum Unclosed: Equatable, Sendable {
    case block(Suspicion.Block)
    /// The suspicious one, whichever earlier chunk has it.
    case suspected
  }
}
