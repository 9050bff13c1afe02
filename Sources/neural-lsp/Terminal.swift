import Glibc
import NeuralDevices
import NeuralServer

/// Where output goes.
enum Terminal {
  static func write(_ text: String) {
    // Nobody reads any more: `neural-lsp check … | head` is no failure.
    _ = Descriptor.standardOutput.write(Array(text.utf8))
  }

  /// One line on standard error.
  static func complain(_ message: String) {
    let line = message.replacing("\n", with: " ")
    _ = Descriptor.standardError.write(Array("neural-lsp: \(line)\n".utf8))
  }

  /// One line of progress, for a person who looks on.
  static func report(_ message: String) {
    if isatty(STDERR_FILENO) == 1 {
      _ = Descriptor.standardError.write(Array("\(message)\n".utf8))
    }
  }

  /// `--color`, else NO_COLOR (https://no-color.org), else whether a terminal shows it.
  static func usesColor(_ choice: String?) -> Bool {
    switch choice {
    case "always": return true
    case "never": return false
    default:
      if let value = environmentValue("NO_COLOR"), !value.isEmpty { return false }
      return isatty(STDOUT_FILENO) == 1 && environmentValue("TERM") != "dumb"
    }
  }
}
