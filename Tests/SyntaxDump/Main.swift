import Glibc
import NeuralSyntax

/// Writes the trees of many texts, for Tests/Editors to compare with tree-sitter's.
///
/// From standard input, each text stands behind its length in bytes and a line break. For each, two
/// lines are written: `-`, or the place and the message of its first error; and its nodes in the
/// order of the text, `kind start end` each, those of a node between `(` and `)` behind it.
@main struct SyntaxDump {
  static func main() {
    while let length = readLine().flatMap({ Int($0) }) {
      guard let text = read(length) else { exit(1) }
      write(SyntaxTree.parse(text))
      fflush(nil)
    }
  }

  private static func read(_ length: Int) -> [UInt8]? {
    var text: [UInt8] = []
    text.reserveCapacity(length)
    while text.count < length {
      let byte = getchar()
      guard byte != EOF else { return nil }
      text.append(UInt8(truncatingIfNeeded: byte))
    }
    return text
  }

  private static func write(_ tree: SyntaxTree) {
    if let error = tree.errors.first(where: { $0.code != .oldForm }) {
      // A message may quote more than a line.
      let message = error.message.split(whereSeparator: \.isNewline).joined(separator: " ")
      print(tree.range(of: error.range).lowerBound, message)
    } else {
      print("-")
    }
    var line = ""
    write(tree.root, &line)
    print(line)
  }

  private static func write(_ node: SyntaxNode, _ line: inout String) {
    let range = node.range
    line += "\(node.kind) \(range.lowerBound) \(range.upperBound) "
    guard !node.isToken else { return }
    line += "( "
    for child in node.children { write(child, &line) }
    line += ") "
  }
}
