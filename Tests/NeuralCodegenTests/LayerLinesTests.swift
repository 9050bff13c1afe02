import Foundation
import NeuralModel
import NeuralSchema
import Testing

@testable import NeuralCodegen

@Suite struct LayerLinesTests {
  private static let examples = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Docs/examples")

  private static let names =
    (try? FileManager.default.contentsOfDirectory(atPath: examples.path))?
    .filter { $0.hasSuffix(".neural") }.sorted() ?? []

  /// Files of the examples, which import one another.
  private struct Examples: ImportSource {
    func document(at path: String) -> Document? {
      guard let text = try? Data(contentsOf: examples.appending(path: path)) else { return nil }
      let id = FileID(rawValue: Int32(1 + (names.firstIndex(of: path) ?? names.count)))
      return Document(id: id, path: path, text: Array(text))
    }

    func files(near path: String) -> [String] { names }
  }

  /// Of every layer of a network there are lines, and those stand one after the other in the code
  /// for it.
  @Test(arguments: names) func linesOfTheExamples(name: String) throws {
    let text = try Data(contentsOf: Self.examples.appending(path: name))
    let analysis = Analysis(
      Document(id: FileID(rawValue: 0), path: name, text: Array(text)), imports: Examples())
    for graph in analysis.networks where graph.isComplete {
      let generated = Generator.generate(
        [graph], definitions: analysis.definitions, target: .pytorch, source: name)
      guard case .code(let code) = generated else { continue }
      let written = code.split(separator: "\n").map { $0.drop { $0 == " " } }
      let known = Set(written)
      let lines = Generator.layerLines(
        of: graph, definitions: analysis.definitions, target: .pytorch)
      for (index, node) in graph.nodes.enumerated() where !isInComposite(node, graph) {
        guard case .lines(let own)? = lines[.node(index)] else {
          Issue.record("nothing is said of \(node.path)")
          continue
        }
        for line in own {
          #expect(known.contains(line.drop { $0 == " " }), "\(node.path): \(line)")
        }
      }
      for (index, scope) in graph.scopes.enumerated() {
        guard case .definition = scope.kind else { continue }
        #expect(lines[.scope(index)] != nil, "nothing is said of \(scope.path)")
      }
    }
  }

  /// What is inside a layer made of others is written where that layer is.
  private func isInComposite(_ node: GraphNode, _ graph: NetworkGraph) -> Bool {
    var scope: Int? = node.scope
    while let index = scope {
      if case .composite = graph.scopes[index].kind { return true }
      scope = graph.scopes[index].parent
    }
    return false
  }

  private func entries(_ source: String) -> [String: LayerLines.Entry] {
    let analysis = Analysis(
      Document(id: FileID(rawValue: 0), path: "a.neural", text: Array(source.utf8)))
    let graph = analysis.networks[0]
    let lines = Generator.layerLines(
      of: graph, definitions: analysis.definitions, target: .pytorch)
    var found: [String: LayerLines.Entry] = [:]
    for (index, node) in graph.nodes.enumerated() { found[node.path] = lines[.node(index)] }
    for (index, scope) in graph.scopes.enumerated() {
      guard case .definition = scope.kind else { continue }
      found[scope.path] = lines[.scope(index)]
    }
    return found
  }

  /// What the target refuses is said where it stands, and the rest is still written.
  @Test func refusals() throws {
    let found = entries(
      """
      layer Half(a: int = 1) { input: (batch, features) output: (batch, features) }
      define Block(n) { Dense(n) Half() }
      network N {
        input: (8)
        layers: Dense(4) Half() Block(3) Dense(2) * 3 Half() * 2
      }
      """)
    #expect(found["dense_1"] == .lines(["self.dense_1 = nn.Linear(8, 4)", "x = self.dense_1(x)"]))
    for path in ["half_1", "block_1/half_1", "half_2", "half_3"] {
      guard case .refusal(let reason)? = found[path] else {
        Issue.record("\(path): \(String(describing: found[path]))")
        continue
      }
      #expect(reason.hasPrefix("`Half`: the PyTorch target does not know this layer"))
    }
    #expect(found["block_1"] == .lines(["self.block_1 = Block(4, 3)", "x = self.block_1(x)"]))
    let repeated = try #require(found["dense_2"])
    #expect(found["dense_4"] == repeated)
    guard case .lines(let lines) = repeated else {
      Issue.record("\(repeated)")
      return
    }
    #expect(lines.first?.hasPrefix("self.dense_layers = nn.Sequential(") == true, "\(lines)")
  }
}
