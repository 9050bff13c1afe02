import NeuralSchema
import NeuralSyntax

/// Brings the names of imported files into one file, and says what cannot be brought.
struct Importing {
  let files: ImportedFiles
  let file: FileID
  let source: any ImportSource
  /// What each file declares itself.
  let own: [FileID: DeclarationTable.FileNames]
  private(set) var findings = Findings()

  init(
    files: ImportedFiles, file: FileID, near source: any ImportSource,
    own: [FileID: DeclarationTable.FileNames]
  ) {
    self.files = files
    self.file = file
    self.source = source
    self.own = own
  }

  mutating func run(_ names: inout DeclarationTable.FileNames) {
    var whole: [FileID: Location] = [:]
    for edge in files.edges[file] ?? [] {
      let place = Location(file, edge.declaration.pathRange)
      guard let target = edge.target, let offered = own[target] else {
        reportMissing(edge)
        names.isIncomplete = names.isIncomplete || edge.declaration.names.isEmpty
        for name in edge.declaration.names { forget(name, &names) }
        continue
      }
      if let way = files.way(from: target, to: file) { reportCycle(way, place) }
      if target == file { continue }
      if edge.declaration.names.isEmpty {
        if let first = whole[target] {
          findings.add(
            Finding(
              .duplicateName, "\(Value.quoted(edge.declaration.path)) is imported already", place
            ).relating("the first time", first))
          continue
        }
        whole[target] = place
        for name in offered.order {
          guard let value = offered.declared[name] else { continue }
          bring(name, value, from: offered, at: place, isNamed: false, &names)
        }
      } else {
        for name in edge.declaration.names {
          let place = Location(file, name.range)
          if case .research? = offered.declared[name.text] {
            findings.add(
              Finding(
                .importNotFound,
                "`\(name.text)` is a research note of \(Value.quoted(edge.declaration.path)); "
                  + "definitions, networks and layers can be imported", place))
          } else if let value = offered.declared[name.text] {
            bring(name.text, value, from: offered, at: place, isNamed: true, &names)
          } else {
            reportMissing(name, of: edge, offered)
            forget(name, &names)
          }
        }
      }
    }
  }

  /// The file's own declarations win; two imports of one name are an error at the second.
  private mutating func bring(
    _ name: String, _ value: Declared, from offered: DeclarationTable.FileNames,
    at place: Location, isNamed: Bool, _ names: inout DeclarationTable.FileNames
  ) {
    guard let present = names.declared[name], let other = names.places[name] else {
      return names.put(name, value, place)
    }
    if present.isSame(as: value), !isNamed { return }
    let isOwn = own[file]?.declared[name] != nil
    var finding = Finding(
      .duplicateName,
      present.isSame(as: value)
        ? "`\(name)` is imported already"
        : isOwn
          ? "`\(name)` is declared in this file too, and that one is meant here; rename one of them"
          : "`\(name)` is imported from another file already; name what you need of each: "
            + "`import A, B from \"…\"`",
      place
    ).relating(isOwn ? "declared here" : "imported here", other)
    if !isNamed, let declaration = offered.places[name] {
      finding = finding.relating("the imported one", declaration)
    }
    findings.add(finding)
  }

  // MARK: What is missing

  /// Uses of a name that could not be imported are no mistakes of their own.
  private func forget(_ name: Name, _ names: inout DeclarationTable.FileNames) {
    if names.declared[name.text] == nil {
      names.put(name.text, .missing, Location(file, name.range))
    }
  }

  private mutating func reportMissing(_ edge: ImportedFiles.Edge) {
    let declaration = edge.declaration
    let place = Location(file, declaration.pathRange)
    // Where the path itself is missing, the parser has said so.
    if declaration.path.isEmpty { return }
    guard let path = edge.path else {
      findings.add(
        Finding(
          .importNotFound,
          "this text has no file yet, so \(Value.quoted(declaration.path)) cannot be found beside "
            + "it; save it first", place))
      return
    }
    let here = files.path(of: file)
    let candidates = source.files(near: path).filter {
      ImportPath.normalized($0) != ImportPath.normalized(here)
    }.map { ImportPath.relative($0, to: here) }
    let near =
      nearest(to: declaration.path, among: candidates)
      ?? candidates.first {
        ImportPath.name(of: $0) == ImportPath.name(of: declaration.path)
          || $0.hasPrefix(declaration.path + ".")
      }
    findings.add(
      Finding(
        .importNotFound,
        "there is no file \(Value.quoted(declaration.path)) here"
          + (near.map { "; did you mean \(Value.quoted($0))?" } ?? ""), place
      ).replacing(with: near.map(Value.quoted)))
  }

  private mutating func reportMissing(
    _ name: Name, of edge: ImportedFiles.Edge, _ offered: DeclarationTable.FileNames
  ) {
    let near = nearest(to: name.text, among: offered.order)
    let path = Value.quoted(edge.declaration.path)
    let rest =
      offered.order.isEmpty
      ? "it declares nothing that can be imported"
      : near.map { "did you mean `\($0)`?" }
        ?? "it declares \(offered.order.prefix(8).map { "`\($0)`" }.joined(separator: ", "))"
        + (offered.order.count > 8 ? " and \(offered.order.count - 8) more" : "")
    findings.add(
      Finding(
        .importNotFound, "\(path) declares no `\(name.text)`; \(rest)", Location(file, name.range)
      ).replacing(with: near))
  }

  /// `way` leads from the imported file back to this one.
  private mutating func reportCycle(_ way: [FileID], _ place: Location) {
    let here = files.path(of: file)
    if way.count == 1 {
      findings.add(Finding(.importCycle, "this file imports itself; remove the import", place))
      return
    }
    let chain = ([file] + way).map {
      ImportPath.relative(files.path(of: $0), to: here)
    }
    var finding = Finding(
      .importCycle,
      "these files import each other: \(chain.joined(separator: " → ")); move what both need into a "
        + "file of its own", place)
    for (importer, imported) in zip(way, way.dropFirst()) {
      let edge = files.edges[importer]?.first { $0.target == imported }
      if let edge {
        finding = finding.relating(
          "\(ImportPath.relative(files.path(of: importer), to: here)) imports "
            + ImportPath.relative(files.path(of: imported), to: here),
          Location(importer, edge.declaration.pathRange))
      }
    }
    findings.add(finding)
  }
}
