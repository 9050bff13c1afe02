import Testing

@testable import NeuralSyntax

@Suite struct ExpressionTests {
  /// Reads `let x = (text)`, so that conditionals are allowed.
  private func read(
    _ text: String, _ expected: String, at location: SourceLocation = #_sourceLocation
  ) {
    let tree = check("define A { let x = f(\(text)) }", at: location)
    #expect(errors(tree) == [], sourceLocation: location)
    #expect(
      Dump.file(tree.sourceFile) == "define A() {let x = f(\(expected))}", sourceLocation: location)
  }

  @Test func precedence() {
    read("a + b * c", "(a + (b * c))")
    read("a * b + c", "((a * b) + c)")
    read("a - b - c", "((a - b) - c)")
    read("a // b % c / d", "(((a // b) % c) / d)")
    read("a or b and not c == d", "(a or (b and (not (c == d))))")
    read("not a in b", "(not (a in b))")
    read("a not in b", "(a not in b)")
    read("not not a", "(not (not a))")
    read("-a ** b", "(-(a ** b))")
    read("a ** -b ** c", "(a ** (-(b ** c)))")
    read("a ** b ** c", "(a ** (b ** c))")
    read("-a * b", "((-a) * b)")
    read("a < b <= c != d", "(a < b <= c != d)")
    read("(a < b) == c", "(<(a < b)> == c)")
    read("a + b < c - d", "((a + b) < (c - d))")
    read("- - 3", "(-(-3))")
    read("2 ** 3 * 4", "((2 ** 3) * 4)")
  }

  @Test func conditionals() {
    read("a if b else c if d else e", "(a if b else (c if d else e))")
    read("a or b if c and d else e + f", "((a or b) if (c and d) else (e + f))")
    read("(a if b else c)", "<(a if b else c)>")
    read("[a if b else c]", "[(a if b else c)]")
    read("x=a if b else c", "x=(a if b else c)")
  }

  @Test func literals() {
    read(
      "1_000, 0, 9223372036854775807, 9223372036854775808", "1000, 0, 9223372036854775807, overflow"
    )
    read(".5, 5., 1e-4, 1E3, 1.5e+2, 1_0.5", "0.5, 5.0, 0.0001, 1000.0, 150.0, 10.5")
    read("true, True, FALSE, none, None, NONE", "true, true, false, none, none, none")
    read("\"a\\\"b\", 'it\\'s', \"\\u{41}\\n\"", "'a\"b', 'it's', 'A\n'")
    read("'', \"größe 😀\"", "'', 'größe 😀'")
  }

  @Test func collectionsAndCalls() {
    read("(), (a,), (a), (a, b,), [], [a], [a, b,]", "(), (a,), <a>, (a, b), [], [a], [a, b]")
    read("f(), g(a, b=c, d: e), nn.Linear(3)", "f(), g(a, b=c, d: e), nn.Linear(3)")
    read(
      "a[0], a[-1], a[1:], a[:-1], a[b:c], a[:], a[0][1]",
      "a[0], a[(-1)], a[1:], a[:(-1)], a[b:c], a[:], a[0][1]")
    read("f(a)[0], (a, b)[1], (batch,) + rest", "f(a)[0], (a, b)[1], ((batch,) + rest)")
    read("(batch, ...leading, f), (...), (...a[1:])", "(batch, ...leading, f), <...>, <...a[1:]>")
  }

  @Test func wordsAreNamesElsewhere() {
    read("network, layers, let, for, loss", "network, layers, let, for, loss")
    read(
      "input=input, if=3, for=4, let: 5, in=6, not=7, none=8",
      "input=input, if=3, for=4, let: 5, in=6, not=7, none=8")
  }

  @Test func lineBreaksDoNotMatter() {
    read("a\n+\nb\n*\nc", "(a + (b * c))")
    read("\n  a,\n  b=2,\n", "a, b=2")
    read("\n  Dense(3)\n", "Dense(3)")
    read("\nDense(3),\nDense(4)\n", "Dense(3), Dense(4)")
    read("\nx\n,\ny\n", "x, y")
    read("\nloss: 3,\noptimizer: 4\n", "loss: 3, optimizer: 4")
    read("a\nif b\nelse c", "(a if b else c)")
    read("[\n1,\n2\n]", "[1, 2]")
    read("units\n=\n3", "units=3")
    read("a in\n f(b) not in c", "(a in f(b) not in c)")
    read("a if\n f(b) else c", "(a if f(b) else c)")
    read("x[\n f(a) : b]", "x[f(a):b]")
  }

  @Test func whatFollowsATrailingComma() {
    let tree = check(
      "network A {\n input: (n), (m), where n == m,\n outputs: x, train { epochs: 1 }\n}")
    #expect(errors(tree) == [])
    #expect(
      Dump.file(tree.sourceFile) == """
        network A()
          input: <n>, <m> where (n == m)
          outputs: x
          train: {epochs: 1}
        """)
  }

  @Test func anArgumentListStandsOnItsLine() {
    let tree = check("define A { x\n (a, b) -> Add() -> let\n y\n (c) -> z }")
    #expect(errors(tree) == [])
    #expect(
      Dump.file(tree.sourceFile)
        == "define A() {x; (a, b) -> Add() -> let; y; (c) -> z}")
  }
}
