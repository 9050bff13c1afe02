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
    #expect(actions?.count == 2)
    #expect(actions?[1]?["title"] == "Generate PyTorch")
    #expect(edit == ["range": range((2, 16), (2, 20)), "newText": "64"])
    client.change([["range": edit!["range"]!, "text": edit!["newText"]!]], version: 2)
    #expect(
      client.notification("textDocument/publishDiagnostics") == [
        "uri": .string(uri), "version": 2, "diagnostics": [],
      ])
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
}
