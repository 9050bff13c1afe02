import Glibc
import NeuralCodegen
import NeuralDevices
import NeuralServer

@main struct NeuralLSP {
  static let version = GeneratedHeader.programVersion

  static func main() {
    DeviceProbe.becomeHelperIfAsked(CommandLine.arguments.dropFirst())
    // Writing to a reader that has gone is an error to be handled, not the end.
    signal(SIGPIPE, SIG_IGN)
    exit(run(CommandLine.arguments.dropFirst()))
  }

  private static func run(_ words: ArraySlice<String>) -> Int32 {
    do throws(UsageError) {
      guard let first = words.first else {
        Terminal.write(help)
        return 0
      }
      switch first {
      case "--help", "-h", "help":
        Terminal.write(help)
        return 0
      case "--version":
        Terminal.write(
          "neural-lsp \(version) (catalogue \(GeneratedHeader.catalogueVersion), "
            + "Language Server Protocol 3.17)\n")
        return 0
      default: break
      }
      if first.hasPrefix("-") {
        if words.contains("--help") {
          Terminal.write(help)
          return 0
        }
        return try Serve.run(words)
      }
      guard let verb = Verb.all.first(where: { $0.name == first }) else {
        throw UsageError(
          "There is no verb \(first)\(suggestion(first, among: Verb.all.map(\.name)));"
            + " see neural-lsp --help.")
      }
      let rest = words.dropFirst()
      if rest.prefix(while: { $0 != "--" }).contains("--help") {
        Terminal.write(verb.helpText)
        return 0
      }
      return try verb.run(try Arguments(rest, options: verb.allOptions))
    } catch {
      Terminal.complain(error.message)
      return 2
    }
  }

  private static var help: String {
    var text = "Usage: neural-lsp VERB …\n       neural-lsp --stdio\n\n"
    text +=
      "The language server and the tools of Neural, a language for neural networks.\n\nVerbs:\n"
    text += Verb.columns(Verb.all.map { ($0.name, $0.summary) })
    text += "\nThe language server:\n" + Verb.table(Serve.options)
    text += "\nMore:\n"
    text += Verb.columns([
      ("VERB --help", "show what a verb takes"), ("--version", "show the versions"),
    ])
    return text
  }
}
