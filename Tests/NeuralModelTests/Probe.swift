import Foundation
import Testing
import NeuralSyntax
@testable import NeuralModel

@Test func probe() throws {
  guard let path = ProcessInfo.processInfo.environment["PROBE"] else { return }
  for path in path.split(separator: ":") {
  let text = Array(try Data(contentsOf: URL(fileURLWithPath: String(path))))
  let document = Document(id: FileID(rawValue: 0), path: String(path), text: text)
  let clock = ContinuousClock()
  var analysis: Analysis?
  let time = clock.measure { analysis = Analysis(document) }
  guard let analysis else { return }
  print("== \(path) \(time)")
  for d in analysis.diagnostics {
    let p = document.tree.position(at: d.range.lowerBound, in: .utf8), q = document.tree.position(at: d.range.upperBound, in: .utf8)
    print("\(p.line + 1):\(p.column + 1)-\(q.column + 1) \(d.severity) \(d.code.rawValue): \(d.message) fixes=\(d.fixes.map(\.title)) related=\(d.related.map(\.message))")
  }
  for n in analysis.networks {
    let t = n.totals
    if ProcessInfo.processInfo.environment["ROWS"] != nil {
    for node in n.nodes { print("  \(node.path) \(node.outputs.map { n.type(of: $0)?.description ?? "?" }) \(node.parameterCount) \(node.macs)") } }
    print("\(n.name): parameters \(String(describing: t.parameters!)) trainable \(t.trainable) macs \(t.macs) outputs \(n.outputs.map { ($0.name, n.type(of: $0.value)?.description ?? "?") }) complete \(n.isComplete)")
  }
  }
}
