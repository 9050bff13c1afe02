import NeuralSyntax

// Statements, and the items of layer declarations.
extension NameReader {
  mutating func read(_ block: Block) {
    inScope { reader in
      for statement in block.statements { reader.read(statement) }
    }
  }

  mutating func read(_ statement: Statement) {
    switch statement.kind {
    case .flow(let flow):
      for (index, element) in flow.elements.enumerated() { read(element, isFirst: index == 0) }
    case .binding(let name, let value):
      read(value)
      declare(name, isLayer(value) ? .instance : .constant)
    case .loop(let variables, let sequence, let body):
      read(sequence)
      inScope(isLoop: true) { reader in
        for variable in variables { reader.declare(variable, .loopVariable) }
        for statement in body.statements { reader.read(statement) }
      }
    case .conditional(let arms, let otherwise):
      for arm in arms {
        read(arm.condition)
        for statement in arm.body.statements { read(statement) }
      }
      for statement in otherwise?.statements ?? [] { read(statement) }
    }
  }

  private mutating func read(_ element: FlowElement, isFirst: Bool) {
    switch element {
    case .step(let step):
      if step.isBare, !declared.isStepName(step.call.name.text) {
        if !isFirst {
          declare(step.call.name, .target)
        } else if let symbol = find(step.call.name.text) {
          table.add(symbol, at: step.call.name.range)
        }
        return
      }
      read(step.call)
      if let repetition = step.repetition { read(repetition) }
      if let device = step.device { read(device) }
      if let block = step.call.block { read(block) }
    case .value(let value):
      if isFirst { read(value) } else { readTarget(value) }
    case .values(let values, _):
      for value in values {
        if isFirst { read(value) } else { readTarget(value) }
      }
    }
  }

  private mutating func readTarget(_ expression: Expression) {
    switch expression.kind {
    case .name(let name): declare(Name(name, expression.range), .target)
    case .index(let base, let index):
      read(index)
      if case .name(let name) = base.kind {
        declare(Name(name, base.range), .target, isIndexed: true)
      } else {
        readTarget(base)
      }
    case .parenthesized(let inner): readTarget(inner)
    default: read(expression)
    }
  }

  /// The items of a layer's declaration, from top to bottom.
  mutating func read(_ items: [LayerItem]) {
    for item in items {
      switch item {
      case .input(let inputs, _):
        for input in inputs {
          if let name = input.name { declare(name, .input) }
          if let shape = input.shape { readSizes(shape) }
          if let value = input.defaultValue { read(value) }
        }
      case .output(let values, _), .entry(_, let values): for value in values { read(value) }
      case .binding(let name, let value):
        read(value)
        declare(name, .constant)
      case .require(let condition, let message, _, _):
        read(condition)
        if let message { read(message) }
      case .conditional(let arms, let otherwise):
        for arm in arms {
          read(arm.condition)
          read(arm.items)
        }
        read(otherwise)
      case .weights(let entries, _), .state(let entries, _):
        for entry in entries {
          declare(entry.name, .weight)
          read(entry.shape)
          if let value = entry.initialValue { read(value) }
          if let condition = entry.condition { read(condition) }
        }
      case .macs(let value): read(value)
      case .body(let block):
        isRule = false
        read(block)
        isRule = true
      }
    }
  }
}
