import NeuralSyntax
import Testing

/// What goes with a part of the text that is taken away.
@Test(arguments: [
  ("a -> «b»\n", "a\n"), ("a\n  -> «b» -> c\n", "a -> c\n"), ("a -> «b» -> c", "a -> c"),
  ("a\n  «let b = 1»\n  c\n", "a\n  c\n"), ("a\r\n  «b»\r\nc", "a\r\nc"), ("«b»", ""),
  ("a «b» c", "a c"), ("a «b»\nc", "a\nc"), ("{ «b» }", "{ }"), ("{ a, «b» }", "{ a }"),
  ("{ «b», a }", "{ a }"),
])
func removal(marked: String, expected: String) throws {
  let start = try #require(marked.firstRange(of: "«"))
  let end = try #require(marked.firstRange(of: "»"))
  let first = marked[..<start.lowerBound].utf8.count
  let last = first + marked[start.upperBound..<end.lowerBound].utf8.count
  let text = marked.replacing("«", with: "").replacing("»", with: "")
  var bytes = Array(text.utf8)
  bytes.removeSubrange(SyntaxTree.parse(bytes).removal(of: first..<last))
  #expect(String(decoding: bytes, as: UTF8.self) == expected)
}
