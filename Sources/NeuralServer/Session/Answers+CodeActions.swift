import LanguageServerProtocol
import NeuralIDE

extension Answers {
  static func codeActions(
    _ context: Dispatch.Context, _ params: LSP.CodeActionParams
  ) throws(ResponseError) -> JSON {
    guard let document = DocumentView(context.view, uri: params.uri) else { return .null }
    let view = document.view
    let range = document.bytes(params.range)
    let found = document.snapshot.codeActions(
      document.path, in: range, ofKind: { params.asks(for: $0) }, isCancelled: context.isCancelled)
    var counts: [String: Int] = [:]
    let actions = found.compactMap { action -> LSP.CodeAction? in
      let index = counts[action.kind, default: 0]
      counts[action.kind] = index + 1
      guard var converted = document.convert(action) else { return nil }
      if view.capabilities.resolvesCodeActions, converted.edit != nil {
        // Its place among the actions of its kind, of this range at this version.
        converted.edit = nil
        converted.data = [
          "uri": .string(params.uri), "range": params.range.json,
          "kind": .string(action.kind), "index": .integer(index),
          "version": .integer(view.documents[document.path]?.version ?? 0),
        ]
      }
      return converted
    }
    // A client of before code actions knows only commands.
    if !view.capabilities.codeActionLiterals {
      return .array(actions.compactMap { $0.command?.json })
    }
    return actions.json
  }

  /// The action with its edit.
  static func resolveCodeAction(
    _ document: DocumentView, _ params: LSP.ResolveParams
  ) throws(ResponseError) -> JSON {
    let (range, kind, index, version): (LSP.Range, String, Int, Int)
    do throws(FieldError) {
      range = try params.data.field("range")
      kind = try params.data.field("kind")
      index = try params.data.field("index")
      version = try params.data.field("version")
    } catch {
      throw ResponseError(.invalidParams, "data.\(error)")
    }
    let actions = document.snapshot.codeActions(
      document.path, in: document.bytes(range), ofKind: { $0 == kind }, isCancelled: { false })
    guard version == document.view.documents[document.path]?.version,
      actions.indices.contains(index), params.item["title"] == .string(actions[index].title),
      let edit = document.convert(actions[index])?.edit, case .object(var item) = params.item
    else { throw ResponseError(.contentModified, "The document has changed since.") }
    item.append("edit", edit.json)
    return .object(item)
  }
}
