extension Parser {
  /// Reads one item; false at the end of the text.
  mutating func item() -> Bool {
    guard let frame = stack.last else {
      startItem()
      if token.kind == .endOfFile && !isLimited { return false }
      if !atEnd { topLevelItem() }
      return true
    }
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
    guard token.kind == .name, token.word.declares else {
      skipToDeclaration()
      return
    }
    let next = peek()
    guard
      next.kind == .name
        || (token.word == .import && (next.kind == .string || next.kind == .unterminatedString))
        || (next.kind == .leftBrace && token.word == .research)
        || (next.startsLine || next.kind == .leftBrace || next.kind == .leftParen)
    else {
      skipToDeclaration()
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

  func removal(_ text: String) -> SyntaxError.Fix {
    SyntaxError.Fix(title: "Remove '\(text)'", range: tokenRange, text: "")
  }

  /// Text that declares nothing, up to the next line that does.
  private mutating func skipToDeclaration() {
    var suggestion: SyntaxError.Fix?
    if token.kind == .name, let word = misspelling(of: tokenText) {
      suggestion = SyntaxError.Fix(title: "Write '\(word)'", range: tokenRange, text: word)
    }
    report(
      tokenRange,
      "expected a declaration here: network, define, layer, research or import"
        + (suggestion.map { ". Is '\($0.text)' meant?" } ?? ""), fix: suggestion)
    var last = token
    var depth = 0
    while true {
      if last.kind == .leftBrace { depth += 1 }
      if last.kind == .rightBrace { depth = max(0, depth - 1) }
      let next = token(after: last)
      if next.kind == .endOfFile || startsDeclaration(next, maximalColumn: depth == 0 ? .max : 0) {
        break
      }
      last = next
    }
    skip(to: last.end)
  }

  private func misspelling(of word: String) -> String? {
    let bytes = Array(word.utf8)
    guard bytes.count >= 3, bytes.count <= 16 else { return nil }
    return ["network", "define", "layer", "research", "import"].first {
      editDistance(bytes, Array($0.utf8)) <= 2
    }
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

  private mutating func importDeclaration() {
    let node = open(.importDeclaration)
    bump(.keyword)
    if token.kind == .name, !(token.startsLine && startsDeclaration(token)) {
      while token.kind == .name, token.word != .from || peek().kind != .string {
        bump()
        if token.kind == .comma { bump() } else { break }
      }
      if isWord(.from) {
        bump(.keyword)
      } else {
        expected("expected 'from' and the file to import from")
      }
    }
    if token.kind == .string || token.kind == .unterminatedString {
      bump()
    } else {
      expected("expected the file to import, as in import \"blocks.neural\"")
    }
    close(node)
  }

  private mutating func declarationName(_ what: String) {
    if token.kind == .name, !(token.startsLine && startsDeclaration(token)) {
      bump()
    } else {
      expected("expected a name for this \(what)")
    }
  }

  private mutating func definition() {
    push(.definition)
    bump(.keyword)
    declarationName("definition")
    parameterList()
    if token.kind == .leftBrace
      || skipToBrace("expected '{' and the statements of this definition")
    {
      openBlock()
    } else {
      expected("expected '{' and the statements of this definition")
      pop()
    }
  }

  private mutating func network() {
    push(.network)
    bump(.keyword)
    declarationName("network")
    parameterList()
    openBody("expected '{' and the sections of this network")
  }

  private mutating func layerDeclaration() {
    push(.layerDeclaration)
    let word = tokenText
    bump(.keyword)
    declarationName(word)
    parameterList()
    openBody("expected '{' and what this \(word) consists of")
  }

  private mutating func research() {
    push(.research)
    bump(.keyword)
    if token.kind == .name { bump() }
    openBody("expected '{' and the notes")
  }

  private mutating func openBody(_ message: String) {
    if token.kind == .leftBrace || skipToBrace(message) {
      pushBrace()
    } else {
      expected(message)
      pop()
    }
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
