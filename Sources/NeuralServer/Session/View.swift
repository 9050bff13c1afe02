import LanguageServerProtocol
import NeuralIDE
import NeuralModel

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
  /// The folder that the client has open.
  var root: String?

  func uri(of path: String) -> String {
    documents[path]?.uri ?? DocumentURI.uri(ofPath: path)
  }
}

/// The one document that most requests are about.
struct DocumentView: Sendable {
  var view: View
  var path: String
  var text: any TextDocument

  /// Absent where the document is not open.
  init?(_ view: View, uri: String) {
    guard let path = DocumentURI.path(of: uri), view.documents[path] != nil,
      let text = view.snapshot.document(path)
    else { return nil }
    self.view = view
    self.path = path
    self.text = text
  }

  var snapshot: any LanguageSnapshot { view.snapshot }

  func offset(_ position: LSP.Position) -> Int {
    text.offset(of: position, in: view.encoding)
  }

  /// The bytes of a range, whichever way round it is given.
  func bytes(_ range: LSP.Range) -> Range<Int> {
    text.bytes(of: range, in: view.encoding)
  }

  func range(_ bytes: Range<Int>) -> LSP.Range {
    text.range(of: bytes, in: view.encoding)
  }
}

extension TextDocument {
  func bytes(of range: LSP.Range, in encoding: LSP.PositionEncoding) -> Range<Int> {
    let start = offset(of: range.start, in: encoding)
    let end = offset(of: range.end, in: encoding)
    return min(start, end)..<max(start, end)
  }

  func range(of bytes: Range<Int>, in encoding: LSP.PositionEncoding) -> LSP.Range {
    let start = position(at: bytes.lowerBound, in: encoding)
    return LSP.Range(
      start: start, end: bytes.isEmpty ? start : position(at: bytes.upperBound, in: encoding))
  }
}
