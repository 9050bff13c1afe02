extension Parser {
  /// One statement, or its part up to the first block it opens.
  mutating func statement() {
    if skipsConflict() { return }
    switch token.kind {
    case .name: break
    case .semicolon:
      bump()
      return
    case .comma:
      report(tokenRange, "statements are not separated by commas; remove it", fix: removal(","))
      skipToken()
      return
    case .rightParen, .rightBracket:
      report(
        tokenRange, "this '\(tokenText)' closes nothing; remove it", fix: removal(tokenText))
      skipToken()
      return
    case .leftBrace:
      // What is in it is read as if it stood in the block around it.
      report(tokenRange, "expected a layer before this '{'")
      push(.ifStatement)
      stack[stack.count - 1].flags |= OpenNode.braceMissing
      if openBlock() { return }
      pop()
      return
    case .arrow:
      report(tokenRange, "a value is expected before '->'", fix: removal("->"))
      skipToken()
      if startsStatement() { flow() }
      return
    case .minus where startsExpression(peek()):
      report(
        tokenRange, "statements stand one below another, without '-' before them",
        fix: removal("-"))
      skipToken()
      if token.kind == .minus || token.kind != .name { return skipRestOfLine() }
    case .leftParen, .integer, .float, .string, .unterminatedString, .malformedNumber, .leftBracket:
      break
    default:
      if skipsForeignComment() { return }
      report(
        tokenRange,
        token.kind == .unknown
          ? unknownCharacter() : "expected a statement here, such as Dense(10)")
      if token.kind == .unknown {
        skipToken()
      } else if token.kind == .colon {
        skipToNextEntry(atCommas: false)
      } else {
        skipRestOfLine()
      }
      return
    }
    switch token.word {
    case .let where peek().kind != .arrow && !assignsValues(): letStatement()
    case .for where peek().kind != .arrow: forStatement()
    case .if where startsCondition(): ifStatement()
    case .else where peek().kind == .leftBrace || peek().word == .if || peek().kind == .colon:
      strayElse()
    default:
      if token.kind == .name, readsForeignBinding() { return }
      if token.kind == .name, lacksValuesOpener() { return valuesWithoutOpener() }
      flow()
    }
  }

  /// `let (a, b) = …`: no constant, whatever is meant.
  private mutating func assignsValues() -> Bool {
    let next = peek()
    guard next.kind == .leftParen, !next.startsLine, let closer = closing(next) else {
      return false
    }
    return token(after: closer).kind == .equal
  }

  private mutating func startsCondition() -> Bool {
    switch peek().kind {
    case .arrow, .comma, .colon, .equal: false
    default: true
    }
  }

  /// Whether a flow can start at the current token.
  func startsStatement() -> Bool {
    token.kind == .name || token.kind == .leftParen || startsExpression()
  }

  mutating func letStatement() {
    let node = open(.letStatement)
    let column = lexer.column(of: token.start)
    bump(.keyword)
    if token.kind == .name, !token.startsLine || peek().kind == .equal {
      if isWord(.let), !token.startsLine, peek().kind == .name, !peek().startsLine {
        report(tokenRange, "this 'let' is one too many; remove it", fix: removal("let"))
        skipToken()
      }
      simpleName()
      splitName()
    } else {
      expected("expected a name after 'let', as in let width = 64")
      if token.kind != .equal || token.startsLine {
        missing()
        close(node)
        return
      }
    }
    if token.kind == .equal {
      bump()
      if token.kind == .equal, !token.startsLine {
        report(tokenRange, "one '=' names a constant; remove this one", fix: removal("="))
        skipToken()
      }
      boundValue(besides: column)
    } else if token.kind == .colon || token.kind == .arrow || token.kind == .equalEqual,
      !token.startsLine
    {
      let start = token.start
      let text = tokenText
      var end = token.end
      if token.kind == .colon, peek().kind == .equal, peek().start == end { end = peek().end }
      report(
        range(start, end), "expected '=' here, not '\(end > token.end ? ":=" : text)'",
        fix: SyntaxError.Fix(
          title: "Write '='", range: range(start, end),
          text: token.start == previousEnd ? " =" : "="))
      skip(to: end)
      value("expected a value after '='")
    } else {
      let isPlain = startsExpression() && !token.startsLine
      expected("expected '=' and a value", fix: isPlain ? insertion(" =") : nil)
      if isPlain { expression() } else { missing() }
    }
    bareChoice()
    close(node)
    endStatement()
  }

  /// `let my width = 3`, `let width width = 3`
  private mutating func splitName() {
    guard token.kind == .name, !token.startsLine, peek().kind == .equal else { return }
    let (first, second) = (previousText, tokenText)
    if first == second {
      report(tokenRange, "this '\(second)' is one too many; remove it", fix: removal(second))
    } else {
      let place = range(previousStart, token.end)
      let name = "\(first)_\(second)"
      report(
        place, "a name is one word of letters, digits and '_', as in \(name)",
        fix: Lexer.isName(name)
          ? SyntaxError.Fix(title: "Write '\(name)'", range: place, text: name) : nil)
    }
    skipToken()
  }

  /// `3 if wide else 4` without brackets, where an `if` could begin the next statement.
  private mutating func bareChoice() {
    guard isWord(.if), !token.startsLine, peek().kind != .arrow else { return }
    var last = token
    var hasElse = false
    var depth = 0
    for _ in 0..<Parser.scanLimit where !hasElse {
      let next = token(after: last)
      if next.startsLine || next.kind == .leftBrace || next.kind == .semicolon { return }
      if next.kind == .leftParen || next.kind == .leftBracket { depth += 1 }
      if next.kind == .rightParen || next.kind == .rightBracket { depth -= 1 }
      hasElse = depth == 0 && next.kind == .name && next.word == .else
      last = next
    }
    guard hasElse else { return }
    let end = endOfLine(from: last)
    report(
      range(token.start, end), "a choice stands in brackets, as in let n = (3 if wide else 4)")
    skip(to: end)
  }

  /// The value of a `let` that stands in `column`: a layer on a line of its own is one only where that
  /// line stands further in.
  mutating func boundValue(besides column: Int) {
    if token.startsLine, startsCall(), lexer.column(of: token.start) > column {
      return expression()
    }
    value("expected a value after '='")
  }

  /// The expression after `=` or a keyword, unless the next line starts a statement of its own.
  mutating func value(_ message: String) {
    if startsExpression(), !startsNewStatement() {
      expression()
    } else {
      expected(message)
      missing()
    }
  }

  /// Takes what cannot follow a statement on its line.
  mutating func endStatement() {
    if token.kind == .semicolon { return bump() }
    if token.startsLine { return }
    if token.kind == .slashSlash, dividesInArguments() {
      if !hasReported {
        report(tokenRange, "a '(' is missing on this line: its ')' closes nothing")
      }
      while token.kind != .rightParen { skipToken() }
      skipToken()
      if isSuffix(token) { skipRestOfLine() }
      return
    }
    if skipsForeignComment() { return }
    switch token.kind {
    case .comma where closesOnLine(.rightParen):
      if !hasReported {
        report(tokenRange, "a '(' is missing on this line: its ')' closes nothing")
      }
      skipRestOfLine()
    case .equal:
      report(
        tokenRange, "a constant is written 'let name = …', and a value is named by '-> name'")
      skipRestOfLine()
    case .colon: strayColon()
    case .plus, .minus, .slash, .slashSlash, .percent, .starStar, .equalEqual, .notEqual, .less,
      .lessOrEqual, .greater, .greaterOrEqual, .pipe, .dot, .star, .at:
      strayOperator()
    default: break
    }
  }

  /// `Dense n // 2)`: no comment, but a division in arguments whose `(` is missing.
  private mutating func dividesInArguments() -> Bool {
    var last = token
    var isOperand = false
    for _ in 0..<Parser.scanLimit {
      let next = token(after: last)
      if next.startsLine { return false }
      switch next.kind {
      case .rightParen where isOperand:
        let after = token(after: next)
        switch after.kind {
        case .arrow, .star, .at, .leftBrace, .rightBrace, .rightParen, .comma: return true
        default: return after.startsLine
        }
      case .integer, .float, .name:
        if isOperand { return false }
        isOperand = true
      case .plus, .minus, .star, .slash, .slashSlash, .percent, .starStar:
        if !isOperand { return false }
        isOperand = false
      default: return false
      }
      last = next
    }
    return false
  }

  /// Passes over the rest of the line, up to what ends a block or a statement.
  mutating func skipRestOfLine() {
    skip(to: endOfRest())
  }

  /// Where the rest of the line ends that starts with the current token.
  mutating func endOfRest() -> Int {
    switch token.kind {
    case .endOfFile, .rightBrace, .leftBrace, .semicolon: return previousEnd
    default: break
    }
    var last = token
    while true {
      let next = token(after: last)
      if next.startsLine || next.kind == .rightBrace || next.kind == .semicolon
        || next.kind == .leftBrace
      {
        return last.end
      }
      last = next
    }
  }
}
