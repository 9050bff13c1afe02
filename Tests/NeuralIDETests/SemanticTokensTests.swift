import NeuralIDE
import NeuralModel
import Testing

@Suite struct SemanticTokensTests {
  private func tokens(_ fixture: Fixture, in range: Range<Int>? = nil) -> [SemanticToken] {
    let analysis = fixture.snapshot.analysis
    return SemanticToken.all(in: range, of: analysis, names: NameTable(analysis))
  }

  private func describe(_ token: SemanticToken) -> String {
    let modifiers = SemanticToken.Modifiers.names.enumerated()
      .filter { token.modifiers.rawValue >> UInt8($0.offset) & 1 == 1 }.map(\.element)
    return (["\(token.kind)"] + modifiers).joined(separator: " ")
  }

  /// `# ^^^ type modifier …` below a token, or `# ^^^` where there is none.
  private func check(_ source: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let fixture = Fixture(source)
    let tokens = tokens(fixture)
    #expect(!fixture.marks.isEmpty, sourceLocation: sourceLocation)
    for mark in fixture.marks {
      let found = tokens.first { $0.range.overlaps(mark.range) }
      let text = fixture.string(mark.range)
      if !mark.text.isEmpty {
        #expect(found?.range == mark.range, "the token of \(text)", sourceLocation: sourceLocation)
      }
      #expect(
        found.map(describe) ?? "" == mark.text, "\(text)", sourceLocation: sourceLocation)
    }
  }

  @Test func layersDefinitionsAndNetworks() {
    check(
      """
        ## Says what it is.
      # ^^^^^^^^^^^^^^^^^^^ comment documentation
        define Block(filters, strides=1) {
      # ^^^^^^ keyword
      #        ^^^^^ function declaration
      #              ^^^^^^^ parameter declaration
          Conv2D(filters, kernel_size=3, strides=strides)  # a remark
      #   ^^^^^^ class defaultLibrary
      #          ^^^^^^^ parameter
      #                   ^^^^^^^^^^^ parameter
      #                                          ^^^^^^^ parameter
      #                                                    ^^^^^^^^^^ comment
          Residual { shortcut { Conv2D(filters, 1) } }
      #              ^^^^^^^^ keyword
        }
        network Net(classes=10) {
      #         ^^^ class declaration
          input: (28, 28, 1)
      #   ^^^^^ keyword
          layers:
            Block(32) -> Block(filters=64) -> Dense(classes) -> logits
      #     ^^^^^ function
      #                        ^^^^^^^ parameter
      #                                       ^^^^^ class defaultLibrary
      #                                             ^^^^^^^ parameter
      #                                                         ^^^^^^ variable declaration
          outputs: logits
      #            ^^^^^^ variable
          loss: { logits: "mse" }
      #           ^^^^^^ property
      #                   ^^^^^ string
          optimizer: Adam(learning_rate=ExponentialDecay(1e-3, 1000, 0.96))
      #              ^^^^ class defaultLibrary
      #                                 ^^^^^^^^^^^^^^^^ class defaultLibrary
          train { epochs: 15 }
      #           ^^^^^^ property
      #                   ^^ number
        }
      """)
  }

  @Test func sizesConstantsAndInstances() {
    check(
      """
      network N {
        input: { image: (height, width, 3), tokens: int32 (20) } where height % 32 == 0
      #          ^^^^^ variable declaration
      #                  ^^^^^^ typeParameter declaration
      #                                             ^^^^^ type defaultLibrary
      #                                                          ^^^^^ keyword
      #                                                                ^^^^^^ typeParameter
        layers:
          let width = 64
      #       ^^^^^ variable declaration readonly
          let embed = Embedding(1000, width)
      #       ^^^^^ variable declaration readonly
      #                               ^^^^^ variable readonly
          tokens -> embed() -> words
      #   ^^^^^^ variable
      #             ^^^^^ variable readonly
          image -> Reshape((height * dim(2), 3)) -> Output(5, tied_to=embed)
      #                     ^^^^^^ typeParameter
      #                              ^^^ function defaultLibrary
      #                                                               ^^^^^ variable readonly
          for (f, n) in [(64, 3)] { words -> LSTM(f) * n -> skips[f] }
      #        ^ variable declaration readonly
      #              ^^ keyword
      #                                      ^^^^ class defaultLibrary
      #                                                ^ variable readonly
      #                                                     ^^^^^ variable declaration
          Concatenate(skips[64])
      #               ^^^^^ variable
      }
      """)
  }

  @Test func olderForms() {
    check(
      """
      network N {
        input: (4)
        layers:
          dense(units: 3)
      #   ^^^^^ class defaultLibrary deprecated
      #         ^^^^^ parameter deprecated
      #                ^ number
          Dense(3) -> ReLU
      #   ^^^^^ class defaultLibrary
      #               ^^^^ class defaultLibrary deprecated
        optimizer: "adam"
      #            ^^^^^^ string deprecated
        execute { device: "cpu" }
      # ^^^^^^^ keyword deprecated
      #           ^^^^^^ property
      }
      """)
  }

  @Test func declarationsOfLayers() {
    check(
      """
      layer Gated(units | size: int >= 1 | none = none, cell: layer in recurrent) {
      #     ^^^^^ class declaration
      #           ^^^^^ parameter declaration
      #                   ^^^^ parameter declaration
      #                         ^^^ type defaultLibrary
      #                                                       ^^^^^ type defaultLibrary
      #                                                                ^^^^^^^^^ enumMember
        category: core
      # ^^^^^^^^ property
        input: int32 ids (batch, ...leading, units)
      #        ^^^^^ type defaultLibrary
      #              ^^^ variable declaration
      #                   ^^^^^ typeParameter declaration
      #                             ^^^^^^^ typeParameter declaration
      #                                      ^^^^^ parameter
        let all = product(leading)
      #     ^^^ variable declaration readonly
      #           ^^^^^^^ function defaultLibrary
        require all % 2 == 0, "even" as not-divisible
      # ^^^^^^^ keyword
      #         ^^^ variable readonly
      #                                 ^^^^^^^^^^^^^ enumMember
        weights { kernel: (units, 2) = zeros when all == 2 }
      #           ^^^^^^ property declaration
      #                                      ^^^^ keyword
        macs: batch * units
      # ^^^^ property
      #       ^^^^^ typeParameter
      }
      network N { input: (4) layers: Gated(3, cell=LSTM(3)) }
      #                              ^^^^^ class
      #                                       ^^^^ parameter
      """)
  }

  @Test func escapeSequencesAreLeftToTheEditor() {
    check(
      #"""
      import "a\n\u{1F600}b\q.neural"
      #      ^^ string
      #        ^^^^^^^^^^^
      #                   ^^^^^^^^^^^ string
      """#)
  }

  @Test func whatIsBrokenKeepsItsColours() {
    check(
      """
      network N {
        input: (4)
        layers:
          Dense(3) -> x
          Desne(
      #   ^^^^^ class
          Add(x, ) ->
      #       ^ variable
          1e+ -> "abc
      #   ^^^ number
      #          ^^^^ string
      }
      """)
  }

  @Test func aValueDoesNotHideALayer() {
    check(
      """
      network N {
        input: (4)
        layers:
          Dense(3) -> dense
      #               ^^^^^ variable declaration
          dense -> Dense(3) -> add
      #   ^^^^^ variable
          dense(3)
      #   ^^^^^ class defaultLibrary deprecated
      }
      """)
  }

  @Test func scopes() {
    check(
      """
      network N {
        input: (4)
        layers:
          let n = 3
          for n in (1, 2) { Dense(n) -> n }
      #       ^ variable declaration readonly
      #                                 ^ variable declaration
          Dense(n) { Dense(2) -> inner }
      #         ^ variable readonly
          if n == 3 { Dense(2) -> kept } else { Dense(2) -> kept }
          Add(kept, inner)
      #       ^^^^ variable
      }
      define D() { Dense(n) -> input }
      #                  ^ variable
      """)
  }

  @Test func onlyWhatTheRangeHolds() {
    let lines = (0..<200).map { "    Dense(\($0)) -> x\($0)\n" }.joined()
    let fixture = Fixture("network N {\n  input: (4)\n  layers:\n\(lines)}\n")
    let all = tokens(fixture)
    #expect(all.count > 800)
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
    for start in stride(from: 0, to: fixture.text.count, by: 379) {
      let range = start..<min(start + 500, fixture.text.count)
      #expect(tokens(fixture, in: range) == all.filter { $0.range.overlaps(range) })
    }
    for range in [0..<0, -5..<(-1), 99999..<999999, -9..<Int.max] {
      _ = tokens(fixture, in: range)
    }
  }
}
