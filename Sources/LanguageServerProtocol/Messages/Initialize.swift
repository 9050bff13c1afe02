extension LSP {
  public struct InitializeParams: Sendable, JSONDecodable {
    /// The process that started the server; when it ends, the server ends.
    public var processID: Int?
    public var capabilities: ClientCapabilities
    public var initializationOptions: JSON
    /// The first workspace folder, or `rootUri` of older clients.
    public var root: String?

    public init(json: JSON) throws(FieldError) {
      processID = try json.optionalField("processId")
      capabilities = ClientCapabilities(json: json["capabilities"] ?? .null)
      initializationOptions = json["initializationOptions"] ?? .null
      if case .array(let folders)? = json["workspaceFolders"],
        case .string(let uri)? = folders.first?["uri"]
      {
        root = uri
      } else if case .string(let uri)? = json["rootUri"] {
        root = uri
      }
    }
  }

  /// What a client can do. A malformed capability is one that the client does not have: refusing to
  /// start over it would help nobody.
  public struct ClientCapabilities: Sendable {
    /// In the client's order of preference.
    public var positionEncodings: [String] = []
    public var appliesEdits = false
    public var documentChanges = false
    public var createsFiles = false
    public var configuration = false
    public var refreshesInlayHints = false
    public var pullsDiagnostics = false
    public var refreshesDiagnostics = false
    public var relatedInformation = false
    public var hoverMarkdown = false
    public var completionMarkdown = false
    public var snippets = false
    public var codeActionLiterals = false
    public var codeActionPreferred = false
    public var watchesFiles = false
    public var asksWithMessages = false
    public var hierarchicalSymbols = false
    public var foldsLinesOnly = false
    public var foldLimit = Int.max
    public var preparesRename = false
    public var signatureMarkdown = false
    /// It takes a parameter's place in the label instead of its text.
    public var signatureOffsets = false
    /// Absent where the client shows none.
    public var semanticTokens: SemanticTokens?

    public struct SemanticTokens: Sendable, Equatable {
      /// The types and modifiers that it can show; empty where it does not say.
      public var types: [String] = []
      public var modifiers: [String] = []
      /// It colours by a grammar of its own, and the tokens only add to that.
      public var augmentsSyntax = false
      public var asksForAll = false
      public var asksForDeltas = false
      public var asksForRanges = false

      public init() {}
    }

    public init() {}

    init(json: JSON) {
      func value(_ path: String...) -> JSON? {
        path.reduce(json as JSON?) { value, key in value?[key] }
      }
      func strings(_ value: JSON?) -> [String] {
        guard case .array(let elements)? = value else { return [] }
        return elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
      }
      positionEncodings = strings(value("general", "positionEncodings"))
      appliesEdits = value("workspace", "applyEdit") == true
      createsFiles = strings(value("workspace", "workspaceEdit", "resourceOperations"))
        .contains("create")
      // New files stand only among document changes: a client that names them reads those too, as
      // Neovim 0.10 does, which does not say so.
      documentChanges =
        createsFiles || value("workspace", "workspaceEdit", "documentChanges") == true
      configuration = value("workspace", "configuration") == true
      refreshesInlayHints = value("workspace", "inlayHint", "refreshSupport") == true
      pullsDiagnostics = value("textDocument", "diagnostic")?.isObject == true
      refreshesDiagnostics = value("workspace", "diagnostics", "refreshSupport") == true
      relatedInformation =
        value("textDocument", "publishDiagnostics", "relatedInformation") == true
        || value("textDocument", "diagnostic", "relatedInformation") == true
      hoverMarkdown = strings(value("textDocument", "hover", "contentFormat")).contains("markdown")
      completionMarkdown = strings(
        value("textDocument", "completion", "completionItem", "documentationFormat")
      ).contains("markdown")
      snippets = value("textDocument", "completion", "completionItem", "snippetSupport") == true
      codeActionLiterals =
        value("textDocument", "codeAction", "codeActionLiteralSupport")?.isObject == true
      codeActionPreferred = value("textDocument", "codeAction", "isPreferredSupport") == true
      watchesFiles =
        value("workspace", "didChangeWatchedFiles", "dynamicRegistration") == true
      asksWithMessages = value("window", "showMessage")?.isObject == true
      hierarchicalSymbols =
        value("textDocument", "documentSymbol", "hierarchicalDocumentSymbolSupport") == true
      foldsLinesOnly = value("textDocument", "foldingRange", "lineFoldingOnly") == true
      if case .integer(let limit)? = value("textDocument", "foldingRange", "rangeLimit") {
        foldLimit = max(limit, 0)
      }
      signatureMarkdown = strings(
        value("textDocument", "signatureHelp", "signatureInformation", "documentationFormat")
      ).contains("markdown")
      signatureOffsets =
        value(
          "textDocument", "signatureHelp", "signatureInformation", "parameterInformation",
          "labelOffsetSupport") == true
      preparesRename = value("textDocument", "rename", "prepareSupport") == true
      if let tokens = value("textDocument", "semanticTokens"), tokens.isObject {
        func isAsked(_ request: JSON?) -> Bool { request == true || request?.isObject == true }
        var able = SemanticTokens()
        able.types = strings(tokens["tokenTypes"])
        able.modifiers = strings(tokens["tokenModifiers"])
        able.augmentsSyntax = tokens["augmentsSyntaxTokens"] == true
        able.asksForAll = isAsked(tokens["requests"]?["full"])
        able.asksForDeltas = tokens["requests"]?["full"]?["delta"] == true
        able.asksForRanges = isAsked(tokens["requests"]?["range"])
        semanticTokens = able
      }
    }
  }
}

extension JSON {
  var isObject: Bool { if case .object = self { true } else { false } }
}
