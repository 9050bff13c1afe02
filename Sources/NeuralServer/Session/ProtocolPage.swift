/// `Docs/protocol.md`: each message of the protocol, and what becomes of it here. Tests compare it
/// with the dispatch table and with what `initialize` answers.
public enum ProtocolPage {
  struct Row {
    var method: String
    /// The member of the server's capabilities that offers it; absent where none does.
    var provider: String?
    var note: String

    init(_ method: String, _ provider: String? = nil, _ note: String = "") {
      (self.method, self.provider, self.note) = (method, provider, note)
    }
  }

  static let requests: [Row] = [
    Row("initialize", nil, "3.17; the first encoding of the client's list that is known"),
    Row("shutdown"),
    Row(
      "textDocument/diagnostic", "diagnosticProvider",
      "offered to clients that pull; nothing is pushed to them. Result ids, unchanged reports"),
    Row(
      "workspace/diagnostic", "diagnosticProvider.workspaceDiagnostics",
      "all files of the folders; partial results, cancelled between files"),
    Row("textDocument/hover", "hoverProvider", "Markdown, or plain text without its marks"),
    Row("textDocument/inlayHint", "inlayHintProvider", "`neural.inlayHints.*`"),
    Row(
      "inlayHint/resolve", "inlayHintProvider", "the tooltip: the layer's hover, or its parameter"),
    Row(
      "textDocument/completion", "completionProvider",
      "`neural.json` and the files of imports too; commit characters, where the client has them"),
    Row("completionItem/resolve", "completionProvider", "documentation"),
    Row("textDocument/signatureHelp", "signatureHelpProvider"),
    Row("textDocument/declaration", "declarationProvider", "of an imported name, its import"),
    Row(
      "textDocument/definition", "definitionProvider",
      "what the program declares opens as a read-only copy"),
    Row("textDocument/typeDefinition", "typeDefinitionProvider", "the layer that makes a value"),
    Row(
      "textDocument/references", "referencesProvider",
      "over imports and folders; cancelled between files"),
    Row("textDocument/documentHighlight", "documentHighlightProvider"),
    Row("textDocument/documentSymbol", "documentSymbolProvider"),
    Row("workspace/symbol", "workspaceSymbolProvider"),
    Row("textDocument/prepareCallHierarchy", "callHierarchyProvider"),
    Row("callHierarchy/incomingCalls", "callHierarchyProvider"),
    Row("callHierarchy/outgoingCalls", "callHierarchyProvider"),
    Row(
      "textDocument/codeAction", "codeActionProvider",
      "refactorings are tried before they are offered; cancelled between them"),
    Row("codeAction/resolve", "codeActionProvider.resolveProvider", "edits, where the client can"),
    Row("textDocument/codeLens", "codeLensProvider", "`neural.codeLenses`"),
    Row("textDocument/documentLink", "documentLinkProvider", "imports and addresses of the web"),
    Row("textDocument/foldingRange", "foldingRangeProvider"),
    Row("textDocument/selectionRange", "selectionRangeProvider"),
    Row("textDocument/semanticTokens/full", "semanticTokensProvider"),
    Row("textDocument/semanticTokens/full/delta", "semanticTokensProvider"),
    Row("textDocument/semanticTokens/range", "semanticTokensProvider"),
    Row("textDocument/formatting", "documentFormattingProvider"),
    Row("textDocument/rangeFormatting", "documentRangeFormattingProvider"),
    Row("textDocument/onTypeFormatting", "documentOnTypeFormattingProvider"),
    Row("textDocument/prepareRename", "renameProvider"),
    Row(
      "textDocument/rename", "renameProvider", "over imports and folders; cancelled between files"),
    Row("textDocument/linkedEditingRange", "linkedEditingRangeProvider"),
    Row(
      "workspace/willRenameFiles", "workspace.fileOperations",
      "imports of what moves, and its own imports"),
    Row("workspace/executeCommand", "executeCommandProvider", "`neural.generate`"),
    Row("neural/preview", nil, "what generating would write; nothing is written"),
    Row("neural/devices", nil, "what `neural-lsp devices --format json` says"),
  ]

  static let notifications: [Row] = [
    Row("initialized"),
    Row("exit", nil, "the exit status is 0 after `shutdown`, else 1"),
    Row("$/cancelRequest", nil, "answered with -32800 at once"),
    Row("$/setTrace"),
    Row(
      "window/workDoneProgress/cancel", nil,
      "of findings that are pushed too: no further document is checked"),
    Row("textDocument/didOpen", "textDocumentSync"),
    Row("textDocument/didChange", "textDocumentSync", "incremental"),
    Row("textDocument/didSave", "textDocumentSync"),
    Row("textDocument/didClose", "textDocumentSync"),
    Row("workspace/didChangeConfiguration"),
    Row("workspace/didChangeWatchedFiles", nil, "by dynamic registration"),
    Row("workspace/didChangeWorkspaceFolders", "workspace.workspaceFolders"),
  ]

  static let toClient: [Row] = [
    Row("textDocument/publishDiagnostics", nil, "with the version; to clients that do not pull"),
    Row("workspace/diagnostic/refresh"),
    Row("workspace/inlayHint/refresh"),
    Row("workspace/codeLens/refresh"),
    Row("workspace/configuration", nil, "section `neural`"),
    Row("client/registerCapability", nil, "watched files, settings"),
    Row(
      "workspace/applyEdit", nil, "generated files; written by the server for clients without it"),
    Row("window/showDocument", nil, "what was generated, without taking the focus"),
    Row("window/showMessage"),
    Row("window/showMessageRequest", nil, "before an edited file is overwritten"),
    Row("window/logMessage"),
    Row(
      "window/workDoneProgress/create", nil,
      "for what takes longer than 300 ms and has no token of the client's: requests, findings that are "
        + "pushed, writing a model"),
    Row("$/progress", nil, "under that token or the client's; parts of `workspace/diagnostic`"),
    Row("$/logTrace"),
  ]

  static let absent: [Row] = [
    Row("textDocument/implementation", nil, "nothing has several implementations"),
    Row("textDocument/prepareTypeHierarchy", nil, "there are no subtypes"),
    Row("textDocument/documentColor", nil, "there are no colours"),
    Row("textDocument/inlineValue", nil, "there is no debugger"),
    Row("textDocument/moniker", nil, "names are not published in an index"),
    Row("textDocument/willSaveWaitUntil", nil, "editors format on saving themselves"),
    Row("notebookDocument/*", nil, "there are no notebooks of this language"),
  ]

  /// The whole page.
  public static var markdown: String {
    """
    # Protocol

    What the server makes of each message of the Language Server Protocol 3.17. A member of the \
    server's capabilities is there only where the client can use it. This page is generated; a test \
    keeps it up to date.

    ## Requests

    \(table(requests, "offered as"))
    ## Notifications

    \(table(notifications, "offered as"))
    ## From the server

    \(table(toClient, nil))
    ## Not offered

    \(table(absent, nil))
    ## Of its own

    - `neural/preview` `{ textDocument, network?, target }` answers `{ files: [{ path, language, \
    text }] }`.
    - `neural/devices` answers the JSON of `Schemas/devices.schema.json`.
    - The command `neural.generate` takes `{ uri, network?, target }` and answers `{ uris }`.
    - `data` of a finding, for clients with `dataSupport`, is `{ fixes: [title] }`.

    """
  }

  private static func table(_ rows: [Row], _ provider: String?) -> String {
    var text = "| message |" + (provider.map { " \($0) |" } ?? "") + " |\n"
    text += "| --- |" + (provider == nil ? "" : " --- |") + " --- |\n"
    for row in rows {
      text += "| `\(row.method)` |"
      if provider != nil { text += row.provider.map { " `\($0)` |" } ?? " |" }
      text += row.note.isEmpty ? " |\n" : " \(row.note) |\n"
    }
    return text
  }

  /// The methods of the requests and of the notifications that the page speaks of, and of those
  /// that are answered.
  public static var documented: (requests: Set<String>, notifications: Set<String>) {
    (Set(requests.map(\.method)), Set(notifications.map(\.method)))
  }

  public static var dispatched: (requests: Set<String>, notifications: Set<String>) {
    // `exit` ends the loop that reads the table.
    (Set(Dispatch.requests.keys), Set(Dispatch.notifications.keys).union(["exit"]))
  }

  /// The members of the server's capabilities that the page speaks of, as paths.
  public static var providers: Set<String> {
    Set((requests + notifications).compactMap(\.provider))
  }
}
