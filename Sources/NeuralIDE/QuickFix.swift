import NeuralModel

extension CodeAction {
  /// The fixes of the findings that touch a range. The first of a finding is the preferred one.
  public static func quickFixes(for diagnostics: [Diagnostic], in range: Range<Int>)
    -> [CodeAction]
  {
    diagnostics.filter { $0.touches(range) }.flatMap { diagnostic in
      diagnostic.fixes.enumerated().map { index, fix in
        CodeAction(
          title: fix.title, kind: "quickfix", isPreferred: index == 0, edits: fix.edits,
          diagnostics: [diagnostic])
      }
    }
  }
}
