import NeuralCodegen
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

      An ONNX model holds one network and its weights: fresh ones, as the layers say they begin
      (--weights initial, or initial:7 for another seed than 0); those of a safetensors file, under
      the paths that `summary` shows; or none, where they are inputs of the model (--weights inputs).
      """,
    options: [
      Option(
        name: "--target", value: "NAME",
        help: GenerationTarget.names.joined(separator: ", ")),
      Option(name: "--network", value: "NAME", help: "only this one"),
      Option(
        name: "--weights", value: "FILE",
        help: "or initial[:SEED], or inputs: those of an ONNX model"),
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
    if target != Target.onnx.rawValue, arguments.contains("--weights") {
      throw UsageError("--weights is for --target onnx; the code of \(target) loads them itself.")
    }
    let wanted = arguments["--weights"] ?? "initial"
    let sources = SourceFiles()
    guard let document = SourcePaths.document(path, sources) else {
      throw SourcePaths.unreadable(path)
    }
    let analysis = Analysis(document, imports: sources)
    // A model file holds one network: each has its own.
    let isSplit = target == Target.onnx.rawValue && arguments["--network"] == nil
    let networks =
      isSplit && analysis.networks.count > 1
      ? analysis.networks.map { Optional($0.name) } : [arguments["--network"]]
    var status: Int32 = 0
    for network in networks {
      let suffix = networks.count > 1 ? network.map { "_" + $0 } ?? "" : ""
      let request = Request(
        path: path, target: target, network: network, suffix: suffix, weights: wanted)
      status = max(status, try make(request, arguments, analysis, document, project))
    }
    return status
  }

  private struct Request {
    var path: String
    var target: String
    var network: String?
    /// What the file's name ends with, before its extension.
    var suffix: String
    /// Where an ONNX model's weights come from.
    var weights: String

    /// A path with the suffix.
    func named(_ path: String) -> String {
      guard !suffix.isEmpty, let dot = path.lastIndex(of: ".") else { return path + suffix }
      return path[..<dot] + suffix + path[dot...]
    }
  }

  private static func make(
    _ request: Request, _ arguments: Arguments, _ analysis: Analysis, _ document: Document,
    _ project: ProjectFiles.Project?
  ) throws(UsageError) -> Int32 {
    let file: GeneratedFile
    do throws(GenerationError) {
      file = try GeneratedFile.make(
        from: analysis, network: request.network, target: request.target,
        weightsAreInputs: request.weights == "inputs")
      if let model = file.model { try ModelFile.check(model, from: analysis) }
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
      arguments["-o"].map(request.named)
      ?? (request.path == "-"
        ? "-" : request.named(project?.place(generated: file.path) ?? file.path))
    if let model = file.model {
      let weights = try weights(request.weights, for: model)
      if arguments.contains("--check") { return try check(model, weights, at: output) }
      if arguments["-o"] == nil { StoredFile.makeFolder(ImportPath.folder(of: output)) }
      return try write(model, weights, to: output, force: arguments.contains("--force"))
    }
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

  // MARK: Models

  private static func weights(
    _ wanted: String, for model: ONNXModel
  ) throws(UsageError) -> ONNXWeights {
    if wanted == "inputs" { return .inputs }
    if wanted == "initial" { return .initial(seed: 0) }
    if wanted.hasPrefix("initial:") {
      guard let seed = UInt64(wanted.dropFirst("initial:".count)) else {
        throw UsageError("The seed of --weights \(wanted) is no whole number.")
      }
      return .initial(seed: seed)
    }
    do throws(ModelFile.Failure) {
      let file = try ModelFile.weights(wanted)
      if let mismatch = file.mismatch(with: model.declaredWeights) {
        throw ModelFile.Failure(reason: mismatch)
      }
      return .file(file)
    } catch {
      throw UsageError("\(wanted) cannot give the weights: \(error.reason).")
    }
  }

  private static func check(
    _ model: ONNXModel, _ weights: ONNXWeights, at path: String
  ) throws(UsageError) -> Int32 {
    if path == "-" { throw UsageError("--check compares with a file; name it with -o.") }
    guard StoredFile.exists(path) else {
      Terminal.write("\(path) is not there.\n")
      return 1
    }
    do throws(ModelFile.Failure) {
      if try ModelFile.isCurrent(model, weights, at: path) {
        Terminal.write("\(path) is current.\n")
        return 0
      }
    } catch {
      throw UsageError("\(path) cannot be compared: \(error.reason).")
    }
    Terminal.write(
      StoredFile.read(path).map(GeneratedFile.isUnedited) == true
        ? "\(path) is out of date.\n" : "\(path) was edited since it was generated.\n")
    return 1
  }

  private static func write(
    _ model: ONNXModel, _ weights: ONNXWeights, to path: String, force: Bool
  ) throws(UsageError) -> Int32 {
    if path == "-" {
      throw UsageError("A model is no text for standard output; name a file with -o.")
    }
    if !force, StoredFile.exists(path) {
      guard let existing = StoredFile.read(path) else { throw SourcePaths.unreadable(path) }
      if !GeneratedFile.isUnedited(existing) {
        Terminal.complain(
          "\(path) was edited, or not generated at all; --force overwrites it.")
        return 1
      }
    }
    do throws(ModelFile.Failure) {
      try ModelFile.write(model, weights, to: path)
    } catch {
      throw UsageError("\(path) cannot be written: \(error.reason).")
    }
    Terminal.report("Wrote \(path)")
    return 0
  }
}
