import LanguageServerProtocol
import NeuralModel

/// A text with the starts of its lines, which end in `\n`, `\r\n` or `\r`.
public struct PlainText: TextDocument {
  public let bytes: [UInt8]
  /// The first byte of each line.
  public let lineStarts: [Int]

  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    var starts = [0]
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\n") {
        starts.append(index)
      } else if byte == UInt8(ascii: "\r") {
        if index < bytes.count, bytes[index] == UInt8(ascii: "\n") { index += 1 }
        starts.append(index)
      }
    }
    lineStarts = starts
  }

  public var byteCount: Int { bytes.count }

  /// The line, from 0, that a byte is on.
  public func line(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// The bytes of a line without its end.
  public func contents(ofLine line: Int) -> Range<Int> {
    let start = lineStarts[line]
    var end = line + 1 < lineStarts.count ? lineStarts[line + 1] : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\n") { end -= 1 }
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }

  public func offset(of position: LSP.Position, in encoding: LSP.PositionEncoding) -> Int {
    guard position.line < lineStarts.count else { return bytes.count }
    let line = contents(ofLine: max(position.line, 0))
    var offset = line.lowerBound
    var column = 0
    while offset < line.upperBound {
      let length = min(Self.length(of: bytes[offset]), line.upperBound - offset)
      let width = Self.width(ofLength: length, in: encoding)
      // A position inside a character is the one before it.
      if column + width > position.character { break }
      column += width
      offset += length
    }
    return offset
  }

  public func position(at offset: Int, in encoding: LSP.PositionEncoding) -> LSP.Position {
    let offset = min(max(offset, 0), bytes.count)
    let line = line(at: offset)
    let end = min(offset, contents(ofLine: line).upperBound)
    var index = lineStarts[line]
    var column = 0
    while index < end {
      let length = Self.length(of: bytes[index])
      // A byte inside a character has the position of its start.
      if length > end - index { break }
      column += Self.width(ofLength: length, in: encoding)
      index += length
    }
    return LSP.Position(line: line, character: column)
  }

  /// How many bytes the character has that starts with this one; 1 where none starts.
  private static func length(of byte: UInt8) -> Int {
    switch byte {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }

  private static func width(ofLength length: Int, in encoding: LSP.PositionEncoding) -> Int {
    switch encoding {
    case .utf8: length
    case .utf16: length == 4 ? 2 : 1
    case .utf32: 1
    }
  }
}

/// A service that keeps texts and finds nothing in them: what is left of a server without a
/// language, to measure against and to build on.
public struct TextOnlyService: LanguageService, LanguageSnapshot {
  private var documents: [String: PlainText] = [:]

  public init() {}

  public var features: LanguageFeatures { [] }

  public mutating func open(_ path: String, text: [UInt8]) { documents[path] = PlainText(text) }

  public mutating func replace(_ path: String, _ range: Range<Int>, with text: [UInt8]) {
    guard var bytes = documents[path]?.bytes else { return }
    bytes.replaceSubrange(range.clamped(to: 0..<bytes.count), with: text)
    documents[path] = PlainText(bytes)
  }

  public mutating func close(_ path: String) { documents[path] = nil }

  public mutating func fileChanged(_ path: String) {}

  public func document(_ path: String) -> (any TextDocument)? { documents[path] }

  public func snapshot() -> any LanguageSnapshot { self }

  public func path(of file: FileID) -> String? { nil }

  public func diagnostics(_ path: String) -> [Diagnostic] { [] }
}
