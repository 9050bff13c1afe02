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
      simpleName()
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
    if token.kind == .leftParen, !token.startsLine || peek().kind == .name {
      loopNames()
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
      let start = token.start
      value("expected what to go through, as in range(4)")
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
      bracketed("the names of this 'for'", separated: &count) { parser in
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

  private mutating func strayElse() {
    report(tokenRange, "this 'else' belongs to no 'if'")
    push(.ifStatement)
    stack[stack.count - 1].flags |= OpenNode.braceMissing
    continueConditional()
  }

  // MARK: Flows

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

  private mutating func valuesWithoutOpener() {
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
        !token.startsLine || !startsNewStatement(afterOperator: true)
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

  /// Takes what cannot follow a statement on its line.
  mutating func endStatement() {
    if token.kind == .semicolon { return bump() }
    if token.startsLine { return }
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
