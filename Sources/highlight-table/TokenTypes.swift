import Foundation

/// Syntax/captures.json: what a capture is in the protocol's words.
struct TokenTypes {
  /// A type and modifiers; none where the server says nothing.
  private let words: [String: String]

  init(_ text: String) throws(CompileError) {
    do {
      words = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
    } catch {
      throw CompileError("not in the form that the table is made from: \(error)")
    }
  }

  /// The Swift expression for a capture; absent for one that is not known.
  func expression(_ capture: String) -> String? {
    guard let words = words[capture]?.split(separator: " ") else { return nil }
    guard let type = words.first else { return "nil" }
    if words.count == 1 { return "Highlight(.\(type))" }
    let modifiers = words.dropFirst().map { ".\($0)" }.joined(separator: ", ")
    return "Highlight(.\(type), [\(modifiers)])"
  }
}
