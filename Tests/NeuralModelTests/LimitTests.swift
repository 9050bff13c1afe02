import Testing

@testable import NeuralModel

/// No text keeps the checker busy: what is too large ends in one finding, soon.
@Suite(.serialized) struct LimitTests {
  /// The codes found, each once; within `seconds` even in a debug build on a busy machine.
  private func codes(
    _ text: String, within seconds: Int = 15, at location: Testing.SourceLocation = #_sourceLocation
  ) -> [String] {
    var found: [String] = []
    let time = ContinuousClock().measure {
      found = analyse(text).diagnostics.map(\.code.rawValue)
    }
    if time > .seconds(seconds) { Issue.record("took \(time)", sourceLocation: location) }
    return found
  }

  private func body(_ statements: String) -> String { network(statements) }

  @Test(arguments: [
    "Dense(8) * 1000000000",
    "for i in range(1000) { for j in range(1000) { for k in range(1000) { Dense(8) } } }",
    "for i in range(100000) { for j in range(100000) { let _x = i } }",
    "for i in range(100000) { for j in range(100000) { } }",
    "for i in range(100000) { input -> LSTM(3) }",
    "Sequential { Sequential { Dense(8) * 1000 } * 1000 } * 1000",
    "for i in range(1000) { let _a = sum(range(100000)) }",
  ])
  func expansionsEnd(statements: String) {
    let found = codes(body(statements + "\nDnese(2)"))
    #expect(found.filter { $0 == "expansion-limit" }.count == 1)
    #expect(Set(found).isSubset(of: ["expansion-limit", "rank-mismatch", "unknown-layer"]))
  }

  @Test func theOutermostCauseIsNamed() {
    check(
      """
      define Inner() { Dense(8) * 1000 }
      network A {
        input: (8)
        layers:
          Dense(8)
          for i in range(1000) { Inner() }
      #            ^^^^^^^^^^^ expansion-limit: 30000
          Output(2)
      }
      network B {
        input: (8)
        layers:
          Desne(4)
      #   ^^^^^ unknown-layer: Dense
      }
      """)
  }

  @Test func definitionsThatDouble() {
    let doubled = (1...40).map { "define D\($0)() { D\($0 - 1)() D\($0 - 1)() }" }
    let text = "define D0() { Dense(8) }\n" + doubled.joined(separator: "\n")
    #expect(codes(text + "\n" + body("D40()")) == ["expansion-limit"])
  }

  @Test func definitionsInsideEachOther() {
    func nested(_ depth: Int) -> String {
      let definitions = (1...depth).map { "define D\($0)() { Residual { D\($0 - 1)() * 1 } }" }
      return "define D0() { Dense(8) }\n" + definitions.joined(separator: "\n")
        + "\n" + body("D\(depth)()")
    }
    #expect(codes(nested(500)) == ["expansion-limit"])
    #expect(codes(nested(20)) == [])
  }

  @Test func valuesThatDouble() {
    let lets = (1...60).map { "let _a\($0) = (_a\($0 - 1), _a\($0 - 1))" }
    let texts = (1...60).map { "let _s\($0) = _s\($0 - 1) + _s\($0 - 1)" }
    #expect(codes(body("let _a0 = 1\n" + lets.joined(separator: "\n"))) == ["expansion-limit"])
    #expect(
      codes(body("let _s0 = \"ab\"\n" + texts.joined(separator: "\n"))) == ["expansion-limit"])
  }

  @Test func whatIsWrittenOutIsChecked() {
    let layers = (0..<10_000).map { "Dense(\($0 % 200 + 8))" }.joined(separator: "\n")
    #expect(codes(body(layers)) == [])
    let names = (0..<10_000).map { "Dense(8) -> x\($0)\nx\($0) -> Dense(8)" }
    #expect(codes(body(names.joined(separator: "\n"))) == [])
    let windows = Array(repeating: "Conv2D(4, 3)", count: 100).joined(separator: "\n")
    #expect(
      Set(codes(network(windows, input: "(height, width, 3)"))) == ["unprovable-shape"])
  }

  @Test func twiceTheLayersTakeAboutTwiceTheTime() {
    func time(_ count: Int) -> Duration {
      let layers = (0..<count).map { "Dense(8) -> x\($0)\nx\($0) -> ReLU()" }
      let text = body(layers.joined(separator: "\n"))
      return (0..<3).map { _ in ContinuousClock().measure { _ = analyse(text) } }.min() ?? .zero
    }
    _ = time(100)
    #expect(time(4_000) < time(1_000) * 12)
  }
}
