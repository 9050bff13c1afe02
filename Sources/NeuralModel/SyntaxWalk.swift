import NeuralSchema
import NeuralSyntax

// Walks over statements that are not expanded: for the names they mention.

extension Block {
  /// Calls `body` with every step and every expression of the block, blocks inside included.
  func visit(step: (Step) -> Void, expression: (Expression) -> Void) {
    for statement in statements { statement.visit(step: step, expression: expression) }
  }
}

extension Statement {
  func visit(step: (Step) -> Void, expression: (Expression) -> Void) {
    switch kind {
    case .binding(_, let value): expression(value)
    case .loop(_, let sequence, let body):
      expression(sequence)
      body.visit(step: step, expression: expression)
    case .conditional(let arms, let otherwise):
      for arm in arms {
        expression(arm.condition)
        arm.body.visit(step: step, expression: expression)
      }
      otherwise?.visit(step: step, expression: expression)
    case .flow(let flow):
      for element in flow.elements {
        switch element {
        case .step(let found): found.visit(step: step, expression: expression)
        case .value(let value): expression(value)
        case .values(let values, _): values.forEach(expression)
        }
      }
    }
  }
}

extension Step {
  func visit(step: (Step) -> Void, expression: (Expression) -> Void) {
    step(self)
    for argument in call.arguments ?? [] { expression(argument.value) }
    if let repetition { expression(repetition) }
    if let device { expression(device) }
    call.block?.visit(step: step, expression: expression)
  }
}

extension Expression {
  /// Calls `body` with every call in the expression, outer ones first.
  func forEachCall(_ body: (Call) -> Void) {
    switch kind {
    case .integer, .float, .string, .boolean, .none, .missing, .name: return
    case .call(let call):
      body(call)
      for argument in call.arguments ?? [] { argument.value.forEachCall(body) }
      call.block?.visit(
        step: { body($0.call) }, expression: { $0.forEachCall(body) })
    case .parenthesized(let inner), .unary(_, let inner): inner.forEachCall(body)
    case .tuple(let elements), .list(let elements): for e in elements { e.forEachCall(body) }
    case .index(let base, let index):
      base.forEachCall(body)
      index.forEachCall(body)
    case .slice(let base, let start, let end):
      base.forEachCall(body)
      start?.forEachCall(body)
      end?.forEachCall(body)
    case .binary(_, let left, let right):
      left.forEachCall(body)
      right.forEachCall(body)
    case .comparison(let first, let links):
      first.forEachCall(body)
      for link in links { link.operand.forEachCall(body) }
    case .conditional(let condition, let then, let otherwise):
      condition.forEachCall(body)
      then.forEachCall(body)
      otherwise.forEachCall(body)
    case .spread(let inner): inner?.forEachCall(body)
    }
  }
}

extension SourceFile {
  /// The definitions, networks and layers that anything in the file names, its own declaration
  /// apart.
  var mentionedNames: Set<String> {
    var names: Set<String> = []
    for declaration in declarations {
      let own = declaration.name?.text ?? ""
      func read(_ expression: Expression) {
        expression.forEachCall { if $0.name.text != own { names.insert($0.name.text) } }
      }
      func read(_ block: Block) {
        block.visit(
          step: { if $0.call.name.text != own { names.insert($0.call.name.text) } },
          expression: read)
      }
      func read(_ parameters: [Parameter]) {
        for parameter in parameters { if let value = parameter.defaultValue { read(value) } }
      }
      switch declaration {
      case .definition(let definition):
        read(definition.parameters)
        read(definition.body)
      case .network(let network):
        read(network.parameters)
        for case .statements(let block) in network.sections.map(\.value) { read(block) }
      case .layer(let layer):
        read(layer.parameters)
        layer.items.visit(block: read, expression: read)
      case .import, .research: continue
      }
    }
    return names
  }
}

extension [LayerItem] {
  /// Calls `expression` with every expression of a layer's rule, `block` with its body.
  func visit(block: (Block) -> Void, expression: (Expression) -> Void) {
    for item in self {
      switch item {
      case .input(let patterns, _): patterns.compactMap(\.defaultValue).forEach(expression)
      case .output(let values, _): values.forEach(expression)
      case .binding(_, let value): expression(value)
      case .require(let condition, _, _, _): expression(condition)
      case .conditional(let arms, let otherwise):
        for arm in arms {
          expression(arm.condition)
          arm.items.visit(block: block, expression: expression)
        }
        otherwise.visit(block: block, expression: expression)
      case .weights(let entries, _), .state(let entries, _):
        for entry in entries {
          expression(entry.shape)
          if let value = entry.initialValue { expression(value) }
          if let condition = entry.condition { expression(condition) }
        }
      case .macs(let value): expression(value)
      case .body(let body): block(body)
      case .entry: continue
      }
    }
  }
}

// Code that does not run still uses the names that it reads.
extension Expander {
  mutating func skip(_ block: Block?) {
    guard let block else { return }
    var read: [String] = []
    var indexed: [String] = []
    var count = 0
    block.visit(
      step: {
        count += 1
        read.append($0.call.name.text)
      },
      expression: { expression in
        count += 1
        expression.forEachName { read.append($0) }
        if case .index(let base, _) = expression.kind, case .name(let name) = base.kind {
          indexed.append(name)
        }
      })
    charge(count)
    for name in read { _ = names.use(name) }
    for name in indexed { names.useAll(indexed: name) }
  }
}
