import NeuralIDE
import NeuralModel
import Testing

@Suite struct DocumentSymbolTests {
  /// A line for each symbol, indented by how deep it stands.
  private func outline(_ symbols: [DocumentSymbol], _ depth: Int = 0) -> [String] {
    symbols.flatMap { symbol in
      [
        String(repeating: "  ", count: depth) + "\(symbol.kind) \(symbol.name)"
          + (symbol.detail.map { ": \($0)" } ?? "")
      ] + outline(symbol.children, depth + 1)
    }
  }

  private func check(
    _ source: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let fixture = Fixture(source)
    let symbols = DocumentSymbol.all(of: fixture.snapshot)
    #expect(outline(symbols).joined(separator: "\n") == expected, sourceLocation: sourceLocation)
    func verify(_ symbols: [DocumentSymbol], in outer: Range<Int>) {
      for symbol in symbols {
        #expect(
          outer.lowerBound <= symbol.range.lowerBound && symbol.range.upperBound <= outer.upperBound
            && symbol.range.lowerBound <= symbol.selection.lowerBound
            && symbol.selection.upperBound <= symbol.range.upperBound,
          "\(symbol.name)", sourceLocation: sourceLocation)
        verify(symbol.children, in: symbol.range)
      }
    }
    verify(symbols, in: 0..<fixture.text.count)
  }

  @Test func layersWithTheirShapes() {
    check(
      """
      import "a.neural"
      define Block(filters) {
        Residual { Conv2D(filters, 3, padding="same") }
      }
      network N {
        input: (8, 8, 4)
        layers:
          let width = 4
          for i in range(2) { Block(width) -> ReLU() -> out }
          if width > 3 { Flatten() } else { GlobalAveragePooling2D() }
          Dense(10)
        loss: "mse"
        train { epochs: 3 }
      }
      layer L(units: int) { input: (batch, d) output: (batch, units) }
      research R { title: "t" metrics { accuracy: 0.9 } }
      """,
      """
      definition Block
        step Residual: (batch, 8, 8, 4)
          step Conv2D: (batch, 8, 8, 4)
      network N
        input input: (8, 8, 4)
        constant width: 4
        step Block: (batch, 8, 8, 4)
        step ReLU: (batch, 8, 8, 4)
        step Flatten: (batch, 256)
        step GlobalAveragePooling2D
        step Dense: (batch, 10)
        setting loss: "mse"
        setting train
          setting epochs: 3
      layerDeclaration L: layer
      research R
        setting title: "t"
        setting metrics
          setting accuracy: 0.9
      """)
  }

  @Test func whatIsBrokenHasNoNameless() {
    check(
      "network {\n  layers:\n    Dense(\n    -> x\n}\ndefine",
      "")
    check("network N {\n  layers:\n    Desne(3) -> Dense(", "network N\n  step Desne\n  step Dense")
  }
}

@Suite struct FoldingRangeTests {
  private func check(
    _ source: String, _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let fixture = Fixture(source)
    let tree = fixture.snapshot.analysis.document.tree
    let folds = FoldingRange.all(of: tree).map { fold in
      let (start, end) = (
        tree.position(at: fold.range.lowerBound, in: .utf8),
        tree.position(at: fold.range.upperBound, in: .utf8)
      )
      return "\(start.line):\(start.column)-\(end.line):\(end.column) \(fold.kind)"
    }
    #expect(folds == expected, sourceLocation: sourceLocation)
  }

  @Test func bracketsSectionsCommentsAndImports() {
    check(
      """
      # one
      # two
      import "a.neural"
      import A from "b.neural"

      network N {
        input: (8, 8, 4)
        layers:
          Dense(
            3
          )
          # alone
          Residual { Dense(3) }
          Residual {
            Dense(3)
          }
        train {
          epochs: 3
        }
      }
      """,
      [
        "0:0-1:5 comment", "2:0-3:24 imports", "5:11-19:0 brackets", "7:8-15:5 section",
        "8:10-10:4 brackets", "13:14-15:4 brackets", "16:9-18:2 brackets",
      ])
  }

  @Test func whatIsNotClosed() {
    check("network N {\n  layers:\n    Dense(3\n    ReLU()\n", ["1:8-3:10 section"])
    check("}\n)\n", [])
    check("", [])
  }
}

@Suite struct SelectionRangeTests {
  private func check(
    _ source: String, _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let fixture = Fixture(source)
    let ranges = SelectionRange.all(
      at: fixture.cursors[0], in: fixture.snapshot.analysis.document.tree)
    #expect(ranges.map(fixture.string) == expected, sourceLocation: sourceLocation)
    #expect(
      zip(ranges, ranges.dropFirst()).allSatisfy {
        $1.lowerBound <= $0.lowerBound && $0.upperBound <= $1.upperBound && $0 != $1
      }, sourceLocation: sourceLocation)
  }

  @Test func fromTheTokenToTheFile() {
    let layers = "Dense(3 * size) -> x"
    let block = "{ \(layers) }"
    for source in [
      "define D() { Dense(3 * si$0ze) -> x }", "define D() { Dense(3 * size$0) -> x }",
    ] {
      check(
        source,
        [
          "size", "3 * size", "(3 * size)", "Dense(3 * size)", layers, block, "define D() \(block)",
          "define D() \(block)\n",
        ])
    }
  }

  @Test func betweenTokens() {
    check("define D() {$0 }", ["{", "{ }", "define D() { }", "define D() { }\n"])
    check("\n$0\nnetwork", ["\n\nnetwork\n"])
    check("$0", ["\n"])
    let tree = Fixture("define D() { }").snapshot.analysis.document.tree
    for offset in [-5, 99, Int.max] { #expect(!SelectionRange.all(at: offset, in: tree).isEmpty) }
  }
}

@Suite struct SymbolUseTests {
  /// Each place of what stands at `$0`, marked by `^^^`, with `declaration` where it is given.
  private func check(_ source: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let fixture = Fixture(source)
    let analysis = fixture.snapshot.analysis
    let uses = SymbolUse.all(
      at: fixture.cursors[0], of: analysis, names: NameTable(analysis))
    #expect(uses.map(\.range) == fixture.marks.map(\.range), sourceLocation: sourceLocation)
    #expect(
      uses.map(\.isDeclaration) == fixture.marks.map { $0.text == "declaration" },
      sourceLocation: sourceLocation)
  }

  @Test func values() {
    check(
      """
      network N {
        input: (8)
        layers:
          Dense(3) -> sk$0ip
      #               ^^^^ declaration
          Dense(3)
          Add(skip) { skip -> Dense(3) -> skip }
      #       ^^^^
      #               ^^^^
        outputs: skip
      #          ^^^^
      }
      """.replacing("{ skip -> Dense(3) -> skip }", with: "{ skip -> Dense(3) -> other }"))
  }

  @Test func parametersAndTheArgumentsForThem() {
    check(
      """
      define Block(filters, n=filters$0) {
      #            ^^^^^^^ declaration
      #                       ^^^^^^^
        Dense(filters)
      #       ^^^^^^^
      }
      network N { input: (4) layers: Block(filters=3) }
      #                                    ^^^^^^^
      """)
  }

  @Test func sizesAndDefinitions() {
    check(
      """
      network N {
        input: (size, 3) where $0size > 4
      #         ^^^^ declaration
      #                        ^^^^
        layers: Dense(size)
      #               ^^^^
      }
      """)
    check(
      """
        define Block() { Dense(3) }
      #        ^^^^^ declaration
        network N { input: (4) layers: Block() -> Bl$0ock * 2 }
      #                                ^^^^^
      #                                           ^^^^^
      """)
  }

  @Test func nothing() {
    check("network N { input: (4) layers: Dense($03) }")
    check("$0")
  }
}

@Suite struct RenameTests {
  private func rename(_ source: String, to name: String) -> String {
    let fixture = Fixture(source)
    let analysis = fixture.snapshot.analysis
    do {
      let edits = try Rename.edits(
        at: fixture.cursors[0], to: name, of: analysis, names: NameTable(analysis))
      var text = fixture.text
      for edit in edits.reversed() { text.replaceSubrange(edit.range, with: edit.text.utf8) }
      return String(decoding: text.dropLast(), as: UTF8.self)
    } catch {
      return "refused: " + error.message
    }
  }

  @Test func everyPlace() {
    #expect(
      rename(
        "define D(a) { Dense(a) -> $0x Add(x) }\nnetwork N { input: (4) layers: D(a=3) }", to: "yy")
        == "define D(a) { Dense(a) -> yy Add(yy) }\nnetwork N { input: (4) layers: D(a=3) }")
    #expect(
      rename(
        "define D($0a) { Dense(a) }\nnetwork N { input: (4) layers: D(a=3) D(a: 4) }", to: "units")
        == "define D(units) { Dense(units) }\nnetwork N { input: (4) layers: D(units=3) D(units: 4) }"
    )
    #expect(rename("define D(a) { Dense($0a) }", to: "a") == "define D(a) { Dense(a) }")
    #expect(
      rename(
        "network N { input: { $0x: (4) } layers: x -> Dense(3) loss: { x: \"mse\" } }", to: "y")
        == "network N { input: { y: (4) } layers: y -> Dense(3) loss: { y: \"mse\" } }")
  }

  @Test func whatHasTwoNamesKeepsTheOther() {
    #expect(
      rename("layer L($0rate | p: float) { output: (rate, p) }", to: "r")
        == "layer L(r | p: float) { output: (r, p) }")
  }

  @Test func whatIsRefused() {
    let source = "define D(a, b) { Dense($0a) -> x }"
    for name in ["", "1a", "a b", "None", "é", "a.b"] {
      #expect(rename(source, to: name).contains("is no name"), "\(name)")
    }
    #expect(
      rename(source, to: "b") == "refused: `b` already means something where this name stands.")
    #expect(
      rename("define D() { Dense(3) -> $0x Dense(4) -> y x -> Dense(3) }", to: "y").hasPrefix(
        "refused"))
    // A value in capitals would be a layer.
    #expect(rename("define D() { Dense(3) -> $0x x -> Dense(3) }", to: "ReLU").hasPrefix("refused"))
    #expect(
      rename("define D() { $0Dense(3) }", to: "x")
        == "refused: `Dense` is declared by the program and cannot have another name.")
    #expect(rename("define D() { Dense($03) }", to: "x").hasPrefix("refused: Nothing"))
    #expect(rename("define D() { $0input -> Dense(3) }", to: "x").hasPrefix("refused: `input`"))
  }
}
