/// What stands before a piece of the text.
enum FormatGap: UInt8 {
  /// On the line of what comes before it: right behind it, after one blank, after two.
  case tight, space, wide
  /// The same, or on a line of its own if the innermost group is broken.
  case softTight, softSpace, softWide
  /// After a blank, or on the next line where what follows does not fit.
  case fill
  /// On a line of its own.
  case line
  /// As it is.
  case verbatim

  /// How many blanks it has on one line.
  var width: Int {
    switch self {
    case .tight, .softTight, .line, .verbatim: 0
    case .space, .softSpace, .fill: 1
    case .wide, .softWide: 2
    }
  }

  var isSoft: Bool { self == .softTight || self == .softSpace || self == .softWide }

  /// Whether a line may end here.
  var mayBreak: Bool { rawValue >= FormatGap.softTight.rawValue }
}

/// A token, a comment or a stretch that is left as it is, with what stands before it.
struct FormatPiece {
  var kind: SyntaxKind
  /// Without the blanks at the end of a comment.
  var start: Int
  var end: Int
  /// In Unicode scalars.
  var width: Int
  /// How many lines end before it, after the piece before it.
  var breaks: Int
  var gap = FormatGap.tight
  /// A bracket or brace that closes: on a line of its own it stands as far out as what it closes.
  var closes = false
  /// A line ends before it, whatever would fit.
  var isForced = false
  /// No line ends before it: a comment speaks of its line.
  var isGlued = false
  /// A line break before it is there, or is seen by its comma, when the text is formatted again.
  var isLasting = false
  /// Where what `fill` measures ends.
  var segmentEnd = 0
  var isFrozen = false
}

/// Pieces whose lines are broken together, or that are indented together.
struct FormatGroup {
  enum Kind {
    /// What goes on over several lines is indented by two more.
    case item
    /// By four more, for a block follows.
    case head
    /// `( … )` and `[ … ]`.
    case bracket
    /// The block of a step, whose `}` stands under the start of the line with its `{`.
    case block
    /// Other braces: their `}` stands under the start of what they belong to.
    case body
    /// The statements of a section, which end without a brace.
    case section
    /// Several statements on one line.
    case row
    /// An `if` with all of its arms.
    case conditional
    /// The braces of an arm, broken if the others are.
    case arm
  }

  var kind: Kind
  var first = Int.max
  var end = 0
  /// The piece behind which a comma stands when the group is broken, if there is none yet.
  var comma: Int?
}
