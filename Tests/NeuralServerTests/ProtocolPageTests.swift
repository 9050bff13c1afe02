import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

/// `Docs/protocol.md` says what is so.
@Suite(.timeLimit(.minutes(1))) struct ProtocolPageTests {
  @Test func isUpToDate() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Docs/protocol.md")
    #expect(try String(contentsOf: file, encoding: .utf8) == ProtocolPage.markdown)
  }

  @Test func speaksOfEveryMethod() {
    #expect(ProtocolPage.documented.requests == ProtocolPage.dispatched.requests)
    #expect(ProtocolPage.documented.notifications == ProtocolPage.dispatched.notifications)
  }

  /// Every member of the capabilities of a client that can do everything is on the page, and every
  /// one of the page is there.
  @Test func speaksOfEveryCapability() {
    let everything: JSON = [
      "window": ["workDoneProgress": true, "showDocument": ["support": true]],
      "workspace": [
        "applyEdit": true, "workspaceFolders": true, "fileOperations": ["willRename": true],
        "workspaceEdit": ["documentChanges": true, "resourceOperations": ["create"]],
      ],
      "textDocument": [
        "diagnostic": [:], "rename": ["prepareSupport": true],
        "codeAction": [
          "codeActionLiteralSupport": [:], "dataSupport": true,
          "resolveSupport": ["properties": ["edit"]],
        ],
        "semanticTokens": ["requests": ["full": ["delta": true], "range": true]],
      ],
    ]
    let client = Client(ModelService())
    let capabilities = client.initialize(capabilities: everything)["capabilities"]
    for path in ProtocolPage.providers {
      let value = path.split(separator: ".").reduce(capabilities) { $0?[String($1)] }
      #expect(value != nil && value != false, "\(path)")
    }
    guard case .object(let object)? = capabilities else { return }
    let known = Set(ProtocolPage.providers.map { String($0.prefix { $0 != "." }) })
    #expect(Set(object.members.map(\.key)) == known.union(["positionEncoding"]))
    client.finish()
  }

  /// Whatever is offered is answered: no method of the page is unknown.
  @Test func everythingIsAnswered() {
    let client = Client(ModelService())
    client.initialize(capabilities: ["textDocument": ["diagnostic": [:]]])
    for method in ProtocolPage.documented.requests.sorted()
    where !["initialize", "shutdown"].contains(method) {
      #expect(client.request(method, [:]).code != -32601, "\(method)")
    }
    client.finish()
  }
}
