import NeuralIDE
import NeuralServer

extension Verb {
  static let summary = Verb(
    name: "summary", usage: "FILE",
    summary: "show the layers of a file's networks with shapes, parameters and MACs",
    options: [
      Option(name: "--network", value: "NAME", help: "only this one"),
      Option(
        name: "--set", value: "NAME=VALUE", help: "a parameter's value; can be repeated",
        isRepeatable: true),
      Option(
        name: "--format", value: "NAME", help: "text or json", choices: ["text", "json"]),
    ]
  ) { (arguments) throws(UsageError) in
    let path = try arguments.single("a file")
    var settings: [(name: String, value: String)] = []
    for word in arguments.all("--set") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw UsageError("--set is NAME=VALUE, not \(word).")
      }
      settings.append((String(parts[0]), String(parts[1])))
    }
    guard let text = SourcePaths.read(path) else { throw SourcePaths.unreadable(path) }
    var service = ModelService()
    service.open(path, text: text)
    guard let tree = service.tree(path) else { throw SourcePaths.unreadable(path) }
    let networks: [NetworkSummary]
    do throws(GenerationError) {
      networks = try service.summaries(path, network: arguments["--network"], settings: settings)
    } catch {
      throw UsageError(error.message)
    }
    let report = SummaryReport(networks: networks, tree: tree)
    Terminal.write(arguments["--format"] == "json" ? report.json.indented + "\n" : report.text)
    let errors = service.diagnostics(path).count { $0.severity == .error }
    if errors > 0 {
      Terminal.complain(
        "\(path) has \(errors == 1 ? "an error" : "\(errors) errors"): see neural-lsp check \(path)"
      )
    }
    return errors > 0 ? 1 : 0
  }
}
