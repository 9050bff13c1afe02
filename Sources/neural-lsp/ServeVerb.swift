import Glibc
import LanguageServerProtocol
import NeuralDevices
import NeuralServer

/// The language server: the one thing that is asked for without a verb, as editors do it.
enum Serve {
  static let options = [
    Option(name: "--stdio", help: "serve on standard input and output"),
    Option(
      name: "--socket", value: "PORT",
      help: "serve every client on this loopback port, or the one that listens there"),
    Option(name: "--pipe", value: "PATH", help: "connect to a client on this Unix socket"),
    Option(name: "--record", value: "FILE", help: "write all messages down, texts included"),
    Option(name: "--replay", value: "FILE", help: "repeat a recorded session; 1 where it differs"),
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
    var server = Server(
      service: ModelService(),
      hooks: ServerHooks(
        version: NeuralLSP.version,
        library: Library(
          folder: Library.folder(version: NeuralLSP.version), pages: EmbeddedPages.diagnostics),
        probeDevices: { DeviceProbe.run() }))
    if let path = arguments["--replay"] { return try replay(path, server, output, arguments) }
    let transports = ["--stdio", "--socket", "--pipe"].filter(arguments.contains)
    guard transports.count == 1 else {
      throw UsageError("Name one of --stdio, --socket and --pipe, not \(transports.count).")
    }
    server.recording = CrashReport.watch(version: NeuralLSP.version)
    if let path = arguments["--record"] {
      if arguments.contains("--socket") {
        throw UsageError("--record writes down one session; give it with --stdio or --pipe.")
      }
      switch Recording.file(path, version: NeuralLSP.version) {
      case .success(let file): server.recording = server.recording?.and(file) ?? file
      case .failure(let failure):
        throw UsageError("\(path) cannot be written: \(failure.reason).")
      }
    }
    if let word = arguments["--socket"] {
      guard let port = UInt16(word), port > 0 else {
        throw UsageError("--socket is a port from 1 to 65535, not \(word).")
      }
      switch server.serve(onLoopbackPort: port) {
      case .isTaken:
        // The client waits for its server, as some editors do it.
        guard let socket = Descriptor.connect(toLoopbackPort: port) else {
          throw UsageError("Port \(port) of the loopback is taken.")
        }
        return server.run(input: socket, output: socket)
      case .other(let reason): throw UsageError("Port \(port) cannot be served: \(reason).")
      }
    }
    if let path = arguments["--pipe"] {
      guard let socket = Descriptor.connect(toSocketAt: path) else {
        throw UsageError("Nobody listens on \(path).")
      }
      return server.run(input: socket, output: socket)
    }
    return server.run(input: .standardInput, output: output)
  }

  private static func replay(
    _ path: String, _ server: Server, _ output: Descriptor, _ arguments: Arguments
  ) throws(UsageError) -> Int32 {
    let others = ["--stdio", "--socket", "--pipe", "--record"].filter(arguments.contains)
    if let other = others.first { throw UsageError("--replay serves nobody; leave out \(other).") }
    guard let text = StoredFile.read(path) else { throw SourcePaths.unreadable(path) }
    do throws(Replay.Malformed) {
      let differences = try Replay(text).run(server)
      for line in differences { _ = output.write(Array((line + "\n").utf8)) }
      return differences.isEmpty ? 0 : 1
    } catch {
      throw UsageError("\(path) is no recording: \(error.message).")
    }
  }
}
