import LanguageServerProtocol
import NeuralIDE
import NeuralSyntax

extension Answers {
  static func semanticTokens(_ document: DocumentView, _ params: LSP.DocumentParams) -> JSON {
    let data = document.tokenData(in: nil)
    return document.view.tokenResults.keep(data, for: document.path).json
  }

  /// The whole again where the client's last answer is not the one that is kept.
  static func semanticTokensDelta(
    _ document: DocumentView, _ params: LSP.SemanticTokensDeltaParams
  ) -> JSON {
    let results = document.view.tokenResults
    let old = results.data(params.previousResultID, for: document.path)
    let new = results.keep(document.tokenData(in: nil), for: document.path)
    guard let old, let id = new.resultID else { return new.json }
    return LSP.SemanticTokensDelta(
      resultID: id, edits: LSP.SemanticTokensDelta.Edit.edits(from: old, to: new.data)
    ).json
  }

  static func semanticTokensInRange(_ document: DocumentView, _ params: LSP.RangeParams) -> JSON {
    let data = document.tokenData(in: document.bytes(params.range))
    return LSP.SemanticTokens(resultID: nil, data: data).json
  }
}

extension DocumentView {
  fileprivate func tokenData(in range: Range<Int>?) -> [Int] {
    TokenLegend(view.capabilities).encode(
      snapshot.semanticTokens(path, in: range), in: tree, ColumnEncoding(view.encoding))
  }
}
