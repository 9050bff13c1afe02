extension SyntaxTree {
  /// The change that indents the line on which something was just typed, which ends at `offset`: a
  /// new line, a `}` or a `;`. Nothing else is touched, and the lines around it decide: a line stands
  /// two blanks further in than what it belongs to.
  public func indentationEdits(typedAt offset: Int) -> [FormattingEdit] {
    let text = text
    let offset = min(max(offset, 0), text.count)
    var start = offset
    while start > 0, !text[start - 1].endsLine { start -= 1 }
    var first = start
    while first < text.count, Lexer.isBlank(text[first]) { first += 1 }
    // What was typed behind something else on its line moves nothing, but a `;` ends a statement.
    if first < offset - 1, text[offset - 1] == 0x7D { return [] }
    let isEmpty = first == text.count || text[first].endsLine
    let indent =
      isEmpty
      ? indentation(after: start, in: text)
      : indentation(ofLineAt: first, in: text) ?? indentation(after: start, in: text)
    let blanks = [UInt8](repeating: 0x20, count: max(indent, 0))
    if text[start..<first].elementsEqual(blanks) { return [] }
    return [FormattingEdit(range: start..<first, text: blanks)]
  }

  /// How far in the line of a place stands.
  private func lineIndent(_ place: Int, in text: [UInt8]) -> Int {
    var start = min(place, text.count)
    while start > 0, !text[start - 1].endsLine { start -= 1 }
    var first = start
    while first < text.count, Lexer.isBlank(text[first]) { first += 1 }
    return first - start
  }

  /// Where the line belongs that starts with an item, a section, what closes a bracket, or what goes
  /// on from the line before; absent where that cannot be told.
  private func indentation(ofLineAt first: Int, in text: [UInt8]) -> Int? {
    guard let token = token(at: first), !token.kind.isComment, let parent = token.parent else {
      return nil
    }
    if token.kind == .rightBrace || token.kind == .rightParen || token.kind == .rightBracket {
      return parent.kind.isBraced || parent.kind.isBracketed
        ? lineIndent(parent.ownerStart, in: text) : nil
    }
    var node = parent
    while node.kind != .sourceFile, node.range.lowerBound == first {
      guard let outer = node.parent else { return nil }
      if node.kind.isLaidOutAlone { return inside(outer, in: text) }
      node = outer
    }
    while node.kind != .sourceFile {
      if node.kind.isLaidOutAlone || node.kind.isBracketed {
        let goesOn = !(node.kind == .ifStatement || node.kind == .layerIf)
        return lineIndent(node.range.lowerBound, in: text)
          + (goesOn ? FormatPrinter.indentation : 0)
      }
      guard let outer = node.parent else { return nil }
      node = outer
    }
    return nil
  }

  /// Where what stands directly in a node starts its lines.
  private func inside(_ node: SyntaxNode, in text: [UInt8]) -> Int {
    if node.kind == .sourceFile { return 0 }
    return lineIndent(node.ownerStart, in: text) + FormatPrinter.indentation
  }

  /// Where a line goes on behind what stands before it.
  private func indentation(after start: Int, in text: [UInt8]) -> Int {
    guard var last = token(before: start) else { return 0 }
    if last.kind.isComment {
      let place = last.range.lowerBound
      let indent = lineIndent(place, in: text)
      if text[max(0, place - indent)..<place].allSatisfy(Lexer.isBlank), place >= indent {
        let lineStart = place - indent
        if lineStart == 0 || text[lineStart - 1].endsLine { return indent }
      }
      while last.kind.isComment {
        guard let previous = last.previousToken else { return 0 }
        last = previous
      }
    }
    let step = FormatPrinter.indentation
    var node = last.parent
    while let current = node, current.kind != .sourceFile {
      let isCloser =
        (last.kind == .rightBrace || last.kind == .rightParen || last.kind == .rightBracket)
        && last.parent == current
      if current.kind.isBracketed, !isCloser {
        return lineIndent(current.range.lowerBound, in: text) + step
      }
      if current.kind.isBraced, !isCloser, last.parent == current,
        last.kind == .leftBrace || last.kind == .comma || last.kind == .semicolon
      {
        return inside(current, in: text)
      }
      if current.kind.isLaidOutAlone {
        let goesOn: Bool
        switch last.kind {
        case .arrow, .comma, .equal, .plus, .minus, .star, .starStar, .slash, .slashSlash,
          .percent, .pipe, .at, .colon, .keyword, .equalEqual, .notEqual, .less, .lessOrEqual,
          .greater, .greaterOrEqual:
          goesOn = true
        case .semicolon: goesOn = current.kind == .section
        default: goesOn = false
        }
        return lineIndent(current.range.lowerBound, in: text) + (goesOn ? step : 0)
      }
      node = current.parent
    }
    return 0
  }
}

extension SyntaxNode {
  /// The start of what the braces or brackets of this node belong to.
  fileprivate var ownerStart: Int {
    guard kind == .block || kind == .layerBlock || kind == .settings, let owner = parent,
      owner.kind != .step
    else { return range.lowerBound }
    return owner.range.lowerBound
  }
}

extension SyntaxKind {
  fileprivate var isBraced: Bool {
    switch self {
    case .network, .layerDeclaration, .research, .block, .layerBlock, .settings, .inputGroup,
      .weightsItem, .stateItem:
      true
    default: false
    }
  }

  fileprivate var isBracketed: Bool {
    switch self {
    case .argumentList, .parameterList, .tuple, .list, .parenthesized, .tupleType, .listType,
      .groupedType, .index, .slice:
      true
    default: false
    }
  }

  /// Whether it has lines of its own: statements, sections, entries, declarations.
  var isLaidOutAlone: Bool {
    switch self {
    case .importDeclaration, .definition, .network, .layerDeclaration, .research, .section,
      .strayStatements, .setting, .letStatement, .forStatement, .ifStatement, .flow, .inputItem,
      .outputItem, .requireItem, .weightsItem, .stateItem, .weightEntry, .macsItem, .bodyItem,
      .entry, .layerIf:
      true
    default: false
    }
  }
}

extension UInt8 {
  fileprivate var endsLine: Bool { self == 0x0A || self == 0x0D }
}
