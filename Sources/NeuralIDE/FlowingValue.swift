import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// What flows at a place, as far as the graphs know it.
struct FlowingValue {
  var type: TensorType
  var facts: Facts
}

extension Statement {
  /// Whether it is a flow whose value is that of its last step, a layer or a definition.
  fileprivate func endsInLayer(_ snapshot: EditorSnapshot) -> Bool {
    guard case .flow(let flow) = kind, case .step(let step)? = flow.elements.last else {
      return false
    }
    return !step.isBare || snapshot.isStepName(step.call.name.text)
  }
}

extension EditorSnapshot {
  /// The value that a step written at `offset` would read; of several uses, the first.
  func flowing(at offset: Int) -> FlowingValue? {
    for declaration in source.declarations {
      guard touches(declaration.range, offset) else { continue }
      switch declaration {
      case .network(let network):
        guard
          let graph = analysis.networks.first(where: {
            $0.declaration.name.range == network.name.range
          })
        else { return nil }
        var start: FlowingValue?
        if graph.inputs.count == 1, let type = graph.type(of: graph.inputs[0].value) {
          start = FlowingValue(type: type, facts: graph.facts)
        }
        for section in network.sections {
          guard case .statements(let block) = section.value else { continue }
          return flowing(block.statements, offset, start)
        }
        return start
      case .definition(let definition):
        return flowing(definition.body.statements, offset, input(of: definition.name))
      case .layer, .import, .research: return nil
      }
    }
    return nil
  }

  private func touches(_ range: SourceRange, _ offset: Int) -> Bool {
    let range = self.range(range)
    return (range.lowerBound...range.upperBound).contains(offset)
  }

  /// What flows into the first use of a definition.
  private func input(of definition: Name) -> FlowingValue? {
    guard let index = ownDefinition(at: definition.range) else { return nil }
    for graph in analysis.networks {
      for scope in graph.scopes {
        guard case .definition(index, _) = scope.kind, let input = scope.inputs.first,
          let type = graph.type(of: input)
        else { continue }
        return FlowingValue(type: type, facts: graph.facts)
      }
    }
    return nil
  }

  private func value(_ use: StepUse?, _ values: (StepUse) -> [TensorType?]) -> FlowingValue? {
    guard let use, let type = values(use).first ?? nil else { return nil }
    return FlowingValue(type: type, facts: graph(use).facts)
  }

  /// Follows the statements of a block up to the offset.
  private func flowing(
    _ statements: [Statement], _ offset: Int, _ start: FlowingValue?
  ) -> FlowingValue? {
    var current = start
    let count = statements.count(beginningBefore: offset, in: tree)
    // What flows out of a step says all: nothing above it need be followed.
    let first = statements[..<max(0, count - 1)].lastIndex { $0.endsInLayer(self) } ?? 0
    for statement in statements[first..<max(first, count)] {
      switch statement.kind {
      case .binding: continue
      case .flow(let flow): current = flowing(flow, offset, current)
      case .loop(_, _, let body):
        current = flowing(body.statements, offset, current)
      case .conditional(let arms, let otherwise):
        let bodies = arms.map(\.body) + (otherwise.map { [$0] } ?? [])
        if let body = bodies.first(where: { touches($0.range, offset) }) {
          return flowing(body.statements, offset, current)
        }
        current = bodies.first.flatMap { flowing($0.statements, offset, current) } ?? current
      }
    }
    return current
  }

  private func flowing(_ flow: Flow, _ offset: Int, _ start: FlowingValue?) -> FlowingValue? {
    var current = start
    var isSourced = false
    var endsInTarget = false
    for (index, element) in flow.elements.enumerated() {
      let range = range(element.range)
      // A word that ends at the offset is still being typed.
      if range.lowerBound >= offset { return current }
      guard case .step(let step) = element else {
        (isSourced, endsInTarget) = (isSourced || index == 0, index > 0)
        if index == 0 { current = nil }
        continue
      }
      if let block = step.call.block, touches(block.range, offset),
        self.range(block.range).upperBound != offset
      {
        return flowing(
          block.statements, offset, value(uses(of: step).first) { inputs(of: $0) })
      }
      if range.upperBound >= offset { return current }
      if step.isBare, !isStepName(step.call.name.text) {
        (isSourced, endsInTarget) = (isSourced || index == 0, index > 0)
        if index == 0 {
          current = origin(of: step.call.name).flatMap { origin in
            (origin.types.first ?? nil).map { FlowingValue(type: $0, facts: origin.facts) }
          }
        }
        continue
      }
      endsInTarget = false
      current = value(flows(through: step).first) { outputs(of: $0) }
    }
    return isSourced && endsInTarget ? start : current
  }
}
