import NeuralSyntax

/// Finds the tokens of a tree that `HighlightTable` knows: what the text alone says.
struct SyntacticTokens: SyntaxVisitor {
  struct Found {
    var token: SemanticToken
    /// Where it starts, for those that are names.
    var name: SourceRange?
  }

  private(set) var found: [Found] = []

  /// The nodes around the token that is read, and where in each it stands.
  private var nodes: [(kind: SyntaxKind, place: HighlightTable.Place)] = []
  /// A node that is a single token, while it is read: how deep it is, and what it is.
  private var whole: (depth: Int, token: SemanticToken?, highlight: Highlight)?

  mutating func open(_ kind: SyntaxKind) {
    let outer = nodes.last?.place ?? .variable
    nodes.append((kind, HighlightTable.start(of: kind, at: outer)))
    if whole == nil, let highlight = HighlightTable.token(kind) {
      whole = (nodes.count, nil, highlight)
    }
  }

  mutating func close() {
    if let whole, whole.depth == nodes.count {
      if let token = whole.token { found.append(Found(token: token)) }
      self.whole = nil
    }
    _ = nodes.popLast()
  }

  mutating func visit(_ token: VisitedToken) {
    if let whole {
      let start = whole.token?.range.lowerBound ?? token.range.lowerBound
      self.whole?.token = SemanticToken(
        range: start..<token.range.upperBound, kind: whole.highlight.kind,
        modifiers: whole.highlight.modifiers)
      return
    }
    guard let node = nodes.last else {
      add(HighlightTable.token(token.kind), token)
      return
    }
    switch token.kind {
    case .name:
      add(HighlightTable.name(form(of: token), at: node.place), token, isName: true)
    case .keyword:
      let word = packed(token)
      let highlight = HighlightTable.keyword(at: node.place) ?? HighlightTable.keyword(word)
      add(highlight, token)
      move(node, behind: .keyword, word)
    // What is only begun is coloured as what it may become.
    case .string, .unterminatedString: addString(token)
    case .malformedNumber: add(HighlightTable.token(.float), token)
    default:
      add(HighlightTable.token(token.kind), token)
      if !token.kind.isComment { move(node, behind: token.kind, 0) }
    }
  }

  private mutating func move(
    _ node: (kind: SyntaxKind, place: HighlightTable.Place), behind token: SyntaxKind,
    _ word: UInt64
  ) {
    if let place = HighlightTable.place(in: node.kind, after: token, word) {
      nodes[nodes.count - 1].place = place
    }
  }

  private mutating func add(_ highlight: Highlight?, _ token: VisitedToken, isName: Bool = false) {
    guard let highlight else { return }
    found.append(
      Found(
        token: SemanticToken(
          range: token.range, kind: highlight.kind, modifiers: highlight.modifiers),
        name: isName ? token.sourceRange : nil))
  }

  /// A string without its escape sequences, which have a colour of their own in editors and no type
  /// in the protocol.
  private mutating func addString(_ token: VisitedToken) {
    guard let highlight = HighlightTable.token(.string) else { return }
    let text = token.text
    var start = token.place.lowerBound
    func part(_ end: Int) -> Found {
      let offset = token.range.lowerBound - token.place.lowerBound
      return Found(
        token: SemanticToken(
          range: offset + start..<offset + end, kind: highlight.kind,
          modifiers: highlight.modifiers))
    }
    var index = start
    while index < token.place.upperBound {
      let length = text[index] == 0x5C ? escapeLength(text, index, token.place.upperBound) : 0
      if length > 0 {
        if index > start { found.append(part(index)) }
        start = index + length
      }
      index += max(length, 1)
    }
    if index > start { found.append(part(index)) }
  }

  /// The length of the escape sequence that a backslash starts; 0 where it starts none.
  private func escapeLength(_ text: [UInt8], _ start: Int, _ end: Int) -> Int {
    guard start + 1 < end else { return 0 }
    switch text[start + 1] {
    case UInt8(ascii: "n"), UInt8(ascii: "t"), UInt8(ascii: "\\"), UInt8(ascii: "\""),
      UInt8(ascii: "'"):
      return 2
    case UInt8(ascii: "u") where start + 2 < end && text[start + 2] == UInt8(ascii: "{"):
      var index = start + 3
      while index < end, isHexadecimal(text[index]) { index += 1 }
      return index < end && index > start + 3 && text[index] == UInt8(ascii: "}")
        ? index + 1 - start : 0
    default: return 0
    }
  }

  private func isHexadecimal(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
  }

  private func form(of token: VisitedToken) -> NameForm {
    let text = token.text[token.place]
    var form = NameForm()
    form.isAlone = token.isAlone
    form.isCapitalised = text.first.map { (0x41...0x5A).contains($0) } ?? false
    form.isDotted = text.contains(UInt8(ascii: "."))
    form.isBranch =
      token.next == .block
      && (text.elementsEqual("branch".utf8) || text.elementsEqual("shortcut".utf8))
    return form
  }

  /// The bytes of a keyword from high to low; those that are longer than eight are none of these.
  private func packed(_ token: VisitedToken) -> UInt64 {
    token.place.count > 8 ? 0 : token.text[token.place].reduce(0) { $0 << 8 | UInt64($1) }
  }
}
