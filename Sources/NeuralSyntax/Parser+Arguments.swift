/// The arguments of a layer or function.
extension Parser {
  mutating func argumentList(isOpened: Bool = true) {
    _ = argumentList(1, isOpened: isOpened)
  }

  mutating func argumentList(_ depth: Int, isOpened: Bool = true) -> Int {
    let (text, name) = (lexer.text, max(previousStart, 0)..<max(previousEnd, 0))
    let node = open(.argumentList)
    var height = 1
    var count = 0
    bracketed(
      Parser.argumentList(of: Parser.string(text, name)),
      separated: &count, isOpened: isOpened, hasLabels: true
    ) { parser in
      height = max(height, parser.argument(depth + 1))
    }
    close(node)
    return height + 1
  }

  private static func argumentList(of name: String) -> String {
    Lexer.isName(name) ? "the argument list of \(name)" : "this argument list"
  }

  private mutating func argument(_ depth: Int) -> Int {
    let node = open(.argument)
    defer { close(node) }
    if token.kind == .name {
      let next = peek()
      if next.kind == .equal || next.kind == .colon || next.kind == .arrow && isGivenByArrow(next) {
        let label = token
        simpleName()
        wrongEqual(next)
        if startsExpression() || isWord(.not),
          !startsNewStatement()
        {
          return labelledValue(depth) + 1
        }
        if token.kind == .unknown, !token.startsLine { return 1 }
        if token.kind == .leftBrace, let closer = balancedBraces() {
          report(
            range(token.start, closer.end),
            "a value cannot stand in braces; several are written [a, b]")
          skip(to: closer.end)
          missing()
          return 1
        }
        expected("expected a value for '\(string(label.start, label.end))'")
        missing()
        return 1
      }
    }
    return ternary(depth) + 1
  }

  /// The value behind `name=`, several of them where only their `[` is missing.
  private mutating func labelledValue(_ depth: Int) -> Int {
    flushComments()
    let (start, gap) = (nodes.count, gapRange)
    var height = ternary(depth)
    if token.kind == .comma, !token.startsLine, startsValue(peek()) {
      listWithoutOpener(from: start, at: gap, "[", depth, height: &height)
    }
    return height
  }

  /// Whether a token on the line of the one before it starts a value that is no name.
  private func startsValue(_ token: Token) -> Bool {
    !token.startsLine && token.kind != .name && startsExpression(token)
  }

  /// `kernel_size->3`
  private mutating func isGivenByArrow(_ arrow: Token) -> Bool {
    switch token(after: arrow).kind {
    case .integer, .float, .string: true
    default: false
    }
  }

  /// Takes the sign between an argument's name and value, whatever was written for `=`.
  private mutating func wrongEqual(_ sign: Token) {
    let second = token(after: sign)
    if sign.kind == .arrow {
      report(tokenRange, "expected '=' here, not '->'", fix: replacement("="))
      skipToken()
    } else if sign.kind == .colon, second.kind == .equal, second.start == sign.end {
      let both = range(sign.start, second.end)
      report(
        both, "expected '=' here, not ':='",
        fix: SyntaxError.Fix(title: "Write '='", range: both, text: "="))
      skip(to: second.end)
    } else {
      bump()
    }
  }

  /// `f"…"`: the prefix is passed over.
  mutating func stringPrefix(_ string: Token) {
    report(tokenRange, "strings have no prefix; remove '\(tokenText)'", fix: removal(tokenText))
    skipToken()
    bump()
    markReported()
  }

  // MARK: Depth
}
