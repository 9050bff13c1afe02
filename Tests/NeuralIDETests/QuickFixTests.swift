import NeuralIDE
import NeuralModel
import Testing

@Suite struct QuickFixTests {
  private func finding(_ range: Range<Int>, fixes: [String]) -> Diagnostic {
    Diagnostic(
      code: .layerSpelling, severity: .hint, message: "m", file: FileID(rawValue: 0), range: range,
      fixes: fixes.map {
        Fix(
          title: $0, edits: [TextEdit(file: FileID(rawValue: 0), range: range, text: $0)])
      })
  }

  @Test(arguments: [
    (0..<0, []), (3..<3, []), (4..<4, ["a", "b"]), (5..<6, ["a", "b"]), (8..<8, ["a", "b"]),
    (9..<10, []), (0..<20, ["a", "b", "c"]), (12..<12, ["c"]),
  ])
  func thoseThatTouchTheRange(range: Range<Int>, titles: [String]) {
    let findings = [
      finding(4..<8, fixes: ["a", "b"]), finding(12..<12, fixes: ["c"]), finding(0..<20, fixes: []),
    ]
    let actions = CodeAction.quickFixes(for: findings, in: range)
    #expect(actions.map(\.title) == titles)
    #expect(actions.filter(\.isPreferred).map(\.title) == titles.filter { $0 != "b" })
    #expect(actions.allSatisfy { $0.kind == "quickfix" && $0.diagnostics.count == 1 })
  }

  /// Older forms and other frameworks' spellings are written as the language has them, at the cursor
  /// and in the whole file.
  @Test(arguments: [
    ("conv2$0d(32, 3)", "Conv2D(32, 3)"), ("Flat$0ten", "Flatten()"),
    ("Conv2D(fil$0ters: 8, kernel_size=3)", "Conv2D(filters=8, kernel_size=3)"),
    ("Residual$0Connection { Conv2D(1, 1) }", "Residual { Conv2D(1, 1) }"),
    ("Dense(\"6$04\")", "Dense(64)"), ("nn.Flat$0ten()", "Flatten()"),
    ("Lin$0ear(1, 100)", "Dense(100)"), ("Conv2$0d(1, 8, 3)", "Conv2D(8, 3)"),
    ("nn.Drop$0out2d()", "SpatialDropout2D(0.5)"),
  ])
  func asTheLanguageHasIt(old: String, new: String) {
    let around = ("network N {\n  input: (28, 28, 1)\n  layers: ", "\n}\n")
    let fixture = Fixture(around.0 + old + around.1)
    let diagnostics = fixture.snapshot.analysis.diagnostics
    let cursor = fixture.cursors[0]
    let actions = CodeAction.quickFixes(for: diagnostics, in: cursor..<cursor)
    let results = actions.map { FixAll.apply($0.edits, to: fixture.text).string }
    #expect(results.contains(around.0 + new + around.1 + "\n"), "\(diagnostics) \(results)")
  }
}
