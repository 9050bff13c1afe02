import LanguageServerProtocol
import NeuralIDE
import NeuralModel
import NeuralSyntax

// What names mean, in whichever file.
extension Answers {
  static func highlights(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    .array(
      document.uses(at: params.position).map {
        LSP.DocumentHighlight(range: document.range($0.range), isWrite: $0.isDeclaration).json
      })
  }

  /// The places of a name of this file, which are typed together.
  static func linkedEditingRanges(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    let offset = document.offset(params.position)
    let uses = document.uses(at: params.position).map(\.range)
    guard let here = uses.first(where: { $0.lowerBound <= offset && offset <= $0.upperBound }),
      (try? document.snapshot.renameRange(document.path, at: offset)) != nil
    else { return .null }
    let name = document.tree.text(in: here)
    let same = uses.filter { document.tree.text(in: $0) == name }
    return [
      "ranges": .array(same.map { document.range($0).json }), "wordPattern": "[A-Za-z0-9_]+",
    ]
  }

  static func definition(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    document.view.locations(
      document.snapshot.definitions(document.path, at: document.offset(params.position)))
  }

  static func declaration(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    document.view.locations(
      document.snapshot.declarations(document.path, at: document.offset(params.position)))
  }

  static func typeDefinition(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    document.view.locations(
      document.snapshot.typeDefinitions(document.path, at: document.offset(params.position)))
  }

  static func references(
    _ context: Dispatch.Context, _ params: LSP.ReferenceParams
  ) throws(ResponseError) -> JSON {
    guard let document = DocumentView(context.view, uri: params.uri) else { return [] }
    let places = document.snapshot.references(
      document.path, at: document.offset(params.position), isCancelled: context.isCancelled)
    return context.view.locations(
      places.filter { params.includesDeclaration || !$0.isDeclaration })
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
    _ context: Dispatch.Context, _ params: LSP.RenameParams
  ) throws(ResponseError) -> JSON {
    guard let document = DocumentView(context.view, uri: params.uri) else { return .null }
    do throws(Rename.Refusal) {
      let edits = try document.snapshot.renameEdits(
        document.path, at: document.offset(params.position), to: params.newName,
        isCancelled: context.isCancelled)
      return document.view.workspaceEdit(edits)?.json ?? .null
    } catch {
      throw ResponseError(.requestFailed, error.message)
    }
  }

  static func workspaceSymbols(
    _ context: Dispatch.Context, _ params: LSP.WorkspaceSymbolParams
  ) throws(ResponseError) -> JSON {
    let view = context.view
    let symbols = view.snapshot.workspaceSymbols(params.query, isCancelled: context.isCancelled)
    return .array(
      symbols.prefix(1000).compactMap { symbol in
        let place = SymbolPlace(file: symbol.file, range: symbol.range, isDeclaration: true)
        guard let location = view.location(of: place),
          let path = view.snapshot.path(of: symbol.file)
        else { return nil }
        return [
          "name": .string(symbol.name),
          "kind": .integer(LSP.DocumentSymbol.Kind(symbol.kind).rawValue),
          "location": location.json, "containerName": .string(ImportPath.name(of: path)),
        ]
      })
  }

  static func documentLinks(_ document: DocumentView, _ params: LSP.DocumentParams) -> JSON {
    let hasTooltips = document.view.capabilities.linkTooltips
    return .array(
      document.snapshot.documentLinks(document.path).map { link in
        var object: JSONObject = ["range": document.range(link.range).json]
        switch link.target {
        case .url(let url): object.append("target", .string(url))
        case .file(let path):
          object.append("target", .string(document.view.uri(of: path)))
          if hasTooltips { object.append("tooltip", .string(path)) }
        }
        return .object(object)
      })
  }

  /// The imports that have to change when files get other names.
  static func willRenameFiles(
    _ context: Dispatch.Context, _ params: LSP.RenameFilesParams
  ) throws(ResponseError) -> JSON {
    let moves = params.files.compactMap { file -> (old: String, new: String)? in
      guard let old = DocumentURI.path(of: file.old), let new = DocumentURI.path(of: file.new)
      else { return nil }
      return (old, new)
    }
    let edits = context.view.snapshot.importEdits(
      moving: moves, isCancelled: context.isCancelled)
    if edits.isEmpty { return .null }
    return context.view.workspaceEdit(edits)?.json ?? .null
  }
}

extension DocumentView {
  fileprivate func uses(at position: LSP.Position) -> [SymbolUse] {
    snapshot.symbolUses(path, at: offset(position))
  }
}

extension View {
  fileprivate func locations(_ places: [SymbolPlace]) -> JSON {
    .array(places.compactMap { location(of: $0)?.json })
  }

  /// A place of a file, or of a read-only copy of what the program declares.
  func location(of place: SymbolPlace) -> LSP.Location? {
    let (path, tree): (String, SyntaxTree)
    if let index = place.file.catalogueFile {
      guard let file = library.declarations(index) else { return nil }
      (path, tree) = file
    } else {
      guard let known = snapshot.path(of: place.file), let found = snapshot.tree(known) else {
        return nil
      }
      (path, tree) = (known, found)
    }
    return LSP.Location(uri: uri(of: path), range: tree.range(of: place.range, in: encoding))
  }
}
