/// Whether a line goes on with what the line before it began, or starts a statement of its own.
extension Parser {
  /// Whether the current token, the first of its line, starts a statement of its own although
  /// brackets are open: then they were left open.
  mutating func startsNewStatement() -> Bool {
    guard token.startsLine else { return false }
    if brackets.isEmpty { return startsStatementWithoutBrackets() }
    // Most lines of a list look like no statement: only then it matters where the brackets end.
    return looksLikeStatement() && !bracketsAreClosed()
  }

  /// Whether a line within brackets begins as a statement does.
  private mutating func looksLikeStatement() -> Bool {
    if token.kind == .leftParen { return leadsToArrow() }
    guard token.kind == .name else { return token.kind == .rightBrace || token.kind == .endOfFile }
    let next = peek()
    if next.kind == .equal { return false }
    let column = lexer.column(of: token.start)
    let isOutside = column <= Int(indent)
    switch token.word {
    case .let where next.kind == .name: return true
    case .for where next.kind == .leftParen || next.kind == .name && token(after: next).word == .in:
      return true
    case .if:
      return startsIfStatement()
    case .require where next.kind != .comma && isOutside && next.kind != .rightParen: return true
    case .weights, .state, .body: if next.kind == .leftBrace { return true }
    default: break
    }
    if token.word.declares, startsDeclaration(token) { return true }
    switch next.kind {
    case .colon:
      // An older form names arguments so; the sections and entries around it stand further out.
      return isOutside && !labelGoesOn(next)
    case .arrow, .leftBrace: return true
    case .leftParen where !next.startsLine:
      switch afterCall(next) {
      case .goesOn: return false
      case .ends: return true
      case .unclear: return isOutside
      }
    default:
      if next.startsLine || next.kind == .rightBrace || next.kind == .endOfFile {
        // A name alone on its line.
        if next.kind != .name && goesOn(next) { return false }
        return isOutside
      }
      return false
    }
  }

  /// Whether the brackets that are open here are closed behind the current token: then nothing that
  /// stands in them is a statement.
  private mutating func bracketsAreClosed() -> Bool {
    var depth = brackets.lazy.filter { $0.kind != .leftBrace }.count
    var last = token
    for _ in 0..<Parser.scanLimit {
      switch last.kind {
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket:
        depth -= 1
        if depth <= 0 { return true }
      case .endOfFile, .leftBrace, .rightBrace, .arrow, .semicolon: return false
      default: break
      }
      last = token(after: last)
    }
    return false
  }

  /// The same where no bracket is open: indentation does not count, only how the line begins
  /// (Docs/language.md, "Lines").
  private mutating func startsStatementWithoutBrackets() -> Bool {
    switch token.kind {
    case .rightBrace, .endOfFile: return true
    case .leftParen: return startsSourcedFlow()
    case .name:
      return startsCall() || startsDeclaration(token) || startsStatementOfItsOwn()
    default: return false
    }
  }

  /// `Name(`
  mutating func startsCall() -> Bool {
    let next = peek()
    return token.kind == .name && next.kind == .leftParen && !next.startsLine
      && lexer.text[token.start] &- 0x41 < 26
  }

  /// Whether `if` at the current token starts a statement: its `{` comes before any `else`.
  private mutating func startsIfStatement() -> Bool {
    var last = token
    var depth = 0
    for _ in 0..<Parser.scanLimit {
      last = token(after: last)
      switch last.kind {
      case .leftBrace: return true
      case .endOfFile, .rightBrace: return false
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket:
        depth -= 1
        if depth < 0 { return false }
      case .name: if last.word == .else { return false }
      default: break
      }
    }
    return false
  }

  private enum Continuation { case goesOn, ends, unclear }

  /// What follows the call whose `(` is given: does the list around it go on, or is the call a
  /// statement?
  private mutating func afterCall(_ opener: Token) -> Continuation {
    guard let last = closing(opener) else { return .unclear }
    let next = token(after: last)
    if next.kind == .star { return .unclear }
    switch next.kind {
    case .colon, .pipe, .equal: return .goesOn
    case .name:
      switch next.word {
      case .if, .else, .and, .or, .not, .in: return .unclear
      default: return .ends
      }
    default: return goesOn(next) ? .goesOn : .ends
    }
  }

  /// Whether a token after an expression goes on with what is around it.
  func goesOn(_ token: Token) -> Bool {
    switch token.kind {
    case .comma, .rightParen, .rightBracket, .plus, .minus, .star, .slash, .slashSlash, .percent,
      .starStar, .equalEqual, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual,
      .leftBracket:
      true
    default: false
    }
  }

  /// Whether brackets are closed behind `name: value`, before a line that does not go on with them.
  private mutating func labelGoesOn(_ colon: Token) -> Bool {
    var last = colon
    var depth = 0
    for _ in 0..<Parser.scanLimit {
      let next = token(after: last)
      switch next.kind {
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket:
        depth -= 1
        if depth < 0 { return true }
      case .endOfFile, .leftBrace, .rightBrace, .arrow, .semicolon: return false
      default:
        if next.startsLine, depth == 0, last.kind != .comma, last.kind != .colon, !goesOn(next) {
          return false
        }
      }
      last = next
    }
    return false
  }

  /// The token that closes the bracket `opener`, if it is near and nothing speaks against it; before
  /// that the first one, outside of brackets of its own, that `isWanted` asks for.
  mutating func closing(
    _ opener: Token, orFirst isWanted: (inout Parser, Token) -> Bool = { _, _ in false }
  ) -> Token? {
    var last = opener
    var depth = 1
    for _ in 0..<Parser.scanLimit {
      last = token(after: last)
      switch last.kind {
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket:
        depth -= 1
        if depth == 0 { return last }
      case .endOfFile, .leftBrace, .rightBrace, .arrow, .semicolon: return nil
      default: if depth == 1, isWanted(&self, last) { return last }
      }
    }
    return nil
  }

  /// `(a, b) -> …`
  private mutating func leadsToArrow() -> Bool {
    guard let last = closing(token) else { return false }
    return token(after: last).kind == .arrow
  }
}
