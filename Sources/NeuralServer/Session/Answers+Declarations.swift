import LanguageServerProtocol
import NeuralIDE
import NeuralModel

// Declarations: what they come to, and who calls whom.
extension Answers {
  static func codeLenses(_ document: DocumentView, _ params: LSP.DocumentParams) -> JSON {
    guard document.view.settings.codeLenses else { return [] }
    return .array(
      document.snapshot.codeLenses(document.path).map { lens in
        let command =
          lens.generation.map { generation in
            LSP.Command(
              title: lens.title, command: Command.generate.rawValue,
              arguments: [
                LSP.GenerateArguments(
                  uri: params.uri, network: generation.network, target: generation.target
                ).json
              ])
          } ?? LSP.Command(title: lens.title, command: "", arguments: [])
        return ["range": document.range(lens.range).json, "command": command.json]
      })
  }

  static func prepareCallHierarchy(
    _ document: DocumentView, _ params: LSP.PositionParams
  ) -> JSON {
    let item = document.snapshot.callItem(document.path, at: document.offset(params.position))
    return item.flatMap(document.view.convert).map { [$0] } ?? .null
  }

  static func incomingCalls(
    _ context: Dispatch.Context, _ params: LSP.CallHierarchyParams
  ) throws(ResponseError) -> JSON {
    let view = context.view
    guard let (path, offset) = view.place(of: params) else { return .null }
    let edges = view.snapshot.callers(path, at: offset, isCancelled: context.isCancelled)
    return .array(
      edges.compactMap { edge in
        guard let item = view.convert(edge.item) else { return nil }
        return ["from": item, "fromRanges": view.ranges(edge.places, in: edge.item.file)]
      })
  }

  static func outgoingCalls(
    _ context: Dispatch.Context, _ params: LSP.CallHierarchyParams
  ) throws(ResponseError) -> JSON {
    let view = context.view
    guard let (path, offset) = view.place(of: params),
      let caller = view.snapshot.callItem(path, at: offset)
    else { return .null }
    return .array(
      view.snapshot.callees(path, at: offset).compactMap { edge in
        guard let item = view.convert(edge.item) else { return nil }
        return ["to": item, "fromRanges": view.ranges(edge.places, in: caller.file)]
      })
  }
}

extension View {
  fileprivate func convert(_ item: CallItem) -> JSON? {
    let place = SymbolPlace(file: item.file, range: item.range, isDeclaration: true)
    let name = SymbolPlace(file: item.file, range: item.selection, isDeclaration: true)
    guard let whole = location(of: place), let selection = location(of: name) else { return nil }
    return [
      "name": .string(item.name), "kind": .integer(LSP.DocumentSymbol.Kind(item.kind).rawValue),
      "uri": .string(whole.uri), "range": whole.range.json, "selectionRange": selection.range.json,
    ]
  }

  fileprivate func ranges(_ places: [Range<Int>], in file: FileID) -> JSON {
    .array(
      places.compactMap {
        location(of: SymbolPlace(file: file, range: $0, isDeclaration: false))?.range.json
      })
  }

  /// The name of an item that was told of before.
  fileprivate func place(of params: LSP.CallHierarchyParams) -> (path: String, offset: Int)? {
    guard let path = DocumentURI.path(of: params.uri), let tree = snapshot.tree(path) else {
      return nil
    }
    return (path, tree.offset(of: params.selection.start, in: encoding))
  }
}
