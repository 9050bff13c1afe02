/// The patterns of a highlights.scm that is written in kinds of nodes, fields and literal tokens.
struct HighlightQuery: Equatable {
  enum Subject: Hashable {
    /// `(kind)`
    case kind(String)
    /// `(parent field: (kind))`
    case field(parent: String, field: String, kind: String)
    /// `"token"`
    case literal(String)
  }

  struct Rule: Equatable {
    var subject: Subject
    var capture: String
    var line: Int
  }

  var rules: [Rule] = []

  init(_ text: String) throws(CompileError) {
    var reader = Reader(text)
    while let token = reader.next() { try read(token, &reader) }
  }

  private mutating func read(_ first: Reader.Token, _ reader: inout Reader) throws(CompileError) {
    var patterns: [(subject: Subject, capture: String?)] = []
    if first.text == "[", !first.isString {
      while true {
        let token = try reader.required()
        if token.text == "]", !token.isString { break }
        patterns.append(try pattern(token, &reader))
      }
    } else {
      patterns = [try pattern(first, &reader)]
    }
    let capture = patterns.contains { $0.capture == nil } ? try self.capture(&reader) : ""
    for pattern in patterns {
      rules.append(
        Rule(subject: pattern.subject, capture: pattern.capture ?? capture, line: first.line))
    }
  }

  /// A pattern with the capture in it, if there is one.
  private func pattern(
    _ token: Reader.Token, _ reader: inout Reader
  ) throws(CompileError) -> (subject: Subject, capture: String?) {
    if token.isString { return (.literal(token.text), nil) }
    guard token.text == "(" else { throw unsupported(token, "expected a pattern") }
    let kind = try name(&reader)
    let next = try reader.required()
    if next.text == ")" { return (.kind(kind), nil) }
    guard next.text.hasSuffix(":") else { throw unsupported(next, "expected ')' or a field") }
    try expect("(", &reader)
    let inner = try name(&reader)
    try expect(")", &reader)
    let capture = try self.capture(&reader)
    try expect(")", &reader)
    return (.field(parent: kind, field: String(next.text.dropLast()), kind: inner), capture)
  }

  private func capture(_ reader: inout Reader) throws(CompileError) -> String {
    let token = try reader.required()
    guard token.text.hasPrefix("@"), !token.isString else {
      throw unsupported(token, "expected a capture")
    }
    return String(token.text.dropFirst())
  }

  private func expect(_ text: String, _ reader: inout Reader) throws(CompileError) {
    let token = try reader.required()
    guard token.text == text, !token.isString else { throw unsupported(token, "expected \(text)") }
  }

  private func name(_ reader: inout Reader) throws(CompileError) -> String {
    let token = try reader.required()
    guard !token.isString, token.text.utf8.allSatisfy({ isLetter($0) }) else {
      throw unsupported(token, "expected the kind of a node")
    }
    return token.text
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || byte == 0x5F
  }

  private func unsupported(_ token: Reader.Token, _ expected: String) -> CompileError {
    CompileError(
      line: token.line,
      "\(expected), found \(token.text); a pattern is (kind) @capture, "
        + "(kind field: (kind) @capture), \"token\" @capture or several in […]")
  }
}

/// Cuts a query into its tokens.
private struct Reader {
  struct Token {
    var text: String
    var isString = false
    var line: Int
  }

  private let bytes: [UInt8]
  private var index = 0
  private var line = 1

  init(_ text: String) { bytes = Array(text.utf8) }

  mutating func required() throws(CompileError) -> Token {
    guard let token = next() else {
      throw CompileError(line: line, "the file ends inside a pattern")
    }
    return token
  }

  mutating func next() -> Token? {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\n"):
        line += 1
        index += 1
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): index += 1
      case UInt8(ascii: ";"):
        while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "["), UInt8(ascii: "]"):
        index += 1
        return Token(text: text(from: index - 1), line: line)
      case UInt8(ascii: "\""): return string()
      default:
        let start = index
        while index < bytes.count, !Reader.ends(bytes[index]) { index += 1 }
        return Token(text: text(from: start), line: line)
      }
    }
    return nil
  }

  private mutating func string() -> Token {
    let start = index + 1
    index = start
    while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += 1 }
    defer { index += 1 }
    return Token(text: text(from: start), isString: true, line: line)
  }

  private func text(from start: Int) -> String {
    String(decoding: bytes[start..<min(index, bytes.count)], as: UTF8.self)
  }

  private static func ends(_ byte: UInt8) -> Bool {
    byte <= 0x20 || "()[]\";".utf8.contains(byte)
  }
}
