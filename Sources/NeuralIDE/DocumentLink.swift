import NeuralModel
import NeuralSyntax

/// A place in the text that leads to another file or page.
public struct DocumentLink: Sendable, Equatable {
  public enum Target: Sendable, Equatable {
    case file(String)
    case url(String)
  }

  public var range: Range<Int>
  public var target: Target

  /// The imports of a file, and the addresses in its strings and comments.
  public static func all(in document: Document) -> [DocumentLink] {
    let tree = document.tree
    var links: [DocumentLink] = []
    for case .import(let declaration) in document.source.declarations {
      guard let path = ImportPath.resolve(declaration.path, from: document.path) else { continue }
      let range = tree.range(of: declaration.pathRange)
      // Without the quotes.
      guard range.count > 2 else { continue }
      links.append(
        DocumentLink(range: range.lowerBound + 1..<range.upperBound - 1, target: .file(path)))
    }
    for token in tree.tokens(in: 0..<tree.byteCount) {
      switch token.kind {
      case .string, .comment, .documentation:
        let start = token.range.lowerBound
        for range in addresses(in: token.bytes) {
          let place = start + range.lowerBound..<start + range.upperBound
          links.append(
            DocumentLink(
              range: place,
              target: .url(String(decoding: tree.text(in: place), as: UTF8.self))))
        }
      default: continue
      }
    }
    return links.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// Where addresses of the web stand, without the sign that ends a sentence.
  private static func addresses(in text: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var index = 0
    while let colon = text[index...].firstIndex(of: UInt8(ascii: ":")) {
      index = colon + 1
      let scheme = ["https", "http"].first {
        text[..<colon].suffix($0.utf8.count).elementsEqual($0.utf8)
      }
      guard let scheme, text[index...].starts(with: "//".utf8) else { continue }
      var end = index + 2
      while end < text.count, isAddress(text[end]) { end += 1 }
      while end > index + 2, ".,;:!?)'\"".utf8.contains(text[end - 1]) { end -= 1 }
      if end > index + 2 { found.append(colon - scheme.utf8.count..<end) }
      index = end
    }
    return found
  }

  private static func isAddress(_ byte: UInt8) -> Bool {
    (0x21...0x7E).contains(byte) && !"\"<>\\^`{|}".utf8.contains(byte)
  }
}
