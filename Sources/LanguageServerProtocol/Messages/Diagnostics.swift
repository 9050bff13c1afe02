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
      tags: [DiagnosticTag] = [], related: [RelatedInformation]? = nil
    ) {
      self.range = range
      self.severity = severity
      self.code = code
      self.message = message
      self.tags = tags
      self.related = related
    }

    public var json: JSON {
      var object: JSONObject = [
        "range": range.json, "severity": .integer(severity.rawValue), "code": .string(code),
        "source": "neural", "message": .string(message),
      ]
      if !tags.isEmpty { object.append("tags", .array(tags.map { .integer($0.rawValue) })) }
      object.append("relatedInformation", related?.json)
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
}
