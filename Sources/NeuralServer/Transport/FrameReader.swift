/// Cuts a stream of bytes into the messages that `Content-Length` headers announce.
///
/// What is no header is reported once, and reading goes on at the next thing that is certainly one:
/// a line `Content-Length: n`. Inside a JSON string a line cannot end, so no message is mistaken for
/// one.
public struct FrameReader: Sendable {
  /// The largest message that is read.
  public static let lengthLimit = 256 << 20
  /// The largest block of headers that is read.
  public static let headerLimit = 64 << 10

  public enum Frame: Sendable, Equatable {
    case message([UInt8])
    /// Bytes that are no message, and what is wrong with them.
    case problem(String)
  }

  private enum State {
    case header
    case body(length: Int)
    /// After a problem: what comes next is skipped up to a header.
    case lost
  }

  private var state = State.header
  private var buffer: [UInt8] = []
  /// Bytes of `buffer` before this one are done with.
  private var start = 0
  /// Bytes of the header block that are known not to end it.
  private var scanned = 0

  public init() {}

  public mutating func append(_ bytes: some Collection<UInt8>) {
    if start > 0, start >= buffer.count / 2 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next message or problem, absent until more bytes are there.
  public mutating func next() -> Frame? {
    while true {
      switch state {
      case .body(let length):
        guard buffer.count - start >= length else { return nil }
        let message = Array(buffer[start..<start + length])
        consume(length)
        state = .header
        return .message(message)
      case .lost:
        guard findHeader() else { return nil }
        state = .header
      case .header:
        guard let block = headerBlock() else {
          guard buffer.count - start > Self.headerLimit else { return nil }
          return lose("A header block is longer than \(Self.headerLimit) bytes.")
        }
        switch Header(lines: buffer[start..<block]) {
        case .blank: consume(block - start)
        case .length(let length):
          consume(block - start)
          state = .body(length: length)
        case .problem(let problem): return lose(problem)
        }
      }
    }
  }

  /// What the end of the stream cut off.
  public var isInsideMessage: Bool {
    if case .body = state { return true }
    return false
  }

  private mutating func consume(_ count: Int) {
    start += count
    scanned = 0
    if start == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
      start = 0
    }
  }

  private mutating func lose(_ problem: String) -> Frame {
    // From the second byte on, because what stands at the first one is what failed.
    consume(1)
    state = .lost
    return .problem(problem)
  }

  /// The index behind the empty line that ends the headers.
  private mutating func headerBlock() -> Int? {
    var index = start + scanned
    while index < buffer.count {
      if buffer[index] == UInt8(ascii: "\n") {
        var lineStart = index
        if lineStart > start, buffer[lineStart - 1] == UInt8(ascii: "\r") { lineStart -= 1 }
        if lineStart == start || buffer[lineStart - 1] == UInt8(ascii: "\n") { return index + 1 }
      }
      index += 1
    }
    scanned = index - start
    return nil
  }

  /// Moves on to a line that gives a usable length, or else to what may become one.
  private mutating func findHeader() -> Bool {
    var index = start
    while index < buffer.count {
      switch Header.match(buffer[index...]) {
      case .full:
        consume(index - start)
        return true
      case .partial:
        consume(index - start)
        return false
      case .none: index += 1
      }
    }
    consume(buffer.count - start)
    return false
  }
}

/// What a block of header lines says.
enum Header: Equatable {
  /// Nothing but empty lines.
  case blank
  case length(Int)
  case problem(String)

  init(lines: ArraySlice<UInt8>) {
    var length: Int?
    var isBlank = true
    // Lines that are no headers, or headers of another name, say nothing about the length.
    for var line in lines.split(separator: UInt8(ascii: "\n")) {
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
      if line.isEmpty { continue }
      isBlank = false
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
        Self.isLengthName(line[..<colon])
      else { continue }
      let value = Self.trimmed(line[(colon + 1)...])
      guard let number = Self.number(value) else {
        self = .problem(
          "Content-Length is \(String(decoding: value.prefix(40), as: UTF8.self)), "
            + "not a number from 0 to \(FrameReader.lengthLimit).")
        return
      }
      if let length, length != number {
        self = .problem("Content-Length is given twice, as \(length) and as \(number).")
        return
      }
      length = number
    }
    if let length {
      self = .length(length)
    } else {
      self = isBlank ? .blank : .problem("Content-Length is missing.")
    }
  }

  enum Match { case full, partial, none }

  /// Whether a line with a usable length starts here, or whether too little is there to say so.
  static func match(_ bytes: ArraySlice<UInt8>) -> Match {
    var index = bytes.startIndex
    for expected in lengthName {
      if index == bytes.endIndex { return .partial }
      if lowercase(bytes[index]) != expected { return .none }
      index += 1
    }
    let line = bytes[index...].prefix(64)
    guard let end = line.firstIndex(of: UInt8(ascii: "\n")) else {
      return line.count < 64 ? .partial : .none
    }
    var value = line[..<end]
    if value.last == UInt8(ascii: "\r") { value.removeLast() }
    value = trimmed(value)
    guard value.first == UInt8(ascii: ":") else { return .none }
    return number(trimmed(value.dropFirst())) == nil ? .none : .full
  }

  private static let lengthName = Array("content-length".utf8)

  private static func lowercase(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  private static func isLengthName(_ name: ArraySlice<UInt8>) -> Bool {
    trimmed(name).lazy.map(lowercase).elementsEqual(lengthName)
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    var bytes = bytes.drop(while: isBlank)
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return bytes
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 18 else { return nil }
    var number = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      number = number * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return number <= FrameReader.lengthLimit ? number : nil
  }
}
