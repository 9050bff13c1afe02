import Foundation
import LanguageServerProtocol
import Support

/// Measures a language server over its standard input and output: its own, a peer's on a file of as
/// many statements, or the null server below, which is what processes and pipes cost by themselves.
struct ServerBenchmark {
  let language: Language
  let command: [String]

  enum Language: String, CaseIterable {
    case neural
    case python
    case cpp

    var fileExtension: String {
      switch self {
      case .neural: "neural"
      case .python: "py"
      case .cpp: "cpp"
      }
    }
  }

  /// A file with a layer, or a call, on each of its `count` lines after the head.
  static func text(_ language: Language, _ count: Int) -> (head: Int, text: String) {
    let head: [String]
    let tail: [String]
    let line: (Int) -> String
    switch language {
    case .neural:
      head = ["network Long {", "  input: (64)", "  layers:"]
      line = { _ in "    Dense(64, activation=\"relu\")" }
      tail = ["}"]
    case .python:
      head = [
        "def dense(x: list[float], units: int, activation: str) -> list[float]:",
        "    return [activation == \"relu\" and units * v or v for v in x]", "", "x0 = [64.0]",
      ]
      line = { "x\($0 + 1) = dense(x\($0), 64, activation=\"relu\")" }
      tail = []
    case .cpp:
      head = [
        "struct Values { int count; };",
        "Values dense(Values x, int units, const char *activation);", "", "Values run(Values x0) {",
      ]
      line = { "  Values x\($0 + 1) = dense(x\($0), 64, \"relu\");" }
      tail = ["  return x\(count);", "}"]
    }
    let lines = head + (0..<count).map(line) + tail
    return (head.count, lines.joined(separator: "\n") + "\n")
  }

  // MARK: What is measured

  /// Prints a line `name value` for each figure, in microseconds and bytes. Edits end after `seconds`.
  func run(lines: Int, edits: Int, seconds: Double) throws {
    let (head, text) = Self.text(language, lines)
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "neural-benchmarks-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("long.\(language.fileExtension)")
    try text.write(to: file, atomically: true, encoding: .utf8)
    let uri = JSON.string("file://" + file.path)

    let server = try start(in: folder)
    defer { server.stop() }
    try open(uri, text, server)
    let opened = try server.next { Self.isPublished($0, uri, 1) }
    print("start_us \(Benchmarks.microseconds(opened.at - server.started))")
    print("memory_open_bytes \(server.residentMemory)")

    var session = Session(server: server, uri: uri, text: text, head: head, lines: lines)
    try report("edit", edits, seconds) { try session.edit() }
    let asked = min(edits, 500)
    try report("hover", asked, seconds) {
      try session.ask("textDocument/hover", column: language == .neural ? 5 : 12)
    }
    try report("completion", asked, seconds) {
      try session.ask("textDocument/completion", column: language == .neural ? 5 : 12)
    }
    try session.tokens(seconds)
    print("memory_end_bytes \(server.residentMemory)")
  }

  private func start(in folder: URL) throws -> MeasuredServer {
    let server = try MeasuredServer(command)
    let capabilities: JSON = [
      "general": ["positionEncodings": ["utf-16"]],
      "textDocument": [
        "publishDiagnostics": ["versionSupport": true],
        "hover": ["contentFormat": ["markdown"]],
        "completion": [
          "completionItem": [
            "snippetSupport": true, "resolveSupport": ["properties": ["documentation"]],
          ]
        ],
        "semanticTokens": [
          "requests": ["full": ["delta": true], "range": true],
          "tokenTypes": [
            "keyword", "function", "variable", "number", "string", "class", "parameter",
          ],
          "tokenModifiers": ["declaration", "readonly"], "formats": ["relative"],
        ],
      ],
    ]
    _ = try server.request(
      "initialize",
      [
        "processId": .integer(Int(getpid())), "rootUri": .string("file://" + folder.path),
        "capabilities": capabilities,
        "workspaceFolders": [["uri": .string("file://" + folder.path), "name": "benchmark"]],
      ])
    try server.notify("initialized", [:])
    return server
  }

  private func open(_ uri: JSON, _ text: String, _ server: MeasuredServer) throws {
    try server.notify(
      "textDocument/didOpen",
      [
        "textDocument": [
          "uri": uri, "languageId": .string(language.rawValue), "version": 1,
          "text": .string(text),
        ]
      ])
  }

  /// Whether these are the findings of that version; a server that names none means the last.
  fileprivate static func isPublished(_ message: JSON, _ uri: JSON, _ version: Int) -> Bool {
    guard message["method"] == "textDocument/publishDiagnostics",
      message["params"]?["uri"] == uri
    else { return false }
    switch message["params"]?["version"] {
    case .integer(let found)?: return found >= version
    default: return true
    }
  }

  private func report(
    _ name: String, _ count: Int, _ seconds: Double, _ body: () throws -> Double
  ) throws {
    var times: [Double] = []
    let begun = ContinuousClock.now
    do {
      while times.count < count, ContinuousClock.now - begun < .seconds(seconds) {
        times.append(try body())
      }
    } catch let failure as MeasuredServer.Failure where times.isEmpty {
      // What a server does not offer is no figure of its.
      FileHandle.standardError.write(Data("\(name): \(failure)\n".utf8))
      return
    }
    times.sort()
    print("\(name)_median_us \(times[times.count / 2])")
    print("\(name)_p99_us \(times[times.count * 99 / 100])")
    print("\(name)_count \(times.count)")
  }

  /// Memory with each file of a folder open, and after `edits` of the first.
  func memory(_ folder: URL, edits: Int) throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { $0.hasSuffix("." + language.fileExtension) }.prefix(10)
    let server = try start(in: folder)
    defer { server.stop() }
    var first: Session?
    for name in files {
      let file = folder.appendingPathComponent(name)
      let text = try String(contentsOf: file, encoding: .utf8)
      let uri = JSON.string("file://" + file.path)
      try open(uri, text, server)
      _ = try server.next { Self.isPublished($0, uri, 1) }
      if first == nil { first = Session(server: server, uri: uri, text: text, head: 0, lines: 1) }
    }
    print("memory_files_bytes \(server.residentMemory)")
    guard var session = first else { return }
    for _ in 0..<min(edits, 1000) { _ = try session.blank() }
    print("memory_warm_bytes \(server.residentMemory)")
    for _ in 0..<max(0, edits - 1000) { _ = try session.blank() }
    print("memory_edited_bytes \(server.residentMemory)")
  }
}

/// An open document and what has been done to it.
private struct Session {
  let server: MeasuredServer
  let uri: JSON
  var lineTexts: [Substring]
  let head: Int
  let lines: Int
  var version = 1
  var random = SplitMix64(seed: 7)
  /// Where a digit has been written that the next edit takes away.
  var written: (line: Int, column: Int)?
  /// The same of a blank.
  var isBlankWritten = false

  init(server: MeasuredServer, uri: JSON, text: String, head: Int, lines: Int) {
    self.server = server
    self.uri = uri
    self.head = head
    self.lines = lines
    lineTexts = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  private static func range(_ line: Int, _ from: Int, _ to: Int) -> JSON {
    [
      "start": ["line": .integer(line), "character": .integer(from)],
      "end": ["line": .integer(line), "character": .integer(to)],
    ]
  }

  private mutating func change(_ range: JSON, _ text: String) throws -> Double {
    version += 1
    let sent = ContinuousClock.now
    try server.notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": uri, "version": .integer(version)],
        "contentChanges": [["range": range, "text": .string(text)]],
      ])
    let (uri, version) = (uri, version)
    let arrival = try server.next { ServerBenchmark.isPublished($0, uri, version) }
    return Benchmarks.microseconds(arrival.at - sent)
  }

  /// Writes a digit behind the 64 of a line, or takes the last one away: microseconds to its findings.
  mutating func edit() throws -> Double {
    if let (line, column) = written {
      written = nil
      return try change(Self.range(line, column, column + 1), "")
    }
    let line = head + random.below(lines)
    let text = lineTexts[line]
    guard let place = text.range(of: "64,") else { return 0 }
    let column = text.distance(from: text.startIndex, to: place.lowerBound) + 2
    written = (line, column)
    return try change(Self.range(line, column, column), "1")
  }

  /// Writes a blank at the start of the file, or takes it away.
  mutating func blank() throws -> Double {
    defer { isBlankWritten.toggle() }
    return try change(Self.range(0, 0, isBlankWritten ? 1 : 0), isBlankWritten ? "" : " ")
  }

  mutating func ask(_ method: String, column: Int) throws -> Double {
    let line = head + random.below(lines)
    return try server.request(
      method,
      [
        "textDocument": ["uri": uri],
        "position": ["line": .integer(line), "character": .integer(column)],
      ]
    ).time
  }

  /// All semantic tokens, and what one edit changes in them.
  mutating func tokens(_ seconds: Double) throws {
    let document: JSON = ["textDocument": ["uri": uri]]
    guard let first = try? server.request("textDocument/semanticTokens/full", document) else {
      return
    }
    var full = [first.time]
    var last = first.result
    let begun = ContinuousClock.now
    while full.count < 10, ContinuousClock.now - begun < .seconds(seconds) {
      let next = try server.request("textDocument/semanticTokens/full", document)
      full.append(next.time)
      last = next.result
    }
    full.sort()
    print("tokens_full_median_us \(full[full.count / 2])")
    guard var id = last["resultId"] else { return }
    var deltas: [Double] = []
    while deltas.count < 100, ContinuousClock.now - begun < .seconds(2 * seconds) {
      _ = try edit()
      guard
        let next = try? server.request(
          "textDocument/semanticTokens/full/delta",
          ["textDocument": ["uri": uri], "previousResultId": id]),
        let newID = next.result["resultId"]
      else { return }
      deltas.append(next.time)
      id = newID
    }
    deltas.sort()
    print("tokens_delta_median_us \(deltas[deltas.count / 2])")
    print("tokens_delta_p99_us \(deltas[deltas.count * 99 / 100])")
  }
}
