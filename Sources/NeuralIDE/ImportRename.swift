import NeuralModel
import NeuralSchema
import NeuralSyntax

/// What becomes of imports when files or folders get other paths.
public struct ImportRename: Sendable {
  private var moves: [(old: String, new: String)]

  /// Paths before and after.
  public init(_ moves: [(old: String, new: String)]) {
    self.moves = moves.map { (ImportPath.normalized($0.old), ImportPath.normalized($0.new)) }
  }

  /// The edits of a file, which has its old path yet, that make its imports find what they find
  /// now: files that moved, and others if it moves itself.
  public func edits(of document: Document) -> [TextEdit] {
    let here = moved(ImportPath.normalized(document.path))
    var edits: [TextEdit] = []
    for case .import(let declaration) in document.source.declarations {
      guard let target = ImportPath.resolve(declaration.path, from: document.path) else { continue }
      let newTarget = moved(target)
      if ImportPath.resolve(declaration.path, from: here) == newTarget { continue }
      let path =
        declaration.path.hasPrefix("/") ? newTarget : ImportPath.relative(newTarget, to: here)
      edits.append(
        TextEdit(
          file: document.id, range: document.tree.range(of: declaration.pathRange),
          text: Value.quoted(path)))
    }
    return edits
  }

  private func moved(_ path: String) -> String {
    for move in moves {
      if path == move.old { return move.new }
      if path.hasPrefix(move.old + "/") { return move.new + path.dropFirst(move.old.count) }
    }
    return path
  }
}
