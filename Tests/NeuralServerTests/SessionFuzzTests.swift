import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

/// Whatever a client sends, and in whatever order: nothing traps, each request has one answer, and
/// the last version is published.
@Suite(.timeLimit(.minutes(3))) struct SessionFuzzTests {
  private let pieces = [
    "network N {\n", "  input: (28, 28, 1)\n", "  layers:\n", "    Conv2D(32, 3)\n",
    "Dense(\"64\")",
    " -> ", "\r\n", "}", "{", "(", "😀", "é", "# neural: allow(unused-value)\n", "let a = 1\n", "\r",
    "",
    "for i in range(3) { Dense(i) }\n", "\u{0}", "import D from \"b.neural\"\n", "D(a=3)", "\"",
    "Add(x)", "define D(a) { Dense(a) }\n",
  ]

  private let methods = ProtocolPage.documented.requests.subtracting(["initialize", "shutdown"])
    .sorted()

  @Test(arguments: 0..<20) func randomMessages(seed: UInt64) {
    var random = SplitMix(state: seed)
    let client = Client(seed % 2 == 0 ? ModelService() : FakeService())
    client.initialize()
    let uris = [
      "file:///w/a.neural", "file:///w/b.neural", "untitled:c", "file:///w/neural.json",
    ]
    var open: [String: Int] = [:]
    var asked: [Int] = []
    func place() -> JSON {
      let odd: [Int] = [-1, 0, 1, 2, 3, 7, 40, 1 << 40, .max, .min]
      return position(odd.randomElement(using: &random)!, odd.randomElement(using: &random)!)
    }
    func text() -> String {
      (0..<Int.random(in: 0...6, using: &random)).map { _ in
        pieces.randomElement(using: &random)!
      }.joined()
    }
    for step in 1...150 {
      let uri = uris.randomElement(using: &random)!
      let place1 = place()
      let range: JSON = ["start": place1, "end": place()]
      switch Int.random(in: 0..<16, using: &random) {
      case 0:
        client.open(text(), uri: uri, version: step)
        open[uri] = step
      case 1...5:
        let changes = (0..<Int.random(in: 0...3, using: &random)).map { _ -> JSON in
          Int.random(in: 0..<8, using: &random) == 0
            ? ["text": .string(text())] : ["range": range, "text": .string(text())]
        }
        client.change(changes, uri: uri, version: step)
        if open[uri] != nil { open[uri] = step }
      case 6:
        client.notify("textDocument/didClose", document(uri))
        open[uri] = nil
      case 7...14:
        // Every request that there is, each with all parameters that any of them takes.
        guard let method = methods.randomElement(using: &random) else { continue }
        let number = Int.random(in: 0...9, using: &random)
        let data: JSON = [
          "uri": .string(uri), "version": .integer(step), "index": .integer(number),
          "range": range, "position": place1,
        ]
        let file: JSON = [
          "oldUri": .string(uri), "newUri": .string(uris.randomElement(using: &random)!),
        ]
        asked.append(
          client.ask(
            method,
            document(
              uri,
              [
                "position": place1, "range": range, "positions": [place1, place()],
                "newName": "b", "query": "d", "previousResultId": .string("\(number)"),
                "previousResultIds": [], "data": data, "title": "Apply all safe fixes",
                "label": "Dense", "files": [file], "target": "pytorch",
                "item": ["uri": .string(uri), "selectionRange": range],
                "command": "neural.generate",
                "arguments": [["uri": .string(uri), "target": "pytorch"]],
              ])))
      default:
        if let id = asked.randomElement(using: &random) {
          client.notify("$/cancelRequest", ["id": .integer(id)])
        }
      }
    }
    for (uri, version) in open {
      _ = client.next {
        $0["params"]?["uri"] == .string(uri) && $0["params"]?["version"] == .integer(version)
      }
    }
    for id in asked { _ = client.answer(to: id) }
    client.finish()
    #expect(client.rest().filter { $0["id"] != nil && $0["method"] == nil }.isEmpty)
  }
}

/// Vigna's SplitMix64: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
