import Testing

@testable import NeuralModel

/// What a file can name of others, and what is said where that goes wrong. Marks as in Tests/Mistakes.
@Suite struct ImportTests {
  @Test func declarationsOfOtherFiles() {
    Files([
      "models/main.neural": """
      import "blocks.neural"
      import Head, Gate from "../shared/heads.neural"
      network A {
        input: (8)
        layers:
          Block(16) -> Gate() -> Head(2) -> Output(2)
      }
      """,
      "models/blocks.neural": """
      import Head from "../shared/heads.neural"
      define Block(n) { Dense(n) Inner() Head(n) }
      define Inner() { ReLU() }
      """,
      "shared/heads.neural": """
      define Head(n) { Dense(n) }
      layer Gate() {
        input: (batch, ...dims)
        output: (batch, ...dims)
        pytorch: "{x}"
      }
      """,
    ]).check()
  }

  @Test func shapesRunThroughImportedDefinitions() throws {
    let files = Files([
      "main.neural": """
      import Block from "blocks.neural"
      network A {
        input: (8)
        layers:
          Block(16) -> Output(2)
      }
      """,
      "blocks.neural": "define Block(n) { Dense(n) Dense(dim(1) + 1) }",
    ])
    let main = try #require(files.document(at: "main.neural"))
    let analysis = Analysis(main, imports: files)
    #expect(analysis.diagnostics.isEmpty)
    let graph = try #require(analysis.networks.first)
    #expect(graph.nodes.map(\.path) == ["block_1/dense_1", "block_1/dense_2", "output_1"])
    #expect(graph.totals.trainable == .constant(8 * 16 + 16 + 16 * 17 + 17 + 17 * 2 + 2))
    #expect(graph.nodes[0].location.file == FileID(rawValue: 1))
  }

  @Test func whatAnImportedFileImportsIsItsOwnAffair() {
    Files([
      "main.neural": """
      import "blocks.neural"
      network A {
        input: (8)
        layers:
          Block(16) -> Deeper(2) -> Output(2)
      #                ^^^^^^ unknown-layer: Deeper
      }
      """,
      "blocks.neural": """
      import "deep.neural"
      define Block(n) { Deeper(n) }
      """,
      "deep.neural": "define Deeper(n) { Dense(n) }",
    ]).check()
  }

  @Test func whatIsMissing() {
    Files([
      "main.neural": """
      import "bloks.neural"
      #      ^^^^^^^^^^^^^^ import-not-found: "blocks.neural"
      import Blok, Notes from "blocks.neural"
      #      ^^^^ import-not-found: Block
      #            ^^^^^ import-not-found: research note
      import "elsewhere/nothing.neural"
      #      ^^^^^^^^^^^^^^^^^^^^^^^^^^ import-not-found: there is no file
      network A { input: (8) layers: Output(2) }
      """,
      "blocks.neural": """
      define Block(n) { Dense(n) }
      research Notes { title: "Notes" }
      """,
    ]).check()
  }

  @Test func theNearestFileIsWritten() {
    let files = Files([
      "blocks.neural": "define Block(n) { Dense(n) }",
      "main.neural": """
      import Block from "bloks.neural"
      network A { input: (8) layers: Block(3) }
      """,
    ])
    let text = files.document(at: "main.neural")?.tree.text ?? []
    let analysis = Analysis(
      Document(id: FileID(rawValue: 1), path: "main.neural", text: text), imports: files)
    #expect(analysis.diagnostics.map(\.code) == [.importNotFound])
    let edit = analysis.diagnostics[0].fixes.first?.edits.first
    #expect(edit == TextEdit(file: FileID(rawValue: 1), range: 18..<32, text: "\"blocks.neural\""))
  }

  @Test func cycles() {
    Files([
      "a.neural": """
      import B from "b.neural"
      #             ^^^^^^^^^^ import-cycle: a.neural → b.neural → c.neural → a.neural
      import Free from "free.neural"
      define A(n) { B(n) Free(n) }
      #             ^ recursive-definition: in `B`: `A` would contain itself
      """,
      "b.neural": """
      import C from "c.neural"
      #             ^^^^^^^^^^ import-cycle: b.neural → c.neural → a.neural → b.neural
      define B(n) { C(n) }
      #             ^ recursive-definition: in `C`: `B` would contain itself
      """,
      "c.neural": """
      import A from "a.neural"
      #             ^^^^^^^^^^ import-cycle
      define C(n) { Dense(n) A(n) }
      #                      ^ recursive-definition: A
      """,
      "free.neural": """
      import Own from "free.neural"
      #               ^^^^^^^^^^^^^ import-cycle: itself
      define Free(n) { Dense(n) }
      """,
      "outside.neural": """
      import Free from "free.neural"
      network N { input: (8) layers: Free(2) }
      """,
    ]).check()
  }

  @Test func namesMetTwice() {
    Files([
      "main.neural": """
      import "blocks.neural"
      #      ^^^^^^^^^^^^^^^ duplicate-name: `Block` is declared in this file too
      import Block from "others.neural"
      #      ^^^^^ duplicate-name: declared in this file too
      import Stage from "others.neural"
      #      ^^^^^ duplicate-name: imported from another file
      import "blocks.neural"
      #      ^^^^^^^^^^^^^^^ duplicate-name: imported already
      define Block(n) { Dense(n) }
      #      ^^^^^ related: declared here
      network A { input: (8) layers: Block(3) Stage(2) }
      """,
      "blocks.neural": "define Block(n) { Dense(n) } define Stage(n) { Dense(n) }",
      "others.neural": "define Block(n) { Dense(n) } define Stage(n) { Dense(n) }",
    ]).check()
  }

  @Test func unusedImports() {
    Files([
      "main.neural": """
      import "blocks.neural"
      #      ^^^^^^^^^^^^^^^ unused-definition: nothing of "blocks.neural"
      import Used, Spare from "more.neural"
      #            ^^^^^ unused-definition: Spare
      network A { input: (8) layers: Used(3) }
      """,
      "blocks.neural": "define Block(n) { Dense(n) }",
      "more.neural": "define Used(n) { Dense(n) } define Spare(n) { Dense(n) }",
    ]).check()
  }

  /// A mistake is reported in its own file; what only this use brings about, at the use.
  @Test func mistakesInsideImportedDefinitions() {
    Files([
      "main.neural": """
      import Block, Broken from "blocks.neural"
      network A {
        input: (8)
        layers:
          Block(16) -> LSTM(3)
      #   ^^^^^ rank-mismatch: in `Block`: `MaxPooling2D` expects
      #                ^^^^ rank-mismatch
          Output(2)
      }
      network B {
        input: (8)
        layers:
          Broken() -> Output(2)
      }
      """,
      "blocks.neural": """
      define Block(n) { Dense(n) Pool() Dense(3) -> unused }
      #                                             ^^^^^^ unused-value
      define Pool() { Flatten() -> flat  MaxPooling2D() flat }
      define Broken() { Dnse(3) }
      #                 ^^^^ unknown-layer: Dense
      """,
    ]).check()
  }

  @Test func aMistakeElsewhereIsKnownToThoseWhoGenerate() throws {
    let files = Files([
      "main.neural": """
      import Broken from "blocks.neural"
      network B { input: (8) layers: Broken() -> Output(2) }
      """,
      "blocks.neural": "define Broken() { Dnse(3) }",
    ])
    let analysis = Analysis(try #require(files.document(at: "main.neural")), imports: files)
    #expect(analysis.diagnostics.isEmpty)
    #expect(analysis.importedErrors.map(\.code) == [.unknownLayer])
    #expect(analysis.importedErrors.map(\.range) == [18..<22])
    #expect(analysis.networks.first?.isComplete == false)
  }

  @Test func textsWithoutAFile() {
    check(
      """
      import "blocks.neural"
      #      ^^^^^^^^^^^^^^^ import-not-found: save it first
      """, path: "untitled:Untitled-1")
  }

  @Test(arguments: [
    ("b.neural", "a.neural", "b.neural"), ("./b.neural", "x/a.neural", "x/b.neural"),
    ("../b.neural", "x/y/a.neural", "x/b.neural"), ("../b.neural", "a.neural", "../b.neural"),
    ("../../b.neural", "x/a.neural", "../b.neural"), ("/b.neural", "x/a.neural", "/b.neural"),
    ("../../../b.neural", "/x/a.neural", "/b.neural"),
    ("y//b.neural", "/x/a.neural", "/x/y/b.neural"),
  ])
  func pathsAreRelativeToTheImporter(path: String, importer: String, expected: String) {
    #expect(ImportPath.resolve(path, from: importer) == expected)
  }

  @Test(arguments: [
    ("x/b.neural", "x/a.neural", "b.neural"), ("b.neural", "x/a.neural", "../b.neural"),
    ("/w/y/b.neural", "/w/x/a.neural", "../y/b.neural"), ("../b.neural", "a.neural", "../b.neural"),
  ])
  func pathsAreNamedAsAnImportWould(path: String, importer: String, expected: String) {
    #expect(ImportPath.relative(path, to: importer) == expected)
  }
}

/// Networks as steps of others.
@Suite struct NetworkAsLayerTests {
  @Test func aNetworkIsALayerWithItsParameters() {
    let paths = rows(
      """
      network Encoder(width=16) {
        input: (height, 4)
        layers:
          Dense(width)
          Dense(4)
      }
      network Pair {
        input: { a: (3), b: (3) }
        layers:
          (a, b) -> Add() -> sum
          a -> Dense(5) -> left
        outputs: sum, left
      }
      network Main {
        input: { image: (8, 4), other: (3) }
        layers:
          image -> Encoder(width=6) -> Flatten() -> Dense(3) -> x
          (x, other) -> Pair() -> (sum, left)
          (sum, left) -> Concatenate()
      }
      """)
    #expect(
      paths == [
        "encoder_1/dense_1 (batch, 8, 6)", "encoder_1/dense_2 (batch, 8, 4)",
        "flatten_1 (batch, 32)", "x (batch, 3)", "pair_1/sum (batch, 3)",
        "pair_1/left (batch, 5)", "concatenate_1 (batch, 8)",
      ])
  }

  @Test func theInputsOfANetworkAreHeldAgainstWhatFlowsIn() {
    check(
      """
      network Image {
        input: (28, 28, 1)
      #        ^^^^^^^^^^^ related: its input
        layers:
          Flatten()
          Output(2)
      }
      network Square {
        input: (size, size, 3) where size % 4 == 0
        layers:
          Conv2D(4, 3, padding="same")
      }
      network Words {
        input: int32 (steps)
        layers:
          Embedding(10, 4)
      }
      network Two {
        input: { a: (3), b: (3) }
        layers:
          (a, b) -> Add()
      }
      network Turned {
        input: (3, 8, 8)
        data_format: "channels_first"
        layers:
          Conv2D(4, 3)
      }
      network A { input: (28, 28, 3) layers: Image() }
      #                                      ^^^^^ shape-mismatch: `Image` reads (batch, 28, 28, 1)
      network B { input: (28) layers: Image() }
      #                               ^^^^^ rank-mismatch: (batch, 28)
      network C { input: (8, 12, 3) layers: Square() }
      #                                     ^^^^^^ shape-mismatch: (batch, size, size, 3)
      network D { input: (6, 6, 3) layers: Square() }
      #                                    ^^^^^^ shape-mismatch: size % 4 == 0
      network E { input: (6) layers: Dense(3) Words() }
      #                                       ^^^^^ dtype-mismatch: int32
      network F { input: (3) layers: Two() }
      #                              ^^^ input-count: reads 2 inputs
      network G { input: (8, 8, 3) layers: Turned() }
      #                                    ^^^^^^ invalid-setting: channels_first
      network H { input: (8, 8, 3) layers: Square() }
      network I { input: (n, n, 3) where n % 8 == 0 layers: Square() }
      network J { input: (n, n, 3) layers: Square() }
      #                                    ^^^^^^ shape-mismatch: n = 1
      network K { input: int32 (5) layers: Words() }
      network L { input: (5) layers: Words() }
      """)
  }

  @Test func recursionIsFoundThroughNetworks() {
    check(
      """
      network A {
        input: (8)
        layers:
          Dense(8) -> B()
      #               ^ recursive-definition
      }
      network B {
        input: (8)
        layers:
          A()
      #   ^ recursive-definition: A
      }
      network Self {
        input: (8)
        layers:
          Self()
      #   ^^^^ recursive-definition: Self
      }
      """)
  }

  @Test func onlyItsOwnOutputsAreANetworksOutputs() throws {
    let analysis = analyse(
      """
      network Part { input: (8) layers: Output(3) }
      network Whole {
        input: (8)
        layers:
          Part(name="first", trainable=false) -> Dense(4) -> Output(2)
      }
      """)
    #expect(analysis.diagnostics.isEmpty)
    let whole = try #require(analysis.networks.last)
    #expect(whole.outputs.map(\.name) == ["output"])
    #expect(whole.type(of: whole.outputs[0].value)?.description == "(batch, 2)")
    #expect(whole.nodes.map(\.path) == ["first/output_1", "dense_1", "output_1"])
    #expect(whole.totals.nonTrainable == .constant(27))
  }
}
