import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

/// Names over files: open ones, and those in the folders that the client has open.
@Suite(.timeLimit(.minutes(1))) struct WorkspaceNameTests {
  private static let files = [
    "blocks.neural": "define Block(units) { Dense(units) }\ndefine Other() { Dense(1) }\n",
    "a.neural":
      "import Block from \"blocks.neural\"\nnetwork A { input: (4) layers: Block(units=3) }\n",
    "deep/b.neural": "import \"../blocks.neural\"\nnetwork B { input: (4) layers: Block(2) }\n",
    "unrelated.neural": "define Block(n) { Dense(n) }\n",
    ".hidden/c.neural": "import Block from \"../blocks.neural\"\n",
  ]

  private func result(_ client: Client, _ method: String, _ params: JSON) -> JSON? {
    client.request("textDocument/" + method, params)["result"]
  }

  @Test(arguments: ["Bl$0ock(units=3)", "Block$0(units=3)"]) func ofADefinition(use: String)
    throws
  {
    let workspace = try Workspace(Self.files)
    let client = workspace.client()
    let place = workspace.open(
      "a.neural",
      "import Block from \"blocks.neural\"\nnetwork A { input: (4) layers: \(use) }\n", in: client)
    #expect(workspace.places(result(client, "definition", place)) == ["blocks.neural 0:7-12"])
    #expect(workspace.places(result(client, "declaration", place)) == ["a.neural 0:7-12"])
    #expect(workspace.places(result(client, "typeDefinition", place)) == ["blocks.neural 0:7-12"])
    #expect(
      workspace.places(result(client, "references", place)) == [
        "a.neural 0:7-12", "a.neural 1:31-36", "blocks.neural 0:7-12", "deep/b.neural 1:31-36",
      ])
    client.finish()
  }

  @Test func ofAParameter() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client()
    let place = workspace.open(
      "blocks.neural", "define Block(units) { Dense(uni$0ts) }\ndefine Other() { Dense(1) }\n",
      in: client)
    #expect(
      workspace.places(result(client, "references", place)) == [
        "blocks.neural 0:13-18", "blocks.neural 0:28-33", "a.neural 1:37-42",
      ])
    client.finish()
  }

  @Test func renamingOverFiles() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client()
    let place = workspace.open(
      "blocks.neural", "define Bl$0ock(units) { Dense(units) }\n", in: client)
    guard case .object(var params) = place else { return }
    params.append("newName", "Stage")
    let changes = result(client, "rename", .object(params))?["documentChanges"]
    let edits = (0..<(changes?.count ?? 0)).flatMap { index -> [String] in
      let change = changes?[index]
      guard case .array(let edits)? = change?["edits"] else { return [] }
      return edits.map { edit in
        workspace.places([
          ["uri": change?["textDocument"]?["uri"] ?? .null, "range": edit["range"] ?? .null]
        ])[0]
      }
    }
    #expect(
      edits == [
        "blocks.neural 0:7-12", "a.neural 0:7-12", "a.neural 1:31-36", "deep/b.neural 1:31-36",
      ])
    // Only what is open has a version.
    #expect(changes?[0]?["textDocument"]?["version"] == 1)
    #expect(changes?[1]?["textDocument"]?["version"] == .null)
    client.finish()
  }

  /// A name that would mean something else in another file is refused, and which one is said.
  @Test func renamingIntoAnotherFilesNames() throws {
    var files = Self.files
    files["deep/b.neural"]? += "define Stage() { Dense(1) }\n"
    let workspace = try Workspace(files)
    let client = workspace.client()
    let place = workspace.open(
      "blocks.neural", "define Bl$0ock(units) { Dense(units) }\n", in: client)
    guard case .object(var params) = place else { return }
    params.append("newName", "Stage")
    let answer = client.request("textDocument/rename", .object(params))
    #expect(
      answer["error"]?["message"]
        == "`Stage` already means something where this name stands in deep/b.neural.")
    client.finish()
  }

  @Test func whatTheProgramDeclaresOpensReadOnly() throws {
    let workspace = try Workspace()
    let client = workspace.client(library: Library(folder: workspace.path("library")))
    let place = workspace.open(
      "a.neural", "network N { input: (4) layers: Den$0se(3) -> x Dense(units=2) }\n", in: client)
    let found = result(client, "definition", place)
    let declared = try workspace.read("library/layers/core.neural").components(separatedBy: "\n")
    let places = workspace.places(found)
    #expect(places.count == 1)
    guard case .integer(let line)? = found?[0]?["range"]?["start"]?["line"] else {
      Issue.record("no place: \(String(describing: found))")
      return
    }
    #expect(declared[line].hasPrefix("layer Dense("))
    #expect(places[0].hasPrefix("library/layers/core.neural \(line):6-11"))
    let attributes = try FileManager.default.attributesOfItem(
      atPath: workspace.path("library/layers/core.neural"))
    #expect(attributes[.posixPermissions] as? Int == 0o444)
    // The parameter of an argument, and where a value comes from.
    let argument = document(workspace.uri("a.neural"), ["position": position(0, 54)])
    #expect(workspace.places(result(client, "definition", argument))[0].hasPrefix("library/"))
    let value = document(workspace.uri("a.neural"), ["position": position(0, 44)])
    #expect(workspace.places(result(client, "typeDefinition", value)) == places)
    // Opened, it is not the user's to mend.
    client.open(
      try workspace.read("library/layers/core.neural"),
      uri: workspace.uri("library/layers/core.neural"))
    let published = client.next {
      $0["params"]?["uri"] == .string(workspace.uri("library/layers/core.neural"))
    }
    #expect(published["params"]?["diagnostics"] == [])
    client.finish()
  }

  @Test func symbolsOfTheWorkspace() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client()
    client.open(
      "network Blockade { input: (4) layers: Dense(3) }", uri: workspace.uri("new.neural"))
    func names(_ query: String) -> [String] {
      let symbols = client.request("workspace/symbol", ["query": .string(query)])["result"]
      return (0..<(symbols?.count ?? 0)).compactMap { index in
        guard case .string(let name)? = symbols?[index]?["name"],
          case .string(let file)? = symbols?[index]?["containerName"]
        else { return nil }
        return "\(name) \(file)"
      }
    }
    #expect(
      names("block") == ["Block blocks.neural", "Block unrelated.neural", "Blockade new.neural"])
    #expect(names("bkd") == ["Blockade new.neural"])
    #expect(names("").count == 6)
    client.finish()
  }

  @Test func links() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client()
    _ = workspace.open(
      "a.neural",
      """
      import Block from "blocks.neural"
      # See https://arxiv.org/abs/1512.03385.
      research R { references { paper: "at http://example.org/a(b)" } }
      """, in: client)
    let links = result(client, "documentLink", document(workspace.uri("a.neural")))
    #expect(
      links == [
        ["range": range((0, 19), (0, 32)), "target": .string(workspace.uri("blocks.neural"))],
        ["range": range((1, 6), (1, 38)), "target": "https://arxiv.org/abs/1512.03385"],
        ["range": range((2, 37), (2, 59)), "target": "http://example.org/a(b"],
      ])
    client.finish()
  }

  @Test func filesThatMove() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client()
    func edits(_ old: String, _ new: String) -> [String] {
      let edit = client.request(
        "workspace/willRenameFiles",
        [
          "files": [
            ["oldUri": .string(workspace.uri(old)), "newUri": .string(workspace.uri(new))]
          ]
        ])["result"]
      let changes = edit?["documentChanges"]
      return (0..<(changes?.count ?? 0)).compactMap { index in
        guard case .string(let uri)? = changes?[index]?["textDocument"]?["uri"],
          case .string(let text)? = changes?[index]?["edits"]?[0]?["newText"]
        else { return nil }
        return uri.replacing(workspace.uri(""), with: "") + " " + text
      }
    }
    #expect(
      edits("blocks.neural", "parts/blocks.neural") == [
        "a.neural \"parts/blocks.neural\"", "deep/b.neural \"../parts/blocks.neural\"",
      ])
    #expect(edits("a.neural", "deep/a.neural") == ["a.neural \"../blocks.neural\""])
    #expect(edits("deep", "deeper") == [])
    #expect(edits("deep", "x/deep") == ["deep/b.neural \"../../blocks.neural\""])
    #expect(edits("unrelated.neural", "y.neural") == [])
    client.finish()
  }

  @Test func typingANameEverywhere() throws {
    let workspace = try Workspace(Self.files)
    let client = workspace.client()
    let place = workspace.open("x.neural", "define B(si$0ze) { Dense(size) }\n", in: client)
    #expect(
      result(client, "linkedEditingRange", place)
        == [
          "ranges": [range((0, 9), (0, 13)), range((0, 23), (0, 27))],
          "wordPattern": "[A-Za-z0-9_]+",
        ])
    let layer = document(workspace.uri("x.neural"), ["position": position(0, 18)])
    #expect(result(client, "linkedEditingRange", layer) == .null)
    client.finish()
  }

  /// A folder that is added counts from then on, and one that is removed does not.
  @Test func foldersThatComeAndGo() throws {
    let (first, second) = (
      try Workspace(["a.neural": "define A() { Dense(1) }"]), try Workspace(Self.files)
    )
    let client = first.client()
    func count() -> Int { client.request("workspace/symbol", ["query": ""])["result"]?.count ?? 0 }
    #expect(count() == 1)
    let folder: JSON = ["uri": .string(second.uri("")), "name": "second"]
    client.notify(
      "workspace/didChangeWorkspaceFolders", ["event": ["added": [folder], "removed": []]])
    #expect(count() == 6)
    client.notify(
      "workspace/didChangeWorkspaceFolders", ["event": ["added": [], "removed": [folder]]])
    #expect(count() == 1)
    client.finish()
  }
}
