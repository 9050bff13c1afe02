/// Loops and conditionals, and the blocks of both.
extension Parser {
  mutating func forStatement() {
    push(.forStatement)
    bump(.keyword)
    if token.kind == .leftParen, !token.startsLine || peek().kind == .name {
      loopNames()
      if token.kind == .rightParen, !token.startsLine {
        if !hasReported {
          report(tokenRange, "this ')' is one too many; remove it", fix: removal(")"))
        }
        skipToken()
      }
    } else if token.kind == .name, token.word != .in || peek().word == .in,
      !token.startsLine || peek().word == .in
    {
      let start = token.start
      simpleName()
      if token.kind == .comma, !token.startsLine { bareLoopNames(from: start) }
    } else {
      expected("expected a name after 'for', as in for i in range(4)")
    }
    if isWord(.in), !token.startsLine || !hasReported {
      bump(.keyword)
      flushComments()
      let (start, node, gap) = (token.start, nodes.count, gapRange)
      value("expected what to go through, as in range(4)")
      var height = 0
      listWithoutOpener(from: node, at: gap, " [", 0, height: &height)
      if token.kind == .comma, !token.startsLine { bareSequence(from: start) }
    } else {
      let isWrongWord =
        token.kind == .name && !token.startsLine
        && (token.word == .from || tokenText == "of" || token.kind == .equal)
      if isWrongWord || token.kind == .equal && !token.startsLine {
        report(
          tokenRange, "expected 'in' here, not '\(tokenText)'", fix: replacement("in"))
        skipToken()
      } else {
        let isPlain = startsExpression() && !token.startsLine
        expected("expected 'in' and what to go through", fix: isPlain ? insertion(" in") : nil)
      }
      if startsExpression(), !token.startsLine { expression() } else { missing() }
    }
    openStatementBlock("'for'")
  }

  private mutating func loopNames() {
    let node = open(.tuple)
    var count = 0
    bracketStop = .in
    defer { bracketStop = .other }
    if let closer = closing(token), token(after: closer).kind == .leftBrace {
      report(
        range(token.start, closer.end), "a loop goes through values, as in for i in range(4) { … }")
      skip(to: closer.end)
    } else if isLoopOfAnotherLanguage() {
      report(tokenRange, "a loop goes through values, as in for i in range(4) { … }")
      skipRestOfLine()
      markReported()
    } else {
      let doubled = peek()
      bracketed("the names of this 'for'", separated: &count) { parser in
        if parser.token.kind == .leftParen, parser.token.start == doubled.start {
          parser.report(
            parser.tokenRange, "this '(' is one too many; remove it", fix: parser.removal("("))
          parser.skipToken()
        }
        if parser.token.kind == .name {
          parser.simpleName()
        } else {
          parser.report(parser.tokenRange, "expected a name here")
          parser.skipToken()
        }
      }
      if count == 0 { report(gapRange, "expected a name between these parentheses") }
    }
    close(node)
  }

  /// `for (i = 0; …)`, `for (let i …)`.
  private mutating func isLoopOfAnotherLanguage() -> Bool {
    let first = token(after: token)
    let second = token(after: first)
    return first.kind == .name
      && (second.kind == .equal || first.word == .let && second.kind == .name)
  }

  /// `for f, n in …`: read as `for (f, n) in …`.
  private mutating func bareLoopNames(from start: Int) {
    var end = previousEnd
    var last = token
    while last.kind == .comma {
      let name = token(after: last)
      guard name.kind == .name, !name.startsLine, name.word != .in else { break }
      end = name.end
      last = token(after: name)
    }
    let text = string(start, end)
    report(
      range(start, end), "several names stand in parentheses, as in for (\(text)) in",
      fix: SyntaxError.Fix(
        title: "Write '(\(text))'", range: range(start, end), text: "(\(text))"))
    while token.kind == .comma, !token.startsLine {
      skipToken()
      if token.kind == .name, !token.startsLine, token.word != .in { bump() }
    }
    if token.kind == .rightParen, !token.startsLine { skipToken() }
  }

  /// `in 8, 16 {`.
  private mutating func bareSequence(from start: Int) {
    var end = token.end
    var last = token
    while true {
      let next = token(after: last)
      if next.startsLine || next.kind == .leftBrace { break }
      end = next.end
      last = next
    }
    let text = string(start, end)
    report(
      range(start, end), "values to go through stand in brackets, as in (\(text))",
      fix: SyntaxError.Fix(
        title: "Write '(\(text))'", range: range(start, end), text: "(\(text))"))
    skip(to: end)
  }

  private mutating func openStatementBlock(_ what: String) {
    let message = "expected '{' and the statements of this \(what)"
    if token.kind == .leftBrace {
      if !openBlock() { pop() }
      return
    }
    if token.kind == .leftParen, peek().startsLine {
      report(tokenRange, "expected '{' here, not '('")
      skipToken()
    }
    if startsBodyWithoutBrace(message) {
      openBodyWithoutBrace(.block)
      return
    }
    if skipToBrace(message) {
      if !openBlock() { pop() }
      return
    }
    if token.kind == .colon, !token.startsLine {
      report(tokenRange, "expected '{' here: a block stands in braces, not after ':'")
    }
    expected(message)
    pop()
    // The statement hardly goes on behind what should have been its condition.
    if !token.startsLine { skipRestOfLine() }
  }

  /// Passes over what stands before the `{` on this line, if there is one: it is reported, unless
  /// what came before it was already.
  mutating func skipToBrace(_ message: String) -> Bool {
    guard !token.startsLine, token.kind != .rightBrace else { return false }
    guard let last = tokenBeforeBrace() else { return false }
    if !hasReported { reportBeforeBrace(message) }
    skip(to: last.end)
    return true
  }

  private mutating func tokenBeforeBrace() -> Token? {
    if isFlooded { return nil }
    var last = token
    for _ in 0..<(Parser.scanLimit * 4) {
      let next = token(after: last)
      if next.startsLine || next.kind == .rightBrace { return nil }
      if next.kind == .leftBrace { return last }
      last = next
    }
    return nil
  }

  /// Names what is written differently here than in other languages.
  private mutating func reportBeforeBrace(_ message: String) {
    let next = peek()
    let isDoubled = next.kind == token.kind && next.start == token.end
    switch token.kind {
    case .colon where next.kind == .leftBrace:
      report(tokenRange, "a block stands in braces, without ':' before them", fix: removal(":"))
    case .equal: report(tokenRange, "a comparison is written '=='", fix: replacement("=="))
    case .unknown where tokenText == "&&":
      report(tokenRange, "'&&' is written 'and'", fix: replacement("and"))
    case .unknown where tokenText == "!":
      report(tokenRange, "'!' is written 'not'", fix: replacement("not "))
    case .pipe where isDoubled:
      let both = range(token.start, next.end)
      report(
        both, "'||' is written 'or'",
        fix: SyntaxError.Fix(title: "Write 'or'", range: both, text: "or"))
    default: report(tokenRange, message)
    }
  }

  mutating func ifStatement() {
    push(.ifStatement)
    condition()
    openStatementBlock("'if'")
  }

  private mutating func condition() {
    bump(.keyword)
    if token.kind == .leftBrace {
      report(tokenRange, "expected a condition before '{'")
      missing()
    } else if token.kind == .unknown, !token.startsLine, tokenText == "!" {
      reportBeforeBrace("expected a condition after 'if'")
      skipToken()
      if startsExpression() { expression() } else { missing() }
    } else {
      value("expected a condition after 'if'")
    }
  }

  /// After the block of an arm: `else if … {`, `else {` or the end of the statement.
  mutating func continueConditional() {
    if isSurplusBeforeElse() { skipBraceBeforeElse() }
    if token.kind == .name, startsForeignElse() {
      report(
        tokenRange, "'\(tokenText)' is written 'else if'",
        fix: braceAfter(token) == nil ? nil : replacement("else if"))
      bump(.keyword)
      arm()
      return
    }
    guard isWord(.else) else {
      let isBroken = (stack.last?.flags ?? 0) & OpenNode.braceMissing != 0
      pop()
      if isBroken, isSuffix(token) { skipRestOfLine() }
      return
    }
    let next = peek()
    let isElse: Bool
    switch next.kind {
    case .leftBrace, .colon: isElse = true
    case .arrow, .leftParen, .leftBracket, .star, .at: isElse = false
    default: isElse = true
    }
    guard isElse else { return pop() }
    bump(.keyword)
    if isWord(.if) {
      condition()
      openStatementBlock("'if'")
    } else if token.kind == .leftBrace {
      if !openBlock() { pop() }
    } else if startsBodyWithoutBrace("expected '{' and the statements of this 'else'") {
      openBodyWithoutBrace(.block)
    } else if startsExpression(), !token.startsLine {
      report(gapRange, "expected 'if' before the condition", fix: insertion(" if"))
      arm()
    } else {
      expected("expected '{' or 'if' after 'else'")
      pop()
      if !token.startsLine { skipRestOfLine() }
    }
  }

  /// A condition whose `if` is missing or misspelt, and its block.
  private mutating func arm() {
    if token.kind == .leftBrace || !startsExpression() {
      expected("expected a condition after 'if'")
      missing()
    } else {
      expression()
    }
    openStatementBlock("'if'")
  }

  /// `elif 2 > 1 {`: no statement of its own, whose name would be followed by its arguments.
  private mutating func startsForeignElse() -> Bool {
    guard token.word == .other, ["elif", "elsif", "elseif"].contains(tokenText) else {
      return false
    }
    let next = peek()
    if next.startsLine { return false }
    switch next.kind {
    case .arrow, .leftBrace, .leftParen, .leftBracket, .star, .at, .semicolon: return false
    default: return true
    }
  }

  mutating func strayElse() {
    report(tokenRange, "this 'else' belongs to no 'if'")
    push(.ifStatement)
    stack[stack.count - 1].flags |= OpenNode.braceMissing
    continueConditional()
  }

  // MARK: Flows
}
