/// Characters outside ASCII that stand where one of the language's own is meant: arrows, typographic
/// quotes, full-width punctuation. They are read as that one, and reported.
struct LookAlike {
  var kind: SyntaxKind
  /// Bytes in the text.
  var length: Int
  /// What is meant.
  var meant: String

  /// The one at `index`, whose byte is not ASCII. A quote reaches to the one that closes it.
  static func at(_ index: Int, in text: [UInt8]) -> LookAlike? {
    guard let scalar = Scalar(text, index) else { return nil }
    switch scalar.value {
    case 0x2192, 0x21D2, 0x27F6, 0x279C, 0x2794:
      return LookAlike(kind: .arrow, length: scalar.length, meant: "->")
    case 0xD7, 0x2217, 0x22C5: return LookAlike(kind: .star, length: scalar.length, meant: "*")
    case 0x2013, 0x2014, 0x2212:
      return LookAlike(kind: .minus, length: scalar.length, meant: "-")
    case 0x3001: return LookAlike(kind: .comma, length: scalar.length, meant: ",")
    case 0x2264: return LookAlike(kind: .lessOrEqual, length: scalar.length, meant: "<=")
    case 0x2265: return LookAlike(kind: .greaterOrEqual, length: scalar.length, meant: ">=")
    case 0x2260: return LookAlike(kind: .notEqual, length: scalar.length, meant: "!=")
    case 0x2026: return LookAlike(kind: .ellipsis, length: scalar.length, meant: "...")
    case 0x201C, 0x201D, 0x201E, 0x2018, 0x2019, 0x201A, 0xAB, 0xBB:
      return quoted(index, scalar, in: text)
    case 0xFF01...0xFF5E: return fullWidth(scalar)
    default: return nil
    }
  }

  /// `“same”`
  private static func quoted(_ index: Int, _ opener: Scalar, in text: [UInt8]) -> LookAlike? {
    let closers: [UInt32]
    switch opener.value {
    case 0x2018, 0x2019, 0x201A: closers = [0x2018, 0x2019]
    case 0xAB, 0xBB: closers = [0xAB, 0xBB]
    default: closers = [0x201C, 0x201D]
    }
    let start = index + opener.length
    var end = start
    let limit = min(text.count, index + maximalLength)
    while end < limit, text[end] != 0x0A, text[end] != 0x0D, text[end] != 0x22 {
      guard text[end] >= 0x80, let scalar = Scalar(text, end) else {
        end += 1
        continue
      }
      if closers.contains(scalar.value) {
        let inner = String(decoding: text[start..<end], as: UTF8.self)
        return LookAlike(
          kind: .string, length: end + scalar.length - index, meant: "\"\(inner)\"")
      }
      // Another quote is opened before this one is closed.
      if scalar.value == 0x201A || scalar.value == 0x201E { break }
      end += scalar.length
    }
    return LookAlike(kind: .unknown, length: opener.length, meant: "\"")
  }

  /// How many bytes a string between typographic quotes has at most.
  private static let maximalLength = 1024

  /// How far it has been looked for the end of a quote at `index` that is not closed.
  static func reach(from index: Int, in text: [UInt8]) -> Int {
    let limit = index + maximalLength
    var end = index
    while end < min(text.count, limit), text[end] != 0x0A, text[end] != 0x0D { end += 1 }
    // The last character may have three bytes.
    return end + 3
  }

  private static func fullWidth(_ scalar: Scalar) -> LookAlike? {
    let byte = UInt8(truncatingIfNeeded: scalar.value - 0xFEE0)
    let kind: SyntaxKind
    switch byte {
    case 0x28: kind = .leftParen
    case 0x29: kind = .rightParen
    case 0x5B: kind = .leftBracket
    case 0x5D: kind = .rightBracket
    case 0x7B: kind = .leftBrace
    case 0x7D: kind = .rightBrace
    case 0x2C: kind = .comma
    case 0x3A: kind = .colon
    case 0x3B: kind = .semicolon
    case 0x3D: kind = .equal
    case 0x2A: kind = .star
    case 0x2B: kind = .plus
    case 0x2D: kind = .minus
    case 0x2F: kind = .slash
    case 0x25: kind = .percent
    case 0x3C: kind = .less
    case 0x3E: kind = .greater
    case 0x40: kind = .at
    // Letters and digits belong to the word around them.
    default: return nil
    }
    return LookAlike(
      kind: kind, length: scalar.length, meant: String(decoding: [byte], as: UTF8.self))
  }

  /// A word with its full-width letters and digits in ASCII and without blanks that cannot be seen.
  static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0xFF01...0xFF5E: plain.append(Unicode.Scalar(UInt8(scalar.value - 0xFEE0)))
      case 0xA0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: plain.append(" ")
      case 0x200B...0x200D, 0x2060, 0xFEFF: continue
      default: plain.append(scalar)
      }
    }
    return String(plain)
  }

  /// A character of two or three bytes.
  private struct Scalar {
    var value: UInt32
    var length: Int

    init?(_ text: [UInt8], _ index: Int) {
      func continuation(_ place: Int) -> UInt32? {
        place < text.count && text[place] & 0xC0 == 0x80 ? UInt32(text[place] & 0x3F) : nil
      }
      let first = text[index]
      guard let second = continuation(index + 1) else { return nil }
      if first & 0xE0 == 0xC0 {
        value = UInt32(first & 0x1F) << 6 | second
        length = 2
      } else if first & 0xF0 == 0xE0, let third = continuation(index + 2) {
        value = UInt32(first & 0x0F) << 12 | second << 6 | third
        length = 3
      } else {
        return nil
      }
    }
  }
}
