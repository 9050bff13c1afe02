import NeuralSyntax

/// The text of the file that is checked, for line numbers in messages and for edits that keep its
/// layout.
struct SourceText: Sendable {
  private let tree: SyntaxTree

  init(_ tree: SyntaxTree) { self.tree = tree }

  /// The line on which a range starts, from 1.
  func line(of range: SourceRange) -> Int {
    tree.position(at: tree.range(of: range).lowerBound, in: .utf8).line + 1
  }

  func text(of range: SourceRange) -> String {
    String(decoding: tree.text(in: tree.range(of: range)), as: UTF8.self)
  }

  /// Whether one range starts before another.
  func isBefore(_ range: SourceRange, _ other: SourceRange) -> Bool {
    tree.range(of: range).lowerBound < tree.range(of: other).lowerBound
  }

  /// Bytes between the ends of a range.
  func length(of range: SourceRange) -> Int { tree.range(of: range).count }

  /// The blanks before a range that begins its line; `nil` where something else stands before it.
  func indentation(before range: SourceRange) -> String? {
    let start = tree.range(of: range).lowerBound
    let line = tree.position(at: start, in: .utf8).line
    let lineStart = tree.offset(of: TextPosition(line: line, column: 0), in: .utf8)
    let blanks = tree.text(in: lineStart..<start)
    guard blanks.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return nil }
    return String(decoding: blanks, as: UTF8.self)
  }

  /// The line break that the file uses.
  var lineBreak: String {
    let start = tree.text(in: 0..<min(tree.byteCount, 4096))
    guard let index = start.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else { return "\n" }
    if start[index] == 0x0A { return "\n" }
    return index + 1 < start.count && start[index + 1] == 0x0A ? "\r\n" : "\r"
  }

  /// Whether a `{` follows a range, blanks between.
  func hasBrace(after range: SourceRange) -> Bool {
    let end = tree.range(of: range).upperBound
    return tree.text(in: end..<min(end + 64, tree.byteCount))
      .first { $0 != 0x20 && $0 != 0x09 } == 0x7B
  }
}
