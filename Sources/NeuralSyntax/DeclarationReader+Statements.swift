extension DeclarationReader {
  mutating func block() -> Block {
    var statements: [Statement] = []
    let range = children { reader, kind in
      if let statement = reader.statement(kind) { statements.append(statement) }
    }
    return Block(statements: statements, range: range)
  }

  /// The same where no statement stands around it.
  mutating func outerBlock() -> Block {
    var statements: [Statement] = []
    let range = children { reader, kind in
      if let statement = reader.outerStatement(kind) { statements.append(statement) }
    }
    return Block(statements: statements, range: range)
  }

  /// The statement here; nil, past the node, for what is none.
  mutating func statement(_ kind: SyntaxKind) -> Statement? {
    switch kind {
    case .flow:
      let documentation = takeDocumentation()
      var elements: [FlowElement] = []
      var assigned: Name?
      var isJoined = true
      let range = children { reader, kind in
        if kind == .assignment {
          reader.children { reader, kind in
            if kind == .name { assigned = reader.name() } else { reader.skip() }
          }
          return
        }
        let isArrow = kind == .arrow
        // `x = Dense(3)(y)`: the call's values are where the flow starts.
        let isSource = assigned != nil && !isJoined && kind != .step
        let place = isSource ? 0 : elements.count
        elements.insert(contentsOf: reader.elements(kind), at: place)
        isJoined = isArrow
      }
      if let assigned {
        elements.append(
          .step(
            Step(call: Call(name: assigned, range: assigned.range), range: assigned.range)))
      }
      if elements.isEmpty { return nil }
      return Statement(
        kind: .flow(Flow(elements: elements)), documentation: documentation, range: range)
    case .letStatement:
      let documentation = takeDocumentation()
      let (binding, range) = binding()
      guard let binding else { return nil }
      return Statement(
        kind: .binding(binding.0, binding.1), documentation: documentation, range: range)
    case .forStatement: return loop()
    case .ifStatement: return conditional()
    default:
      skip()
      return nil
    }
  }

  mutating func binding() -> ((Name, Expression)?, SourceRange) {
    var name: Name?
    var value: Expression?
    var afterEqual = false
    let range = children { reader, kind in
      switch kind {
      case .name where !afterEqual && name == nil: name = reader.name()
      case .keyword: reader.skip()
      case .equal:
        afterEqual = true
        reader.skip()
      default: value = reader.expression() ?? value
      }
    }
    return (name.map { ($0, value ?? Expression(.missing, range.endPoint)) }, range)
  }

  private mutating func loop() -> Statement {
    let documentation = takeDocumentation()
    var variables: [Name] = []
    var sequence: Expression?
    var body: Block?
    var afterIn = false
    let range = children { reader, kind in
      switch kind {
      case .keyword:
        if reader.text == "in" { afterIn = true }
        reader.skip()
      case .name where !afterIn: variables.append(reader.name())
      case .tuple where !afterIn && variables.isEmpty:
        reader.children { reader, kind in
          if kind == .name { variables.append(reader.name()) } else { reader.skip() }
        }
      case .block: body = reader.block()
      default: sequence = reader.expression() ?? sequence
      }
    }
    return Statement(
      kind: .loop(
        variables: variables, sequence: sequence ?? Expression(.missing, range.endPoint),
        body: body ?? Block(statements: [], range: range.endPoint)),
      documentation: documentation, range: range)
  }

  private mutating func conditional() -> Statement? {
    let documentation = takeDocumentation()
    var arms: [ConditionalArm] = []
    var condition: Expression?
    var otherwise: Block?
    let range = children { reader, kind in
      switch kind {
      case .keyword: reader.skip()
      case .block:
        let body = reader.block()
        if let known = condition {
          arms.append(ConditionalArm(condition: known, body: body))
          condition = nil
        } else {
          // Of two blocks without a condition, the first has lost its own.
          if let first = otherwise {
            let place = first.range.startPoint
            arms.append(
              ConditionalArm(condition: Expression(.missing, place), body: first))
          }
          otherwise = body
        }
      default: condition = reader.expression() ?? condition
      }
    }
    if let condition {
      // Its block is missing.
      arms.append(
        ConditionalArm(condition: condition, body: Block(statements: [], range: range.endPoint)))
    }
    if arms.isEmpty, otherwise == nil { return nil }
    return Statement(
      kind: .conditional(arms, otherwise: otherwise), documentation: documentation, range: range)
  }

  // MARK: Flows

  /// The element here. Layers in a list, which is reported, are a flow all the same.
  private mutating func elements(_ kind: SyntaxKind) -> [FlowElement] {
    guard kind == .list else { return element(kind).map { [$0] } ?? [] }
    guard let expression = expression(), case .list(let entries) = expression.kind else {
      return []
    }
    return entries.compactMap { entry in
      if case .call(let call) = entry.kind { return .step(Step(call: call, range: call.range)) }
      return nil
    }
  }

  private mutating func element(_ kind: SyntaxKind) -> FlowElement? {
    switch kind {
    case .step: return step().map { .step($0) }
    case .arrow, .semicolon, .missing:
      skip()
      return nil
    case .tuple, .parenthesized:
      var values: [Expression] = []
      let range = children { reader, _ in
        if let value = reader.expression() { values.append(value) }
      }
      return .values(values, range)
    default: return expression().map { .value($0) }
    }
  }

  private mutating func step() -> Step? {
    var name: Name?
    var arguments: [Argument]?
    var argumentsRange: SourceRange?
    var block: Block?
    var repetition: Expression?
    var device: Expression?
    let range = children { reader, kind in
      switch kind {
      case .name where name == nil: name = reader.name()
      case .argumentList:
        argumentsRange = reader.range
        arguments = reader.arguments()
      case .block:
        let next = reader.block()
        if block == nil { block = next }
      case .repetition:
        let operand = reader.suffix()
        if repetition == nil { repetition = operand }
      case .device:
        let operand = reader.suffix()
        if device == nil { device = operand }
      default: reader.skip()
      }
    }
    guard let name else { return nil }
    let call = Call(
      name: name, arguments: arguments, argumentsRange: argumentsRange, block: block,
      range: name.range.joined(with: argumentsRange ?? name.range))
    return Step(call: call, repetition: repetition, device: device, range: range)
  }

  private mutating func suffix() -> Expression {
    var operand: Expression?
    let range = children { reader, kind in
      switch kind {
      case .star, .at: reader.skip()
      default: operand = reader.expression() ?? operand
      }
    }
    return operand ?? Expression(.missing, range.endPoint)
  }
}
