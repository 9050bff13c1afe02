import NeuralIDE
import NeuralModel
import NeuralServer
import NeuralSyntax

/// A file with its safe fixes made.
struct FixedFile: Sendable {
  var path: String
  var old: [UInt8]
  var new: [UInt8]

  var isChanged: Bool { old != new }

  /// One fix can make room for another; in practice two rounds are enough.
  private static let rounds = 8

  /// Absent where the file cannot be read.
  init?(_ path: String, _ sources: SourceFiles, _ projects: ProjectFiles) {
    guard var document = SourcePaths.document(path, sources) else { return nil }
    self.path = path
    old = document.tree.text
    new = old
    for _ in 0..<Self.rounds {
      let found = DeviceFindings.checked(Analysis(document, imports: sources))
      // What the project does not want to hear of stays as it is.
      let wanted = projects.project(for: path)?.settings.applied(to: found) ?? found
      let edits = FixAll.edits(for: wanted.filter(\.code.isMendedSafely))
      if edits.isEmpty { return }
      new = FixAll.apply(edits, to: new)
      document = Document(id: document.id, path: path, tree: SyntaxTree.parse(new))
    }
  }
}
