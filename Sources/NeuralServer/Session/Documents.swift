import LanguageServerProtocol

extension Session {
  mutating func open(_ params: LSP.DidOpenParams) {
    guard let path = DocumentURI.path(of: params.uri) else { return }
    refuseReaders(of: path)
    documents[path] = OpenDocument(uri: params.uri, version: params.version)
    service.open(path, text: Array(params.text.utf8))
    publishing.mark(path)
  }

  /// The changes apply one after the other, each to what the one before it has made.
  mutating func change(_ params: LSP.DidChangeParams) {
    guard let path = DocumentURI.path(of: params.uri), let open = documents[path] else {
      return Descriptor.log("A document changes that is not open: \(params.uri)")
    }
    refuseReaders(of: path)
    // Changes before one of the whole text leave no trace.
    let firstThatCounts = params.changes.lastIndex { $0.range == nil } ?? 0
    for change in params.changes[min(firstThatCounts, params.changes.count)...] {
      guard let document = service.tree(path) else { break }
      let range =
        change.range.map { document.bytes(of: $0, in: encoding) } ?? 0..<document.byteCount
      service.replace(path, range, with: Array(change.text.utf8))
    }
    documents[path]?.version = params.version ?? open.version
    publishing.mark(path)
  }

  /// The text is known already; files that import it may see it differently now.
  mutating func save(_ params: LSP.DocumentParams) {
    refreshPulledDiagnostics()
  }

  mutating func close(_ params: LSP.DocumentParams) {
    guard let path = DocumentURI.path(of: params.uri), let open = documents[path] else { return }
    refuseReaders(of: path)
    documents[path] = nil
    service.close(path)
    tokenResults.forget(path)
    publishing.forget(path)
    // Others may import it, and what counts now is the file on the disk.
    publishing.markOthers()
    if !capabilities.pullsDiagnostics {
      client.outbox.publish(
        LSP.PublishDiagnosticsParams(uri: open.uri, version: nil, diagnostics: []))
    }
  }

  mutating func filesChanged(_ params: LSP.WatchedFilesParams) {
    for uri in params.uris {
      guard let path = DocumentURI.path(of: uri), documents[path] == nil else { continue }
      service.fileChanged(path)
    }
    publishing.markOthers()
    refreshPulledDiagnostics()
  }

  mutating func foldersChanged(_ params: LSP.WorkspaceFoldersParams) {
    let removed = params.removed.compactMap(DocumentURI.path)
    folders.removeAll(where: removed.contains)
    for folder in params.added.compactMap(DocumentURI.path) where !folders.contains(folder) {
      folders.append(folder)
    }
    service.setFolders(folders)
    refreshPulledDiagnostics()
  }

  /// Something has been learnt that findings depend on.
  mutating func recheck() {
    publishing.markOthers()
    refreshPulledDiagnostics()
  }

  private func refreshPulledDiagnostics() {
    if capabilities.pullsDiagnostics, capabilities.refreshesDiagnostics {
      client.request("workspace/diagnostic/refresh", .null)
    }
  }
}
