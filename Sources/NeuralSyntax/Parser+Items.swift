extension Parser {
  /// Reads one item; false at the end of the text.
  mutating func item() -> Bool {
    guard let frame = stack.last else {
      if let braces = skippedBraces, !atEnd {
        goOnSkipping(braces)
        return true
      }
      startItem()
      if token.kind == .endOfFile && !isLimited { return false }
      if !atEnd { topLevelItem() }
      return true
    }
    if endsBodyWithoutBrace() { return true }
    switch frame.kind {
    case .network: networkItem()
    case .section, .strayStatements: sectionStatement()
    case .block: blockStatement()
    case .settings, .research: settingItem(frame)
    case .layerDeclaration, .layerBlock: layerItem(frame)
    case .weightsItem, .stateItem: weightEntry(frame)
    default: pop()
    }
    return true
  }

  // MARK: Top level

  private mutating func topLevelItem() {
    if token.kind == .semicolon || token.kind == .comma {
      bump()
      return
    }
    if token.kind == .rightBrace {
      report(tokenRange, "this '}' closes nothing; remove it", fix: removal("}"))
      skipToken()
      return
    }
    if skipsConflict() { return }
    guard token.kind == .name else {
      skipToDeclaration()
      return
    }
    guard token.word.declares, declares() else {
      if !readsMeantDeclaration() { skipToDeclaration() }
      return
    }
    switch token.word {
    case .import: importDeclaration()
    case .define: definition()
    case .network: network()
    case .research: research()
    default: layerDeclaration()
    }
  }

  /// Whether what follows the word at the current token goes with it.
  private mutating func declares() -> Bool {
    let next = peek()
    if next.startsLine { return true }
    switch next.kind {
    case .name: return true
    case .leftBrace: return token.word != .import || token(after: next).kind == .name
    case .leftParen: return token.word != .import
    case .star: return token.word == .import
    case .string, .unterminatedString:
      return token.word == .import || token(after: next).kind == .leftBrace
    case .integer, .malformedNumber:
      return token.word != .import && token(after: next).kind == .leftBrace
    default: return false
    }
  }

  func removal(_ text: String) -> SyntaxError.Fix {
    SyntaxError.Fix(title: "Remove '\(text)'", range: tokenRange, text: "")
  }

  /// The current token written as `text`.
  func replacement(_ text: String) -> SyntaxError.Fix {
    SyntaxError.Fix(title: "Write '\(text)'", range: tokenRange, text: text)
  }

  /// Whether a declaration starts at `token`, which stands at the start of a line.
  mutating func startsDeclaration(_ token: Token, maximalColumn: UInt32 = .max) -> Bool {
    guard token.startsLine, token.kind == .name, token.word.declares else { return false }
    if lexer.column(of: token.start) > Int(maximalColumn) { return false }
    let next = self.token(after: token)
    if next.startsLine { return false }
    if token.word == .import {
      return next.kind == .string || next.kind == .unterminatedString || next.kind == .name
    }
    if token.word == .research, next.kind == .leftBrace { return true }
    guard next.kind == .name else { return false }
    let third = self.token(after: next)
    switch third.kind {
    case .leftBrace: return true
    case .leftParen: return !third.startsLine
    default:
      return third.startsLine
        && (token.word == .network || token.word == .define || token.word == .layer)
        && lexer.column(of: token.start) == 0
    }
  }

  mutating func declarationName(_ what: String) {
    switch token.kind {
    case .name
    where !startsDeclaration(token) || token.word == .research && peek().kind == .leftBrace:
      let start = token.start
      simpleName()
      brokenName(from: start)
    case .string where !token.startsLine && token.end - token.start > 2:
      let name = string(token.start + 1, token.end - 1)
      report(
        tokenRange, "the name of this \(what) has no quotes",
        fix: Lexer.isName(name) ? replacement(name) : nil)
      skipToken()
    case .integer, .malformedNumber:
      report(tokenRange, "'\(tokenText)' cannot be a name: names start with a letter or '_'")
      skip(to: token.end)
    default: expected("expected a name for this \(what)")
    }
  }

  /// `Res-Net`, `My Net`
  private mutating func brokenName(from start: Int) {
    let isHyphen = token.kind == .minus && token.start == previousEnd
    let isTwo = token.kind == .name && !token.startsLine && peek().kind == .leftBrace
    guard isHyphen || isTwo, let brace = braceAfter(token) else { return }
    var end = token.end
    if isHyphen, peek().start == end, peek().kind == .name { end = peek().end }
    let name = string(start, end).filter { $0 != " " && $0 != "-" }
    let place = range(start, end)
    report(
      place, "a name is one word of letters, digits and '_', as in \(name)",
      fix: Lexer.isName(name)
        ? SyntaxError.Fix(title: "Write '\(name)'", range: place, text: name) : nil)
    let opener = token(after: token)
    skip(to: end)
    if token.kind != .leftParen, token.start < brace.start, opener.start < brace.start {
      skip(to: max(end, brace.start - 1))
    }
  }

  /// Takes a name where one without dots is meant.
  mutating func simpleName(_ kind: SyntaxKind? = nil) {
    bump(kind)
    guard previousStart >= 0, lexer.text[previousStart..<previousEnd].contains(0x2E) else { return }
    report(range(previousStart, previousEnd), "a name here has no dots")
  }

  mutating func definition(hasKeyword: Bool = true) {
    push(.definition)
    if hasKeyword { bump(.keyword) }
    declarationName("definition")
    parameterList()
    let message = "expected '{' and the statements of this definition"
    if token.kind == .leftBrace {
      openBlock()
    } else if startsBodyWithoutBrace(message) {
      openBodyWithoutBrace(.block)
    } else if skipToBrace(message) {
      openBlock()
    } else {
      endWithoutBody(message)
    }
  }

  mutating func network(hasKeyword: Bool = true) {
    push(.network)
    if hasKeyword { bump(.keyword) }
    declarationName("network")
    parameterList()
    openBody("expected '{' and the sections of this network")
  }

  mutating func layerDeclaration(hasKeyword: Bool = true) {
    push(.layerDeclaration)
    let word = hasKeyword ? tokenText : "layer"
    if hasKeyword { bump(.keyword) }
    declarationName(word)
    parameterList()
    openBody("expected '{' and what this \(word) consists of")
  }

  mutating func research(hasKeyword: Bool = true) {
    push(.research)
    if hasKeyword { bump(.keyword) }
    if token.kind == .name { simpleName() }
    openBody("expected '{' and the notes")
  }

  private mutating func openBody(_ message: String) {
    if token.kind == .leftBrace {
      pushBrace()
    } else if startsBodyWithoutBrace(message) {
      openBodyWithoutBrace()
    } else if skipToBrace(message) {
      pushBrace()
    } else {
      endWithoutBody(message)
    }
  }

  private mutating func endWithoutBody(_ message: String) {
    expected(message)
    pop()
    if !token.startsLine { skipRestOfLine() }
  }
}

/// How many insertions, deletions and replacements of one byte lead from one to the other.
func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var row = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in right.enumerated() {
      let next = min(row[j + 1] + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
      diagonal = row[j + 1]
      row[j + 1] = next
    }
  }
  return row.last ?? 0
}
