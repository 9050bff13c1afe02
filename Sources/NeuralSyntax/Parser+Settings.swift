/// Settings, `name: value`, and groups of them.
extension Parser {
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
      if skipsForeignComment() || skipsConflict() { return }
      if token.kind == .string, peek().kind == .colon {
        let name = string(token.start + 1, token.end - 1)
        report(
          tokenRange, "the name of a setting has no quotes",
          fix: Lexer.isName(name) ? replacement(name) : nil)
      } else {
        report(tokenRange, "expected a setting here, as in name: value")
      }
      skipToNextEntry()
    }
  }

  private mutating func setting() {
    push(.setting)
    simpleName()
    if token.kind == .leftBrace {
      if !openBlock(.settings) { pop() }
      return
    }
    if token.kind == .colon {
      bump()
      doubledColon()
    } else if token.kind == .equal {
      report(tokenRange, "a setting is written with ':'", fix: replacement(":"))
      bump()
    } else {
      let isPlain = startsExpression() && !token.startsLine
      expected("expected ':' and a value for this setting", fix: isPlain ? insertion(":") : nil)
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
      // Braces that are never closed end before the next declaration.
      if next.kind == .endOfFile || startsDeclaration(next, maximalColumn: 0) { break }
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
