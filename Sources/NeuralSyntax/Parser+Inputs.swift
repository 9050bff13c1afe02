/// The inputs of a network.
extension Parser {
  mutating func inputs() {
    if token.kind == .leftBrace {
      inputGroup()
    } else if token.kind == .name, peek().kind == .colon, !peek().startsLine, !token.startsLine {
      namedInput()
    } else {
      guard startsExpression(), !startsLabel(), !isWord(.where) || peek().kind == .leftParen else {
        expected("expected the shape of the input, as in (28, 28, 1)")
        return
      }
      while true {
        let start = previousEnd
        networkInput()
        if lastErrorIs(after: start) { break }
        guard token.kind == .comma else { break }
        bump()
        if !startsExpression() || startsLabel() || isWord(.where) { break }
      }
    }
    if isWord(.where), peek().kind == .colon { return }
    if isWord(.where) || lacksWhere() {
      let node = open(.whereClause)
      if isWord(.where) {
        bump(.keyword)
      } else {
        report(gapRange, "expected 'where' before the conditions", fix: insertion(" where"))
      }
      expressions("a condition, as in height % 32 == 0")
      while lacksWhere() {
        report(gapRange, "expected ',' between the conditions", fix: insertion(","))
        expressions("a condition")
      }
      close(node)
    } else if token.kind == .name, !token.startsLine, !startsLabel() {
      report(tokenRange, "a dtype stands before the shape, as in \(tokenText) (20)")
      skipRestOfLine()
    }
  }

  /// Whether a comparison follows the shapes on their line.
  private mutating func lacksWhere() -> Bool {
    guard token.kind == .name || token.kind == .integer, !token.startsLine, !startsLabel() else {
      return false
    }
    switch peek().kind {
    case .percent, .equalEqual, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .star,
      .slashSlash, .plus, .minus:
      return true
    default: return false
    }
  }

  /// `input: image: (28, 28, 1)`, a named input without braces.
  private mutating func namedInput() {
    let start = token.start
    let place = range(start, start)
    let group = open(.inputGroup)
    while token.kind == .name, peek().kind == .colon {
      let input = open(.input)
      bump()
      bump()
      if startsExpression(), !token.startsLine { dtypeAndShape() }
      close(input)
      guard token.kind == .comma, !token.startsLine else { break }
      bump()
      if token.startsLine { break }
    }
    close(group)
    defer { if !token.startsLine { skipRestOfLine() } }
    if lastErrorIs(after: start) { return }
    if token.kind == .rightBrace, !token.startsLine {
      report(
        range(start, previousEnd), "expected '{' before the inputs",
        fix: SyntaxError.Fix(title: "Insert '{'", range: place, text: "{ "))
      skipToken()
      return
    }
    let text = "{ \(string(start, previousEnd)) }"
    report(
      range(start, previousEnd), "named inputs stand in braces, as in \(text)",
      fix: token.startsLine
        ? SyntaxError.Fix(
          title: "Write '\(text)'", range: range(start, previousEnd), text: text) : nil)
  }

  /// `{ image: (224, 224, 3), question: int32 (20) }`
  private mutating func inputGroup() {
    let node = open(.inputGroup)
    let brace = tokenRange
    brackets.append(Bracket(kind: .leftBrace, start: token.start))
    defer { _ = brackets.popLast() }
    bump()
    let isDoubled = token.kind == .leftBrace
    if isDoubled {
      report(tokenRange, "this '{' is one too many; remove it", fix: removal("{"))
      skipToken()
    }
    while true {
      if token.kind == .rightBrace {
        bump()
        if isDoubled, token.kind == .rightBrace, !token.startsLine { skipToken() }
        break
      }
      if token.kind == .comma || token.kind == .semicolon {
        bump()
        continue
      }
      guard token.kind == .name, !isWord(.where) || peek().kind == .colon,
        !startsSection() || peekIsShape() && (!isOutside() || bracesAreClosed(besides: 1))
      else {
        if token.kind == .endOfFile || token.startsLine || token.kind == .name {
          report(
            gapRange, "expected '}' to close the inputs", fix: closing(" }"),
            related: SyntaxError.Related(message: "this '{' is never closed", range: brace))
          break
        }
        report(tokenRange, "expected the name of an input, as in image: (224, 224, 3)")
        skipToNextEntry()
        continue
      }
      let input = open(.input)
      simpleName()
      if token.kind == .colon {
        bump()
        doubledColon()
      } else if token.kind == .equal {
        report(tokenRange, "expected ':' here, not '='", fix: replacement(":"))
        skipToken()
      } else {
        let isPlain = token.kind == .leftParen && !token.startsLine
        expected(
          "expected ':' and the shape of this input", fix: isPlain ? insertion(":") : nil)
      }
      if startsExpression(), !startsLabel() {
        dtypeAndShape()
      } else {
        expected("expected the shape of this input, as in (224, 224, 3)")
      }
      close(input)
    }
    close(node)
  }

  /// Whether the current token starts a line, no deeper than what it follows.
  private func isOutside() -> Bool {
    token.startsLine && lexer.column(of: token.start) <= Int(indent)
  }

  /// `{ image: (28, 28, 1)`, `{ question: int32 (20)`
  mutating func holdsInputs() -> Bool {
    let name = peek()
    let colon = token(after: name)
    guard name.kind == .name, colon.kind == .colon else { return false }
    let shape = token(after: colon)
    return shape.kind == .leftParen
      || shape.kind == .name && token(after: shape).kind == .leftParen
        && !token(after: shape).startsLine
  }

  /// Whether what stands after `word:` is a shape: then even a section's word names an input.
  private mutating func peekIsShape() -> Bool {
    let after = token(after: peek())
    if after.kind == .leftParen { return true }
    return after.kind == .name && token(after: after).kind == .leftParen
  }

  private mutating func networkInput() {
    let input = open(.input)
    dtypeAndShape()
    close(input)
  }

  private mutating func dtypeAndShape() {
    if token.kind == .name, peek().kind == .leftParen { simpleName(.dtype) }
    if token.kind == .name, token.word == .other, peek().startsLine { simpleName(.dtype) }
    if token.kind == .leftParen {
      if peek().kind == .name, token(after: peek()).kind == .equal {
        report(
          tokenRange, "expected a shape here, as in (28, 28, 1)")
        let end = closing(token)?.end ?? endOfLine(from: token)
        return skip(to: end)
      }
      primaryExpression()
    } else if startsExpression(), !startsLabel(), !token.startsLine {
      bareShape()
    } else {
      expected("expected a shape in parentheses, as in (28, 28, 1)")
    }
  }

  /// Sizes without parentheses, or in other ones: `28, 28, 1`, `[28, 28, 1]`, `28x28x1`.
  private mutating func bareShape() {
    if token.kind == .name, peek().kind == .name, !peek().startsLine { bump(.dtype) }
    let start = token.start
    let kind = token.kind
    var sizes = ""
    flushComments()
    let node = nodes.count
    expression()
    if kind == .leftBracket {
      sizes = string(start + 1, previousEnd - 1)
      if nodes.indices.contains(node), nodes[node].kind == .list {
        nodes[node] = FlatNode(.tuple, offset: nodes[node].offset, extent: Int(nodes[node].extent))
      }
    } else {
      var isTuple = false
      while token.kind == .comma, !token.startsLine {
        bump()
        isTuple = true
        guard startsExpression(), !startsLabel(), !token.startsLine else { break }
        expression()
      }
      // Read as the shape that is meant.
      wrap(node, isTuple ? .tuple : .parenthesized)
      close(node)
      sizes = string(start, previousEnd)
      if kind == .malformedNumber { sizes = sizes.split(separator: "x").joined(separator: ", ") }
      if token.kind == .rightParen, !token.startsLine { skipToken() }
    }
    if kind == .malformedNumber {
      let place = range(start, previousEnd)
      errors.removeAll { $0.error.range == place }
    }
    lastError = -1
    let isPlain = sizes.utf8.allSatisfy { Lexer.isNamePart($0) || $0 == 0x2C || $0 == 0x20 }
    report(
      range(start, previousEnd), "expected a shape in parentheses, as in (28, 28, 1)",
      fix: isPlain && previousEnd - start < 60
        ? SyntaxError.Fix(
          title: "Write '(\(sizes))'", range: range(start, previousEnd), text: "(\(sizes))") : nil)
    markReported()
  }

  // MARK: Settings
}
