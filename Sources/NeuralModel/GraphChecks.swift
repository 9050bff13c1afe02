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
      guard let first = dense[output.value], let source = origin[output.value],
        let type = graph.type(of: output.value)
      else { continue }
      let node = graph.nodes[first]
      let convolution = graph.nodes[source]
      let place = Location(node.location.file, node.calleeRange)
      var finding = Finding(
        .rankMismatch,
        "`\(node.schema.name)` acts on the last axis only, so the output keeps the spatial axes "
          + "of \(label(convolution.outputs[0])): \(type.description). Insert Flatten() or "
          + "GlobalAveragePooling2D() before it", place)
      for bridge in ["Flatten", "GlobalAveragePooling2D"] {
        let start = Location(node.location.file, node.calleeRange.startPoint)
        finding = finding.fixing("Insert `\(bridge)()`", [(start, "\(bridge)() -> ")])
      }
      let before = graph.type(of: node.inputs[0])?.description ?? "?"
      finding = finding.relating(
        "`\(convolution.path)` gives \(before)", convolution.location)
      add(finding)
    }
  }
}
