import LanguageServerProtocol
import NeuralIDE

extension DocumentView {
  /// `isToldLater` says that the documentation is left for when it is asked for.
  func convert(
    _ item: CompletionItem, replacing range: LSP.Range, isToldLater: Bool
  ) -> LSP.CompletionItem {
    let keepsSnippet = item.isSnippet && view.capabilities.snippets
    let text = item.isSnippet && !keepsSnippet ? Snippet.plain(item.insertText) : item.insertText
    return LSP.CompletionItem(
      label: item.label, kind: LSP.CompletionItem.Kind(item.kind), detail: item.detail,
      documentation: isToldLater ? nil : documentation(of: item), sortText: item.sortText,
      filterText: item.filterText,
      commitCharacters: view.capabilities.commitCharacters ? item.commitCharacters : [],
      isSnippet: keepsSnippet,
      textEdit: LSP.TextEdit(range: range, newText: text))
  }

  func documentation(of item: CompletionItem) -> LSP.MarkupContent? {
    item.documentation.map {
      LSP.MarkupContent($0, asMarkdown: view.capabilities.completionMarkdown)
    }
  }
}

extension LSP.CompletionItem.Kind {
  init(_ kind: CompletionItem.Kind) {
    switch kind {
    case .layer: self = .class
    case .definition, .function: self = .function
    case .network: self = .module
    case .parameter, .setting: self = .property
    case .value: self = .variable
    case .constant: self = .constant
    case .section, .keyword: self = .keyword
    case .snippet: self = .snippet
    case .file: self = .file
    case .folder: self = .folder
    }
  }
}

enum Snippet {
  /// A snippet's text with its placeholders' defaults and without tab stops, for a client that has
  /// none: `Dense(${1:64})$0` is `Dense(64)`.
  static func plain(_ snippet: String) -> String {
    var output: [UInt8] = []
    let bytes = Array(snippet.utf8)
    var index = 0
    var open = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      switch byte {
      case UInt8(ascii: "\\") where index < bytes.count:
        output.append(bytes[index])
        index += 1
      case UInt8(ascii: "$"):
        let isBraced = index < bytes.count && bytes[index] == UInt8(ascii: "{")
        var next = isBraced ? index + 1 : index
        let digits = next
        while next < bytes.count, (0x30...0x39).contains(bytes[next]) { next += 1 }
        guard next > digits else {
          output.append(byte)
          continue
        }
        index = next
        guard isBraced, index < bytes.count else { continue }
        if bytes[index] == UInt8(ascii: ":") {
          open += 1
          index += 1
        } else if bytes[index] == UInt8(ascii: "|") {
          // Of a choice, the first.
          let choices = bytes[(index + 1)...].prefix { $0 != UInt8(ascii: "|") }
          output += choices.prefix { $0 != UInt8(ascii: ",") }
          index = min(choices.endIndex + 2, bytes.count)
        } else {
          index += 1
        }
      case UInt8(ascii: "}") where open > 0: open -= 1
      default: output.append(byte)
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
