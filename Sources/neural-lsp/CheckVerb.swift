import NeuralDevices
import NeuralModel
import NeuralServer
import NeuralSyntax

extension Verb {
  static let check = Verb(
    name: "check", usage: "PATH…",
    summary: "report every finding in files and folders",
    details: """
      A folder means every .neural, .nr and .rnr file in it; - reads standard input.
      The errors of files that these import are reported too.
      The exit status is 1 where there is an error, or what --deny and --max-warnings name.
      A file neural.json, in the folder of a file or one around it, sets the levels of findings and
      names files that are left alone where a folder is checked; see neural-lsp schema project.
      """,
    options: [
      Option(
        name: "--format", value: "NAME",
        help: CheckReport.Format.allCases.map(\.rawValue).joined(separator: ", "),
        choices: CheckReport.Format.allCases.map(\.rawValue)),
      Option(
        name: "--deny", value: "CODE", help: "treat this finding as an error; can be repeated",
        isRepeatable: true),
      Option(name: "--max-warnings", value: "N", help: "fail where there are more warnings"),
      Option(
        name: "--devices", help: "hold the devices that files name to those of this machine"),
      Option(name: "--fix", help: "first make the fixes that leave the meaning as it is"),
      Option(
        name: "--diff", help: "print what --fix would change and write nothing; 1 for anything"),
      Verb.color,
    ]
  ) { (arguments) throws(UsageError) in
    let format = arguments["--format"].flatMap(CheckReport.Format.init) ?? .text
    var denied: Set<DiagnosticCode> = []
    for word in arguments.all("--deny") {
      guard let code = DiagnosticCode(rawValue: word) else {
        let known = DiagnosticCode.allCases.map(\.rawValue)
        throw UsageError(
          "--deny names a finding; there is no \(word)\(suggestion(word, among: known)).")
      }
      denied.insert(code)
    }
    var warnings: Int?
    if let word = arguments["--max-warnings"] {
      guard let number = Int(word), number >= 0 else {
        throw UsageError("--max-warnings is a number from 0, not \(word).")
      }
      warnings = number
    }
    if arguments.operands.isEmpty {
      throw UsageError("Name what to check: files, folders, or - for standard input.")
    }
    let projects = ProjectFiles()
    let sources = try SourcePaths.expand(arguments.operands, projects)
    if arguments.contains("--diff") { return try showFixes(sources, projects) }
    if arguments.contains("--fix") { try fix(sources, projects) }
    let machine = arguments.contains("--devices") ? DeviceProbe.run() : nil
    let (files, imported) = try checked(sources, projects, on: machine)
    let report = CheckReport(files: files, imported: imported, version: NeuralLSP.version)
    let useColor = format == .text && Terminal.usesColor(arguments["--color"])
    Terminal.write(report.write(format, color: useColor))
    let fails =
      report.count(.error) > 0 || report.contains(denied)
      || warnings.map { report.count(.warning) > $0 } ?? false
    return fails ? 1 : 0
  }

  private static func fixed(
    _ paths: [String], _ projects: ProjectFiles
  ) throws(UsageError) -> [FixedFile] {
    let sources = SourceFiles()
    let results = inParallel(paths.count) { FixedFile(paths[$0], sources, projects) }
    var files: [FixedFile] = []
    for (path, file) in zip(paths, results) {
      guard let file else { throw SourcePaths.unreadable(path) }
      files.append(file)
    }
    return files
  }

  private static func showFixes(
    _ paths: [String], _ projects: ProjectFiles
  ) throws(UsageError) -> Int32 {
    let files = try fixed(paths, projects)
    for file in files {
      Terminal.write(UnifiedDiff.text(from: file.old, to: file.new, path: file.path, new: "fixed"))
    }
    return files.contains(where: \.isChanged) ? 1 : 0
  }

  private static func fix(_ paths: [String], _ projects: ProjectFiles) throws(UsageError) {
    if paths.contains("-") {
      throw UsageError("--fix rewrites files; standard input has none. --diff shows the changes.")
    }
    for file in try fixed(paths, projects) where file.isChanged {
      if let problem = StoredFile.rewrite(file.new, at: file.path) {
        throw UsageError("\(file.path) cannot be written: \(problem).")
      }
      Terminal.report("Fixed \(file.path)")
    }
  }

  /// The files, checked on all processors, and those that they import besides.
  private static func checked(
    _ paths: [String], _ projects: ProjectFiles, on machine: DeviceReport?
  ) throws(UsageError) -> (files: [CheckedFile], imported: [CheckedFile]) {
    let sources = SourceFiles()
    // Numbers follow the order of the call.
    for path in paths { _ = sources.id(of: path) }
    let results = inParallel(paths.count) { index -> (CheckedFile, [Document])? in
      guard let document = SourcePaths.document(paths[index], sources) else { return nil }
      let analysis = Analysis(document, imports: sources)
      let found = DeviceFindings.checked(analysis, on: machine)
      let file = CheckedFile(
        id: document.id, path: paths[index], tree: document.tree,
        diagnostics: projects.applied(to: found, of: paths[index]))
      return (file, Array(analysis.imported.values))
    }
    var files: [CheckedFile] = []
    var imported: [FileID: CheckedFile] = [:]
    for (path, result) in zip(paths, results) {
      guard let (file, others) = result else { throw SourcePaths.unreadable(path) }
      files.append(file)
      for other in others {
        imported[other.id] = CheckedFile(
          id: other.id, path: other.path, tree: other.tree, diagnostics: [])
      }
    }
    for file in files { imported[file.id] = nil }
    let others = imported.values.sorted { $0.path < $1.path }
    let isCycleReported = files.contains { $0.diagnostics.contains { $0.code == .importCycle } }
    let broken = broken(others, sources, isCycleReported: isCycleReported)
    files += broken
    var seen: Set<String> = []
    for project in paths.compactMap(projects.project)
    where !project.problems.isEmpty && seen.insert(project.path).inserted {
      let id = sources.id(of: project.path)
      files.append(
        CheckedFile(
          id: id, path: project.path, tree: SyntaxTree.parse(project.text),
          diagnostics: project.problems.map { $0.diagnostic(in: id) }))
    }
    return (files, others)
  }

  /// The imported files that have errors, with those alone: what uses them does not work, but the
  /// rest of what is to be said of them is said where they are asked for.
  ///
  /// A circle of imports is said once.
  private static func broken(
    _ imported: [CheckedFile], _ sources: SourceFiles, isCycleReported: Bool
  ) -> [CheckedFile] {
    inParallel(imported.count) { index -> CheckedFile? in
      var file = imported[index]
      let analysis = Analysis(
        Document(id: file.id, path: file.path, tree: file.tree), imports: sources)
      file.diagnostics = analysis.diagnostics.filter {
        $0.severity == .error && !(isCycleReported && $0.code == .importCycle)
      }
      return file.diagnostics.isEmpty ? nil : file
    }.compactMap { $0 }
  }
}
