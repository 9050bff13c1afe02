import Foundation
import LanguageServerProtocol
import Testing

/// What reaches the server as bytes, and what comes back.
@Suite(.timeLimit(.minutes(1))) struct WireTests {
  /// Bodies that are answered with an error under no id, and survived.
  @Test(arguments: [
    ("{", -32700), ("", -32700), ("nonsense", -32700), (#"{"jsonrpc":"2.0","id":1,}"#, -32700),
    ("\u{FEFF}{}", -32700), (String(repeating: "[", count: 100_000), -32700),
    ("[]", -32600), ("[1,2]", -32600), ("1", -32600), ("null", -32600), ("{}", -32600),
    (#"{"jsonrpc":"1.0","method":"exit"}"#, -32600), (#"{"jsonrpc":"2.0","method":1}"#, -32600),
    (#"{"jsonrpc":"2.0","id":null,"method":"shutdown"}"#, -32600),
    (#"{"jsonrpc":"2.0","id":1.5,"method":"shutdown"}"#, -32600),
    (#"{"jsonrpc":"2.0","id":{},"method":"shutdown"}"#, -32600),
  ])
  func brokenBodies(body: String, code: Int) {
    let client = Client()
    client.wire.send(body)
    let answer = client.next()
    #expect(answer.code == code)
    #expect(answer["id"] == .null)
    if body == "[1,2]" { #expect(client.next().code == code) }
    client.initialize()
    client.finish()
    #expect(client.rest().isEmpty)
  }

  @Test(arguments: [
    "Content-Length: -1\r\n\r\n", "Content-Length: 99999999999\r\n\r\n",
    "Content-Length: x\r\n\r\n{}",
    "Content-Type: a\r\n\r\n{}", "\u{0}\u{1}\r\n\r\n",
  ])
  func brokenHeaders(header: String) {
    let client = Client()
    client.wire.write(header.utf8)
    client.send(["jsonrpc": "2.0", "id": 7, "method": "x"])
    #expect(client.next().code == -32700)
    #expect(client.next()["id"] == 7)
    client.initialize()
    client.finish()
  }

  @Test func bytesThatAreNoUTF8() {
    let client = Client()
    client.wire.write(Array("Content-Length: 3\r\n\r\n".utf8) + [0x22, 0xFF, 0x22])
    #expect(client.next().code == -32700)
    client.initialize()
    client.finish()
  }

  @Test func messagesInPieces() {
    let client = Client()
    let text = #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#
    for byte in "content-length: \(text.utf8.count)\n\n\(text)".utf8 { client.wire.write([byte]) }
    #expect(client.next()["id"] == 1)
    client.finish()
  }

  @Test func eachMessageOfABatchIsAnswered() {
    let client = Client()
    client.initialize()
    client.send([
      ["jsonrpc": "2.0", "id": "a", "method": "none"], ["jsonrpc": "2.0", "method": "none"], 3,
      ["jsonrpc": "2.0", "id": "b", "method": "neural/devices"],
    ])
    #expect(client.next { $0["id"] == "a" }.code == -32601)
    #expect(client.next { $0["id"] == .null }.code == -32600)
    #expect(client.next { $0["id"] == "b" }["result"]?["devices"]?.count == 1)
    client.finish()
    #expect(client.rest().isEmpty)
  }

  @Test func order() {
    let client = Client()
    #expect(client.request("textDocument/hover", [:]).code == -32002)
    #expect(client.request("shutdown", .null).code == -32002)
    #expect(client.request("unknown", [:]).code == -32002)
    client.notify("textDocument/didOpen", [:])
    client.notify("initialized", [:])
    client.initialize()
    #expect(client.request("initialize", ["capabilities": [:]]).code == -32600)
    #expect(client.request("unknown/method", [:]).code == -32601)
    #expect(client.request("$/unknown", [:]).code == -32601)
    client.notify("unknown/notification", [:])
    client.notify("$/setTrace", ["value": "off"])
    client.notify("$/cancelRequest", ["id": 4711])
    client.notify("$/cancelRequest", 3)
    client.send(["jsonrpc": "2.0", "id": 99, "result": [:]])
    client.send(["jsonrpc": "2.0", "id": "neural-99", "error": ["code": 1, "message": "x"]])
    client.send(["jsonrpc": "2.0", "id": .null, "error": ["code": 1, "message": "x"]])
    #expect(client.request("shutdown", .null)["result"] == .null)
    #expect(client.request("textDocument/hover", [:]).code == -32600)
    #expect(client.request("shutdown", .null).code == -32600)
    client.notify("textDocument/didOpen", [:])
    client.notify("exit", .null)
    #expect(client.wire.exitStatus() == 0)
    #expect(client.rest().isEmpty)
  }

  @Test func idsAreAnsweredAsTheyAre() {
    let client = Client()
    client.initialize()
    for id in ["x", "", 0, -5, .integer(.max), "neural-1"] as [JSON] {
      client.send(["jsonrpc": "2.0", "id": id, "method": "neural/devices"])
      #expect(client.next { $0["id"] == id }["result"] != nil)
    }
    client.finish()
  }

  @Test(
    arguments: [
      ("textDocument/hover", [:], "textDocument: missing"),
      ("textDocument/hover", .null, "expected an object, found null"),
      ("textDocument/hover", [1], "expected an object, found an array"),
      ("textDocument/hover", ["textDocument": [:]], "textDocument.uri: missing"),
      (
        "textDocument/hover", ["textDocument": ["uri": 1]],
        "textDocument.uri: expected a string, found a number"
      ),
      (
        "textDocument/hover", document("file:///w/a.neural", ["position": ["line": 0]]),
        "position.character: missing"
      ),
      (
        "textDocument/hover", document("file:///w/a.neural", ["position": ["line": "0"]]),
        "position.line: expected an integer, found a string"
      ),
      ("textDocument/inlayHint", document(), "range: missing"),
      (
        "textDocument/codeAction",
        document("file:///w/a.neural", ["range": range((0, 0), (0, 0)), "context": ["only": [1]]]),
        "context.only[0]: expected a string, found a number"
      ),
      ("workspace/executeCommand", ["command": "no"], "There is no command no."),
      (
        "workspace/executeCommand", ["command": "neural.generate"],
        "arguments[0]: expected an object, found null"
      ),
      (
        "workspace/executeCommand", ["command": "neural.generate", "arguments": [["uri": "x"]]],
        "arguments[0]: target: missing"
      ),
    ] as [(String, JSON, String)])
  func invalidParameters(method: String, params: JSON, message: String) {
    let client = Client()
    client.initialize()
    let answer = client.request(method, params)
    #expect(answer.code == -32602)
    #expect(answer["error"]?["message"] == .string(message))
    client.finish()
  }

  @Test func exitWithoutShutdown() {
    let client = Client()
    client.initialize()
    client.notify("exit", .null)
    #expect(client.wire.exitStatus() == 1)
  }

  @Test func exitBeforeInitialize() {
    let client = Client()
    client.notify("exit", .null)
    #expect(client.wire.exitStatus() == 1)
  }

  @Test func endOfInput() {
    let client = Client()
    client.initialize()
    client.wire.closeInput()
    #expect(client.wire.exitStatus() == 1)
  }

  @Test func endOfInputAfterShutdown() {
    let client = Client()
    client.initialize()
    #expect(client.request("shutdown", .null)["result"] == .null)
    client.wire.closeInput()
    #expect(client.wire.exitStatus() == 0)
  }

  @Test func whatWasAskedBeforeTheEndIsAnswered() {
    let client = Client(patience: 60_000)
    client.initialize()
    client.open("bad")
    let ids = (0..<50).map { _ in
      client.ask("textDocument/hover", document("file:///w/a.neural", ["position": position(0, 1)]))
    }
    client.wire.closeInput()
    for id in ids { #expect(client.answer(to: id)["result"]?["contents"] != nil) }
    #expect(client.notification("textDocument/publishDiagnostics")["version"] == 1)
    #expect(client.wire.exitStatus() == 1)
  }

  @Test func theParentsDeathEndsTheServer() throws {
    var parent: pid_t = 0
    let name = strdup("sleep")
    let seconds = strdup("60")
    defer {
      free(name)
      free(seconds)
    }
    try #require(posix_spawn(&parent, "/bin/sleep", nil, nil, [name, seconds, nil], nil) == 0)
    let client = Client()
    client.initialize(more: ["processId": .integer(Int(parent))])
    #expect(client.request("neural/devices", [:])["result"] != nil)
    kill(parent, SIGKILL)
    var status: Int32 = 0
    waitpid(parent, &status, 0)
    #expect(client.wire.exitStatus() == 1)
  }

  @Test func aParentThatCannotBeSeenIsNoReasonToEnd() {
    let client = Client()
    client.initialize(more: ["processId": 2_000_000_000])
    Thread.sleep(forTimeInterval: 0.1)
    client.finish()
  }

  /// The pipe to the client is full, and still every message is read and every answer comes.
  @Test func aClientThatReadsLate() {
    let client = Client(readsAnswers: false)
    client.initializeWithoutReading()
    for _ in 0..<20_000 { _ = client.ask("unknown", [:]) }
    client.wire.startReading()
    #expect(client.answer(to: 20_000).code == -32601)
    client.finish()
    #expect(client.rest().filter { $0.code == -32601 }.count == 19_999)
  }

  @Test func aClientThatNeverReads() {
    let client = Client(outputLimit: 1 << 20, readsAnswers: false)
    client.initializeWithoutReading()
    for _ in 0..<30_000 { _ = client.ask("unknown", [:]) }
    #expect(client.wire.exitStatus(seconds: 20) == 1)
  }

  /// Whatever bytes come, the server neither traps nor stops answering.
  @Test func mutatedStreams() {
    let session = [
      #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#,
      #"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"file:///a","version":1,"text":"bad é"}}}"#,
      #"{"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":"file:///a","version":2},"contentChanges":[{"range":{"start":{"line":0,"character":1},"end":{"line":0,"character":2}},"text":"x"}]}}"#,
      #"{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":{"textDocument":{"uri":"file:///a"},"position":{"line":0,"character":9}}}"#,
    ].map { "Content-Length: \($0.utf8.count)\r\n\r\n\($0)" }.joined()
    var random = SystemRandomNumberGenerator()
    for _ in 0..<60 {
      let client = Client()
      var bytes = Array(session.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = bytes.indices.randomElement(using: &random)!
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(index..<min(index + 9, bytes.count))
        default: bytes.insert(contentsOf: bytes[index...].prefix(30), at: index)
        }
      }
      client.wire.write(bytes)
      // A length that was made longer, or a header that runs into the next one, swallows some.
      for _ in 0..<100 {
        client.send(["jsonrpc": "2.0", "id": "probe", "method": "unknown"])
      }
      if !announcesMore(than: 5000, bytes) {
        let probe = client.next { $0["id"] == "probe" }
        #expect(
          [-32601, -32002, -32600].contains(probe.code),
          "after \(String(decoding: bytes, as: UTF8.self).debugDescription)")
      }
      client.wire.closeInput()
      #expect(client.wire.exitStatus() != nil)
    }
  }
}

/// Whether a header may promise more bytes than the test sends.
private func announcesMore(than limit: Int, _ bytes: [UInt8]) -> Bool {
  bytes.split { !(0x30...0x39).contains($0) }.contains {
    (Int(String(decoding: $0, as: UTF8.self)) ?? .max) > limit
  }
}

extension Client {
  /// Initializes without reading the answer.
  func initializeWithoutReading() {
    _ = ask("initialize", ["capabilities": [:]])
  }
}
