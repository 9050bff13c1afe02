import NeuralSchema
import NeuralSyntax

/// A file with all files that it imports, one through the other.
struct ImportedFiles {
  /// One `import` of a file.
  struct Edge {
    var declaration: ImportDeclaration
    /// The path that it means; `nil` where it can mean none.
    var path: String?
    /// The file, where there is one.
    var target: FileID?
  }

  /// The file itself.
  let root: Document
  private(set) var documents: [FileID: Document] = [:]
  /// In the order in which they are met, the file itself first.
  private(set) var order: [FileID] = []
  private(set) var edges: [FileID: [Edge]] = [:]

  init(of document: Document, from source: any ImportSource) {
    root = document
    documents[document.id] = document
    order = [document.id]
    var byPath = [ImportPath.normalized(document.path): document.id]
    var next = 0
    while next < order.count {
      let importer = order[next]
      next += 1
      guard let file = documents[importer] else { continue }
      var found: [Edge] = []
      for case .import(let declaration) in file.source.declarations {
        let path = ImportPath.resolve(declaration.path, from: file.path)
        var edge = Edge(declaration: declaration, path: path, target: nil)
        if let path {
          edge.target = byPath[path]
          if edge.target == nil, let target = source.document(at: path) {
            edge.target = target.id
            byPath[path] = target.id
            if documents[target.id] == nil {
              documents[target.id] = target
              order.append(target.id)
            }
          }
        }
        found.append(edge)
      }
      edges[importer] = found
    }
  }

  /// The shortest way along imports from one file to another, both included.
  func way(from start: FileID, to end: FileID) -> [FileID]? {
    var previous: [FileID: FileID] = [:]
    var waiting = [start]
    var seen: Set<FileID> = [start]
    var next = 0
    while next < waiting.count {
      let file = waiting[next]
      next += 1
      if file == end {
        var way = [file]
        while let before = way.last.flatMap({ previous[$0] }) { way.append(before) }
        return way.reversed()
      }
      for case let target? in (edges[file] ?? []).map(\.target) where seen.insert(target).inserted {
        previous[target] = file
        waiting.append(target)
      }
    }
    return nil
  }

  func path(of file: FileID) -> String { documents[file]?.path ?? "" }
}

extension Document {
  /// Whether it names other files.
  public var hasImports: Bool {
    source.declarations.contains { if case .import = $0 { true } else { false } }
  }

  /// The paths of all files that it imports, one through the other, those that are not there
  /// included: what a change of a file can concern.
  public func importedPaths(from source: any ImportSource) -> Set<String> {
    let files = ImportedFiles(of: self, from: source)
    return Set(files.edges.values.joined().compactMap(\.path))
  }
}
