/// What the layout puts between two neighbours of one node.
enum FormatRules {
  /// The gap between two children of `parent`, comments left out. `isWord` says that the second is a
  /// word that starts a part of its own, `isTyped` that a parameter has a type.
  static func gap(
    in parent: SyntaxKind, after left: SyntaxKind, before right: SyntaxKind, isWord: Bool,
    isTyped: Bool
  ) -> FormatGap {
    if right == .comma || right == .semicolon { return .tight }
    switch parent {
    case .call, .index, .slice, .code, .spread: return .tight
    case .unary: return left == .keyword ? .space : .tight
    case .binary: return right.isOperator ? .fill : .space
    case .unionType: return right == .pipe ? .fill : .space
    case .intervalType:
      let opens = left == .leftBracket || left == .leftParen
      let closes = right == .rightBracket || right == .rightParen
      return opens || closes ? .tight : .space
    case .argument:
      return right == .equal || right == .colon || left == .equal ? .tight : .space
    case .parameter:
      if right == .colon { return .tight }
      return !isTyped && (right == .equal || left == .equal) ? .tight : .space
    default: break
    }
    if right == .colon || right == .argumentList || right == .parameterList { return .tight }
    if left == .ellipsis { return .tight }
    if left == .comma || right == .whereClause || isWord { return .fill }
    return .space
  }

  /// `from`, `as` and `when` start what may stand on the next line.
  static func startsPart(_ word: ArraySlice<UInt8>) -> Bool {
    [Array("from".utf8), Array("as".utf8), Array("when".utf8)].contains { word.elementsEqual($0) }
  }
}

extension SyntaxKind {
  /// Whether this is what stands between the operands of a `binary` node.
  fileprivate var isOperator: Bool {
    switch self {
    case .plus, .minus, .star, .starStar, .slash, .slashSlash, .percent, .keyword: true
    default: false
    }
  }
}

/// One quote style.
enum FormatQuotes {
  /// A string in `'` as it is written in `"`; absent where it has `"` already, or would need more
  /// escapes.
  static func doubled(_ string: ArraySlice<UInt8>) -> [UInt8]? {
    guard string.count >= 2, string.first == 0x27, string.last == 0x27 else { return nil }
    var text: [UInt8] = [0x22]
    var added = 0
    var isEscaped = false
    for byte in string.dropFirst().dropLast() {
      if isEscaped {
        isEscaped = false
        if byte == 0x27 {
          text.removeLast()
          added -= 1
        }
      } else if byte == 0x5C {
        isEscaped = true
      } else if byte == 0x22 {
        text.append(0x5C)
        added += 1
      }
      text.append(byte)
    }
    return added > 0 ? nil : text + [0x22]
  }
}
