import LanguageServerProtocol
import NeuralIDE

extension DocumentView {
  func convert(_ symbol: DocumentSymbol) -> LSP.DocumentSymbol {
    LSP.DocumentSymbol(
      name: symbol.name, detail: symbol.detail, kind: LSP.DocumentSymbol.Kind(symbol.kind),
      range: range(symbol.range), selectionRange: range(symbol.selection),
      children: symbol.children.map(convert))
  }
}

extension LSP.DocumentSymbol.Kind {
  init(_ kind: DocumentSymbol.Kind) {
    switch kind {
    case .network: self = .module
    case .definition: self = .function
    case .layerDeclaration: self = .class
    case .research: self = .namespace
    case .step: self = .field
    case .input: self = .variable
    case .constant: self = .constant
    case .setting: self = .property
    }
  }
}
