import LanguageServerProtocol

extension Session {
  mutating func initialize(_ params: LSP.InitializeParams) -> JSON {
    phase = .running
    capabilities = params.capabilities
    // The client's list is in its order of preference, and we count in any of them equally fast.
    encoding =
      params.capabilities.positionEncodings.lazy.compactMap(LSP.PositionEncoding.init).first
      ?? .utf16
    trace = Trace(rawValue: params.trace) ?? .off
    folders = params.folders.compactMap(DocumentURI.path)
    service.setFolders(folders)
    if capabilities.codeDescriptions {
      background.run { [library = hooks.library] in library.writePages() }
    }
    parent = params.processID.flatMap(Parent.init)
    apply(params.initializationOptions)
    return [
      "capabilities": serverCapabilities,
      "serverInfo": ["name": "neural-lsp", "version": .string(hooks.version)],
    ]
  }

  /// Only what works, and only what this client can use.
  private var serverCapabilities: JSON {
    let features = service.features
    var object: JSONObject = [
      "positionEncoding": .string(encoding.rawValue),
      "textDocumentSync": ["openClose": true, "change": 2, "save": ["includeText": false]],
    ]
    var workspace = JSONObject()
    if capabilities.hasFolders {
      workspace.append("workspaceFolders", ["supported": true, "changeNotifications": true])
    }
    if capabilities.renamesFiles, features.contains(.workspace) {
      let filters: JSON = [
        ["scheme": "file", "pattern": ["glob": "**/*.{neural,nr,rnr}", "matches": "file"]],
        ["scheme": "file", "pattern": ["glob": "**", "matches": "folder"]],
      ]
      workspace.append("fileOperations", ["willRename": ["filters": filters]])
    }
    if !workspace.members.isEmpty { object.append("workspace", .object(workspace)) }
    if capabilities.pullsDiagnostics {
      object.append(
        "diagnosticProvider",
        [
          "identifier": "neural", "interFileDependencies": true, "workspaceDiagnostics": true,
          "workDoneProgress": true,
        ])
    }
    if features.contains(.hover) { object.append("hoverProvider", true) }
    if features.contains(.inlayHints) {
      object.append(
        "inlayHintProvider", capabilities.resolvesInlayHints ? ["resolveProvider": true] : true)
    }
    if features.contains(.completion) {
      object.append(
        "completionProvider",
        [
          "triggerCharacters": ["(", ",", "=", ":", "\"", "'", ">", ".", "/"],
          "resolveProvider": .boolean(capabilities.resolvesCompletions),
        ])
    }
    if features.contains(.codeActions) {
      let kinds: JSON = ["quickfix", "refactor", "source", "source.fixAll"]
      object.append(
        "codeActionProvider",
        capabilities.codeActionLiterals
          ? [
            "codeActionKinds": kinds,
            "resolveProvider": .boolean(capabilities.resolvesCodeActions),
            "workDoneProgress": true,
          ] : true)
    }
    if features.contains(.signatureHelp) {
      object.append(
        "signatureHelpProvider",
        ["triggerCharacters": ["(", ","], "retriggerCharacters": ["=", ")"]])
    }
    if features.contains(.documentSymbols) { object.append("documentSymbolProvider", true) }
    if features.contains(.textStructure) {
      object.append("foldingRangeProvider", true)
      object.append("selectionRangeProvider", true)
    }
    if features.contains(.symbolUses) {
      object.append("documentHighlightProvider", true)
      object.append("definitionProvider", true)
      object.append("declarationProvider", true)
      object.append("typeDefinitionProvider", true)
      object.append("referencesProvider", ["workDoneProgress": true])
      object.append("linkedEditingRangeProvider", true)
    }
    if features.contains(.workspace) {
      object.append("workspaceSymbolProvider", ["workDoneProgress": true])
      object.append("documentLinkProvider", ["resolveProvider": false])
      object.append("codeLensProvider", ["resolveProvider": false])
      object.append("callHierarchyProvider", ["workDoneProgress": true])
    }
    if features.contains(.rename) {
      object.append(
        "renameProvider",
        capabilities.preparesRename ? ["prepareProvider": true, "workDoneProgress": true] : true)
    }
    if features.contains(.semanticTokens), let able = capabilities.semanticTokens,
      able.asksForAll || able.asksForRanges
    {
      var provider: JSONObject = ["legend": TokenLegend(capabilities).names.json]
      if able.asksForRanges { provider.append("range", true) }
      if able.asksForAll {
        provider.append("full", able.asksForDeltas ? ["delta": true] : true)
      }
      object.append("semanticTokensProvider", .object(provider))
    }
    if features.contains(.formatting) {
      object.append("documentFormattingProvider", true)
      object.append("documentRangeFormattingProvider", true)
      object.append(
        "documentOnTypeFormattingProvider",
        ["firstTriggerCharacter": "}", "moreTriggerCharacter": ["\n", ";"]])
    }
    if features.contains(.generation) {
      object.append(
        "executeCommandProvider",
        [
          "commands": .array(Command.allCases.map { .string($0.rawValue) }),
          "workDoneProgress": true,
        ])
    }
    return .object(object)
  }

  mutating func initialized() {
    askForConfiguration()
    var registrations: [JSON] = []
    if capabilities.watchesFiles {
      let watcher: JSON = ["globPattern": "**/{*.neural,*.nr,*.rnr,neural.json}"]
      registrations.append([
        "id": "neural-files", "method": "workspace/didChangeWatchedFiles",
        "registerOptions": ["watchers": [watcher]],
      ])
    }
    // Some clients tell of changes only to those who ask.
    if capabilities.registersConfiguration {
      registrations.append([
        "id": "neural-settings", "method": "workspace/didChangeConfiguration",
        "registerOptions": ["section": "neural"],
      ])
    }
    if !registrations.isEmpty {
      client.request("client/registerCapability", ["registrations": .array(registrations)])
    }
  }

  mutating func shutDown() -> JSON {
    phase = .shutDown
    return .null
  }
}

// MARK: - Settings

extension Session {
  /// Settings that come with the notification count; a client that sends none is asked for them.
  mutating func configurationChanged(_ params: LSP.DidChangeConfigurationParams) {
    if params.settings == .null || params.settings == [:] {
      askForConfiguration()
    } else {
      apply(params.settings)
    }
  }

  private func askForConfiguration() {
    guard capabilities.configuration else { return }
    client.request("workspace/configuration", ["items": [["section": "neural"]]]) {
      session, answer in
      guard case .success(.array(let values)) = answer, let value = values.first, value != .null
      else { return }
      session.apply(value)
    }
  }

  private mutating func apply(_ json: JSON) {
    var problems: [String] = []
    let old = settings
    settings = Settings(json: json, problems: &problems)
    for problem in problems { client.log(.warning, problem) }
    if capabilities.refreshesCodeLenses, settings.codeLenses != old.codeLenses,
      service.features.contains(.workspace), !documents.isEmpty
    {
      client.request("workspace/codeLens/refresh", .null)
    }
    if settings.inlayHints != old.inlayHints, capabilities.refreshesInlayHints,
      service.features.contains(.inlayHints), !documents.isEmpty
    {
      client.request("workspace/inlayHint/refresh", .null)
    }
  }
}
