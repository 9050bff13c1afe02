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
}
