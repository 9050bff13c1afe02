/// Something in the text that the grammar does not allow.
public struct SyntaxError: Sendable, Equatable {
  public enum Code: String, Sendable {
    case syntaxError = "syntax-error"
    case unterminatedString = "unterminated-string"
    case invalidUTF8 = "invalid-utf8"
    case expansionLimit = "expansion-limit"
    case oldForm = "old-form"
  }

  public var code: Code
  /// What was expected here, and the way out.
  public var message: String
  public var range: SourceRange
  /// The edit that mends it, where it is plain.
  public var fix: Fix?
  /// A place that explains it, such as the brace that is never closed.
  public var related: Related?

  public struct Fix: Sendable, Equatable {
    public var title: String
    public var range: SourceRange
    public var text: String
  }

  public struct Related: Sendable, Equatable {
    public var message: String
    public var range: SourceRange
  }
}
