extension Parser {
  /// One statement, or its part up to the first block it opens.
  mutating func statement() {
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
      report(tokenRange, "expected a layer before this '{'")
      push(.step)
      if openBlock() { return }
      pop()
      return
    case .arrow:
      report(tokenRange, "a value is expected before '->'")
      skipToken()
      if startsStatement() { flow() }
      return
    default:
      if startsExpression() { break }
      report(
        tokenRange,
        token.kind == .unknown
          ? unknownCharacter() : "expected a statement here, such as Dense(10)")
      if token.kind == .colon { skipToNextEntry(atCommas: false) } else { skipToken() }
      return
    }
    switch token.word {
    case .let where peek().kind != .arrow && !isAssigned(): letStatement()
    case .for where peek().kind == .name || peek().kind == .leftParen: forStatement()
    case .if where startsCondition(): ifStatement()
    case .else where peek().kind == .leftBrace || peek().word == .if: strayElse()
    default: flow()
    }
  }

  /// `let = …`: a name like any other, though the statement is wrong anyway.
  private mutating func isAssigned() -> Bool { peek().kind == .leftParen && !peek().startsLine }

  private mutating func startsCondition() -> Bool {
    let next = peek()
    switch next.kind {
    case .arrow, .star, .at, .comma, .colon, .equal: return false
    default: return true
    }
  }

  /// Whether a flow can start at the current token.
  func startsStatement() -> Bool {
    token.kind == .name || token.kind == .leftParen || startsExpression()
  }

  private mutating func letStatement() {
    let node = open(.letStatement)
    bump(.keyword)
    if token.kind == .name, !token.startsLine || peek().kind == .equal {
      bump()
    } else {
      expected("expected a name after 'let', as in let width = 64")
      if token.kind != .equal {
        missing()
        close(node)
        return
      }
    }
    if token.kind == .equal {
      bump()
      value("expected a value after '='")
    } else {
      expected("expected '=' and a value", fix: insertion("="))
      if startsExpression(), !token.startsLine { expression() } else { missing() }
    }
    close(node)
    endStatement()
  }

  /// The expression after `=` or a keyword, unless the next line starts a statement of its own.
  mutating func value(_ message: String) {
    if startsExpression(), !(token.startsLine && startsNewStatement(afterOperator: true)) {
      expression()
    } else {
      expected(message)
      missing()
    }
  }

  private mutating func forStatement() {
    push(.forStatement)
    bump(.keyword)
    if token.kind == .leftParen {
      let node = open(.tuple)
      bracketStop = .in
      defer { bracketStop = .other }
      bracketed("the names of this 'for'") { parser in
        if parser.token.kind == .name {
          parser.bump()
        } else {
          parser.report(parser.tokenRange, "expected a name here")
          parser.skipToken()
        }
      }
      close(node)
    } else {
      bump()
    }
    if isWord(.in) {
      bump(.keyword)
      value("expected what to go through, as in range(4)")
    } else {
      expected("expected 'in' and what to go through")
      if startsExpression(), !token.startsLine { expression() } else { missing() }
    }
    openStatementBlock("'for'")
  }

  private mutating func openStatementBlock(_ what: String) {
    if token.kind == .leftBrace {
      if !openBlock() { pop() }
      return
    }
    if skipToBrace("expected '{' and the statements of this \(what)") {
      if !openBlock() { pop() }
      return
    }
    expected("expected '{' and the statements of this \(what)", fix: insertion(" {"))
    pop()
    // The statement hardly goes on behind what should have been its condition.
    if !token.startsLine { skipRestOfLine() }
  }

  /// Passes over what stands before the `{` on this line, if there is one: it is reported, unless
  /// what came before it was already.
  mutating func skipToBrace(_ message: String) -> Bool {
    guard !token.startsLine, token.kind != .rightBrace else { return false }
    var last = token
    while true {
      let next = token(after: last)
      if next.startsLine || next.kind == .rightBrace { return false }
      if next.kind == .leftBrace { break }
      last = next
    }
    if !hasReported { report(tokenRange, message) }
    skip(to: last.end)
    return true
  }

  private mutating func ifStatement() {
    push(.ifStatement)
    condition()
    openStatementBlock("'if'")
  }

  private mutating func condition() {
    bump(.keyword)
    if token.kind == .leftBrace {
      report(tokenRange, "expected a condition before '{'")
      missing()
    } else {
      value("expected a condition after 'if'")
    }
  }

  /// After the block of an arm: `else if … {`, `else {` or the end of the statement.
  mutating func continueConditional() {
    guard isWord(.else), peek().kind == .leftBrace || peek().word == .if else {
      if isWord(.else), peek().kind != .arrow, peek().kind != .leftParen {
        bump(.keyword)
        expected("expected '{' or 'if' after 'else'")
      }
      pop()
      return
    }
    bump(.keyword)
    if isWord(.if) {
      condition()
      openStatementBlock("'if'")
    } else if !openBlock() {
      pop()
    }
  }

  private mutating func strayElse() {
    report(tokenRange, "this 'else' belongs to no 'if'")
    push(.ifStatement)
    continueConditional()
  }

  // MARK: Flows

  mutating func flow() {
    push(.flow)
    elements()
  }

  /// The elements of a flow, up to its end or the first block that one of them opens.
  private mutating func elements() {
    while true {
      if element() { return }
      if token.kind == .arrow {
        let arrow = tokenRange
        bump()
        if !continuesFlow() {
          if token.kind == .arrow {
            report(tokenRange, "expected a layer or a name between these arrows")
            while token.kind == .arrow { skipToken() }
            if continuesFlow() { continue }
          } else {
            report(arrow, "expected a layer or a name after '->'")
          }
          missing()
          break
        }
        continue
      }
      break
    }
    pop()
    endStatement()
  }

  /// Whether the current token, which follows `->`, can be the next element.
  private mutating func continuesFlow() -> Bool {
    switch token.kind {
    case .name:
      guard token.startsLine else { return true }
      if startsDeclaration(token) { return false }
      let next = peek()
      switch token.word {
      case .let: return next.kind != .name
      case .for:
        return !(next.kind == .name && token(after: next).word == .in) && next.kind != .leftParen
      case .if: return next.kind == .arrow || next.startsLine
      default: return next.kind != .colon && !(next.kind == .leftBrace && token.word.isBraceSection)
      }
    case .leftParen: return true
    default: return startsExpression()
    }
  }

  /// One element; true if it opened a block, after which `continueStep` goes on.
  private mutating func element() -> Bool {
    guard token.kind == .name else {
      if token.kind == .leftParen {
        primaryExpression()
        // `(a, b) * 2`, `(a)[0]` mean nothing here; say so at the operator.
      } else {
        flushComments()
        expression()
      }
      return false
    }
    let next = peek()
    if next.kind == .leftBracket {
      expression()
      return false
    }
    push(.step)
    bump()
    if token.kind == .leftParen, !token.startsLine { argumentList() }
    return stepSuffixes()
  }

  /// After the block of a step: its suffixes and the rest of its flow.
  mutating func continueStep() {
    if stepSuffixes() { return }
    guard stack.last?.kind == .flow else { return }
    if token.kind == .arrow {
      let arrow = tokenRange
      bump()
      if continuesFlow() {
        elements()
        return
      }
      report(arrow, "expected a layer or a name after '->'")
      missing()
    }
    pop()
    endStatement()
  }

  /// `* n`, `@ device` and `{ … }`, each once and in any order, then the end of the step; true if
  /// a block was opened.
  private mutating func stepSuffixes() -> Bool {
    while let frame = stack.last, frame.kind == .step {
      let bit: UInt8
      switch token.kind {
      case .star: bit = 1
      case .at: bit = 2
      case .leftBrace: bit = 4
      default:
        pop()
        return false
      }
      if frame.flags & bit != 0 {
        let what = bit == 1 ? "'*'" : bit == 2 ? "'@'" : "a block"
        report(tokenRange, "a step has \(what) only once")
      }
      stack[stack.count - 1].flags |= bit
      if bit == 4 {
        if openBlock() { return true }
        continue
      }
      let node = open(bit == 1 ? .repetition : .device)
      bump()
      if startsExpression(), !token.startsLine || !startsNewStatement(afterOperator: true) {
        operand()
      } else {
        expected(
          bit == 1
            ? "expected how often to repeat, as in * 3" : "expected a device, as in @ \"cuda:0\"")
      }
      close(node)
    }
    return false
  }

  /// Takes what cannot follow a statement on its line.
  private mutating func endStatement() {
    switch token.kind {
    case .semicolon: bump()
    case .equal where !token.startsLine:
      report(
        tokenRange, "a constant is written 'let name = …', and a value is named by '-> name'")
      skipRestOfLine()
    case .colon where !token.startsLine:
      report(tokenRange, "expected a statement; ':' stands only after a section's name")
      skipToken()
    case .plus, .minus, .slash, .slashSlash, .percent, .starStar, .equalEqual, .notEqual, .less,
      .lessOrEqual, .greater, .greaterOrEqual, .pipe, .dot:
      report(
        tokenRange,
        token.kind == .plus
          ? "values are not added by '+'; write Add(a, b)"
          : "'\(tokenText)' cannot follow a step; expected '->' or a new line")
      skipRestOfLine()
    default: break
    }
  }

  /// Passes over the rest of the line, up to what ends a block or a statement.
  mutating func skipRestOfLine() {
    guard token.kind != .endOfFile, token.kind != .rightBrace, token.kind != .leftBrace else {
      return
    }
    var last = token
    while true {
      let next = token(after: last)
      if next.startsLine || next.kind == .rightBrace || next.kind == .semicolon
        || next.kind == .leftBrace
      {
        break
      }
      last = next
    }
    skip(to: last.end)
  }
}
