import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

private let uri = "file:///w/a.neural"

/// The server with the real language.
@Suite(.timeLimit(.minutes(1))) struct ModelServiceTests {
  @Test func findingsAndTheirFixes() {
    let client = Client(ModelService())
    let capabilities = client.initialize()["capabilities"]
    #expect(capabilities?["codeActionProvider"] != nil)
    client.open("network N {\n  input: (8)\n  layers: Dense(\"64\")\n}\n")
    let first = client.notification("textDocument/publishDiagnostics")["diagnostics"]
    #expect(first?.count == 1)
    #expect(first?[0]?["code"] == "implicit-conversion")
    #expect(first?[0]?["range"] == range((2, 16), (2, 20)))
    let actions = client.request(
      "textDocument/codeAction",
      document(uri, ["range": range((2, 17), (2, 17)), "context": ["diagnostics": []]]))["result"]
    let edit = actions?[0]?["edit"]?["documentChanges"]?[0]?["edits"]?[0]
    let titles = (0..<(actions?.count ?? 0)).compactMap { actions?[$0]?["title"] }
    #expect(
      titles == [
        "Write `64`", "Apply all safe fixes", "Name the arguments of `Dense`", "Generate PyTorch",
        "Generate TensorFlow", "Generate JAX", "Generate ONNX",
      ])
    #expect(actions?[1]?["kind"] == "source.fixAll.neural")
    #expect(edit == ["range": range((2, 16), (2, 20)), "newText": "64"])
    client.change([["range": edit!["range"]!, "text": edit!["newText"]!]], version: 2)
    #expect(
      client.notification("textDocument/publishDiagnostics") == [
        "uri": .string(uri), "version": 2, "diagnostics": [],
      ])
    client.finish()
  }

  @Test func formatting() {
    let client = Client(ModelService())
    let capabilities = client.initialize()["capabilities"]
    #expect(capabilities?["documentFormattingProvider"] == true)
    #expect(capabilities?["documentRangeFormattingProvider"] == true)
    #expect(
      capabilities?["documentOnTypeFormattingProvider"]
        == ["firstTriggerCharacter": "}", "moreTriggerCharacter": ["\n", ";"]])
    client.open("network N {\n  input: (8)\n  # ü\n layers: Dense( 2)\n}\n")
    let options: JSON = ["tabSize": 4, "insertSpaces": false]
    // Only what differs changes, whatever the editor's own indentation is.
    #expect(
      client.request("textDocument/formatting", document(uri, ["options": options]))["result"] == [
        ["range": range((3, 1), (3, 1)), "newText": " "],
        ["range": range((3, 15), (3, 16)), "newText": ""],
      ])
    let lines = document(uri, ["range": range((0, 0), (3, 0)), "options": options])
    #expect(client.request("textDocument/rangeFormatting", lines)["result"] == [])
    let typed = document(uri, ["position": position(4, 0), "ch": "\n", "options": options])
    #expect(client.request("textDocument/onTypeFormatting", typed)["result"] == [])
    client.change(
      [["range": range((3, 18), (3, 18)), "text": "\n"]], version: 2)
    #expect(
      client.request("textDocument/onTypeFormatting", typed)["result"] == [
        ["range": range((4, 0), (4, 0)), "newText": " "]
      ])
    client.finish()
  }

  /// What an open document imports is read from the editor first, then from the disk; a change of
  /// either is seen by those who import it.
  @Test func importedFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func uri(_ name: String) -> String {
      DocumentURI.uri(ofPath: folder.appending(path: name).path())
    }
    func write(_ name: String, _ text: String) throws {
      try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    let client = Client(ModelService())
    func published(_ name: String) -> JSON {
      client.next {
        $0["method"] == "textDocument/publishDiagnostics"
          && $0["params"]?["uri"] == .string(uri(name))
      }["params"]?["diagnostics"] ?? .null
    }
    client.initialize()
    client.open(
      """
      import Block from "blocks.neural"
      network M {
        input: (8)
        layers: Block(4) -> Output(2)
      }
      """, uri: uri("main.neural"))
    #expect(published("main.neural")[0]?["code"] == "import-not-found")
    // It appears on the disk, with a mistake that this use brings about.
    try write("blocks.neural", "import Inner from \"inner.neural\"\ndefine Block(n) { Inner(n) }")
    try write("inner.neural", "define Inner(n) { Dense(n) -> MaxPooling2D() }")
    client.notify(
      "workspace/didChangeWatchedFiles",
      ["changes": [["uri": .string(uri("blocks.neural")), "type": 1]]])
    let finding = published("main.neural")[0]
    #expect(finding?["code"] == "rank-mismatch")
    #expect(finding?["range"] == range((3, 10), (3, 15)))
    let related = finding?["relatedInformation"]?[0]?["location"]
    #expect(related?["uri"] == .string(uri("inner.neural")))
    #expect(related?["range"] == range((0, 30), (0, 42)))
    // Opened, the file in between counts as the editor has it.
    client.open("define Block(n) { Dense(n) }", uri: uri("blocks.neural"))
    #expect(published("blocks.neural") == [])
    #expect(published("main.neural") == [])
    client.change(
      [["range": range((0, 18), (0, 26)), "text": "Dnse(3)"]], uri: uri("blocks.neural"), version: 2
    )
    #expect(published("blocks.neural")[0]?["code"] == "unknown-layer")
    client.change(
      [["text": "define Other(n) { Dense(n) }"]], uri: uri("blocks.neural"), version: 3)
    #expect(published("main.neural")[0]?["code"] == "import-not-found")
    // Closed, the disk counts again.
    client.notify("textDocument/didClose", ["textDocument": ["uri": .string(uri("blocks.neural"))]])
    #expect(published("main.neural")[0]?["code"] == "rank-mismatch")
    let hover = client.request(
      "textDocument/hover",
      [
        "textDocument": ["uri": .string(uri("main.neural"))],
        "position": ["line": 3, "character": 12],
      ])["result"]
    guard case .string(let text)? = hover?["contents"]?["value"] else {
      Issue.record("no hover")
      return
    }
    #expect(text.contains("From `blocks.neural`"))
    client.finish()
  }

  /// A model typed letter by letter: every version is answered, the last one is clean.
  @Test func typing() {
    let client = Client(ModelService())
    client.initialize()
    client.open("")
    let text =
      "network N {\n  input: (28, 28, 1)\n  layers:\n    Conv2D(8, 3) -> Flatten() -> Dense(10)\n}\n"
    var place = (line: 0, character: 0)
    for (index, character) in text.enumerated() {
      client.change(
        [
          [
            "range": range((place.line, place.character), (place.line, place.character)),
            "text": .string(String(character)),
          ]
        ], version: index + 2)
      place = character == "\n" ? (place.line + 1, 0) : (place.line, place.character + 1)
    }
    let last = client.next {
      $0["method"] == "textDocument/publishDiagnostics"
        && $0["params"]?["version"] == .integer(text.count + 1)
    }
    #expect(last["params"]?["diagnostics"] == [])
    client.finish()
  }

  private let digits = """
    network Digits {
      input: (28, 28, 1)
      layers:
        Conv2D(32, 3)
        Flatten() -> Dense(10, activation="softmax")
    }
    """

  @Test func hover() {
    let client = Client(ModelService())
    client.initialize()
    client.open(digits)
    let hover = client.request(
      "textDocument/hover", document(uri, ["position": position(3, 6)]))["result"]
    #expect(hover?["range"] == range((3, 4), (3, 10)))
    guard case .string(let text)? = hover?["contents"]?["value"] else {
      Issue.record("no text")
      return
    }
    #expect(text.contains("`(batch, 28, 28, 1) → (batch, 26, 26, 32)`"))
    #expect(text.contains("320 parameters · 194,688 MACs"))
    #expect(
      client.request("textDocument/hover", document(uri, ["position": position(3, 0)]))["result"]
        == .null)
    client.finish()
  }

  @Test func inlayHints() {
    let client = Client(ModelService())
    client.initialize()
    client.open(digits)
    let hints = client.request(
      "textDocument/inlayHint", document(uri, ["range": range((3, 0), (4, 99))]))["result"]
    let labels = (0..<(hints?.count ?? 0)).compactMap { hints?[$0]?["label"] }
    #expect(
      labels == ["filters:", "kernel_size:", "(batch, 26, 26, 32)", "units:", "(batch, 10)"])
    #expect(hints?[2]?["position"] == position(3, 17))
    client.finish()
  }

  @Test func completion() {
    let client = Client(ModelService())
    client.initialize()
    client.open(digits)
    func labels(_ line: Int, _ character: Int) -> [JSON] {
      let items = client.request(
        "textDocument/completion", document(uri, ["position": position(line, character)]))[
          "result"]?["items"]
      return (0..<(items?.count ?? 0)).compactMap { items?[$0]?["label"] }
    }
    #expect(labels(4, 4).contains("Conv2D"))
    #expect(labels(3, 11).contains("filters="))
    #expect(labels(4, 39).contains("softmax"))
    client.finish()
  }

  /// From the menu to the client's own edit.
  @Test func generation() {
    let client = Client(ModelService())
    client.initialize()
    client.open(digits)
    let actions = client.request(
      "textDocument/codeAction",
      document(
        uri,
        ["range": range((3, 4), (3, 4)), "context": ["diagnostics": [], "only": ["source"]]]))[
        "result"]
    let titles = (0..<(actions?.count ?? 0)).compactMap { actions?[$0]?["title"] }
    #expect(
      titles == ["Generate PyTorch", "Generate TensorFlow", "Generate JAX", "Generate ONNX"])
    let command = actions?[0]?["command"]
    let id = client.ask(
      "workspace/executeCommand",
      ["command": command!["command"]!, "arguments": command!["arguments"]!])
    let request = client.next { $0["method"] == "workspace/applyEdit" }
    let changes = request["params"]?["edit"]?["documentChanges"]
    #expect(changes?[0]?["kind"] == "create")
    #expect(changes?[0]?["uri"] == "file:///w/a.py")
    guard case .string(let code)? = changes?[1]?["edits"]?[0]?["newText"] else {
      Issue.record("no code")
      return
    }
    #expect(code.contains("class Digits(nn.Module)"))
    client.send(["jsonrpc": "2.0", "id": request["id"]!, "result": ["applied": true]])
    #expect(client.answer(to: id)["result"]?["uris"] == ["file:///w/a.py"])
    client.finish()
  }

  // MARK: Devices

  private func network(_ device: String) -> String {
    "network N {\n  input: (8)\n  layers: Dense(2)\n  execution { device: \"\(device)\" }\n}\n"
  }

  /// Neither findings nor hovers wait for the driver; its answer is told when it is there.
  @Test func devicesAreAskedInTheBackground() {
    let gate = Gate()
    let client = Client(
      ModelService(),
      probe: {
        gate.wait(); return .withoutCUDA
      })
    client.initialize()
    client.open(network("cuda:0"))
    #expect(
      client.notification("textDocument/publishDiagnostics")["diagnostics"] == [])
    gate.awaitArrivals(1)
    func hover() -> String {
      let answer = client.request(
        "textDocument/hover", document(uri, ["position": position(3, 25)]))
      if case .string(let text)? = answer["result"]?["contents"]?["value"] { return text }
      return ""
    }
    #expect(hover().contains("are being asked for"))
    gate.open()
    let findings = client.notification("textDocument/publishDiagnostics")["diagnostics"]
    #expect(findings?.count == 1)
    #expect(findings?[0]?["code"] == "unknown-device")
    #expect(findings?[0]?["severity"] == 2)
    #expect(findings?[0]?["range"] == range((3, 22), (3, 30)))
    #expect(hover().contains("Test CPU"))
    client.finish()
  }

  /// Nobody is asked about names that need no hardware.
  @Test(arguments: ["auto", "cpu", "tpu", "cudo"]) func namesThatNeedNoHardware(name: String) {
    let client = Client(
      ModelService(),
      probe: {
        Issue.record("asked")
        return .withoutCUDA
      })
    client.initialize()
    client.open(network(name))
    let findings = client.notification("textDocument/publishDiagnostics")["diagnostics"]
    #expect(findings?.count == (name == "cudo" ? 1 : 0))
    client.finish()
  }
}
