import NeuralModel
import NeuralSchema
import NeuralSyntax

/// Changes of the text at a place that leave what it means as it is. Each is tried before it is
/// offered: the text with the change has no new error, and its networks are the same.
public struct Refactoring {
  let snapshot: EditorSnapshot
  let names: NameTable
  /// The selection, or the empty range at the cursor.
  let range: Range<Int>
  private let isWanted: (String) -> Bool
  private let outcome: Outcome

  /// `isWanted` says of a kind whether it is asked for, just before it is tried: others are not.
  public init(
    _ snapshot: EditorSnapshot, names: NameTable, at range: Range<Int>,
    ofKind isWanted: @escaping (String) -> Bool = { _ in true }
  ) {
    self.snapshot = snapshot
    self.names = names
    self.range = range
    self.isWanted = isWanted
    outcome = Outcome(snapshot.analysis)
  }

  /// All that is offered at the place.
  public var actions: [CodeAction] {
    argumentActions + definitionActions + networkActions
  }

  var tree: SyntaxTree { snapshot.tree }
  var file: FileID { snapshot.analysis.document.id }

  func edit(_ range: Range<Int>, _ text: String) -> TextEdit {
    TextEdit(file: file, range: range, text: text)
  }

  func text(_ range: Range<Int>) -> String {
    String(decoding: tree.text(in: range), as: UTF8.self)
  }

  /// What edits are offered as, where they do no harm.
  func action(
    _ title: String, _ kind: String, _ edits: [TextEdit],
    sameAs isSame: (Outcome, Outcome) -> Bool = { $0 == $1 }
  ) -> CodeAction? {
    guard !edits.isEmpty, isWanted(kind), isSame(outcome, result(of: edits)) else { return nil }
    return CodeAction(title: title, kind: kind, edits: edits)
  }

  private func result(of edits: [TextEdit]) -> Outcome {
    let analysis = snapshot.analysis
    let document = Document(
      id: file, path: analysis.document.path, text: FixAll.apply(edits, to: tree.text))
    return Outcome(Analysis(document, imports: KnownImports(analysis)))
  }

  /// What a file comes to.
  struct Outcome: Equatable {
    struct Network: Equatable {
      var name: String
      var totals: Totals
      var outputs: [TensorType?]
    }

    var errors: Int
    var networks: [Network]

    init(_ analysis: Analysis) {
      errors = analysis.diagnostics.count { $0.severity == .error }
      networks = analysis.networks.map { graph in
        Network(
          name: graph.name, totals: graph.totals,
          outputs: graph.outputs.map { graph.type(of: $0.value) })
      }
    }
  }

  /// The files that an analysis has read already.
  private struct KnownImports: ImportSource {
    private let documents: [String: Document]

    init(_ analysis: Analysis) {
      documents = Dictionary(
        analysis.imported.values.map { (ImportPath.normalized($0.path), $0) }
      ) { first, _ in first }
    }

    func document(at path: String) -> Document? { documents[path] }
    func files(near path: String) -> [String] { [] }
  }

  // MARK: Layout

  /// The blanks with which the line of a place begins.
  func indentation(at offset: Int) -> String {
    let blanks = tree.text(in: lineStart(offset)..<offset).prefix { $0 == 0x20 || $0 == 0x09 }
    return String(decoding: blanks, as: UTF8.self)
  }

  /// The start of something with the comments on the lines above it.
  func startWithComments(_ offset: Int) -> Int {
    var start = offset
    while let comment = tree.token(before: start), comment.kind.isComment,
      tree.text(in: comment.range.upperBound..<start).count(where: { $0 == 0x0A }) == 1,
      // A comment behind something on its line belongs to that.
      indentation(at: comment.range.lowerBound).utf8.count
        == comment.range.lowerBound - lineStart(comment.range.lowerBound)
    {
      start = comment.range.lowerBound
    }
    return start
  }

  func lineStart(_ offset: Int) -> Int {
    let line = tree.position(at: offset, in: .utf8).line
    return tree.offset(of: TextPosition(line: line, column: 0), in: .utf8)
  }

  /// A text of several lines, the first of which stands at `old`, moved to `new`.
  static func reindented(_ text: String, from old: String, to new: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
      if index == 0 || line.allSatisfy({ $0 == " " || $0 == "\t" }) { return String(line) }
      return new + (line.hasPrefix(old) ? line.dropFirst(old.count) : line.drop { $0 == " " })
    }.joined(separator: "\n")
  }
}
