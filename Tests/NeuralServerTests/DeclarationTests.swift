import LanguageServerProtocol
import NeuralServer
import Testing

/// Lenses above declarations, who calls whom, and what is told of a thing only when it is asked for.
@Suite(.timeLimit(.minutes(1))) struct DeclarationTests {
  private static let files = [
    "blocks.neural":
      "define Block(n) { Inner(n) -> Inner(n) }\ndefine Inner(n) { Dense(n) }\n",
    "main.neural":
      "import Block from \"blocks.neural\"\nnetwork N { input: (4) layers: Block(3) Block(2) }\n",
  ]

  @Test func lenses() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client()
    let uri = workspace.uri("main.neural")
    client.open(Self.files["main.neural"]!, uri: uri)
    let lenses = client.request("textDocument/codeLens", document(uri))["result"]
    #expect(lenses?.count == 5)
    #expect(lenses?[0]?["range"] == range((1, 8), (1, 9)))
    #expect(lenses?[0]?["command"]?["title"] == "41 parameters · 31 MACs")
    #expect(lenses?[1]?["command"]?["title"] == "Generate PyTorch")
    #expect(
      lenses?[1]?["command"]?["arguments"]?[0]
        == ["uri": .string(uri), "network": "N", "target": "pytorch"])
    #expect(lenses?[2]?["command"]?["title"] == "Generate TensorFlow")
    #expect(lenses?[3]?["command"]?["title"] == "Generate JAX")
    #expect(lenses?[4]?["command"]?["title"] == "Generate ONNX")
    client.notify(
      "workspace/didChangeConfiguration", ["settings": ["neural": ["codeLenses": false]]])
    #expect(client.request("textDocument/codeLens", document(uri))["result"] == [])
    // A network with an error comes to nothing.
    client.notify(
      "workspace/didChangeConfiguration", ["settings": ["neural": ["codeLenses": true]]])
    client.change([["range": range((1, 31), (1, 31)), "text": "X"]], uri: uri, version: 2)
    #expect(client.request("textDocument/codeLens", document(uri))["result"] == [])
    client.finish()
  }

  @Test func calls() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client()
    let place = workspace.open(
      "main.neural",
      "import Block from \"blocks.neural\"\nnetwork N { input: (4) layers: Bl$0ock(3) Block(2) }\n",
      in: client)
    let items = client.request("textDocument/prepareCallHierarchy", place)["result"]
    #expect(items?.count == 1)
    #expect(items?[0]?["name"] == "Block")
    #expect(items?[0]?["kind"] == 12)
    #expect(items?[0]?["uri"] == .string(workspace.uri("blocks.neural")))
    #expect(items?[0]?["selectionRange"] == range((0, 7), (0, 12)))
    let item: JSON = ["item": items?[0] ?? .null]
    let incoming = client.request("callHierarchy/incomingCalls", item)["result"]
    #expect(incoming?.count == 1)
    #expect(incoming?[0]?["from"]?["name"] == "N")
    #expect(
      incoming?[0]?["fromRanges"] == [range((1, 31), (1, 36)), range((1, 40), (1, 45))])
    let outgoing = client.request("callHierarchy/outgoingCalls", item)["result"]
    #expect(outgoing?.count == 1)
    #expect(outgoing?[0]?["to"]?["name"] == "Inner")
    #expect(
      outgoing?[0]?["fromRanges"] == [range((0, 18), (0, 23)), range((0, 30), (0, 35))])
    // A layer of the catalogue is no item, and neither is nothing.
    let inner = document(workspace.uri("main.neural"), ["position": position(1, 14)])
    #expect(client.request("textDocument/prepareCallHierarchy", inner)["result"] == .null)
    client.finish()
  }

  @Test func whatIsToldLater() throws {
    let workspace = try Workspace()
    let client = workspace.client([
      "textDocument": [
        "hover": ["contentFormat": ["markdown"]],
        "inlayHint": ["resolveSupport": ["properties": ["tooltip"]]],
        "completion": [
          "completionItem": [
            "documentationFormat": ["markdown"],
            "resolveSupport": ["properties": ["documentation"]],
          ]
        ],
      ]
    ])
    let uri = workspace.uri("a.neural")
    client.open("network N { input: (4) layers: Dense(units=3) }\n", uri: uri)
    let hints = client.request(
      "textDocument/inlayHint", document(uri, ["range": range((0, 0), (1, 0))]))["result"]
    #expect(hints?.count == 1)
    #expect(hints?[0]?["tooltip"] == nil)
    let hint = client.request("inlayHint/resolve", hints?[0] ?? .null)["result"]
    guard case .string(let tooltip)? = hint?["tooltip"]?["value"] else {
      Issue.record("no tooltip: \(String(describing: hint))")
      return
    }
    #expect(tooltip.contains("15 parameters"))
    // The parameter that a positional argument is for; here of a layer inside another one.
    let other = workspace.uri("b.neural")
    client.open("network N { input: (4, 2) layers: Bidirectional(LSTM(3)) }\n", uri: other)
    let names = client.request(
      "textDocument/inlayHint", document(other, ["range": range((0, 0), (1, 0))]))["result"]
    for (index, parameter) in ["layer", "units"].enumerated() {
      let name = client.request("inlayHint/resolve", names?[index] ?? .null)["result"]
      #expect(name?["label"] == .string("\(parameter):"))
      guard case .string(let text)? = name?["tooltip"]?["value"] else {
        Issue.record("no tooltip: \(String(describing: name))")
        continue
      }
      #expect(text.hasPrefix("**\(parameter)**"))
    }
    let place = document(uri, ["position": position(0, 31)])
    let items = client.request("textDocument/completion", place)["result"]?["items"]
    let dense = (0..<(items?.count ?? 0)).lazy.compactMap { items?[$0] }
      .first { $0["label"] == "Dense" }
    #expect(dense?["documentation"] == nil)
    let resolved = client.request("completionItem/resolve", dense ?? .null)["result"]
    #expect(resolved?["documentation"]?["kind"] == "markdown")
    // The text has changed: what is not known any more is left out.
    client.change([["range": range((0, 0), (0, 0)), "text": "# x\n"]], uri: uri, version: 2)
    let late = client.request("completionItem/resolve", dense ?? .null)["result"]
    #expect(late?["label"] == "Dense")
    #expect(late?["documentation"] == nil)
    client.finish()
  }

  @Test func countsOfParameters() throws {
    let workspace = try Workspace()
    let client = workspace.client()
    let uri = workspace.uri("a.neural")
    client.open("network N { input: (4) layers: Dense(units=3) -> ReLU() }\n", uri: uri)
    client.notify(
      "workspace/didChangeConfiguration",
      ["settings": ["neural": ["inlayHints": ["counts": true, "shapes": false]]]])
    let hints = client.request(
      "textDocument/inlayHint", document(uri, ["range": range((0, 0), (1, 0))]))["result"]
    #expect(hints?.count == 1)
    #expect(hints?[0]?["label"] == "15 parameters")
    #expect(hints?[0]?["position"] == position(0, 45))
    client.finish()
  }
}
