import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

private let uri = "file:///w/a.neural"

/// Generation from an editor: through the client where it makes files, else on the disk.
@Suite(.timeLimit(.minutes(1))) final class GenerateTests {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private var file: URL { folder.appendingPathComponent("N.py") }
  private var fileURI: String { DocumentURI.uri(ofPath: file.path) }

  private func client(
    capabilities: JSON = Client.everything, _ change: (inout FakeService) -> Void = { _ in }
  ) -> Client {
    var service = FakeService()
    service.folder = folder.path
    change(&service)
    let client = Client(service)
    client.initialize(capabilities: capabilities)
    client.open("x")
    return client
  }

  private func generate(_ client: Client, target: String = "pytorch", uri: String = uri) -> JSON {
    client.request(
      "workspace/executeCommand",
      [
        "command": "neural.generate",
        "arguments": [["uri": .string(uri), "network": "N", "target": .string(target)]],
      ])
  }

  /// What Neovim 0.10 says of itself: new files, and nothing of document changes.
  static let onlyResourceOperations: JSON = [
    "workspace": [
      "applyEdit": true, "workspaceEdit": ["resourceOperations": ["rename", "create", "delete"]],
    ]
  ]

  /// Where the client can, what was made comes to be seen, and only if it was made.
  @Test(arguments: [true, false]) func whatWasGeneratedIsShown(isApplied: Bool) {
    guard case .object(var able) = Client.everything else { return }
    able.append("window", ["showDocument": ["support": true]])
    let client = client(capabilities: .object(able))
    _ = generate(client)
    let request = client.next { $0["method"] == "workspace/applyEdit" }
    client.send([
      "jsonrpc": "2.0", "id": request["id"]!, "result": ["applied": .boolean(isApplied)],
    ])
    if isApplied {
      #expect(
        client.notification("window/showDocument")
          == ["uri": .string(fileURI), "takeFocus": false])
    }
    client.finish()
    #expect(!client.rest().contains { $0["method"] == "window/showDocument" })
  }

  @Test(arguments: [Client.everything, onlyResourceOperations])
  func throughTheClient(capabilities: JSON) throws {
    let client = client(capabilities: capabilities)
    #expect(generate(client)["result"] == ["uris": [.string(fileURI)]])
    let request = client.next { $0["method"] == "workspace/applyEdit" }
    #expect(
      request["params"]?["edit"]?["documentChanges"] == [
        [
          "kind": "create", "uri": .string(fileURI),
          "options": ["overwrite": true, "ignoreIfExists": false],
        ],
        [
          "textDocument": ["uri": .string(fileURI), "version": nil],
          "edits": [["range": range((0, 0), (0, 0)), "newText": "# generated\n"]],
        ],
      ])
    #expect(!FileManager.default.fileExists(atPath: file.path))
    client.send(["jsonrpc": "2.0", "id": request["id"]!, "result": ["applied": true]])
    client.finish()
    #expect(!client.rest().contains { $0["method"] == "window/showMessage" })
  }

  @Test(
    arguments: [
      (["result": ["applied": false, "failureReason": "no room"]], "no room"),
      (["result": ["applied": false]], "the editor refused it"),
      (["error": ["code": -1, "message": "broken"]], "broken"),
    ] as [(JSONObject, String)])
  func refusedByTheClient(answer: JSONObject, reason: String) {
    let client = client()
    _ = generate(client)
    let request = client.next { $0["method"] == "workspace/applyEdit" }
    var message: JSONObject = ["jsonrpc": "2.0", "id": request["id"]!]
    for (key, value) in answer.members { message.append(key, value) }
    client.send(.object(message))
    #expect(
      client.notification("window/showMessage")["message"]
        == .string("\(file.path) was not generated: \(reason)"))
    client.finish()
  }

  @Test(
    arguments: [
      [:], ["workspace": ["applyEdit": true]],
      [
        "workspace": [
          "applyEdit": true,
          "workspaceEdit": ["documentChanges": true, "resourceOperations": ["rename"]],
        ]
      ],
    ] as [JSON])
  func onTheDisk(capabilities: JSON) throws {
    let client = client(capabilities: capabilities)
    #expect(generate(client)["result"]?["uris"]?.count == 1)
    let shown = client.notification("window/showMessage")
    #expect(shown == ["type": 3, "message": .string("Generated \(file.path)")])
    #expect(try String(contentsOf: file, encoding: .utf8) == "# generated\n")
    // An unedited one is replaced.
    _ = generate(client)
    #expect(client.notification("window/showMessage")["type"] == 3)
    client.finish()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["N.py"])
  }

  @Test func aModelIsWrittenToTheDisk() {
    let client = client { $0.isBinary = true }
    _ = generate(client)
    #expect(client.notification("window/showMessage")["type"] == 3)
    #expect(FileManager.default.fileExists(atPath: file.path))
    client.finish()
  }

  @Test func aFolderThatIsNotThere() throws {
    try FileManager.default.removeItem(at: folder)
    let client = client(capabilities: [:])
    _ = generate(client)
    #expect(
      client.notification("window/showMessage") == [
        "type": 1, "message": .string("\(file.path) was not written: No such file or directory"),
      ])
    client.finish()
  }

  @Test(arguments: ["Overwrite", "Keep", nil])
  func anEditedFileIsAskedAbout(choice: String?) throws {
    try "edited".write(to: file, atomically: true, encoding: .utf8)
    let client = client(capabilities: [:])
    _ = generate(client)
    let question = client.next { $0["method"] == "window/showMessageRequest" }
    #expect(question["params"]?["actions"] == [["title": "Overwrite"], ["title": "Keep"]])
    client.send([
      "jsonrpc": "2.0", "id": question["id"]!,
      "result": choice.map { ["title": .string($0)] } ?? .null,
    ])
    if choice == "Overwrite" { _ = client.notification("window/showMessage") }
    client.finish()
    #expect(
      try String(contentsOf: file, encoding: .utf8)
        == (choice == "Overwrite" ? "# generated\n" : "edited"))
  }

  @Test func whatCannotBeGenerated() {
    let client = client()
    let answer = generate(client, target: "fortran")
    #expect(answer.code == -32803)
    #expect(answer["error"]?["message"] == "There is no target fortran.")
    #expect(generate(client, uri: "file:///w/none.neural").code == -32602)
    client.finish()
  }

  @Test func aDocumentWithoutAPlace() {
    let client = client { $0.folder = "untitled:x" }
    let answer = generate(client)
    #expect(answer.code == -32803)
    client.finish()
  }

  @Test func previewWritesNothing() {
    let client = client()
    let result = client.request(
      "neural/preview", document(uri, ["target": "pytorch", "network": "N"]))
    #expect(
      result["result"] == [
        "files": [["path": .string(file.path), "language": "python", "text": "# generated\n"]]
      ])
    #expect(client.request("neural/preview", document(uri, ["target": "cobol"])).code == -32803)
    #expect(client.request("neural/preview", document()).code == -32602)
    #expect(!FileManager.default.fileExists(atPath: file.path))
    client.finish()
  }
}
