/// A token with what stands before it.
struct Token {
  var kind: SyntaxKind
  var word: Word = .other
  /// A line break stands before it, or it is the first of the text.
  var startsLine: Bool
  /// Comments stand between the token before it and this one.
  var hasComment: Bool
  /// A name with bytes outside ASCII.
  var isForeign = false
  var start: Int
  var end: Int
}

/// Reads tokens at any place of a text; it has no state, so the parser looks ahead at will.
///
/// The text may be a part of a document that starts where a token may start.
struct Lexer {
  let text: [UInt8]
  /// Whether the text starts where the document does.
  let isStart: Bool
  /// Looking at this byte or further is looking past what is at hand of the document; nothing is
  /// past its end.
  let limit: Int
  /// Whether a line break stands before the text, blanks between.
  private let startsLine: Bool
  /// The blanks before the text on its first line, if nothing else stands there.
  private let blanks: Int
  private let words = WordTable.shared

  /// A whole document.
  init(text: [UInt8]) {
    self.text = text
    isStart = true
    limit = .max
    startsLine = true
    blanks = 0
  }

  /// A part of one.
  init(text: [UInt8], isStart: Bool, isEnd: Bool, state: ParserState) {
    self.text = text
    self.isStart = isStart
    limit = isEnd ? .max : text.count
    startsLine = state.startsLine
    blanks = state.blanks
  }

  /// The first token at or after `position`, which is the end of another or the start of the text.
  func token(from position: Int) -> Token {
    let count = text.count
    var index = position
    var startsLine =
      position == 0
      ? self.startsLine : text[position - 1] == 0x0A || text[position - 1] == 0x0D
    var hasComment = false
    if position == 0, isStart, count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF {
      index = 3
    }
    trivia: while index < count {
      switch text[index] {
      case 0x20, 0x09, 0x0B, 0x0C: index += 1
      case 0x0A, 0x0D:
        startsLine = true
        index += 1
      case 0x23:
        hasComment = true
        index = endOfLine(from: index)
      default: break trivia
      }
    }
    var token = Token(
      kind: .endOfFile, startsLine: startsLine, hasComment: hasComment, start: index, end: index)
    guard index < count else {
      token.startsLine = true
      return token
    }
    let byte = text[index]
    if byte >= 0x80, let meant = LookAlike.at(index, in: text) {
      token.kind = meant.kind
      token.end = index + meant.length
      token.isForeign = true
    } else if Lexer.isNameStart(byte) {
      name(&token)
    } else if Lexer.isDigit(byte) {
      number(&token)
    } else if byte == 0x22 || byte == 0x27 {
      string(&token, quote: byte)
    } else {
      punctuation(&token, byte)
    }
    return token
  }

  /// The end of the line that holds `position`: the first line break or the end of the text.
  func endOfLine(from position: Int) -> Int {
    var index = position
    while index < text.count, text[index] != 0x0A, text[index] != 0x0D { index += 1 }
    return index
  }

  /// The place after the line break that starts at `position`, or `position`.
  func afterLineBreak(_ position: Int) -> Int {
    guard position < text.count else { return position }
    if text[position] == 0x0D {
      return position + 1 < text.count && text[position + 1] == 0x0A ? position + 2 : position + 1
    }
    return text[position] == 0x0A ? position + 1 : position
  }

  /// The first byte at or after `position` that is no blank (line breaks are none).
  func afterBlanks(_ position: Int) -> Int {
    var index = position
    while index < text.count, Lexer.isBlank(text[index]) { index += 1 }
    return index
  }

  /// How many blanks stand between the start of the line and `position`, if nothing else does.
  func column(of position: Int) -> Int {
    var index = min(position, text.count)
    while index > 0, Lexer.isBlank(text[index - 1]) { index -= 1 }
    return position - index + (index == 0 ? blanks : 0)
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0B || byte == 0x0C
  }

  private func byte(_ index: Int) -> UInt8 { index < text.count ? text[index] : 0 }

  private func name(_ token: inout Token) {
    var index = token.start
    var dotted = false
    while true {
      while index < text.count, Lexer.isNamePart(text[index]) {
        if text[index] >= 0x80 {
          if LookAlike.at(index, in: text) != nil { break }
          token.isForeign = true
        }
        index += 1
      }
      guard byte(index) == 0x2E, Lexer.isNameStart(byte(index + 1)) else { break }
      dotted = true
      index += 1
    }
    token.kind = .name
    token.end = index
    if !dotted { token.word = words.word(text, token.start, index) }
  }

  private func number(_ token: inout Token) {
    var index = token.start
    token.kind = .integer
    digits(&index)
    if byte(index) == 0x2E, byte(index + 1) != 0x2E {
      token.kind = .float
      index += 1
      digits(&index)
    }
    if byte(index) | 0x20 == 0x65 {
      var exponent = index + 1
      if byte(exponent) == 0x2B || byte(exponent) == 0x2D { exponent += 1 }
      if Lexer.isDigit(byte(exponent)) {
        token.kind = .float
        index = exponent
        digits(&index)
      } else if exponent == index + 2 {
        // `1e-`, whose digits are still to be written.
        token.kind = .malformedNumber
        index = exponent
      }
    }
    if index < text.count, isWordPart(index) {
      token.kind = .malformedNumber
      while index < text.count, isWordPart(index) { index += 1 }
    }
    token.end = index
  }

  private func isWordPart(_ index: Int) -> Bool {
    Lexer.isNamePart(text[index])
      && (text[index] < 0x80 || LookAlike.at(index, in: text) == nil)
  }

  private func digits(_ index: inout Int) {
    while index < text.count {
      let byte = text[index]
      guard Lexer.isDigit(byte) || (byte == 0x5F && Lexer.isDigit(self.byte(index + 1))) else {
        return
      }
      index += 1
    }
  }

  /// A string ends at its quote. One that does not ends with its line, or before the brackets and
  /// separators that end the line, which hardly belong to it: so what is around it stays whole.
  private func string(_ token: inout Token, quote: UInt8) {
    var index = token.start + 1
    while index < text.count {
      let byte = text[index]
      if byte == quote {
        token.kind = .string
        token.end = index + 1
        return
      }
      if byte == 0x0A || byte == 0x0D { break }
      if byte == 0x5C, index + 1 < text.count, text[index + 1] != 0x0A, text[index + 1] != 0x0D {
        index += 1
      }
      index += 1
    }
    while index > token.start + 1 {
      switch text[index - 1] {
      case 0x28, 0x29, 0x5B, 0x5D, 0x7B, 0x7D, 0x2C, 0x3B, 0x20, 0x09:
        index -= 1
        continue
      default: break
      }
      break
    }
    token.kind = .unterminatedString
    token.end = index
  }

  private func punctuation(_ token: inout Token, _ byte: UInt8) {
    let next = self.byte(token.start + 1)
    var length = 1
    switch byte {
    case 0x28: token.kind = .leftParen
    case 0x29: token.kind = .rightParen
    case 0x5B: token.kind = .leftBracket
    case 0x5D: token.kind = .rightBracket
    case 0x7B: token.kind = .leftBrace
    case 0x7D: token.kind = .rightBrace
    case 0x2C: token.kind = .comma
    case 0x3A: token.kind = .colon
    case 0x3B: token.kind = .semicolon
    case 0x40: token.kind = .at
    case 0x7C: token.kind = .pipe
    case 0x2B: token.kind = .plus
    case 0x25: token.kind = .percent
    case 0x3D: (token.kind, length) = next == 0x3D ? (.equalEqual, 2) : (.equal, 1)
    case 0x2D: (token.kind, length) = next == 0x3E ? (.arrow, 2) : (.minus, 1)
    case 0x2A: (token.kind, length) = next == 0x2A ? (.starStar, 2) : (.star, 1)
    case 0x2F: (token.kind, length) = next == 0x2F ? (.slashSlash, 2) : (.slash, 1)
    case 0x3C: (token.kind, length) = next == 0x3D ? (.lessOrEqual, 2) : (.less, 1)
    case 0x3E: (token.kind, length) = next == 0x3D ? (.greaterOrEqual, 2) : (.greater, 1)
    case 0x21 where next == 0x3D: (token.kind, length) = (.notEqual, 2)
    case 0x2E:
      if Lexer.isDigit(next) {
        number(&token)
        return
      }
      (token.kind, length) =
        next == 0x2E && self.byte(token.start + 2) == 0x2E ? (.ellipsis, 3) : (.dot, 1)
    default:
      token.kind = .unknown
      // Only the first byte's own repetitions: a run of NULs is one token.
      while token.start + length < text.count, text[token.start + length] == byte { length += 1 }
    }
    token.end = token.start + length
  }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// Bytes outside ASCII count as letters, so that a foreign word is one token with one error.
  @inline(__always)
  static func isNameStart(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte == 0x5F || byte >= 0x80
  }

  @inline(__always)
  static func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }
}
