/// One thing that could be written at a place.
public struct CompletionItem: Sendable, Equatable {
  public enum Kind: Sendable {
    case layer, definition, network, parameter, value, constant, function, section, setting,
      keyword,
      snippet, file, folder
  }

  public var label: String
  public var kind: Kind
  /// One line beside the label: a signature, a shape, a type.
  public var detail: String?
  /// Markdown.
  public var documentation: String?
  public var insertText: String
  /// Whether `insertText` has tab stops in the protocol's snippet syntax.
  public var isSnippet: Bool
  /// The bytes that it replaces.
  public var replaceRange: Range<Int>
  public var sortText: String?
  public var filterText: String?
  /// What can be typed right behind it, which chooses it.
  public var commitCharacters: [String]

  public init(
    label: String, kind: Kind, detail: String? = nil, documentation: String? = nil,
    insertText: String, isSnippet: Bool = false, replaceRange: Range<Int>, sortText: String? = nil,
    filterText: String? = nil, commitCharacters: [String] = []
  ) {
    self.label = label
    self.kind = kind
    self.detail = detail
    self.documentation = documentation
    self.insertText = insertText
    self.isSnippet = isSnippet
    self.replaceRange = replaceRange
    self.sortText = sortText
    self.filterText = filterText
    self.commitCharacters = commitCharacters
  }
}
