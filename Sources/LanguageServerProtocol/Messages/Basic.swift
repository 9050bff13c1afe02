/// The structures of the Language Server Protocol 3.17 that this server reads and writes, under
/// the protocol's own names.
public enum LSP {}

extension LSP {
  /// What `character` counts.
  public enum PositionEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case utf16 = "utf-16"
    case utf32 = "utf-32"
  }

  /// A line and a place in it, both from 0. Never negative: what a client sends is clamped.
  public struct Position: Sendable, Hashable, Comparable, JSONDecodable, JSONEncodable {
    public var line: Int
    public var character: Int

    public init(line: Int, character: Int) {
      self.line = line
      self.character = character
    }

    public init(json: JSON) throws(FieldError) {
      // The protocol's numbers end at 2³¹; larger ones only invite overflow.
      line = min(max(try json.field("line", as: Int.self), 0), Int(Int32.max))
      character = min(max(try json.field("character", as: Int.self), 0), Int(Int32.max))
    }

    public var json: JSON { ["line": .integer(line), "character": .integer(character)] }

    public static func < (left: Position, right: Position) -> Bool {
      (left.line, left.character) < (right.line, right.character)
    }
  }

  /// From one position to another, which some clients send the wrong way round.
  public struct Range: Sendable, Hashable, JSONDecodable, JSONEncodable {
    public var start: Position
    public var end: Position

    public init(start: Position, end: Position) {
      self.start = start
      self.end = end
    }

    public init(json: JSON) throws(FieldError) {
      start = try json.field("start")
      end = try json.field("end")
    }

    public var json: JSON { ["start": start.json, "end": end.json] }
  }

  public struct Location: Sendable, Hashable, JSONEncodable {
    public var uri: String
    public var range: Range

    public init(uri: String, range: Range) {
      self.uri = uri
      self.range = range
    }

    public var json: JSON { ["uri": .string(uri), "range": range.json] }
  }

  public struct TextEdit: Sendable, Hashable, JSONEncodable {
    public var range: Range
    public var newText: String

    public init(range: Range, newText: String) {
      self.range = range
      self.newText = newText
    }

    public var json: JSON { ["range": range.json, "newText": .string(newText)] }
  }

  public struct Command: Sendable, JSONEncodable {
    public var title: String
    public var command: String
    public var arguments: [JSON]

    public init(title: String, command: String, arguments: [JSON]) {
      self.title = title
      self.command = command
      self.arguments = arguments
    }

    public var json: JSON {
      ["title": .string(title), "command": .string(command), "arguments": .array(arguments)]
    }
  }

  /// Markdown, or plain text for a client that shows no Markdown.
  public struct MarkupContent: Sendable, JSONEncodable {
    public var isMarkdown: Bool
    public var value: String

    public init(isMarkdown: Bool, value: String) {
      self.isMarkdown = isMarkdown
      self.value = value
    }

    public var json: JSON {
      ["kind": isMarkdown ? "markdown" : "plaintext", "value": .string(value)]
    }
  }
}
