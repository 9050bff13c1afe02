/// Brackets, and where they end when they are not closed.
extension Parser {
  /// Items between the bracket at the current token and the one that closes it, commas between. Where
  /// the opener is missing, `isList` says that it is a `[`, and `count` how many were read already.
  @discardableResult
  mutating func bracketed(
    _ what: @autoclosure () -> String, separated count: inout Int, isOpened: Bool = true,
    isList: Bool = false, hasLabels: Bool = false, item: (inout Parser) -> Void
  ) -> Bool {
    // One of the wrong kind that is reported is taken for `(`, like a missing one.
    let isSquare = isOpened ? token.kind == .leftBracket : isList
    let opener: SyntaxKind = isSquare ? .leftBracket : .leftParen
    let closer: SyntaxKind = isSquare ? .rightBracket : .rightParen
    brackets.append(Bracket(kind: opener, start: isOpened ? token.start : previousEnd))
    if isOpened {
      let isBrace = token.kind == .leftBrace
      bump()
      if isBrace { markReported() }
    }
    let isDoubled =
      hasLabels && isOpened && token.kind == .leftParen && holdsArguments()
      && !isOperand()
    if isDoubled {
      report(tokenRange, "this '(' is one too many; remove it", fix: removal("("))
      skipToken()
    }
    defer { if isDoubled, token.kind == .rightParen { skipToken() } }
    var hasComma = false
    var afterItem = count > 0
    var reported = false
    var row: Row?
    while true {
      if token.kind == closer || endsBrackets(closer, afterItem: afterItem) {
        if skipsStrayCloser(closer, row: row) || skipsCloserBeforeComma(closer) { continue }
        closeBracket(what())
        return hasComma
      }
      if !hasLabels, afterItem, token.kind == .comma, brackets.count > 1, labelFollows() {
        // `(3, 4, name=…`: an argument of the list around this one.
        closeBracket(what())
        return hasComma
      }
      if token.kind == .comma || isMistakenComma(closer) {
        if token.kind != .comma {
          report(tokenRange, "expected ',' here, not '\(tokenText)'", fix: replacement(","))
        } else if !afterItem {
          report(tokenRange, "a value is expected before this ','", fix: removal(","))
        }
        hasComma = true
        row?.hasComma = true
        afterItem = false
        bump(token.kind == .comma ? .comma : .skipped)
        continue
      }
      let position = token.start
      if startsExpression() || isWord(.not) {
        if afterItem {
          if token.word == .for || isGluedNumber() {
            reportGlued(what())
            skipToSeparator()
            markReported()
            continue
          }
          // Once: prose between brackets is one mistake.
          if !reported {
            report(
              gapRange, "expected ',' before the next value in \(what())",
              fix: lacksSeveralCommas() ? nil : insertion(","))
            reported = true
          }
          hasComma = true
        }
        if token.startsLine {
          flushComments()
          row = Row(node: nodes.count, start: token.start)
        }
        item(&self)
        count += 1
        afterItem = true
      } else if token.kind == .equal, !afterItem {
        report(tokenRange, "expected the name of an argument before '='", fix: removal("="))
        skipToken()
        markReported()
      } else {
        if token.kind != .equal || !reported { reportUnexpected(what(), afterItem: afterItem) }
        if token.kind == .equal { reported = true }
        skipToSeparator()
        markReported()
      }
      if token.start == position, token.kind != .endOfFile { skipToken() }
    }
  }

  /// Whether `name=` or `name:` follows the comma at the current token.
  private mutating func labelFollows() -> Bool {
    let next = peek()
    guard next.kind == .name else { return false }
    let sign = token(after: next)
    return sign.kind == .equal || sign.kind == .colon
  }

  /// Whether the parentheses at the current token hold `name=value`.
  mutating func holdsArguments() -> Bool {
    let found = closing(token) { parser, name in
      name.kind == .name && parser.token(after: name).kind == .equal
    }
    return found?.kind == .name
  }

  /// Whether an operator follows the parentheses at the current token.
  private mutating func isOperand() -> Bool {
    guard let closer = closing(token) else { return false }
    var next = token(after: closer)
    if next.kind == .rightParen { next = token(after: next) }
    switch next.kind {
    case .plus, .minus, .slash, .slashSlash, .percent, .starStar: return !next.startsLine
    default: return false
    }
  }

  /// `[i for i in …]`, `0.2.5`.
  private mutating func reportGlued(_ what: String) {
    if token.word == .for {
      report(tokenRange, "\(what) is written out, value by value; 'for' cannot stand in it")
    } else {
      report(
        range(previousStart, token.end),
        "'\(string(previousStart, token.end))' is not a number; a number has one '.'")
    }
  }

  private func isGluedNumber() -> Bool {
    guard token.kind == .float || token.kind == .integer, token.start == previousEnd,
      let last = nodes.last
    else { return false }
    return last.kind == .float || last.kind == .integer
  }

  /// Whether a comma is missing again before the end of the line: then one fix mends little.
  private mutating func lacksSeveralCommas() -> Bool {
    guard token.kind != .name || token.word == .other else { return false }
    var last = token
    for _ in 0..<4 {
      let next = token(after: last)
      if next.startsLine { return false }
      switch (last.kind, next.kind) {
      case (.integer, .integer), (.float, .float), (.float, .integer), (.integer, .float),
        (.name, .name), (.string, .string):
        return true
      case (.comma, _), (_, .rightParen), (_, .rightBracket): return false
      default: last = next
      }
    }
    return false
  }

  /// `;` between values, whose brackets are closed on the same line.
  private mutating func isMistakenComma(_ closer: SyntaxKind) -> Bool {
    token.kind == .semicolon && closesOnLine(closer)
  }

  /// Whether `closer` follows the current token on its line, outside brackets that open there.
  mutating func closesOnLine(_ closer: SyntaxKind) -> Bool {
    if isFlooded { return false }
    var last = token
    var depth = 0
    for _ in 0..<Parser.scanLimit {
      last = token(after: last)
      if last.startsLine { return false }
      switch last.kind {
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket:
        if depth == 0 { return last.kind == closer }
        depth -= 1
      case .arrow, .leftBrace, .rightBrace, .endOfFile: return false
      default: break
      }
    }
    return false
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
    case .equal where afterItem && hyphenatedName() != nil:
      if let place = hyphenatedName() {
        let name = string(place.lowerBound, place.upperBound).replacing("-", with: "_")
        report(
          range(place.lowerBound, place.upperBound), "a name has no '-'; is \(name) meant?",
          fix: SyntaxError.Fix(
            title: "Write '\(name)'", range: range(place.lowerBound, place.upperBound), text: name))
      }
    case .equal where afterItem:
      report(tokenRange, "'=' follows only the name of an argument; a comparison is written '=='")
    case .colon where afterItem:
      report(tokenRange, "':' cannot stand here; expected ',' or the end of \(what)")
    case .unknown where text == "?" && afterItem:
      report(tokenRange, "a choice is written as in (8 if wide else 4)")
    case .unknown:
      report(
        tokenRange, unknownCharacter(), fix: text == "?" ? replacement("none") : backslash())
    case .star, .starStar:
      report(tokenRange, "'\(text)' unpacks nothing here: write the values out")
    case .leftBrace:
      report(tokenRange, "a value cannot stand in braces; several are written [a, b]")
    default:
      report(
        tokenRange,
        afterItem
          ? "expected ',' or the end of \(what), found '\(text)'"
          : "expected a value, found '\(text)'")
    }
  }

  /// `kernel-size` before the current token, without blanks.
  private func hyphenatedName() -> Range<Int>? {
    var start = previousEnd
    while start > itemStart,
      Lexer.isNamePart(lexer.text[start - 1]) || lexer.text[start - 1] == 0x2D
    {
      start -= 1
    }
    let text = lexer.text[start..<previousEnd]
    guard text.contains(0x2D), text.first.map(Lexer.isNameStart) == true else { return nil }
    return start..<previousEnd
  }

  /// Lines go on without `\`.
  private func backslash() -> SyntaxError.Fix? { tokenText == "\\" ? removal("\\") : nil }

  func unknownCharacter() -> String {
    let byte = lexer.text.indices.contains(token.start) ? lexer.text[token.start] : 0
    switch byte {
    case 0x5C: return "lines go on without '\\'; remove it"
    case 0x60: return "a string stands between \" or ', not between `"
    case 0x21: return "'!' is written 'not'"
    case 0x26: return "'\(tokenText)' is written 'and'"
    case 0x3F: return "'?' means nothing here; an unknown size is written 'none'"
    default: break
    }
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
  mutating func balancedBraces() -> Token? {
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
    case .name where bracketStop != .other && token.word == bracketStop:
      return peek().kind != .comma && peek().kind != .rightParen
    case .semicolon: return !isMistakenComma(closer)
    case .endOfFile, .rightBrace, .arrow, .at: return true
    case .leftBrace: return afterItem || balancedBraces() == nil
    case .rightParen, .rightBracket: return true
    default:
      return startsNewStatement()
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
    if isMistakenCloser() {
      report(
        tokenRange, "expected '\(text)' to close \(what()), found '\(tokenText)'",
        fix: replacement(text), related: related)
      skipToken()
      return
    }
    // After another mistake in these brackets it may be a consequence, and can wait.
    if lastErrorIs(after: opener.start) { return markReported() }
    var fix = text
    if endsStatement() {
      for bracket in brackets.reversed() {
        fix += bracket.kind == .leftParen ? ")" : bracket.kind == .leftBracket ? "]" : " }"
      }
    }
    report(
      gapRange, "expected '\(text)' to close \(what())", fix: closing(fix), related: related)
    // The brackets around it end here too, and that is the same mistake.
    markReported()
  }

  /// Whether the current token was written for the closer that is missing.
  private mutating func isMistakenCloser() -> Bool {
    switch token.kind {
    case .rightParen, .rightBracket:
      return !brackets.contains { ($0.kind == .leftParen) == (token.kind == .rightParen) }
    case .rightBrace:
      // A brace that no block on this line waits for.
      guard !token.startsLine, brackets.isEmpty, let frame = stack.last(where: \.isUnclosed) else {
        return false
      }
      guard let lineStart = startOfLine(token.start) else { return false }
      let node = Int(frame.node)
      guard frame.node != OpenNode.elsewhere, nodes.indices.contains(node) else { return true }
      return chunkStart + nodes[node].offset < lineStart
    default: return false
    }
  }

  /// Whether nothing of the statement can follow, so that all its brackets end here.
  private func endsStatement() -> Bool {
    switch token.kind {
    case .endOfFile, .leftBrace, .rightBrace, .arrow, .semicolon, .at: true
    case .rightParen, .rightBracket, .comma, .equal, .colon: false
    default: token.startsLine
    }
  }

  /// The insertion of brackets, and at the end of the text of the braces that are open there too.
  mutating func closing(_ text: String) -> SyntaxError.Fix? {
    guard atEnd, !isLimited else { return insertion(text) }
    switch stack.last?.kind {
    case .definition, .network, .layerDeclaration, .forStatement, .ifStatement, .layerIf:
      // A head whose body is missing too.
      if stack.last?.hasBrace != true { return nil }
    default: break
    }
    let braces = closingBraces(from: 0)
    return SyntaxError.Fix(
      title: braces.isEmpty ? "Insert '\(text)'" : "Insert '\(text)' and close the blocks",
      range: gapRange, text: text + braces)
  }
}
