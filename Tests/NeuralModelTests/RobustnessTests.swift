import Foundation
import Testing

@testable import NeuralModel

/// Texts as they are while somebody types, and worse: an answer, never a crash, and ranges in the text.
@Suite struct RobustnessTests {
  private struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) ^ (state << 31)
    }
  }

  private static let words = [
    "(", ")", "{", "}", "[", "]", "->", ",", "* 3", "* 0", "* -1", "-1", "0", "none", "input", "()",
    "branch { }", "shortcut { }", "if 1 < 2 {", "for i in range(3) {", "let a = ", "dim(-1)",
    "dim(9)", "Residual", "Add()", "Concatenate()", "Bidirectional", "Dense", "x", "-> x",
    "-> (a, b)", "x[0]", "@ \"cpu\"", "name=\"a\"", "9223372036854775807", "1e400", "** 60",
    "// 0", "HPO(choice(1, 2))", "\"same\"", "axis=7", "where h % 2 == 0", "(h, w, 3)", "batch",
    "trainable=false", "padding=((1, 2), (3, 4))", "kernel_size=(1, 2)", "\u{0}", "é",
  ]

  private static func sources() throws -> [[UInt8]] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    return try ["Tests/Mistakes", "Tests/OldForms", "Docs/examples"].flatMap { folder in
      try FileManager.default.contentsOfDirectory(
        at: root.appending(path: folder), includingPropertiesForKeys: nil
      ).filter { $0.pathExtension == "neural" }.sorted { $0.path < $1.path }
        .map { Array(try Data(contentsOf: $0)) }
    }
  }

  @Test func mutilatedTexts() throws {
    let sources = try Self.sources()
    let rounds = ProcessInfo.processInfo.environment["ROUNDS"].flatMap(Int.init) ?? 6
    var random = Random(state: UInt64(rounds))
    for _ in 0..<rounds {
      for source in sources {
        var text = source
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let place = Int.random(in: 0...text.count, using: &random)
          let end = min(text.count, place + Int.random(in: 0...12, using: &random))
          let word = Self.words.randomElement(using: &random) ?? ""
          let removes = Bool.random(using: &random)
          text.replaceSubrange(place..<(removes ? end : place), with: " \(word) ".utf8)
        }
        let analysis = Analysis(
          Document(id: FileID(rawValue: 0), path: "test.neural", text: text))
        for diagnostic in analysis.diagnostics {
          let places =
            [diagnostic.range] + diagnostic.related.map(\.range)
            + diagnostic.fixes.flatMap { $0.edits.map(\.range) }
          if diagnostic.message.isEmpty || places.contains(where: { $0.upperBound > text.count }) {
            Issue.record("\(diagnostic) in\n\(String(decoding: text, as: UTF8.self))")
          }
        }
        _ = analysis.networks.map(\.totals)
      }
    }
  }

  /// A flow from nothing: an error at what stands for its source, no matter what follows.
  @Test(arguments: [
    "[] -> Residual { Dense(8) }", "() -> Add { branch { } }", "[] -> Dense(8) * 2",
    "[] -> x", "[] -> Bidirectional { LSTM(3) }",
  ])
  func flowsFromNothing(_ flow: String) {
    let text = "network N {\n  input: (8)\n  layers: \(flow)\n}"
    let document = Document(id: FileID(rawValue: 0), path: "n.neural", text: Array(text.utf8))
    #expect(Analysis(document).diagnostics.contains { $0.severity == .error })
  }

  @Test func binaryBytes() {
    let bytes = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }
    let analysis = Analysis(Document(id: FileID(rawValue: 0), path: "test.neural", text: bytes))
    #expect(!analysis.diagnostics.isEmpty)
    #expect(analyse("").diagnostics.isEmpty)
  }
}
