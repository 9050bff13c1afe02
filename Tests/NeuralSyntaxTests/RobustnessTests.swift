import Support
import Testing

@testable import NeuralSyntax

@Suite struct RobustnessTests {
  /// Parses, checks and reads: none of them may trap.
  @discardableResult
  private func read(_ text: [UInt8]) -> SyntaxTree {
    let tree = check(text)
    _ = tree.sourceFile
    return tree
  }

  @Test func randomBytes() {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<2000 {
      let count = Int.random(in: 0..<300, using: &generator)
      read((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
  }

  @Test func randomPieces() {
    let pieces = [
      "network A {", "}", "{", "(", ")", "[", "]", "layers:", "input:", "->", "x", "Dense(", "64",
      ",", "\n", "  ", "let", "=", "if", "else", "for", "in", "* 3", "@", "\"s", "\"", "# c\n",
      "## d\n", "require", "weights {", "a: ", "layer B(", "int >= 1", "|", "...", ":", ";", "not",
      "as", "when", "train {", "define C", "import", "-", "**", "1e", ".", "é", "\u{1F600}", "\r",
      "loss: {", "body {", "research {", "where", "if x {", "} else {", "} else if",
    ].map { Array($0.utf8) }
    var generator = SplitMix64(seed: 2)
    for _ in 0..<2000 {
      var text: [UInt8] = []
      for _ in 0..<Int.random(in: 0..<120, using: &generator) {
        text += pieces[Int.random(in: 0..<pieces.count, using: &generator)]
        if Bool.random(using: &generator) { text.append(0x20) }
      }
      read(text)
    }
  }

  @Test func everyPrefix() {
    let text = Array(sample.utf8)
    for end in 0...text.count { read(Array(text[..<end])) }
  }

  @Test func everySuffix() {
    let text = Array(sample.utf8)
    for start in 0...text.count { read(Array(text[start...])) }
  }

  @Test func everyTokenLeftOut() {
    let text = Array(sample.utf8)
    for token in SyntaxTree.parse(text).tokens(in: 0..<text.count) {
      let range = token.range
      let tree = read(Array(text[..<range.lowerBound] + text[range.upperBound...]))
      #expect(tree.errors.count <= 4, "without \(token.text) at \(range): \(errors(tree))")
    }
  }

  @Test func everyTokenTwice() {
    let text = Array(sample.utf8)
    for token in SyntaxTree.parse(text).tokens(in: 0..<text.count) {
      let range = token.range
      read(Array(text[..<range.upperBound]) + [0x20] + Array(text[range.lowerBound...]))
    }
  }

  @Test func everyByteReplaced() {
    let text = Array(sample.utf8)
    for index in text.indices {
      let bytes: [UInt8] = [0x00, 0x22, 0x7B, 0x7D, 0x28, 0x29, 0x0A, 0xFF]
      var text = text
      text[index] = bytes[index % bytes.count]
      read(text)
    }
  }

  @Test(arguments: ["(", "[", "f(", "a[", "-", "not ", "2 ** ", "(a, ", "x if y else "])
  func deepExpressions(_ opener: String) {
    let text = "define A { let x = (" + String(repeating: opener, count: 10_000) + "\n Dense(1) }"
    let tree = read(Array(text.utf8))
    #expect(tree.errors.filter { $0.code == .expansionLimit }.count == 1)
  }

  @Test func deepBalancedBrackets() {
    let text =
      "define A { let x = " + String(repeating: "(", count: 10_000)
      + String(repeating: ")", count: 10_000) + "\n Dense(1) }"
    let tree = read(Array(text.utf8))
    #expect(tree.errors.count == 1)
    #expect(Dump.file(tree.sourceFile).hasSuffix("; Dense(1)}"))
  }

  @Test func longChains() {
    for link in [" + a", " * a", " and a", "[0]", " if a else a", " ** a", " - (a)"] {
      let text =
        "define A { let x = (a" + String(repeating: link, count: 10_000) + ")\n Dense(1) }"
      let tree = read(Array(text.utf8))
      #expect(tree.errors.map(\.code) == [.expansionLimit])
      #expect(Dump.file(tree.sourceFile).hasSuffix("; Dense(1)}"), "\(link)")
    }
  }

  @Test func longFlowsAndComparisonsAreFlat() {
    let flow = "define A { a" + String(repeating: " -> B()", count: 10_000) + " }"
    #expect(read(Array(flow.utf8)).errors.isEmpty)
    let comparison = "define A { let x = a" + String(repeating: " < b", count: 10_000) + " }"
    #expect(read(Array(comparison.utf8)).errors.isEmpty)
  }

  @Test(arguments: ["A {", "if x {", "for i in a {", "A { B() -> ", "A { shortcut {"])
  func deepBlocks(_ opener: String) {
    let text =
      "define A {" + String(repeating: opener + "\n", count: 10_000)
      + String(repeating: "}", count: 10_000) + "}\ndefine B { Dense(1) }"
    let tree = read(Array(text.utf8))
    #expect(tree.errors.filter { $0.code == .expansionLimit }.count == 1)
    let limit = tree.errors.first { $0.code == .expansionLimit }
    #expect(limit.map { tree.range(of: $0.range).count } == 1)
  }

  /// Bodies without `{` nest no deeper than those with one.
  @Test func deepBodiesWithoutBraces() {
    let lines = (1...400).map { String(repeating: " ", count: $0) + "if a\n" }.joined()
    let tree = read(Array("define A {\n\(lines)}\ndefine B { Dense(1) }".utf8))
    #expect(depth(of: tree) < 3 * Parser.blockDepth)
    #expect(Dump.file(tree.sourceFile).hasSuffix("\ndefine B() {Dense(1)}"))
    let line = String(repeating: String(repeating: "if a ", count: 100) + "}", count: 30)
    #expect(depth(of: read(Array("define A {\n\(line)\n}".utf8))) < 3 * Parser.blockDepth)
  }

  private func depth(of tree: SyntaxTree) -> Int {
    FlatSyntax(tree).entries.reduce(0) { max($0, Int($1.depth)) }
  }

  @Test func blocksDownToTheLimitAreRead() {
    let text =
      "define A {" + String(repeating: "B {", count: 255) + String(repeating: "}", count: 256)
    #expect(read(Array(text.utf8)).errors.isEmpty)
  }

  @Test func bracesThatNeverClose() {
    let text = "define A {" + String(repeating: "B {\n", count: 10_000) + "define C { Dense(1) }"
    let tree = read(Array(text.utf8))
    #expect(Dump.file(tree.sourceFile).hasSuffix("\ndefine C() {Dense(1)}"))
  }

  @Test func bracesOfWhatIsPassedOver() {
    let text = "network A(classes=1if x {000) {\n  input: (8)\n}\ndefine C { Dense(1) }"
    #expect(Dump.file(read(Array(text.utf8)).sourceFile).hasSuffix("\ndefine C() {Dense(1)}"))
  }

  @Test func longTokens() {
    let long = String(repeating: "a", count: 1_000_000)
    for text in [
      "define A { \(long)(3) }", "define A { Dense(\"\(long)\") }", "define \(long) { }",
      "# \(long)\ndefine A { }", "define A { Dense(\(String(repeating: "1", count: 1_000_000))) }",
      String(repeating: "\0", count: 1_000_000), String(repeating: "\n", count: 1_000_000),
      "network A {" + String(repeating: " ", count: 1_000_000) + "}",
    ] {
      read(Array(text.utf8))
    }
  }

  @Test func statementsLongerThanOffsetsReach() {
    let text =
      "define A {\n Dense(1)\n Concatenate(["
      + String(repeating: "\"" + String(repeating: "x", count: 1_000_000) + "\", ", count: 18)
      + "])\n Dense(2)\n}\ndefine B { Dense(3) }"
    let tree = read(Array(text.utf8))
    #expect(tree.errors.map(\.code) == [.expansionLimit])
    let file = tree.sourceFile
    #expect(file.declarations.count == 2)
    guard case .definition(let definition) = file.declarations.first else {
      Issue.record("no definition")
      return
    }
    #expect(definition.body.statements.first.map(Dump.statement) == "Dense(1)")
    #expect(definition.body.statements.last.map(Dump.statement) == "Dense(2)")
  }

  /// The `else` is part of the `if`, whose chunk has no room for places so far away.
  @Test(arguments: ["if a == 1\n    Dense(3)", "if a == 1 {\n    Dense(3)"])
  func commentsLongerThanOffsetsReach(_ start: String) {
    let comment = "# " + String(repeating: "c", count: 100_000) + "\n"
    let text =
      "define A {\n  \(start)\n" + String(repeating: comment, count: 170)
      + "  else {\n    Dense(4)\n  }\n  Dense(5)\n}\ndefine B { Dense(6) }"
    let tree = read(Array(text.utf8))
    #expect(!tree.errors.isEmpty)
    #expect(Dump.file(tree.sourceFile).hasSuffix("; Dense(5)}\ndefine B() {Dense(6)}"))
  }

  @Test func aLargeFileTakesLinearTime() {
    let text = Array(String(repeating: sample, count: 10_000_000 / sample.utf8.count).utf8)
    let clock = ContinuousClock()
    let time = clock.measure {
      let tree = SyntaxTree.parse(text)
      #expect(tree.errors.isEmpty)
      #expect(tree.byteCount == text.count)
    }
    // Without optimization; a hundredth of this with it.
    #expect(time < .seconds(60))
  }
}

/// Every form of the language once.
let sample = """
  import "blocks.neural"
  import Bottleneck, Stage from 'more.neural'

  ## A block.
  define Block(filters, strides=1, memory: value = none) {
    Conv2D(filters, 3, strides=strides, padding="same") -> x
    (x, memory) -> Attention() * 2 @ "cuda:0" -> (a, b)
    Residual {
      Dense(filters * 2 ** 3 // 4 - -1)
      shortcut { Conv2D(filters, 1) }
    } * 3
  }
  # neural: allow(unused-value)
  network Net(classes=1000) {
    input: { image: (224, 224, 3), question: int32 (seq) } where seq % 2 == 0, 1 <= seq < 9
    layers:
      let width = HPO(choice(32, 64))
      ## The first.
      Block(width, strides=(2 if width > 32 else 1)) -> skips[0]
      for (f, n) in [(64, 3), (128, 4)] { Conv2D(f) * n }
      if classes > 10 and not (width in [1, 2]) { Dense(1) } else if true { Dense(2); } else { }
      Output(classes, activation: "softmax")
    loss: { a: "mse", b: Huber(delta=1.0) }
    optimizer: Adam(learning_rate=1e-3)
    train { epochs: 15, batch_size: [32, 64] }
  }
  layer Gated(units: int >= 1, rate | p: float in [0, 1) | none = .5, of: layer in recurrent) {
    input: (batch, ...leading, features), int32 ids (batch, n) = none, ...values
    require units % 2 == 0, "units must be even" as not-divisible
    if p == none { output: ids[1:], x[-1] } else { output: (batch, units) }
    weights { kernel: (features, units) = zeros when p != none  bias: (units) }
    body { Dense(units) }
    macs: product(leading) * features
  }
  research Notes { title: "t" metrics { accuracy: 0.9 } }

  """
