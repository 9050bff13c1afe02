/// A stretch of text on one line, and what it is: the place and the protocol's own words.
public struct SemanticToken: Sendable, Equatable {
  /// The protocol's standard types, of which these are used.
  public enum Kind: UInt8, Sendable, CaseIterable {
    case `class`, function, type, typeParameter, parameter, variable, property, enumMember
    case keyword, comment, string, number, `operator`

    /// Whether a grammar of the editor's colours it as well: the text alone says what it is.
    public var isPlainSyntax: Bool {
      switch self {
      case .keyword, .comment, .string, .number, .operator: true
      default: false
      }
    }
  }

  /// The protocol's standard modifiers, of which these are used.
  public struct Modifiers: OptionSet, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The place that gives the name.
    public static let declaration = Modifiers(rawValue: 1 << 0)
    /// It never has another value: a constant, a parameter, the size of an input.
    public static let readonly = Modifiers(rawValue: 1 << 1)
    /// Declared by the catalogue or the language.
    public static let defaultLibrary = Modifiers(rawValue: 1 << 2)
    /// An older form that is still read.
    public static let deprecated = Modifiers(rawValue: 1 << 3)
    /// A documentation comment.
    public static let documentation = Modifiers(rawValue: 1 << 4)

    /// In the order of their bits.
    public static let names = [
      "declaration", "readonly", "defaultLibrary", "deprecated", "documentation",
    ]
  }

  public var range: Range<Int>
  public var kind: Kind
  public var modifiers: Modifiers

  public init(range: Range<Int>, kind: Kind, modifiers: Modifiers = []) {
    self.range = range
    self.kind = kind
    self.modifiers = modifiers
  }
}
