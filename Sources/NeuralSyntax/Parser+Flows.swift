/// Flows: their elements and what follows an element.
extension Parser {
  mutating func flow() {
    push(.flow)
    elements()
  }

  /// The elements of a flow, up to its end or the first block that one of them opens.
  mutating func elements() {
    repeat {
      if element() { return }
    } while nextElement()
    pop()
    endStatement()
  }

  /// Takes `->`, or what was written for it; whether another element follows.
  private mutating func nextElement() -> Bool {
    while token.kind == .rightParen || token.kind == .rightBracket, !token.startsLine {
      report(
        tokenRange, "this '\(tokenText)' closes nothing; remove it", fix: removal(tokenText))
      skipToken()
    }
    let arrow: SourceRange
    if token.kind == .arrow {
      arrow = tokenRange
      bump()
    } else if let range = skipsForeignArrow() {
      arrow = range
    } else {
      return false
    }
    if continuesFlow() { return true }
    if token.kind == .arrow {
      report(
        tokenRange, "expected a layer or a name between these arrows", fix: removal("->"))
      while token.kind == .arrow { skipToken() }
      if continuesFlow() { return true }
    } else {
      report(
        arrow, "expected a layer or a name after '->'",
        fix: atEnd ? nil : SyntaxError.Fix(title: "Remove '->'", range: arrow, text: ""))
    }
    missing()
    return false
  }

  /// Whether the current token, which follows `->`, can be the next element.
  private mutating func continuesFlow() -> Bool {
    switch token.kind {
    case .name: return !token.startsLine || !startsDeclaration(token) && !startsStatementOfItsOwn()
    case .leftParen: return !token.startsLine || !startsSourcedFlow()
    default: return startsExpression() && token.kind != .minus && !token.startsLine
    }
  }

  /// Whether the line of the current token, a name, is a statement or a section of its own, although
  /// the line before waits for something.
  mutating func startsStatementOfItsOwn() -> Bool {
    let next = peek()
    if next.kind == .colon || next.kind == .leftBrace && token.word.isBraceSection { return true }
    return startsWordStatement() || startsSourcedFlow()
  }

  /// Whether the line of the current token starts with `let`, `for`, `if` or `require`, and what
  /// belongs to it.
  mutating func startsWordStatement() -> Bool {
    switch token.word {
    case .let, .for, .if, .require: break
    default: return false
    }
    let next = peek()
    guard token.startsLine, !next.startsLine else { return false }
    switch next.kind {
    case .name, .integer, .float, .string, .leftParen, .leftBracket: return true
    default: return false
    }
  }

  /// Whether the line of the current token starts with a value and an arrow: it is a flow of its own,
  /// not the end of one on the line before.
  mutating func startsSourcedFlow() -> Bool {
    var last = token
    if token.kind == .leftParen {
      guard let closer = closing(token) else { return false }
      last = closer
    } else {
      let first = lexer.text[token.start]
      guard first == 0x5F || first &- 0x61 < 26 else { return false }
      let next = peek()
      if next.kind == .leftBracket {
        guard let closer = closing(next) else { return false }
        last = closer
      }
    }
    let arrow = token(after: last)
    return arrow.kind == .arrow && !arrow.startsLine
  }

  /// One element; true if it opened a block, after which `continueStep` goes on.
  private mutating func element() -> Bool {
    switch token.kind {
    case .name:
      let next = peek()
      if next.kind == .leftBracket, !argumentsInBrackets(next) {
        nameExpression()
        return false
      }
      push(.step)
      bump()
      if token.kind == .leftParen, !token.startsLine {
        argumentList()
      } else {
        wrongArguments()
      }
      return stepSuffixes()
    case .leftParen:
      if lacksName() {
        report(tokenRange, "expected the name of a layer before these arguments")
        push(.step)
        argumentList()
        return stepSuffixes()
      }
      values()
      return false
    default:
      literalElement()
      return false
    }
  }

  mutating func valuesWithoutOpener() {
    let place = range(token.start, token.start)
    report(
      place, "expected '(' before these values",
      fix: SyntaxError.Fix(title: "Insert '('", range: place, text: "("))
    push(.flow)
    let node = open(.tuple)
    var count = 0
    bracketed("these values", separated: &count, isOpened: false) { $0.expression() }
    close(node)
    if nextElement() { return elements() }
    pop()
    endStatement()
  }

  /// `(a, b)`
  private mutating func values() {
    let start = token.start
    let isEmpty = peek().kind == .rightParen
    valuesExpression()
    if isEmpty {
      report(range(start, previousEnd), "expected values between these parentheses, as in (a, b)")
    }
  }

  /// What is no value that could flow: it is read, and left out.
  private mutating func literalElement() {
    let start = token.start
    let kind = token.kind
    flushComments()
    let end: Int
    if kind == .string, peek().kind == .string, peek().start == token.end {
      // `"""…"""`
      end = endOfLine(from: token)
      skip(to: end)
      report(
        range(start, end), "documentation is a comment that starts with '##'",
        fix: documentation(start, end))
      markReported()
      return
    }
    expression()
    end = previousEnd
    if lastErrorIs(after: start) { return }
    switch kind {
    case .leftBracket where !lexer.text[start..<end].contains(0x28) && end - start < 60:
      let text = "(\(string(start + 1, end - 1)))"
      report(
        range(start, end), "several values stand in parentheses, as in \(text)",
        fix: SyntaxError.Fix(
          title: "Write '\(text)'", range: range(start, end), text: text))
    case .leftBracket:
      report(
        range(start, end),
        "layers stand one below another or are joined by '->', without brackets and commas")
    case .string:
      report(range(start, end), "a string cannot flow; expected a layer or a value's name")
    default:
      report(
        range(start, end),
        "a number cannot flow; expected a layer or a value's name"
          + (lexer.text[start..<end].contains(0x2A)
            ? ". A layer is repeated by what follows it, as in Dense(8) * 3" : ""))
    }
    markReported()
    if !token.startsLine, token.kind != .arrow { skipRestOfLine() }
  }

  private func documentation(_ start: Int, _ end: Int) -> SyntaxError.Fix? {
    guard end - start > 6, end - start < 200, lexer.text[end - 1] == lexer.text[start] else {
      return nil
    }
    let text = String(decoding: lexer.text[(start + 3)..<(end - 3)], as: UTF8.self)
    return SyntaxError.Fix(
      title: "Write '## …'", range: range(start, end), text: "## \(text)")
  }

  /// After the block of a step: its suffixes and the rest of its flow.
  mutating func continueStep() {
    if stepSuffixes() { return }
    guard stack.last?.kind == .flow else { return }
    if nextElement() {
      elements()
      return
    }
    pop()
    endStatement()
  }

  /// `* n`, `@ device` and `{ … }`, each once and in any order, then the end of the step; true if
  /// a block was opened.
  mutating func stepSuffixes() -> Bool {
    while let frame = stack.last, frame.kind == .step {
      let bit: UInt8
      switch token.kind {
      case .star: bit = 1
      case .at: bit = 2
      case .leftBrace: bit = 4
      case .rightParen where !token.startsLine, .rightBracket where !token.startsLine:
        skipCloser(behind: frame)
        continue
      case .rightBrace where isSurplusBeforeSuffix():
        report(
          tokenRange, "this '}' is one too many, or its '{' is missing before it",
          fix: lexer.text[max(previousStart, 0)] == 0x7D ? removal("}") : nil)
        skipToken()
        continue
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
      if startsExpression(), token.kind != .minus, token.kind != .plus,
        !startsNewStatement()
      {
        primaryExpression()
      } else if token.kind == .minus || token.kind == .plus, !token.startsLine {
        report(tokenRange, "expected a number, a name or an expression in parentheses")
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
}
