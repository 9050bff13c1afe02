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
      if endsBraces() { return }
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
    case .weights where next.kind == .leftBrace: weights(.weightsItem)
    case .state where next.kind == .leftBrace: weights(.stateItem)
    case .weights where hasLabel && token(after: next).kind == .leftBrace: weights(.weightsItem)
    case .state where hasLabel && token(after: next).kind == .leftBrace: weights(.stateItem)
    case .body where next.kind == .leftBrace || hasLabel && token(after: next).kind == .leftBrace:
      push(.bodyItem)
      bump(.keyword)
      if token.kind == .colon { bump() }
      if !openBlock() { pop() }
    case .input where hasLabel: inputPatterns()
    default:
      if hasLabel {
        labelled()
      } else if next.startsLine || startsExpressionKind(next.kind), token.startsLine {
        let node = open(.entry)
        bump(.keyword)
        expected("expected ':' and a value for this entry", fix: insertion(":"))
        if startsExpression(), !token.startsLine { expressions("a value") }
        close(node)
      } else {
        report(tokenRange, "expected an entry here, such as output: (batch, units)")
        skipToNextLayerEntry()
      }
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
    if token.kind == .leftBrace {
      if !openBlock(.layerBlock) { pop() }
    } else {
      expected("expected '{' and the entries of this 'if'", fix: insertion(" {"))
      pop()
      if !token.startsLine { skipRestOfLine() }
    }
  }

  mutating func continueLayerConditional() {
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
    bump(.keyword)
    if token.kind == .name, !token.startsLine || peek().kind == .equal {
      bump()
    } else {
      expected("expected a name after 'let', as in let size = 2 * units")
    }
    if token.kind == .equal {
      bump()
      if startsExpression() || isWord(.not), !startsLabel() {
        value("expected a value after '='")
      } else {
        expected("expected a value after '='")
        missing()
      }
    } else {
      expected("expected '=' and a value", fix: insertion("="))
      missing()
    }
    close(node)
  }

  /// `require condition, "message" as code`
  private mutating func requirement() {
    let node = open(.requireItem)
    bump(.keyword)
    if startsLabel() {
      expected("expected a condition after 'require'")
      missing()
    } else {
      value("expected a condition after 'require'")
    }
    if token.kind == .comma, peek().kind == .string || peek().kind == .unterminatedString {
      bump()
      expression()
    }
    if isWord(.as) {
      bump(.keyword)
      let code = open(.code)
      if token.kind == .name {
        bump()
        while token.kind == .minus, token.start == previousEnd {
          bump()
          if token.kind == .name, token.start == previousEnd { bump() } else { break }
        }
      } else {
        expected("expected a diagnostic's code, as in not-divisible")
      }
      close(code)
    }
    close(node)
  }

  private mutating func labelled() {
    let word = token.word
    let node = open(word == .output ? .outputItem : word == .macs ? .macsItem : .entry)
    let text = tokenText
    bump(.keyword)
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
        inputPattern()
        guard token.kind == .comma else { break }
        bump()
        if !startsExpression() || startsLabel() { break }
      }
    }
    close(node)
  }

  /// `(batch, features)`, `int32 ids (batch, steps)`, `h (batch, units) = none`, `...values`
  private mutating func inputPattern() {
    let node = open(.input)
    if token.kind == .name, isDtype() || peek().kind == .name && peekLeadsToShape() {
      bump(.dtype)
    }
    let isVariadic = token.kind == .ellipsis
    if isVariadic { bump() }
    if token.kind == .name, !startsLabel() { bump() }
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
    bump(.keyword)
    if token.kind == .colon { bump() }
    if stack.lazy.filter(\.hasBrace).count >= Parser.blockDepth {
      report(.expansionLimit, tokenRange, "blocks are nested more than \(Parser.blockDepth) deep")
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
    case .input, .output, .macs: return peek().kind == .colon
    case .weights, .state, .body: return peek().kind == .leftBrace
    case .require, .if, .let: return peek().kind != .colon
    default: return false
    }
  }

  private mutating func weight() {
    let node = open(.weightEntry)
    bump()
    if token.kind == .colon {
      bump()
    } else {
      expected("expected ':' and the shape of this weight", fix: insertion(":"))
    }
    if startsExpression(), !startsLabel(), !token.startsLine || token.kind != .name {
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
    close(node)
  }
}
