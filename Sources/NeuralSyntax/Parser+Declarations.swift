/// Declarations that are begun in another word than the language's, and imports.
extension Parser {
  /// The words of other languages for what is declared here. A body that starts with a section is a
  /// network's, whatever the word.
  private static let foreignWords: [String] = [
    "def", "function", "func", "fn", "fun", "block", "module", "model", "class", "net", "graph",
    "struct", "component",
  ]

  /// Reads `netwrok A { … }`, `def Block(n): …`, `class Net { … }` or `Block(n) { … }` as what it is
  /// meant to be; false, and nothing read, where that is not plain.
  mutating func readsMeantDeclaration() -> Bool {
    let text = tokenText
    if token.startsLine, readsForeignImport(text) { return true }
    let next = peek()
    guard !next.startsLine else { return false }
    if next.kind == .leftBrace || next.kind == .leftParen {
      guard let body = bodyOfDeclaration(next) else { return false }
      let word = declarationMeant(next, body)
      report(
        tokenRange, "expected '\(word.spelling)' before '\(text)'",
        fix: SyntaxError.Fix(
          title: "Insert '\(word.spelling)'", range: range(token.start, token.start),
          text: "\(word.spelling) "))
      switch word {
      case .network: network(hasKeyword: false)
      case .layer: layerDeclaration(hasKeyword: false)
      case .research: research(hasKeyword: false)
      default: definition(hasKeyword: false)
      }
      return true
    }
    guard next.kind == .name else { return false }
    let body = bodyOfDeclaration(token(after: next))
    let meant = misspelling(of: text)
    guard body != nil || meant != nil else { return false }
    let word: Word
    if let meant {
      word = meant
      guard word == .network || word == .define else { return false }
      report(
        tokenRange,
        "expected a declaration here: network, define, layer, research or import."
          + " Is '\(word.spelling)' meant?",
        fix: body == nil || braceAfter(token) == nil ? nil : replacement(word.spelling))
    } else {
      guard let body, Parser.foreignWords.contains(text) || body.kind == .name,
        string(body.start, body.end) != "def"
      else { return false }
      word = startsSection(body) ? .network : .define
      let what = word == .network ? "a network is" : "a block of layers is"
      report(
        tokenRange, "\(what) declared by '\(word.spelling)', not '\(text)'",
        fix: braceAfter(token) == nil ? nil : replacement(word.spelling))
    }
    if word == .network { network() } else { definition() }
    return true
  }

  /// What `Name {` or `Name(` declares, by what stands behind it.
  private mutating func declarationMeant(_ next: Token, _ body: Token) -> Word {
    if next.kind == .leftParen {
      let first = token(after: next)
      if first.kind == .name {
        let sign = token(after: first)
        if sign.kind == .colon || sign.kind == .pipe { return .layer }
      }
    }
    if startsSection(body) { return .network }
    return body.kind == .name && token(after: body).kind == .colon ? .research : .define
  }

  private mutating func startsSection(_ token: Token) -> Bool {
    token.kind == .name && token.word.isSection && self.token(after: token).kind == .colon
  }

  /// The first token of the body, where a declaration's name is followed by `next`: `{ …`,
  /// `( … ) { …` or a `:` at the end of the line.
  private mutating func bodyOfDeclaration(_ next: Token) -> Token? {
    var next = next
    if next.kind == .leftParen {
      guard let closer = closing(next) else { return nil }
      next = token(after: closer)
    }
    let body = token(after: next)
    if next.kind == .leftBrace { return body }
    return next.kind == .colon && body.startsLine && !next.startsLine ? body : nil
  }

  private func misspelling(of word: String) -> Word? {
    let bytes = Array(word.utf8)
    guard bytes.count >= 3, bytes.count <= 16 else { return nil }
    let words: [Word] = [.network, .define, .layer, .research, .import]
    return words.first { editDistance(bytes, Array($0.spelling.utf8)) <= 2 }
  }

  /// Text that declares nothing, up to the next line that does.
  mutating func skipToDeclaration() {
    var message = "expected a declaration here: network, define, layer, research or import"
    let next = peek()
    if startsSection(token) {
      message += "; sections stand in one, as in network Name { input: (8) layers: … }"
    } else if token.kind == .name, !next.startsLine, next.kind == .leftParen || next.kind == .arrow
    {
      message += "; statements stand in a network's 'layers:' or in a definition"
    }
    report(tokenRange, message)
    skipLine(from: token.start, braces: 0)
  }

  /// The next line of such a text, with the comments before it: an item of its own, so that an edit
  /// costs a line.
  mutating func goOnSkipping(_ braces: Int) {
    cutIfLong()
    if isStopped { return }
    var start = flushed
    while start < token.start, lexer.text[start] != 0x23 { start += 1 }
    if start - chunkStart > Parser.blankLimit { cut(at: start) }
    if isStopped { return }
    isFaulty = true
    skipLine(from: start, braces: braces)
  }

  /// One leaf over the rest of the line, or a token of a line that is long.
  private mutating func skipLine(from start: Int, braces: Int) {
    var last = token
    var depth = braces
    while true {
      if last.kind == .leftBrace { depth += 1 }
      if last.kind == .rightBrace { depth = max(0, depth - 1) }
      let next = token(after: last)
      if next.kind == .endOfFile || startsDeclaration(next, maximalColumn: depth == 0 ? .max : 0)
        || depth == 0 && lexer.column(of: next.start) == 0 && startsMeantDeclaration(next)
      {
        skippedBraces = nil
        break
      }
      skippedBraces = depth
      if next.startsLine || startOfLine(last.end) == nil { break }
      last = next
    }
    var end = last.end
    if skippedBraces != nil {
      let comment = lexer.afterBlanks(end)
      if lexer.text.indices.contains(comment), lexer.text[comment] == 0x23 {
        end = lexer.endOfLine(from: comment)
      }
    }
    skip(from: start, to: end)
  }

  /// `word Name {` or `word Name(…) {` at the start of a line.
  private mutating func startsMeantDeclaration(_ token: Token) -> Bool {
    guard token.kind == .name, token.startsLine else { return false }
    let next = self.token(after: token)
    guard next.kind == .name, !next.startsLine else { return false }
    let third = self.token(after: next)
    return !third.startsLine && (third.kind == .leftBrace || third.kind == .leftParen)
      && bodyOfDeclaration(third) != nil
  }

  // MARK: Imports

  mutating func importDeclaration() {
    let node = open(.importDeclaration)
    bump(.keyword)
    let isBraced = token.kind == .leftBrace
    if isBraced || token.kind == .star {
      report(
        tokenRange,
        isBraced
          ? "names are imported without braces, as in import Block from \"blocks.neural\""
          : "a whole file is imported without '* from', as in import \"blocks.neural\"",
        fix: isBraced ? unbraced() : withoutStar())
      skipToken()
    }
    let names = namesLeadToFile() ? everyImportedName() : importedNames()
    if token.kind == .rightBrace, !token.startsLine, isBraced { skipToken() }
    if isWord(.from), !token.startsLine || peek().kind == .string {
      if names.count == 0, !hasReported {
        report(
          gapRange,
          "expected the names to import before 'from', as in import Block from \"blocks.neural\"")
      }
      bump(.keyword)
      importedFile()
    } else if token.kind == .string, !token.startsLine, names.count > 0 {
      report(gapRange, "expected 'from' before the file", fix: insertion(" from"))
      bump()
    } else if names.count == 1, token.kind != .comma, !token.kind.isString {
      let text = string(names.start, names.end)
      let path = text.hasSuffix(".neural") ? text : text + ".neural"
      let end = token.startsLine ? names.end : endOfRest()
      report(
        range(names.start, end),
        "a file is imported by its path in quotes, as in import \"\(path)\"",
        fix: SyntaxError.Fix(
          title: "Write '\"\(path)\"'", range: range(names.start, end), text: "\"\(path)\""))
    } else if names.count > 0 {
      expected("expected 'from' and the file to import from, as in from \"blocks.neural\"")
    } else {
      importedFile()
    }
    if !token.startsLine, hasReported { skipRestOfLine() }
    close(node)
  }

  /// `{ A, B }` without its braces.
  private mutating func unbraced() -> SyntaxError.Fix? {
    var last = token
    for _ in 0..<Parser.scanLimit where last.kind != .rightBrace {
      last = token(after: last)
      if last.startsLine { return nil }
    }
    guard last.kind == .rightBrace else { return nil }
    let names = string(token.end, last.start).split(separator: " ").joined(separator: " ")
    return SyntaxError.Fix(
      title: "Write '\(names)'", range: range(token.start, last.end), text: names)
  }

  private mutating func withoutStar() -> SyntaxError.Fix? {
    let from = peek()
    let file = token(after: from)
    guard from.word == .from, file.kind == .string, !file.startsLine else { return nil }
    return SyntaxError.Fix(
      title: "Remove '* from'", range: range(token.start, file.start), text: "")
  }

  /// Whether names with commas between them, `from` and a path follow, on whatever lines.
  private mutating func namesLeadToFile() -> Bool {
    var last = token
    for _ in 0..<Parser.scanLimit where last.kind == .name {
      let next = self.token(after: last)
      let name = next.kind == .comma ? self.token(after: next) : next
      if name.word == .from, self.token(after: name).kind == .string { return true }
      guard next.kind == .comma else { return false }
      last = name
    }
    return false
  }

  private mutating func everyImportedName() -> (count: Int, start: Int, end: Int) {
    let start = token.start
    var count = 0
    while token.word != .from || peek().kind != .string {
      if token.kind == .name { simpleName() } else { bump() }
      count += 1
    }
    return (count, start, previousEnd)
  }

  private mutating func importedNames() -> (count: Int, start: Int, end: Int) {
    let start = token.start
    var count = 0
    while token.kind == .name, !(token.startsLine && startsDeclaration(token)),
      token.word != .from || peek().kind != .string
    {
      if count > 0, token.startsLine { break }
      bump()
      count += 1
      if token.kind == .comma {
        bump()
      } else if token.kind == .name, !token.startsLine, token.word != .from, token.word != .as {
        report(gapRange, "expected ',' between the names to import", fix: insertion(","))
      } else {
        break
      }
    }
    return (count, start, previousEnd)
  }

  private mutating func importedFile() {
    if token.kind.isString {
      bump()
    } else {
      expected("expected the file to import, as in import \"blocks.neural\"")
    }
  }

  /// `from blocks import Block`, `include "blocks.neural"`.
  private mutating func readsForeignImport(_ text: String) -> Bool {
    let next = peek()
    guard !next.startsLine else { return false }
    if token.word == .from, next.kind == .name {
      let word = token(after: next)
      guard word.word == .import, !word.startsLine else { return false }
      let first = token(after: word)
      let end = endOfLine(from: first)
      let names = string(first.start, end)
      let text = "import \(names) from \"\(string(next.start, next.end)).neural\""
      let isPlain = first.kind == .name && end - first.start < 80
      report(
        range(token.start, end),
        "names are imported as in \(isPlain ? text : "import Block from \"blocks.neural\"")",
        fix: isPlain
          ? SyntaxError.Fix(
            title: "Write '\(text)'", range: range(token.start, end), text: text) : nil)
      skip(to: end)
      return true
    }
    guard next.kind == .string,
      ["include", "require", "load", "use", "using"].contains(text)
        || misspelling(of: text) == .import
    else { return false }
    report(tokenRange, "expected 'import' here, not '\(text)'", fix: replacement("import"))
    importDeclaration()
    return true
  }

  /// The end of the last token on the line of `first`.
  mutating func endOfLine(from first: Token) -> Int {
    var last = first
    while true {
      let next = token(after: last)
      if next.startsLine { return last.end }
      last = next
    }
  }
}

extension SyntaxKind {
  /// A string, closed or not.
  var isString: Bool { self == .string || self == .unterminatedString }
}

extension Lexer {
  /// Whether a text is a name.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, isNameStart(first), first < 0x80 else { return false }
    return text.utf8.allSatisfy { isNamePart($0) && $0 < 0x80 }
  }
}
