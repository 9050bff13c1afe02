import NeuralIDE
import NeuralModel
import NeuralSyntax

// Names across files.
extension ModelService {
  public func definitions(_ path: String, at offset: Int) -> [SymbolPlace] {
    guard let entry = entries[path] else { return [] }
    return NameTable.definitions(at: offset, of: entry.analysis.value, names: entry.names.value)
  }

  public func declarations(_ path: String, at offset: Int) -> [SymbolPlace] {
    guard let entry = entries[path] else { return [] }
    return NameTable.declarations(at: offset, of: entry.analysis.value, names: entry.names.value)
  }

  public func typeDefinitions(_ path: String, at offset: Int) -> [SymbolPlace] {
    entries[path]?.editor.value.typeDefinitions(at: offset) ?? []
  }

  public func references(
    _ path: String, at offset: Int, isCancelled: () -> Bool
  ) -> [SymbolPlace] {
    guard let entry = entries[path] else { return [] }
    let document = entry.document.value
    guard let identity = entry.names.value.identity(at: offset, in: document) else {
      return SymbolUse.all(at: offset, of: entry.analysis.value, names: entry.names.value).map {
        SymbolPlace(file: entry.id, range: $0.range, isDeclaration: $0.isDeclaration)
      }
    }
    var places = entry.names.value.places(of: identity, in: document)
    for other in files(thatCanName: identity, isCancelled) where other.id != entry.id {
      if isCancelled() { return [] }
      places += other.names.value.places(of: identity, in: other.document.value)
    }
    return places
  }

  /// The declaring file and those that import it; of what the program declares, the open documents.
  private func files(
    thatCanName identity: SymbolIdentity, _ isCancelled: () -> Bool
  ) -> [Entry] {
    if identity.isBuiltin { return entries.keys.sorted().compactMap { entries[$0] } }
    guard let path = path(of: identity.file) else { return [] }
    let target = ImportPath.normalized(path)
    let own = entries.values.first { $0.id == identity.file } ?? entry(path)
    return [own].compactMap { $0 }
      + sourceFiles().compactMap { other in
        guard !isCancelled(), let document = document(other), document.id != identity.file,
          document.imports(target)
        else { return nil }
        return entry(other)
      }
  }

  private func document(_ path: String) -> Document? {
    entries[path]?.document.value ?? files.document(at: path)
  }

  public func workspaceSymbols(_ query: String, isCancelled: () -> Bool) -> [WorkspaceSymbol] {
    var found: [WorkspaceSymbol] = []
    for path in sourceFiles() {
      if isCancelled() { return [] }
      guard let document = document(path) else { continue }
      found += WorkspaceSymbol.all(in: document, matching: query)
    }
    return found.sorted { ($0.rank, $0.name) < ($1.rank, $1.name) }
  }

  public func documentLinks(_ path: String) -> [DocumentLink] {
    entries[path].map { DocumentLink.all(in: $0.document.value) } ?? []
  }

  public func importEdits(
    moving moves: [(old: String, new: String)], isCancelled: () -> Bool
  ) -> [TextEdit] {
    let rename = ImportRename(moves)
    return sourceFiles().flatMap { path in
      isCancelled() ? [] : document(path).map(rename.edits) ?? []
    }
  }

  public func codeLenses(_ path: String) -> [CodeLens] {
    entries[path].map { CodeLens.all(of: $0.editor.value) } ?? []
  }

  public func callItem(_ path: String, at offset: Int) -> CallItem? {
    guard let entry = entry(path),
      let place = NameTable.definitions(
        at: offset, of: entry.analysis.value, names: entry.names.value
      ).first
    else { return nil }
    return callItem(place)
  }

  private func callItem(_ place: SymbolPlace) -> CallItem? {
    path(of: place.file).flatMap(document).flatMap { CallItem.declared(at: place, in: $0) }
  }

  public func callers(_ path: String, at offset: Int, isCancelled: () -> Bool) -> [CallEdge] {
    guard let entry = entry(path),
      let identity = entry.names.value.identity(at: offset, in: entry.document.value)
    else { return [] }
    var found: [CallEdge] = []
    for file in files(thatCanName: identity, isCancelled) {
      if isCancelled() { return [] }
      found += CallItem.callers(
        of: identity, in: file.document.value, names: file.names.value)
    }
    return found
  }

  public func callees(_ path: String, at offset: Int) -> [CallEdge] {
    guard let item = callItem(path, at: offset), let place = self.path(of: item.file),
      let entry = entry(place)
    else { return [] }
    return item.callees(of: entry.analysis.value, names: entry.names.value).compactMap {
      declaration, places in
      callItem(declaration).map { CallEdge(item: $0, places: places) }
    }
  }

  public func renameRange(_ path: String, at offset: Int) throws(Rename.Refusal) -> Range<Int> {
    guard let entry = entries[path] else { throw Rename.Refusal("\(path) is not open.") }
    return try Rename.name(at: offset, of: entry.analysis.value, names: entry.names.value)
  }

  public func renameEdits(
    _ path: String, at offset: Int, to name: String, isCancelled: () -> Bool
  ) throws(Rename.Refusal) -> [TextEdit] {
    guard let entry = entries[path] else { throw Rename.Refusal("\(path) is not open.") }
    let identity = entry.names.value.identity(at: offset, in: entry.document.value)
    let files = identity.map { self.files(thatCanName: $0, isCancelled) } ?? []
    var others: [(Analysis, NameTable)] = []
    for other in files where other.id != entry.id {
      if isCancelled() { throw Rename.Refusal("Cancelled.") }
      others.append((other.analysis.value, other.names.value))
    }
    return try Rename.edits(
      at: offset, to: name, of: entry.analysis.value, names: entry.names.value, others: others,
      imports: imports)
  }
}

extension Document {
  /// Whether it imports the file of a path itself.
  fileprivate func imports(_ target: String) -> Bool {
    source.declarations.contains { declaration in
      guard case .import(let declaration) = declaration else { return false }
      return ImportPath.resolve(declaration.path, from: path) == target
    }
  }
}
