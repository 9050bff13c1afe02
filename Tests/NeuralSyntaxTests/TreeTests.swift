import Testing

@testable import NeuralSyntax

@Suite struct TreeTests {
  /// Long enough for many chunks, with blocks that span them.
  static let long: String = {
    let body = (0..<200).map { "    Conv2D(\($0), 3) -> x\($0)  # \($0)\n" }.joined()
    return "define A {\n  Residual {\n\(body)  } -> y\n}\n"
      + "network B {\n  input: (3)\n  layers:\n\(body)  loss: \"mse\"\n}\n"
  }()

  @Test func longFilesHaveManyChunks() {
    let tree = check(Self.long)
    #expect(errors(tree) == [])
    #expect(tree.chunks.count > 8)
    var largest = 0
    tree.chunks.forEach { largest = max(largest, $0.chunk.text.count) }
    #expect(largest < 2 * SyntaxTree.usualChunkSize)
    let file = tree.sourceFile
    guard case .definition(let definition) = file.declarations[0],
      case .flow(let flow) = definition.body.statements[0].kind,
      case .step(let step) = flow.elements[0], case .network(let network) = file.declarations[1],
      case .statements(let layers) = network.sections[1].value
    else {
      Issue.record("not as expected")
      return
    }
    #expect(step.call.block?.statements.count == 200)
    #expect(flow.elements.map(Dump.element).last == "y")
    #expect(layers.statements.count == 200)
    #expect(network.sections.map(\.keyword.text) == ["input", "layers", "loss"])
    let text = Array(Self.long.utf8)
    #expect(text[tree.range(of: definition.range)].last == 0x7D)
    #expect(tree.range(of: definition.range).lowerBound == 0)
    #expect(
      text[tree.range(of: network.range)].elementsEqual(
        text[tree.range(of: definition.range).upperBound + 1..<text.count - 1]))
  }

  /// Behind what is cut off a comment is added by another way.
  @Test func threeSignsStartNoDocumentation() {
    for length in 1000..<1040 {
      let tree = check(
        "define A {\n\(String(repeating: "x\n", count: length / 2)) y ### no\n z ## yes\n}")
      let comments = tree.tokens(in: 0..<tree.byteCount).filter(\.kind.isComment)
      #expect(comments.map(\.kind) == [.comment, .documentation])
    }
  }

  @Test func nodesKnowTheirParentsAndChildren() {
    for text in [Self.long, sample] {
      let tree = check(text)
      var tokens: [SyntaxNode] = []
      func visit(_ node: SyntaxNode) {
        if node.isToken { tokens.append(node) }
        var last = node.range.lowerBound
        for child in node.children {
          #expect(child.parent == node)
          #expect(child.range.lowerBound >= last && child.range.upperBound <= node.range.upperBound)
          last = child.range.upperBound
          visit(child)
        }
      }
      visit(tree.root)
      #expect(tokens == tree.tokens(in: 0..<tree.byteCount))
      for (token, next) in zip(tokens, tokens.dropFirst()) {
        #expect(token.nextToken == next && next.previousToken == token)
      }
    }
  }

  @Test func tokensAndNodesAtPlaces() {
    let text = Array("network A { layers: Dense(10) -> x }".utf8)
    let tree = check(text)
    #expect(tree.token(at: 20)?.text == "Dense")
    #expect(tree.token(at: 19) == nil)
    #expect(tree.token(before: 20)?.text == ":")
    #expect(tree.token(before: 25)?.text == "Dense")
    #expect(tree.token(before: 24)?.text == ":")
    #expect(tree.token(before: 0) == nil)
    #expect(
      tree.token(at: 26)?.ancestors.map(\.kind) == [
        .argument, .argumentList, .step, .flow, .section, .network,
      ])
    #expect(tree.node(at: 26).kind == .argument)
    #expect(tree.node(at: 30).kind == .flow)
    #expect(tree.tokens(in: 24..<27).map(\.text) == ["Dense", "(", "10"])
    #expect(tree.root.children.map(\.kind) == [.network])
  }

  @Test func everyOffsetHasItsToken() {
    let tree = check(Self.long)
    let tokens = tree.tokens(in: 0..<tree.byteCount)
    var index = 0
    for offset in stride(from: 0, to: tree.byteCount, by: 7) {
      while index < tokens.count, tokens[index].range.upperBound <= offset { index += 1 }
      let expected =
        index < tokens.count && tokens[index].range.contains(offset) ? tokens[index] : nil
      #expect(tree.token(at: offset) == expected)
      #expect(tree.token(before: offset) == (index > 0 ? tokens[index - 1] : nil))
    }
  }

  /// What the parser knows at the start of a chunk is all that it needs: reading from there on
  /// gives the same chunks.
  @Test func readingCanStartAtAnyChunk() {
    var broken = Self.long
    broken.replaceSubrange(broken.startIndex..<broken.startIndex, with: "define {\n Dense(\n } }\n")
    let holes = Self.long.replacing("x17 ", with: "").replacing("Conv2D(1", with: "Conv2D((1")
    for text in [
      Self.long, broken, holes, String(repeating: sample, count: 5),
      Self.long.replacing("}", with: ""),
    ] {
      let bytes = Array(text.utf8)
      let chunks = Parser.chunks(of: bytes, chunkSize: 256)
      #expect(chunks.count > 4)
      var position = 0
      for (place, chunk) in chunks.enumerated() {
        let lexer = Lexer(
          text: Array(bytes[position...]), isStart: place == 0, isEnd: true, state: chunk.start)
        var parser = Parser(lexer, from: chunk.start, chunkSize: 256)
        parser.run()
        position += chunk.text.count
        guard parser.finished.count == chunks.count - place else {
          Issue.record("\(parser.finished.count) chunks instead of \(chunks.count - place)")
          continue
        }
        for (again, chunk) in zip(parser.finished, chunks[place...]) {
          #expect(again.text == chunk.text)
          #expect(again.nodes == chunk.nodes)
          #expect(again.errors == chunk.errors)
          #expect(again.start == chunk.start)
          #expect(again.suspicion == chunk.suspicion)
          #expect(again.summary == chunk.summary)
        }
      }
    }
  }
}
