import NeuralSchema
import NeuralSyntax

/// A finding before its ranges are resolved to bytes.
struct Finding {
  var code: DiagnosticCode
  var severity: Severity
  var message: String
  var location: Location
  /// Its place in an imported file, where it is reported at the use of what that file declares.
  var origin: Location?
  var related: [(message: String, location: Location)] = []
  var fixes: [(title: String, edits: [(location: Location, text: String)])] = []
  /// What the last fix takes away, with what joins it to the text around it.
  var removal: (title: String, location: Location)?

  init(
    _ code: DiagnosticCode, _ message: String, _ location: Location, severity: Severity? = nil
  ) {
    self.code = code
    self.severity = severity ?? code.severity
    self.message = message
    self.location = location
  }

  /// Adds a fix that replaces the finding's own range.
  func replacing(with text: String?, title: String? = nil) -> Finding {
    guard let text else { return self }
    return fixing(title ?? "Write `\(text)`", [(location, text)])
  }

  func fixing(_ title: String, _ edits: [(location: Location, text: String)]) -> Finding {
    var copy = self
    copy.fixes.append((title, edits))
    return copy
  }

  func relating(_ message: String, _ location: Location) -> Finding {
    var copy = self
    copy.related.append((message, location))
    return copy
  }
}

/// Findings as they come, each once: a definition that is expanded ten times reports its mistake
/// in the first expansion.
struct Findings {
  private(set) var all: [Finding] = []
  private var seen: Set<Key> = []

  struct Key: Hashable {
    var code: DiagnosticCode
    var location: Location
  }

  /// Whether one of this code stands at this place already.
  func contains(_ finding: Finding) -> Bool {
    seen.contains(Key(code: finding.code, location: finding.location))
  }

  /// Takes back what was added after the first `count`, without the copy of all that keeping them
  /// would cost.
  mutating func takeBack(after count: Int) {
    for finding in all[count...] {
      seen.remove(Key(code: finding.code, location: finding.location))
    }
    all.removeSubrange(count...)
  }

  mutating func add(_ finding: Finding) {
    if seen.insert(Key(code: finding.code, location: finding.location)).inserted {
      all.append(finding)
    }
  }
}
