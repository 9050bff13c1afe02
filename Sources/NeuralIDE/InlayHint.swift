/// Text that an editor shows in a line without it being there.
public struct InlayHint: Sendable, Equatable {
  public enum Kind: Sendable {
    /// The output shape behind a step.
    case shape
    /// The name of a parameter before a positional argument.
    case parameter
  }

  /// The byte before which it stands.
  public var offset: Int
  public var label: String
  public var kind: Kind
  /// Markdown.
  public var tooltip: String?

  public init(offset: Int, label: String, kind: Kind, tooltip: String? = nil) {
    self.offset = offset
    self.label = label
    self.kind = kind
    self.tooltip = tooltip
  }
}

/// Which hints are wanted.
public struct InlayHintOptions: Sendable, Equatable {
  public var shapes = true
  /// Shapes behind every step, not only where the shape changes.
  public var everyStep = false
  public var parameters = true
  /// The most characters of a label; longer ones are cut. 0 means as long as they are.
  public var maximumLength = 0

  public init() {}
}
