import NeuralIDE
import NeuralModel
import Testing

@Suite struct CodeLensTests {
  /// What stands above the one network, without the targets.
  private func totals(_ source: String) -> [String] {
    CodeLens.all(of: Fixture(source).snapshot).filter { $0.generation == nil }.map(\.title)
  }

  @Test func ofOneConfiguration() {
    // (4 + 1) · 3 parameters, 4 · 3 products; without weights there is nothing to be counted.
    #expect(
      totals("network N {\n  input: (4)\n  layers: Dense(3)\n}") == ["15 parameters · 12 MACs"])
    #expect(totals("network N {\n  input: (4)\n  layers: ReLU()\n}") == ["0 parameters"])
    #expect(totals("network N {\n  input: (4)\n  layers: Dense(0)\n}") == [])
  }

  /// The least and the most of all configurations, or that the numbers are those of the first.
  @Test func ofASearchSpace() {
    let layers = String(repeating: "    Dense(HPO(choice(1, 2, 3)))\n", count: 10)
    #expect(
      totals("network N {\n  input: (4)\n  layers:\n\(layers)}")
        == ["23…123 parameters · 13…93 MACs · in 59,049 configurations"])
    #expect(
      totals("network N {\n  input: (seq, 4)\n  layers:\n\(layers)}")
        == ["23 parameters · 13*seq MACs · the first of 59,049 configurations"])
    // All configurations cost the same.
    #expect(
      totals("network N {\n  input: (4)\n  layers: Dense(3) Dropout(HPO(choice(0.1, 0.5)))\n}")
        == ["15 parameters · 12 MACs · in 2 configurations"])
  }

  @Test func whatCanBeGenerated() {
    let lenses = CodeLens.all(
      of: Fixture(
        "network A {\n  input: (4)\n  layers: Dense(3)\n}\nnetwork B {\n  input: (4)\n"
          + "  layers: Dense(0)\n}\n"
      ).snapshot)
    #expect(
      lenses.compactMap(\.generation)
        == ["pytorch", "tensorflow", "jax", "onnx"].map {
          CodeAction.Generation(network: "A", target: $0)
        })
  }
}
