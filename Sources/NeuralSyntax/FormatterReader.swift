/// Makes of a tree the pieces and groups from which the printer lays it out.
struct FormatReader {
  let syntax: FlatSyntax
  /// Which entries keep their text.
  let frozen: [Bool]
  private(set) var pieces: [FormatPiece] = []
  private(set) var groups: [FormatGroup] = []
  /// Tokens that are written another way, by their piece.
  private(set) var rewritten: [Int: [UInt8]] = [:]

  private var gap = FormatGap.tight
  private var closes = false
  private var isForced = false
  private var isLasting = false
  /// Groups that start at the next token.
  private var opening: [Int] = []
  /// In the part of an `if` or `for` before its block.
  private var inHead = false
  /// The statements of the last section, and its own group.
  private var lastSection: (statements: Int, item: Int, entry: Int)?

  init(_ syntax: FlatSyntax, frozen: [Bool]) {
    self.syntax = syntax
    self.frozen = frozen
    pieces.reserveCapacity(syntax.entries.count)
    file()
    glueAllowances()
    groups.removeAll { $0.first == .max }
  }

  // MARK: Pieces

  private func kind(_ entry: Int) -> SyntaxKind { syntax.entries[entry].kind }

  private mutating func set(
    _ gap: FormatGap, closes: Bool = false, isForced: Bool = false, isLasting: Bool = false
  ) {
    self.gap = gap
    self.closes = closes
    self.isForced = isForced
    self.isLasting = isLasting
  }

  private mutating func emit(_ entry: Int, isFrozen: Bool = false) {
    let node = syntax.entries[entry]
    var end = node.end
    if node.kind.isComment {
      while end > node.start, Lexer.isBlank(syntax.text[end - 1]) { end -= 1 }
    }
    let from = pieces.last?.end ?? syntax.contentStart
    var piece = FormatPiece(
      kind: node.kind, start: node.start, end: end, width: 0,
      breaks: syntax.lineBreaks(from, node.start))
    if node.kind == .string, !isFrozen, let text = FormatQuotes.doubled(syntax.bytes(entry)) {
      rewritten[pieces.count] = text
      piece.width = FormatReader.width(text[...])
    } else {
      piece.width = FormatReader.width(syntax.text[node.start..<end])
    }
    if !node.kind.isComment {
      piece.gap = gap
      piece.closes = closes
      piece.isForced = isForced || gap == .line
      piece.isLasting = isLasting
      if isFrozen {
        piece.gap = .verbatim
        piece.isFrozen = true
        piece.isForced = piece.breaks > 0
      }
      set(.tight)
      for group in opening { groups[group].first = pieces.count }
      opening.removeAll(keepingCapacity: true)
    }
    if piece.breaks == 0, let last = pieces.last, last.isFrozen {
      piece.gap = .verbatim
      piece.isForced = false
    }
    pieces.append(piece)
  }

  private static func width(_ text: ArraySlice<UInt8>) -> Int {
    text.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  private mutating func open(_ kind: FormatGroup.Kind) -> Int {
    groups.append(FormatGroup(kind: kind))
    opening.append(groups.count - 1)
    return groups.count - 1
  }

  private mutating func close(_ group: Int) {
    groups[group].end = pieces.count
    opening.removeAll { $0 == group }
  }

  /// A line with a `# neural: …` comment at its end keeps what stands on it, and nothing else.
  private mutating func glueAllowances() {
    for index in pieces.indices.dropFirst()
    where pieces[index].kind == .comment && pieces[index].breaks == 0
      && FormatReader.isDirective(syntax.text[pieces[index].start..<pieces[index].end])
    {
      var place = index - 1
      while place > 0, pieces[place].breaks == 0 {
        pieces[place].isGlued = true
        pieces[place].isForced = false
        place -= 1
      }
      if pieces[place].gap.mayBreak, pieces[place].gap != .verbatim {
        pieces[place].isForced = true
      }
    }
  }

  private static func isDirective(_ comment: ArraySlice<UInt8>) -> Bool {
    comment.drop { $0 == 0x23 }.drop(while: Lexer.isBlank).starts(with: Array("neural:".utf8))
  }

  // MARK: Nodes

  private mutating func file() {
    var previous: Int?
    for child in syntax.children(of: 0) {
      if kind(child).isComment {
        emit(child)
        continue
      }
      if previous != nil { set(FormatReader.isSeparator(kind(child)) ? .tight : .line) }
      visit(child, in: .sourceFile)
      previous = child
    }
  }

  private mutating func visit(_ entry: Int, in parent: SyntaxKind) {
    let kind = kind(entry)
    if kind.isToken || frozen[entry] {
      emit(entry, isFrozen: frozen[entry] || kind == .skipped)
      return
    }
    switch kind {
    case .argumentList, .parameterList, .tuple, .list, .parenthesized, .tupleType, .listType,
      .groupedType:
      brackets(entry)
    case .block, .layerBlock, .settings, .inputGroup:
      braces(syntax.children(of: entry)[...], parent == .step ? .block : .body)
    case .network, .layerDeclaration, .research, .weightsItem, .stateItem: body(entry)
    case .section: section(entry)
    case .ifStatement, .layerIf: conditional(entry)
    case .forStatement: loop(entry)
    case .flow: flow(entry)
    case .importDeclaration, .definition, .setting, .letStatement, .inputItem, .outputItem,
      .requireItem, .weightEntry, .macsItem, .bodyItem, .entry, .input, .argument, .parameter,
      .binary, .unionType:
      let group = open(inHead ? .head : .item)
      sequence(syntax.children(of: entry)[...], in: entry)
      close(group)
    default: sequence(syntax.children(of: entry)[...], in: entry)
    }
  }

  /// Children that stand behind one another, with what the grammar puts between them.
  private mutating func sequence(_ children: ArraySlice<Int>, in parent: Int) {
    let parentKind = kind(parent)
    let isTyped = parentKind == .parameter && children.contains { kind($0) == .colon }
    var previous: Int?
    var segment: Int?
    for child in children {
      if kind(child).isComment {
        emit(child)
        continue
      }
      let start = pieces.count
      var isFill = false
      if let previous {
        let gap = FormatRules.gap(
          in: parentKind, after: kind(previous), before: kind(child),
          isWord: kind(child) == .keyword && FormatRules.startsPart(syntax.bytes(child)),
          isTyped: isTyped)
        isFill = gap == .fill
        set(gap)
      }
      visit(child, in: parentKind)
      if isFill {
        endSegment(segment, at: start)
        segment = firstToken(from: start)
      }
      previous = child
    }
    endSegment(segment, at: pieces.count)
  }

  private func firstToken(from piece: Int) -> Int? {
    pieces[min(piece, pieces.count)...].firstIndex { !$0.kind.isComment }
  }

  private mutating func endSegment(_ segment: Int?, at end: Int) {
    if let segment { pieces[segment].segmentEnd = end }
  }

  /// A flow is broken before an arrow; breaks that are there stay.
  private mutating func flow(_ entry: Int) {
    let group = open(.item)
    let children = syntax.children(of: entry)
    var previous: Int?
    var segment: Int?
    for (index, child) in children.enumerated() {
      if kind(child).isComment {
        emit(child)
        continue
      }
      let start = pieces.count
      let isArrow = kind(child) == .arrow
      if let previous {
        if isArrow {
          let next = index + 1 < children.count ? children[index + 1] : child
          let isBroken =
            hasLineBreak(previous, child) || next != child && hasLineBreak(child, next)
          set(.fill, isForced: isBroken, isLasting: true)
        } else {
          set(kind(child) == .semicolon ? .tight : .space)
        }
      }
      visit(child, in: .flow)
      if isArrow {
        endSegment(segment, at: start)
        segment = firstToken(from: start)
      }
      previous = child
    }
    endSegment(segment, at: pieces.count)
    close(group)
  }

  private func hasLineBreak(_ left: Int, _ right: Int) -> Bool {
    syntax.hasLineBreak(syntax.entries[left].end, syntax.entries[right].start)
  }

  // MARK: Brackets

  private mutating func brackets(_ entry: Int) {
    let head = inHead
    inHead = false
    defer { inHead = head }
    let all = syntax.children(of: entry)
    let children = all.filter { !kind($0).isComment }
    let elements = children.count { !kind($0).isToken || FormatReader.isElement(kind($0)) }
    let hasComma = children.dropLast().last.map { kind($0) == .comma } ?? false
    let takesComma: Bool
    switch kind(entry) {
    case .argumentList, .parameterList, .list: takesComma = elements > 0
    case .tuple, .tupleType: takesComma = elements > 1
    default: takesComma = false
    }
    let group = open(.bracket)
    var last: Int?
    var isFirst = true
    for child in all {
      if kind(child).isComment {
        emit(child)
        continue
      }
      if isFirst {
        isFirst = false
      } else if child == children.last {
        if elements == 0 {
          set(.tight, closes: true)
        } else {
          if takesComma, !hasComma { groups[group].comma = last }
          set(.softTight, closes: true, isLasting: takesComma)
        }
      } else if kind(child) == .comma {
        set(.tight)
      } else {
        let isOpening = child == children.dropFirst().first
        set(
          isOpening ? .softTight : .softSpace, isForced: isOpening && hasComma && takesComma,
          isLasting: takesComma)
      }
      visit(child, in: kind(entry))
      last = pieces.count - 1
    }
    close(group)
  }

  private static func isElement(_ kind: SyntaxKind) -> Bool {
    switch kind {
    case .leftParen, .rightParen, .leftBracket, .rightBracket, .comma: false
    default: true
    }
  }

  // MARK: Braces

  static func isSeparator(_ kind: SyntaxKind) -> Bool { kind == .comma || kind == .semicolon }

  /// A declaration or item whose braces are its own.
  private mutating func body(_ entry: Int) {
    let group = open(.item)
    let children = syntax.children(of: entry)
    let brace = children.firstIndex { kind($0) == .leftBrace } ?? children.endIndex
    sequence(children[..<brace], in: entry)
    if brace < children.endIndex {
      if brace > 0 { set(.space) }
      braces(children[brace...], .body)
    }
    close(group)
  }

  /// `{ … }`
  private mutating func braces(
    _ children: ArraySlice<Int>, _ groupKind: FormatGroup.Kind, isExpanded: Bool = false
  ) {
    guard let opener = children.first, let closer = children.last, opener != closer else {
      for child in children { visit(child, in: .block) }
      return
    }
    let isExpanded = isExpanded || self.isExpanded(children)
    let group = open(groupKind)
    emit(opener)
    let inside = children.dropFirst().dropLast()
    items(inside, after: opener, isExpanded: isExpanded)
    if inside.isEmpty {
      set(.tight, closes: true)
    } else {
      set(.softSpace, closes: true, isForced: isExpanded, isLasting: true)
    }
    emit(closer)
    close(group)
  }

  /// Whether a line ends between any of these.
  private func isExpanded(_ children: ArraySlice<Int>) -> Bool {
    zip(children, children.dropFirst()).contains { hasLineBreak($0, $1) }
  }

  /// Statements, sections or entries: each on a line of its own, unless some stand on one.
  private mutating func items(_ list: ArraySlice<Int>, after opener: Int, isExpanded: Bool) {
    let lastItem = list.lastIndex { !kind($0).isComment } ?? list.startIndex - 1
    var previous = opener
    var row: Int?
    for (index, child) in zip(list.indices, list) {
      let startsLine = hasLineBreak(previous, child)
      if kind(child).isComment {
        if let open = row {
          close(open)
          row = nil
        }
        emit(child)
        extendSection(over: child, startsLine: startsLine, isLast: index > lastItem)
        previous = child
        continue
      }
      let isSeparator = FormatReader.isSeparator(kind(child))
      if isSeparator, previous != opener {
        set(.tight)
      } else if isExpanded, startsLine || previous == opener {
        if let open = row { close(open) }
        row = isRow(list[index...]) ? open(.row) : nil
        set(.softSpace, isForced: true, isLasting: true)
      } else {
        let isJoint = previous == opener || FormatReader.isSeparator(kind(previous))
        set(isJoint ? .softSpace : .softWide, isLasting: true)
      }
      visit(child, in: .block)
      previous = child
    }
    if let row { close(row) }
  }

  /// Whether more items stand on the line of the first.
  private func isRow(_ list: ArraySlice<Int>) -> Bool {
    for (left, right) in zip(list, list.dropFirst()) {
      if kind(right).isComment || hasLineBreak(left, right) { return false }
      if !FormatReader.isSeparator(kind(right)) { return true }
    }
    return false
  }

  // MARK: Sections

  private mutating func section(_ entry: Int) {
    let group = open(.item)
    let children = syntax.children(of: entry)
    let start = children.firstIndex { FormatReader.isStatement(kind($0)) }
    guard start != nil, let opener = children.lastIndex(where: { kind($0) == .colon }),
      children[...opener].allSatisfy({ kind($0).isToken })
    else {
      sequence(children[...], in: entry)
      close(group)
      return
    }
    sequence(children[..<opener], in: entry)
    set(.tight)
    let statements = open(.section)
    emit(children[opener])
    items(
      children[(opener + 1)...], after: children[opener],
      isExpanded: isExpanded(children[opener...]))
    close(statements)
    close(group)
    lastSection = (statements, group, entry)
  }

  private static func isStatement(_ kind: SyntaxKind) -> Bool {
    switch kind {
    case .flow, .letStatement, .forStatement, .ifStatement: true
    default: false
    }
  }

  /// A comment after the last statement of a section belongs to it if it stands further in than the
  /// section's name, unless it documents what follows.
  private mutating func extendSection(over comment: Int, startsLine: Bool, isLast: Bool) {
    guard let section = lastSection, groups[section.statements].end == pieces.count - 1 else {
      return
    }
    if startsLine {
      guard kind(comment) == .comment || isLast,
        syntax.column(of: syntax.entries[comment].start)
          > syntax.column(of: syntax.entries[section.entry].start)
      else { return }
    }
    groups[section.statements].end = pieces.count
    groups[section.item].end = pieces.count
  }

  // MARK: Conditions and loops

  private mutating func conditional(_ entry: Int) {
    let group = open(.conditional)
    let children = syntax.children(of: entry)
    let isExpanded = children.contains {
      !kind($0).isToken && FormatReader.isBlock(kind($0))
        && self.isExpanded(syntax.children(of: $0)[...])
    }
    head(children, isExpanded: isExpanded, .arm)
    close(group)
  }

  private mutating func loop(_ entry: Int) {
    let group = open(.head)
    let children = syntax.children(of: entry)
    head(children, isExpanded: false, .body)
    close(group)
  }

  private static func isBlock(_ kind: SyntaxKind) -> Bool { kind == .block || kind == .layerBlock }

  private mutating func head(
    _ children: [Int], isExpanded: Bool, _ groupKind: FormatGroup.Kind
  ) {
    let outer = inHead
    defer { inHead = outer }
    var previous: SyntaxKind?
    for child in children {
      let isAfterBlock = previous.map(FormatReader.isBlock) ?? false
      if kind(child).isComment {
        emit(child)
        pieces[pieces.count - 1].closes = isAfterBlock
        continue
      }
      if previous != nil { set(.space, closes: isAfterBlock) }
      previous = kind(child)
      if FormatReader.isBlock(kind(child)) {
        inHead = false
        braces(syntax.children(of: child)[...], groupKind, isExpanded: isExpanded)
      } else {
        inHead = true
        visit(child, in: .forStatement)
      }
    }
  }
}
