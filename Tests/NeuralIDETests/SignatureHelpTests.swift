import NeuralIDE
import Testing

@Suite struct SignatureHelpTests {
  /// The label with the active parameter between `‹` and `›`.
  private func help(_ source: String) -> String {
    let fixture = Fixture(source)
    guard let help = SignatureHelp.at(fixture.cursors[0], in: fixture.snapshot) else {
      return "none"
    }
    var label = Array(help.label.utf8)
    if let active = help.active {
      let range = help.parameters[active].range
      label.insert(contentsOf: "›".utf8, at: range.upperBound)
      label.insert(contentsOf: "‹".utf8, at: range.lowerBound)
    }
    return String(decoding: label, as: UTF8.self)
  }

  private func inNetwork(_ statement: String) -> String {
    help(
      "define Block(filters, n=2) { Dense(3) }\nnetwork N {\n  input: (8, 8, 3)\n  layers:\n    \(statement)\n}"
    )
  }

  @Test func theParameterThatIsGiven() {
    #expect(inNetwork("Block($0)") == "Block(‹filters›, n = 2)")
    #expect(inNetwork("Block(3$0)") == "Block(‹filters›, n = 2)")
    #expect(inNetwork("Block(3, $0") == "Block(filters, ‹n = 2›)")
    #expect(inNetwork("Block(3,\n      $0\n    )") == "Block(filters, ‹n = 2›)")
    #expect(inNetwork("Block(n=$0, filters=3)") == "Block(filters, ‹n = 2›)")
    #expect(inNetwork("Block(n=1, filters=(2 + $03))") == "Block(‹filters›, n = 2)")
    #expect(inNetwork("Block(1, 2, $0)") == "Block(filters, n = 2)")
    #expect(inNetwork("Block(what=$0)") == "Block(filters, n = 2)")
  }

  @Test func theInnermostCall() {
    #expect(inNetwork("Bidirectional(LSTM($0))").hasPrefix("LSTM(‹units›, activation = \"tanh\", "))
    #expect(inNetwork("Bidirectional(LSTM(3)$0)").hasPrefix("Bidirectional(‹layer"))
    #expect(
      help("network N { input: (4) layers: Dense(3) optimizer: Adam($0) }").hasPrefix(
        "Adam(‹learning_rate = 0.001›, "))
  }

  @Test func nowhereElse() {
    for statement in [
      "Block$0(3)", "Block(3)$0", "$0Block(3)", "Residual() {$0 }", "Unknown($0)", "(1, $02)",
      "Block( # $0", "dim($0)",
    ] { #expect(inNetwork(statement) == "none", "\(statement)") }
    #expect(help("$0") == "none")
    for offset in [-1, 99, Int.max] {
      #expect(SignatureHelp.at(offset, in: Fixture("define D(").snapshot) == nil)
    }
  }
}
