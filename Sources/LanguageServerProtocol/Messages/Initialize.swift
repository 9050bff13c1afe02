extension LSP {
  public struct InitializeParams: Sendable, JSONDecodable {
    /// The process that started the server; when it ends, the server ends.
    public var processID: Int?
    public var capabilities: ClientCapabilities
    public var initializationOptions: JSON
    /// The URIs of the workspace folders; `rootUri` of older clients.
    public var folders: [String] = []
    /// `off`, `messages` or `verbose`.
    public var trace: String

    public init(json: JSON) throws(FieldError) {
      processID = try json.optionalField("processId")
      capabilities = ClientCapabilities(json: json["capabilities"] ?? .null)
      initializationOptions = json["initializationOptions"] ?? .null
      trace = (try? json.optionalField("trace", as: String.self)) ?? "off"
      if case .array(let listed)? = json["workspaceFolders"] {
        folders = listed.compactMap { WorkspaceFolder.uri(of: $0) }
      }
      if folders.isEmpty, case .string(let uri)? = json["rootUri"] { folders = [uri] }
    }
  }

  enum WorkspaceFolder {
    static func uri(of json: JSON) -> String? {
      if case .string(let uri)? = json["uri"] { uri } else { nil }
    }
  }

  public struct WorkspaceFoldersParams: Sendable, JSONDecodable {
    public var added: [String]
    public var removed: [String]

    public init(json: JSON) throws(FieldError) {
      let event: JSON = try json.field("event")
      added = try event.field("added", as: [JSON].self).compactMap(WorkspaceFolder.uri)
      removed = try event.field("removed", as: [JSON].self).compactMap(WorkspaceFolder.uri)
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
    public var commitCharacters = false
    public var codeActionLiterals = false
    public var codeActionPreferred = false
    /// A code action may come without its edit, which is asked for when it is chosen.
    public var resolvesCodeActions = false
    /// The documentation of a completion and the tooltip of a hint may come later.
    public var resolvesCompletions = false
    public var resolvesInlayHints = false
    public var watchesFiles = false
    public var registersConfiguration = false
    /// The tags of findings that it can show, by their numbers.
    public var diagnosticTags: Set<Int> = []
    /// It links the code of a finding to its page.
    public var codeDescriptions = false
    /// It sends the data of a finding back with a request for code actions.
    public var diagnosticData = false
    public var showsProgress = false
    public var showsDocuments = false
    public var hasFolders = false
    public var renamesFiles = false
    public var refreshesCodeLenses = false
    public var linkTooltips = false
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
      // 3.18 has the properties of findings in both places.
      for place in ["publishDiagnostics", "diagnostic"] {
        let able = value("textDocument", place)
        if case .array(let tags)? = able?["tagSupport"]?["valueSet"] {
          for case .integer(let tag) in tags { diagnosticTags.insert(tag) }
        }
        if able?["codeDescriptionSupport"] == true { codeDescriptions = true }
        if able?["dataSupport"] == true { diagnosticData = true }
      }
      showsProgress = value("window", "workDoneProgress") == true
      showsDocuments = value("window", "showDocument", "support") == true
      hasFolders = value("workspace", "workspaceFolders") == true
      renamesFiles = value("workspace", "fileOperations", "willRename") == true
      refreshesCodeLenses = value("workspace", "codeLens", "refreshSupport") == true
      linkTooltips = value("textDocument", "documentLink", "tooltipSupport") == true
      resolvesCodeActions =
        value("textDocument", "codeAction", "dataSupport") == true
        && strings(value("textDocument", "codeAction", "resolveSupport", "properties"))
          .contains("edit")
      resolvesCompletions = strings(
        value("textDocument", "completion", "completionItem", "resolveSupport", "properties")
      ).contains("documentation")
      resolvesInlayHints = strings(
        value("textDocument", "inlayHint", "resolveSupport", "properties")
      ).contains("tooltip")
      refreshesDiagnostics = value("workspace", "diagnostics", "refreshSupport") == true
      relatedInformation =
        value("textDocument", "publishDiagnostics", "relatedInformation") == true
        || value("textDocument", "diagnostic", "relatedInformation") == true
      hoverMarkdown = strings(value("textDocument", "hover", "contentFormat")).contains("markdown")
      completionMarkdown = strings(
        value("textDocument", "completion", "completionItem", "documentationFormat")
      ).contains("markdown")
      snippets = value("textDocument", "completion", "completionItem", "snippetSupport") == true
      commitCharacters =
        value("textDocument", "completion", "completionItem", "commitCharactersSupport") == true
      codeActionLiterals =
        value("textDocument", "codeAction", "codeActionLiteralSupport")?.isObject == true
      codeActionPreferred = value("textDocument", "codeAction", "isPreferredSupport") == true
      watchesFiles =
        value("workspace", "didChangeWatchedFiles", "dynamicRegistration") == true
      registersConfiguration =
        value("workspace", "didChangeConfiguration", "dynamicRegistration") == true
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
