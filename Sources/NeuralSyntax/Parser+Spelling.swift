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
        let plain = LookAlike.plain(tokenText)
        let isMendable = plain.utf8.allSatisfy { $0 < 0x80 }
        report(
          tokenRange,
          plain.contains(" ")
            ? "this blank is a no-break space; write an ordinary one"
            : isMendable && plain.utf8.allSatisfy { tokenText.utf8.contains($0) }
              ? "an invisible character stands in this word; remove it"
              : "'\(tokenText)' is not a name; names are made of ASCII letters, digits and '_'",
          fix: isMendable
            ? SyntaxError.Fix(title: "Write '\(plain)'", range: tokenRange, text: plain) : nil)
      } else {
        markReported()
      }
    case _ where token.isForeign:
      if let meant = LookAlike.at(token.start, in: lexer.text)?.meant {
        report(
          tokenRange,
          token.kind == .string
            ? "strings stand in straight quotes: \(meant)"
            : "expected '\(meant)' here, not '\(tokenText)'",
          fix: SyntaxError.Fix(title: "Write '\(meant)'", range: tokenRange, text: meant))
      }
    case .malformedNumber:
      malformedNumber()
    case .dot:
      report(tokenRange, "a name is expected on each side of '.'")
    case .unterminatedString:
      let quote = string(token.start, token.start + 1)
      var end = lexer.endOfLine(from: token.end)
      while end > token.end, Lexer.isBlank(lexer.text[end - 1]) { end -= 1 }
      // A quote left out earlier on the line makes nonsense of what follows it; that is reported
      // here, once.
      let lineStart = startOfLine(token.start)
      // What stands behind it on a long line may be read without knowing of it.
      if lineStart.map({ end - $0 >= Parser.longLine }) ?? true { end = token.end }
      if let lineStart {
        let line = range(lineStart, end)
        errors.removeAll {
          $0.error.range.startChunk == SourceRange.here && $0.error.range.start >= line.start
            && $0.error.range.start <= line.end && $0.error.code == .syntaxError
        }
      }
      unterminated(quote, end, lineStart)
      markReported()
    case .string: checkEscapes()
    default: break
    }
  }

  private mutating func malformedNumber() {
    let text = tokenText
    let digits = text.prefix { $0.isNumber }
    var value: String?
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      value = Int(text.dropFirst(2), radix: 16).map { "\($0)" }
    } else if text.utf8.last == UInt8(ascii: "f"), Int(text.dropLast()) != nil {
      value = String(digits)
    }
    let isExponent = text.hasSuffix("-") || text.hasSuffix("+")
    report(
      tokenRange,
      isExponent
        ? "expected the digits of the exponent after '\(text)'"
        : "'\(text)' is not a number, and a name cannot start with a digit",
      fix: value.map {
        SyntaxError.Fix(title: "Write '\($0)'", range: tokenRange, text: $0)
      })
  }

  /// A string without its end: the fix stands where the quote is most likely missing. What stands
  /// before it counts only on its line, which is at hand unless it is long.
  private mutating func unterminated(_ quote: String, _ end: Int, _ lineStart: Int?) {
    let other: UInt8 = lexer.text[token.start] == 0x22 ? 0x27 : 0x22
    let last = token.end - 1
    let lineOffset = lineStart.map { $0 - chunkStart } ?? .max
    let tokens = nodes.reversed().lazy.prefix { $0.offset >= lineOffset }.filter(\.kind.isToken)
      .dropFirst().prefix(2)
    if last == token.start, let name = tokens.first, name.kind == .name,
      chunkStart + name.offset + Int(name.extent) == token.start
    {
      // `same"`, or `"mae, "mse"` with the quote missing further back.
      let start = chunkStart + name.offset
      if let before = tokens.dropFirst().first, before.kind == .string,
        let place = closingPlace(before)
      {
        report(
          .unterminatedString, range(chunkStart + before.offset, token.end),
          "a string on this line has no closing \(quote)",
          fix: SyntaxError.Fix(
            title: "Insert '\(quote)'", range: range(place, place), text: quote))
        return
      }
      report(
        .unterminatedString, range(start, token.end), "this string has no \(quote) before it",
        fix: SyntaxError.Fix(
          title: "Insert '\(quote)'", range: range(start, start), text: quote))
      return
    }
    if last > token.start, lexer.text[last] == other {
      report(
        .unterminatedString, range(token.start, token.end),
        "this string starts with \(quote) and ends with \(string(last, token.end))",
        fix: SyntaxError.Fix(
          title: "Write '\(quote)'", range: range(last, token.end), text: quote))
      return
    }
    if goesOnBelow(end) {
      report(
        .unterminatedString, range(token.start, end),
        "a string cannot go on below its line; close it here with \(quote)")
      return
    }
    report(
      .unterminatedString, range(token.start, end),
      "this string has no closing \(quote) on its line",
      fix: SyntaxError.Fix(
        title: "Insert '\(quote)'", range: range(token.end, token.end),
        text: quote + closersAfterString()))
  }

  /// Whether the next line has a quote without another: the end of this string.
  private mutating func goesOnBelow(_ end: Int) -> Bool {
    let start = lexer.afterLineBreak(lexer.endOfLine(from: end))
    let line = start..<min(lexer.endOfLine(from: start), start + 1024)
    reach = max(reach, line.upperBound + 1)
    let quote = lexer.text[token.start]
    return lexer.text[line].count { $0 == quote } % 2 == 1
  }

  /// Where a string that ends in `, ` hardly ends.
  private func closingPlace(_ node: FlatNode) -> Int? {
    let end = chunkStart + node.offset + Int(node.extent) - 1
    var place = end
    while place > chunkStart + node.offset + 1, Lexer.isBlank(lexer.text[place - 1]) { place -= 1 }
    guard place < end, lexer.text[place - 1] == 0x2C else { return nil }
    return place - 1
  }

  /// The brackets that are open where the text ends in a string.
  private mutating func closersAfterString() -> String {
    guard token(after: token).kind == .endOfFile else { return "" }
    var closers = ""
    for bracket in brackets.reversed() {
      closers += bracket.kind == .leftParen ? ")" : bracket.kind == .leftBracket ? "]" : " }"
    }
    return closers + closingBraces(from: 0)
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
