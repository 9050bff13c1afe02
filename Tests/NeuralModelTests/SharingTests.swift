import Testing

@testable import NeuralModel

/// Layers that several steps share: counted once, one path.
@Suite struct SharingTests {
  private func graph(
    _ text: String, at location: Testing.SourceLocation = #_sourceLocation
  ) throws -> NetworkGraph {
    let analysis = analyse(text)
    for diagnostic in analysis.diagnostics {
      Issue.record("\(diagnostic.message)", sourceLocation: location)
    }
    return try #require(analysis.networks.last)
  }

  @Test func aSharedLayerIsCountedOnce() throws {
    let graph = try graph(
      """
      network A {
        input: { left: (8), right: (8) }
        layers:
          let tower = Dense(4)
          left -> tower() -> a
          right -> tower() -> b
          (a, b) -> Concatenate() -> Output(2)
      }
      """)
    #expect(graph.nodes.map(\.path) == ["tower", "tower", "concatenate_1", "output_1"])
    #expect(graph.nodes[1].sharedWith == 0)
    #expect(graph.totals.trainable == .constant(8 * 4 + 4 + 8 * 2 + 2))
    // The work is done twice.
    #expect(graph.totals.macs == .constant(2 * 8 * 4 + 8 * 2))
  }

  @Test func aSharedLayerThatIsMadeOfOthers() throws {
    let graph = try graph(
      """
      layer Pair(units: int) {
        input: (batch, ...dims)
        body { Dense(units) Dense(units) }
      }
      network A {
        input: (8)
        layers:
          let pair = Pair(8)
          pair() -> pair() -> Pair(8)
      }
      """)
    #expect(
      graph.nodes.map(\.path) == [
        "pair/dense_1", "pair/dense_2", "pair/dense_1", "pair/dense_2", "pair_1/dense_1",
        "pair_1/dense_2",
      ])
    #expect(graph.nodes.map(\.sharedWith) == [nil, nil, 0, 1, nil, nil])
    #expect(graph.totals.trainable == .constant(4 * 72))
  }

  @Test func aSharedLayerKeepsItsSizes() {
    check(
      """
      network A {
        input: { left: (8), right: (6) }
        layers:
          let tower = Dense(4)
          left -> tower() -> a
      #           ^^^^^ related: the first use
          right -> tower() -> b
      #            ^^^^^ shape-mismatch: was built with `kernel` of (8, 4); here it would need (6, 4)
          (a, b) -> Concatenate() -> Output(2)
      }
      """)
  }

  @Test func aTiedKernelIsCountedWhereItIs() throws {
    let graph = try graph(
      """
      network A {
        input: (seq)
        layers:
          let embed = Embedding(50, 16)
          embed() -> Output(50, tied_to=embed, use_bias=false)
      }
      """)
    #expect(graph.nodes.map(\.tiedTo) == [nil, 0])
    #expect(graph.totals.trainable == .constant(50 * 16))
    #expect(graph.nodes[1].parameterCount == .constant(0))
    #expect(graph.totals.macs.description == "800*seq")
  }

  @Test func aLayersDTypeIsItsOutputs() throws {
    let graph = try graph(
      """
      network A { input: (8) layers: Dense(4, dtype="bfloat16") Dense(4) Sequential(dtype="float64") { Dense(2) } }
      """)
    #expect(
      graph.nodes.map { graph.type(of: $0.outputs[0])?.dtype }
        == [.bfloat16, .bfloat16, .float64])
  }
}
