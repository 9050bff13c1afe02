import Testing

@testable import NeuralSyntax

/// Whole files with something broken in them.
@Suite struct FileRecoveryTests {
  static let files: [Broken] = [
    // Braces left open.
    Broken(
      """
      network A {
        input: (8)
        layers:
          Dense(1)⟦⟧

      network B { input: (8) layers: Dense(2) }
      """,
      "syntax-error expected '}' to close network A",
      reads: """
        network A()
          input: <8>
          layers: {Dense(1)}
        network B()
          input: <8>
          layers: {Dense(2)}
        """, fixed: "Dense(1)\n}\n\nnetwork B"),
    Broken(
      """
      network A {
        input: (8)
        layers:
          Residual {
            Dense(1)⟦⟧
        optimizer: Adam()
      }
      network B { input: (8) layers: Dense(2) }
      """,
      "syntax-error expected '}' to close the block of Residual before the section 'optimizer'",
      reads: """
        network A()
          input: <8>
          layers: {Residual {Dense(1)}}
          optimizer: Adam()
        network B()
          input: <8>
          layers: {Dense(2)}
        """),
    Broken(
      "define A(n) {\n  Dense(n)⟦⟧\nnetwork B { input: (8) layers: A(2) }",
      "syntax-error expected '}' to close definition A",
      reads: "define A(n) {Dense(n)}\nnetwork B()\n  input: <8>\n  layers: {A(2)}"),
    Broken(
      "network A { input: (8) layers: Dense(1)⟦⟧\n", "syntax-error expected '}' to close network A",
      reads: "network A()\n  input: <8>\n  layers: {Dense(1)}"),
    Broken(
      "network A {\n  input: (8)\n  layers:\n    Dense(1)\n  train {\n    epochs: 3⟦⟧\n  loss: \"mse\"\n}\n",
      "syntax-error expected '}' to close 'train' before the section 'loss'",
      reads: "network A()\n  input: <8>\n  layers: {Dense(1)}\n  train: {epochs: 3}\n  loss: 'mse'"),
    Broken(
      "layer A(n: int) {\n  input: (batch, f)\n  weights { kernel: (f, n)⟦⟧\nlayer B() { output: x }",
      "syntax-error expected '}' to close 'weights'",
      reads:
        "layer A(n: int)\n  input: (batch, f)\n  weights {kernel: (f, n)}\nlayer B()\n  output: x"),
    Broken(
      "network A {\n  input: (8)\n  layers:\n    if x {\n      Dense(1)⟦⟧\n}\n",
      "syntax-error expected '}' to close the block of this 'if'",
      reads: "network A()\n  input: <8>\n  layers: {if x {Dense(1)}}"),
    Broken(
      "layer A() {\n  weights {\n    kernel: (f, n)⟦⟧\n  macs: 3\n}\n",
      "syntax-error expected '}' to close 'weights' before 'macs'",
      reads: "layer A()\n  weights {kernel: (f, n)}\n  macs: 3"),
    // Braces too many.
    Broken(
      "network A {\n  input: (8)\n  layers:\n    Dense(1)\n    ⟦}⟧\n    Dense(2)\n  loss: \"mse\"\n}\nnetwork B { input: (1) }",
      "syntax-error this '}' closes nothing, and more of the network follows",
      reads:
        "network A()\n  input: <8>\n  layers: {Dense(1); Dense(2)}\n  loss: 'mse'\nnetwork B()\n  input: <1>"
    ),
    Broken(
      "network A { input: (8) layers: Dense(1) }\n⟦}⟧\nnetwork B { input: (1) }",
      "syntax-error this '}' closes nothing",
      reads: "network A()\n  input: <8>\n  layers: {Dense(1)}\nnetwork B()\n  input: <1>"),
    // Flows at the edges of what they stand in.
    Broken(
      "network A { input: (8) layers: x ⟦->⟧ }",
      "syntax-error expected a layer or a name after '->'",
      reads: "network A()\n  input: <8>\n  layers: {x}"),
    Broken(
      "network A { input: (8) layers:\n x -> y ⟦->⟧\n loss: \"mse\" }",
      "syntax-error expected a layer or a name after '->'",
      reads: "network A()\n  input: <8>\n  layers: {x -> y}\n  loss: 'mse'"),
    Broken(
      "define A { Dense(1) ⟦->⟧\n", "syntax-error expected a layer or a name after '->'",
      reads: "define A() {Dense(1)}"),
    Broken(
      "define A { ⟦->⟧ Dense(1) }", "syntax-error a value is expected before '->'",
      reads: "define A() {Dense(1)}"),
    Broken(
      "define A { ⟦{⟧ Dense(1) } Dense(2) }", "syntax-error expected a layer before this '{'",
      reads: "define A() { else {Dense(1)}; Dense(2)}"),
    // Sections.
    Broken(
      "network A {\n  input⟦⟧ (8)\n  layers:\n    Dense(1)\n}", "syntax-error expected ':'",
      reads: "network A()\n  input: <8>\n  layers: {Dense(1)}", fixed: "input: (8)"),
    Broken(
      "network A {\n  input: (8)\n  layers⟦⟧\n    Dense(1)\n    Dense(2)\n}",
      "syntax-error expected ':'",
      reads: "network A()\n  input: <8>\n  layers: {Dense(1); Dense(2)}", fixed: "layers:\n"),
    Broken(
      "network A {\n  input: (8)\n  ⟦Dense⟧(1)\n  Dense(2)\n  loss: \"mse\"\n}",
      "syntax-error expected a section of the network here",
      reads: "network A()\n  input: <8>\n  loss: 'mse'\n  layers: {Dense(1); Dense(2)}"),
    Broken(
      "network A {\n  input: (8)\n  ⟦lay⟧\n  Dense(1)\n}",
      "syntax-error expected a section of the network here. Is 'layers:' meant?",
      reads: "network A()\n  input: <8>\n  layers: {Dense(1)}", fixed: "layers:\n"),
    Broken(
      "network A {\n  input: (8)\n  loss:⟦⟧\n  optimizer: Adam\n  layers: Dense(1)\n}",
      "syntax-error expected a value for 'loss'",
      reads: "network A()\n  input: <8>\n  loss: ?\n  optimizer: Adam\n  layers: {Dense(1)}"),
    Broken(
      "network A {\n  input: ⟦28, 28⟧\n  layers: Dense(1)\n}",
      "syntax-error expected a shape in parentheses",
      reads: "network A()\n  input: (28, 28)\n  layers: {Dense(1)}"),
    Broken(
      "network A {\n  input: (28, 28⟦⟧\n  layers: Dense(1)\n}",
      "syntax-error expected ')' to close this tuple",
      reads: "network A()\n  input: (28, 28)\n  layers: {Dense(1)}"),
    Broken(
      "network A {\n  input: { a: (3), b: (4)⟦⟧\n  layers: Dense(1)\n}",
      "syntax-error expected '}' to close the inputs",
      reads: "network A()\n  input: a <3>, b <4>\n  layers: {Dense(1)}"),
    Broken(
      "network A {\n  input:⟦⟧\n  layers: Dense(1)\n}",
      "syntax-error expected the shape of the input",
      reads: "network A()\n  input: ?\n  layers: {Dense(1)}"),
    Broken(
      "network A {\n  input: (8)\n  layers: Dense(1)\n  metrics: [\"accuracy\"⟦⟧\n  loss: \"mse\"\n}",
      "syntax-error expected ']' to close this list",
      reads:
        "network A()\n  input: <8>\n  layers: {Dense(1)}\n  metrics: ['accuracy']\n  loss: 'mse'"),
    Broken(
      "network A {\n  layers: Dense(1)\n  loss: ⟦\"mse⟧\n  optimizer: Adam()\n}",
      "unterminated-string this string",
      reads: "network A()\n  layers: {Dense(1)}\n  loss: 'mse'\n  optimizer: Adam()"),
    // Settings.
    Broken(
      "network A {\n  train { epochs ⟦=⟧ 3 batch_size: 4 }\n}",
      "syntax-error a setting is written with ':'",
      reads: "network A()\n  train: {epochs: 3, batch_size: 4}", fixed: "epochs : 3"),
    Broken(
      "network A {\n  train {\n    epochs:⟦⟧\n    batch_size: 4\n  }\n}",
      "syntax-error expected a value for this setting",
      reads: "network A()\n  train: {epochs: ?, batch_size: 4}"),
    Broken(
      "network A {\n  train {\n    epochs⟦⟧\n    batch_size: 4\n  }\n}",
      "syntax-error expected ':' and a value for this setting",
      reads: "network A()\n  train: {epochs: ?, batch_size: 4}"),
    Broken(
      "network A {\n  train { ⟦3⟧ epochs: 3 }\n}", "syntax-error expected a setting here",
      reads: "network A()\n  train: {epochs: 3}"),
    // Declarations.
    Broken(
      "⟦netwrk⟧ A { input: (8) }\nnetwork B { input: (1) }",
      "syntax-error expected a declaration here: network, define, layer, research or import. Is 'network' meant?",
      reads: "network A()\n  input: <8>\nnetwork B()\n  input: <1>", fixed: "network A {"),
    Broken(
      "network⟦⟧ { input: (8) }\nnetwork B { input: (1) }",
      "syntax-error expected a name for this network",
      reads: "network ()\n  input: <8>\nnetwork B()\n  input: <1>"),
    Broken(
      "network A⟦⟧\nnetwork B { input: (1) }", "syntax-error expected '{' and the sections",
      reads: "network A()\nnetwork B()\n  input: <1>"),
    Broken(
      "define A(n, m=⟦⟧) { Dense(n) }", "syntax-error expected a default value",
      reads: "define A(n, m = ?) {Dense(n)}"),
    Broken(
      "define A(n, m⟦⟧ {\n  Dense(n)\n}\nnetwork B { input: (1) }",
      "syntax-error expected ')' to close the parameters of A",
      reads: "define A(n, m) {Dense(n)}\nnetwork B()\n  input: <1>", fixed: "define A(n, m) {"),
    Broken(
      "import ⟦A⟧\nnetwork B { input: (1) }",
      "syntax-error a file is imported by its path in quotes",
      reads: "import A from \nnetwork B()\n  input: <1>"),
    Broken(
      "import⟦⟧\nnetwork B { input: (1) }", "syntax-error expected the file to import",
      reads: "import  from \nnetwork B()\n  input: <1>"),
    Broken(
      "import ⟦\"a⟧\nnetwork B { input: (1) }", "unterminated-string",
      reads: "import  from a\nnetwork B()\n  input: <1>"),
    // Layer declarations.
    Broken(
      "layer A(n: int >=⟦⟧ , m:⟦⟧ = 3) { output: (n) }", "syntax-error expected a bound",
      "syntax-error expected a type", reads: "layer A(n: int >= ?, m: ? = 3)\n  output: <n>"),
    Broken(
      "layer A(n: int in [0, 1⟦⟧, m: int) { output: (n) }", "syntax-error expected ']'",
      reads: "layer A(n: int in [0, 1], m: int)\n  output: <n>"),
    Broken(
      "layer A() {\n  input: (batch, f⟦⟧\n  output: (batch, 3)\n}",
      "syntax-error expected ')' to close this tuple",
      reads: "layer A()\n  input: (batch, f)\n  output: (batch, 3)"),
    Broken(
      "layer A() {\n  input: (batch, f)\n  output:⟦⟧\n  macs: 3\n}",
      "syntax-error expected a value for 'output'",
      reads: "layer A()\n  input: (batch, f)\n  output: \n  macs: 3"),
    Broken(
      "layer A() { input: x⟦⟧, int32 (n)\n  output: (n) }",
      "syntax-error expected a shape in parentheses",
      reads: "layer A()\n  input: x, <int32> <n>\n  output: <n>"),
    Broken(
      "layer A() {\n  require⟦⟧\n  macs: 3\n}", "syntax-error expected a condition after 'require'",
      reads: "layer A()\n  require ?\n  macs: 3"),
    Broken(
      "layer A() {\n  let k =⟦⟧\n  macs: 3\n}", "syntax-error expected a value after '='",
      reads: "layer A()\n  let k = ?\n  macs: 3"),
    Broken(
      "layer A() {\n  weights {\n    kernel:⟦⟧\n    bias: (3)\n  }\n  macs: 3\n}",
      "syntax-error expected the shape of this weight",
      reads: "layer A()\n  weights {kernel: ?, bias: <3>}\n  macs: 3"),
    Broken(
      "layer A() {\n  outpt⟦⟧ (3)\n  macs: 3\n}",
      "syntax-error expected ':' and a value for this entry",
      reads: "layer A()\n  outpt: <3>\n  macs: 3"),
  ]

  @Test(arguments: files) func file(_ broken: Broken) {
    broken.check(broken.text) { Dump.file($0.sourceFile) }
  }
}
