import LanguageServerProtocol

/// Which method is answered how. This table is the only place that knows.
enum Dispatch {
  static let requests: [String: Request] = [
    "initialize": .inOrder { (session, params: LSP.InitializeParams) in
      session.initialize(params)
    },
    "shutdown": .inOrder { (session, _: LSP.NoParams) in session.shutDown() },
    "textDocument/diagnostic": .snapshot(
      Answers.diagnostics, whenClosed: ["kind": "full", "items": []]),
    "workspace/diagnostic": .background(Answers.workspaceDiagnostics),
    "textDocument/hover": .snapshot(Answers.hover, needs: .hover),
    "textDocument/inlayHint": .snapshot(Answers.inlayHints, needs: .inlayHints),
    "textDocument/completion": .snapshot(Answers.completion, needs: .completion),
    "textDocument/codeAction": .snapshot(Answers.codeActions, needs: .codeActions),
    "codeAction/resolve": .snapshot(Answers.resolveCodeAction, needs: .codeActions),
    "textDocument/semanticTokens/full": .snapshot(
      Answers.semanticTokens, needs: .semanticTokens),
    "textDocument/semanticTokens/full/delta": .snapshot(
      Answers.semanticTokensDelta, needs: .semanticTokens),
    "textDocument/semanticTokens/range": .snapshot(
      Answers.semanticTokensInRange, needs: .semanticTokens),
    "textDocument/formatting": .snapshot(Answers.formatting, needs: .formatting),
    "textDocument/rangeFormatting": .snapshot(Answers.rangeFormatting, needs: .formatting),
    "textDocument/onTypeFormatting": .snapshot(Answers.onTypeFormatting, needs: .formatting),
    "textDocument/documentSymbol": .snapshot(
      Answers.documentSymbols, needs: .documentSymbols, whenClosed: []),
    "textDocument/signatureHelp": .snapshot(Answers.signatureHelp, needs: .signatureHelp),
    "textDocument/foldingRange": .snapshot(
      Answers.foldingRanges, needs: .textStructure, whenClosed: []),
    "textDocument/selectionRange": .snapshot(Answers.selectionRanges, needs: .textStructure),
    "textDocument/documentHighlight": .snapshot(
      Answers.highlights, needs: .symbolUses, whenClosed: []),
    "textDocument/definition": .snapshot(Answers.definition, needs: .symbolUses, whenClosed: []),
    "textDocument/declaration": .snapshot(
      Answers.declaration, needs: .symbolUses, whenClosed: []),
    "textDocument/typeDefinition": .snapshot(
      Answers.typeDefinition, needs: .symbolUses, whenClosed: []),
    "textDocument/references": .snapshot(Answers.references, needs: .symbolUses),
    "textDocument/linkedEditingRange": .snapshot(Answers.linkedEditingRanges, needs: .symbolUses),
    "textDocument/documentLink": .snapshot(
      Answers.documentLinks, needs: .workspace, whenClosed: []),
    "textDocument/codeLens": .snapshot(Answers.codeLenses, needs: .workspace, whenClosed: []),
    "textDocument/prepareCallHierarchy": .snapshot(
      Answers.prepareCallHierarchy, needs: .workspace),
    "callHierarchy/incomingCalls": .background(Answers.incomingCalls, needs: .workspace),
    "callHierarchy/outgoingCalls": .background(Answers.outgoingCalls, needs: .workspace),
    "completionItem/resolve": .snapshot(Answers.resolveCompletion, needs: .completion),
    "inlayHint/resolve": .snapshot(Answers.resolveInlayHint, needs: .inlayHints),
    "workspace/symbol": .background(Answers.workspaceSymbols, needs: .workspace),
    "workspace/willRenameFiles": .background(Answers.willRenameFiles, needs: .workspace),
    "textDocument/prepareRename": .snapshot(Answers.prepareRename, needs: .rename),
    "textDocument/rename": .snapshot(Answers.rename, needs: .rename),
    "workspace/executeCommand": .background(Answers.executeCommand, needs: .generation),
    "neural/preview": .background(Answers.preview, needs: .generation),
    "neural/devices": .background { (context, _: LSP.NoParams) in
      context.view.devices.refresh().protocolJSON
    },
  ]

  static let notifications: [String: Notification] = [
    "initialized": notification { (session, _: LSP.NoParams) in session.initialized() },
    "$/cancelRequest": notification { (session, params: LSP.CancelParams) in
      session.cancel(params.id)
    },
    "$/setTrace": notification { $0.setTrace($1) },
    "window/workDoneProgress/cancel": notification { $0.cancelWork($1) },
    "textDocument/didOpen": notification { $0.open($1) },
    "textDocument/didChange": notification { $0.change($1) },
    "textDocument/didSave": notification { $0.save($1) },
    "textDocument/didClose": notification { $0.close($1) },
    "workspace/didChangeConfiguration": notification { $0.configurationChanged($1) },
    "workspace/didChangeWatchedFiles": notification { $0.filesChanged($1) },
    "workspace/didChangeWorkspaceFolders": notification { $0.foldersChanged($1) },
  ]

  typealias Notification = @Sendable (inout Session, JSON) throws(FieldError) -> Void

  struct Request: Sendable {
    var needs: LanguageFeatures
    var execution: Execution
  }

  enum Execution: Sendable {
    /// On the thread that owns the session, before the next message.
    case inOrder(@Sendable (inout Session, JSON) throws(ResponseError) -> JSON)
    /// On the pool, about the documents as they are now. An edit of its document ends it.
    case snapshot(Decode)
    /// On a thread for what may take long. Edits do not end it.
    case background(Decode)

    typealias Decode = @Sendable (JSON) throws(ResponseError) -> Job
  }

  /// A request with its parameters read.
  struct Job: Sendable {
    /// The document that it is about, empty where there is none.
    var uri: String
    var run: @Sendable (Context) throws(ResponseError) -> JSON
  }

  struct Context: Sendable {
    var view: View
    var client: Client
    /// How far it is can be told here.
    var work: Work
    /// Whether nobody waits for the answer any more: what takes long looks now and then.
    var isCancelled: @Sendable () -> Bool
  }

  /// What a user reads of a request that takes long.
  static func title(of method: String) -> String {
    switch method {
    case "workspace/diagnostic", "textDocument/diagnostic": "Checking"
    case "workspace/executeCommand", "neural/preview": "Generating"
    case "neural/devices": "Looking for devices"
    case "workspace/symbol", "textDocument/references", "textDocument/rename",
      "workspace/willRenameFiles":
      "Looking for names"
    default: "Working"
    }
  }
}

// MARK: - Building the table

/// Parameters that name the document which the answer reads.
protocol DocumentScoped: JSONDecodable, Sendable {
  var uri: String { get }
}

extension LSP.DocumentParams: DocumentScoped {}
extension LSP.DocumentDiagnosticParams: DocumentScoped {}
extension LSP.ResolveParams: DocumentScoped {}
extension LSP.PositionParams: DocumentScoped {}
extension LSP.RangeParams: DocumentScoped {}
extension LSP.CodeActionParams: DocumentScoped {}
extension LSP.SemanticTokensDeltaParams: DocumentScoped {}
extension LSP.SelectionRangeParams: DocumentScoped {}
extension LSP.ReferenceParams: DocumentScoped {}
extension LSP.RenameParams: DocumentScoped {}

extension Dispatch {
  private static func decode<Params: JSONDecodable & Sendable>(
    _ json: JSON, as type: Params.Type
  ) throws(ResponseError) -> Params {
    do throws(FieldError) {
      return try Params(json: json)
    } catch {
      throw ResponseError(.invalidParams, error.description)
    }
  }

  private static func notification<Params: JSONDecodable & Sendable>(
    _ run: @escaping @Sendable (inout Session, Params) -> Void
  ) -> Notification {
    { (session, json) throws(FieldError) in run(&session, try Params(json: json)) }
  }
}

extension Dispatch.Request {
  fileprivate static func inOrder<Params: JSONDecodable & Sendable>(
    _ run: @escaping @Sendable (inout Session, Params) -> JSON
  ) -> Self {
    Self(
      needs: [],
      execution: .inOrder { (session, json) throws(ResponseError) in
        run(&session, try Dispatch.decode(json, as: Params.self))
      })
  }

  fileprivate static func snapshot<Params: DocumentScoped>(
    _ run: @escaping @Sendable (DocumentView, Params) throws(ResponseError) -> JSON,
    needs: LanguageFeatures = [], whenClosed: JSON = .null
  ) -> Self {
    Self(
      needs: needs,
      execution: .snapshot { (json) throws(ResponseError) in
        let params = try Dispatch.decode(json, as: Params.self)
        return Dispatch.Job(uri: params.uri) { (context) throws(ResponseError) in
          guard let document = DocumentView(context.view, uri: params.uri) else {
            return whenClosed
          }
          return try run(document, params)
        }
      })
  }

  /// Of a document, but looking at others too, which may take long.
  fileprivate static func snapshot<Params: DocumentScoped>(
    _ run: @escaping @Sendable (Dispatch.Context, Params) throws(ResponseError) -> JSON,
    needs: LanguageFeatures
  ) -> Self {
    Self(
      needs: needs,
      execution: .snapshot { (json) throws(ResponseError) in
        let params = try Dispatch.decode(json, as: Params.self)
        return Dispatch.Job(uri: params.uri) { (context) throws(ResponseError) in
          try run(context, params)
        }
      })
  }

  fileprivate static func background<Params: JSONDecodable & Sendable>(
    _ run: @escaping @Sendable (Dispatch.Context, Params) throws(ResponseError) -> JSON,
    needs: LanguageFeatures = []
  ) -> Self {
    Self(
      needs: needs,
      execution: .background { (json) throws(ResponseError) in
        let params = try Dispatch.decode(json, as: Params.self)
        return Dispatch.Job(uri: "") { (context) throws(ResponseError) in
          try run(context, params)
        }
      })
  }
}
