import Foundation
import LanguageServerProtocol
import Support
import Testing

/// The program itself, as a user calls it.
@Suite(.timeLimit(.minutes(2))) final class CommandLineTests {
  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try write("good.neural", "network A { input: (8) layers: Dense(2) }\n")
    try write("bad.neural", "network B { input: (8) layers: Dnse(2) }\n")
    try write("warn.neural", "network C { input: (8) layers: Dense(\"2\") }\n")
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func write(_ name: String, _ text: String) throws {
    try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
  }

  static let program = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("neural-lsp")

  private func run(_ arguments: String..., input: String = "", environment: [String: String] = [:])
    throws -> Outcome
  {
    try run(arguments: arguments, input: input, environment: environment)
  }

  private func run(
    arguments: [String], input: String = "", environment: [String: String] = [:]
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = environment
    let (inputPipe, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = inputPipe
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    inputPipe.fileHandleForWriting.write(Data(input.utf8))
    try inputPipe.fileHandleForWriting.close()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  @Test func exitStatuses() throws {
    #expect(try run("check", "good.neural").status == 0)
    #expect(try run("check", "bad.neural").status == 1)
    #expect(try run("check", "warn.neural").status == 0)
    #expect(try run("check", "warn.neural", "--deny", "implicit-conversion").status == 1)
    #expect(try run("check", "warn.neural", "--deny=unused-value").status == 0)
    #expect(try run("check", "--max-warnings", "0", "warn.neural").status == 1)
    #expect(try run("check", "--max-warnings=1", "warn.neural").status == 0)
    #expect(try run("check", "none.neural").status == 2)
  }

  @Test func fixing() throws {
    let source = "# kept\nnetwork F { input: (8) layers: dense(\"2\") -> Dense(\"3\") }\n"
    let mended = "# kept\nnetwork F { input: (8) layers: Dense(2) -> Dense(3) }\n"
    try write("fix.neural", source)
    let shown = try run("check", "fix.neural", "--diff")
    #expect(shown.status == 1)
    #expect(shown.output.contains("-network F { input: (8) layers: dense(\"2\")"))
    #expect(shown.output.contains("+network F { input: (8) layers: Dense(2) -> Dense(3) }"))
    #expect(
      try String(contentsOf: folder.appendingPathComponent("fix.neural"), encoding: .utf8) == source
    )
    let fixed = try run("check", "--fix", "fix.neural", "bad.neural")
    #expect(fixed.status == 1)
    #expect(!fixed.output.contains("fix.neural"))
    // A guess at a name is not safe.
    #expect(fixed.output.contains("Dnse"))
    #expect(
      try String(contentsOf: folder.appendingPathComponent("fix.neural"), encoding: .utf8) == mended
    )
    #expect(try run("check", "fix.neural", "--diff").status == 0)
    #expect(try run("check", "--fix", "-", input: source).status == 2)
    #expect(try run("check", "--diff", "-", input: source).output.contains("+network F"))
  }

  @Test func aProject() throws {
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("old"), withIntermediateDirectories: true)
    try write("old/bad.neural", "network B { input: (8) layers: Dnse(2) }\n")
    try write(
      "neural.json",
      #"{"levels": {"implicit-conversion": "error"}, "exclude": ["old", "bad.neural"]}"#)
    let whole = try run("check", ".")
    #expect(whole.status == 1)
    #expect(whole.output.contains("implicit-conversion"))
    #expect(!whole.output.contains("unknown-layer"))
    // What is named is checked all the same.
    #expect(try run("check", "bad.neural").output.contains("unknown-layer"))
    try write("neural.json", #"{"generate": {"target": "pytorch", "output": "gen"}, "level": {}}"#)
    let reported = try run("check", "good.neural", "--format", "json")
    #expect(reported.status == 1)
    #expect(reported.output.contains("There is no setting `level`, but `levels`."))
    #expect(try run("generate", "good.neural").status == 0)
    #expect(
      FileManager.default.fileExists(atPath: folder.appendingPathComponent("gen/good.py").path))
  }

  @Test(arguments: [
    (["check"], "Name what to check: files, folders, or - for standard input."),
    (["check", "none"], "none: there is no such file or folder."),
    (["check", "a", "--fromat", "json"], "There is no option --fromat, but --format."),
    (["check", "a", "--format"], "--format needs a value: NAME."),
    (
      ["check", "a", "--format", "xml"],
      "--format is one of text, json, sarif, github, gitlab, junit, not xml."
    ),
    (
      ["check", "a", "--deny", "unused-valeu"],
      "--deny names a finding; there is no unused-valeu, but unused-value."
    ),
    (["check", "a", "--max-warnings", "-1"], "--max-warnings is a number from 0, not -1."),
    (["check", "a", "--color", "always", "--color", "never"], "--color is given twice."),
    (["chekc"], "There is no verb chekc, but check; see neural-lsp --help."),
    (["summary"], "Name a file."),
    (["summary", "."], ". is a folder; name a file."),
    (["summary", "good.neural", "--network", "Z"], "There is no network Z here, but A."),
    (["layers", "Dens"], "There is no layer Dens, but Dense."),
    (["explain", "rank-mismatc"], "There is no diagnostic rank-mismatc, but rank-mismatch."),
    (["generate", "good.neural"], "Name a target: --target pytorch, tensorflow, jax or onnx."),
    (
      ["generate", "good.neural", "--target", "torch"],
      "There is no target torch, but pytorch, tensorflow, jax, onnx."
    ),
    (
      ["generate", "good.neural", "--target", "pytorch", "--network", "Z"],
      "There is no network Z here, but A."
    ),
    (
      ["generate", "good.neural", "--target", "pytorch", "--check", "-o", "-"],
      "--check compares with a file; name it with -o."
    ),
    (
      ["generate", "good.neural", "--target", "pytorch", "-o", "none/a.py"],
      "none/a.py cannot be written: No such file or directory."
    ),
    (["generate", "none", "--target", "pytorch"], "none: there is no such file or folder."),
    (["--stdo"], "There is no option --stdo, but --stdio."),
    (["--stdio", "--socket", "1"], "Name one of --stdio, --socket and --pipe, not 2."),
    (["--socket", "0"], "--socket is a port from 1 to 65535, not 0."),
    (["--pipe", "/nowhere"], "Nobody listens on /nowhere."),
  ])
  func badUsage(arguments: [String], message: String) throws {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = arguments
    process.currentDirectoryURL = folder
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    let complaint = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    #expect(String(decoding: complaint, as: UTF8.self) == "neural-lsp: \(message)\n")
    #expect(output.fileHandleForReading.readDataToEndOfFile().isEmpty)
  }

  @Test func folders() throws {
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("z/.hidden"), withIntermediateDirectories: true)
    try write("z/a.nr", "")
    try write("z/b.rnr", "")
    try write("z/c.txt", "network {")
    try write("z/.hidden/d.neural", "network {")
    try FileManager.default.createSymbolicLink(
      at: folder.appendingPathComponent("z/circle"), withDestinationURL: folder)
    let outcome = try run("check", "--format", "json", ".", "good.neural", "./good.neural")
    let json = try JSON(parsing: Array(outcome.output.utf8))
    let paths = (0..<9).compactMap { json["files"]?[$0]?["path"] }
    #expect(
      paths == [
        "./bad.neural", "./good.neural", "./warn.neural", "./z/a.nr", "./z/b.rnr", "good.neural",
      ])
  }

  @Test func imports() throws {
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("parts"), withIntermediateDirectories: true)
    try write(
      "main.neural",
      """
      import Block from "./parts/../parts/blocks.neural"
      network M { input: (8) layers: Block(4) -> Output(2) }

      """)
    try write("parts/blocks.neural", "define Block(n) { Dense(n) -> Flatten() -> Conv2D(4, 3) }\n")
    let outcome = try run("check", "./main.neural", "parts/blocks.neural", "--format", "json")
    #expect(outcome.status == 1)
    let report = try JSON(parsing: Array(outcome.output.utf8))
    #expect(report["files"]?[1]?["path"] == "parts/blocks.neural")
    #expect(report["files"]?[1]?["diagnostics"] == [])
    let finding = report["files"]?[0]?["diagnostics"]?[0]
    #expect(finding?["code"] == "rank-mismatch")
    #expect(finding?["range"]?["start"] == ["line": 2, "column": 32])
    #expect(finding?["related"]?[0]?["path"] == "parts/blocks.neural")
    #expect(finding?["related"]?[0]?["range"]?["start"] == ["line": 1, "column": 44])
    // The same where only the importer is asked for, and in words.
    let alone = try run("check", "main.neural")
    #expect(alone.output.contains("parts/blocks.neural:1:44: here in `Block`"))
    let refused = try run("generate", "main.neural", "--target", "pytorch")
    #expect(refused.status == 1)
    try write("parts/blocks.neural", "define Block(n) { Dnse(n) }\n")
    // What it imports is broken, and so is what was asked for.
    let imported = try run("check", "main.neural")
    #expect(imported.status == 1)
    #expect(imported.output.contains("--> parts/blocks.neural:1:19"))
    #expect(try run("check", ".").output.contains("--> ./parts/blocks.neural:1:19"))
    let elsewhere = try run("generate", "main.neural", "--target", "pytorch")
    #expect(elsewhere.output.contains("--> parts/blocks.neural:1:19"))
    #expect(elsewhere.status == 1)
    try write("parts/blocks.neural", "define Block(n) { Dense(n) }\n")
    let code = try run("generate", "main.neural", "--target", "pytorch", "-o", "-")
    #expect(code.output.contains("self.block_1 = Block("))
    #expect(try run("summary", "main.neural").output.contains("block_1/dense_1"))
  }

  @Test func standardInput() throws {
    let outcome = try run("check", "-", input: "network B { input: (8) layers: Dnse(2) }")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains(" --> -:1:"))
    #expect(try run("summary", "-", input: "network B { input: (8) layers: Dense(2) }").status == 0)
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  @Test func generateBesideTheSource() throws {
    let arguments = ["generate", "good.neural", "--target", "pytorch"]
    func generate(_ more: String...) throws -> Outcome { try run(arguments: arguments + more) }
    #expect(try generate("--check").status == 1)
    #expect(try generate().status == 0)
    let first = try read("good.py")
    #expect(first.contains("class A(nn.Module)"))
    #expect(try generate("--check").status == 0)

    // Unedited: replaced.
    try write("good.neural", "network A { input: (8) layers: Dense(3) }\n")
    let stale = try generate("--check")
    #expect((stale.status, stale.output) == (1, "good.py is out of date.\n"))
    #expect(try read("good.py") == first)
    #expect(try generate().status == 0)
    let second = try read("good.py")
    #expect(second != first)

    // Edited: never overwritten unless it is asked for.
    let edited = second.replacing("nn.Linear(8, 3)", with: "nn.Linear(8, 4)")
    try write("good.py", edited)
    let refused = try generate()
    #expect(refused.status == 1)
    #expect(refused.output.hasPrefix("--- good.py\n+++ good.py (generated)\n@@ -"))
    #expect(refused.output.contains("\n-        self.dense_1 = nn.Linear(8, 4)\n"))
    #expect(refused.output.contains("\n+        self.dense_1 = nn.Linear(8, 3)\n"))
    #expect(refused.errors.contains("--force"))
    #expect(try read("good.py") == edited)
    #expect(try generate("--check").status == 1)
    #expect(try generate("--force").status == 0)
    #expect(try read("good.py") == second)
  }

  @Test func generateElsewhere() throws {
    let printed = try run("generate", "good.neural", "--target=pytorch", "-o", "-")
    #expect(printed.status == 0 && printed.output.contains("class A(nn.Module)"))
    #expect(try run("generate", "good.neural", "--target=pytorch", "-o", "x.py").status == 0)
    #expect(try read("x.py") == printed.output)
    let piped = try run(
      "generate", "-", "--target=pytorch", input: "network A { input: (8) layers: Dense(2) }")
    #expect(piped.status == 0 && piped.output.contains("class A(nn.Module)"))
    #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("good.py").path))
    // What is not generated is not overwritten either.
    try write("y.py", "mine\n")
    #expect(try run("generate", "good.neural", "--target=pytorch", "-o", "y.py").status == 1)
    #expect(try read("y.py") == "mine\n")
  }

  @Test func generateShowsErrorsAsCheckDoes() throws {
    let outcome = try run("generate", "bad.neural", "--target", "pytorch")
    #expect(outcome.status == 1)
    #expect(try outcome.output == run("check", "bad.neural").output)
    #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("bad.py").path))
  }

  /// Names that are no device's anywhere are found without asking a driver, others are not.
  @Test func devicesInCheck() throws {
    func network(_ device: String) -> String {
      "network A { input: (8) layers: Dense(2) execution { device: \"\(device)\" } }\n"
    }
    try write("device.neural", network("cuda0"))
    let outcome = try run("check", "device.neural", "--format", "json")
    let json = try JSON(parsing: Array(outcome.output.utf8))
    let finding = json["files"]?[0]?["diagnostics"]?[0]
    #expect(finding?["code"] == "unknown-device")
    #expect(finding?["fixes"]?[0]?["edits"]?[0]?["text"] == "\"cuda:0\"")
    try write("device.neural", network("cuda:99"))
    #expect(try run("check", "device.neural", "--deny=unknown-device").status == 0)
  }

  /// The driver is asked with --devices only.
  @Test func devicesOfThisMachineInCheck() throws {
    try write(
      "device.neural",
      "network A { input: (8) layers: Dense(2) execution { device: \"cuda:99\" } }\n")
    #expect(try run("check", "device.neural", "--deny=unknown-device").status == 0)
    let outcome = try run("check", "device.neural", "--devices", "--deny=unknown-device")
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("no \"cuda:99\""))
  }

  @Test func colours() throws {
    func isColored(_ arguments: [String], _ environment: [String: String] = [:]) throws -> Bool {
      try
        (arguments.isEmpty
        ? run("check", "bad.neural", environment: environment)
        : run("check", "bad.neural", arguments[0], environment: environment))
        .output.contains("\u{1B}")
    }
    #expect(try !isColored([]))
    #expect(try isColored(["--color=always"]))
    #expect(try isColored(["--color=always"], ["NO_COLOR": "1"]))
    #expect(try !isColored(["--color=never"]))
  }

  @Test func helpAndVersion() throws {
    let help = try run("--help")
    #expect(help.status == 0)
    #expect(try run().output == help.output)
    for verb in ["check", "summary", "layers", "devices", "generate", "explain", "schema"] {
      #expect(help.output.contains("  \(verb) "))
      let page = try run(verb, "--help")
      #expect(page.status == 0)
      #expect(page.output.hasPrefix("Usage: neural-lsp \(verb)"))
    }
    #expect(try run("--version").output.hasPrefix("neural-lsp "))
    #expect(try run("--version").output.contains("(catalogue "))
  }

  @Test func layersAndDevices() throws {
    #expect(try run("layers").output.contains("  Dense "))
    #expect(try run("layers", "dense").output.hasPrefix("Dense(units"))
    let devices = try run("devices", "--format", "json")
    #expect(try JSON(parsing: Array(devices.output.utf8))["devices"] != nil)
  }

  @Test func serving() throws {
    let messages = [
      #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#,
      #"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"untitled:a","version":1,"text":"network B { input: (8) layers: Dnse(2) }"}}}"#,
      #"{"jsonrpc":"2.0","id":2,"method":"neural/devices"}"#,
      #"{"jsonrpc":"2.0","id":3,"method":"shutdown"}"#,
      #"{"jsonrpc":"2.0","method":"exit"}"#,
    ].map { "Content-Length: \($0.utf8.count)\r\n\r\n\($0)" }
    let outcome = try run("--stdio", input: messages.joined())
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("Content-Length: "))
    #expect(outcome.output.contains(#""code":"unknown-layer""#))
    #expect(outcome.output.contains(#""devices":[{"#))
    #expect(outcome.output.components(separatedBy: "Content-Length").count == 5)
    #expect(try run("--stdio", input: messages[0]).status == 1)
  }

  @Test func servingOnSockets() throws {
    let path = folder.appendingPathComponent("s").path
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0 && listen(listener, 1) == 0)
    let process = Process()
    process.executableURL = Self.program
    process.arguments = ["--pipe=\(path)", "--clientProcessId=1"]
    try process.run()
    let connection = accept(listener, nil, nil)
    try #require(connection >= 0)
    let handle = FileHandle(fileDescriptor: connection, closeOnDealloc: true)
    let message = #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#
    handle.write(Data("Content-Length: \(message.utf8.count)\r\n\r\n\(message)".utf8))
    #expect(String(decoding: handle.availableData, as: UTF8.self).hasPrefix("Content-Length: "))
    shutdown(connection, Int32(SHUT_RDWR))
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    close(listener)
  }

  @Test func twoClientsOnASocket() throws {
    // A port that was free a moment ago.
    let port = try #require(Self.freePort())
    let process = Process()
    process.executableURL = Self.program
    process.arguments = ["--socket", "\(port)"]
    process.standardError = Pipe()
    try process.run()
    defer {
      // The test's process may have handed down that other signals wait.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    let clients = try (0..<2).map { _ in try #require(Self.connect(port)) }
    func ask(_ client: FileHandle, _ message: String) {
      client.write(Data("Content-Length: \(message.utf8.count)\r\n\r\n\(message)".utf8))
    }
    func wait(_ client: FileHandle, for text: String) -> Bool {
      var read = ""
      while !read.contains(text) {
        let more = client.availableData
        if more.isEmpty { return false }
        read += String(decoding: more, as: UTF8.self)
      }
      return true
    }
    for (index, client) in clients.enumerated() {
      ask(
        client, #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#)
      #expect(wait(client, for: #""id":1"#))
      ask(
        client,
        #"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///w/a.neural","version":\#(index + 1),"text":"x"}}}"#
      )
      // Each has its own document of the name.
      #expect(wait(client, for: #""version":\#(index + 1)"#))
    }
    // The end of one session is not the other's.
    ask(clients[0], #"{"jsonrpc":"2.0","method":"exit"}"#)
    #expect(!wait(clients[0], for: "nothing"))
    ask(clients[1], #"{"jsonrpc":"2.0","id":2,"method":"shutdown"}"#)
    #expect(wait(clients[1], for: #""id":2"#))
    // Nobody listens on another address of this machine.
    #expect(Self.connect(port, address: 0x7F00_0002) == nil)
  }

  private static func address(_ port: UInt16, _ host: UInt32) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = host.bigEndian
    return address
  }

  private static func freePort() -> UInt16? {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(number) }
    var address = address(0, 0x7F00_0001)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, size) == 0 && getsockname(number, $0, &size) == 0
      }
    }
    return status ? UInt16(bigEndian: address.sin_port) : nil
  }

  /// Waits for whoever is going to listen, where it is to be somebody.
  private static func connect(_ port: UInt16, address host: UInt32 = 0x7F00_0001) -> FileHandle? {
    for _ in 0..<(host == 0x7F00_0001 ? 500 : 1) {
      let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var address = address(port, host)
      let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Foundation.connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if status == 0 { return FileHandle(fileDescriptor: number, closeOnDealloc: true) }
      close(number)
      Thread.sleep(forTimeInterval: 0.01)
    }
    return nil
  }

  // MARK: Recordings

  private static let session = [
    #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":1,"capabilities":{}}}"#,
    #"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///w/a.neural","version":1,\#n"text":"network N { input: (8) layers: Dense(2) }"}}}"#,
    #"{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///w/a.neural"},"position":{"line":0,"character":32}}}"#,
    #"{"jsonrpc":"2.0","id":3,"method":"shutdown"}"#, #"{"jsonrpc":"2.0","method":"exit"}"#,
  ].map { "Content-Length: \($0.utf8.count)\r\n\r\n\($0)" }.joined()

  @Test func aSessionIsRecordedAndRepeated() throws {
    // The end is not told before the answers are there: a server does not wait for them for ever.
    let process = Process()
    process.executableURL = Self.program
    process.arguments = ["--stdio", "--record", "r.jsonl"]
    process.currentDirectoryURL = folder
    process.environment = [:]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let messages = Self.session.components(separatedBy: "Content-Length").dropFirst()
      .map { "Content-Length" + $0 }
    input.fileHandleForWriting.write(Data(messages.prefix(3).joined().utf8))
    var read = ""
    while !read.contains(#""id":2"#) || !read.contains("publishDiagnostics") {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      read += String(decoding: more, as: UTF8.self)
    }
    input.fileHandleForWriting.write(Data(messages.dropFirst(3).joined().utf8))
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let lines = try text("r.jsonl").split(separator: "\n").map(String.init)
    #expect(lines[0].contains("the paths and texts of all documents"))
    // Each message is a line, both sides.
    #expect(lines.count(where: { $0.hasPrefix(#"{"from":"client""#) }) == 5)
    #expect(lines.count(where: { $0.hasPrefix(#"{"from":"server""#) }) == 4)
    #expect(lines.allSatisfy { (try? JSON(parsing: Array($0.utf8))) != nil })
    let again = try run("--replay", "r.jsonl")
    #expect(again.output == "")
    #expect(again.status == 0)
    try write("r.jsonl", try text("r.jsonl").replacing("18 parameters", with: "19 parameters"))
    let other = try run("--replay", "r.jsonl")
    #expect(other.output == "textDocument/hover (id 2): another answer\n")
    #expect(other.status == 1)
    #expect(
      try run("--replay", "good.neural").errors
        == "neural-lsp: good.neural is no recording: it begins with what is no JSON.\n")
    #expect(try run("--stdio", "--record", "none/r", input: "").status == 2)
    #expect(try run("--socket", "9", "--record", "r").status == 2)
  }

  /// What a crash leaves behind is a recording too.
  @Test func aCrash() throws {
    let process = Process()
    process.executableURL = Self.program
    process.arguments = ["--stdio"]
    process.environment = ["XDG_STATE_HOME": folder.path]
    let (input, output, errors) = (Pipe(), Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // All but the end.
    let messages = Self.session.components(separatedBy: "Content-Length").dropFirst().prefix(3)
    input.fileHandleForWriting.write(
      Data(messages.map { "Content-Length" + $0 }.joined().utf8))
    var read = ""
    while !read.contains(#""id":2"#) {
      read += String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    }
    kill(process.processIdentifier, SIGSEGV)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    #expect(process.terminationStatus == SIGSEGV)
    let path = folder.appendingPathComponent(
      "neural-lsp/crash-\(process.processIdentifier).jsonl"
    ).path
    let complaint = String(
      decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(complaint.contains(path))
    let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 5)
    #expect(lines[1] == #"{"signal":11}"#)
    #expect(lines[4].contains("textDocument/hover"))
    #expect(try run("--replay", path).status == 0)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  // MARK: Formatting

  private func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  private func attributes(_ name: String) throws -> [FileAttributeKey: Any] {
    try FileManager.default.attributesOfItem(atPath: folder.appendingPathComponent(name).path)
  }

  @Test func formatRewritesWhatIsNotLaidOut() throws {
    let laidOut = "network A { input: (8)  layers: Dense(2) }\n"
    try write("done.neural", laidOut)
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("sub"), withIntermediateDirectories: true)
    try write("sub/x.nr", "network A{input:(8)layers:Dense(2)}")
    let old = Date(timeIntervalSince1970: 1_000_000)
    for name in ["done.neural", "good.neural"] {
      try FileManager.default.setAttributes(
        [.modificationDate: old, .posixPermissions: 0o640],
        ofItemAtPath: folder.appendingPathComponent(name).path)
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.appendingPathComponent("link.neural").path, withDestinationPath: "good.neural")
    let listed = try run("format", "--check", "done.neural", "good.neural", "sub")
    #expect(listed.status == 1)
    #expect(listed.output == "good.neural\nsub/x.nr\n")
    #expect(try run("format", "--check", "done.neural").status == 0)
    let shown = try run("format", "--diff", "good.neural")
    #expect(shown.status == 1)
    #expect(shown.output.contains("-network A { input: (8) layers: Dense(2) }\n+\(laidOut)"))
    #expect(shown.output.hasPrefix("--- good.neural\n+++ good.neural (formatted)\n"))
    #expect(try attributes("good.neural")[.modificationDate] as? Date == old)

    // Through the link, which stays one; what is laid out is not written.
    let outcome = try run("format", "done.neural", "link.neural", "sub")
    #expect(outcome.status == 0)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.isEmpty)
    #expect(try text("good.neural") == laidOut)
    #expect(try text("sub/x.nr") == laidOut)
    #expect(try attributes("good.neural")[.posixPermissions] as? Int == 0o640)
    #expect(
      try attributes("link.neural")[.type] as? FileAttributeType == .typeSymbolicLink)
    #expect(try attributes("done.neural")[.modificationDate] as? Date == old)
    #expect(try attributes("good.neural")[.modificationDate] as? Date != old)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy {
        !$0.hasSuffix(".tmp")
      })
  }

  @Test func formatOfStandardInput() throws {
    let outcome = try run("format", "-", input: "network A{input:(8)layers:Dense(2)}")
    #expect(outcome.status == 0)
    #expect(outcome.output == "network A { input: (8)  layers: Dense(2) }\n")
    let listed = try run("format", "--check", "-", input: "network A{}")
    #expect(listed.status == 1)
    #expect(listed.output == "-\n")
  }

  @Test func formatLeavesWhatItCannotRead() throws {
    try write("broken.neural", "network A {\ninput: (8)\nlayers:\nDense(2,,3 )\nDense( 4)\n}\n")
    let outcome = try run("format", "broken.neural")
    #expect(outcome.status == 1)
    #expect(
      outcome.errors
        == "neural-lsp: broken.neural has syntax errors; what cannot be read is left as it is. See"
        + " neural-lsp check.\n")
    #expect(
      try text("broken.neural")
        == "network A {\n  input: (8)\n  layers:\nDense(2,,3 )\n    Dense(4)\n}\n")
  }

  @Test func formatOfWhatIsNotThere() throws {
    try write("a.neural", "network A{}")
    let outcome = try run("format", "a.neural", "none.neural")
    #expect(outcome.status == 2)
    #expect(outcome.errors == "neural-lsp: none.neural: there is no such file or folder.\n")
    // A call that cannot be done is not half done.
    #expect(try text("a.neural") == "network A{}")
    #expect(try run("format").status == 2)
  }
}
