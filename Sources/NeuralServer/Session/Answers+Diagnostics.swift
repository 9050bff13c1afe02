import LanguageServerProtocol
import NeuralModel

// Findings for clients that ask for them.
extension Answers {
  static func diagnostics(
    _ document: DocumentView, _ params: LSP.DocumentDiagnosticParams
  ) -> JSON {
    let report = document.view.report(document.path)
    return .object(report.members(previous: params.previousResultID))
  }

  /// Of all files of the folders and all open documents. What the client has already is not told
  /// again, and what is known is told before the rest, where the client can take it so.
  static func workspaceDiagnostics(
    _ context: Dispatch.Context, _ params: LSP.WorkspaceDiagnosticParams
  ) throws(ResponseError) -> JSON {
    let view = context.view
    let paths = view.snapshot.sourceFiles()
    var items: [JSON] = []
    func tell() {
      guard let token = params.partialResultToken, !items.isEmpty else { return }
      context.client.notify(
        "$/progress", ["token": token, "value": ["items": .array(items)]])
      items = []
    }
    for (index, path) in paths.enumerated() {
      if context.isCancelled() { throw ResponseError(.requestCancelled, "Cancelled.") }
      if index % 16 == 0 { context.work.report("\(index) of \(paths.count) files") }
      let uri = view.uri(of: path)
      let report = view.report(path)
      var item = report.members(previous: params.previousResultIDs[uri])
      item.append("uri", .string(uri))
      item.append("version", view.documents[path].map { .integer($0.version) } ?? .null)
      items.append(.object(item))
      if items.count == 32 { tell() }
    }
    tell()
    return ["items": .array(items)]
  }
}

extension View {
  fileprivate func report(_ path: String) -> LSP.DiagnosticReport {
    LSP.DiagnosticReport(items: convert(diagnostics(path), in: path))
  }
}
