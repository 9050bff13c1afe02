import NeuralSyntax

/// A name that the source gives to something, and the place where it does.
struct VisibleName {
  enum Meaning {
    case input(Input)
    /// A size that an input names.
    case dimension
    /// A value: what flows through the flow up to this element, the n-th of several.
    case target(Flow, element: Int, position: Int?)
    case constant(Expression)
    case loopVariable(of: Expression)
    case parameter(Parameter, of: Name)
  }

  var name: String
  var range: SourceRange
  var meaning: Meaning

  /// Whether it is a tensor wherever it stands.
  var isValue: Bool {
    switch meaning {
    case .input, .target: true
    case .dimension, .constant, .loopVariable, .parameter: false
    }
  }
}

extension SourceFile {
  /// The names that can be used at `offset`, the innermost last: blocks and loops open a scope,
  /// `if` does not, and a definition sees nothing around it.
  func visibleNames(at offset: Int, in tree: SyntaxTree) -> [VisibleName] {
    var search = NameSearch(tree: tree, offset: offset)
    for declaration in declarations {
      guard search.holds(declaration.range) else { continue }
      switch declaration {
      case .network(let network): search.enter(network)
      case .definition(let definition): search.enter(definition)
      case .layer, .import, .research: break
      }
    }
    return search.names
  }
}

extension SourceFile {
  /// What some `let` gives a name to, wherever it stands.
  var constantNames: Set<String> {
    var names: Set<String> = []
    func walk(_ block: Block) {
      for statement in block.statements {
        switch statement.kind {
        case .binding(let name, _): names.insert(name.text)
        case .flow(let flow):
          for case .step(let step) in flow.elements {
            if let block = step.call.block { walk(block) }
          }
        case .loop(_, _, let body): walk(body)
        case .conditional(let arms, let otherwise):
          for arm in arms { walk(arm.body) }
          if let otherwise { walk(otherwise) }
        }
      }
    }
    for declaration in declarations {
      switch declaration {
      case .network(let network):
        for case .statements(let block) in network.sections.map(\.value) { walk(block) }
      case .definition(let definition): walk(definition.body)
      case .layer, .import, .research: break
      }
    }
    return names
  }
}

private struct NameSearch {
  let tree: SyntaxTree
  let offset: Int
  var names: [VisibleName] = []

  /// Its end counts as inside: that is where one types.
  func holds(_ range: SourceRange) -> Bool {
    let range = tree.range(of: range)
    return (range.lowerBound...range.upperBound).contains(offset)
  }

  private func begins(_ range: SourceRange) -> Bool {
    tree.range(of: range).lowerBound <= offset
  }

  mutating func enter(_ definition: DefinitionDeclaration) {
    add(definition.parameters, of: definition.name)
    run(definition.body.statements)
  }

  mutating func enter(_ network: NetworkDeclaration) {
    add(network.parameters, of: network.name)
    for section in network.sections {
      guard case .inputs(let inputs, _) = section.value else { continue }
      for (index, input) in inputs.enumerated() {
        input.shape?.forEachPlacedName { name in
          guard name.text != "batch", !names.contains(where: { $0.name == name.text }) else {
            return
          }
          names.append(VisibleName(name: name.text, range: name.range, meaning: .dimension))
        }
        names.append(
          VisibleName(
            name: input.name?.text ?? (inputs.count == 1 ? "input" : "input_\(index + 1)"),
            range: input.name?.range ?? input.range, meaning: .input(input)))
      }
    }
    for section in network.sections {
      guard case .statements(let block) = section.value else { continue }
      if holds(section.range) {
        run(block.statements)
      } else {
        // Other sections see what is named at the end, wherever they stand.
        var whole = NameSearch(tree: tree, offset: .max)
        whole.run(block.statements)
        names += whole.names
      }
    }
  }

  private mutating func add(_ parameters: [Parameter], of owner: Name) {
    for parameter in parameters {
      names.append(
        VisibleName(
          name: parameter.name.text, range: parameter.name.range,
          meaning: .parameter(parameter, of: owner)))
    }
  }

  /// The statements of the block that the offset is in, up to it.
  private mutating func run(_ statements: [Statement]) {
    let count =
      offset == .max
      ? statements.count : statements.count(beginningBefore: offset + 1, in: tree)
    for (index, statement) in statements[..<count].enumerated() {
      // A flow of a single step without a block, far above, names nothing.
      if index + 2 < count, case .flow(let flow) = statement.kind, flow.elements.count == 1 {
        continue
      }
      let isBefore = tree.range(of: statement.range).upperBound < offset
      switch statement.kind {
      case .flow(let flow): run(flow)
      case .binding(let name, let expression):
        if isBefore || holds(name.range) {
          names.append(
            VisibleName(name: name.text, range: name.range, meaning: .constant(expression)))
        }
      case .loop(let variables, let sequence, let body):
        if isBefore {
          addIndexed(body.statements)
          continue
        }
        for variable in variables {
          names.append(
            VisibleName(
              name: variable.text, range: variable.range, meaning: .loopVariable(of: sequence)))
        }
        run(body.statements)
      case .conditional(let arms, let otherwise):
        for arm in arms where isBefore || holds(arm.body.range) { run(arm.body.statements) }
        if let otherwise, isBefore || holds(otherwise.range) { run(otherwise.statements) }
      }
    }
  }

  private mutating func run(_ flow: Flow) {
    for (index, element) in flow.elements.enumerated() where begins(element.range) {
      add(element, of: flow, index)
      if case .step(let step) = element, let block = step.call.block, holds(block.range) {
        run(block.statements)
      }
    }
  }

  private mutating func add(_ element: FlowElement, of flow: Flow, _ index: Int) {
    guard index > 0 else { return }
    func add(_ expression: Expression, position: Int?) {
      if let name = expression.placedName {
        names.append(
          VisibleName(
            name: name.text, range: name.range,
            meaning: .target(flow, element: index, position: position)))
      }
    }
    switch element {
    case .step(let step):
      guard step.isBare else { return }
      names.append(
        VisibleName(
          name: step.call.name.text, range: step.call.name.range,
          meaning: .target(flow, element: index, position: nil)))
    case .value(let expression): add(expression, position: nil)
    case .values(let expressions, _):
      for (position, expression) in expressions.enumerated() { add(expression, position: position) }
    }
  }

  /// `-> skips[i]` in a loop, which is visible behind it.
  private mutating func addIndexed(_ statements: [Statement]) {
    for statement in statements {
      switch statement.kind {
      case .flow(let flow):
        for (index, element) in flow.elements.enumerated() {
          if case .value = element { add(element, of: flow, index) }
        }
      case .loop(_, _, let body): addIndexed(body.statements)
      case .conditional(let arms, let otherwise):
        for arm in arms { addIndexed(arm.body.statements) }
        addIndexed(otherwise?.statements ?? [])
      case .binding: continue
      }
    }
  }
}

extension Step {
  /// Whether it is only a name, which may stand for a value.
  var isBare: Bool {
    call.arguments == nil && call.block == nil && repetition == nil && device == nil
  }
}

extension Expression {
  /// The name that this is, or that it is an element of.
  var placedName: Name? {
    switch kind {
    case .name(let text): Name(text, range)
    case .index(let base, _): base.placedName
    case .parenthesized(let inner): inner.placedName
    default: nil
    }
  }

  /// The names of a shape, with their places.
  fileprivate func forEachPlacedName(_ body: (Name) -> Void) {
    switch kind {
    case .name(let text): body(Name(text, range))
    case .parenthesized(let inner), .unary(_, let inner): inner.forEachPlacedName(body)
    case .tuple(let entries): for entry in entries { entry.forEachPlacedName(body) }
    case .binary(_, let left, let right):
      left.forEachPlacedName(body)
      right.forEachPlacedName(body)
    default: return
    }
  }
}
