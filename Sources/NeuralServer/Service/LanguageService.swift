import NeuralIDE
import NeuralModel
import NeuralSyntax

/// What a service can do. Only that is advertised and answered; diagnostics always are.
public struct LanguageFeatures: OptionSet, Sendable {
  public var rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }

  public static let hover = LanguageFeatures(rawValue: 1 << 0)
  public static let inlayHints = LanguageFeatures(rawValue: 1 << 1)
  public static let completion = LanguageFeatures(rawValue: 1 << 2)
  public static let codeActions = LanguageFeatures(rawValue: 1 << 3)
  public static let generation = LanguageFeatures(rawValue: 1 << 4)
  public static let semanticTokens = LanguageFeatures(rawValue: 1 << 5)
  public static let formatting = LanguageFeatures(rawValue: 1 << 6)
  public static let documentSymbols = LanguageFeatures(rawValue: 1 << 7)
  /// Folds and growing selections, for which the tree is enough.
  public static let textStructure = LanguageFeatures(rawValue: 1 << 8)
  /// Highlights, definitions and references.
  public static let symbolUses = LanguageFeatures(rawValue: 1 << 9)
  public static let rename = LanguageFeatures(rawValue: 1 << 10)
  public static let signatureHelp = LanguageFeatures(rawValue: 1 << 11)
  /// Files that are not open: names across files, their symbols, links and imports.
  public static let workspace = LanguageFeatures(rawValue: 1 << 12)
}

/// The documents of a session and what can be asked about them. A document is known by its path, or
/// by its URI where it has none (`untitled:`).
///
/// The session changes it on one thread; everything else reads snapshots.
public protocol LanguageService: Sendable {
  var features: LanguageFeatures { get }

  /// The text of a document begins; if it is open already it is replaced.
  mutating func open(_ path: String, text: [UInt8])

  /// The bytes of `range`, which lie inside the document, become `text`.
  mutating func replace(_ path: String, _ range: Range<Int>, with text: [UInt8])

  /// What is on the disk counts again.
  mutating func close(_ path: String)

  /// A file that is not open may have changed on the disk.
  mutating func fileChanged(_ path: String)

  /// The folders whose files are the user's, by their paths.
  mutating func setFolders(_ folders: [String])

  /// The newest version of an open document.
  func tree(_ path: String) -> SyntaxTree?

  /// Everything as it is now, untouched by later changes.
  func snapshot() -> any LanguageSnapshot
}

/// Answers about all documents at one moment. Offsets are bytes; an unknown path has empty answers;
/// whatever offset or range is asked for, nothing traps.
public protocol LanguageSnapshot: Sendable {
  /// A file, open or imported from the disk.
  func tree(_ path: String) -> SyntaxTree?

  func path(of file: FileID) -> String?

  /// The paths of the open documents and of all other files in the folders.
  func sourceFiles() -> [String]

  /// What holds on every machine.
  func diagnostics(_ path: String) -> [Diagnostic]

  /// The same with what `judge` finds wrong with the devices that it names on this one.
  func diagnostics(
    _ path: String, judgingDevices judge: DeviceUse.Judge
  ) -> [Diagnostic]

  /// `devices` tells in Markdown what is known of a device by its name.
  func hover(_ path: String, at offset: Int, devices: @escaping (String) -> String?) -> Hover?

  func inlayHints(_ path: String, in range: Range<Int>, options: InlayHintOptions) -> [InlayHint]

  /// What is known of the parameter that a hint at this place names.
  func parameterTooltip(_ path: String, at offset: Int) -> String?

  /// `devices` are the names of those that are here.
  func completions(_ path: String, at offset: Int, devices: [String]) -> [CompletionItem]

  /// Those whose kinds are wanted: what is costly is not worked out for the others.
  func codeActions(
    _ path: String, in range: Range<Int>, ofKind isWanted: @escaping (String) -> Bool,
    isCancelled: @escaping () -> Bool
  ) -> [CodeAction]

  /// In the order of the text: of all of it where no range is given.
  func semanticTokens(_ path: String, in range: Range<Int>?) -> [SemanticToken]

  func formatting(_ path: String, _ part: Formatting) -> [FormattingEdit]

  func documentSymbols(_ path: String) -> [DocumentSymbol]

  func signatureHelp(_ path: String, at offset: Int) -> SignatureHelp?

  /// All places of what has a name at `offset`.
  func symbolUses(_ path: String, at offset: Int) -> [SymbolUse]

  /// Where the name at `offset` is declared, in whichever file.
  func definitions(_ path: String, at offset: Int) -> [SymbolPlace]

  /// Where the file itself says what the name is: its import, for instance.
  func declarations(_ path: String, at offset: Int) -> [SymbolPlace]

  /// Where the layer is declared that makes the value at `offset`.
  func typeDefinitions(_ path: String, at offset: Int) -> [SymbolPlace]

  /// All places in all files of what has a name at `offset`.
  func references(
    _ path: String, at offset: Int, isCancelled: () -> Bool
  ) -> [SymbolPlace]

  /// The declarations of all files whose names fit what is looked for, the best first.
  func workspaceSymbols(_ query: String, isCancelled: () -> Bool) -> [WorkspaceSymbol]

  func documentLinks(_ path: String) -> [DocumentLink]

  func codeLenses(_ path: String) -> [CodeLens]

  /// What is declared or called at `offset` of a file, which need not be open.
  func callItem(_ path: String, at offset: Int) -> CallItem?

  /// Who calls it.
  func callers(_ path: String, at offset: Int, isCancelled: () -> Bool) -> [CallEdge]

  /// What it calls.
  func callees(_ path: String, at offset: Int) -> [CallEdge]

  /// The edits that keep imports true when files move from old paths to new ones.
  func importEdits(
    moving moves: [(old: String, new: String)], isCancelled: () -> Bool
  ) -> [TextEdit]

  /// The name at `offset`, where it can be changed.
  func renameRange(_ path: String, at offset: Int) throws(Rename.Refusal) -> Range<Int>

  func renameEdits(
    _ path: String, at offset: Int, to name: String, isCancelled: () -> Bool
  ) throws(Rename.Refusal) -> [TextEdit]

  /// The files that `target` makes of a network: of all of the file where none is named.
  func generate(_ path: String, network: String?, target: String) throws(GenerationError)
    -> [GeneratedFile]

  /// Whether a file with these contents was generated and not edited since.
  func isUneditedGeneration(_ contents: [UInt8]) -> Bool

  /// The networks of a file; `settings` are values for their parameters.
  func summaries(_ path: String, network: String?, settings: [(name: String, value: String)])
    throws(GenerationError) -> [NetworkSummary]
}

extension LanguageService {
  public mutating func setFolders(_ folders: [String]) {}
}

/// What a service without a feature answers.
extension LanguageSnapshot {
  public func sourceFiles() -> [String] { [] }
  public func parameterTooltip(_ path: String, at offset: Int) -> String? { nil }
  public func definitions(_ path: String, at offset: Int) -> [SymbolPlace] { [] }
  public func declarations(_ path: String, at offset: Int) -> [SymbolPlace] { [] }
  public func typeDefinitions(_ path: String, at offset: Int) -> [SymbolPlace] { [] }
  public func references(
    _ path: String, at offset: Int, isCancelled: () -> Bool
  ) -> [SymbolPlace] { [] }
  public func workspaceSymbols(_ query: String, isCancelled: () -> Bool) -> [WorkspaceSymbol] { [] }
  public func documentLinks(_ path: String) -> [DocumentLink] { [] }
  public func codeLenses(_ path: String) -> [CodeLens] { [] }
  public func callItem(_ path: String, at offset: Int) -> CallItem? { nil }
  public func callers(_ path: String, at offset: Int, isCancelled: () -> Bool) -> [CallEdge] { [] }
  public func callees(_ path: String, at offset: Int) -> [CallEdge] { [] }
  public func importEdits(
    moving moves: [(old: String, new: String)], isCancelled: () -> Bool
  ) -> [TextEdit] { [] }

  public func diagnostics(
    _ path: String, judgingDevices judge: DeviceUse.Judge
  ) -> [Diagnostic] { diagnostics(path) }

  public func hover(
    _ path: String, at offset: Int, devices: @escaping (String) -> String?
  ) -> Hover? { nil }

  public func inlayHints(_ path: String, in range: Range<Int>, options: InlayHintOptions)
    -> [InlayHint]
  { [] }

  public func completions(
    _ path: String, at offset: Int, devices: [String]
  ) -> [CompletionItem] { [] }

  public func codeActions(
    _ path: String, in range: Range<Int>, ofKind isWanted: @escaping (String) -> Bool,
    isCancelled: @escaping () -> Bool
  ) -> [CodeAction] { [] }

  public func semanticTokens(_ path: String, in range: Range<Int>?) -> [SemanticToken] { [] }

  public func formatting(_ path: String, _ part: Formatting) -> [FormattingEdit] { [] }

  public func documentSymbols(_ path: String) -> [DocumentSymbol] { [] }

  public func signatureHelp(_ path: String, at offset: Int) -> SignatureHelp? { nil }

  public func symbolUses(_ path: String, at offset: Int) -> [SymbolUse] { [] }

  public func renameRange(_ path: String, at offset: Int) throws(Rename.Refusal) -> Range<Int> {
    throw Rename.Refusal("Renaming is not part of this build.")
  }

  public func renameEdits(
    _ path: String, at offset: Int, to name: String, isCancelled: () -> Bool
  ) throws(Rename.Refusal) -> [TextEdit] {
    throw Rename.Refusal("Renaming is not part of this build.")
  }

  public func generate(_ path: String, network: String?, target: String) throws(GenerationError)
    -> [GeneratedFile]
  { throw GenerationError("Code generation is not part of this build.") }

  public func isUneditedGeneration(_ contents: [UInt8]) -> Bool { false }

  public func summaries(
    _ path: String, network: String?, settings: [(name: String, value: String)]
  ) throws(GenerationError) -> [NetworkSummary] {
    throw GenerationError("Summaries are not part of this build.")
  }
}
