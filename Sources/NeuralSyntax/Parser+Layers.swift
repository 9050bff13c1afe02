/// What stands in `layer Name(…) { … }` and the declarations of the same form.
extension Parser {
  mutating func layerItem(_ frame: OpenNode) {
    switch token.kind {
    case .rightBrace: closeBrace()
    case .endOfFile: unclosed()
    case .comma, .semicolon:
      startItem()
      bump()
    default:
      if endsBraces() || endsBlockBefore() { return }
      if frame.kind == .layerBlock { suspectOutdented() }
      startItem()
      if !atEnd { layerEntry() }
    }
  }

  private mutating func layerEntry() {
    guard token.kind == .name else {
      report(tokenRange, "expected an entry here, such as output: (batch, units)")
      skipToNextLayerEntry()
      return
    }
    let next = peek()
    let hasLabel = next.kind == .colon
    switch token.word {
    case .if where !hasLabel: layerConditional()
    case .let where !hasLabel: layerBinding()
    case .require where !hasLabel: requirement()
    case .weights where startsGroup(next): weights(.weightsItem)
    case .state where startsGroup(next): weights(.stateItem)
    case .body where startsGroup(next): body()
    case .else where !hasLabel && (next.kind == .leftBrace || next.word == .if):
      report(tokenRange, "this 'else' belongs to no 'if'")
      push(.layerIf)
      stack[stack.count - 1].flags |= OpenNode.braceMissing
      continueLayerConditional()
    case .input where hasLabel: inputPatterns()
    default:
      if hasLabel {
        labelled()
      } else if next.kind == .leftParen, !next.startsLine, token.startsLine,
        lexer.text[token.start] &- 0x41 < 26
      {
        report(
          tokenRange, "expected an entry here; statements stand in 'body { … }'")
        skipToNextLayerEntry()
      } else if next.kind == .equal, !next.startsLine, token.startsLine {
        report(
          tokenRange, "expected an entry here; a name is given by 'let \(tokenText) = …'",
          fix: SyntaxError.Fix(
            title: "Insert 'let'", range: range(token.start, token.start), text: "let "))
        skipToNextLayerEntry()
      } else if next.startsLine || startsExpressionKind(next.kind), token.startsLine {
        let node = open(.entry)
        bump(.keyword)
        let isPlain = startsExpression() && !token.startsLine
        expected("expected ':' and a value for this entry", fix: isPlain ? insertion(":") : nil)
        if isPlain { expressions("a value") }
        if !token.startsLine, hasReported { skipRestOfLine() }
        close(node)
      } else {
        report(tokenRange, "expected an entry here, such as output: (batch, units)")
        skipToNextLayerEntry()
      }
    }
  }

  /// Whether `weights`, `state` or `body` has its braces here, or should have them.
  private mutating func startsGroup(_ next: Token) -> Bool {
    switch next.kind {
    case .leftBrace: return true
    case .colon:
      let after = token(after: next)
      return after.kind == .leftBrace
        || after.startsLine && lexer.column(of: after.start) > Int(indent)
          && after.kind != .rightBrace
    default:
      guard next.kind == .name, token.startsLine else { return false }
      if !next.startsLine { return closesBraceOnLine(next) }
      return lexer.column(of: next.start) > Int(indent)
    }
  }

  /// The `:` that does not belong before braces.
  private mutating func colonBeforeBrace(_ word: String) {
    guard token.kind == .colon, peek().kind == .leftBrace else { return }
    report(tokenRange, "'\(word)' stands before its '{' without ':'", fix: removal(":"))
    skipToken()
  }

  private mutating func body() {
    push(.bodyItem)
    bump(.keyword)
    colonBeforeBrace("body")
    if token.kind == .leftBrace {
      if !openBlock() { pop() }
    } else if startsBodyWithoutBrace("expected '{' and the statements of 'body'") {
      openBodyWithoutBrace(.block)
    } else {
      expected("expected '{' and the statements of 'body'")
      pop()
    }
  }

  private func startsExpressionKind(_ kind: SyntaxKind) -> Bool {
    switch kind {
    case .name, .integer, .float, .string, .leftParen, .leftBracket, .minus: true
    default: false
    }
  }

  private mutating func skipToNextLayerEntry() {
    if token.kind == .leftBrace {
      skipBraces()
      return
    }
    skipToNextEntry(atCommas: false)
  }

  private mutating func layerConditional() {
    push(.layerIf)
    layerCondition()
  }

  private mutating func layerCondition() {
    bump(.keyword)
    if token.kind == .leftBrace {
      report(tokenRange, "expected a condition before '{'")
      missing()
    } else {
      value("expected a condition after 'if'")
    }
    openLayerBlock()
  }

  private mutating func openLayerBlock() {
    let message = "expected '{' and the entries of this 'if'"
    if token.kind == .leftBrace {
      if !openBlock(.layerBlock) { pop() }
    } else if startsBodyWithoutBrace(message) {
      openBodyWithoutBrace(.layerBlock)
    } else if skipToBrace(message) {
      if !openBlock(.layerBlock) { pop() }
    } else {
      expected(message)
      pop()
      if !token.startsLine { skipRestOfLine() }
    }
  }

  mutating func continueLayerConditional() {
    if isSurplusBeforeElse() { skipBraceBeforeElse() }
    guard isWord(.else), peek().kind != .colon else {
      pop()
      return
    }
    bump(.keyword)
    if isWord(.if) {
      layerCondition()
    } else {
      openLayerBlock()
    }
  }

  private mutating func layerBinding() {
    let node = open(.letStatement)
    let column = lexer.column(of: token.start)
    bump(.keyword)
    if token.kind == .name, !token.startsLine || peek().kind == .equal {
      simpleName()
    } else {
      expected("expected a name after 'let', as in let size = 2 * units")
    }
    if token.kind == .equal {
      bump()
      if startsExpression() || isWord(.not), !startsLabel() {
        boundValue(besides: column)
      } else {
        expected("expected a value after '='")
        missing()
      }
    } else {
      expected("expected '=' and a value")
      missing()
    }
    close(node)
  }

  /// `require condition, "message" as code`
  private mutating func requirement() {
    let node = open(.requireItem)
    bump(.keyword)
    if startsLabel() || !startsExpression() && !isWord(.not) {
      expected("expected a condition after 'require'")
      missing()
      if !token.startsLine, token.kind != .comma { skipRestOfLine() }
    } else {
      value("expected a condition after 'require'")
    }
    if token.kind == .comma, peek().kind.isString {
      bump()
      bump()
    } else if token.kind == .comma {
      report(tokenRange, "expected a message in quotes after this ','", fix: removal(","))
      skipToken()
    } else if token.kind.isString, !token.startsLine {
      report(gapRange, "expected ',' before the message", fix: insertion(","))
      expression()
    }
    if isWord(.as) {
      bump(.keyword)
      let code = open(.code)
      if token.kind == .name, !token.startsLine || !startsLabel() {
        bump()
        while token.kind == .minus, token.start == previousEnd {
          bump()
          if token.kind == .name, token.start == previousEnd { bump() } else { break }
        }
      } else {
        expected("expected a diagnostic's code, as in not-divisible")
        if !token.startsLine { skipRestOfLine() }
      }
      close(code)
    }
    close(node)
  }

  private mutating func labelled() {
    let word = token.word
    let node = open(word == .output ? .outputItem : word == .macs ? .macsItem : .entry)
    let text = tokenText
    simpleName(.keyword)
    bump()
    expressions("a value for '\(text)'")
    close(node)
  }

  // MARK: Inputs

  private mutating func inputPatterns() {
    let node = open(.inputItem)
    bump(.keyword)
    bump()
    if !startsExpression() || startsLabel() {
      expected("expected the shape of the input, as in (batch, ...leading, features)")
    } else {
      while true {
        let start = previousEnd
        inputPattern()
        if lastErrorIs(after: start), !token.startsLine, closesOnLine(.rightParen) {
          // Up to the `)` whose `(` is missing.
          while token.kind != .rightParen, !token.startsLine { skipToken() }
          skipToken()
        }
        guard token.kind == .comma else { break }
        bump()
        if !startsExpression() || startsLabel() || startsLayerStatement() { break }
      }
    }
    close(node)
  }

  /// `(batch, features)`, `int32 ids (batch, steps)`, `h (batch, units) = none`, `...values`
  private mutating func inputPattern() {
    let node = open(.input)
    if token.kind == .name, isDtype() || peek().kind == .name && peekLeadsToShape() {
      simpleName(.dtype)
    }
    let isVariadic = token.kind == .ellipsis
    if isVariadic { bump() }
    if token.kind == .name, isVariadic ? peek().kind != .colon : !startsLabel() {
      simpleName()
    } else if isVariadic {
      expected("expected a name after '...', as in ...values")
    }
    if token.kind == .leftParen {
      primaryExpression()
    } else if !isVariadic {
      expected("expected a shape in parentheses, as in (batch, features)")
      if startsExpression(), !token.startsLine, token.kind != .name { expression() }
    }
    if token.kind == .equal {
      bump()
      if startsExpression(), !startsLabel() {
        expression()
      } else {
        expected("expected a default for this input, as in = none")
        missing()
      }
    }
    close(node)
  }

  /// `word name (`: the word is a dtype, whether known or not.
  private mutating func peekLeadsToShape() -> Bool {
    let next = peek()
    return !next.startsLine && token(after: next).kind == .leftParen
  }

  private func isDtype() -> Bool {
    let length = token.end - token.start
    guard length >= 3, length <= 10 else { return false }
    switch string(token.start, token.end) {
    case "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
      "float16", "float32", "float64", "bfloat16", "string", "complex64", "complex128":
      return true
    default: return false
    }
  }

  // MARK: Weights

  private mutating func weights(_ kind: SyntaxKind) {
    push(kind)
    let word = tokenText
    bump(.keyword)
    colonBeforeBrace(word)
    guard token.kind == .leftBrace else {
      let message = "expected '{' and the entries of '\(word)'"
      if startsBodyWithoutBrace(message) {
        openBodyWithoutBrace()
      } else {
        expected(message)
        pop()
      }
      return
    }
    if nestsTooDeep() {
      skipBraces()
      pop()
      return
    }
    pushBrace()
  }

  /// `name: shape = initial when condition`, or the end of the braces.
  mutating func weightEntry(_ frame: OpenNode) {
    switch token.kind {
    case .rightBrace: closeBrace()
    case .endOfFile: unclosed()
    case .comma, .semicolon:
      startItem()
      bump()
    case .name:
      if endsBraces() { return }
      if startsLayerItem(frame) {
        reportUnclosed(from: stack.count - 1, " before '\(tokenText)'")
        pop()
        return
      }
      startItem()
      if !atEnd { weight() }
    default:
      startItem()
      if atEnd { return }
      report(tokenRange, "expected a weight here, as in kernel: (features, units)")
      skipToNextLayerEntry()
    }
  }

  /// Whether the current token is no weight but the next entry of the layer: then the `}` before it
  /// is missing.
  private mutating func startsLayerItem(_ frame: OpenNode) -> Bool {
    guard token.startsLine, lexer.column(of: token.start) <= Int(frame.indent) else { return false }
    switch token.word {
    case .input, .output, .macs: return peek().kind == .colon && !bracesAreClosed()
    case .weights, .state, .body: return peek().kind == .leftBrace
    case .require, .if, .let: return peek().kind != .colon
    default: return false
    }
  }

  /// Whether the braces that are open here, `inner` more than are known, are closed before the
  /// declaration ends.
  mutating func bracesAreClosed(besides inner: Int = 0) -> Bool {
    bracesClose(stack.lazy.filter(\.hasBrace).count + inner, from: token, within: Parser.scanLimit)
  }

  /// Whether as many braces as are open are closed from a token on, before the declaration ends.
  mutating func bracesClose(_ open: Int, from first: Token, within limit: Int) -> Bool {
    var depth = open
    var last = first
    for _ in 0..<limit {
      switch last.kind {
      case .leftBrace: depth += 1
      case .rightBrace:
        depth -= 1
        if depth == 0 { return true }
      case .endOfFile: return false
      default: if startsDeclaration(last, maximalColumn: 0) { return false }
      }
      last = token(after: last)
    }
    return false
  }

  /// Takes what cannot follow a weight on its line.
  private mutating func endWeight() {
    if token.startsLine { return }
    switch token.kind {
    case .comma:
      guard closesOnLine(.rightParen) else { return }
      if !hasReported {
        report(tokenRange, "a '(' is missing on this line: its ')' closes nothing")
      }
    case .rightBrace, .semicolon, .endOfFile: return
    case .name where peek().kind == .colon: return
    default:
      if !hasReported {
        let isValue = startsExpression()
        report(
          isValue ? gapRange : tokenRange,
          isValue
            ? "expected '=' before the initial value, or 'when' before a condition"
            : "expected the end of this weight, found '\(tokenText)'",
          fix: isValue ? insertion(" =") : nil)
      }
    }
    skipToNextEntry(atCommas: false)
  }

  private mutating func weight() {
    let node = open(.weightEntry)
    simpleName()
    if token.kind == .colon {
      bump()
    } else if token.kind == .equal, !token.startsLine {
      report(tokenRange, "expected ':' here, not '='", fix: replacement(":"))
      skipToken()
    } else {
      let isPlain = startsExpression() && !token.startsLine
      expected(
        "expected ':' and the shape of this weight", fix: isPlain ? insertion(":") : nil)
    }
    if startsExpression(), !startsLabel() {
      expression()
    } else {
      expected("expected the shape of this weight, as in (features, units)")
      missing()
    }
    if token.kind == .equal {
      bump()
      if startsExpression(), !startsLabel() {
        expression()
      } else {
        expected("expected an initial value after '='")
        missing()
      }
    }
    if isWord(.when), peek().kind != .colon {
      bump(.keyword)
      if startsExpression() || isWord(.not), !startsLabel() {
        expression()
      } else {
        expected("expected a condition after 'when'")
        missing()
      }
    }
    endWeight()
    close(node)
  }
}
