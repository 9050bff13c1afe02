import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

/// Findings for clients that ask for them, and what stands beside a finding.
@Suite(.timeLimit(.minutes(1))) struct PullDiagnosticsTests {
  private static let pulling: JSON = ["textDocument": ["diagnostic": [:]]]
  private static let files = [
    "a.neural": "network A { input: (4) layers: Dense(\"3\") }\n",
    "b.neural": "import Block from \"c.neural\"\nnetwork B { input: (4) layers: Block(2) }\n",
    "c.neural": "define Block(n) { Dense(n) }\n",
  ]

  @Test func whatIsTheSameIsNotToldAgain() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client(Self.pulling)
    let uri = workspace.uri("a.neural")
    client.open(Self.files["a.neural"]!, uri: uri)
    let first = client.request("textDocument/diagnostic", document(uri))["result"]
    #expect(first?["kind"] == "full")
    #expect(first?["items"]?[0]?["code"] == "implicit-conversion")
    let id = first?["resultId"] ?? .null
    func again(_ id: JSON) -> JSON? {
      client.request("textDocument/diagnostic", document(uri, ["previousResultId": id]))["result"]
    }
    #expect(again(id) == ["kind": "unchanged", "resultId": id])
    #expect(again("other")?["kind"] == "full")
    client.change([["range": range((0, 37), (0, 40)), "text": "3"]], uri: uri, version: 2)
    let second = again(id)
    #expect(second?["items"] == [])
    #expect(second?["resultId"] != id)
    client.finish()
  }

  @Test func ofTheWorkspace() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client(Self.pulling)
    client.open(Self.files["a.neural"]!, uri: workspace.uri("a.neural"), version: 5)
    func ask(_ ids: [JSON] = []) -> [JSON] {
      let answer = client.request("workspace/diagnostic", ["previousResultIds": .array(ids)])
      guard case .array(let items)? = answer["result"]?["items"] else { return [] }
      return items
    }
    func ids(_ reports: [JSON]) -> [JSON] {
      reports.map { ["uri": $0["uri"] ?? .null, "value": $0["resultId"] ?? .null] }
    }
    let first = ask()
    #expect(
      first.map { $0["uri"] }
        == ["a.neural", "b.neural", "c.neural"].map { .string(workspace.uri($0)) })
    #expect(first.map { $0["version"] } == [5, .null, .null])
    #expect(first.map { $0["items"]?.count } == [1, 0, 0])
    #expect(ask(ids(first)).map { $0["kind"] } == ["unchanged", "unchanged", "unchanged"])
    // The disk changes, and so does what another file says of it.
    try workspace.write("c.neural", "define Block(n) { Dense(n) -> MaxPooling2D() }\n")
    let second = ask(ids(first))
    #expect(second.map { $0["kind"] } == ["unchanged", "full", "unchanged"])
    #expect(second[1]["items"]?[0]?["code"] == "rank-mismatch")
    // An open document counts before the disk.
    client.open("define Other(n) { Dense(n) }\n", uri: workspace.uri("c.neural"))
    #expect(
      ask().first { $0["uri"] == .string(workspace.uri("b.neural")) }?["items"]?[0]?["code"]
        == "import-not-found")
    client.finish()
  }

  /// Reports come in parts where the client can take them so; the last word has none.
  @Test func inParts() throws {
    var files: [String: String] = [:]
    for index in 0..<100 { files["\(index).neural"] = "define D\(index)() { Dense(1) }\n" }
    let workspace = try Workspace(files)
    let client = workspace.client(Self.pulling)
    let id = client.ask(
      "workspace/diagnostic", ["previousResultIds": [], "partialResultToken": "part"])
    #expect(client.answer(to: id)["result"] == ["items": []])
    let parts = client.rest().filter { $0["method"] == "$/progress" }
    #expect(parts.allSatisfy { $0["params"]?["token"] == "part" })
    let count = parts.reduce(0) { $0 + ($1["params"]?["value"]?["items"]?.count ?? 0) }
    #expect(count == 100)
    #expect(parts.count > 1)
    client.finish()
  }

  /// Tags, pages and data go to clients that can show them, and to no others.
  @Test func whatStandsBesideAFinding() throws {
    let workspace = try Workspace()
    let library = Library(
      folder: workspace.path("library"), pages: [("unused-value", "# Unused value")])
    let able: JSON = [
      "textDocument": [
        "publishDiagnostics": [
          "tagSupport": ["valueSet": [1]], "codeDescriptionSupport": true, "dataSupport": true,
        ]
      ]
    ]
    let text = "network N { input: (4) layers: dense(3) -> x input -> Dense(2) }"
    func published(_ capabilities: JSON) -> JSON? {
      let client = workspace.client(capabilities, library: library)
      client.open(text)
      // What is asked in the background comes after the pages, which are written there.
      _ = client.request("neural/devices", [:])
      defer { client.finish() }
      return client.notification("textDocument/publishDiagnostics")["diagnostics"]
    }
    let found = published(able)
    #expect(found?.count == 2)
    #expect(found?[0]?["code"] == "layer-spelling")
    #expect(found?[0]?["data"] == ["fixes": ["Write `Dense`"]])
    #expect(found?[0]?["codeDescription"] == nil)
    #expect(found?[1]?["code"] == "unused-value")
    #expect(found?[1]?["tags"] == [1])
    let page = workspace.path("library/diagnostics/unused-value.md")
    #expect(found?[1]?["codeDescription"]?["href"] == .string(DocumentURI.uri(ofPath: page)))
    #expect(try workspace.read("library/diagnostics/unused-value.md") == "# Unused value")
    for index in 0..<2 {
      let plain = published([:])?[index]
      for key in ["tags", "data", "codeDescription"] { #expect(plain?[key] == nil) }
    }
  }

  @Test func actionsWithoutTheirEdits() throws {
    let workspace = try Workspace()
    let client = workspace.client([
      "textDocument": [
        "codeAction": [
          "codeActionLiteralSupport": [:], "dataSupport": true,
          "resolveSupport": ["properties": ["edit"]],
        ]
      ]
    ])
    client.open("network N { input: (4) layers: dense(\"3\") -> Dense(\"2\") }")
    let actions = client.request(
      "textDocument/codeAction", document("file:///w/a.neural", ["range": range((0, 38), (0, 38))]))[
        "result"]
    let titles = (0..<(actions?.count ?? 0)).compactMap { actions?[$0]?["title"] }
    #expect(
      titles == [
        "Write `3`", "Fix all 2 `implicit-conversion` in the file", "Apply all safe fixes",
        "Name the arguments of `dense`", "Generate PyTorch", "Generate TensorFlow",
        "Generate JAX", "Generate ONNX",
      ])
    let edits = (0..<3).map { index -> JSON? in
      #expect(actions?[index]?["edit"] == nil)
      return client.request("codeAction/resolve", actions?[index] ?? .null)["result"]?["edit"]?[
        "changes"]?["file:///w/a.neural"]
    }
    #expect(edits.map { $0?.count } == [1, 2, 3])
    #expect(edits[0]?[0] == ["range": range((0, 37), (0, 40)), "newText": "3"])
    client.change([["range": range((0, 0), (0, 0)), "text": " "]], version: 2)
    #expect(client.request("codeAction/resolve", actions?[0] ?? .null).code == -32801)
    #expect(client.request("codeAction/resolve", ["title": "x"]).code == -32602)
    client.finish()
  }
}
