import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

private let uri = "file:///w/a.neural"

private func hover(_ line: Int, _ character: Int) -> JSON {
  document(uri, ["position": position(line, character)])
}

/// The text of the server's document, seen through what hover says of positions and diagnostics of
/// `bad`.
@Suite(.timeLimit(.minutes(1))) struct SessionTests {
  @Test func diagnosticsCarryTheirVersion() {
    let client = Client()
    client.initialize()
    client.open("fine bad", version: 7)
    let published = client.notification("textDocument/publishDiagnostics")
    #expect(published["uri"] == .string(uri))
    #expect(published["version"] == 7)
    #expect(
      published["diagnostics"] == [
        [
          "range": range((0, 5), (0, 8)), "severity": 1, "code": "unknown-layer",
          "source": "neural",
          "message": "bad is wrong",
          "relatedInformation": [
            [
              "location": ["uri": .string(uri), "range": range((0, 0), (0, 1))],
              "message": "where it starts",
            ]
          ],
        ]
      ])
    client.change([["range": range((0, 5), (0, 8)), "text": "good"]], version: 8)
    let next = client.notification("textDocument/publishDiagnostics")
    #expect(next["version"] == 8)
    #expect(next["diagnostics"] == [])
    client.notify("textDocument/didClose", document())
    let last = client.notification("textDocument/publishDiagnostics")
    #expect(last == ["uri": .string(uri), "diagnostics": []])
    client.finish()
    #expect(client.rest().isEmpty)
  }

  @Test func relatedPlacesInTheMessageForClientsWithoutThem() {
    let client = Client()
    client.initialize(capabilities: [:])
    client.open("\nbad")
    let diagnostic = client.notification("textDocument/publishDiagnostics")["diagnostics"]?[0]
    #expect(diagnostic?["message"] == "bad is wrong\nline 1: where it starts")
    #expect(diagnostic?["relatedInformation"] == nil)
    client.finish()
  }

  /// Edits, the text that they make (`|` is where `bad` ends up) and what is said of it.
  @Test(
    arguments: [
      // In the middle, at the end, nothing at all.
      ("a\nb", [["range": range((1, 0), (1, 1)), "text": "bad"]], "a\nbad"),
      ("a", [["range": range((0, 1), (0, 1)), "text": "\nbad"]], "a\nbad"),
      ("bad", [], "bad"),
      // Several, each in the text that the one before has made.
      (
        "",
        [
          ["range": range((0, 0), (0, 0)), "text": "b"],
          ["range": range((0, 1), (0, 1)), "text": "ad\n"],
          ["range": range((1, 0), (1, 0)), "text": "bad"],
        ], "bad\nbad"
      ),
      // The wrong way round.
      ("x123y", [["range": range((0, 4), (0, 1)), "text": "bad"]], "xbady"),
      ("x\ny\nz", [["range": range((2, 1), (1, 0)), "text": "bad"]], "x\nbad"),
      // Past the end of the line, of the text, and before the start.
      ("ab\ncd", [["range": range((0, 99), (0, 99)), "text": "bad"]], "abbad\ncd"),
      ("ab\ncd", [["range": range((9, 0), (9, 9)), "text": "bad"]], "ab\ncdbad"),
      ("ab", [["range": range((-1, -5), (0, 1)), "text": "bad"]], "badb"),
      ("ab", [["range": range((0, Int.max), (Int.max, Int.max)), "text": "bad"]], "abbad"),
      // The whole text, before and after others.
      ("a", [["text": "bad"]], "bad"),
      (
        "a",
        [
          ["range": range((0, 0), (0, 1)), "text": "zzz"], ["text": "xx"],
          ["range": range((0, 1), (0, 2)), "text": "bad"],
        ], "xbad"
      ),
      // Inside a CR LF, and other line ends.
      ("a\r\nb", [["range": range((0, 2), (0, 2)), "text": "bad"]], "abad\r\nb"),
      ("a\rb", [["range": range((1, 0), (1, 1)), "text": "bad"]], "a\rbad"),
    ] as [(String, [JSON], String)])
  func edits(before: String, changes: [JSON], after: String) {
    let client = Client()
    client.initialize()
    client.open(before)
    client.change(changes, version: 2)
    let published = client.next {
      $0["method"] == "textDocument/publishDiagnostics" && $0["params"]?["version"] == 2
    }["params"]?["diagnostics"]
    #expect(published == expected(after))
    client.finish()

    // The same as if it had been opened so.
    func expected(_ text: String) -> JSON? {
      let other = Client()
      other.initialize()
      other.open(text)
      defer { other.finish() }
      return other.notification("textDocument/publishDiagnostics")["diagnostics"]
    }
  }

  /// The same character, counted in each way; a place inside a pair is before it.
  @Test(
    arguments: [
      ([], "utf-16", 3, 6), (["utf-8", "utf-16"], "utf-8", 6, 6), (["utf-32"], "utf-32", 2, 6),
      (["utf-16", "utf-8"], "utf-16", 3, 6), (["ucs-2", "utf-8"], "utf-8", 2, 2),
      ([1, "utf-32"], "utf-32", 2, 6), ([], "utf-16", 2, 2),
    ] as [([JSON], JSON, Int, Int)])
  func positionEncodings(offered: [JSON], chosen: JSON, character: Int, offset: Int) {
    let client = Client()
    let result = client.initialize(
      capabilities: offered.isEmpty
        ? [:] : ["general": ["positionEncodings": .array(offered)]])
    #expect(result["capabilities"]?["positionEncoding"] == chosen)
    client.open("é😀x")
    let answer = client.request("textDocument/hover", hover(0, character))
    #expect(answer["result"]?["contents"]?["value"] == .string("\(offset)"))
    client.finish()
  }

  @Test func urisAreAnsweredAsTheyAreWritten() {
    let client = Client()
    client.initialize()
    for uri in ["file:///w/a%20b%C3%A9.neural", "FILE:/w/x.neural", "untitled:Untitled-1"] {
      client.open("bad", uri: uri)
      #expect(client.notification("textDocument/publishDiagnostics")["uri"] == .string(uri))
    }
    client.open("bad", uri: "git:/w/a.neural")
    client.open("bad", uri: "file://server/share/a.neural")
    client.open("bad", uri: "file:///w/%zz")
    client.open("bad", uri: "")
    #expect(
      client.request(
        "textDocument/hover", document("git:/w/a.neural", ["position": position(0, 0)]))[
          "result"] == .null)
    client.finish()
    #expect(client.rest().isEmpty)
  }

  @Test func documentsThatAreNotOpen() {
    let client = Client()
    client.initialize()
    #expect(client.request("textDocument/hover", hover(0, 0))["result"] == .null)
    client.change([["text": "bad"]], version: 2)
    client.notify("textDocument/didClose", document())
    client.notify("textDocument/didSave", document())
    client.open("bad")
    client.open("also bad", version: 2)
    client.notify("textDocument/didClose", document())
    #expect(client.request("textDocument/hover", hover(0, 0))["result"] == .null)
    client.finish()
    // The last word about it is that there is nothing to say.
    let last = client.rest().last { $0["method"] == "textDocument/publishDiagnostics" }
    #expect(last?["params"]?["diagnostics"] == [])
  }

  @Test func importersArePublishedAgain() {
    let client = Client()
    client.initialize()
    client.open("import /w/b.neural", version: 3)
    #expect(client.notification("textDocument/publishDiagnostics")["diagnostics"] == [])
    client.open("bad", uri: "file:///w/b.neural")
    let published = client.next {
      $0["params"]?["uri"] == .string(uri)
    }["params"]
    #expect(published?["version"] == 3)
    #expect(published?["diagnostics"]?.count == 1)
    client.change([["text": "good"]], uri: "file:///w/b.neural", version: 2)
    #expect(client.next { $0["params"]?["uri"] == .string(uri) }["params"]?["diagnostics"] == [])
    client.finish()
  }

  /// A version that is less than the one before is an edit like any other: the text is what all of
  /// them make, and what is said of it is said of the version that came last.
  @Test func versionsOutOfOrder() {
    let client = Client()
    client.initialize()
    client.open("x", version: 9)
    client.change([["range": range((0, 0), (0, 0)), "text": "ba"]], version: 12)
    client.change([["range": range((0, 2), (0, 3)), "text": "d"]], version: 11)
    let last = client.next {
      $0["method"] == "textDocument/publishDiagnostics" && $0["params"]?["version"] == 11
    }
    #expect(last["params"]?["diagnostics"]?.count == 1)
    client.finish()
  }

  @Test func manyEditsEndInTheLastVersion() {
    let client = Client()
    client.initialize()
    client.open("")
    for version in 2...2000 {
      client.change([["range": range((0, 0), (0, 0)), "text": "x"]], version: version)
    }
    client.change([["range": range((0, 0), (0, 0)), "text": "bad"]], version: 2001)
    let last = client.next {
      $0["method"] == "textDocument/publishDiagnostics" && $0["params"]?["version"] == 2001
    }
    #expect(last["params"]?["diagnostics"]?.count == 1)
    client.finish()
  }

  @Test func aRequestSeesTheEditsBeforeIt() {
    let client = Client()
    client.initialize()
    client.open("")
    for count in 1...50 {
      client.change([["range": range((0, 0), (0, 0)), "text": "x"]], version: count + 1)
      #expect(
        client.request("textDocument/hover", hover(0, 999))["result"]?["contents"]?["value"]
          == .string("**\(count)**"))
    }
    client.finish()
  }

  @Test func cancelling() {
    let gate = Gate()
    var service = FakeService()
    service.gate = gate
    let client = Client(service)
    client.initialize()
    client.open("x")
    // More than there are threads: some run, some wait.
    let ids = (0..<5).map { _ in client.ask("textDocument/hover", hover(0, 0)) }
    gate.awaitArrivals(1)
    for id in ids.dropLast() { client.notify("$/cancelRequest", ["id": .integer(id)]) }
    for id in ids.dropLast() { #expect(client.answer(to: id).code == -32800) }
    // An id is free again once it is answered.
    client.send(
      [
        "jsonrpc": "2.0", "id": .integer(ids[0]), "method": "textDocument/hover",
        "params": hover(0, 1),
      ])
    gate.open()
    #expect(client.answer(to: ids[0])["result"]?["contents"]?["value"] == "**1**")
    #expect(client.answer(to: ids[4])["result"]?["contents"] != nil)
    client.finish()
    #expect(client.rest().filter { $0["id"] != nil }.isEmpty)
  }

  @Test func anEditRefusesWhatReadsTheOlderVersion() {
    let gate = Gate()
    var service = FakeService()
    service.gate = gate
    let client = Client(service)
    client.initialize()
    client.open("x")
    client.open("y", uri: "file:///w/other.neural")
    let old = client.ask("textDocument/hover", hover(0, 0))
    let other = client.ask(
      "textDocument/hover", document("file:///w/other.neural", ["position": position(0, 0)]))
    gate.awaitArrivals(2)
    client.change([["text": "xx"]], version: 2)
    #expect(client.answer(to: old).code == -32801)
    let new = client.ask("textDocument/hover", hover(0, 2))
    gate.open()
    #expect(client.answer(to: other)["result"]?["contents"] != nil)
    #expect(client.answer(to: new)["result"]?["contents"]?["value"] == "**2**")
    client.finish()
  }

  @Test func anIdThatIsInUse() {
    let gate = Gate()
    var service = FakeService()
    service.gate = gate
    let client = Client(service)
    client.initialize()
    client.open("x")
    let id = client.ask("textDocument/hover", hover(0, 0))
    client.send(["jsonrpc": "2.0", "id": .integer(id), "method": "neural/devices"])
    #expect(client.answer(to: id).code == -32600)
    gate.open()
    #expect(client.answer(to: id)["result"]?["contents"] != nil)
    client.finish()
  }

  @Test func pulling() {
    let client = Client()
    let result = client.initialize(capabilities: [
      "textDocument": ["diagnostic": [:]], "workspace": ["diagnostics": ["refreshSupport": true]],
    ])
    #expect(result["capabilities"]?["diagnosticProvider"]?["interFileDependencies"] == true)
    client.open("bad bad")
    let report = client.request("textDocument/diagnostic", document())["result"]
    #expect(report?["kind"] == "full")
    #expect(report?["items"]?.count == 2)
    client.notify("textDocument/didSave", document())
    #expect(client.next { $0["method"] == "workspace/diagnostic/refresh" }["id"] != nil)
    client.notify("textDocument/didClose", document())
    #expect(client.request("textDocument/diagnostic", document())["result"]?["items"] == [])
    client.finish()
    // Nobody is told twice.
    #expect(!client.rest().contains { $0["method"] == "textDocument/publishDiagnostics" })
  }
}

@Suite(.timeLimit(.minutes(1))) struct ManyDocumentsTests {
  @Test func eachHasItsFindings() {
    let client = Client()
    client.initialize()
    let count = 300
    for index in 0..<count { client.open("bad", uri: "file:///w/\(index).neural") }
    var seen: Set<String> = []
    while seen.count < count {
      let params = client.notification("textDocument/publishDiagnostics")
      guard case .string(let uri)? = params["uri"], params["diagnostics"]?.count == 1 else { break }
      seen.insert(uri)
    }
    #expect(seen.count == count)
    client.change([["text": "good"]], uri: "file:///w/7.neural", version: 2)
    #expect(client.notification("textDocument/publishDiagnostics")["diagnostics"] == [])
    client.finish()
  }
}
