import LanguageServerProtocol
import NeuralServer
import Testing

private let uri = "file:///w/a.neural"

@Suite(.timeLimit(.minutes(1))) struct SemanticTokensTests {
  /// A client that asks for everything, with changes to what it can do.
  private func client(
    _ able: JSONObject = [:], encoding: String = "utf-16"
  ) -> (Client, JSON?) {
    var tokens: JSONObject = [
      "requests": ["range": true, "full": ["delta": true]], "formats": ["relative"],
      "tokenTypes": [], "tokenModifiers": [],
    ]
    for (key, value) in able.members { tokens.append(key, value) }
    let client = Client()
    let result = client.initialize(capabilities: [
      "general": ["positionEncodings": [.string(encoding)]],
      "textDocument": ["semanticTokens": .object(tokens)],
    ])
    return (client, result["capabilities"]?["semanticTokensProvider"])
  }

  private func all(_ client: Client) -> JSON {
    client.request("textDocument/semanticTokens/full", document(uri))["result"] ?? .null
  }

  private func number(_ name: String, in legend: JSON?, _ list: String = "tokenTypes") -> Int? {
    guard case .array(let names)? = legend?["legend"]?[list] else { return nil }
    return names.firstIndex(of: .string(name))
  }

  @Test func theLegendHoldsStandardNames() {
    let (client, provider) = client()
    #expect(provider?["range"] == true)
    #expect(provider?["full"] == ["delta": true])
    #expect(
      provider?["legend"] == [
        "tokenTypes": [
          "class", "function", "type", "typeParameter", "parameter", "variable", "property",
          "enumMember", "keyword", "comment", "string", "number", "operator",
        ],
        "tokenModifiers": [
          "declaration", "readonly", "defaultLibrary", "deprecated", "documentation",
        ],
      ])
    client.finish()
  }

  @Test func onlyWhatTheClientAsksFor() {
    for (requests, expected) in [
      (["full": true], ["full": true]),
      (["full": [:], "range": [:]], ["range": true, "full": true]),
      (["range": true], ["range": true]),
    ] as [(JSON, JSONObject)] {
      let (client, provider) = client(["requests": requests])
      guard case .object(let object)? = provider else {
        Issue.record("nothing is offered for \(requests)")
        continue
      }
      let offered = object.members.filter { $0.key != "legend" }
      #expect(offered.map(\.key) == expected.members.map(\.key))
      #expect(offered.map(\.value) == expected.members.map(\.value))
      client.finish()
    }
    let (none, provider) = client(["requests": ["full": false]])
    #expect(provider == nil)
    none.finish()
  }

  @Test func aClientIsShownTheTypesThatItKnows() {
    let (client, provider) = client([
      "tokenTypes": ["variable", "comment", "type"], "tokenModifiers": ["readonly", "static"],
    ])
    #expect(
      provider?["legend"] == [
        "tokenTypes": ["type", "variable", "comment"], "tokenModifiers": ["readonly"],
      ])
    client.open("bad x")
    // A type parameter is a type, and its declaration is not marked.
    #expect(all(client)["data"] == [0, 0, 3, 0, 1, 0, 4, 1, 1, 0])
    client.finish()
    let (other, _) = self.client(["tokenTypes": ["comment"]])
    other.open("bad x y")
    #expect(all(other)["data"] == [0, 6, 1, 0, 0])
    other.finish()
  }

  @Test func whatAGrammarColoursIsLeftOutWhereTokensAddToIt() {
    let (client, provider) = client(["augmentsSyntaxTokens": true])
    client.open("y x y")
    #expect(
      all(client)["data"]
        == [0, 2, 1, .integer(number("variable", in: provider) ?? -1), 0])
    client.finish()
  }

  @Test(arguments: [("utf-8", 4, 2), ("utf-16", 2, 1), ("utf-32", 1, 1)])
  func columns(encoding: String, astral: Int, accented: Int) {
    let (client, provider) = client(encoding: encoding)
    client.open("😀x é y\r\n\r\n  bad 😀\rx")
    let (size, variable, comment) = (
      number("typeParameter", in: provider) ?? -1, number("variable", in: provider) ?? -1,
      number("comment", in: provider) ?? -1
    )
    let data = [
      0, astral, 1, variable, 0, 0, 3 + accented, 1, comment, 0, 2, 2, 3, size, 3, 1, 0, 1,
      variable, 0,
    ]
    #expect(all(client)["data"] == .array(data.map(JSON.integer)))
    client.finish()
  }

  @Test func onlyARange() {
    let (client, _) = client()
    client.open("x\nx\nx x")
    let params = document(uri, ["range": range((1, 0), (2, 1))])
    let result = client.request("textDocument/semanticTokens/range", params)["result"]
    #expect(result == ["data": [1, 0, 1, 5, 0, 1, 0, 1, 5, 0]])
    client.finish()
  }

  @Test func aDeltaTellsWhatChanged() throws {
    let (client, _) = client()
    client.open("x\nx\nx\nx")
    let first = all(client)
    let id = try #require(first["resultId"])
    #expect(first["data"]?.count == 20)
    client.change([["range": range((1, 0), (1, 1)), "text": "  bad"]], version: 2)
    let delta = client.request(
      "textDocument/semanticTokens/full/delta", document(uri, ["previousResultId": id]))["result"]
    #expect(
      delta?["edits"] == [["start": 5, "deleteCount": 5, "data": [1, 2, 3, 3, 3]]])
    let second = try #require(delta?["resultId"])
    #expect(second != id)
    // Nothing has changed since.
    let same = client.request(
      "textDocument/semanticTokens/full/delta", document(uri, ["previousResultId": second]))
    #expect(same["result"]?["edits"] == [])
    // An answer that is not kept any more: everything again.
    let whole = client.request(
      "textDocument/semanticTokens/full/delta", document(uri, ["previousResultId": id]))["result"]
    #expect(whole?["data"]?.count == 20)
    #expect(whole?["edits"] == nil)
    client.notify("textDocument/didClose", document(uri))
    client.open("x")
    let last = try #require(whole?["resultId"])
    let reopened = client.request(
      "textDocument/semanticTokens/full/delta", document(uri, ["previousResultId": last]))["result"]
    #expect(reopened?["data"]?.count == 5)
    client.finish()
  }

  /// Whatever was typed, a client that applies the deltas has what it would be told in full.
  @Test(arguments: 0..<10) func deltasAddUp(seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let (client, _) = client()
    client.open("")
    var data: [JSON] = []
    var id: JSON = try #require(all(client)["resultId"])
    for version in 2...40 {
      let place = (0, Int.random(in: 0...30, using: &random))
      let end = (0, place.1 + Int.random(in: 0...6, using: &random))
      let text = ["x", "bad ", "y", " ", ""].randomElement(using: &random) ?? ""
      client.change([["range": range(place, end), "text": .string(text)]], version: version)
      let delta = client.request(
        "textDocument/semanticTokens/full/delta", document(uri, ["previousResultId": id]))["result"]
      id = try #require(delta?["resultId"])
      if case .array(let edits)? = delta?["edits"] {
        for edit in edits {
          guard case .integer(let start)? = edit["start"],
            case .integer(let count)? = edit["deleteCount"], case .array(let new)? = edit["data"]
          else {
            Issue.record("\(edit) is no edit")
            return
          }
          data.replaceSubrange(start..<start + count, with: new)
        }
      }
      let params = document(uri, ["range": range((0, 0), (9, 0))])
      let now = client.request("textDocument/semanticTokens/range", params)["result"]
      #expect(now?["data"] == .array(data))
    }
    client.finish()
  }
}
