import Testing

@testable import NeuralSyntax

@Suite struct DeclarationTests {
  private func read(
    _ text: String, _ expected: String, at location: SourceLocation = #_sourceLocation
  ) {
    let tree = check(text, at: location)
    #expect(errors(tree) == [], sourceLocation: location)
    #expect(Dump.file(tree.sourceFile) == expected, sourceLocation: location)
  }

  @Test func emptyFiles() {
    read("", "")
    read("\u{FEFF}", "")
    read("\n\n# nothing\n", "")
    read("\u{FEFF}import \"a\"", "import  from a")
  }

  @Test func imports() {
    read(
      "import \"a.neural\"\nimport A, B from \"b.neural\"",
      "import  from a.neural\nimport A,B from b.neural")
    read("import from from \"b\"", "import from from b")
  }

  @Test func olderForms() {
    read("define ConvBlock { Dense(1) }", "define ConvBlock() {Dense(1)}")
    read(
      "network A { input : (3); layers : Dense(1); optimizer : \"adam\"; train : { epochs : 3 } execute { device: \"cpu\" } }",
      "network A()\n  input: <3>\n  layers: {Dense(1)}\n  optimizer: 'adam'\n  train: {epochs: 3}\n  execute: {device: 'cpu'}"
    )
  }

  @Test func inputs() {
    read("network A { input: (28, 28, 1) }", "network A()\n  input: (28, 28, 1)")
    read("network A { input: int32 (20) }", "network A()\n  input: <int32> <20>")
    read(
      "network A { input: (224, 224, 3), (20) }", "network A()\n  input: (224, 224, 3), <20>")
    read(
      "network A { input: { image: (224, 224, 3), question: int32 (20) } }",
      "network A()\n  input: image (224, 224, 3), question <int32> <20>")
    read(
      "network A {\n  input: {\n    layers: (3)\n    loss: float16 (4)\n  }\n}",
      "network A()\n  input: layers <3>, loss <float16> <4>")
    read(
      "network A { input: (h, w, 3) where h % 32 == 0, w >= 64 layers: Dense(1) }",
      "network A()\n  input: (h, w, 3) where ((h % 32) == 0), (w >= 64)\n  layers: {Dense(1)}")
    read("network A { input: (none, 2 * n) }", "network A()\n  input: (none, (2 * n))")
  }

  @Test func sectionsEndAtTheNext() {
    read(
      "network A { layers: loss -> Dense(1) loss: \"mse\" metrics: [\"a\"] outputs: a, b, loss }",
      "network A()\n  layers: {loss -> Dense(1)}\n  loss: 'mse'\n  metrics: ['a']\n  outputs: a, b, loss"
    )
    read(
      "network A { layers: Dense(1) train { epochs: 3 } search_method: \"grid\" }",
      "network A()\n  layers: {Dense(1)}\n  train: {epochs: 3}\n  search_method: 'grid'")
    read(
      "network A {\n  layers:\n    Dense(1)\n  optimzer: Adam\n}",
      "network A()\n  layers: {Dense(1)}\n  optimzer: Adam")
    read("network A { layers: }", "network A()\n  layers: {}")
  }

  @Test func documentation() {
    read(
      "## A net.\nnetwork A {\n  ## In.\n  input: (3)\n  train {\n    ## How long.\n    epochs: 3\n  }\n}",
      "[A net.] network A()\n  [In.] input: <3>\n  train: {[How long.] epochs: 3}")
  }

  @Test func parameters() {
    read("layer A(n: int) { }", "layer A(n: int)")
    read(
      "layer A(rate | p: float in [0, 1) | none = 0.5, m: \"a\" | \"b\" = \"a\") { }",
      "layer A(rate|p: float in [0, 1) | none = 0.5, m: 'a' | 'b' = 'a')")
    read(
      "layer A(k: (int >= 1, int >= 1) | none=none, l: layer in recurrent, d: [int], e: (int | none) = -1) { }",
      "layer A(k: (int >= 1, int >= 1) | none = none, l: layer in recurrent, d: [int], e: int | none = (-1))"
    )
    read(
      "layer A(n: int>=1=2, x: -1 | 1, f: float > 0.0) { }",
      "layer A(n: int >= 1 = 2, x: (-1) | 1, f: float > 0.0)")
    read("define A(a, b=1, c=(1 if d else 2)) { }", "define A(a, b = 1, c = <(1 if d else 2)>) {}")
  }

  @Test func otherDeclarations() {
    read(
      "optimizer Adam(learning_rate: float > 0 | schedule = 0.001) { pytorch: \"x\" }",
      "optimizer Adam(learning_rate: float > 0 | schedule = 0.001)\n  pytorch: 'x'")
    for word in [
      "activation", "loss", "metric", "schedule", "initializer", "regularizer", "constraint",
      "settings",
    ] {
      read("\(word) A() { category: b, c }", "\(word) A()\n  category: b, c")
    }
    read("research { title: \"t\" }", "research _ {title: 't'}")
  }

  @Test func layerItems() {
    read(
      "layer A() { category: core, aliases: B, C; rule: builtin macs: 3 }",
      "layer A()\n  category: core\n  aliases: B, C\n  rule: builtin\n  macs: 3")
    read(
      "layer A() { weights { k: (f, 2) = zeros when a b: (f) } state { m: (f) } body { Dense(1) -> x } }",
      "layer A()\n  weights {k: (f, 2) = zeros when a, b: <f>}\n  state {m: <f>}\n  body {Dense(1) -> x}"
    )
    read(
      "layer A() { if a { let b = 1 } else if c { macs: 2 } else { if d { macs: 3 } } }",
      "layer A()\n  if a {let b = 1} else if c {macs: 2} else {if d {macs: 3}}")
    read(
      "layer A() { input: int32 (b, n), int32 ids (b, n), x (b), ...values, (b, ...c) require a as b-c-d }",
      "layer A()\n  input: <int32> (b, n), ids <int32> (b, n), x <b>, ...values, (b, ...c)\n  require a as b-c-d"
    )
    read(
      "layer A() { output: x weights: 3 state: 4 body: 5 require: 6 if: 7 let: 8 input: (b) }",
      "layer A()\n  output: x\n  weights: 3\n  state: 4\n  body: 5\n  require: 6\n  if: 7\n  let: 8\n  input: <b>"
    )
  }

  @Test func allowances() {
    let tree = check(
      """
      # neural: allow(unused-value, self-merge)
      network A {
        layers: Dense(1)  # neural: allow(old-form)
      }  #neural:allow(x)
      # neural: allow(y)
      """)
    let found = tree.sourceFile.allowances
    #expect(found.map(\.code.text) == ["unused-value", "self-merge", "old-form", "x", "y"])
    #expect(found.map(\.declaration) == [0, 0, nil, nil, nil])
    #expect(tree.range(of: found[0].code.range) == 16..<28)
  }

  @Test func rangesOfDeclarations() {
    let text = "network A {\n  layers: Dense(1) -> x\n}\n" + String(repeating: "# a\n", count: 600)
    let tree = check(text)
    guard case .network(let network) = tree.sourceFile.declarations.first else {
      Issue.record("no network")
      return
    }
    #expect(tree.range(of: network.range) == 0..<37)
    #expect(tree.range(of: network.name.range) == 8..<9)
    #expect(tree.range(of: network.sections[0].range) == 14..<35)
    guard case .statements(let block) = network.sections[0].value,
      case .flow(let flow) = block.statements.first?.kind, case .step(let step) = flow.elements[0]
    else {
      Issue.record("no flow")
      return
    }
    #expect(tree.range(of: block.range) == 22..<35)
    #expect(tree.range(of: step.call.range) == 22..<30)
    #expect(step.call.argumentsRange.map(tree.range) == 27..<30)
  }
}
