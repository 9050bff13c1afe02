import NeuralServer
import NeuralSyntax

extension Verb {
  static let format = Verb(
    name: "format", usage: "PATH…",
    summary: "rewrite files in the common layout",
    details: """
      A folder means every .neural, .nr and .rnr file in it; - reads standard input and writes
      standard output. Files that are laid out already are left alone. What cannot be read keeps its
      text, and the exit status is 1 then.
      """,
    options: [
      Option(name: "--check", help: "only list the files that would change; 1 where there are any"),
      Option(name: "--diff", help: "print what would change and write nothing"),
    ]
  ) { (arguments) throws(UsageError) in
    if arguments.operands.isEmpty {
      throw UsageError("Name what to format: files, folders, or - for standard input.")
    }
    let sources = try SourcePaths.expand(arguments.operands)
    let results = inParallel(sources.count) { FormattedFile(sources[$0]) }
    var files: [FormattedFile] = []
    for (path, file) in zip(sources, results) {
      guard let file else { throw SourcePaths.unreadable(path) }
      files.append(file)
    }
    let onlyShows = arguments.contains("--check") || arguments.contains("--diff")
    var fails = false
    for file in files {
      if file.hasErrors {
        fails = true
        Terminal.complain(
          "\(file.path) has syntax errors; what cannot be read is left as it is. See neural-lsp check."
        )
      }
      if onlyShows {
        if file.isChanged { fails = true }
        Terminal.write(file.report(diff: arguments.contains("--diff")))
      } else if file.path == "-" {
        _ = Descriptor.standardOutput.write(file.new)
      } else if file.isChanged {
        if let problem = StoredFile.rewrite(file.new, at: file.path) {
          throw UsageError("\(file.path) cannot be written: \(problem).")
        }
        Terminal.report("Formatted \(file.path)")
      }
    }
    return fails ? 1 : 0
  }
}

private struct FormattedFile: Sendable {
  var path: String
  var old: [UInt8]
  var new: [UInt8]
  var hasErrors: Bool

  var isChanged: Bool { old != new }

  /// Absent where the file cannot be read.
  init?(_ path: String) {
    guard let text = SourcePaths.read(path) else { return nil }
    self.path = path
    old = text
    let tree = SyntaxTree.parse(text)
    hasErrors = tree.errors.contains { $0.code != .oldForm }
    new = FormattingEdit.apply(tree.formattingEdits(), to: text)
  }

  func report(diff: Bool) -> String {
    guard isChanged else { return "" }
    return diff ? UnifiedDiff.text(from: old, to: new, path: path, new: "formatted") : path + "\n"
  }
}
