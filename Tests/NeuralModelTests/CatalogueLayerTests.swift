import Testing

@testable import NeuralModel

/// Layers of the catalogue where symbolic sizes, states and other frameworks' words meet.
@Suite struct CatalogueLayerTests {
  /// The layers of a network without errors: hints about spelling are another matter.
  private func layers(_ text: String) -> [String] {
    let analysis = analyse(text)
    for diagnostic in analysis.diagnostics where diagnostic.severity == .error {
      Issue.record("\(diagnostic.code.rawValue): \(diagnostic.message)")
    }
    guard let graph = analysis.networks.last else { return [] }
    return graph.nodes.map { node in
      let shapes = node.outputs.map { graph.type(of: $0)?.description ?? "?" }
      return "\(node.path) \(shapes.joined(separator: " "))"
    }
  }

  @Test func whatHoldsForLargeEnoughSizesIsTakenForGranted() {
    check(
      """
      network A {
        input: (steps, 16)
        layers:
          Take(5)
      #   ^^^^ unprovable-shape: steps >= 6
      #   fix: input: (steps, 16) where steps >= 6
          Output(2)
      }
      network B {
        input: (steps, 16) where steps >= 6
        layers:
          Take(5)
          Output(2)
      }
      network C {
        input: (steps, 16) where steps <= 5
        layers:
          Take(5)
      #        ^ size-too-small: index = 5
          Output(2)
      }
      """)
  }

  @Test func cellsAndLayersOfOneKindCountAlike() {
    func parameters(_ layer: String) -> Int? {
      analyse(network(layer, input: "(20, 10)")).networks.last?.totals.parameters?.constant
    }
    #expect(parameters("LSTM(16)") == 4 * 16 * (10 + 16 + 1))
    #expect(parameters("RNN(LSTMCell(16))") == parameters("LSTM(16)"))
    #expect(parameters("nn.LSTM(10, 16, batch_first=true)") == parameters("LSTM(16)"))
    #expect(
      parameters("RNN([GRUCell(16), GRUCell(8)])")
        == 3 * 16 * (10 + 16 + 2) + 3 * 8 * (16 + 8 + 2))
  }

  @Test func stackedLayersOfPyTorchHaveWeightsOfTheirOwn() {
    #expect(
      layers(network("nn.GRU(10, 16, 3, batch_first=true)", input: "(20, 10)"))
        == ["gru_1 (batch, 20, 16)", "gru_2 (batch, 20, 16)", "gru_3 (batch, 20, 16)"])
  }

  @Test func aLayerInPyTorchsWordsIsAValueToo() {
    #expect(
      layers(
        network(
          "let fc = Linear(10, 10)\nfc() -> fc()\nTimeDistributed(nn.Linear(10, 4))",
          input: "(20, 10)"))
        == ["fc (batch, 20, 10)", "fc (batch, 20, 10)", "time_distributed_1 (batch, 20, 4)"])
    check(
      """
      network A {
        input: (20, 10)
        layers:
          TimeDistributed(Linear(9, 4))
      #                   ^^^^^^ layer-spelling: Dense(4)
      #                   ^^^^^^^^^^^^ shape-mismatch: `in_features` is 9
          Flatten()
          Output(2)
      }
      """)
  }

  @Test func bodiesReadTheirInputsByName() {
    #expect(
      layers(
        network(
          "input -> Dense(8) -> memory\n(input, memory) -> TransformerDecoder(2, ff_dim=16)",
          input: "(20, 10)")
      ).contains("transformer_decoder_1/cross_attention (batch, 20, 10)"))
  }
}
