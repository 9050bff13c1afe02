/// Text that an editor shows in a line without it being there.
public struct InlayHint: Sendable, Equatable {
  /// In the order in which those at one place stand.
  public enum Kind: Int, Sendable, Comparable {
    /// The output shape behind a step.
    case shape
    /// The number of parameters behind a layer.
    case count
    /// The name of a parameter before a positional argument.
    case parameter

    public static func < (left: Kind, right: Kind) -> Bool { left.rawValue < right.rawValue }
  }

  /// The byte before which it stands.
  public var offset: Int
  public var label: String
  public var kind: Kind
  /// Markdown.
  public var tooltip: String?
  /// The byte of what it speaks of, whose hover tells more.
  public var subject: Int?

  public init(
    offset: Int, label: String, kind: Kind, tooltip: String? = nil, subject: Int? = nil
  ) {
    self.offset = offset
    self.label = label
    self.kind = kind
    self.tooltip = tooltip
    self.subject = subject
  }
}

/// Which hints are wanted.
public struct InlayHintOptions: Sendable, Equatable {
  public var shapes = true
  /// Shapes behind every step, not only where the shape changes.
  public var everyStep = false
  public var parameters = true
  /// The number of parameters behind layers that have any.
  public var counts = false
  /// The most characters of a label; longer ones are cut. 0 means as long as they are.
  public var maximumLength = 0
  /// The same of one kind, where it is another.
  public var maximumShapeLength = 0
  public var maximumParameterLength = 0
  public var maximumCountLength = 0

  public init() {}

  func maximumLength(of kind: InlayHint.Kind) -> Int {
    let own =
      switch kind {
      case .shape: maximumShapeLength
      case .parameter: maximumParameterLength
      case .count: maximumCountLength
      }
    return own > 0 ? own : maximumLength
  }
}
