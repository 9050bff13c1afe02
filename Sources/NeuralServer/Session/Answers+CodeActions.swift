import LanguageServerProtocol
import NeuralIDE

extension Answers {
  static func codeActions(_ document: DocumentView, _ params: LSP.CodeActionParams) -> JSON {
    let view = document.view
    let range = document.bytes(params.range)
    let found = document.snapshot.codeActions(document.path, in: range)
    let actions = found.enumerated().filter { params.asks(for: $0.element.kind) }
      .compactMap { index, action -> LSP.CodeAction? in
        guard var converted = document.convert(action) else { return nil }
        if view.capabilities.resolvesCodeActions, converted.edit != nil {
          // Its place among the actions of this range at this version.
          converted.edit = nil
          converted.data = [
            "uri": .string(params.uri), "range": params.range.json, "index": .integer(index),
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
    let (range, index, version): (LSP.Range, Int, Int)
    do throws(FieldError) {
      range = try params.data.field("range")
      index = try params.data.field("index")
      version = try params.data.field("version")
    } catch {
      throw ResponseError(.invalidParams, "data.\(error)")
    }
    let actions = document.snapshot.codeActions(document.path, in: document.bytes(range))
    guard version == document.view.documents[document.path]?.version,
      actions.indices.contains(index), params.item["title"] == .string(actions[index].title),
      let edit = document.convert(actions[index])?.edit, case .object(var item) = params.item
    else { throw ResponseError(.contentModified, "The document has changed since.") }
    item.append("edit", edit.json)
    return .object(item)
  }
}
