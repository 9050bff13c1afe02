import NeuralModel

extension DiagnosticCode {
  /// Whether what mends it leaves the meaning of the file as it is, so that nobody has to look.
  public var isMendedSafely: Bool {
    switch self {
    case .oldForm, .layerSpelling, .implicitConversion, .unusedAllow: true
    default: false
    }
  }
}

/// The fixes of many findings at once.
public enum FixAll {
  /// The preferred fixes of findings of one file, in the order of the text; of two that touch the
  /// same text the first. Fixes that concern other files too are left out.
  public static func edits(for diagnostics: [Diagnostic]) -> [TextEdit] {
    var taken: [TextEdit] = []
    for diagnostic in diagnostics {
      guard let fix = diagnostic.fixes.first,
        fix.edits.allSatisfy({ $0.file == diagnostic.file })
      else { continue }
      let isFree = fix.edits.allSatisfy { edit in taken.allSatisfy { !$0.conflicts(with: edit) } }
      if isFree { taken += fix.edits }
    }
    return taken.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// A text with edits of it that do not touch one another.
  public static func apply(_ edits: [TextEdit], to text: [UInt8]) -> [UInt8] {
    var text = text
    for edit in edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      text.replaceSubrange(edit.range.clamped(to: 0..<text.count), with: edit.text.utf8)
    }
    return text
  }
}

extension TextEdit {
  /// Two edits at one place cannot both be made: which comes first would matter.
  fileprivate func conflicts(with other: TextEdit) -> Bool {
    range.lowerBound <= other.range.upperBound && other.range.lowerBound <= range.upperBound
  }
}

extension CodeAction {
  /// All safe fixes of a file together, and those of one code where a finding at `range` has
  /// others of its code elsewhere.
  public static func fixAll(for diagnostics: [Diagnostic], in range: Range<Int>) -> [CodeAction] {
    var actions: [CodeAction] = []
    let here = diagnostics.filter { !$0.fixes.isEmpty && $0.touches(range) }
    var codes: [DiagnosticCode] = []
    for diagnostic in here where !codes.contains(diagnostic.code) { codes.append(diagnostic.code) }
    for code in codes {
      let same = diagnostics.filter { $0.code == code && !$0.fixes.isEmpty }
      guard same.count > 1 else { continue }
      actions.append(
        CodeAction(
          title: "Fix all \(same.count) `\(code.rawValue)` in the file", kind: "quickfix",
          edits: FixAll.edits(for: same), diagnostics: here.filter { $0.code == code }))
    }
    let safe = diagnostics.filter { $0.code.isMendedSafely && !$0.fixes.isEmpty }
    if !safe.isEmpty {
      actions.append(
        CodeAction(
          title: "Apply all safe fixes", kind: "source.fixAll.neural",
          edits: FixAll.edits(for: safe)))
    }
    return actions
  }
}

extension Diagnostic {
  /// Whether a place or selection is at it.
  func touches(_ place: Range<Int>) -> Bool {
    range.lowerBound <= place.upperBound && place.lowerBound <= range.upperBound
  }
}
