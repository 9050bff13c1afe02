import LanguageServerProtocol
import NeuralIDE

// The outline of a document and the shape of its text.
extension Answers {
  static func documentSymbols(_ document: DocumentView, _ params: LSP.DocumentParams) -> JSON {
    let symbols = document.snapshot.documentSymbols(document.path).map(document.convert)
    if document.view.capabilities.hierarchicalSymbols { return symbols.json }
    return .array(symbols.flatMap { $0.flat(uri: params.uri) })
  }

  static func foldingRanges(_ document: DocumentView, _ params: LSP.DocumentParams) -> JSON {
    let capabilities = document.view.capabilities
    let folds = FoldingRange.all(of: document.tree).compactMap { fold -> LSP.FoldingRange? in
      let range = document.range(fold.range)
      var end = range.end
      // The line of a closing bracket stays to be seen where only whole lines are hidden.
      if capabilities.foldsLinesOnly, fold.kind == .brackets { end.line -= 1 }
      if end.line <= range.start.line { return nil }
      return LSP.FoldingRange(
        start: range.start, end: end, hasCharacters: !capabilities.foldsLinesOnly,
        kind: fold.kind == .comment ? "comment" : fold.kind == .imports ? "imports" : nil)
    }
    return Array(folds.prefix(capabilities.foldLimit)).json
  }

  /// One answer for each position, the innermost range with those around it.
  static func selectionRanges(_ document: DocumentView, _ params: LSP.SelectionRangeParams) -> JSON
  {
    .array(
      params.positions.map { position in
        SelectionRange.all(at: document.offset(position), in: document.tree).reversed()
          .reduce(JSON.null) { parent, range in
            var object: JSONObject = ["range": document.range(range).json]
            if parent != .null { object.append("parent", parent) }
            return .object(object)
          }
      })
  }
}

// What names mean.
extension Answers {
  static func signatureHelp(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    document.snapshot.signatureHelp(document.path, at: document.offset(params.position))
      .map { document.convert($0).json } ?? .null
  }
}
