/// A JSON value with the bytes that it stands in, for messages about the file that holds it.
public struct LocatedJSON: Sendable {
  public indirect enum Content: Sendable {
    case object([Member])
    case array([LocatedJSON])
    case scalar(JSON)
  }

  public struct Member: Sendable {
    public var key: String
    /// With its quotes.
    public var keyRange: Range<Int>
    public var value: LocatedJSON
  }

  public var content: Content
  public var range: Range<Int>

  /// Reads one value that fills `bytes`, as `JSON` does.
  public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
    var parser = JSONParser(bytes: bytes)
    parser.skipBlanks()
    self = try parser.locatedValue()
    parser.skipBlanks()
    guard parser.index == bytes.count else {
      throw parser.failure("Something follows the value")
    }
  }

  init(_ content: Content, _ range: Range<Int>) {
    self.content = content
    self.range = range
  }

  public var json: JSON {
    switch content {
    case .object(let members):
      var object = JSONObject()
      for member in members { object.append(member.key, member.value.json) }
      return .object(object)
    case .array(let elements): return .array(elements.map(\.json))
    case .scalar(let value): return value
    }
  }
}

extension JSONParser {
  mutating func locatedValue() throws(JSONSyntaxError) -> LocatedJSON {
    let start = index
    switch current {
    case UInt8(ascii: "{"):
      var members: [LocatedJSON.Member] = []
      try enter()
      while current != UInt8(ascii: "}") {
        if !members.isEmpty { try separator() }
        guard current == UInt8(ascii: "\"") else { throw failure("A key is missing") }
        let keyStart = index
        let key = try string()
        let keyRange = keyStart..<index
        skipBlanks()
        guard current == UInt8(ascii: ":") else { throw failure("A colon is missing") }
        index += 1
        skipBlanks()
        members.append(.init(key: key, keyRange: keyRange, value: try locatedValue()))
        skipBlanks()
      }
      leave()
      return LocatedJSON(.object(members), start..<index)
    case UInt8(ascii: "["):
      var elements: [LocatedJSON] = []
      try enter()
      while current != UInt8(ascii: "]") {
        if !elements.isEmpty { try separator() }
        elements.append(try locatedValue())
        skipBlanks()
      }
      leave()
      return LocatedJSON(.array(elements), start..<index)
    default:
      let value = try value()
      return LocatedJSON(.scalar(value), start..<index)
    }
  }

  private mutating func separator() throws(JSONSyntaxError) {
    guard current == UInt8(ascii: ",") else {
      throw failure("A comma or the end is missing")
    }
    index += 1
    skipBlanks()
  }

  private mutating func leave() {
    index += 1
    depth -= 1
  }
}
