import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

private let uri = "file:///w/a.neural"

/// What a feature of the service becomes in the protocol, for clients that can and cannot show it.
@Suite(.timeLimit(.minutes(1))) struct FeatureTests {
  @Test func onlyWhatWorksIsAdvertised() {
    var service = FakeService()
    service.features = []
    let client = Client(service)
    let result = client.initialize()
    #expect(
      result["capabilities"] == [
        "positionEncoding": "utf-8",
        "textDocumentSync": ["openClose": true, "change": 2, "save": ["includeText": false]],
      ])
    #expect(result["serverInfo"] == ["name": "neural-lsp", "version": "1.2.3"])
    client.open("x")
    #expect(client.notification("textDocument/publishDiagnostics")["diagnostics"] == [])
    #expect(
      client.request("textDocument/hover", document(uri, ["position": position(0, 0)])).code
        == -32601)
    #expect(
      client.request("workspace/executeCommand", ["command": "neural.generate"]).code == -32601)
    client.finish()
  }

  @Test func everythingIsAdvertised() {
    let client = Client()
    let capabilities = client.initialize()["capabilities"]
    #expect(capabilities?["hoverProvider"] == true)
    #expect(capabilities?["inlayHintProvider"] == true)
    #expect(capabilities?["completionProvider"]?["resolveProvider"] == false)
    #expect(
      capabilities?["codeActionProvider"]?["codeActionKinds"] == [
        "quickfix", "refactor", "source", "source.fixAll",
      ])
    #expect(
      capabilities?["executeCommandProvider"]
        == ["commands": ["neural.generate"], "workDoneProgress": true])
    #expect(capabilities?["diagnosticProvider"] == nil)
    client.finish()
  }

  /// A client that shows no Markdown gets none.
  @Test(
    arguments: [(Client.everything, "markdown", "**2**"), ([:], "plaintext", "2")]
      as [(JSON, JSON, JSON)])
  func hover(capabilities: JSON, kind: JSON, text: JSON) {
    let client = Client()
    client.initialize(capabilities: capabilities)
    client.open("abc")
    #expect(
      client.request("textDocument/hover", document(uri, ["position": position(0, 2)]))["result"]
        == [
          "contents": ["kind": kind, "value": text], "range": range((0, 2), (0, 2)),
        ])
    client.finish()
  }

  @Test func completionWithSnippets() {
    let client = Client()
    client.initialize()
    client.open("abc")
    let result = client.request(
      "textDocument/completion", document(uri, ["position": position(0, 1)]))["result"]
    #expect(result?["isIncomplete"] == false)
    #expect(
      result?["items"]?[0] == [
        "label": "Dense", "kind": 7, "detail": "(units)",
        "documentation": ["kind": "markdown", "value": "*doc*"], "sortText": "0",
        "insertTextFormat": 2,
        "textEdit": ["range": range((0, 1), (0, 1)), "newText": "Dense(${1:64}, \\$$0)"],
      ])
    client.finish()
  }

  @Test func completionWithoutSnippets() {
    let client = Client()
    client.initialize(capabilities: [:])
    client.open("abc")
    let item = client.request(
      "textDocument/completion", document(uri, ["position": position(0, 1)]))["result"]?["items"]?[
        0]
    #expect(item?["textEdit"]?["newText"] == "Dense(64, $)")
    #expect(item?["insertTextFormat"] == nil)
    #expect(item?["documentation"]?["kind"] == "plaintext")
    client.finish()
  }

  @Test func inlayHints() {
    let client = Client()
    client.initialize()
    client.open("abc")
    let params = document(uri, ["range": range((0, 3), (0, 0))])
    let hints: JSON = [
      ["position": position(0, 0), "label": "units:", "kind": 2, "paddingRight": true],
      [
        "position": position(0, 3), "label": "(batch, 10)", "kind": 1, "tooltip": "tip",
        "paddingLeft": true,
      ],
    ]
    #expect(client.request("textDocument/inlayHint", params)["result"] == hints)
    // Each kind can be switched off; clients write it in different ways.
    client.notify(
      "workspace/didChangeConfiguration",
      ["settings": ["neural": ["inlayHints": ["shapes": false]]]])
    #expect(client.next { $0["method"] == "workspace/inlayHint/refresh" }["id"] != nil)
    #expect(client.request("textDocument/inlayHint", params)["result"] == .array([hints[0]!]))
    client.notify(
      "workspace/didChangeConfiguration", ["settings": ["neural.inlayHints.parameters": false]])
    #expect(client.request("textDocument/inlayHint", params)["result"] == .array([hints[1]!]))
    client.notify(
      "workspace/didChangeConfiguration", ["settings": ["inlayHints": ["everyStep": true]]])
    #expect(client.request("textDocument/inlayHint", params)["result"]?[1]?["label"] == "every")
    client.notify(
      "workspace/didChangeConfiguration",
      ["settings": ["neural": ["inlayHints": ["shapes": 3, "maximumLength": -1]]]])
    #expect(
      client.notification("window/logMessage")["message"]
        == "neural.inlayHints.shapes: expected a boolean, found a number")
    #expect(
      client.notification("window/logMessage")["message"]
        == "neural.inlayHints.maximumLength: expected at least 0, found -1")
    #expect(client.request("textDocument/inlayHint", params)["result"] == hints)
    client.finish()
  }

  @Test func settingsFromInitialization() {
    let client = Client()
    client.initialize(options: ["inlayHints": ["shapes": false]])
    client.open("abc")
    let params = document(uri, ["range": range((0, 0), (0, 3))])
    #expect(client.request("textDocument/inlayHint", params)["result"]?.count == 1)
    client.finish()
  }

  @Test func settingsThatAreAskedFor() {
    let client = Client()
    client.initialize(capabilities: ["workspace": ["configuration": true]])
    client.open("abc")
    for shapes in [false, true] {
      let question = client.next { $0["method"] == "workspace/configuration" }
      #expect(question["params"] == ["items": [["section": "neural"]]])
      client.send([
        "jsonrpc": "2.0", "id": question["id"]!,
        "result": [["inlayHints": ["shapes": .boolean(shapes)]]],
      ])
      let params = document(uri, ["range": range((0, 0), (0, 3))])
      #expect(client.request("textDocument/inlayHint", params)["result"]?.count == (shapes ? 2 : 1))
      if !shapes { client.notify("workspace/didChangeConfiguration", ["settings": nil]) }
    }
    client.finish()
  }

  @Test func theSchemaOfTheSettingsIsUpToDate() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Schemas/settings.schema.json")
    let expected = SettingDeclaration.schema.indented + "\n"
    #expect(try String(contentsOf: file, encoding: .utf8) == expected)
  }

  @Test func theSchemaOfAProjectIsUpToDate() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Schemas/project.schema.json")
    let expected = ProjectSetting.schema.indented + "\n"
    #expect(try String(contentsOf: file, encoding: .utf8) == expected)
  }

  @Test func filesAreWatchedWhereTheClientCan() {
    let client = Client()
    client.initialize(capabilities: [
      "workspace": ["didChangeWatchedFiles": ["dynamicRegistration": true]]
    ])
    let request = client.next { $0["method"] == "client/registerCapability" }
    #expect(request["params"]?["registrations"]?[0]?["method"] == "workspace/didChangeWatchedFiles")
    client.send(["jsonrpc": "2.0", "id": request["id"]!, "result": nil])
    client.notify(
      "workspace/didChangeWatchedFiles", ["changes": [["uri": "file:///w/b.neural", "type": 2]]])
    client.finish()
  }

  @Test func settingsAreAskedFor() {
    let client = Client()
    client.initialize(capabilities: [
      "workspace": ["didChangeConfiguration": ["dynamicRegistration": true]]
    ])
    let request = client.next { $0["method"] == "client/registerCapability" }
    #expect(
      request["params"]?["registrations"] == [
        [
          "id": "neural-settings", "method": "workspace/didChangeConfiguration",
          "registerOptions": ["section": "neural"],
        ]
      ])
    client.finish()
  }

  @Test func devices() {
    let client = Client()
    client.initialize()
    #expect(
      client.request("neural/devices", .null)["result"]?["devices"]?[0]?["name"] == "Test CPU")
    client.finish()
  }
}

@Suite(.timeLimit(.minutes(1))) struct CodeActionTests {
  private func actions(_ client: Client, only: JSON? = nil) -> JSON? {
    var context: JSONObject = ["diagnostics": []]
    if let only { context.append("only", only) }
    return client.request(
      "textDocument/codeAction",
      document(uri, ["range": range((0, 0), (0, 1)), "context": .object(context)]))["result"]
  }

  @Test func asTheyAre() {
    let client = Client()
    client.initialize()
    client.open("bad", version: 4)
    let found = actions(client)
    #expect(found?.count == 3)
    #expect(found?[0]?["title"] == "Write good")
    #expect(found?[0]?["kind"] == "quickfix")
    #expect(found?[0]?["isPreferred"] == true)
    #expect(found?[0]?["diagnostics"]?[0]?["code"] == "unknown-layer")
    #expect(
      found?[0]?["edit"] == [
        "documentChanges": [
          [
            "textDocument": ["uri": .string(uri), "version": 4],
            "edits": [["range": range((0, 0), (0, 3)), "newText": "good"]],
          ]
        ]
      ])
    #expect(
      found?[1]?["command"] == [
        "title": "Generate PyTorch", "command": "neural.generate",
        "arguments": [["uri": .string(uri), "network": "N", "target": "pytorch"]],
      ])
    #expect(found?[2]?["edit"]?["documentChanges"]?[0]?["kind"] == "create")
    #expect(found?[2]?["edit"]?["documentChanges"]?[1]?["edits"]?[0]?["newText"] == "new")
    client.finish()
  }

  @Test func onlySomeKinds() {
    let client = Client()
    client.initialize()
    client.open("bad")
    #expect(actions(client, only: ["quickfix"])?.count == 1)
    #expect(actions(client, only: ["source"])?[0]?["kind"] == "source.generate.pytorch")
    #expect(actions(client, only: ["source.generate"])?.count == 1)
    #expect(actions(client, only: ["source.gen"])?.count == 0)
    #expect(actions(client, only: ["quickfix", "refactor"])?.count == 2)
    #expect(actions(client, only: [""])?.count == 3)
    #expect(actions(client, only: [])?.count == 0)
    client.finish()
  }

  @Test func withoutDocumentChanges() {
    let client = Client()
    client.initialize(capabilities: [
      "textDocument": ["codeAction": ["codeActionLiteralSupport": [:]]]
    ])
    client.open("bad")
    let found = actions(client)
    // What makes a file is left out.
    #expect(found?.count == 2)
    #expect(
      found?[0]?["edit"] == [
        "changes": [.init(uri): [["range": range((0, 0), (0, 3)), "newText": "good"]]]
      ])
    #expect(found?[0]?["isPreferred"] == nil)
    client.finish()
  }

  @Test func withoutLiterals() {
    let client = Client()
    #expect(client.initialize(capabilities: [:])["capabilities"]?["codeActionProvider"] == true)
    client.open("bad")
    let found = actions(client)
    #expect(found?.count == 1)
    #expect(found?[0]?["command"] == "neural.generate")
    client.finish()
  }
}
