import NeuralDimension
import NeuralSchema
import NeuralSyntax

// What only the whole graph shows.
extension Expander {
  /// A Dense whose result reaches an output while it still carries the spatial axes of a
  /// convolution or pool: the first such Dense is reported (layers.md), for the configurations in which
  /// the output has those axes. `ends` are the outputs' values as all configurations have them.
  mutating func checkSpatialAxes(ofDefault ends: [Int]) {
    // Only a value of four axes or more can carry them, whose rank that of the layer's first is.
    let mayCarry = graph.outputs.contains { output in
      graph.type(of: output.value)?.shape.count ?? 0 >= 4
        || producer(output.value)?.outputs.count ?? 0 > 1
    }
    if !mayCarry { return }
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
    for (output, end) in zip(graph.outputs, ends) {
      guard let first = dense[output.value], origin[output.value] != nil,
        let type = graph.type(of: output.value)
      else { continue }
      let node = graph.nodes[first]
      guard let before = node.inputs.first.flatMap({ graph.type(of: $0) }) else { continue }
      let variables = search.variables(of: types(of: end))
      guard !variables.isEmpty, let all = search.combinations(variables) else {
        reportSpatialAxes(node, of: before, type)
        continue
      }
      var places: Set<Int> = []
      all.forEachPlace(in: search.configuration) { place, choices in
        if self.type(end, in: choices)?.shape.count ?? 0 >= 4 { places.insert(place) }
      }
      charge(all.entries.count)
      restricted(to: all, places) { $0.reportSpatialAxes(node, of: before, type) }
    }
  }

  /// The same where only other configurations than the default one keep the axes: a choice between
  /// Flatten and something else before the Dense.
  mutating func checkSpatialAxes(_ ends: [Int]) {
    for end in ends {
      guard let default_ = type(end, in: []), default_.shape.count < 4 else { continue }
      let variables = search.variables(of: types(of: end))
      guard !variables.isEmpty, let all = search.combinations(variables) else { continue }
      var found: [(place: Int, node: GraphNode, before: TensorType, output: TensorType)] = []
      all.forEachPlace(in: search.configuration) { place, choices in
        guard all.entries[place] != nil, let output = type(end, in: choices),
          output.shape.count >= 4, let node = firstDense(before: end, in: choices),
          let before = node.inputs.first.flatMap({ type($0, in: choices) })
        else { return }
        found.append((place, node, before, output))
      }
      charge(all.entries.count)
      for (place, node, before, output) in found {
        restricted(to: all, place) { $0.reportSpatialAxes(node, of: before, output) }
      }
    }
  }

  private func type(_ value: Int, in choices: [Int]) -> TensorType? {
    (types(of: value)[choices] ?? nil).map { search.resolved($0, in: choices) }
  }

  /// The first Dense of those that a value comes from, back to a convolution or pool, all of one rank
  /// in this configuration. Of arms that are not the default's the types are known, and that is enough.
  private func firstDense(before end: Int, in choices: [Int]) -> GraphNode? {
    var (value, dense): (Int, GraphNode?) = (end, nil)
    let rank = type(end, in: choices)?.shape.count
    for _ in 0..<1000 {
      guard let node = producer(value) else { return nil }
      let isJoined = search.defaults[value] != nil
      if node.schema.traits.contains("spatial"), !isJoined { return dense }
      guard type(value, in: choices)?.shape.count == rank else { return nil }
      // What the default's arm makes of a value of this rank says where it came from.
      if isJoined { return comesFromImage(value) ? dense : nil }
      if node.schema.traits.contains("last_axis") { dense = node }
      guard let next = node.inputs.first else { return nil }
      value = next
    }
    return nil
  }

  private func comesFromImage(_ value: Int) -> Bool {
    var value = value
    for _ in 0..<1000 {
      guard let node = producer(value) else { return false }
      if node.schema.traits.contains("spatial"), graph.type(of: value)?.shape.count ?? 0 >= 4 {
        return true
      }
      guard let next = node.inputs.first else { return false }
      value = next
    }
    return false
  }

  private mutating func reportSpatialAxes(
    _ node: GraphNode, of before: TensorType, _ output: TensorType
  ) {
    guard let input = node.inputs.first else { return }
    // What brings the value to the rank that the network's end was meant to have.
    let bridges = bridges(from: before).filter { $0.type.shape.count == 2 }.map(\.name)
    let giver = search.defaults[input] == nil ? label(input) : "the layer chosen before it"
    let remedies = bridges.map { "\($0)()" }.joined(separator: " or ")
    var finding = Finding(
      .rankMismatch,
      "`\(node.schema.name)` acts on the last axis only, but \(giver) gives "
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
