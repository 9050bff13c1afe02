/// Closing brackets that are too many, and lists whose opening one is missing: both have a closer
/// further on that nothing else is open for. Counting them makes sure that something is wrong.
extension Parser {
  /// Whether a list that goes on with `first` is closed by `closer` further on, where `open` brackets
  /// within it are open. It goes on below only behind a comma and the like.
  mutating func isClosed(by closer: SyntaxKind, from first: Token, besides open: Int = 0) -> Bool {
    if isFlooded { return false }
    var depth = open
    var last = first
    var next = first
    for _ in 0..<(Parser.scanLimit * 4) {
      if next.startsLine, next.start != first.start, depth <= open, !isUnfinished(last),
        !goesOn(next)
      {
        return false
      }
      switch next.kind {
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket:
        if depth == 0 { return next.kind == closer }
        depth -= 1
      case .endOfFile, .leftBrace, .rightBrace, .arrow, .semicolon: return false
      case .colon where depth <= open: return false
      default: break
      }
      last = next
      next = token(after: last)
    }
    return false
  }

  /// Whether what ends with a token goes on.
  private func isUnfinished(_ token: Token) -> Bool {
    switch token.kind {
    case .leftParen, .leftBracket, .equal: true
    case .rightParen, .rightBracket: false
    case .name:
      switch token.word {
      case .and, .or, .not, .in, .if, .else: true
      default: false
      }
    default: goesOn(token)
    }
  }

  // MARK: Too many

  /// Reports the closing bracket at the current token as one too many; silently after another mistake
  /// behind `start`, whose consequence it may be.
  private mutating func skipSurplus(after start: Int) {
    if !lastErrorIs(after: start) {
      if isDoubledCloser {
        report(
          tokenRange, "this '\(tokenText)' is one too many; remove it", fix: removal(tokenText))
      } else {
        let opener = token.kind == .rightParen ? "(" : "["
        report(
          tokenRange,
          "this '\(tokenText)' closes nothing: it is one too many, or a '\(opener)' is missing before it"
        )
      }
    }
    skipToken()
    markReported()
  }

  /// Whether the token before the current one is the same.
  private var isDoubledCloser: Bool {
    previousEnd - previousStart == 1 && previousStart >= max(itemStart, chunkStart)
      && lexer.text[previousStart] == lexer.text[token.start]
  }

  /// `Dense(int(n) ) // 2, …)`: the current token would close the outermost brackets, or none, although
  /// an expression goes on behind it.
  mutating func skipsCloserInExpression() -> Bool {
    guard token.kind == .rightParen || token.kind == .rightBracket, !token.startsLine,
      brackets.count <= 1
    else { return false }
    let next = peek()
    guard !next.startsLine else { return false }
    switch next.kind {
    case .plus, .minus, .star, .slash, .slashSlash, .percent, .starStar, .equalEqual, .notEqual,
      .less, .lessOrEqual, .greater, .greaterOrEqual:
      break
    case .name where next.word == .if || next.word == .else:
      if brackets.isEmpty { return false }
    default: return false
    }
    guard let opener = brackets.last else {
      skipSurplus(after: itemStart)
      return true
    }
    guard opener.kind != .leftBrace, isClosed(by: opener.closer, from: next) else { return false }
    skipSurplus(after: opener.start)
    return true
  }

  /// The same before a comma.
  mutating func skipsCloserBeforeComma(_ closer: SyntaxKind) -> Bool {
    guard token.kind == closer, !token.startsLine, brackets.count == 1, let opener = brackets.last,
      peek().kind == .comma, !peek().startsLine, isClosed(by: closer, from: peek())
    else { return false }
    skipSurplus(after: opener.start)
    return true
  }

  /// A closing bracket of the other kind that closes nothing, with the right one behind it. Where a line
  /// of a list ends with it, its opener is missing before that line's values: they start with node
  /// `row.node`.
  mutating func skipsStrayCloser(
    _ closer: SyntaxKind, row: Row?
  ) -> Bool {
    guard token.kind == .rightParen || token.kind == .rightBracket, token.kind != closer,
      !brackets.contains(where: { ($0.kind == .leftParen) == (token.kind == .rightParen) }),
      isClosed(by: closer, from: peek())
    else { return false }
    let start = brackets.last?.start ?? itemStart
    guard let row, row.hasComma, token.kind == .rightParen, !isDoubledCloser,
      !lastErrorIs(after: start)
    else {
      skipSurplus(after: start)
      return true
    }
    let place = range(row.start, row.start)
    report(
      place, "expected '(' before these values: the ')' behind them closes nothing else",
      fix: SyntaxError.Fix(title: "Insert '('", range: place, text: "("))
    wrap(row.node, .tuple)
    bump()
    close(row.node)
    markReported()
    return true
  }

  /// `Dense(8)) * 2`: a closing bracket behind what was read of a step.
  mutating func skipCloser(behind step: OpenNode) {
    let node = Int(step.node)
    let start = nodes.indices.contains(node) ? chunkStart + nodes[node].offset : chunkStart
    if !lastErrorIs(after: start) {
      report(tokenRange, "this '\(tokenText)' closes nothing; remove it", fix: removal(tokenText))
    }
    skipToken()
    markReported()
  }

  // MARK: Braces

  /// Whether a `}` is at the current token without which all that is open is closed too.
  private mutating func isSurplusBrace() -> Bool {
    if isFlooded { return false }
    return token.kind == .rightBrace
      && bracesClose(
        stack.lazy.filter(\.isUnclosed).count, from: peek(), within: Parser.scanLimit * 8)
  }

  /// What the innermost open braces belong to.
  var ownerOfBraces: SyntaxKind? {
    guard let index = stack.lastIndex(where: \.hasBrace) else { return nil }
    return stack[index].kind == .block && index > 0 ? stack[index - 1].kind : stack[index].kind
  }

  /// `} } * 2`: the current `}` stands between a step and its suffix, and would close what has none.
  mutating func isSurplusBeforeSuffix() -> Bool {
    token.kind == .rightBrace && isSuffix(peek()) && ownerOfBraces != .step && isSurplusBrace()
  }

  /// `} } else {`: the current `}` stands between an `if` and its `else`, and would close what has none.
  mutating func isSurplusBeforeElse() -> Bool {
    guard token.kind == .rightBrace, peek().word == .else, peek().kind == .name,
      let owner = stack.dropLast().lastIndex(where: \.hasBrace)
    else { return false }
    let kind = owner > 0 ? stack[owner - 1].kind : stack[owner].kind
    guard kind != .ifStatement, kind != .layerIf else { return false }
    let next = self.token(after: peek())
    return (next.kind == .leftBrace || next.word == .if) && isSurplusBrace()
  }

  mutating func skipBraceBeforeElse() {
    // Alone on its line it is the `if`'s own, and the mistake stands before it.
    report(
      tokenRange,
      token.startsLine
        ? "this '}' closes nothing: one before it is too many, or its '{' is missing"
        : "this '}' is one too many; remove it",
      fix: token.startsLine ? nil : removal("}"))
    skipToken()
  }

  // MARK: Missing openers

  /// Whether the arguments of the name before the current token stand on this line and those below,
  /// further in, their `(` left out.
  mutating func lacksOpenerAbove() -> Bool {
    token.startsLine && startsExpression() && lexer.column(of: token.start) > Int(indent)
      && isClosed(by: .rightParen, from: token, besides: brackets.count)
  }

  /// `max 4, 8)` between brackets: whether the current token is the first argument of the name before it.
  mutating func lacksOpenerInBrackets() -> Bool {
    guard !brackets.isEmpty, !token.startsLine else { return false }
    switch token.kind {
    case .integer, .float, .string: break
    case .name where token.word == .other: break
    default: return false
    }
    return isClosed(by: .rightParen, from: token, besides: brackets.count)
  }

  /// Reads what follows the value at node `index` up to the `]` of a list whose `[` is missing at `gap`,
  /// as that list, which is `height` high; nothing is read where there is no such `]`.
  mutating func listWithoutOpener(
    from index: Int, at gap: SourceRange, _ opener: String, _ depth: Int, height: inout Int
  ) {
    guard token.kind == .comma, depth + height < Parser.expressionDepth,
      isClosed(by: .rightBracket, from: token)
    else { return }
    report(
      gap, "expected '[' before these values: the ']' behind them closes nothing else",
      fix: SyntaxError.Fix(title: "Insert '['", range: gap, text: opener))
    wrap(index, .list)
    var highest = height
    var count = 1
    bracketed("this list", separated: &count, isOpened: false, isList: true) { parser in
      highest = max(highest, parser.ternary(depth + 1))
    }
    height = highest + 1
    close(index)
  }
}

extension Parser {
  /// What of a list stands on a line that begins with one of its values.
  struct Row {
    /// Of the first value.
    var node: Int
    var start: Int
    /// Whether a comma follows one of its values.
    var hasComma = false
  }
}

extension Parser.Bracket {
  var closer: SyntaxKind { kind == .leftBracket ? .rightBracket : .rightParen }
}
