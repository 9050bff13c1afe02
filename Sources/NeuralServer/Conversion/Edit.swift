import LanguageServerProtocol
import NeuralIDE
import NeuralModel
import NeuralSyntax

extension View {
  /// Edits and new files in the protocol's words; absent where the client cannot apply them or they
  /// touch a file that is not known.
  func workspaceEdit(
    _ edits: [TextEdit], newFiles: [CodeAction.NewFile] = [], overwrite: Bool = false
  )
    -> LSP.WorkspaceEdit?
  {
    guard newFiles.isEmpty || createsFiles else { return nil }
    var changes: [LSP.WorkspaceEdit.Change] = []
    for file in newFiles {
      let uri = uri(of: file.path)
      changes.append(.create(uri: uri, overwrite: overwrite))
      let start = LSP.Position(line: 0, character: 0)
      changes.append(
        .edit(
          uri: uri, version: nil,
          edits: [LSP.TextEdit(range: LSP.Range(start: start, end: start), newText: file.text)]))
    }
    var files: [FileID] = []
    for edit in edits where !files.contains(edit.file) { files.append(edit.file) }
    for file in files {
      guard let path = snapshot.path(of: file), let tree = snapshot.tree(path) else {
        return nil
      }
      changes.append(
        .edit(
          uri: uri(of: path), version: documents[path]?.version,
          edits: edits.filter { $0.file == file }.map {
            LSP.TextEdit(range: tree.range(of: $0.range, in: encoding), newText: $0.text)
          }))
    }
    return LSP.WorkspaceEdit(changes: changes, usesDocumentChanges: capabilities.documentChanges)
  }

  /// Whether the client makes new files when it is asked to.
  var createsFiles: Bool { capabilities.createsFiles }
}

extension DocumentView {
  /// Changes of this document in the protocol's words.
  func convert(_ edits: [FormattingEdit]) -> JSON {
    .array(
      edits.map {
        LSP.TextEdit(range: range($0.range), newText: String(decoding: $0.text, as: UTF8.self)).json
      })
  }
}
