extension LSP {
  public enum DiagnosticSeverity: Int, Sendable {
    case error = 1
    case warning = 2
    case information = 3
    case hint = 4
  }

  public enum DiagnosticTag: Int, Sendable {
    case unnecessary = 1
    case deprecated = 2
  }

  public struct Diagnostic: Sendable, Equatable, JSONEncodable {
    public var range: Range
    public var severity: DiagnosticSeverity
    public var code: String
    public var message: String
    public var tags: [DiagnosticTag]
    public var related: [RelatedInformation]?
    /// The page of its code.
    public var href: String?
    /// What comes back with a request for code actions.
    public var data: JSON?

    public struct RelatedInformation: Sendable, Equatable, JSONEncodable {
      public var location: Location
      public var message: String

      public init(location: Location, message: String) {
        self.location = location
        self.message = message
      }

      public var json: JSON { ["location": location.json, "message": .string(message)] }
    }

    public init(
      range: Range, severity: DiagnosticSeverity, code: String, message: String,
      tags: [DiagnosticTag] = [], related: [RelatedInformation]? = nil, href: String? = nil,
      data: JSON? = nil
    ) {
      self.range = range
      self.severity = severity
      self.code = code
      self.message = message
      self.tags = tags
      self.related = related
      self.href = href
      self.data = data
    }

    public var json: JSON {
      var object: JSONObject = [
        "range": range.json, "severity": .integer(severity.rawValue), "code": .string(code),
        "source": "neural", "message": .string(message),
      ]
      object.append("codeDescription", href.map { ["href": .string($0)] })
      if !tags.isEmpty { object.append("tags", .array(tags.map { .integer($0.rawValue) })) }
      object.append("relatedInformation", related?.json)
      object.append("data", data)
      return .object(object)
    }
  }

  public struct PublishDiagnosticsParams: Sendable, JSONEncodable {
    public var uri: String
    public var version: Int?
    public var diagnostics: [Diagnostic]

    public init(uri: String, version: Int?, diagnostics: [Diagnostic]) {
      self.uri = uri
      self.version = version
      self.diagnostics = diagnostics
    }

    public var json: JSON {
      var object: JSONObject = ["uri": .string(uri)]
      object.append("version", version.map(JSON.integer))
      object.append("diagnostics", diagnostics.json)
      return .object(object)
    }
  }

  /// `textDocument/diagnostic`: a document, and which report of it the client has.
  public struct DocumentDiagnosticParams: Sendable, JSONDecodable {
    public var uri: String
    public var previousResultID: String?

    public init(json: JSON) throws(FieldError) {
      uri = try DocumentParams(json: json).uri
      previousResultID = try json.optionalField("previousResultId")
    }
  }

  /// `workspace/diagnostic`: which reports the client has.
  public struct WorkspaceDiagnosticParams: Sendable, JSONDecodable {
    /// By URI.
    public var previousResultIDs: [String: String] = [:]
    /// Under which parts of the answer may be told before the rest is known.
    public var partialResultToken: JSON?

    public init(json: JSON) throws(FieldError) {
      for one in try json.optionalField("previousResultIds", as: [JSON].self) ?? [] {
        previousResultIDs[try one.field("uri")] = try one.field("value", as: String.self)
      }
      partialResultToken = try json.optionalField("partialResultToken")
    }
  }

  /// The findings of one document, or that they are those of an earlier report.
  public struct DiagnosticReport: Sendable, Equatable {
    public var resultID: String
    public var items: [Diagnostic]

    public init(items: [Diagnostic]) {
      self.items = items
      // What is equal has the same name, whoever asks and when: nothing is to be remembered.
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in items.json.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      resultID = String(hash, radix: 36)
    }

    /// The members of a report to a client that has the one of `previous`.
    public func members(previous: String?) -> JSONObject {
      if previous == resultID { return ["kind": "unchanged", "resultId": .string(resultID)] }
      return ["kind": "full", "resultId": .string(resultID), "items": items.json]
    }
  }
}
