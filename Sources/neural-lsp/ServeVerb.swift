import Glibc
import LanguageServerProtocol
import NeuralDevices
import NeuralServer

/// The language server: the one thing that is asked for without a verb, as editors do it.
enum Serve {
  static let options = [
    Option(name: "--stdio", help: "serve on standard input and output"),
    Option(name: "--socket", value: "PORT", help: "connect to a client on this loopback port"),
    Option(name: "--pipe", value: "PATH", help: "connect to a client on this Unix socket"),
    // Editors add it of themselves; `initialize` says the same.
    Option(name: "--clientProcessId", value: "ID", help: "accepted and not needed"),
  ]

  static func run(_ words: ArraySlice<String>) throws(UsageError) -> Int32 {
    // Before anything that could print.
    guard let output = Descriptor.claimStandardOutput() else {
      throw UsageError("Standard output cannot be used: \(StoredFile.reason()).")
    }
    let arguments = try Arguments(words, options: options)
    try arguments.none()
    let transports = ["--stdio", "--socket", "--pipe"].filter(arguments.contains)
    guard transports.count == 1 else {
      throw UsageError("Name one of --stdio, --socket and --pipe, not \(transports.count).")
    }
    let server = Server(
      service: ModelService(),
      hooks: ServerHooks(
        version: NeuralLSP.version,
        library: Library(
          folder: Library.folder(version: NeuralLSP.version), pages: EmbeddedPages.diagnostics),
        probeDevices: { DeviceProbe.run() }))
    if let word = arguments["--socket"] {
      guard let port = UInt16(word), port > 0 else {
        throw UsageError("--socket is a port from 1 to 65535, not \(word).")
      }
      guard let socket = Descriptor.connect(toLoopbackPort: port) else {
        throw UsageError("Nobody listens on port \(port) of the loopback.")
      }
      return server.run(input: socket, output: socket)
    }
    if let path = arguments["--pipe"] {
      guard let socket = Descriptor.connect(toSocketAt: path) else {
        throw UsageError("Nobody listens on \(path).")
      }
      return server.run(input: socket, output: socket)
    }
    return server.run(input: .standardInput, output: output)
  }
}
