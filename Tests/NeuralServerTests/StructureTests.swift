import LanguageServerProtocol
import NeuralServer
import Testing

private let uri = "file:///w/a.neural"

/// The outline, folds, selections, uses and renaming, as clients of different kinds are told.
@Suite(.timeLimit(.minutes(1))) struct StructureTests {
  private let text = """
    network N {
      input: (8)
      layers:
        Dense(4) -> 😀x
        Dense(
          3
        )
    }
    define D(size) { Dense(size) -> y Add(y) }
    """.replacing("😀x", with: "x")

  private func client(_ document: JSONObject = [:]) -> (Client, JSON?) {
    let client = Client(ModelService())
    let result = client.initialize(capabilities: ["textDocument": .object(document)])
    client.open(text)
    return (client, result["capabilities"])
  }

  private func result(_ client: Client, _ method: String, _ more: JSONObject = [:]) -> JSON {
    client.request("textDocument/" + method, document(uri, more))["result"] ?? .null
  }

  @Test func everythingIsOffered() {
    let (client, capabilities) = client()
    for name in [
      "documentSymbolProvider", "foldingRangeProvider", "selectionRangeProvider",
      "documentHighlightProvider", "definitionProvider", "renameProvider",
    ] { #expect(capabilities?[name] == true, "\(name)") }
    #expect(capabilities?["referencesProvider"] == ["workDoneProgress": true])
    client.finish()
    let (other, more) = self.client(["rename": ["prepareSupport": true]])
    #expect(more?["renameProvider"] == ["prepareProvider": true, "workDoneProgress": true])
    other.finish()
  }

  @Test func anOutlineOfOneLevelOrMore() {
    let (client, _) = client([
      "documentSymbol": ["hierarchicalDocumentSymbolSupport": true]
    ])
    let symbols = result(client, "documentSymbol")
    #expect(symbols.count == 2)
    #expect(symbols[0]?["name"] == "N")
    #expect(symbols[0]?["kind"] == 2)
    #expect(symbols[0]?["range"] == range((0, 0), (7, 1)))
    #expect(symbols[0]?["selectionRange"] == range((0, 8), (0, 9)))
    #expect(
      symbols[0]?["children"]?[1] == [
        "name": "Dense", "kind": 8, "detail": "(batch, 4)", "range": range((3, 4), (3, 12)),
        "selectionRange": range((3, 4), (3, 9)),
      ])
    client.finish()
    let (other, _) = self.client()
    let flat = result(other, "documentSymbol")
    #expect(flat.count == 7)
    #expect(
      flat[2] == [
        "name": "Dense", "kind": 8, "containerName": "N",
        "location": ["uri": .string(uri), "range": range((3, 4), (3, 12))],
      ])
    other.finish()
  }

  @Test func folds() {
    let (client, _) = client()
    #expect(
      result(client, "foldingRange") == [
        ["startLine": 0, "startCharacter": 11, "endLine": 7, "endCharacter": 0],
        ["startLine": 2, "startCharacter": 8, "endLine": 6, "endCharacter": 5],
        ["startLine": 4, "startCharacter": 10, "endLine": 6, "endCharacter": 4],
      ])
    client.finish()
    let (lines, _) = self.client(["foldingRange": ["lineFoldingOnly": true, "rangeLimit": 2]])
    #expect(
      result(lines, "foldingRange") == [
        ["startLine": 0, "endLine": 6], ["startLine": 2, "endLine": 6],
      ])
    lines.finish()
  }

  @Test func aSelectionForEachPosition() {
    let (client, _) = client()
    let answer = result(
      client, "selectionRange", ["positions": [position(3, 11), position(99, 0)]])
    #expect(answer.count == 2)
    #expect(answer[0]?["range"] == range((3, 10), (3, 11)))
    #expect(answer[0]?["parent"]?["range"] == range((3, 9), (3, 12)))
    #expect(answer[1]?["range"] == range((8, 41), (8, 42)))
    client.finish()
  }

  @Test func usesOfAName() {
    let (client, _) = client()
    let place: JSONObject = ["position": position(8, 25)]
    let (given, read) = (range((8, 9), (8, 13)), range((8, 23), (8, 27)))
    #expect(
      result(client, "documentHighlight", place) == [
        ["range": given, "kind": 3], ["range": read, "kind": 2],
      ])
    #expect(result(client, "definition", place) == [["uri": .string(uri), "range": given]])
    var references = place
    references.append("context", ["includeDeclaration": false])
    #expect(result(client, "references", references) == [["uri": .string(uri), "range": read]])
    references = place
    references.append("context", ["includeDeclaration": true])
    #expect(result(client, "references", references).count == 2)
    // A sign means nothing.
    #expect(result(client, "definition", ["position": position(8, 30)]) == [])
    client.finish()
  }

  @Test func signatures() {
    let (client, capabilities) = client()
    #expect(
      capabilities?["signatureHelpProvider"] == [
        "triggerCharacters": ["(", ","], "retriggerCharacters": ["=", ")"],
      ])
    client.change([["range": range((3, 4), (3, 12)), "text": "D(size=3)"]], version: 2)
    let place: JSONObject = ["position": position(3, 12)]
    #expect(
      result(client, "signatureHelp", place) == [
        "signatures": [["label": "D(size)", "parameters": [["label": "size"]]]],
        "activeSignature": 0, "activeParameter": 0,
      ])
    #expect(result(client, "signatureHelp", ["position": position(3, 5)]) == .null)
    client.finish()
    let (offsets, _) = self.client([
      "signatureHelp": [
        "signatureInformation": [
          "documentationFormat": ["markdown"], "parameterInformation": ["labelOffsetSupport": true],
        ]
      ]
    ])
    let help = result(offsets, "signatureHelp", ["position": position(3, 10)])
    #expect(help["signatures"]?[0]?["parameters"]?[0]?["label"] == [6, 11])
    #expect(help["signatures"]?[0]?["documentation"]?["kind"] == "markdown")
    offsets.finish()
  }

  @Test func renaming() {
    let (client, _) = client()
    let place: JSONObject = ["position": position(8, 9)]
    #expect(
      result(client, "prepareRename", place) == [
        "range": range((8, 9), (8, 13)), "placeholder": "size",
      ])
    var params = place
    params.append("newName", "width")
    #expect(
      result(client, "rename", params)["changes"]?[uri] == [
        ["range": range((8, 9), (8, 13)), "newText": "width"],
        ["range": range((8, 23), (8, 27)), "newText": "width"],
      ])
    for (name, at) in [("1x", position(8, 9)), ("Dense", position(8, 9)), ("z", position(0, 1))] {
      let answer = client.request(
        "textDocument/rename", document(uri, ["position": at, "newName": .string(name)]))
      #expect(answer.code == -32803, "\(name)")
    }
    let answer = client.request(
      "textDocument/prepareRename", document(uri, ["position": position(3, 6)]))
    #expect(answer.code == -32803)
    #expect(
      answer["error"]?["message"]
        == "`Dense` is declared by the program and cannot have another name.")
    client.finish()
  }
}
