import NeuralIDE
import NeuralModel
import NeuralServer

extension Verb {
  static let generate = Verb(
    name: "generate", usage: "FILE [--target NAME]",
    summary: "write a file's networks as code for a framework",
    details: """
      The code goes beside the source, under its name: lenet5.neural gives lenet5.py. A neural.json
      can name another folder, and the target that is meant where a call names none. Generating
      again replaces it, but not once it was edited: then the difference is printed, and --force
      overwrites.
      """,
    options: [
      Option(
        name: "--target", value: "NAME",
        help: GenerationTarget.names.joined(separator: ", ")),
      Option(name: "--network", value: "NAME", help: "only this one"),
      Option(name: "-o", value: "PATH", help: "write there; - is standard output"),
      Option(name: "--check", help: "only say whether the code is current; 1 where it is not"),
      Option(name: "--force", help: "overwrite a file that was edited"),
    ]
  ) { (arguments) throws(UsageError) in
    let path = try arguments.single("a file")
    let project = ProjectFiles().project(for: path)
    guard let target = arguments["--target"] ?? project?.settings.target else {
      let others = GenerationTarget.names.dropLast().joined(separator: ", ")
      let last = GenerationTarget.names.last ?? ""
      throw UsageError("Name a target: --target \(others) or \(last).")
    }
    if !GenerationTarget.names.contains(target) {
      throw UsageError(GenerationTarget.refusal(target))
    }
    if arguments.contains("--check"), arguments.contains("--force") {
      throw UsageError("--check writes nothing; leave out --force.")
    }
    let sources = SourceFiles()
    guard let document = SourcePaths.document(path, sources) else {
      throw SourcePaths.unreadable(path)
    }
    let analysis = Analysis(document, imports: sources)
    let file: GeneratedFile
    do throws(GenerationError) {
      file = try GeneratedFile.make(
        from: analysis, network: arguments["--network"], target: target)
    } catch {
      // What stands in the way is shown as `check` shows it.
      if error.diagnostics.isEmpty { throw UsageError(error.message) }
      let others = analysis.imported.values.sorted { $0.path < $1.path }
      let checked = ([document] + others).map { file in
        CheckedFile(
          id: file.id, path: file.path, tree: file.tree,
          diagnostics: error.diagnostics.filter { $0.file == file.id })
      }
      let report = CheckReport(files: checked, version: NeuralLSP.version)
      Terminal.write(report.write(.text, color: Terminal.usesColor(nil)))
      return 1
    }
    // What came from standard input has no place beside it.
    let output =
      arguments["-o"] ?? (path == "-" ? "-" : project?.place(generated: file.path) ?? file.path)
    if arguments.contains("--check") { return try check(file, at: output) }
    if output == "-" {
      Terminal.write(String(decoding: file.contents, as: UTF8.self))
      return 0
    }
    // A folder that the project names is made; one that the call names has to be there.
    if arguments["-o"] == nil { StoredFile.makeFolder(ImportPath.folder(of: output)) }
    return try write(file, to: output, force: arguments.contains("--force"))
  }

  private static func check(_ file: GeneratedFile, at path: String) throws(UsageError) -> Int32 {
    if path == "-" { throw UsageError("--check compares with a file; name it with -o.") }
    guard let existing = StoredFile.read(path) else {
      Terminal.write("\(path) is not there.\n")
      return 1
    }
    if existing == file.contents {
      Terminal.write("\(path) is current.\n")
      return 0
    }
    Terminal.write(
      GeneratedFile.isUnedited(existing)
        ? "\(path) is out of date.\n" : "\(path) was edited since it was generated.\n")
    return 1
  }

  private static func write(
    _ file: GeneratedFile, to path: String, force: Bool
  ) throws(UsageError) -> Int32 {
    let existing = StoredFile.read(path)
    if existing == nil, StoredFile.exists(path) { throw SourcePaths.unreadable(path) }
    if let existing, existing != file.contents, !force,
      !GeneratedFile.isUnedited(existing)
    {
      Terminal.write(UnifiedDiff.text(from: existing, to: file.contents, path: path))
      Terminal.complain(
        "\(path) was edited, or not generated at all; --force overwrites it as shown.")
      return 1
    }
    if let problem = StoredFile.write(file.contents, to: path) {
      throw UsageError("\(path) cannot be written: \(problem).")
    }
    Terminal.report("Wrote \(path)")
    return 0
  }
}
