/// What other languages write, named and passed over or read as it is meant.
extension Parser {
  // MARK: Comments and conflicts

  /// `// …` and `/* … */`.
  mutating func skipsForeignComment() -> Bool {
    if token.kind == .slashSlash {
      report(tokenRange, "a comment starts with '#'", fix: replacement("#"))
      skip(to: lexer.endOfLine(from: token.end))
      return true
    }
    guard token.kind == .slash, peek().start == token.end,
      peek().kind == .star || peek().kind == .starStar
    else { return false }
    let text = lexer.text
    let limit = min(text.count, token.start + 0x1000)
    var end = token.end + 1
    while end + 1 < limit, text[end] != 0x2A || text[end + 1] != 0x2F { end += 1 }
    end = end + 1 < limit ? end + 2 : lexer.endOfLine(from: token.start)
    reach = max(reach, limit + 1)
    report(range(token.start, end), "comments start with '#', on each of their lines")
    skip(to: end)
    return true
  }

  /// The lines between the marks of a merge that was not finished: whichever side is right, they
  /// are one mistake.
  mutating func skipsConflict() -> Bool {
    guard token.startsLine, isConflictMark(token.start) else { return false }
    let text = lexer.text
    let first = text[token.start]
    let line = lexer.endOfLine(from: token.start)
    var end = line
    if first == 0x3C {
      let limit = min(text.count, token.start + 0x1_0000)
      var index = line
      while index < limit {
        let start = lexer.afterLineBreak(index)
        if start == index { break }
        index = lexer.endOfLine(from: start)
        guard isConflictMark(start), text[start] != 0x3D else { continue }
        // Where another one begins, this one has no end.
        if text[start] == 0x3E { end = index }
        break
      }
      reach = max(reach, index + 1)
    } else {
      reach = max(reach, line + 1)
    }
    report(
      range(token.start, line),
      "a merge was not finished here; keep one side and remove the lines of '<', '=' and '>'")
    while end > token.end, Lexer.isBlank(text[end - 1]) { end -= 1 }
    skip(to: end)
    return true
  }

  /// Whether seven times the same sign stand at `start`, the first place of its line that is not
  /// blank, and nothing before them.
  private mutating func isConflictMark(_ start: Int) -> Bool {
    let text = lexer.text
    guard start < text.count, lexer.column(of: start) == 0 else { return false }
    let first = text[start]
    guard first == 0x3C || first == 0x3D || first == 0x3E else { return false }
    reach = max(reach, start + 7)
    return start + 7 <= text.count && text[start..<(start + 7)].allSatisfy { $0 == first }
  }

  // MARK: Names and arrows

  /// `x = 3`, `x = Dense(3)`, `const n = 3`: read as the constant or the flow that is meant.
  mutating func readsForeignBinding() -> Bool {
    let next = peek()
    guard !next.startsLine, token.word == .other || token.word == .input else { return false }
    if next.kind == .equal, closesOnLine(.rightParen) { return false }
    if next.kind == .name, next.word == .other {
      guard
        ["const", "var", "val", "set", "auto", "int", "float", "final", "static"]
          .contains(tokenText), token(after: next).kind == .equal
      else { return false }
      report(
        tokenRange, "a constant is named by 'let', not '\(tokenText)'", fix: replacement("let"))
      letStatement()
      return true
    }
    if next.kind == .less {
      let dash = token(after: next)
      guard dash.kind == .minus, dash.start == next.end else { return false }
      return readsAssignment(sign: next.start, after: dash)
    }
    return next.kind == .equal && readsAssignment(sign: next.start, after: next)
  }

  private mutating func readsAssignment(sign: Int, after last: Token) -> Bool {
    let value = token(after: last)
    // `=>` is an arrow.
    if value.kind == .greater, value.start == last.end { return false }
    let start = token.start
    let end = last.end
    guard !value.startsLine, isFlow(value) else {
      guard last.kind == .equal else { return false }
      report(
        range(start, end), "a constant is written 'let \(tokenText) = …'",
        fix: SyntaxError.Fix(
          title: "Insert 'let'", range: range(start, start), text: "let "))
      let node = open(.letStatement)
      bump()
      bump()
      self.value("expected a value after '='")
      close(node)
      endStatement()
      return true
    }
    reportAssignment(start, end, value)
    push(.flow)
    let node = open(.assignment)
    bump()
    skip(to: end)
    close(node)
    elements()
    return true
  }

  /// Whether a layer, not a constant, stands at `first`: `Dense(…)`, `layers.Dense(…)`.
  private mutating func isFlow(_ first: Token) -> Bool {
    guard first.kind == .name else { return false }
    let next = token(after: first)
    guard next.kind == .leftParen || next.kind == .arrow, !next.startsLine else { return false }
    let text = lexer.text[first.start..<first.end]
    return next.kind == .arrow || text.first.map { $0 & 0x20 == 0 } == true || text.contains(0x2E)
  }

  /// `x = Dense(3)(y)` is `y -> Dense(3) -> x`.
  private mutating func reportAssignment(_ start: Int, _ sign: Int, _ value: Token) {
    let name = tokenText
    var text: String?
    var end = value.end
    let opener = token(after: value)
    if opener.kind == .leftParen, let closer = closing(opener) {
      end = closer.end
      let call = string(value.start, end)
      text = "\(call) -> \(name)"
      let second = token(after: closer)
      if second.kind == .leftParen, !second.startsLine, let last = closing(second) {
        end = last.end
        let inner = string(second.end, last.start)
        text = (Lexer.isName(inner) ? inner : "(\(inner))") + " -> \(call) -> \(name)"
      }
      if end - value.start > 80 || !token(after: closer).startsLine && second.kind != .leftParen {
        text = nil
      }
    }
    let fix = text.map {
      SyntaxError.Fix(title: "Write '\($0)'", range: range(start, end), text: $0)
    }
    report(
      range(start, sign),
      "a value is named at the end of its flow, as in \(text ?? "… -> \(name)")",
      fix: name.contains(".") ? nil : fix)
  }

  /// `=>`, `-->`, `- >`, `>`, `>>`, `|`, `|>` or `-` where `->` is meant: their range.
  mutating func skipsForeignArrow() -> SourceRange? {
    guard !token.startsLine else { return nil }
    let next = peek()
    var last = token
    switch (token.kind, next.kind) {
    case (.equal, .greater), (.minus, .arrow), (.minus, .greater), (.greater, .greater),
      (.pipe, .greater):
      last = next
    case (.greater, _), (.pipe, _): break
    case (.minus, .name), (.minus, .leftParen):
      // `skip-conv` is a name, wrongly spelt.
      if token.start == previousEnd, next.start == token.end { return nil }
    default: return nil
    }
    let after = token(after: last)
    guard after.kind == .name || after.kind == .leftParen || after.startsLine else { return nil }
    let arrow = range(token.start, last.end)
    report(
      arrow, "steps are joined by '->'",
      fix: SyntaxError.Fix(title: "Write '->'", range: arrow, text: "->"))
    skip(to: last.end)
    markReported()
    return arrow
  }

  // MARK: After a statement

  mutating func strayOperator() {
    if conditionWithoutIf() { return }
    let next = peek()
    let isGlued = token.start == previousEnd && next.start == token.end
    switch token.kind {
    case .plus where next.kind == .equal, .minus where next.kind == .equal,
      .star where next.kind == .equal:
      report(
        range(token.start, next.end), "constants do not change; name another one with 'let'")
    case .plus:
      var fix: SyntaxError.Fix?
      if next.kind == .name, token(after: next).startsLine {
        fix = SyntaxError.Fix(
          title: "Write '-> Add(\(string(next.start, next.end)))'",
          range: range(token.start, next.end), text: "-> Add(\(string(next.start, next.end)))")
      }
      report(
        tokenRange, "values are not added by '+'; write Add(a, b), or -> Add(b) behind the first",
        fix: fix)
    case .minus where isGlued && (next.kind == .name || next.kind == .integer):
      report(tokenRange, "a name has no '-'; write '_'", fix: replacement("_"))
    case .dot: report(tokenRange, "expected '->' or a new line here; layers have no methods")
    case .star where next.kind == .integer || next.kind == .name:
      report(tokenRange, "only a layer can be repeated; expected '->' or a new line")
    default:
      report(tokenRange, "'\(tokenText)' cannot follow a step; expected '->' or a new line")
    }
    skipRestOfLine()
  }

  /// `a != b {`: the block is read.
  private mutating func conditionWithoutIf() -> Bool {
    switch token.kind {
    case .equalEqual, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .percent: break
    default: return false
    }
    guard let brace = braceAfter(token) else { return false }
    report(tokenRange, "a condition follows 'if', as in if a == b { … }")
    skip(to: brace.start)
    push(.ifStatement)
    stack[stack.count - 1].flags |= OpenNode.braceMissing
    if !openBlock() { pop() }
    return true
  }

  /// A `:` behind a name that is no section.
  mutating func strayColon() {
    let name = previousText
    let next = peek()
    let isLayer = startsUppercase(name)
    if next.startsLine, isLayer, next.kind != .endOfFile,
      lexer.column(of: next.start) > Int(indent)
    {
      report(tokenRange, "arguments stand in parentheses, as in \(name)(units=4)")
      skipDeeperLines()
      return
    }
    if isLayer, !next.startsLine {
      let end = endOfRest()
      let text = "(\(string(next.start, end)))"
      report(
        tokenRange, "arguments stand in parentheses, as in \(name)\(text)",
        fix: end - next.start > 60
          ? nil
          : SyntaxError.Fix(
            title: "Write '\(text)'", range: range(token.start, end), text: text))
    } else if Word.allCases.contains(where: { $0.isSection && $0.spelling == name }) {
      report(tokenRange, "the section '\(name)' stands beside 'layers:', not among statements")
    } else {
      report(tokenRange, "expected a statement; ':' stands only after a section's name")
    }
    skipRestOfLine()
  }

  private func startsUppercase(_ text: String) -> Bool {
    text.utf8.first.map { $0 &- 0x41 < 26 } == true
  }

  /// Passes over the rest of the line and the lines below that stand deeper than the item.
  mutating func skipDeeperLines() {
    var last = token
    while true {
      let next = token(after: last)
      if next.kind == .endOfFile || next.kind == .rightBrace || next.kind == .leftBrace { break }
      if next.startsLine, lexer.column(of: next.start) <= Int(indent) { break }
      last = next
    }
    skip(to: last.end)
  }

  // MARK: Arguments in the wrong brackets

  /// `(4, kernel_size=3)` and `(64) * 2`, where a layer's name is missing.
  mutating func lacksName() -> Bool {
    if holdsArguments() { return true }
    guard let closer = closing(token) else { return false }
    let next = token(after: closer)
    if next.startsLine { return false }
    return next.kind == .star || next.kind == .at || next.kind == .leftBrace
  }

  /// `Conv2D[4, 3]`
  mutating func argumentsInBrackets(_ opener: Token) -> Bool {
    guard let closer = closing(opener) else { return false }
    var last = opener
    var depth = 0
    while last.start < closer.start {
      last = token(after: last)
      switch last.kind {
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket: depth -= 1
      case .comma where depth == 0: return true
      case .equal where depth == 0: return true
      default: break
      }
    }
    return false
  }

  /// What stands behind a layer's name in place of `(…)`.
  mutating func wrongArguments() {
    if token.startsLine {
      guard lacksOpenerAbove() else { return }
      report(gapRange, "expected '(' before the arguments", fix: insertion("("))
      return argumentList(isOpened: false)
    }
    switch token.kind {
    case .leftBracket:
      let closer = closing(token)
      let inner = closer.map { "(\(string(token.end, $0.start)))" }
      report(
        tokenRange, "arguments stand in parentheses: expected '(' here",
        fix: closer.flatMap { closer in
          closer.end - token.start > 80
            ? nil
            : inner.map {
              SyntaxError.Fix(
                title: "Write '\($0)'", range: range(token.start, closer.end), text: $0)
            }
        })
      argumentList()
    case .leftBrace:
      let first = peek()
      guard first.kind == .integer || first.kind == .float || first.kind == .string else { return }
      report(
        tokenRange, "arguments stand in parentheses: expected '(' here", fix: replacement("("))
      argumentList()
      if token.kind == .rightBrace, !token.startsLine { skipToken() }
    case .integer, .float, .string, .name:
      guard lacksOpener() else { return }
      let end = endOfArguments()
      let text = string(token.start, end.end)
      report(
        gapRange, "expected '(' before the arguments",
        fix: end.isClosed
          ? insertion("(")
          : SyntaxError.Fix(
            title: "Write '(\(text))'", range: range(previousEnd, end.end), text: "(\(text))"))
      argumentList(isOpened: false)
    case .comma, .equal:
      guard brackets.isEmpty, closesOnLine(.rightParen) else { return }
      report(
        gapRange, "expected '(' before the arguments: the ')' on this line closes nothing else")
      argumentList(isOpened: false)
    case .rightParen:
      report(gapRange, "expected '(' before this ')'", fix: insertion("("))
      skipToken()
    default: break
    }
  }

  /// `a, b) -> …`, values whose `(` is missing.
  mutating func lacksValuesOpener() -> Bool {
    guard peek().kind == .comma, closesOnLine(.rightParen) else { return false }
    var last = token
    for _ in 0..<Parser.scanLimit {
      last = token(after: last)
      switch last.kind {
      case .name, .comma, .integer, .leftBracket, .rightBracket: continue
      case .rightParen:
        let next = token(after: last)
        return next.kind == .arrow && !next.startsLine
      default: return false
      }
    }
    return false
  }

  /// Whether the current token is an argument whose `(` is missing, and no statement of its own.
  private mutating func lacksOpener() -> Bool {
    guard startsUppercase(previousText) else { return false }
    guard token.kind == .name else { return true }
    switch peek().kind {
    case .equal, .comma, .rightParen: return !peek().startsLine
    default: return closesOnLine(.rightParen)
    }
  }

  /// The end of arguments without `(`: before their `)`, or what ends the step.
  private mutating func endOfArguments() -> (end: Int, isClosed: Bool) {
    var last = token
    var depth = 0
    for _ in 0..<Parser.scanLimit {
      let next = token(after: last)
      if next.startsLine { return (last.end, false) }
      switch next.kind {
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket:
        if depth == 0 { return (last.end, true) }
        depth -= 1
      case .arrow, .leftBrace, .rightBrace, .semicolon, .at, .endOfFile: return (last.end, false)
      default: break
      }
      last = next
    }
    return (last.end, false)
  }
}
