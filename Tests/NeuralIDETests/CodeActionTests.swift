import NeuralIDE
import NeuralModel
import Testing

@Suite struct GenerateActionTests {
  private let good = "network A {\n  input: (8)\n  layers: Dense(2)\n}\n"
  private let bad = "network B {\n  input: (8)\n  layers: Desne(2)\n}\n"

  /// What is offered at the first byte of `word`.
  private func check(
    _ source: String, at word: String, network: String??,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let fixture = Fixture(source)
    let start = source.range(of: word)?.lowerBound ?? source.startIndex
    let place = source.utf8.distance(from: source.startIndex, to: start)
    let actions = CodeAction.generations(in: place..<place, of: fixture.snapshot.analysis)
    guard let network else {
      #expect(actions.isEmpty, sourceLocation: sourceLocation)
      return
    }
    // A model file holds one network.
    #expect(
      actions.map(\.title) == ["Generate PyTorch", "Generate TensorFlow", "Generate JAX"]
        + (network == nil ? [] : ["Generate ONNX"]),
      sourceLocation: sourceLocation)
    #expect(actions.first?.kind == "source.generate.pytorch")
    #expect(
      actions.first?.generation == .init(network: network, target: "pytorch"),
      sourceLocation: sourceLocation)
  }

  @Test func offered() {
    let other = good.replacing("network A", with: "network C")
    check(good, at: "Dense", network: "A")
    check("# top\n\n" + good, at: "# top", network: "A")
    check(good + other, at: "network C", network: "C")
    check("# top\n\n" + good + other, at: "# top", network: .some(nil))
    check(good + bad, at: "input", network: "A")
    check(good + bad, at: "Desne", network: nil)
    check(bad, at: "Desne", network: nil)
    check("define D { Dense(2) }", at: "Dense", network: nil)
    // The graph of a half-typed network is complete, its text is not.
    check(good.replacing("Dense(2)", with: "Dense(2"), at: "Dense", network: nil)
  }
}
