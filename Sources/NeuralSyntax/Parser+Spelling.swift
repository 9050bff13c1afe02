extension Parser {
  /// Reports what is wrong inside the current token, which has just been added to the tree.
  mutating func checkSpelling() {
    let position = previousEnd
    previousEnd = token.end
    defer { previousEnd = position }
    switch token.kind {
    case .name where token.isForeign:
      var valid = true
      _ = TextSummary(lexer.text, token.start..<token.end) { _ in valid = false }
      if valid {
        report(
          tokenRange,
          "'\(tokenText)' is not a name; names are made of ASCII letters, digits and '_'")
      } else {
        markReported()
      }
    case .malformedNumber:
      report(tokenRange, "'\(tokenText)' is not a number, and a name cannot start with a digit")
    case .dot:
      report(tokenRange, "a name is expected on each side of '.'")
    case .unterminatedString:
      let quote = string(token.start, token.start + 1)
      let end = lexer.endOfLine(from: token.end)
      // A quote left out earlier on the line makes nonsense of what follows it; that is reported
      // here, once.
      if let lineStart = startOfLine(token.start) {
        let line = range(lineStart, end)
        errors.removeAll {
          $0.error.range.startChunk == SourceRange.here && $0.error.range.start >= line.start
            && $0.error.range.start <= line.end && $0.error.code == .syntaxError
        }
      }
      report(
        .unterminatedString, range(token.start, end),
        "this string has no closing \(quote) on its line",
        fix: SyntaxError.Fix(
          title: "Insert '\(quote)'", range: range(token.end, token.end), text: quote))
      markReported()
    case .string: checkEscapes()
    default: break
    }
  }

  private mutating func checkEscapes() {
    let text = lexer.text
    var index = token.start + 1
    while index < token.end - 1 {
      guard text[index] == 0x5C else {
        index += 1
        continue
      }
      switch text[index + 1] {
      case 0x6E, 0x74, 0x5C, 0x22, 0x27: index += 2
      case 0x75:
        let start = index
        index += 2
        let isBraced = index < token.end - 1 && text[index] == 0x7B
        if isBraced { index += 1 }
        let digits = index
        var value: UInt32 = 0
        while index < token.end - 1, index - digits < 8, let digit = hexadecimal(text[index]) {
          value = value << 4 | UInt32(digit)
          index += 1
        }
        let ends = isBraced && index < token.end - 1 && text[index] == 0x7D
        if ends { index += 1 }
        if !ends || index - digits < 2 || Unicode.Scalar(value) == nil {
          report(range(start, index), "a character is written '\\u{…}' with its hexadecimal number")
        }
      default:
        var length = 2
        while index + length < token.end - 1, text[index + length] & 0xC0 == 0x80 { length += 1 }
        report(
          range(index, index + length),
          "'\(string(index, index + length))' is no escape; a backslash is written '\\\\'",
          fix: SyntaxError.Fix(
            title: "Write '\\\\'", range: range(index, index + 1), text: "\\\\"))
        index += length
      }
    }
  }
}

/// The value of a hexadecimal digit.
func hexadecimal(_ byte: UInt8) -> UInt8? {
  switch byte {
  case 0x30...0x39: byte - 0x30
  case 0x41...0x46: byte - 0x41 + 10
  case 0x61...0x66: byte - 0x61 + 10
  default: nil
  }
}
