import NeuralDimension
import NeuralSchema
import NeuralSyntax

// What only the whole graph shows.
extension Expander {
  /// A Dense whose result reaches an output while it still carries the spatial axes of a
  /// convolution or pool: the first such Dense is reported (layers.md).
  mutating func checkSpatialAxes() {
    var origin: [Int: Int] = [:]
    var dense: [Int: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      guard let output = node.outputs.first, let type = graph.type(of: output) else { continue }
      if node.schema.traits.contains("spatial"), type.shape.count >= 4 {
        origin[output] = index
        continue
      }
      let carried = node.inputs.first { input in
        origin[input] != nil && graph.type(of: input)?.shape.count == type.shape.count
      }
      guard let carried, let source = origin[carried] else { continue }
      for value in node.outputs { origin[value] = source }
      let first =
        dense[carried] ?? node.inputs.lazy.compactMap { dense[$0] }.first
        ?? (node.schema.traits.contains("last_axis") ? index : nil)
      if let first { for value in node.outputs { dense[value] = first } }
    }
    for output in graph.outputs {
      guard let first = dense[output.value], origin[output.value] != nil,
        let type = graph.type(of: output.value)
      else { continue }
      reportSpatialAxes(graph.nodes[first], type)
    }
  }

  private mutating func reportSpatialAxes(_ node: GraphNode, _ output: TensorType) {
    guard let input = node.inputs.first, let before = graph.type(of: input) else { return }
    // What brings the value to the rank that the network's end was meant to have.
    let bridges = bridges(from: input).filter { $0.type.shape.count == 2 }.map(\.name)
    let remedies = bridges.map { "\($0)()" }.joined(separator: " or ")
    var finding = Finding(
      .rankMismatch,
      "`\(node.schema.name)` acts on the last axis only, but \(label(input)) gives "
        + "\(before.description), so the output keeps the spatial axes: \(output.description). "
        + "Insert \(remedies) before it", node.calleeLocation)
    for bridge in bridges {
      let edit = insertion(of: bridge, before: node.calleeRange)
      finding = finding.fixing("Insert `\(bridge)()`", [edit])
    }
    for related in chain([input], only: nil) {
      finding = finding.relating(related.message, related.location)
    }
    add(finding)
  }
}
