import Testing

@testable import NeuralSyntax

@Suite struct StatementTests {
  private func read(
    _ text: String, _ expected: String, at location: SourceLocation = #_sourceLocation
  ) {
    let tree = check("define A {\n\(text)\n}", at: location)
    #expect(errors(tree) == [], sourceLocation: location)
    #expect(Dump.file(tree.sourceFile) == "define A() {\(expected)}", sourceLocation: location)
  }

  @Test func flows() {
    read("Dense(3)", "Dense(3)")
    read("x -> Dense(3) -> y", "x -> Dense(3) -> y")
    read("x\n-> Dense(3)\n  -> y", "x -> Dense(3) -> y")
    read("x ->\n  Dense(3) ->\n  y", "x -> Dense(3) -> y")
    read("(a, b) -> Add() -> (c, d)", "(a, b) -> Add() -> (c, d)")
    read("(a) -> Dense(1)", "(a) -> Dense(1)")
    read("skips[i] -> x -> skips[i + 1]", "=skips[i] -> x -> =skips[(i + 1)]")
    read("Dense(1) Dense(2); Dense(3);", "Dense(1); Dense(2); Dense(3)")
    read("ConvBlock x", "ConvBlock; x")
    read("nn.Linear(3)", "nn.Linear(3)")
  }

  @Test func suffixes() {
    read("Dense(1) * 3 @ \"cuda:0\" -> x", "Dense(1) * 3 @ 'cuda:0' -> x")
    read("Dense(1) @ d * n", "Dense(1) * n @ d")
    read("Block * (n + 1)", "Block * <(n + 1)>")
    read("Block * n\n(a, b) -> Add()", "Block * n; (a, b) -> Add()")
    read("Residual * 2 { Dense(1) } @ d -> y", "Residual {Dense(1)} * 2 @ d -> y")
    read("Residual { Dense(1) }\n  * 2\n-> y", "Residual {Dense(1)} * 2 -> y")
    read("Residual\n{\n}", "Residual {}")
    read("A() { } -> B { } -> C", "A() {} -> B {} -> C")
    read("Add { branch { } branch { Dense(1) } }", "Add {branch {}; branch {Dense(1)}}")
  }

  @Test func bindingsLoopsAndConditions() {
    read("let n = 3 let m = n * 2", "let n = 3; let m = (n * 2)")
    read("let n =\n  Embedding(3, 4)\nDense(1)", "let n = Embedding(3, 4); Dense(1)")
    read("let\n  n\n  =\n  3", "let n = 3")
    read("for f in (64, 128) { Dense(f) }", "for f in (64, 128) {Dense(f)}")
    read("for (f, n) in [(1, 2)] { }", "for f, n in [(1, 2)] {}")
    read("for i in range(4) { } Dense(1)", "for i in range(4) {}; Dense(1)")
    read(
      "if a { } else if b == 1 { } else { Dense(1) }", "if a {} else if (b == 1) {} else {Dense(1)}"
    )
    read("if (a) { }\nelse { }", "if <a> {} else {}")
    read("if not a in b { Dense(1) }", "if (not (a in b)) {Dense(1)}")
  }

  @Test func wordsAreNamesElsewhere() {
    read("let -> Dense(1) -> if", "let -> Dense(1) -> if")
    read("input -> Dense(1) -> loss", "input -> Dense(1) -> loss")
    read("network\nlayers\noptimizer -> x", "network; layers; optimizer -> x")
  }

  @Test func olderForms() {
    read("conv2d(filters: 3);", "conv2d(filters: 3)")
    read("ResidualConnection { }", "ResidualConnection {}")
    read("Dense(\"64\")", "Dense('64')")
  }

  @Test func documentationBelongsToWhatFollows() {
    read(
      "## The first\n## of two lines.\nDense(1)\n# not this\nDense(2) # nor this\n## Three.\nif a { ## Four.\n Dense(4) }",
      "[The first\nof two lines.] Dense(1); Dense(2); [Three.] if a {[Four.] Dense(4)}")
  }

  @Test func argumentsOverSeveralLines() {
    read(
      "Dense(\n  10,\n  activation=\"relu\"\n)\nDense(2)", "Dense(10, activation='relu'); Dense(2)")
    read(
      "Bidirectional(\n  LSTM(64),\n  merge_mode=\"sum\"\n)",
      "Bidirectional(LSTM(64), merge_mode='sum')")
    read("Bidirectional(\nLSTM(64)\n)", "Bidirectional(LSTM(64))")
    read("TimeDistributed(Dense(\n  3\n))", "TimeDistributed(Dense(3))")
    read("Concatenate(\n  a,\n  b\n)", "Concatenate(a, b)")
    read("Concatenate(\na,\nb\n)", "Concatenate(a, b)")
    read(
      "HPO(choice(\n  Dense(64),\n  Dense(128)\n)) -> x", "HPO(choice(Dense(64), Dense(128))) -> x")
    read("Dense(units\n  if a\n  else b)", "Dense((units if a else b))")
  }
}
