import Testing

@testable import NeuralSyntax

@Suite struct SyntaxVisitorTests {
  /// Writes down what it is told.
  private struct Recorder: SyntaxVisitor {
    var text: [String] = []
    var depth = 0
    mutating func open(_ kind: SyntaxKind) {
      text.append("\(kind)(")
      depth += 1
    }
    mutating func close() {
      text.append(")")
      depth -= 1
    }
    mutating func visit(_ token: VisitedToken) {
      text.append("\(token.kind)@\(token.range.lowerBound)")
    }
  }

  /// The same, asked of each node for itself.
  private func reference(_ node: SyntaxNode) -> [String] {
    if node.isToken { return ["\(node.kind)@\(node.range.lowerBound)"] }
    return ["\(node.kind)("] + node.children.flatMap(reference) + [")"]
  }

  private func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let tree = SyntaxTree.parse(Array(text.utf8))
    var recorder = Recorder()
    tree.walk(0..<tree.byteCount, &recorder)
    #expect(
      recorder.text == tree.root.children.flatMap(reference), sourceLocation: sourceLocation)
    #expect(recorder.depth == 0, sourceLocation: sourceLocation)
  }

  @Test func everyNodeOnce() {
    for text in [
      "", "\n", "# only\n", "network N {", "}",
      "network N { input: (4) layers: Dense(3) -> x { } Add(x) * 2 # end\n}",
      "define D(a, b=(1,)) { if a { Dense(b) } else { } }\nnetwork N { layers: D(",
    ] { check(text) }
    // Blocks that go on through several chunks, the last one without its end.
    let lines = String(repeating: "  Dense(3) { ReLU() -> a # b\n Add(a) }\n", count: 200)
    check("define D() { Residual { for i in range(3) {\n\(lines)} } \n}\n")
    check("network N { layers:\n if a {\n\(lines)} else {\n\(lines)")
  }

  @Test func aPartOfTheTextHasTheNodesAroundIt() {
    let lines = String(repeating: "  Dense(3) -> a\n", count: 500)
    let tree = SyntaxTree.parse(Array("define D() { Residual {\n\(lines)} }".utf8))
    var recorder = Recorder()
    tree.walk(4000..<4010, &recorder)
    #expect(
      recorder.text.prefix(6) == ["definition(", "block(", "flow(", "step(", "block(", "flow("])
    #expect(recorder.text.count < 2000)
  }

  @Test func whatATokenStandsIn() {
    struct Alone: SyntaxVisitor {
      var found: [String: (Bool, SyntaxKind?)] = [:]
      func open(_ kind: SyntaxKind) {}
      func close() {}
      mutating func visit(_ token: VisitedToken) {
        found[String(decoding: token.text[token.place], as: UTF8.self)] = (
          token.isAlone, token.next
        )
      }
    }
    let tree = SyntaxTree.parse(
      Array("network N { layers: a -> B(c, d=e) -> branch { F * 2 } }".utf8))
    var alone = Alone()
    tree.walk(0..<tree.byteCount, &alone)
    for name in ["a", "c"] { #expect(alone.found[name] ?? (false, .name) == (true, nil)) }
    #expect(alone.found["B"] ?? (true, nil) == (false, .argumentList))
    #expect(alone.found["d"] ?? (true, nil) == (false, .equal))
    #expect(alone.found["e"] ?? (true, .name) == (false, nil))
    #expect(alone.found["branch"] ?? (true, nil) == (false, .block))
    #expect(alone.found["F"] ?? (true, nil) == (false, .repetition))
  }
}
