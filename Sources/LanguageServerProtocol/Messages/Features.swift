extension LSP {
  /// `hover`, `completion`: a document and a position.
  public struct PositionParams: Sendable, JSONDecodable {
    public var uri: String
    public var position: Position

    public init(json: JSON) throws(FieldError) {
      uri = try DocumentParams(json: json).uri
      position = try json.field("position")
    }
  }

  /// `inlayHint`: a document and a range.
  public struct RangeParams: Sendable, JSONDecodable {
    public var uri: String
    public var range: Range

    public init(json: JSON) throws(FieldError) {
      uri = try DocumentParams(json: json).uri
      range = try json.field("range")
    }
  }

  public struct CodeActionParams: Sendable, JSONDecodable {
    public var uri: String
    public var range: Range
    /// The kinds asked for; a kind includes those that begin with it and a dot.
    public var only: [String]?

    public init(json: JSON) throws(FieldError) {
      uri = try DocumentParams(json: json).uri
      range = try json.field("range")
      only = try json.optionalField("context", as: Context.self)?.only
    }

    private struct Context: JSONDecodable {
      var only: [String]?
      init(json: JSON) throws(FieldError) { only = try json.optionalField("only") }
    }
  }

  /// What is asked for a thing that was listed before: `codeAction/resolve` and the like.
  public struct ResolveParams: Sendable, JSONDecodable {
    /// The thing as it was listed.
    public var item: JSON
    public var data: JSON
    /// The document that it was listed for.
    public var uri: String

    public init(json: JSON) throws(FieldError) {
      item = json
      data = try json.field("data")
      uri = try data.field("uri")
    }
  }

  public struct Hover: Sendable, JSONEncodable {
    public var contents: MarkupContent
    public var range: Range

    public init(contents: MarkupContent, range: Range) {
      self.contents = contents
      self.range = range
    }

    public var json: JSON { ["contents": contents.json, "range": range.json] }
  }

  public struct InlayHint: Sendable, JSONEncodable {
    public enum Kind: Int, Sendable {
      case type = 1
      case parameter = 2
    }

    public var position: Position
    public var label: String
    public var kind: Kind
    public var tooltip: String?
    /// By what its tooltip is found when it is resolved.
    public var data: JSON?

    public init(
      position: Position, label: String, kind: Kind, tooltip: String?, data: JSON? = nil
    ) {
      self.position = position
      self.label = label
      self.kind = kind
      self.tooltip = tooltip
      self.data = data
    }

    public var json: JSON {
      var object: JSONObject = [
        "position": position.json, "label": .string(label), "kind": .integer(kind.rawValue),
      ]
      object.append("tooltip", tooltip.map(JSON.string))
      object.append(kind == .type ? "paddingLeft" : "paddingRight", true)
      object.append("data", data)
      return .object(object)
    }
  }

  public struct CompletionItem: Sendable, JSONEncodable {
    public enum Kind: Int, Sendable {
      case function = 3
      case variable = 6
      case `class` = 7
      case module = 9
      case property = 10
      case value = 12
      case `enum` = 13
      case keyword = 14
      case snippet = 15
      case file = 17
      case folder = 19
      case constant = 21
      case `operator` = 24
    }

    public var label: String
    public var kind: Kind
    public var detail: String?
    public var documentation: MarkupContent?
    public var sortText: String?
    public var filterText: String?
    public var commitCharacters: [String]
    public var isSnippet: Bool
    public var textEdit: TextEdit
    /// By what its documentation is found when it is resolved.
    public var data: JSON?

    public init(
      label: String, kind: Kind, detail: String?, documentation: MarkupContent?, sortText: String?,
      filterText: String?, commitCharacters: [String] = [], isSnippet: Bool, textEdit: TextEdit
    ) {
      self.label = label
      self.kind = kind
      self.detail = detail
      self.documentation = documentation
      self.sortText = sortText
      self.filterText = filterText
      self.commitCharacters = commitCharacters
      self.isSnippet = isSnippet
      self.textEdit = textEdit
    }

    public var json: JSON {
      var object: JSONObject = ["label": .string(label), "kind": .integer(kind.rawValue)]
      object.append("detail", detail.map(JSON.string))
      object.append("documentation", documentation?.json)
      object.append("sortText", sortText.map(JSON.string))
      object.append("filterText", filterText.map(JSON.string))
      if !commitCharacters.isEmpty { object.append("commitCharacters", commitCharacters.json) }
      if isSnippet { object.append("insertTextFormat", 2) }
      object.append("textEdit", textEdit.json)
      object.append("data", data)
      return .object(object)
    }
  }

  public struct CodeAction: Sendable, JSONEncodable {
    public var title: String
    public var kind: String
    public var isPreferred: Bool
    public var diagnostics: [Diagnostic]
    public var edit: WorkspaceEdit?
    public var command: Command?
    /// By what its edit is found when it is resolved.
    public var data: JSON?

    public init(
      title: String, kind: String, isPreferred: Bool, diagnostics: [Diagnostic],
      edit: WorkspaceEdit?, command: Command?, data: JSON? = nil
    ) {
      self.title = title
      self.kind = kind
      self.isPreferred = isPreferred
      self.diagnostics = diagnostics
      self.edit = edit
      self.command = command
      self.data = data
    }

    public var json: JSON {
      var object: JSONObject = ["title": .string(title), "kind": .string(kind)]
      if isPreferred { object.append("isPreferred", true) }
      if !diagnostics.isEmpty { object.append("diagnostics", diagnostics.json) }
      object.append("edit", edit?.json)
      object.append("command", command?.json)
      object.append("data", data)
      return .object(object)
    }
  }
}
