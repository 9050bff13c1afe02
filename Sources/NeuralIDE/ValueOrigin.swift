import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// Where a named value comes from, and what it is in each use of that place.
struct ValueOrigin {
  enum Source {
    case step(Step)
    case input(String)
  }

  var source: Source
  var types: [TensorType?]
  /// What is known of the sizes in the first use.
  var facts: Facts

  /// `(batch, 56, 56, 64) | (batch, 28, 28, 128)`
  var text: String {
    ShapeText.alternatives(types.map { $0?.description ?? "?" }, separator: " | ")
  }
}

extension EditorSnapshot {
  /// Names can be given on from flow to flow; a file may even name itself.
  private static let depthLimit = 16

  /// The value of a name, where it is one.
  func origin(of name: VisibleName, depth: Int = 0) -> ValueOrigin? {
    switch name.meaning {
    case .target(let flow, let element, let position):
      return origin(of: flow, before: element, position, depth: depth)
    case .input:
      let place = range(name.range).lowerBound
      for graph in analysis.networks where range(graph.declaration.range).contains(place) {
        guard let input = graph.inputs.first(where: { $0.name == name.name }) else { continue }
        return ValueOrigin(
          source: .input(name.name), types: [graph.type(of: input.value)], facts: graph.facts)
      }
      return nil
    case .dimension, .constant, .loopVariable, .parameter: return nil
    }
  }

  /// The value that a name written here stands for.
  func origin(of name: Name, depth: Int = 0) -> ValueOrigin? {
    visibleNames(at: range(name.range).lowerBound).last { $0.name == name.text }
      .flatMap { origin(of: $0, depth: depth) }
  }

  /// What a flow hands to the element at `element`: the n-th value of the step before it.
  private func origin(
    of flow: Flow, before element: Int, _ position: Int?, depth: Int
  ) -> ValueOrigin? {
    guard depth < Self.depthLimit else { return nil }
    for index in flow.elements.indices.prefix(element).reversed() {
      switch flow.elements[index] {
      case .step(let step):
        let isName = step.isBare && !isStepName(step.call.name.text)
        if isName, index > 0 { continue }
        if isName { return origin(of: step.call.name, depth: depth + 1) }
        let uses = flows(through: step)
        guard let first = uses.first else { return nil }
        return ValueOrigin(
          source: .step(step),
          types: uses.map { use in
            let outputs = outputs(of: use)
            return outputs.indices.contains(position ?? 0) ? outputs[position ?? 0] : nil
          }, facts: graph(first).facts)
      case .value(let expression):
        if index > 0 { continue }
        return expression.placedName.flatMap { origin(of: $0, depth: depth + 1) }
      case .values(let expressions, _):
        if index > 0 { continue }
        guard expressions.indices.contains(position ?? 0) else { return nil }
        return expressions[position ?? 0].placedName.flatMap { origin(of: $0, depth: depth + 1) }
      }
    }
    return nil
  }
}
