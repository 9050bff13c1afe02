@testable import NeuralServer
import LanguageServerProtocol
import Testing

@Suite struct ConversionTests {
  @Test(
    arguments: [
      ("file:///a/b.neural", "/a/b.neural"), ("file:/a", "/a"), ("FILE:///a", "/a"),
      ("file://localhost/a", "/a"), ("file:///a%20%C3%A9%2Fb", "/a é/b"), ("file:///a%2", nil),
      ("file:///a%zz", nil), ("file:///a%00", nil), ("file://host/a", nil), ("file:", nil),
      ("file:a", nil), ("file://", nil), ("http://x/a", nil), ("", nil), ("/a", nil),
      ("untitled:Untitled-1", "untitled:Untitled-1"), ("file:///%FF", "/\u{FFFD}"),
    ] as [(String, String?)])
  func paths(uri: String, path: String?) {
    #expect(DocumentURI.path(of: uri) == path)
  }

  @Test(arguments: [
    ("/a b/é#?%.neural", "file:///a%20b/%C3%A9%23%3F%25.neural"),
    ("/a-b_c.d~e", "file:///a-b_c.d~e"),
    ("untitled:x", "untitled:x"),
  ])
  func uris(path: String, uri: String) {
    #expect(DocumentURI.uri(ofPath: path) == uri)
    #expect(DocumentURI.path(of: uri) == path)
  }

  @Test(arguments: [
    ("a", "a"), ("$0", ""), ("${0}", ""), ("a($1)$0", "a()"), ("${1:x}", "x"),
    ("${1:a${2:b}c}d", "abcd"), ("${1|one,two|}!", "one!"), (#"\$1 \} \\"#, #"$1 } \"#),
    ("{x}", "{x}"),
    ("$", "$"), ("${", "${"), ("${1", ""), ("${1:", ""), ("${1|", ""), ("$x", "$x"), ("\\", "\\"),
  ])
  func snippets(snippet: String, text: String) {
    #expect(Snippet.plain(snippet) == text)
  }

  @Test(arguments: [
    ("```neural\nA(b=`1`)\n```\n\nOne **two** `**x`.", "A(b=`1`)\n\nOne two **x."),
    ("*loss*\n\n- `a * b * c`", "loss\n\n- a * b * c"), ("a * b", "a * b"), ("**", ""),
    ("| | |\n| --- | --- |\n| input `x` | `(batch, 8)` |", "input x: (batch, 8)"),
    ("a\n\n---\n\nb", "a\n\nb"),
    ("see [it](https://x.y/z) and [1]", "see it (https://x.y/z) and [1]"),
    ("[", "["), ("](", "]("), ("[](", "[]("), ("```\nopen", "open"), ("", ""), ("|", ""),
  ])
  func plainText(markdown: String, text: String) {
    #expect(Markdown.plain(markdown) == text)
  }
}
