import LanguageServerProtocol

extension LSP.MarkupContent {
  /// Markdown as it is, or what is left to read of it for a client that shows none.
  init(_ markdown: String, asMarkdown: Bool) {
    self.init(isMarkdown: asMarkdown, value: asMarkdown ? markdown : Markdown.plain(markdown))
  }
}

enum Markdown {
  /// The text without its marks: code, emphasis, tables and links read as they would be shown.
  static func plain(_ markdown: String) -> String {
    var lines: [String] = []
    var isCode = false
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isCode.toggle()
      } else if isCode {
        lines.append(String(line))
      } else if line.hasPrefix("|") {
        if let row = row(line) { lines.append(row) }
      } else if line != "---" {
        lines.append(spans(emphasis(line)))
      } else if lines.last?.isEmpty == true {
        // A rule stands between two empty lines, of which one is enough.
        lines.removeLast()
      }
    }
    return lines.joined(separator: "\n")
  }

  /// `*layer*` as a line of its own.
  private static func emphasis(_ line: Substring) -> Substring {
    let inner = line.dropFirst().dropLast()
    return line.hasPrefix("*") && line.hasSuffix("*") && !inner.contains("*") && !inner.isEmpty
      ? inner : line
  }

  /// The cells of a row that has any.
  private static func row(_ line: Substring) -> String? {
    let cells = line.split(separator: "|").map { cell in
      spans(cell[...]).split(separator: " ").joined(separator: " ")
    }.filter { !$0.isEmpty && !$0.allSatisfy { "-:".contains($0) } }
    return cells.isEmpty ? nil : cells.joined(separator: ": ")
  }

  /// A line with what stands in backquotes as it is, and no other marks.
  private static func spans(_ line: Substring) -> String {
    line.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
      index.isMultiple(of: 2) ? links(part.replacing("**", with: "")) : String(part)
    }.joined()
  }

  /// `[paper](https://…)` as `paper (https://…)`.
  private static func links(_ text: Substring) -> String {
    var result = ""
    var rest = text
    while let middle = rest.firstRange(of: "]("),
      let start = rest[..<middle.lowerBound].lastIndex(of: "["),
      let end = rest[middle.upperBound...].firstIndex(of: ")")
    {
      result += rest[..<start] + rest[rest.index(after: start)..<middle.lowerBound]
      result += " (" + rest[middle.upperBound...end]
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }
}
