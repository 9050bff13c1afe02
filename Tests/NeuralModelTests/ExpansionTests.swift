import Testing

@testable import NeuralModel

/// Statements: what the current value is, what names see, how paths are made.
@Suite struct ExpansionTests {
  @Test func aSourcedFlowIntoATargetLeavesTheCurrentValue() {
    #expect(
      rows(
        network(
          """
          Dense(4) -> a
          a -> Dense(6) -> b
          Dense(5)
          (b, input) -> Concatenate() -> Output(2)
          """))
        == [
          "a (batch, 4)", "b (batch, 6)", "dense_1 (batch, 5)", "concatenate_1 (batch, 14)",
          "output_1 (batch, 2)",
        ])
  }

  @Test func aSourcedFlowWithoutATargetMovesTheCurrentValue() {
    #expect(
      rows(network("Dense(4) -> a\ninput -> Dense(7)\nDense(dim(-1))\n(a, input) -> Concatenate()"))
        == [
          "a (batch, 4)", "dense_1 (batch, 7)", "dense_2 (batch, 7)", "concatenate_1 (batch, 12)",
        ])
  }

  @Test func aNameAloneBecomesTheCurrentValue() {
    #expect(
      rows(network("Dense(4) -> a\nDense(5)\na\nDense(dim(-1))"))
        == ["a (batch, 4)", "dense_1 (batch, 5)", "dense_2 (batch, 4)"])
  }

  @Test func aValueCanHaveTwoNames() {
    #expect(
      rows(network("Dense(4) -> a\na -> b\ninput -> Dense(4) -> c\n(b, c) -> Add()"))
        == ["a (batch, 4)", "c (batch, 4)", "add_1 (batch, 4)"])
  }

  @Test func theFirstOfSeveralResultsFlowsOn() {
    #expect(
      rows(
        network(
          """
          LSTM(6, return_sequences=true, return_state=true) -> (_sequence, h, _c)
          GRU(3) -> h2
          (h, h2) -> Concatenate()
          """, input: "(5, 4)"))
        == [
          "lstm_1 (batch, 5, 6) (batch, 6) (batch, 6)", "h2 (batch, 3)", "concatenate_1 (batch, 9)",
        ])
  }

  @Test func blocksAndLoopsScopeNamesAndNotTheCurrentValue() {
    #expect(
      rows(
        network("for n in (3, 4) { Dense(n) -> x\nx -> Dense(n)\n}\nif 1 < 2 { Dense(6) -> y }\ny"))
        == [
          "x (batch, 3)", "dense_1 (batch, 3)", "x_2 (batch, 4)", "dense_2 (batch, 4)",
          "y (batch, 6)",
        ])
    check(
      """
      network A {
        input: (8)
        layers:
          for n in (3, 4) { Dense(n) -> inside inside -> Dense(1) }
          inside -> Output(2)
      #   ^^^^^^ undefined-name: inside
      }
      """)
  }

  @Test func tapsAreVisibleOutsideTheLoopThatFillsThem() {
    #expect(
      rows(
        network(
          """
          for i in range(3) { Dense(2 ** (i + 1)) -> skips[i] }
          (skips[0], skips[1], skips[2]) -> Concatenate()
          for i in range(2) { Dense(dim(-1, of=input)) -> y[i] }
          (y[0], y[1]) -> Add()
          """))
        == [
          "dense_1 (batch, 2)", "dense_2 (batch, 4)", "dense_3 (batch, 8)",
          "concatenate_1 (batch, 14)", "dense_4 (batch, 8)", "dense_5 (batch, 8)",
          "add_1 (batch, 8)",
        ])
  }

  @Test func tapsAreOperandsByTheirIndex() {
    check(
      """
      network A {
        input: (8)
        layers:
          for i in range(2) { Dense(4) -> taps[i] }
          for i in (0, 1) { Concatenate(taps[i]) }
          Add(taps[2])
      #       ^^^^ undefined-name: taps[0], taps[1]
      }
      """)
    #expect(
      rows(network("for i in range(2) { Dense(4) -> t[i] }\nfor i in (0, 1) { Concatenate(t[i]) }"))
        == [
          "dense_1 (batch, 4)", "dense_2 (batch, 4)", "concatenate_1 (batch, 8)",
          "concatenate_2 (batch, 12)",
        ])
  }

  @Test func oneTapIsFilledOnce() {
    check(
      """
      network A {
        input: (8)
        layers:
          for i in range(2) { Dense(4) -> t[0] }
      #                                   ^^^^ duplicate-name: t[0]
          t[0] -> Output(2)
      }
      """)
  }

  @Test func repetitionsAreNumbered() {
    #expect(
      rows(
        network(
          """
          Dense(4) * 2
          Dense(3) { ReLU() } * 2
          Dense(5) * 2 -> last
          last -> Dense(1, name="fc") * 2
          Dense(2) * 1
          """))
        == [
          "dense_1 (batch, 4)", "dense_2 (batch, 4)", "dense_3 (batch, 3)", "re_lu_1 (batch, 3)",
          "dense_4 (batch, 3)", "re_lu_2 (batch, 3)", "last_1 (batch, 5)", "last_2 (batch, 5)",
          "fc_1 (batch, 1)", "fc_2 (batch, 1)", "dense_5 (batch, 2)",
        ])
  }

  @Test func pathsOpenWithDefinitionsContainersAndBranchesOnly() {
    #expect(
      rows(
        """
        define Bottleneck(n) {
          Residual {
            for i in range(2) { Dense(n) }
            shortcut { if dim(-1) != n { Dense(n) } }
          }
        }
        define Stage(n) { Bottleneck(n) * 2 }
        network Test {
          input: (8)
          layers:
            Stage(4)
            Stage(4) -> named
            named -> Add { branch { Dense(4) } branch { } }
            Sequential { Dense(2) } * 2
        }
        """)
        == [
          "stage_1/bottleneck_1/residual_1/dense_1 (batch, 4)",
          "stage_1/bottleneck_1/residual_1/dense_2 (batch, 4)",
          "stage_1/bottleneck_1/residual_1/shortcut/dense_1 (batch, 4)",
          "stage_1/bottleneck_1/residual_1 (batch, 4)",
          "stage_1/bottleneck_2/residual_1/dense_1 (batch, 4)",
          "stage_1/bottleneck_2/residual_1/dense_2 (batch, 4)",
          "stage_1/bottleneck_2/residual_1 (batch, 4)",
          "named/bottleneck_1/residual_1/dense_1 (batch, 4)",
          "named/bottleneck_1/residual_1/dense_2 (batch, 4)",
          "named/bottleneck_1/residual_1 (batch, 4)",
          "named/bottleneck_2/residual_1/dense_1 (batch, 4)",
          "named/bottleneck_2/residual_1/dense_2 (batch, 4)",
          "named/bottleneck_2/residual_1 (batch, 4)",
          "add_1/branch_1/dense_1 (batch, 4)", "add_1 (batch, 4)",
          "sequential_1/dense_1 (batch, 2)", "sequential_2/dense_1 (batch, 2)",
        ])
  }

  @Test func aSharedLayerHasOneSetOfWeights() throws {
    let text = network(
      """
      let embed = Dense(8)
      embed() -> one
      one -> embed() -> two
      (one, two) -> Add()
      """)
    #expect(rows(text) == ["embed (batch, 8)", "embed (batch, 8)", "add_1 (batch, 8)"])
    let graph = try #require(analyse(text).networks.first)
    #expect(graph.totals.parameters == .constant(8 * 8 + 8))
    #expect(graph.nodes[1].sharedWith == 0)
    check(
      """
      network A {
        input: (8)
        layers:
          let embed = Dense(4)
          embed()
      #   ^^^^^ related
          embed()
      #   ^^^^^ shape-mismatch: (8, 4)
          Output(2)
      }
      """)
  }

  @Test func definitionsTakeDefaultsThatUseEarlierParametersAndValues() {
    #expect(
      rows(
        """
        define Widen(n, m=2 * n) { Dense(n) Dense(m) }
        network Test { input: (8) layers: Widen(3) Widen(3, 5) Widen(n=4) }
        """)
        == [
          "widen_1/dense_1 (batch, 3)", "widen_1/dense_2 (batch, 6)", "widen_2/dense_1 (batch, 3)",
          "widen_2/dense_2 (batch, 5)", "widen_3/dense_1 (batch, 4)", "widen_3/dense_2 (batch, 8)",
        ])
    #expect(
      rows(
        """
        define Join(memory) { (input, memory) -> Concatenate() }
        network Test { input: (8) layers: Dense(3) -> kept Dense(4) Join(kept) }
        """)
        == ["kept (batch, 3)", "dense_1 (batch, 4)", "join_1/concatenate_1 (batch, 7)"])
  }

  @Test func dataFormatHoldsForLayersAxesAndFlatten() throws {
    let text = """
      network Test {
        input: (3, 32, 16)
        data_format: "channels_first"
        layers:
          Conv2D(8, 3, padding="same") -> a
          a -> BatchNormalization()
          MaxPooling2D(2)
          MaxPooling2D((1, 2), data_format="channels_last")
          Concatenate { branch { Conv2D(4, 1) } branch { Conv2D(2, 1) } }
          GlobalAveragePooling2D()
          Output(2)
      }
      """
    #expect(
      rows(text).map { $0.split(separator: " ", maxSplits: 1)[1] }
        == [
          "(batch, 8, 32, 16)", "(batch, 8, 32, 16)", "(batch, 8, 16, 8)", "(batch, 8, 8, 8)",
          "(batch, 4, 8, 8)", "(batch, 2, 8, 8)", "(batch, 6, 8, 8)", "(batch, 6)", "(batch, 2)",
        ])
    let graph = try #require(analyse(text).networks.first)
    #expect(graph.nodes[1].weights.map(\.shape) == Array(repeating: [.constant(8)], count: 4))
  }

  @Test func trainableReachesIntoContainers() throws {
    let text = network(
      """
      Dense(4, trainable=false)
      Sequential(trainable=false) { Dense(4) }
      Residual(trainable=false) { Dense(4) }
      BatchNormalization()
      Output(1)
      """)
    let graph = try #require(analyse(text).networks.first)
    // 2 · 4 of the normalization and 4 + 1 of the output are trained, 2 · 4 moving statistics not.
    #expect(graph.totals.trainable == .constant(13))
    #expect(graph.totals.nonTrainable == .constant(36 + 20 + 20 + 8))
  }

  @Test func oneInputReadByAnEmbeddingIsInteger() throws {
    let graph = try #require(
      analyse(network("Embedding(10, 3)\nGRU(2)", input: "(7)")).networks.first)
    #expect(graph.type(of: graph.inputs[0].value)?.dtype == .int32)
    #expect(graph.nodes[1].outputs.compactMap { graph.type(of: $0)?.description } == ["(batch, 2)"])
  }

  @Test func aLayerOfOnesOwnHasARuleOrABody() throws {
    let text = """
      layer Gated(units: int >= 1, wide | w: bool = true, scale: (int, int) = units) {
        input: (batch, ...leading, features)
        let inner = units * scale[0]
        output: (batch, ...leading, units)
        weights { kernel: (features, inner)  bias: (units) when wide }
        macs: product(leading) * features * units
      }
      layer Stack(units: int | (int, int)) {
        input: (batch, features)
        body { Dense(units, name="first") Dense(features) }
      }
      network Test {
        input: (5, 8)
        layers:
          Gated(3, w=false, scale=2)
          Gated(2)
          Flatten()
          Stack(4) -> stacked
          stacked -> Output(2)
      }
      """
    #expect(
      rows(text)
        == [
          "gated_1 (batch, 5, 3)", "gated_2 (batch, 5, 2)", "flatten_1 (batch, 10)",
          "stacked/first (batch, 4)", "stacked/dense_1 (batch, 10)", "output_1 (batch, 2)",
        ])
    let graph = try #require(analyse(text).networks.first)
    #expect(graph.nodes[0].weights.map(\.shape) == [[.constant(8), .constant(6)]])
    #expect(
      graph.nodes[1].weights.map(\.shape) == [[.constant(3), .constant(4)], [.constant(2)]])
    #expect(graph.nodes[0].macs == .constant(5 * 8 * 3))
  }
}
