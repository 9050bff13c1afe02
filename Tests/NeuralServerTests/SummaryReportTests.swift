import LanguageServerProtocol
import NeuralIDE
import NeuralServer
import NeuralSyntax
import Testing

private let text = """
  network Test {
    input: (28, 28, 1)
    layers: Conv2D(32, 3) -> Flatten() -> Dense(10)
  }

  """

@Suite struct SummaryReportTests {
  private func report(_ text: String) throws -> SummaryReport {
    var service = ModelService()
    service.open("a.neural", text: Array(text.utf8))
    return SummaryReport(
      networks: try service.summaries("a.neural", network: nil, settings: []),
      tree: try #require(service.tree("a.neural")))
  }

  @Test func json() throws {
    let json = try report(text).json
    #expect(try JSONSchema(named: "summary").problems(of: json) == [])
    let network = json["networks"]?[0]
    #expect(network?["name"] == "Test")
    #expect(
      network?["inputs"] == [["name": "input", "shape": ["batch", 28, 28, 1], "dtype": "float32"]])
    #expect(network?["parameters"] == .integer(320 + 216330))
    #expect(network?["macs"] == .integer(26 * 26 * 32 * 9 + 216320))
    let values = 28 * 28 + 26 * 26 * 32
    #expect(
      network?["memory"] == [
        "weights": .integer(4 * 216650), "inference": .integer(4 * (216650 + values)),
        "gradients": .integer(4 * 216650), "optimizer": 0,
        "activations": .integer(32 * 4 * values),
        "training": .integer(2 * 4 * 216650 + 32 * 4 * values), "batch_size": 32,
      ])
    #expect(network?["layers"]?.count == 3)
    #expect(
      network?["layers"]?[0] == [
        "path": "conv2d_1", "type": "Conv2D", "inputs": ["input"],
        "outputs": [["batch", 26, 26, 32]],
        "parameters": 320, "trainable": 320, "macs": 194688,
        "range": ["start": ["line": 3, "column": 11], "end": ["line": 3, "column": 24]],
      ])
    #expect(network?["layers"]?[2]?["inputs"] == ["flatten_1"])
  }

  @Test func symbols() throws {
    let json = try report("network N { input: (seq, 8) layers: Dense(4) }").json
    #expect(try JSONSchema(named: "summary").problems(of: json) == [])
    #expect(json["networks"]?[0]?["outputs"]?[0]?["shape"] == ["batch", "seq", 4])
    #expect(json["networks"]?[0]?["macs"] == "32*seq")
  }

  @Test func table() throws {
    #expect(
      try report(text).text == """
        Test
        Layer      Type     Output               Parameters  MACs
        ────────────────────────────────────────────────────────────
        input      float32  (batch, 28, 28, 1)
        conv2d_1   Conv2D   (batch, 26, 26, 32)         320  194,688
        flatten_1  Flatten  (batch, 21632)                0        0
        dense_1    Dense    (batch, 10)             216,330  216,320

        Parameters: 216,650 (216,650 trainable, 0 not)
        MACs: 411,008
        Memory: 933.9 KiB, 846.3 KiB of weights
        Training: 4.4 MiB at batch size 32: 846.3 KiB of gradients, 0 bytes of optimizer state, 2.7 MiB of activations

        """)
  }

  @Test func whatIsNotThere() throws {
    var service = ModelService()
    service.open("a", text: Array(text.utf8))
    #expect(throws: GenerationError.self) {
      try service.summaries("a", network: "Other", settings: [])
    }
    #expect(try service.summaries("none", network: nil, settings: []).isEmpty)
  }
}
