/// Brackets, and where they end when they are not closed.
extension Parser {
  /// Items between the bracket at the current token and the one that closes it, commas between.
  @discardableResult
  mutating func bracketed(
    _ what: @autoclosure () -> String, separated count: inout Int,
    item: (inout Parser) -> Void
  ) -> Bool {
    let opener = token.kind
    let closer: SyntaxKind = opener == .leftParen ? .rightParen : .rightBracket
    brackets.append(Bracket(kind: opener, start: token.start))
    bump()
    var hasComma = false
    var afterItem = false
    var reported = false
    while true {
      if token.kind == closer || endsBrackets(closer, afterItem: afterItem) {
        closeBracket(what())
        return hasComma
      }
      if token.kind == .comma {
        if !afterItem {
          report(tokenRange, "a value is expected before this ','", fix: removal(","))
        }
        hasComma = true
        afterItem = false
        bump()
        continue
      }
      let position = token.start
      if startsExpression() || isWord(.not) {
        if afterItem {
          // Once: prose between brackets is one mistake.
          if !reported {
            report(
              gapRange, "expected ',' before the next value in \(what())", fix: insertion(","))
            reported = true
          }
          hasComma = true
        }
        item(&self)
        count += 1
        afterItem = true
      } else {
        reportUnexpected(what(), afterItem: afterItem)
        skipToSeparator()
        markReported()
      }
      if token.start == position, token.kind != .endOfFile { skipToken() }
    }
  }

  @discardableResult
  mutating func bracketed(
    _ what: @autoclosure () -> String, item: (inout Parser) -> Void
  ) -> Bool {
    var count = 0
    return bracketed(what(), separated: &count, item: item)
  }

  private mutating func reportUnexpected(_ what: String, afterItem: Bool) {
    let text = tokenText
    switch token.kind {
    case .equal where afterItem:
      report(tokenRange, "'=' follows only the name of an argument; a comparison is written '=='")
    case .colon where afterItem:
      report(tokenRange, "':' cannot stand here; expected ',' or the end of \(what)")
    case .unknown:
      report(tokenRange, unknownCharacter())
    default:
      report(
        tokenRange,
        afterItem
          ? "expected ',' or the end of \(what), found '\(text)'"
          : "expected a value, found '\(text)'")
    }
  }

  func unknownCharacter() -> String {
    let byte = lexer.text.indices.contains(token.start) ? lexer.text[token.start] : 0
    if byte >= 0x20, byte < 0x7F { return "'\(tokenText)' means nothing here" }
    let digits = String(byte, radix: 16, uppercase: true)
    return
      "the control character U+\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits) cannot stand here"
  }

  /// Passes over what cannot stand between brackets, to the next comma or closing bracket of theirs.
  private mutating func skipToSeparator() {
    var last = token
    var depth = 0
    if last.kind == .leftBrace {
      // `{ … }` is passed over as a whole, if it has an end.
      if let end = balancedBraces() { last = end }
    }
    while true {
      let next = token(after: last)
      switch next.kind {
      case .endOfFile, .leftBrace, .rightBrace, .arrow, .semicolon: return skip(to: last.end)
      case .comma where depth == 0: return skip(to: last.end)
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket:
        if depth == 0 { return skip(to: last.end) }
        depth -= 1
      default: if next.startsLine { return skip(to: last.end) }
      }
      last = next
    }
  }

  /// The `}` of the `{` at the current token, if the brackets go on behind it.
  private mutating func balancedBraces() -> Token? {
    var depth = 0
    var last = token
    for _ in 0..<Parser.scanLimit {
      if last.kind == .leftBrace { depth += 1 }
      if last.kind == .rightBrace { depth -= 1 }
      if depth == 0 {
        let next = token(after: last)
        return next.kind == .comma || next.kind == .rightParen || next.kind == .rightBracket
          ? last : nil
      }
      last = token(after: last)
      if last.kind == .endOfFile { return nil }
    }
    return nil
  }

  static let scanLimit = 256

  /// Whether the innermost brackets end before the current token, their closer left out.
  mutating func endsBrackets(_ closer: SyntaxKind, afterItem: Bool) -> Bool {
    switch token.kind {
    case .name where bracketStop != .other && token.word == bracketStop: return true
    case .endOfFile, .rightBrace, .arrow, .semicolon, .at: return true
    case .leftBrace: return afterItem || balancedBraces() == nil
    case .rightParen, .rightBracket: return true
    default:
      return token.startsLine && startsNewStatement(afterOperator: !afterItem)
    }
  }

  /// Takes the bracket that closes the innermost open one, or reports that it is missing.
  mutating func closeBracket(_ what: @autoclosure () -> String) {
    guard let opener = brackets.popLast() else { return }
    let closer: SyntaxKind = opener.kind == .leftParen ? .rightParen : .rightBracket
    let text = opener.kind == .leftParen ? ")" : "]"
    if token.kind == closer {
      bump()
      return
    }
    let related = SyntaxError.Related(
      message: "this '\(opener.kind == .leftParen ? "(" : "[")' is never closed",
      range: range(opener.start, opener.start + 1))
    if token.kind == .rightParen || token.kind == .rightBracket,
      !brackets.contains(where: { ($0.kind == .leftParen) == (token.kind == .rightParen) })
    {
      report(
        tokenRange, "expected '\(text)' to close \(what()), found '\(tokenText)'",
        fix: SyntaxError.Fix(title: "Write '\(text)'", range: tokenRange, text: text),
        related: related)
      skipToken()
      return
    }
    var fix = text
    if token.kind != .rightParen, token.kind != .rightBracket {
      for bracket in brackets.reversed() { fix += bracket.kind == .leftParen ? ")" : "]" }
    }
    // After another mistake in these brackets it may be a consequence, and can wait.
    if lastErrorIs(after: opener.start) { return markReported() }
    report(
      gapRange, "expected '\(text)' to close \(what())", fix: insertion(fix), related: related)
    // The brackets around it end here too, and that is the same mistake.
    markReported()
  }

  /// Whether the current token, the first of its line, starts a statement of its own although
  /// brackets are open: then they were left open. `afterOperator` says that a value is expected
  /// here, so that a layer's call can be one.
  mutating func startsNewStatement(afterOperator: Bool) -> Bool {
    guard token.startsLine else { return false }
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
    case .arrow, .leftBrace: return isOutside || !brackets.isEmpty
    case .leftParen where !next.startsLine:
      switch afterCall(next) {
      case .goesOn: return false
      case .ends: return isOutside || !brackets.isEmpty
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
  private func goesOn(_ token: Token) -> Bool {
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

  /// The token that closes the bracket `opener`, if it is near and nothing speaks against it.
  private mutating func closing(_ opener: Token) -> Token? {
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
      default: break
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
