import NeuralIDE
import NeuralModel
import NeuralSyntax

/// The documents of a session and what the model knows of them.
public struct ModelService: LanguageService, LanguageSnapshot {
  /// One version of a document. Each part is computed when it is first asked for, and then shared
  /// by everything that is asked about the version.
  private struct Entry: Sendable {
    var id: FileID
    var tree: SyntaxTree
    var document: Lazy<Document>
    var analysis: Lazy<Analysis>
    var diagnostics: Lazy<[Diagnostic]>
    var editor: Lazy<EditorSnapshot>
    var names: Lazy<NameTable>

    init(_ id: FileID, _ tree: SyntaxTree, _ document: Lazy<Document>, imports: any ImportSource) {
      self.id = id
      self.tree = tree
      self.document = document
      let analysis = Lazy { Analysis(document.value, imports: imports) }
      self.analysis = analysis
      diagnostics = Lazy { DeviceFindings.checked(analysis.value) }
      editor = Lazy { EditorSnapshot(analysis.value) }
      names = Lazy { NameTable(analysis.value) }
    }
  }

  /// Open documents before what is on the disk.
  private struct Imports: ImportSource {
    /// By the path that imports resolve to.
    var open: [String: Lazy<Document>]
    var stored: SourceFiles

    func document(at path: String) -> Document? {
      open[path]?.value ?? stored.document(at: path)
    }

    func files(near path: String) -> [String] {
      let folder = ImportPath.folder(of: path)
      let unsaved = open.keys.filter { ImportPath.folder(of: $0) == folder }
      return Set(stored.files(near: path)).union(unsaved).sorted()
    }
  }

  private var entries: [String: Entry] = [:]
  private var open: [String: Lazy<Document>] = [:]
  private let files = SourceFiles()

  public init() {}

  public var features: LanguageFeatures {
    [
      .hover, .inlayHints, .completion, .codeActions, .generation, .semanticTokens,
      .documentSymbols, .textStructure, .symbolUses, .rename, .signatureHelp, .formatting,
    ]
  }

  private var imports: Imports { Imports(open: open, stored: files) }

  public mutating func open(_ path: String, text: [UInt8]) {
    put(path, files.id(of: path), SyntaxTree.parse(text))
  }

  public mutating func replace(_ path: String, _ range: Range<Int>, with text: [UInt8]) {
    guard let entry = entries[path] else { return }
    put(path, entry.id, entry.tree.replacing(range, with: text))
  }

  private mutating func put(_ path: String, _ id: FileID, _ tree: SyntaxTree) {
    let document = Lazy { Document(id: id, path: path, tree: tree) }
    open[ImportPath.normalized(path)] = document
    entries[path] = Entry(id, tree, document, imports: imports)
    refreshImporters(of: path)
  }

  public mutating func close(_ path: String) {
    entries[path] = nil
    open[ImportPath.normalized(path)] = nil
    refreshImporters(of: path)
  }

  public mutating func fileChanged(_ path: String) { refreshImporters(of: path) }

  /// What imports a file, directly or through others, or would if it were there, is seen anew.
  private mutating func refreshImporters(of path: String) {
    let imports = imports
    let changed = ImportPath.normalized(path)
    for (other, entry) in entries where other != path {
      let document = entry.document.value
      guard document.hasImports, document.importedPaths(from: imports).contains(changed) else {
        continue
      }
      entries[other] = Entry(entry.id, entry.tree, entry.document, imports: imports)
    }
  }

  public func tree(_ path: String) -> SyntaxTree? {
    entries[path]?.tree ?? files.known(path)?.tree
  }

  public func snapshot() -> any LanguageSnapshot { self }

  public func path(of file: FileID) -> String? { files.path(of: file) }

  // MARK: Answers

  public func diagnostics(_ path: String) -> [Diagnostic] {
    entries[path]?.diagnostics.value ?? []
  }

  public func diagnostics(
    _ path: String, judgingDevices judge: (String) -> (message: String, replacement: String?)?
  ) -> [Diagnostic] {
    guard let entry = entries[path] else { return [] }
    return DeviceUse.adding(to: entry.diagnostics.value, of: entry.analysis.value, judge: judge)
  }

  public func hover(
    _ path: String, at offset: Int, devices: @escaping (String) -> String?
  ) -> Hover? {
    entries[path].flatMap { Hover.at(offset, in: $0.editor.value, devices: devices) }
  }

  public func inlayHints(
    _ path: String, in range: Range<Int>, options: InlayHintOptions
  ) -> [InlayHint] {
    entries[path].map { InlayHint.all(in: range, of: $0.editor.value, options: options) } ?? []
  }

  public func completions(_ path: String, at offset: Int, devices: [String]) -> [CompletionItem] {
    entries[path].map { CompletionItem.all(at: offset, in: $0.editor.value, devices: devices) }
      ?? []
  }

  public func codeActions(_ path: String, in range: Range<Int>) -> [CodeAction] {
    guard let entry = entries[path] else { return [] }
    return CodeAction.quickFixes(for: entry.diagnostics.value, in: range)
      + CodeAction.generations(in: range, of: entry.analysis.value)
  }

  public func semanticTokens(_ path: String, in range: Range<Int>?) -> [SemanticToken] {
    guard let entry = entries[path] else { return [] }
    return SemanticToken.all(in: range, of: entry.analysis.value, names: entry.names.value)
  }

  public func formatting(_ path: String, _ part: Formatting) -> [FormattingEdit] {
    entries[path].map { part.edits(of: $0.tree) } ?? []
  }

  public func documentSymbols(_ path: String) -> [DocumentSymbol] {
    entries[path].map { DocumentSymbol.all(of: $0.editor.value) } ?? []
  }

  public func signatureHelp(_ path: String, at offset: Int) -> SignatureHelp? {
    entries[path].flatMap { SignatureHelp.at(offset, in: $0.editor.value) }
  }

  public func symbolUses(_ path: String, at offset: Int) -> [SymbolUse] {
    guard let entry = entries[path] else { return [] }
    return SymbolUse.all(at: offset, of: entry.analysis.value, names: entry.names.value)
  }

  public func renameRange(_ path: String, at offset: Int) throws(Rename.Refusal) -> Range<Int> {
    guard let entry = entries[path] else { throw Rename.Refusal("\(path) is not open.") }
    return try Rename.name(at: offset, of: entry.analysis.value, names: entry.names.value)
  }

  public func renameEdits(
    _ path: String, at offset: Int, to name: String
  ) throws(Rename.Refusal) -> [TextEdit] {
    guard let entry = entries[path] else { throw Rename.Refusal("\(path) is not open.") }
    return try Rename.edits(
      at: offset, to: name, of: entry.analysis.value, names: entry.names.value)
  }

  public func generate(
    _ path: String, network: String?, target: String
  ) throws(GenerationError) -> [GeneratedFile] {
    guard let analysis = entries[path]?.analysis.value else {
      throw GenerationError("\(path) is not open.")
    }
    return [try GeneratedFile.make(from: analysis, network: network, target: target)]
  }

  public func isUneditedGeneration(_ contents: [UInt8]) -> Bool {
    GeneratedFile.isUnedited(contents)
  }

  public func summaries(
    _ path: String, network: String?, settings: [(name: String, value: String)]
  ) throws(GenerationError) -> [NetworkSummary] {
    if let setting = settings.first {
      throw GenerationError("--set \(setting.name): parameters cannot be set yet.")
    }
    guard let analysis = entries[path]?.analysis.value else { return [] }
    let graphs = analysis.networks.filter { network == nil || $0.name == network }
    if graphs.isEmpty, let network {
      throw GeneratedFile.unknown(network, among: analysis.networks.map(\.name))
    }
    return graphs.filter(\.isComplete).map { NetworkSummary($0, tree: analysis.document.tree) }
  }
}

/// A value that is computed once, when it is first asked for, by whichever thread asks.
final class Lazy<Value: Sendable>: Sendable {
  private enum State {
    case waiting(@Sendable () -> Value)
    case done(Value)
  }

  private let state: Lock<State>

  init(_ compute: @escaping @Sendable () -> Value) { state = Lock(.waiting(compute)) }

  var value: Value {
    state.withLock { state in
      switch state {
      case .done(let value): return value
      case .waiting(let compute):
        let value = compute()
        state = .done(value)
        return value
      }
    }
  }
}
