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

  static func highlights(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    .array(
      document.uses(at: params.position).map {
        LSP.DocumentHighlight(range: document.range($0.range), isWrite: $0.isDeclaration).json
      })
  }

  static func definition(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    let places = document.uses(at: params.position).filter(\.isDeclaration)
    return places.map { LSP.Location(uri: params.uri, range: document.range($0.range)) }.json
  }

  static func references(_ document: DocumentView, _ params: LSP.ReferenceParams) -> JSON {
    document.uses(at: params.position)
      .filter { params.includesDeclaration || !$0.isDeclaration }
      .map { LSP.Location(uri: params.uri, range: document.range($0.range)) }.json
  }

  static func prepareRename(
    _ document: DocumentView, _ params: LSP.PositionParams
  ) throws(ResponseError) -> JSON {
    do throws(Rename.Refusal) {
      let name = try document.snapshot.renameRange(
        document.path, at: document.offset(params.position))
      let text = String(decoding: document.tree.text(in: name), as: UTF8.self)
      return ["range": document.range(name).json, "placeholder": .string(text)]
    } catch {
      throw ResponseError(.requestFailed, error.message)
    }
  }

  static func rename(
    _ document: DocumentView, _ params: LSP.RenameParams
  ) throws(ResponseError) -> JSON {
    do throws(Rename.Refusal) {
      let edits = try document.snapshot.renameEdits(
        document.path, at: document.offset(params.position), to: params.newName)
      return document.view.workspaceEdit(edits)?.json ?? .null
    } catch {
      throw ResponseError(.requestFailed, error.message)
    }
  }
}

extension DocumentView {
  fileprivate func uses(at position: LSP.Position) -> [SymbolUse] {
    snapshot.symbolUses(path, at: offset(position))
  }
}
