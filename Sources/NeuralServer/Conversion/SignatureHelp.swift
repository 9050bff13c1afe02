import LanguageServerProtocol
import NeuralIDE

extension DocumentView {
  func convert(_ help: SignatureHelp) -> LSP.SignatureHelp {
    func markup(_ text: String?) -> LSP.MarkupContent? {
      text.map {
        LSP.MarkupContent($0, asMarkdown: view.capabilities.signatureMarkdown)
      }
    }
    let label = Array(help.label.utf8)
    func text(_ range: Range<Int>) -> String { String(decoding: label[range], as: UTF8.self) }
    return LSP.SignatureHelp(
      label: help.label, documentation: markup(help.documentation),
      parameters: help.parameters.map { parameter in
        let range = parameter.range
        let start = text(0..<range.lowerBound).utf16.count
        return LSP.SignatureHelp.Parameter(
          label: view.capabilities.signatureOffsets
            ? .offsets(start, start + text(range).utf16.count) : .text(text(range)),
          documentation: markup(parameter.documentation))
      },
      activeParameter: help.active ?? help.parameters.count)
  }
}
