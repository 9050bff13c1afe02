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

  private mutating func doubledColon() {
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
    guard startsExpression() || isWord(.not), !startsLabel() else {
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

  private mutating func inputs() {
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
  private mutating func holdsInputs() -> Bool {
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
