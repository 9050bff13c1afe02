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
    if readsMisspeltLayers() { return }
    let next = token.kind == .name ? peek() : token
    guard
      token.kind == .name,
      next.kind == .colon || next.kind == .leftBrace && token.word.isSection
        || token.word.isSection && next.kind != .arrow
          && (next.startsLine || next.kind != .leftParen || token.word == .input)
        || next.kind == .leftBrace && token.startsLine && firstIsLowercase()
    else {
      straySection(isAlone: token.kind == .name && next.startsLine)
      return
    }
    let word = token.word
    let text = tokenText
    push(.section)
    simpleName(.keyword)
    sectionColon(word, text)
    switch word {
    case .layers:
      if token.kind == .leftBrace { layersInBraces() }
    // What follows is read statement by statement.
    case .input:
      inputs()
      pop()
    default:
      let message = "expected '{' and the settings of '\(text)'"
      if token.kind == .leftBrace {
        openBlock(.settings)
        if stack.last?.kind == .section { pop() }
      } else if word.isBraceSection, startsBodyWithoutBrace(message) {
        openBodyWithoutBrace(.settings)
      } else if word.isBraceSection {
        expected(message)
        pop()
        if !token.startsLine { skipRestOfLine() }
      } else if token.kind == .name, !token.startsLine, peek().kind == .colon, !peek().startsLine {
        report(
          tokenRange, "expected '{' before '\(tokenText)'", fix: settingsAreClosed())
        openBodyWithoutBrace(.settings)
      } else {
        expressions("a value for '\(text)'")
        while token.kind == .name, !token.startsLine, !token.word.isSection,
          peek().kind != .colon, peek().kind != .leftBrace, !hasReported
        {
          report(gapRange, "expected ',' before the next value for '\(text)'", fix: insertion(","))
          expressions("a value")
        }
        pop()
        endSection()
      }
    }
  }

  /// The `{` that is missing, if its `}` stands on the line.
  private mutating func settingsAreClosed() -> SyntaxError.Fix? {
    var last = token
    for _ in 0..<Parser.scanLimit where !last.startsLine || last.start == token.start {
      if last.kind == .rightBrace {
        return SyntaxError.Fix(
          title: "Insert '{'", range: range(token.start, token.start), text: "{ ")
      }
      if last.kind == .endOfFile { break }
      last = token(after: last)
    }
    return nil
  }

  /// Takes what cannot follow a section's value on its line.
  private mutating func endSection() {
    if token.startsLine { return }
    switch token.kind {
    case .name, .rightBrace, .comma, .semicolon, .endOfFile: return
    default: break
    }
    if !hasReported {
      if token.kind == .equal, closesOnLine(.rightParen) {
        report(
          gapRange, "expected '(' before the arguments: the ')' on this line closes nothing else")
      } else {
        report(tokenRange, "expected the end of this section, found '\(tokenText)'")
      }
    }
    skipRestOfLine()
  }

  mutating func doubledColon() {
    guard token.kind == .colon, !token.startsLine else { return }
    report(tokenRange, "this ':' is one too many; remove it", fix: removal(":"))
    skipToken()
  }

  /// The `:` after a section's name, or what stands in its place.
  private mutating func sectionColon(_ word: Word, _ text: String) {
    switch token.kind {
    case .colon:
      bump()
      doubledColon()
    case .equal where !token.startsLine:
      report(tokenRange, "a section's name is followed by ':', not '='", fix: replacement(":"))
      skipToken()
    case .leftBrace where word.isBraceSection: break
    case .name where token.word == word && !token.startsLine:
      report(tokenRange, "this '\(text)' is one too many; remove it", fix: removal(text))
      skipToken()
      if token.kind == .colon { bump() }
    default:
      if word.isBraceSection { return }
      report(gapRange, "expected ':' after '\(text)'", fix: insertion(":"))
    }
  }

  /// `layesr:` or `layer:` before statements, which no other section has.
  private mutating func readsMisspeltLayers() -> Bool {
    guard token.kind == .name, !token.word.isSection, peek().kind == .colon,
      sectionMeant(by: tokenText) == "layers", holdsStatements(peek())
    else { return false }
    report(
      tokenRange, "expected a section of the network here. Is 'layers:' meant?",
      fix: replacement("layers"))
    push(.strayStatements)
    skipToken()
    skipToken()
    return true
  }

  /// Whether statements follow the `:`, rather than a value.
  private mutating func holdsStatements(_ colon: Token) -> Bool {
    var last = colon
    var depth = 0
    for _ in 0..<Parser.scanLimit {
      let next = token(after: last)
      switch next.kind {
      case .leftParen, .leftBracket: depth += 1
      case .rightParen, .rightBracket: depth -= 1
      case .arrow: return true
      case .leftBrace: return last.kind != .colon
      case .endOfFile, .rightBrace: return false
      case .name where depth == 0 && next.startsLine && last.kind != .colon && last.kind != .comma:
        return token(after: next).kind != .colon && !startsDeclaration(next)
      default: break
      }
      last = next
    }
    return false
  }

  /// A section word at the start of a line, no deeper than the section around it, whose `:` or `{` is
  /// missing: nothing else can be meant.
  private mutating func startsBrokenSection() -> Bool {
    guard token.word.isSection, token.startsLine, let frame = stack.last, frame.kind != .block,
      lexer.column(of: token.start) <= Int(frame.indent)
    else { return false }
    let next = peek()
    if next.startsLine {
      guard token.word.isBraceSection, next.kind == .name,
        lexer.column(of: next.start) > lexer.column(of: token.start)
      else { return false }
      return token(after: next).kind == .colon
    }
    switch next.kind {
    case .string, .integer, .float, .equal, .unterminatedString: return true
    case .leftBrace:
      let first = token(after: next)
      return first.kind == .name && token(after: first).kind == .colon
    default: return false
    }
  }

  /// What is no section: a half-written word, or statements without `layers:`.
  private mutating func straySection(isAlone: Bool) {
    let meant = isAlone ? sectionMeant(by: tokenText) : nil
    let fix = meant.flatMap { $0 == "layers" ? replacement("layers:") : nil }
    if token.kind == .colon { return namelessSection() }
    if token.kind == .leftBrace {
      report(tokenRange, "expected 'train' or 'execution' before this '{'")
      push(.section)
      if !openBlock(.settings) { pop() }
      return
    }
    if token.kind == .name, token.word == .define, peek().kind == .name {
      report(tokenRange, "definitions stand beside networks, not in them")
      let brace = braceAfter(token)
      if let brace { skip(to: brace.start) } else { skipRestOfLine() }
      if token.kind == .leftBrace { skipBraces() }
      return
    }
    if token.kind == .string, peek().kind == .colon {
      let word = string(token.start + 1, token.end - 1)
      report(
        tokenRange, "a section's name has no quotes",
        fix: Lexer.isName(word) ? replacement(word) : nil)
      return skipToNextEntry(atCommas: false)
    }
    if skipsForeignComment() || skipsConflict() { return }
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

  /// The `{` on the line of `first`.
  mutating func braceAfter(_ first: Token) -> Token? {
    var last = first
    for _ in 0..<Parser.scanLimit {
      last = token(after: last)
      if last.startsLine { return nil }
      if last.kind == .leftBrace { return last }
    }
    return nil
  }

  /// `:` without a word before it.
  private mutating func namelessSection() {
    report(tokenRange, "expected a section's name before this ':', such as 'layers'")
    skipToken()
    if token.startsLine {
      pushAtGap(.strayStatements)
      if !startsStatement() { pop() }
      return
    }
    push(.section)
    switch token.kind {
    case .leftParen: inputs()
    case .leftBrace where holdsInputs(): inputs()
    case .leftBrace where openBlock(.settings): return
    default: if startsExpression() { expressions("a value") }
    }
    pop()
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
    case .name where startsBrokenSection(): pop()
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
    // A name before a `:` on the next line is a value, and the name of that section is missing.
    let isLabel = startsLabel() && (token.startsLine || peek().kind != .colon || !peek().startsLine)
    guard startsExpression() || isWord(.not), !isLabel else {
      expected("expected \(what)")
      if !token.startsLine { skipRestOfLine() }
      return
    }
    while true {
      expression()
      guard token.kind == .comma else { break }
      bump()
      if token.kind == .comma, !token.startsLine, goesOn(after: token) {
        report(tokenRange, "a value is expected before this ','", fix: removal(","))
        skipToken()
      }
      if !startsExpression() || startsLabel() || startsLayerStatement() { break }
    }
  }

  private var isInLayer: Bool {
    stack.last.map { $0.kind == .layerDeclaration || $0.kind == .layerBlock } ?? false
  }

  /// Behind a comma of a layer's entry these words begin the next one.
  func startsLayerStatement() -> Bool {
    isInLayer && (isWord(.let) || isWord(.if) || isWord(.require))
  }

  /// Whether a value follows a comma, and not what is around the list.
  private mutating func goesOn(after comma: Token) -> Bool {
    let next = token(after: comma)
    switch next.kind {
    case .name:
      let third = token(after: next)
      return third.kind != .colon && third.kind != .leftBrace
    case .integer, .float, .string, .leftParen, .leftBracket: return true
    default: return false
    }
  }

  /// `word:`, or a section's start: what follows is not part of this value.
  mutating func startsLabel() -> Bool {
    guard token.kind == .name else { return false }
    if isInLayer, startsWordStatement() { return true }
    let next = peek()
    return next.kind == .colon
      || next.kind == .leftBrace
        && (token.startsLine || token.word.isBraceSection || isInLayer && token.word.isLayerGroup)
  }

  // MARK: Inputs
}
