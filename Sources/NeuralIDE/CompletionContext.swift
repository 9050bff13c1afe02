import NeuralSyntax

/// What may stand at a place, found from the tree alone: it works in text that is half typed.
struct CompletionContext {
  enum Expected: Equatable {
    case declaration
    /// A section of a network.
    case section
    /// The start of a statement.
    case statement
    /// What follows `->`.
    case step
    /// An argument: a name with `=`, or a positional value.
    case argument
    /// The value of the named argument.
    case argumentValue(String)
    /// A value of the section.
    case sectionValue
    /// A setting of the section.
    case settingName
    /// The value of the setting.
    case settingValue(String)
    case device
    /// The file of an import.
    case importPath
    /// A name that an import asks for.
    case importedName
    /// Any expression of constants and sizes.
    case expression
    case nothing
  }

  var expected: Expected
  /// The bytes that a completion replaces; inside quotes, between them.
  var replaceRange: Range<Int>
  /// The cursor stands in a string, which may lack its closing quote.
  var isInString = false
  var closesString = ""
  /// A `(` stands just behind: the call has its arguments.
  var isBeforeParenthesis = false
  /// The argument list, block, flow or section that the place is in.
  var node: SyntaxNode
  /// The word or string that is being written, if one is.
  var typed: SyntaxNode?

  init?(tree: SyntaxTree, offset: Int) {
    guard offset >= 0, offset <= tree.byteCount else { return nil }
    node = tree.root
    replaceRange = offset..<offset
    expected = .declaration
    let last = tree.token(at: offset - 1)
    if let last, last.kind.isComment {
      // Behind the last byte of a comment one is still in it, unless its line has ended.
      return nil
    }
    if let last, let range = Self.string(last, offset) {
      isInString = true
      if last.kind == .unterminatedString {
        closesString = String(last.text.prefix(1))
      }
      replaceRange = range
      typed = last
      climb(from: last, isTyped: true)
      return
    }
    if let last, last.range.upperBound >= offset, let word = Self.word(last, offset) {
      replaceRange = word
      let next = tree.token(at: word.upperBound)
      isBeforeParenthesis = next?.kind == .leftParen && next?.range.lowerBound == word.upperBound
      typed = last
      if last.kind == .skipped {
        skipped(last, tree)
      } else {
        climb(from: last, isTyped: true)
      }
      return
    }
    if let last, [.integer, .float, .malformedNumber].contains(last.kind) {
      // A number is being typed.
      expected = .nothing
      return
    }
    var before = tree.token(before: offset)
    while let token = before, token.kind.isComment || token.kind == .skipped {
      before = token.previousToken
    }
    guard let before else { return }
    climb(from: before, isTyped: false)
    let line = tree.position(at: before.range.lowerBound, in: .utf8).line
    isOnLine = line == tree.position(at: offset, in: .utf8).line
    if !isOnLine { leaveLine(from: before) }
  }

  private var isOnLine = true

  // MARK: Tokens

  /// The text between the quotes of a string that holds the cursor.
  private static func string(_ token: SyntaxNode, _ offset: Int) -> Range<Int>? {
    let range = token.range
    switch token.kind {
    case .string where range.lowerBound < offset && offset < range.upperBound:
      return range.lowerBound + 1..<max(range.lowerBound + 1, range.upperBound - 1)
    case .unterminatedString where range.lowerBound < offset && offset <= range.upperBound:
      return range.lowerBound + 1..<offset
    default: return nil
    }
  }

  /// The word that ends at the cursor or goes on behind it.
  private static func word(_ token: SyntaxNode, _ offset: Int) -> Range<Int>? {
    switch token.kind {
    case .name, .keyword, .dtype, .boolean, .noneLiteral: return token.range
    case .skipped:
      let bytes = token.bytes
      var start = offset - token.range.lowerBound
      while start > 0, start <= bytes.count, isLetter(bytes[start - 1]) { start -= 1 }
      let word = token.range.lowerBound + start..<offset
      return word.isEmpty ? nil : word
    default: return nil
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
      || (0x61...0x7A).contains(byte)
  }

  // MARK: Climbing

  /// Text that the parser passed over: what is around it says what should stand there.
  private mutating func skipped(_ token: SyntaxNode, _ tree: SyntaxTree) {
    var before = token.previousToken
    while let next = before, next.kind.isComment { before = next.previousToken }
    if let before, before.range.upperBound > 0, token.parent?.kind != .sourceFile {
      climb(from: before, isTyped: false)
    } else {
      node = tree.root
      expected = .declaration
    }
  }

  /// Finds the innermost node that is not complete. `isTyped` says that the token itself is being
  /// written; otherwise the cursor stands behind it.
  private mutating func climb(from token: SyntaxNode, isTyped: Bool) {
    var child = token
    // Whether a value is wanted at the cursor.
    var wantsValue = isTyped
    var isDone = !isTyped
    while let parent = child.parent {
      node = parent
      let siblings = parent.children
      let place = siblings.firstIndex(of: child) ?? 0
      func follows(_ kind: SyntaxKind) -> Bool {
        // The token is of this kind, or stands somewhere behind one.
        siblings[...min(place, siblings.count - 1)].contains { $0.kind == kind }
          && (child.kind != kind || !isTyped)
      }
      switch parent.kind {
      case .argumentList:
        if child.kind == .rightParen, !isTyped { break }
        if child.kind == .leftParen || child.kind == .comma || wantsValue {
          expected = .argument
          return
        }
        if isDone, child.kind == .argument, !isOpen(parent, .rightParen) {
          expected = .nothing
          return
        }
      case .argument:
        let name = siblings.first { $0.kind == .name }
        let assigns = siblings.firstIndex { $0.kind == .equal || $0.kind == .colon }
        if let name, let assigns, place >= assigns {
          if wantsValue || place == assigns {
            expected = .argumentValue(name.text)
            node = parent.parent ?? parent
            return
          }
        } else if isTyped, place == 0 {
          expected = .argument
          node = parent.parent ?? parent
          return
        } else if wantsValue {
          expected = .argument
          node = parent.parent ?? parent
          return
        }
      case .setting:
        let name = siblings.first { $0.kind == .name || $0.kind == .keyword }
        let colon = siblings.firstIndex { $0.kind == .colon || $0.kind == .equal }
        if let name, let colon, place >= colon {
          if wantsValue || place == colon {
            expected = .settingValue(name.text)
            return
          }
        } else if isTyped {
          expected = .settingName
          return
        } else {
          expected = .nothing
          return
        }
      case .settings:
        if child.kind == .rightBrace { break }
        expected = .settingName
        return
      case .section:
        if let colon = siblings.firstIndex(where: { $0.kind == .colon }) {
          let isLayers = siblings.first?.text == "layers"
          if isLayers, place >= colon {
            expected = .statement
            return
          }
          if place == colon || (wantsValue && place > colon) || child.kind == .comma {
            expected = .sectionValue
            return
          }
        }
        if isTyped, place == 0 {
          expected = .section
          return
        }
      case .flow:
        if child.kind == .arrow || (isTyped && place > 0 && siblings[place - 1].kind == .arrow) {
          expected = .step
          return
        }
        if isTyped, place == 0 {
          // What encloses the flow says which statements it may be.
          node = parent.parent ?? parent
          expected = .statement
          return
        }
      case .step:
        if !isTyped, child.kind == .at || child.kind == .star {
          expected = child.kind == .at ? .device : .expression
          return
        }
      case .repetition, .device:
        if child.kind == .star || child.kind == .at || wantsValue {
          expected = parent.kind == .device ? .device : .expression
          return
        }
      case .block, .strayStatements:
        if child.kind == .rightBrace { break }
        expected = parent.parent?.kind == .network ? .section : .statement
        return
      case .network:
        switch child.kind {
        case .rightBrace: break
        case .leftBrace, .section, .strayStatements:
          expected = .section
          return
        default:
          expected = .nothing
          return
        }
      case .letStatement, .forStatement, .ifStatement:
        if child.kind == .block { break }
        if wantsValue && child.kind != .keyword && (parent.kind != .letStatement || place > 1)
          || child.kind == .equal
          || (!isTyped && child.kind == .keyword && child.text != "else"
            && child.text != "for" && child.text != "let")
        {
          expected = .expression
          return
        }
        if isTyped, child.kind == .keyword, place == 0 {
          node = parent.parent ?? parent
          expected = .statement
          return
        }
        if child.kind == .keyword || child.kind == .name {
          expected = .nothing
          return
        }
      case .whereClause:
        expected = .expression
        return
      case .tuple, .list, .parenthesized, .index, .slice:
        let isCloser = [.rightParen, .rightBracket].contains(child.kind)
        wantsValue = wantsValue || !isCloser && child.kind.isToken && isOpenerOrComma(child.kind)
      case .unary, .binary, .comparison, .conditional, .spread:
        wantsValue = wantsValue || (child.kind.isToken && !isOperand(child.kind))
      case .input, .inputGroup:
        let isClosed = [.rightParen, .rightBrace].contains((child.children.last ?? child).kind)
        if isClosed, !wantsValue { break }
        expected = .nothing
        return
      case .sourceFile:
        expected = .declaration
        return
      case .importDeclaration:
        if child.kind == .string, !isTyped { break }
        expected = Self.expected(inImport: siblings, at: place, isTyped: isTyped)
        return
      case .definition, .layerDeclaration, .research, .parameterList, .parameter:
        if child.kind == .block || child.kind == .rightBrace { break }
        expected = .nothing
        return
      default: break
      }
      isDone = true
      child = parent
    }
    expected = .declaration
  }

  /// What belongs at or behind the token at `place` of an import.
  private static func expected(
    inImport tokens: [SyntaxNode], at place: Int, isTyped: Bool
  ) -> Expected {
    func isFile(_ token: SyntaxNode) -> Bool {
      token.kind == .string || token.kind == .unterminatedString
    }
    let token = tokens[place]
    if isFile(token) { return .importPath }
    let hasFile = tokens[place...].contains(where: isFile)
    switch token.kind {
    case .keyword where isTyped: return .nothing
    // Without a file behind it a name says nothing yet, but a path does.
    case .keyword where place == 0: return hasFile ? .importedName : .importPath
    case .keyword: return .importPath
    case .comma: return .importedName
    case .name where isTyped: return .importedName
    default: return .nothing
    }
  }

  private func isOpen(_ list: SyntaxNode, _ closer: SyntaxKind) -> Bool {
    list.children.last?.kind != closer
  }

  private func isOpenerOrComma(_ kind: SyntaxKind) -> Bool {
    [.leftParen, .leftBracket, .comma, .colon].contains(kind)
  }

  private func isOperand(_ kind: SyntaxKind) -> Bool {
    switch kind {
    case .name, .integer, .float, .string, .boolean, .noneLiteral, .rightParen, .rightBracket,
      .malformedNumber, .unterminatedString:
      true
    default: false
    }
  }

  /// A list that nothing closes, or an import, ends with its line, as the parser has it.
  private mutating func leaveLine(from token: SyntaxNode) {
    switch expected {
    case .argument, .argumentValue, .nothing: break
    case .importPath, .importedName:
      while let parent = node.parent { node = parent }
      expected = .declaration
      return
    default: return
    }
    var list: SyntaxNode? = node
    while let next = list, next.kind != .argumentList { list = next.parent }
    guard let list, isOpen(list, .rightParen), list.range.upperBound < replaceRange.lowerBound
    else { return }
    climb(from: list, isTyped: false)
  }
}
