import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

/// What takes long: progress, and an end to it.
@Suite(.timeLimit(.minutes(1))) struct WorkTests {
  private static let able: JSON = ["window": ["workDoneProgress": true]]

  private func client(_ gate: Gate, _ capabilities: JSON) -> Client {
    var service = FakeService()
    service.gate = gate
    let client = Client(service)
    client.initialize(capabilities: capabilities)
    client.open("x")
    return client
  }

  private func hover(_ more: JSONObject = [:]) -> JSON {
    var object: JSONObject = ["position": position(0, 0)]
    for (key, value) in more.members { object.append(key, value) }
    return document("file:///w/a.neural", object)
  }

  @Test func isShownIfTheClientCanShowIt() {
    let gate = Gate()
    let client = client(gate, Self.able)
    let id = client.ask("textDocument/hover", hover())
    let create = client.next { $0["method"] == "window/workDoneProgress/create" }
    let token = create["params"]?["token"] ?? .null
    client.send(["jsonrpc": "2.0", "id": create["id"]!, "result": nil])
    let begin = client.notification("$/progress")
    #expect(
      begin == [
        "token": token, "value": ["kind": "begin", "title": "Working", "cancellable": true],
      ])
    gate.open()
    #expect(client.notification("$/progress") == ["token": token, "value": ["kind": "end"]])
    #expect(client.answer(to: id)["result"]?["contents"] != nil)
    client.finish()
  }

  /// Under the client's own token nobody has to be asked, and the end comes before the answer.
  @Test func underTheClientsToken() {
    let gate = Gate()
    let client = client(gate, [:])
    let id = client.ask("textDocument/hover", hover(["workDoneToken": 7]))
    #expect(client.notification("$/progress")["value"]?["kind"] == "begin")
    gate.open()
    let next = client.next { $0["method"] == "$/progress" || $0["id"] == .integer(id) }
    #expect(next["params"] == ["token": 7, "value": ["kind": "end"]])
    #expect(client.answer(to: id)["result"] != nil)
    client.finish()
  }

  @Test func whatIsQuickIsNotShown() {
    let client = Client()
    client.initialize(capabilities: Self.able)
    client.open("x")
    for _ in 0..<20 { _ = client.request("textDocument/hover", hover(["workDoneToken": 7])) }
    client.finish()
    #expect(
      !client.rest().contains {
        $0["method"] == "window/workDoneProgress/create" || $0["method"] == "$/progress"
      })
  }

  @Test func theUserCancels() {
    let gate = Gate()
    let client = client(gate, Self.able)
    let id = client.ask("textDocument/hover", hover())
    let create = client.next { $0["method"] == "window/workDoneProgress/create" }
    client.send(["jsonrpc": "2.0", "id": create["id"]!, "result": nil])
    #expect(client.notification("$/progress")["value"]?["kind"] == "begin")
    client.notify(
      "window/workDoneProgress/cancel", ["token": create["params"]?["token"] ?? .null])
    #expect(client.notification("$/progress")["value"] == ["kind": "end"])
    #expect(client.answer(to: id).code == -32800)
    client.notify("window/workDoneProgress/cancel", ["token": "of nobody"])
    gate.open()
    client.finish()
  }

  /// A request over many files ends with the file that it is at, and its thread is free again.
  @Test func cancellingStopsTheWork() throws {
    let gate = Gate()
    var service = FakeService()
    service.checkGate = gate
    service.closedFiles = (0..<100).map { "/w/\($0).neural" }
    let client = Client(service)
    client.initialize(capabilities: ["textDocument": ["diagnostic": [:]]])
    let id = client.ask("workspace/diagnostic", ["previousResultIds": []])
    gate.awaitArrivals(1)
    client.notify("$/cancelRequest", ["id": .integer(id)])
    #expect(client.answer(to: id).code == -32800)
    gate.open()
    #expect(client.request("neural/devices", [:])["result"] != nil)
    #expect(gate.arrivals == 1)
    client.finish()
  }

  /// Findings that nobody asked for are shown too, and the user can end them: the document that is
  /// being checked is the last.
  @Test func checkingIsShownAndEnds() {
    let (first, second) = (Gate(), Gate())
    var service = FakeService()
    service.openGates = ["/w/0.neural": first, "/w/1.neural": second]
    let client = Client(service)
    client.initialize(capabilities: Self.able)
    func uri(_ number: Int) -> String { "file:///w/\(number).neural" }
    client.open("x", uri: uri(0))
    first.awaitArrivals(1)
    // Both are looked at together, when the first one is done.
    client.open("x", uri: uri(1))
    client.open("x", uri: uri(2))
    first.open()
    second.awaitArrivals(1)
    let create = client.next { $0["method"] == "window/workDoneProgress/create" }
    let token = create["params"]?["token"] ?? .null
    client.send(["jsonrpc": "2.0", "id": create["id"]!, "result": nil])
    #expect(
      client.notification("$/progress") == [
        "token": token, "value": ["kind": "begin", "title": "Checking", "cancellable": true],
      ])
    client.notify("window/workDoneProgress/cancel", ["token": token])
    _ = client.request("unknown", [:])
    second.open()
    #expect(client.notification("$/progress") == ["token": token, "value": ["kind": "end"]])
    // What was left is looked at with the next change.
    client.change([["text": "bad"]], uri: uri(1), version: 2)
    let published = (0..<4).map { _ in client.notification("textDocument/publishDiagnostics") }
    #expect(published.map { $0["uri"] } == [0, 1, 1, 2].map { .string(uri($0)) })
    #expect(published.map { $0["version"] } == [1, 1, 2, 1])
    client.finish()
  }

  @Test func tracing() {
    let client = Client()
    client.initialize(more: ["trace": "messages"])
    #expect(client.notification("$/logTrace") == ["message": "notification initialized"])
    client.notify("$/setTrace", ["value": "verbose"])
    #expect(client.notification("$/logTrace") == ["message": "notification $/setTrace"])
    _ = client.request("unknown", ["a": 1])
    #expect(
      client.notification("$/logTrace") == ["message": "request unknown", "verbose": "{\"a\":1}"])
    client.notify("$/setTrace", ["value": "off"])
    _ = client.notification("$/logTrace")
    _ = client.request("unknown", [:])
    client.finish()
    #expect(!client.rest().contains { $0["method"] == "$/logTrace" })
  }
}
