import NeuralSchema

/// A file, declared with the catalogue, whose layers know the one that declares them.
public typealias FileID = NeuralSchema.FileID

/// The codes and severities of findings, declared with the catalogue that raises many of them.
public typealias DiagnosticCode = NeuralSchema.DiagnosticCode
public typealias Severity = NeuralSchema.Severity

/// One finding. Ranges are byte offsets into the file's text as it was when it was analysed.
public struct Diagnostic: Sendable, Equatable {
  public var code: DiagnosticCode
  public var severity: Severity
  /// What is wrong, the equation with its numbers, and the way out.
  public var message: String
  public var file: FileID
  public var range: Range<Int>
  /// Other places that explain it, such as where the offending size came from.
  public var related: [Related]
  /// Edits that mend it; the first is the preferred one.
  public var fixes: [Fix]

  public struct Related: Sendable, Equatable {
    public var message: String
    public var file: FileID
    public var range: Range<Int>

    public init(message: String, file: FileID, range: Range<Int>) {
      self.message = message
      self.file = file
      self.range = range
    }
  }

  public init(
    code: DiagnosticCode, severity: Severity, message: String, file: FileID, range: Range<Int>,
    related: [Related] = [], fixes: [Fix] = []
  ) {
    self.code = code
    self.severity = severity
    self.message = message
    self.file = file
    self.range = range
    self.related = related
    self.fixes = fixes
  }
}

/// A change that mends a finding.
public struct Fix: Sendable, Equatable {
  /// What the user reads in the menu: *Write `padding="same"`*.
  public var title: String
  public var edits: [TextEdit]

  public init(title: String, edits: [TextEdit]) {
    self.title = title
    self.edits = edits
  }
}

/// Replaces the bytes of `range` in `file` by `text`.
public struct TextEdit: Sendable, Equatable {
  public var file: FileID
  public var range: Range<Int>
  public var text: String

  public init(file: FileID, range: Range<Int>, text: String) {
    self.file = file
    self.range = range
    self.text = text
  }
}
