/// Why bytes are not JSON, and where.
public struct JSONSyntaxError: Error, Equatable, CustomStringConvertible {
  public var reason: String
  /// The byte at which it shows.
  public var offset: Int

  public var description: String { "\(reason) at byte \(offset)" }
}

extension JSON {
  /// How deep arrays and objects may nest. Reading recurses, so a limit keeps the stack bounded.
  public static let depthLimit = 256

  /// Reads one value that fills `bytes`, as RFC 8259 has it.
  ///
  /// A lone surrogate in an escape, which JavaScript can write, becomes U+FFFD: it is one UTF-16
  /// unit too, so positions behind it keep their meaning.
  public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}

struct JSONParser {
  let bytes: [UInt8]
  var index = 0
  var depth = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONSyntaxError) -> JSON {
    skipBlanks()
    let value = try value()
    skipBlanks()
    guard index == bytes.count else { throw failure("Something follows the value") }
    return value
  }

  func failure(_ reason: String) -> JSONSyntaxError {
    JSONSyntaxError(reason: reason, offset: min(index, bytes.count))
  }

  /// The byte at `index`, 0 at the end: 0 is no byte that the grammar allows outside of strings.
  var current: UInt8 { index < bytes.count ? bytes[index] : 0 }

  mutating func skipBlanks() {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default: return
      }
    }
  }

  mutating func value() throws(JSONSyntaxError) -> JSON {
    switch current {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure(index < bytes.count ? "No value starts here" : "A value is missing")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
    let text = "\(word)".utf8
    guard bytes.count - index >= text.count, bytes[index..<index + text.count].elementsEqual(text)
    else { throw failure("No value starts here") }
    index += text.count
    return value
  }

  mutating func enter() throws(JSONSyntaxError) {
    depth += 1
    if depth > JSON.depthLimit { throw failure("Nested more than \(JSON.depthLimit) deep") }
    index += 1
    skipBlanks()
  }

  private mutating func object() throws(JSONSyntaxError) -> JSON {
    try enter()
    var object = JSONObject()
    if current == UInt8(ascii: "}") {
      index += 1
      depth -= 1
      return .object(object)
    }
    while true {
      guard current == UInt8(ascii: "\"") else { throw failure("A key is missing") }
      let key = try string()
      skipBlanks()
      guard current == UInt8(ascii: ":") else { throw failure("A colon is missing") }
      index += 1
      skipBlanks()
      object.append(key, try value())
      skipBlanks()
      if current == UInt8(ascii: ",") {
        index += 1
        skipBlanks()
      } else if current == UInt8(ascii: "}") {
        index += 1
        depth -= 1
        return .object(object)
      } else {
        throw failure("A comma or the end of the object is missing")
      }
    }
  }

  private mutating func array() throws(JSONSyntaxError) -> JSON {
    try enter()
    var elements: [JSON] = []
    if current == UInt8(ascii: "]") {
      index += 1
      depth -= 1
      return .array(elements)
    }
    while true {
      elements.append(try value())
      skipBlanks()
      if current == UInt8(ascii: ",") {
        index += 1
        skipBlanks()
      } else if current == UInt8(ascii: "]") {
        index += 1
        depth -= 1
        return .array(elements)
      } else {
        throw failure("A comma or the end of the array is missing")
      }
    }
  }

  private mutating func number() throws(JSONSyntaxError) -> JSON {
    let start = index
    let isNegative = current == UInt8(ascii: "-")
    if isNegative { index += 1 }
    let digits = index
    var magnitude = 0
    var fits = true
    while case UInt8(ascii: "0")...UInt8(ascii: "9") = current {
      let digit = Int(current - UInt8(ascii: "0"))
      // Counted downwards, because the least integer has no positive counterpart.
      let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.subtractingReportingOverflow(digit)
      fits = fits && !overflow && !carried
      magnitude = sum
      index += 1
    }
    if index == digits { throw failure("A digit is missing") }
    if index - digits > 1, bytes[digits] == UInt8(ascii: "0") {
      throw failure("A number starts with 0")
    }
    var isInteger = true
    if current == UInt8(ascii: ".") {
      isInteger = false
      index += 1
      try skipDigits()
    }
    if current | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      index += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
      try skipDigits()
    }
    if isInteger, fits {
      if isNegative, magnitude != 0 { return .integer(magnitude) }
      if !isNegative, magnitude != Int.min { return .integer(-magnitude) }
    }
    guard let value = Double(String(decoding: bytes[start..<index], as: UTF8.self)), value.isFinite
    else { throw failure("A number is too large") }
    return .double(value)
  }

  private mutating func skipDigits() throws(JSONSyntaxError) {
    let start = index
    while case UInt8(ascii: "0")...UInt8(ascii: "9") = current { index += 1 }
    if index == start { throw failure("A digit is missing") }
  }

  mutating func string() throws(JSONSyntaxError) -> String {
    index += 1
    let start = index
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        guard let text = String(validating: bytes[start..<index], as: UTF8.self) else {
          index = start
          throw failure("A string is not valid UTF-8")
        }
        index += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try stringWithEscapes(from: start) }
      if byte < 0x20 { throw failure("A control character stands in a string") }
      index += 1
    }
    throw failure("A string does not end")
  }

  /// The slow way; `index` stands at the first backslash.
  private mutating func stringWithEscapes(from start: Int) throws(JSONSyntaxError) -> String {
    var text = Array(bytes[start..<index])
    while index < bytes.count {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: "\""):
        guard let result = String(validating: text, as: UTF8.self) else {
          index = start
          throw failure("A string is not valid UTF-8")
        }
        index += 1
        return result
      case UInt8(ascii: "\\"):
        index += 1
        try escape(into: &text)
      case 0..<0x20: throw failure("A control character stands in a string")
      default:
        text.append(byte)
        index += 1
      }
    }
    throw failure("A string does not end")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
    switch current {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(current)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      index += 1
      let unit = try hexadecimal()
      var scalar = UInt32(unit)
      if case 0xD800...0xDBFF = unit, index + 1 < bytes.count,
        bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
      {
        let after = index
        index += 2
        let low = try hexadecimal()
        if case 0xDC00...0xDFFF = low {
          scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        } else {
          index = after
        }
      }
      text.append(contentsOf: (Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
      return
    default: throw failure("An escape is not one that JSON has")
    }
    index += 1
  }

  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      let digit: UInt8
      switch current {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = current - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = current - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = current - UInt8(ascii: "A") + 10
      default: throw failure("A \\u escape needs four hexadecimal digits")
      }
      unit = unit << 4 | UInt16(digit)
      index += 1
    }
    return unit
  }
}
