import LanguageServerProtocol
import NeuralIDE
import NeuralModel
import NeuralSyntax

/// A document that the client has open.
struct OpenDocument: Sendable {
  /// As the client spells it.
  var uri: String
  var version: Int
}

/// Everything that an answer is made of, as it was when the request was read.
struct View: Sendable {
  var snapshot: any LanguageSnapshot
  /// The open documents by path.
  var documents: [String: OpenDocument]
  var encoding: LSP.PositionEncoding
  var capabilities: LSP.ClientCapabilities
  var settings: Settings
  /// The folders that the client has open.
  var folders: [String]
  var devices: Devices
  var tokenResults: TokenResults
  var library: Library

  func uri(of path: String) -> String {
    documents[path]?.uri ?? DocumentURI.uri(ofPath: path)
  }

  /// The findings of a file, on this machine.
  func diagnostics(_ path: String) -> [Diagnostic] {
    if library.contains(path) { return [] }
    return snapshot.diagnostics(path) { use, network in
      DeviceFindings.judge(use, network) { devices.report }
    }
  }
}

/// The one document that most requests are about.
struct DocumentView: Sendable {
  var view: View
  var path: String
  var tree: SyntaxTree

  /// Absent where the document is not open.
  init?(_ view: View, uri: String) {
    guard let path = DocumentURI.path(of: uri), view.documents[path] != nil,
      let tree = view.snapshot.tree(path)
    else { return nil }
    self.view = view
    self.path = path
    self.tree = tree
  }

  var snapshot: any LanguageSnapshot { view.snapshot }

  func offset(_ position: LSP.Position) -> Int {
    tree.offset(of: position, in: view.encoding)
  }

  /// The bytes of a range, whichever way round it is given.
  func bytes(_ range: LSP.Range) -> Range<Int> {
    tree.bytes(of: range, in: view.encoding)
  }

  func range(_ bytes: Range<Int>) -> LSP.Range {
    tree.range(of: bytes, in: view.encoding)
  }
}
