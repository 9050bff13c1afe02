extension Parser {
  /// Whether a section starts at the current token: a section word before `:`, or `train` and the
  /// like before `{`.
  mutating func startsSection() -> Bool {
    guard token.kind == .name, token.word.isSection else { return false }
    let next = peek().kind
    return next == .colon || (next == .leftBrace && token.word.isBraceSection)
  }

  /// A section of a network, or its end.
  mutating func networkItem() {
    switch token.kind {
    case .rightBrace: closeBrace()
    case .endOfFile: unclosed()
    case .semicolon, .comma:
      startItem()
      bump()
    default:
      if endsBraces() { return }
      startItem()
      if !atEnd { section() }
    }
  }

  private mutating func section() {
    let next = token.kind == .name ? peek() : token
    guard
      token.kind == .name,
      next.kind == .colon || next.kind == .leftBrace && token.word.isSection
        || token.word.isSection && next.kind != .arrow && next.kind != .equal
          && (next.startsLine || next.kind != .leftParen || token.word == .input)
        || next.kind == .leftBrace && token.startsLine && firstIsLowercase()
    else {
      straySection(isAlone: token.kind == .name && next.startsLine)
      return
    }
    let word = token.word
    push(.section)
    bump(.keyword)
    if token.kind == .colon {
      bump()
    } else if token.kind != .leftBrace {
      report(
        gapRange, "expected ':' after the section's name",
        fix: SyntaxError.Fix(title: "Insert ':'", range: gapRange, text: ":"))
    }
    switch word {
    case .layers:
      if token.kind == .leftBrace { layersInBraces() }
    // What follows is read statement by statement.
    case .input:
      inputs()
      pop()
    default:
      if token.kind == .leftBrace {
        openBlock(.settings)
        if stack.last?.kind == .section { pop() }
      } else {
        expressions("a value for this section")
        pop()
      }
    }
  }

  /// What is no section: a half-written word, or statements without `layers:`.
  private mutating func straySection(isAlone: Bool) {
    let meant = isAlone ? sectionMeant(by: tokenText) : nil
    let fix = meant.map {
      SyntaxError.Fix(title: "Write '\($0):'", range: tokenRange, text: "\($0):")
    }
    report(
      tokenRange,
      "expected a section of the network here"
        + (meant.map { ". Is '\($0):' meant?" }
          ?? ", such as 'layers:'; statements stand in 'layers:'"),
      fix: fix)
    guard token.kind == .name || token.kind == .leftParen else {
      skipToNextEntry(atCommas: false)
      return
    }
    push(.strayStatements)
    if isAlone { skipToken() } else { statement() }
  }

  /// The section word that a word is the start of, or nearly is.
  private func sectionMeant(by text: String) -> String? {
    let words = Word.allCases.filter(\.isSection).map(\.spelling)
    let longer = words.filter { $0.hasPrefix(text) }
    if longer.count == 1 { return longer.first }
    let bytes = Array(text.utf8)
    guard bytes.count >= 4, bytes.count <= 16 else { return nil }
    return words.first { editDistance(bytes, Array($0.utf8)) <= 2 }
  }

  /// `layers { … }` and `layers: { … }`: a block like any other.
  private mutating func layersInBraces() {
    openBlock()
  }

  private func firstIsLowercase() -> Bool {
    let text = lexer.text
    return text.indices.contains(token.start) && text[token.start] >= 0x61
      && text[token.start] <= 0x7A
  }

  /// A statement of `layers:`, or the section's end.
  mutating func sectionStatement() {
    switch token.kind {
    case .rightBrace where isExtraBrace(): skipExtraBrace()
    case .rightBrace, .endOfFile: pop()
    case .name where startsSection(): pop()
    case .name where token.startsLine && endsBraces(): return
    case .name where startsUnknownSection(): pop()
    default:
      startItem()
      if !atEnd { statement() }
    }
  }

  /// `word:` no deeper than the section it follows: no statement starts so.
  private mutating func startsUnknownSection() -> Bool {
    guard let frame = stack.last, token.startsLine, peek().kind == .colon else { return false }
    return lexer.column(of: token.start) <= Int(frame.indent)
  }

  /// Expressions with commas between them, up to what is none.
  mutating func expressions(_ what: String) {
    guard startsExpression(), !startsLabel() else {
      expected("expected \(what)")
      return
    }
    while true {
      expression()
      guard token.kind == .comma else { break }
      bump()
      if !startsExpression() || startsLabel() { break }
    }
  }

  /// `word:`, or a section's start: what follows is not part of this value.
  mutating func startsLabel() -> Bool {
    guard token.kind == .name else { return false }
    let next = peek()
    if token.startsLine, !next.startsLine, let kind = stack.last?.kind,
      kind == .layerDeclaration || kind == .layerBlock
    {
      switch token.word {
      case .let where next.kind == .name: return true
      case .require where next.kind == .name || next.kind == .leftParen: return true
      case .if where next.kind != .comma && next.kind != .equal: return true
      default: break
      }
    }
    return next.kind == .colon
      || (next.kind == .leftBrace && (token.startsLine || token.word.isBraceSection))
  }

  // MARK: Inputs

  private mutating func inputs() {
    if token.kind == .leftBrace {
      inputGroup()
    } else {
      guard startsExpression(), !startsLabel(), !isWord(.where) else {
        expected("expected the shape of the input, as in (28, 28, 1)")
        return
      }
      while true {
        let start = previousEnd
        networkInput()
        if lastErrorIs(after: start) {
          // Dimensions without parentheses: the list is one mistake, not one for each.
          while token.kind == .comma {
            bump()
            guard startsExpression(), !startsLabel() else { break }
            let input = open(.input)
            expression()
            close(input)
          }
          break
        }
        guard token.kind == .comma else { break }
        bump()
        if !startsExpression() || startsLabel() || isWord(.where) { break }
      }
    }
    if isWord(.where) {
      let node = open(.whereClause)
      bump(.keyword)
      expressions("a condition, as in height % 32 == 0")
      close(node)
    }
  }

  /// `{ image: (224, 224, 3), question: int32 (20) }`
  private mutating func inputGroup() {
    let node = open(.inputGroup)
    let brace = tokenRange
    bump()
    while true {
      if token.kind == .rightBrace {
        bump()
        break
      }
      if token.kind == .comma || token.kind == .semicolon {
        bump()
        continue
      }
      guard token.kind == .name, !isWord(.where) || peek().kind == .colon,
        !startsSection() || peekIsShape() && !isOutside()
      else {
        if token.kind == .endOfFile || token.startsLine || token.kind == .name {
          report(
            gapRange, "expected '}' to close the inputs", fix: insertion("}"),
            related: SyntaxError.Related(message: "this '{' is never closed", range: brace))
          break
        }
        report(tokenRange, "expected the name of an input, as in image: (224, 224, 3)")
        skipToNextEntry()
        continue
      }
      let input = open(.input)
      bump()
      if token.kind == .colon {
        bump()
      } else {
        expected("expected ':' and the shape of this input", fix: insertion(":"))
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
    if token.kind == .name, peek().kind == .leftParen { bump(.dtype) }
    if token.kind == .name, token.word == .other, peek().startsLine { bump(.dtype) }
    if token.kind == .leftParen {
      primaryExpression()
    } else {
      expected("expected a shape in parentheses, as in (28, 28, 1)")
      if startsExpression(), !startsLabel(), !token.startsLine { expression() }
    }
  }

  // MARK: Settings

  /// `name: value` in `train`, `execution` and research notes, or the end of the braces.
  mutating func settingItem(_ frame: OpenNode) {
    switch token.kind {
    case .rightBrace: closeBrace()
    case .endOfFile: unclosed()
    case .comma, .semicolon:
      startItem()
      bump()
    case .name where peek().kind != .comma && peek().kind != .arrow:
      if endsBraces() { return }
      startItem()
      if !atEnd { setting() }
    default:
      startItem()
      if atEnd { return }
      report(tokenRange, "expected a setting here, as in name: value")
      skipToNextEntry()
    }
  }

  private mutating func setting() {
    push(.setting)
    bump()
    if token.kind == .leftBrace {
      if !openBlock(.settings) { pop() }
      return
    }
    if token.kind == .colon {
      bump()
    } else if token.kind == .equal {
      report(
        tokenRange, "a setting is written with ':'",
        fix: SyntaxError.Fix(title: "Write ':'", range: tokenRange, text: ":"))
      bump()
    } else {
      expected("expected ':' and a value for this setting", fix: insertion(":"))
      if token.startsLine || !startsExpression() {
        pop()
        return
      }
    }
    if token.kind == .leftBrace {
      if !openBlock(.settings) { pop() }
      return
    }
    if startsExpression(), !startsLabel() {
      expression()
    } else {
      expected("expected a value for this setting")
    }
    pop()
  }

  /// Passes over what cannot be an entry: to the next line, a closing brace or `name:`, and to the
  /// next comma where entries may have them.
  mutating func skipToNextEntry(atCommas: Bool = true) {
    var last = token
    var depth = 0
    var braces = last.kind == .leftBrace ? 1 : 0
    while true {
      let next = token(after: last)
      if next.kind == .endOfFile { break }
      switch next.kind {
      case .leftBrace: braces += 1
      case .rightBrace:
        if braces == 0 { return skip(to: last.end) }
        braces -= 1
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket: depth = max(0, depth - 1)
      case .comma where atCommas && depth == 0 && braces == 0: return skip(to: last.end)
      case .semicolon where braces == 0: return skip(to: last.end)
      case .name where braces == 0 && (depth == 0 || next.startsLine):
        if next.startsLine || token(after: next).kind == .colon { return skip(to: last.end) }
      default:
        if next.startsLine, depth == 0, braces == 0 { return skip(to: last.end) }
      }
      last = next
    }
    skip(to: last.end)
  }
}
