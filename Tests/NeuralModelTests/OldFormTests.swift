import Foundation
import Testing

@testable import NeuralModel

/// The files of Tests/OldForms once more: `markedFiles` sees that each older form is found and can be
/// rewritten by itself; here all of them are.
@Suite struct OldFormTests {
  @Test func rewritingAllOfThemChangesNoMeaning() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "OldForms")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil
    ).filter { $0.pathExtension == "neural" }
    #expect(files.count > 10)
    for file in files {
      let text = try String(contentsOf: file, encoding: .utf8)
      let before = analyse(text)
      var edits: [TextEdit] = []
      for diagnostic in before.diagnostics {
        #expect(!diagnostic.fixes.isEmpty, "\(file.lastPathComponent): \(diagnostic.message)")
        // One fix writes all arguments of a call with `=`; each of them has it.
        edits += (diagnostic.fixes.first?.edits ?? []).filter { !edits.contains($0) }
      }
      var bytes = Array(text.utf8)
      edits.sort { $0.range.lowerBound > $1.range.lowerBound }
      for (later, earlier) in zip(edits, edits.dropFirst()) {
        #expect(earlier.range.upperBound <= later.range.lowerBound, "fixes overlap")
      }
      for edit in edits { bytes.replaceSubrange(edit.range, with: edit.text.utf8) }
      let fixed = String(decoding: bytes, as: UTF8.self)
      let after = analyse(fixed)
      #expect(after.diagnostics.isEmpty, "\(file.lastPathComponent) becomes\n\(fixed)")
      #expect(after.networks.map(meaning) == before.networks.map(meaning))
      #expect(after.networks.allSatisfy { $0.isComplete && !$0.nodes.isEmpty })
    }
  }

  /// All that a network says, without where it says it.
  private func meaning(_ graph: NetworkGraph) -> [String] {
    func types(_ values: [Int]) -> String {
      values.map { "\($0): \(graph.type(of: $0)?.description ?? "?")" }.joined(separator: ", ")
    }
    let nodes = graph.nodes.map { node in
      let bindings = node.bindings.map { "\($0.key)=\($0.value)" }.sorted()
      return "\(node.path) \(node.schema.name) \(types(node.inputs)) -> \(types(node.outputs)) "
        + "\(node.weights) \(node.macs) \(bindings) \(node.isTrainable) \(node.device ?? "")"
    }
    let settings = graph.settings.map { word, arguments in
      "\(word) \(arguments.entries.map { "\($0.name)=\($0.value)" })"
    }.sorted()
    return [
      graph.name, types(graph.inputs.map(\.value)),
      graph.outputs.map { "\($0.name) \($0.value)" }.joined(separator: ", "),
      graph.optimizer.map { "\($0)" } ?? "", "\(graph.dataFormat)",
      graph.losses.map { "\($0.output): \($0.loss)" }.joined(separator: ", "),
      graph.metrics.map(\.description).joined(separator: ", "),
    ] + nodes + settings
  }
}
