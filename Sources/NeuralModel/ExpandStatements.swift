import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Statements: flows, constants, loops and conditions.
extension Expander {
  /// Runs the statements of a block in a scope of names of their own.
  mutating func run(_ block: Block, isWall: Bool = false, defining: [NamedValue] = []) {
    if isTooDeep(block.range) { return }
    depth += 1
    names.push(isWall: isWall)
    for name in defining { _ = names.define(name) }
    for statement in block.statements { run(statement) }
    noteUsage(of: names.pop())
    depth -= 1
  }

  mutating func run(_ statement: Statement) {
    charge(1)
    if budget.isExhausted { return }
    switch statement.kind {
    case .flow(let flow): run(flow, documentation: statement.documentation)
    case .binding(let name, let expression): bind(name, to: expression)
    case .loop(let variables, let sequence, let body): loop(variables, sequence, body)
    case .conditional(let arms, let otherwise): branch(arms, otherwise)
    }
  }

  /// Remembers which names were used in any expansion: one that never was is reported at the end.
  mutating func noteUsage(of names: [NamedValue]) {
    guard compositeLocation == nil, names.contains(where: { $0.location != nil }) else { return }
    let usedGroups = Set(names.filter(\.isUsed).compactMap(\.group))
    for name in names {
      guard let location = name.location else { continue }
      // Where not everything was expanded, nothing is known to be unused.
      let isUsed =
        name.isUsed || budget.isExhausted || (name.group.map(usedGroups.contains) ?? false)
      usage[location, default: Usage(name: name.name, isUsed: false)].isUsed =
        usage[location]?.isUsed ?? false || isUsed
    }
  }

  mutating func define(
    _ name: Name, _ value: Value, group: Int? = nil, choices: Alternatives<Value>? = nil
  ) {
    if name.text.isEmpty { return }
    let named = NamedValue(
      name: name.text, value: value, location: Location(file, name.range),
      isUsed: name.text.hasPrefix("_"), choices: choices?.isConstant ?? true ? nil : choices,
      group: group)
    if let earlier = names.define(named) { reportDuplicate(named, earlier) }
  }

  private mutating func reportDuplicate(_ name: NamedValue, _ earlier: NamedValue) {
    guard let place = name.location else { return }
    var finding = Finding(
      .duplicateName, "`\(name.name)` already names a value in this block",
      location(place.range))
    if let first = earlier.location, first.file == file, first != place {
      finding = finding.relating("named here", first)
    }
    add(finding)
  }

  private mutating func bind(_ name: Name, to expression: Expression) {
    var table = alternatives(expression, naming: name.text)
    let layers = table.distinct.contains {
      if case .layer(let layer) = $0 { layer.schema.keyword == "layer" } else { false }
    }
    if layers, case .call = expression.kind {
      let instance = instances.count
      instances.append(Instance(name: name.text))
      table = table.map { value in
        guard case .layer(var layer) = value else { return value }
        layer.instance = instance
        return .layer(layer)
      }
    }
    graph.scopes[scope].lets[name.text] = expression
    if scope == 0 { trail.constants.append(name.text) }
    define(name, table[search.configuration] ?? .unknown, choices: table)
  }

  // MARK: Loops and conditions

  private mutating func loop(_ variables: [Name], _ sequence: Expression, _ body: Block) {
    let table = alternatives(sequence, naming: "loop")
    current = fork(table) { expander, value in
      expander.loop(variables, sequence, over: value, body)
      return expander.current
    }
  }

  private mutating func loop(
    _ variables: [Name], _ sequence: Expression, over value: Value, _ body: Block
  ) {
    guard let elements = value.elements else {
      if !value.isUnknown {
        report(
          .invalidArgument,
          "a loop runs over a tuple, a list or a range, this is \(value.typeName)",
          sequence.range)
      }
      skip(body)
      current = [unknownValue()]
      return
    }
    if elements.isEmpty { skip(body) }
    // `for i in range(4)` counts; whether it reads the number is its own affair.
    let counts = sequence.call?.name.text == "range"
    expanding(sequence.range) { expander in
      for element in elements {
        expander.charge(1)
        if expander.budget.isExhausted { return }
        var parts = [element]
        if variables.count > 1 {
          guard let entries = element.elements, entries.count == variables.count else {
            expander.report(
              .invalidArgument,
              "each entry must have \(variables.count) parts, this one is \(element)",
              sequence.range)
            expander.skip(body)
            expander.current = [expander.unknownValue()]
            return
          }
          parts = entries
        }
        expander.iterate(variables, parts, body, isCounting: counts)
      }
    }
  }

  private mutating func iterate(
    _ variables: [Name], _ parts: [Value], _ body: Block, isCounting: Bool
  ) {
    if isTooDeep(body.range) { return }
    depth += 1
    names.push(isLoop: true)
    for (name, part) in zip(variables, parts) {
      define(name, part)
      if isCounting { _ = names.use(name.text) }
    }
    for statement in body.statements { run(statement) }
    noteUsage(of: names.pop())
    depth -= 1
  }

  private mutating func branch(_ arms: [ConditionalArm], _ otherwise: Block?) {
    guard let first = arms.first else {
      // A block whose `if` or layer is missing, which is reported: it is read where it stands.
      guard let otherwise, !isTooDeep(otherwise.range) else { return }
      depth += 1
      for statement in otherwise.statements { run(statement) }
      depth -= 1
      return
    }
    let table = alternatives(at: first.condition.range, naming: "condition") { $0.chosen(arms) }
    refuseContinuous(table, first.condition.range)
    // What no configuration takes still uses the names that it reads.
    let taken = table.distinct
    if !taken.contains(.unknown) {
      for (index, arm) in arms.enumerated() where !taken.contains(.int(index)) { skip(arm.body) }
      if !taken.contains(.int(arms.count)) { skip(otherwise) }
    }
    let values = current
    current =
      fork(table) { expander, value in
        guard case .integer(.constant(let index)) = value else {
          // Undecided: no arm is taken, and what any of them would give is unknown.
          for arm in arms { expander.skip(arm.body) }
          expander.skip(otherwise)
          return [expander.unknownValue()]
        }
        expander.take(index < arms.count ? arms[index].body : otherwise, index, of: arms)
        return expander.current
      } ?? values
  }

  /// The number of the arm that the conditions choose, that of the arms for `else`.
  private mutating func chosen(_ arms: [ConditionalArm]) -> Value {
    for (index, arm) in arms.enumerated() {
      do {
        switch try decide(arm.condition) {
        case true?:
          for later in arms[(index + 1)...] { skip(later.condition) }
          return .int(index)
        case false?: continue
        case nil: return .unknown
        }
      } catch {
        report(error)
        return .unknown
      }
    }
    return .int(arms.count)
  }

  /// Runs the arm that was chosen. It is a scope of the graph, so that generated code can decide
  /// as the source does, but not one of names or paths.
  private mutating func take(_ body: Block?, _ index: Int, of arms: [ConditionalArm]) {
    let values = current
    current = inScope(
      .arm(arms.map(\.condition), chosen: index), path: graph.scopes[scope].path,
      location: location(arms[0].condition.range), inputs: values ?? []
    ) { expander in
      if let body, !expander.isTooDeep(body.range) {
        expander.depth += 1
        for statement in body.statements { expander.run(statement) }
        expander.depth -= 1
      }
      return expander.current ?? []
    }
    if current?.isEmpty ?? true { current = values }
  }

  // MARK: Flows

  /// Whether a name that stands alone is a layer or definition rather than a value.
  func isStepName(_ name: String) -> Bool {
    guard let first = name.utf8.first, (65...90).contains(first) else { return false }
    switch declarations.declared(name, in: file) {
    case .definition, .missing: return true
    case .layer, .research, nil: break
    }
    return catalogue.layer(named: name, in: file).map { $0.spelling != .otherCase } ?? false
  }

  private func isBare(_ step: Step) -> Bool {
    step.call.arguments == nil && step.call.block == nil && step.repetition == nil
      && step.device == nil
  }

  /// The single name that an element gives, where it is a target.
  private func targetName(_ element: FlowElement) -> Name? {
    guard case .step(let step) = element, isBare(step), !isStepName(step.call.name.text) else {
      return nil
    }
    return step.call.name
  }

  mutating func run(_ flow: Flow, documentation: String?) {
    let before = current
    var isSourced = false
    var endsInTarget = false
    var results = current
    for (index, element) in flow.elements.enumerated() {
      if index == 0, let source = source(element) {
        results = source
        current = source
        isSourced = true
        continue
      }
      endsInTarget = false
      switch element {
      case .step(let step):
        if index > 0, let name = targetName(element) {
          assign(name, results)
          endsInTarget = true
          continue
        }
        // What a step with several results hands on is the first; an explicit tuple goes whole.
        let inputs = isSourced && index == 1 ? results : results.map { Array($0.prefix(1)) }
        if index > 0, isTargetBeforeTuple(step) {
          results = [unknownValue()]
          current = results
          continue
        }
        current = inputs
        let next = index + 1 < flow.elements.count ? targetName(flow.elements[index + 1]) : nil
        results = apply(
          step, inputs: index == 0 ? current : inputs, target: next,
          documentation: index == 0 || (isSourced && index == 1) ? documentation : nil)
        current = results.map { Array($0.prefix(1)) }
      case .values(let expressions, let range):
        assign(expressions, results, range)
        endsInTarget = true
      case .value(let expression):
        assign(indexed: expression, results)
        endsInTarget = true
      }
    }
    if isSourced, endsInTarget {
      current = before
    } else if !(isSourced && flow.elements.count == 1) {
      current = results.map { Array($0.prefix(1)) }
    }
  }

  /// `Dense(8) -> x (x, y) -> Add()` on one line reads `x` as a layer with arguments: says where the
  /// line has to break.
  private mutating func isTargetBeforeTuple(_ step: Step) -> Bool {
    let name = step.call.name
    guard let arguments = step.call.arguments, !arguments.isEmpty, step.call.block == nil,
      arguments.allSatisfy({ if case .name = $0.value.kind { $0.name == nil } else { false } }),
      name.text.first?.isLowercase ?? false, names.find(name.text) == nil,
      declarations.definition(named: name.text, in: file) == nil,
      catalogue.layer(named: name.text, in: file) == nil, let range = step.call.argumentsRange,
      compositeLocation == nil
    else { return false }
    add(
      Finding(
        .unknownLayer,
        "`\(name.text)` is read as a layer with arguments, for a `(` follows it on its line; end the "
          + "statement before it", location(name.range)
      ).fixing("End the statement", [(Location(file, range.startPoint), "; ")]))
    for argument in arguments { skip(argument.value) }
    define(name, .unknown)
    _ = names.use(name.text)
    return true
  }

  /// The values at the front of a flow; `nil` where a step stands there.
  private mutating func source(_ element: FlowElement) -> [Int]? {
    let expression: Expression
    switch element {
    case .step(let step):
      guard isBare(step), !isStepName(step.call.name.text) else { return nil }
      expression = Expression(.name(step.call.name.text), step.call.name.range)
    case .value(let value): expression = value
    case .values(let values, let range):
      if values.isEmpty {
        report(.invalidArgument, "a flow starts from a value, and none stands here", range)
        return [unknownValue()]
      }
      var ids: [Int] = []
      for value in values { ids += source(value) }
      return ids
    }
    return source(expression)
  }

  private mutating func source(_ expression: Expression) -> [Int] {
    let table = alternatives(expression)
    let value = table[search.configuration] ?? .unknown
    if let ids = tensorValue(table), !ids.isEmpty { return ids }
    if case .layer(let layer) = value {
      report(
        .invalidArgument, "`\(layer.schema.name)` is a layer, not a value; call it with `()`",
        expression.range)
    } else if !value.isUnknown {
      report(
        .invalidArgument, "a flow starts from a tensor, this is \(value.typeName)",
        expression.range)
    }
    return [unknownValue()]
  }

  // MARK: Targets

  private mutating func assign(_ name: Name, _ results: [Int]?, group: Int? = nil) {
    guard let results, let first = results.first else {
      report(.noCurrentValue, "no value flows here yet", name.range)
      define(name, .unknown)
      return
    }
    if compositeLocation == nil { call(first, name.text) }
    define(name, tensor(first), group: group)
  }

  /// Gives a value its name here, where it has none.
  private mutating func call(_ value: Int, _ name: String) {
    let owner = graph.owner(of: scope)
    if graph.maker(of: value) == owner {
      if graph.values[value].name != nil { return }
      graph.values[value].name = name
    } else {
      if graph.values[value].otherNames.contains(where: { $0.owner == owner }) { return }
      graph.values[value].otherNames.append((owner, name))
    }
    if value < trail.firstValue { trail.isTangled = true }
  }

  private mutating func assign(
    _ expressions: [Expression], _ results: [Int]?, _ range: SourceRange
  ) {
    targetGroup += 1
    let isKnown = results?.allSatisfy { graph.type(of: $0) != nil } ?? false
    if let results, isKnown, results.count != expressions.count {
      report(
        .inputCount,
        "\(expressions.count) names stand here for "
          + (results.count == 1 ? "1 value" : "\(results.count) values")
          + (producer(results[0]).map { ", which `\($0.schema.name)` gives" } ?? ""), range)
    }
    for (index, expression) in expressions.enumerated() {
      guard case .name(let name) = expression.kind else {
        report(.syntaxError, "a name is expected here", expression.range)
        continue
      }
      let place = Name(name, expression.range)
      if let results, results.indices.contains(index), isKnown {
        assign(place, [results[index]], group: targetGroup)
      } else {
        define(place, tensor(unknownValue()), group: targetGroup)
      }
    }
  }

  /// `-> skips[i]`.
  private mutating func assign(indexed expression: Expression, _ results: [Int]?) {
    guard let name = constantName(expression) else {
      report(.syntaxError, "a target is a name or `name[index]`", expression.range)
      return
    }
    guard let first = results?.first else {
      report(.noCurrentValue, "no value flows here yet", expression.range)
      return
    }
    let named = NamedValue(
      name: name, value: tensor(first), location: Location(file, expression.range))
    if let earlier = names.defineIndexed(named) { reportDuplicate(named, earlier) }
  }

  /// `skips[2]` for `skips[i]`, where the index is a constant.
  mutating func constantName(_ expression: Expression) -> String? {
    guard case .index(let base, let index) = expression.kind, case .name(let name) = base.kind,
      let number = count(index, what: "an index")
    else { return nil }
    return "\(name)[\(number)]"
  }
}
