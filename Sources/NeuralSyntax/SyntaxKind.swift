/// What a node of the tree is: tokens are its leaves, everything after `close` has children.
public enum SyntaxKind: UInt8, Sendable {
  // Tokens.
  case endOfFile = 0
  /// A name, dots included (`nn.Linear`).
  case name
  /// A word that is one only where it stands: `network`, `layers`, `let`, `if`, `and`, …
  case keyword
  /// `int32` in an input.
  case dtype
  case integer, float, string, unterminatedString, boolean, noneLiteral
  case malformedNumber
  case leftParen, rightParen, leftBracket, rightBracket, leftBrace, rightBrace
  case comma, colon, semicolon, equal, arrow, ellipsis, dot, at, pipe
  case plus, minus, star, starStar, slash, slashSlash, percent
  case equalEqual, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case comment, documentation
  /// Characters that mean nothing in the language.
  case unknown
  /// Text that was passed over after an error.
  case skipped
  /// Not a node of its own: the end of one that an earlier chunk opened.
  case close

  // Declarations.
  case sourceFile
  case importDeclaration, definition, network, layerDeclaration, research
  case parameterList, parameter
  // Parts of a network.
  case section, strayStatements, inputGroup, input, whereClause, settings, setting
  // Statements.
  case block, letStatement, forStatement, ifStatement, flow, step
  /// `x =` before a flow, where `-> x` behind it was meant: an error.
  case assignment
  /// `* n` and `@ device`.
  case repetition, device
  // Parts of a layer declaration.
  case inputItem, outputItem, requireItem, weightsItem, stateItem, weightEntry, macsItem, bodyItem
  case entry, layerIf, layerBlock, code
  // Expressions; names and literals are their tokens.
  case argumentList, argument, call, parenthesized, tuple, list, index, slice
  case unary, binary, comparison, conditional, spread
  /// An expression should stand here and does not.
  case missing
  // Types of parameters; names and literals are their tokens.
  case tupleType, listType, unionType, refinedType, intervalType, memberType, groupedType

  /// Whether this is a token, comments and skipped text included.
  public var isToken: Bool { rawValue < SyntaxKind.close.rawValue }

  /// Whether it stands at the top of a file, imports excepted.
  var isDeclaration: Bool {
    self == .definition || self == .network || self == .layerDeclaration || self == .research
  }

  /// Whether this is a comment of either sort.
  public var isComment: Bool { self == .comment || self == .documentation }
}
