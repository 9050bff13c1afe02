extension LSP {
  /// An entry of an outline.
  public struct DocumentSymbol: Sendable, JSONEncodable {
    /// Those that the first version of the protocol had, so that every client knows them.
    public enum Kind: Int, Sendable {
      case module = 2
      case namespace = 3
      case `class` = 5
      case property = 7
      case field = 8
      case function = 12
      case variable = 13
      case constant = 14
    }

    public var name: String
    public var detail: String?
    public var kind: Kind
    public var range: Range
    public var selectionRange: Range
    public var children: [DocumentSymbol]

    public init(
      name: String, detail: String?, kind: Kind, range: Range, selectionRange: Range,
      children: [DocumentSymbol]
    ) {
      self.name = name
      self.detail = detail
      self.kind = kind
      self.range = range
      self.selectionRange = selectionRange
      self.children = children
    }

    public var json: JSON {
      var object: JSONObject = ["name": .string(name), "kind": .integer(kind.rawValue)]
      object.append("detail", detail.map(JSON.string))
      object.append("range", range.json)
      object.append("selectionRange", selectionRange.json)
      if !children.isEmpty { object.append("children", children.json) }
      return .object(object)
    }

    /// This one and all that it holds one after the other, for a client whose outline has one level.
    public func flat(uri: String, container: String? = nil) -> [JSON] {
      var object: JSONObject = ["name": .string(name), "kind": .integer(kind.rawValue)]
      object.append("location", Location(uri: uri, range: range).json)
      object.append("containerName", container.map(JSON.string))
      return [.object(object)] + children.flatMap { $0.flat(uri: uri, container: name) }
    }
  }

  public struct FoldingRange: Sendable, Equatable, JSONEncodable {
    /// Absent lines have no character: the whole line is meant.
    public var start: Position
    public var end: Position
    public var hasCharacters: Bool
    /// `comment` or `imports`.
    public var kind: String?

    public init(start: Position, end: Position, hasCharacters: Bool, kind: String?) {
      self.start = start
      self.end = end
      self.hasCharacters = hasCharacters
      self.kind = kind
    }

    public var json: JSON {
      var object: JSONObject = ["startLine": .integer(start.line), "endLine": .integer(end.line)]
      if hasCharacters {
        object.append("startCharacter", .integer(start.character))
        object.append("endCharacter", .integer(end.character))
      }
      object.append("kind", kind.map(JSON.string))
      return .object(object)
    }
  }

  public struct SelectionRangeParams: Sendable, JSONDecodable {
    public var uri: String
    public var positions: [Position]

    public init(json: JSON) throws(FieldError) {
      uri = try DocumentParams(json: json).uri
      positions = try json.field("positions")
    }
  }

  public struct ReferenceParams: Sendable, JSONDecodable {
    public var uri: String
    public var position: Position
    public var includesDeclaration: Bool

    public init(json: JSON) throws(FieldError) {
      let place = try PositionParams(json: json)
      (uri, position) = (place.uri, place.position)
      let context = try json.optionalField("context", as: JSON.self)
      includesDeclaration = try context?.optionalField("includeDeclaration", as: Bool.self) ?? true
    }
  }

  /// `callHierarchy/incomingCalls`, `callHierarchy/outgoingCalls`: an item that was told of before.
  public struct CallHierarchyParams: Sendable, JSONDecodable {
    public var uri: String
    public var selection: Range

    public init(json: JSON) throws(FieldError) {
      let item: JSON = try json.field("item")
      uri = try item.field("uri")
      selection = try item.field("selectionRange")
    }
  }

  public struct RenameParams: Sendable, JSONDecodable {
    public var uri: String
    public var position: Position
    public var newName: String

    public init(json: JSON) throws(FieldError) {
      let place = try PositionParams(json: json)
      (uri, position) = (place.uri, place.position)
      newName = try json.field("newName")
    }
  }

  public struct DocumentHighlight: Sendable, JSONEncodable {
    public var range: Range
    public var isWrite: Bool

    public init(range: Range, isWrite: Bool) {
      self.range = range
      self.isWrite = isWrite
    }

    public var json: JSON { ["range": range.json, "kind": isWrite ? 3 : 2] }
  }
}
