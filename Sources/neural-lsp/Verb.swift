/// One of the things that the program does.
struct Verb: Sendable {
  var name: String
  /// What follows the name in a call.
  var usage: String
  /// One line for the list of verbs.
  var summary: String
  /// More for `--help`.
  var details = ""
  var options: [Option] = []
  /// The exit status: 0 where all is well, 1 where something was found.
  var run: @Sendable (Arguments) throws(UsageError) -> Int32

  static let all: [Verb] = [
    .check, .summary, .generate, .layers, .devices,
    .format,
    .refused("import", "MODEL.onnx", "write a .neural file that computes the same as a model"),
    .explain, .schema,
  ]

  /// A verb that this version does not have yet says so instead of doing half of it.
  private static func refused(_ name: String, _ usage: String, _ summary: String) -> Verb {
    Verb(name: name, usage: usage, summary: summary, details: "Not part of this version.") {
      (_) throws(UsageError) in
      throw UsageError("\(name) is not part of this version yet.")
    }
  }

  static let help = Option(name: "--help", help: "show this")
  static let color = Option(
    name: "--color", value: "WHEN", help: "auto, always or never; auto honours NO_COLOR",
    choices: ["auto", "always", "never"])

  var allOptions: [Option] { options + [Verb.help] }

  var helpText: String {
    var text = "Usage: neural-lsp \(name)"
    if !usage.isEmpty { text += " \(usage)" }
    text += "\n\n\(summary.prefix(1).uppercased() + summary.dropFirst()).\n"
    if !details.isEmpty { text += "\n\(details)\n" }
    return text + "\nOptions:\n" + Verb.table(allOptions)
  }

  static func table(_ options: [Option]) -> String {
    Self.columns(options.map { ($0.name + ($0.value.map { " \($0)" } ?? ""), $0.help) })
  }

  static func columns(_ rows: [(String, String)]) -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { left, right in
      "  " + left + String(repeating: " ", count: width - left.count) + "  " + right + "\n"
    }.joined()
  }
}
