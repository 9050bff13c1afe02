import LanguageServerProtocol
import NeuralIDE

extension DocumentView {
  /// Code actions in the protocol's words; absent is what the client cannot do.
  func convert(_ action: CodeAction) -> LSP.CodeAction? {
    var edit: LSP.WorkspaceEdit?
    if !action.edits.isEmpty || !action.newFiles.isEmpty {
      edit = view.workspaceEdit(action.edits, newFiles: action.newFiles)
      if edit == nil { return nil }
    }
    var command: LSP.Command?
    if let generation = action.generation {
      let arguments = LSP.GenerateArguments(
        uri: view.uri(of: path), network: generation.network, target: generation.target)
      command = LSP.Command(
        title: action.title, command: Command.generate.rawValue, arguments: [arguments.json])
    }
    return LSP.CodeAction(
      title: action.title, kind: action.kind,
      isPreferred: action.isPreferred && view.capabilities.codeActionPreferred,
      diagnostics: view.convert(action.diagnostics, in: path), edit: edit, command: command)
  }
}

extension LSP.CodeActionParams {
  /// Whether actions of this kind are asked for.
  func asks(for kind: String) -> Bool {
    only?.contains { $0.isEmpty || kind == $0 || kind.hasPrefix($0 + ".") } ?? true
  }
}
