extension LSP {
  /// Edits of several documents and files that do not exist yet.
  public struct WorkspaceEdit: Sendable, JSONEncodable {
    public enum Change: Sendable {
      case create(uri: String, overwrite: Bool)
      /// `version` is the one that the edits were made for, absent for a file that is not open.
      case edit(uri: String, version: Int?, edits: [TextEdit])
    }

    public var changes: [Change]
    /// Whether the client reads `documentChanges`; without, there are no versions and no new files.
    public var usesDocumentChanges: Bool

    public init(changes: [Change], usesDocumentChanges: Bool) {
      self.changes = changes
      self.usesDocumentChanges = usesDocumentChanges
    }

    public var json: JSON {
      usesDocumentChanges
        ? ["documentChanges": .array(changes.map(documentChange))] : ["changes": .object(plain)]
    }

    private func documentChange(_ change: Change) -> JSON {
      switch change {
      case .create(let uri, let overwrite):
        [
          "kind": "create", "uri": .string(uri),
          "options": ["overwrite": .boolean(overwrite), "ignoreIfExists": false],
        ]
      case .edit(let uri, let version, let edits):
        [
          "textDocument": ["uri": .string(uri), "version": version.map(JSON.integer) ?? .null],
          "edits": edits.json,
        ]
      }
    }

    private var plain: JSONObject {
      var object = JSONObject()
      for case .edit(let uri, _, let edits) in changes { object.append(uri, edits.json) }
      return object
    }
  }

  public struct ApplyEditParams: Sendable, JSONEncodable {
    public var label: String
    public var edit: WorkspaceEdit

    public init(label: String, edit: WorkspaceEdit) {
      self.label = label
      self.edit = edit
    }

    public var json: JSON { ["label": .string(label), "edit": edit.json] }
  }

  public struct ExecuteCommandParams: Sendable, JSONDecodable {
    public var command: String
    public var arguments: [JSON]

    public init(json: JSON) throws(FieldError) {
      command = try json.field("command")
      arguments = try json.optionalField("arguments") ?? []
    }
  }

  /// What `neural.generate` is asked for.
  public struct GenerateArguments: Sendable, JSONDecodable, JSONEncodable {
    public var uri: String
    /// All networks of the file where it is absent.
    public var network: String?
    public var target: String

    public init(uri: String, network: String?, target: String) {
      self.uri = uri
      self.network = network
      self.target = target
    }

    public init(json: JSON) throws(FieldError) {
      uri = try json.field("uri")
      network = try json.optionalField("network")
      target = try json.field("target")
    }

    public var json: JSON {
      var object: JSONObject = ["uri": .string(uri)]
      object.append("network", network.map(JSON.string))
      object.append("target", .string(target))
      return .object(object)
    }
  }

  /// `neural/preview`: what generating would write.
  public struct PreviewParams: Sendable, JSONDecodable {
    public var uri: String
    public var network: String?
    public var target: String

    public init(json: JSON) throws(FieldError) {
      uri = try DocumentParams(json: json).uri
      network = try json.optionalField("network")
      target = try json.field("target")
    }
  }

  public struct DidChangeConfigurationParams: Sendable, JSONDecodable {
    public var settings: JSON

    public init(json: JSON) throws(FieldError) { settings = json["settings"] ?? .null }
  }

  public struct CancelParams: Sendable, JSONDecodable {
    public var id: RequestID

    public init(json: JSON) throws(FieldError) { id = try json.field("id") }
  }

  public struct WorkspaceSymbolParams: Sendable, JSONDecodable {
    public var query: String

    public init(json: JSON) throws(FieldError) { query = try json.field("query") }
  }

  /// `workspace/willRenameFiles`: URIs of files and folders.
  public struct RenameFilesParams: Sendable, JSONDecodable {
    public var files: [File]

    public struct File: Sendable, JSONDecodable {
      public var old: String
      public var new: String

      public init(json: JSON) throws(FieldError) {
        old = try json.field("oldUri")
        new = try json.field("newUri")
      }
    }

    public init(json: JSON) throws(FieldError) { files = try json.field("files") }
  }

  /// `window/workDoneProgress/cancel`.
  public struct ProgressParams: Sendable, JSONDecodable {
    public var token: JSON

    public init(json: JSON) throws(FieldError) { token = try json.field("token") }
  }

  public struct SetTraceParams: Sendable, JSONDecodable {
    public var value: String

    public init(json: JSON) throws(FieldError) { value = try json.field("value") }
  }

  /// A request or a notification without parameters; whatever is sent with it is ignored.
  public struct NoParams: Sendable, JSONDecodable {
    public init(json: JSON) {}
  }

  public enum MessageType: Int, Sendable {
    case error = 1
    case warning = 2
    case info = 3
    case log = 4
  }

  public struct ShowMessageParams: Sendable, JSONEncodable {
    public var type: MessageType
    public var message: String
    /// Titles of the buttons of `window/showMessageRequest`.
    public var actions: [String]?

    public init(type: MessageType, message: String, actions: [String]? = nil) {
      self.type = type
      self.message = message
      self.actions = actions
    }

    public var json: JSON {
      var object: JSONObject = ["type": .integer(type.rawValue), "message": .string(message)]
      object.append("actions", actions.map { .array($0.map { ["title": .string($0)] }) })
      return .object(object)
    }
  }
}
