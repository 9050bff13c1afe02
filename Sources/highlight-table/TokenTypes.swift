/// Syntax/captures.txt: what a capture is in the protocol's words.
struct TokenTypes {
  /// A type and modifiers; none where the server says nothing.
  private var words: [String: [String]] = [:]

  init(_ text: String) throws(CompileError) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let words = line.split(separator: " ").map(String.init)
      guard let capture = words.first, !capture.hasPrefix("#") else { continue }
      guard words.count >= 2, words[1] == "=" else {
        throw CompileError(line: index + 1, message: "expected `capture = type modifier …`")
      }
      self.words[capture] = Array(words.dropFirst(2))
    }
  }

  /// The Swift expression for a capture; absent for one that is not known.
  func expression(_ capture: String) -> String? {
    guard let words = words[capture] else { return nil }
    guard let type = words.first else { return "nil" }
    if words.count == 1 { return "Highlight(.\(type))" }
    let modifiers = words.dropFirst().map { ".\($0)" }.joined(separator: ", ")
    return "Highlight(.\(type), [\(modifiers)])"
  }
}
