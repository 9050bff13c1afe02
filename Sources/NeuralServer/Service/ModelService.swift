import NeuralIDE
import NeuralModel
import NeuralSyntax
import NeuralThreads

/// The documents of a session and what the model knows of them.
public struct ModelService: LanguageService, LanguageSnapshot {
  /// One version of a document. Each part is computed when it is first asked for, and then shared
  /// by everything that is asked about the version.
  struct Entry: Sendable {
    var id: FileID
    var tree: SyntaxTree
    var document: Lazy<Document>
    var analysis: Lazy<Analysis>
    var diagnostics: Lazy<[Diagnostic]>
    var editor: Lazy<EditorSnapshot>
    var names: Lazy<NameTable>

    /// The newest version that was worked out: the next one goes on from there.
    let latest: Lock<Analysis?>

    init(
      _ id: FileID, _ tree: SyntaxTree, _ document: Lazy<Document>, imports: any ImportSource,
      latest: Lock<Analysis?> = Lock(nil)
    ) {
      self.latest = latest
      self.id = id
      self.tree = tree
      self.document = document
      let analysis = Lazy {
        let earlier = latest.withLock { $0 }
        let analysis = Analysis(document.value, imports: imports, after: earlier)
        latest.withLock { $0 = analysis }
        return analysis
      }
      self.analysis = analysis
      diagnostics = Lazy { DeviceFindings.checked(analysis.value) }
      editor = Lazy { EditorSnapshot(analysis.value) { startThread($0) } }
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

  private(set) var entries: [String: Entry] = [:]
  private var open: [String: Lazy<Document>] = [:]
  let files = SourceFiles()
  private let closed = ClosedFiles()
  private let listing = FolderListing()
  private let projects = ProjectFiles()
  /// The `neural.json`s that are open.
  private var projectTrees: [String: SyntaxTree] = [:]
  /// Of `closed`, when this version was made.
  private var revision = 0

  public init() {}

  public var features: LanguageFeatures {
    [
      .hover, .inlayHints, .completion, .codeActions, .generation, .semanticTokens,
      .documentSymbols, .textStructure, .symbolUses, .rename, .signatureHelp, .formatting,
      .workspace,
    ]
  }

  var imports: any ImportSource { Imports(open: open, stored: files) }

  public mutating func open(_ path: String, text: [UInt8]) {
    projects.forget()
    if ProjectSettings.isFile(path) { return putProject(path, SyntaxTree.parse(text)) }
    put(path, files.id(of: path), SyntaxTree.parse(text))
  }

  public mutating func replace(_ path: String, _ range: Range<Int>, with text: [UInt8]) {
    if let tree = projectTrees[path] { putProject(path, tree.replacing(range, with: text)) }
    guard let entry = entries[path] else { return }
    put(path, entry.id, entry.tree.replacing(range, with: text), latest: entry.latest)
  }

  /// Of its tree only the lines count.
  private mutating func putProject(_ path: String, _ tree: SyntaxTree) {
    _ = files.id(of: path)
    projectTrees[path] = tree
    projects.setOpen(path, tree.text)
  }

  private mutating func put(
    _ path: String, _ id: FileID, _ tree: SyntaxTree, latest: Lock<Analysis?> = Lock(nil)
  ) {
    let document = Lazy {
      guard let earlier = latest.withLock({ $0?.document }) else {
        return Document(id: id, path: path, tree: tree)
      }
      return Document(earlier, tree: tree)
    }
    open[ImportPath.normalized(path)] = document
    entries[path] = Entry(id, tree, document, imports: imports, latest: latest)
    refreshImporters(of: path)
  }

  public mutating func close(_ path: String) {
    projects.forget()
    if projectTrees.removeValue(forKey: path) != nil { return projects.setOpen(path, nil) }
    entries[path] = nil
    open[ImportPath.normalized(path)] = nil
    refreshImporters(of: path)
  }

  public mutating func fileChanged(_ path: String) {
    listing.forget()
    projects.forget()
    refreshImporters(of: path)
  }

  public mutating func setFolders(_ folders: [String]) { listing.setFolders(folders) }

  /// What imports a file, directly or through others, or would if it were there, is seen anew.
  private mutating func refreshImporters(of path: String) {
    let imports = imports
    let changed = ImportPath.normalized(path)
    closed.forget(importersOf: changed)
    revision = closed.revision
    for (other, entry) in entries where other != path {
      let document = entry.document.value
      guard document.hasImports, document.importedPaths(from: imports).contains(changed) else {
        continue
      }
      entries[other] = Entry(
        entry.id, entry.tree, entry.document, imports: imports, latest: entry.latest)
    }
  }

  public func tree(_ path: String) -> SyntaxTree? {
    entries[path]?.tree ?? projectTrees[path] ?? files.known(path)?.tree
  }

  public func snapshot() -> any LanguageSnapshot { self }

  public func path(of file: FileID) -> String? { files.path(of: file) }

  // MARK: Answers

  public func diagnostics(_ path: String) -> [Diagnostic] {
    if let project = projects.open(path) {
      return project.problems.map { $0.diagnostic(in: files.id(of: path)) }
    }
    return projects.excludes(path) ? [] : projects.applied(to: ownDiagnostics(path), of: path)
  }

  /// Before the settings of its folder are applied.
  private func ownDiagnostics(_ path: String) -> [Diagnostic] {
    if let entry = entries[path] { return entry.diagnostics.value }
    return closed.diagnostics(path, revision: revision) {
      guard let entry = entry(path) else { return nil }
      return (
        entry.diagnostics.value,
        entry.document.value.importedPaths(from: imports).subtracting(open.keys)
      )
    }
  }

  public func sourceFiles() -> [String] {
    let own = Set(open.keys)
    return entries.keys.sorted()
      + listing.paths.filter { path in
        !own.contains(path) && !projects.excludes(path)
      }
  }

  /// A file, open or on the disk.
  func entry(_ path: String) -> Entry? {
    if let entry = entries[path] { return entry }
    guard let document = files.document(at: path) else { return nil }
    return Entry(document.id, document.tree, Lazy { document }, imports: imports)
  }

  public func diagnostics(
    _ path: String, judgingDevices judge: DeviceUse.Judge
  ) -> [Diagnostic] {
    guard let entry = entries[path] else { return diagnostics(path) }
    if projects.excludes(path) { return [] }
    let found = DeviceUse.adding(
      to: entry.diagnostics.value, of: entry.analysis.value, judge: judge)
    return projects.applied(to: found, of: path)
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

  public func parameterTooltip(_ path: String, at offset: Int) -> String? {
    entries[path].flatMap { InlayHint.parameterTooltip(at: offset, in: $0.editor.value) }
  }

  public func completions(_ path: String, at offset: Int, devices: [String]) -> [CompletionItem] {
    if let project = projects.open(path) {
      return ProjectSetting.completions(at: offset, in: project.text)
    }
    return entries[path].map {
      CompletionItem.all(
        at: offset, in: $0.editor.value, devices: devices, folders: contents(ofFolder:))
    } ?? []
  }

  /// What an import can name in a folder: files on the disk, and those that are not saved yet.
  private func contents(ofFolder folder: String) -> FolderContents {
    var contents = StoredFile.contents(ofFolder: folder)
    let unsaved = open.keys.filter { ImportPath.folder(of: $0) == folder }
      .map { ImportPath.name(of: $0) }
    contents.files = Set(contents.files).union(unsaved).sorted()
    return contents
  }

  public func codeActions(
    _ path: String, in range: Range<Int>, ofKind isWanted: @escaping (String) -> Bool,
    isCancelled: @escaping () -> Bool
  ) -> [CodeAction] {
    guard let entry = entries[path] else { return [] }
    let diagnostics = diagnostics(path)
    let refactoring = Refactoring(
      entry.editor.value, names: entry.names.value, at: range
    ) { isWanted($0) && !isCancelled() }
    let all =
      CodeAction.quickFixes(for: diagnostics, in: range)
      + CodeAction.fixAll(for: diagnostics, in: range) + refactoring.actions
      + CodeAction.generations(in: range, of: entry.analysis.value)
    return all.filter { isWanted($0.kind) }
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

  public func generate(
    _ path: String, network: String?, target: String
  ) throws(GenerationError) -> [GeneratedFile] {
    guard let analysis = entries[path]?.analysis.value else {
      throw GenerationError("\(path) is not open.")
    }
    var file = try GeneratedFile.make(from: analysis, network: network, target: target)
    if let model = file.model { try ModelFile.check(model, from: analysis) }
    if let project = projects.project(for: path), project.settings.output != nil {
      file.path = project.place(generated: file.path)
      file.makesFolder = true
    }
    return [file]
  }

  public func isUneditedGeneration(_ contents: [UInt8]) -> Bool {
    GeneratedFile.isUnedited(contents)
  }

  public func summaries(
    _ path: String, network: String?, settings: [(name: String, value: String)]
  ) throws(GenerationError) -> [NetworkSummary] {
    guard let analysis = entries[path]?.analysis.value else { return [] }
    return try analysis.summaries(of: network, settings: settings, imports: imports)
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
