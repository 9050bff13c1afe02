extension LSP {
  public struct DidOpenParams: Sendable, JSONDecodable {
    public var uri: String
    public var version: Int
    public var text: String

    public init(json: JSON) throws(FieldError) {
      let document: JSON = try json.field("textDocument")
      do throws(FieldError) {
        uri = try document.field("uri")
        version = try document.optionalField("version") ?? 0
        text = try document.field("text")
      } catch {
        throw error.inside("textDocument")
      }
    }
  }

  /// A piece of text that replaces a range, or everything where there is no range.
  public struct ContentChange: Sendable, JSONDecodable {
    public var range: Range?
    public var text: String

    public init(range: Range?, text: String) {
      self.range = range
      self.text = text
    }

    public init(json: JSON) throws(FieldError) {
      range = try json.optionalField("range")
      text = try json.field("text")
    }
  }

  public struct DidChangeParams: Sendable, JSONDecodable {
    public var uri: String
    public var version: Int?
    public var changes: [ContentChange]

    public init(json: JSON) throws(FieldError) {
      let document: VersionedDocument = try json.field("textDocument")
      uri = document.uri
      version = document.version
      changes = try json.field("contentChanges")
    }
  }

  /// `didSave`, `didClose`, `diagnostic`: a document and nothing else that matters here.
  public struct DocumentParams: Sendable, JSONDecodable {
    public var uri: String

    public init(json: JSON) throws(FieldError) {
      uri = try json.field("textDocument", as: VersionedDocument.self).uri
    }
  }

  struct VersionedDocument: JSONDecodable {
    var uri: String
    var version: Int?

    init(json: JSON) throws(FieldError) {
      uri = try json.field("uri")
      version = try json.optionalField("version")
    }
  }

  public struct WatchedFilesParams: Sendable, JSONDecodable {
    public var uris: [String]

    public init(json: JSON) throws(FieldError) {
      uris = try json.field("changes", as: [Change].self).map(\.uri)
    }

    private struct Change: JSONDecodable {
      var uri: String
      init(json: JSON) throws(FieldError) { uri = try json.field("uri") }
    }
  }
}
