import NeuralDimension
import NeuralSchema
import NeuralSyntax

/// What is known of a step beside its call.
struct StepContext {
  /// The name that its result flows to.
  var target: Name?
  var device: String?
  var documentation: String?
  /// The whole step.
  var range: SourceRange
  /// The number of this repetition, where the step is repeated and flows to a name.
  var repetition: Int?
}

// Steps: layers, definitions, containers, repetitions.
extension Expander {
  /// Applies a step to `inputs`; the values it gives, `nil` where nothing flowed.
  mutating func apply(
    _ step: Step, inputs: [Int]?, target: Name?, documentation: String?
  ) -> [Int]? {
    var context = StepContext(
      target: target, device: nil, documentation: documentation, range: step.range)
    if let device = step.device {
      switch value(device) {
      case .string(let name): context.device = name
      case .unknown: break
      case let other:
        report(
          .invalidArgument, "a device is a string such as \"cuda:0\", this is \(other.typeName)",
          device.range)
      }
    }
    guard let repetition = step.repetition else {
      return applyOnce(step.call, inputs: inputs, context)
    }
    let table = alternatives(at: repetition.range, naming: "count") { expander in
      expander.count(repetition, what: "the number of repetitions").map(Value.int) ?? .unknown
    }
    refuseContinuous(table, repetition.range)
    return fork(table) { expander, times in
      guard case .integer(.constant(let times)) = times else { return [expander.unknownValue()] }
      return expander.apply(
        step, times: times, repetition, inputs: inputs, context, documentation: documentation)
    }
  }

  /// Applies a step `times` times, one after the other.
  private mutating func apply(
    _ step: Step, times: Int, _ repetition: Expression, inputs: [Int]?, _ context: StepContext,
    documentation: String?
  ) -> [Int]? {
    var context = context
    if times < 0 {
      report(
        .invalidArgument, "a step cannot be repeated \(times) times", repetition.range)
      return [unknownValue()]
    }
    if times > Budget.nodeLimit {
      report(
        .expansionLimit,
        "this asks for \(times) repetitions; a network may have \(Budget.nodeLimit) layers",
        repetition.range)
      return [unknownValue()]
    }
    if times == 0 {
      for argument in step.call.arguments ?? [] { skip(argument.value) }
      skip(step.call.block)
      _ = names.use(step.call.name.text)
      if case .integer = repetition.kind, compositeLocation == nil {
        add(
          Finding(
            .invalidArgument, "`* 0` leaves this step out", location(repetition.range),
            severity: .warning))
      }
      return inputs
    }
    let place = location(step.range)
    return expanding(repetition.range) { expander in
      expander.inScope(
        .repetition(times, repetition), path: expander.graph.scopes[expander.scope].path,
        location: place, inputs: inputs ?? [], documentation: documentation
      ) { expander in
        var values = inputs
        for index in 1...times {
          expander.charge(1)
          if expander.budget.isExhausted { return [expander.unknownValue()] }
          context.repetition = index
          let inputs = values.map { index == 1 ? $0 : Array($0.prefix(1)) }
          expander.current = inputs
          let first = expander.graph.scopes[expander.scope].items.count
          values = expander.applyOnce(step.call, inputs: inputs, context)
          expander.groupIteration(
            from: first, inputs: inputs ?? [], outputs: values ?? [], place)
        }
        return values ?? []
      }
    }
  }

  /// Makes one item of all that a repetition added.
  private mutating func groupIteration(
    from first: Int, inputs: [Int], outputs: [Int], _ location: Location
  ) {
    guard graph.scopes[scope].items.count > first + 1 else { return }
    let items = graph.scopes[scope].items[first...]
    let index = graph.scopes.count
    graph.scopes.append(
      GraphScope(
        kind: .iteration, path: graph.scopes[scope].path, parent: scope, items: Array(items),
        inputs: inputs, outputs: outputs, location: location))
    for item in items {
      switch item {
      case .node(let node): graph.nodes[node].scope = index
      case .scope(let inner): graph.scopes[inner].parent = index
      }
    }
    graph.scopes[scope].items.replaceSubrange(first..., with: [.scope(index)])
  }

  private mutating func applyOnce(
    _ call: Call, inputs: [Int]?, _ context: StepContext
  ) -> [Int]? {
    let name = call.name.text
    if let block = call.block, name == "branch" || name == "shortcut",
      declarations.definition(named: name, in: file) == nil
    {
      return part(call, block, context)
    }
    if let table = layers(named: name) {
      if let argument = call.arguments?.first {
        report(
          .tooManyArguments, "`\(name)` names a layer whose arguments are given where it is named",
          argument.range)
      }
      return following(call, use(table, inputs: inputs, call: call, context), context)
    }
    if let index = declarations.definition(named: name, in: file) {
      if call.arguments == nil { hintParentheses(call) }
      return following(call, callDefinition(index, call, inputs: inputs, context), context)
    }
    do {
      if name == "HPO" {
        let table = alternatives(Expression(.call(call), call.range), naming: "layer")
        return following(call, use(table, inputs: inputs, call: call, context), context)
      }
      guard let schema = try layerSchema(call.name) else {
        if let error = bareSpace(call) { report(error) } else { reportUnknown(call.name) }
        // Arguments are still checked for names, the block for everything.
        for argument in call.arguments ?? [] { _ = value(argument.value) }
        let unknown = [unknownValue()]
        if let block = call.block {
          current = unknown
          run(block)
        }
        return [unknownValue()]
      }
      if call.arguments == nil, call.block == nil || schema.blockMode == .follows {
        hintParentheses(call)
      }
      switch schema.blockMode {
      case .follows:
        return following(
          call, applyLayer(schema, call, inputs: inputs, context), context)
      case .layer: return applyWrapper(schema, call, inputs: inputs, context)
      case .sequence, .residual, .branches, .gate:
        guard let block = call.block else {
          return applyLayer(schema, call, inputs: inputs, context)
        }
        return applyContainer(schema, call, block, inputs: inputs, context)
      }
    } catch {
      report(error)
      return [unknownValue()]
    }
  }

  private mutating func hintParentheses(_ call: Call) {
    // Where a block was too deep to be read, its brace still stands there.
    guard compositeLocation == nil, call.block == nil, let source,
      !source.hasBrace(after: call.range)
    else { return }
    add(
      Finding(
        .oldForm, "a layer is called: `\(call.name.text)()`", location(call.name.range)
      ).fixing(
        "Write `\(call.name.text)()`", [(Location(file, call.name.range.endPoint), "()")]))
  }

  /// The statements of a layer's block follow it and belong to it.
  private mutating func following(
    _ call: Call, _ values: [Int]?, _ context: StepContext
  ) -> [Int]? {
    guard let block = call.block else { return values }
    current = values
    return inScope(
      .sequence, path: graph.scopes[scope].path, location: location(context.range),
      inputs: values ?? []
    ) { expander in
      expander.run(block)
      return expander.current ?? []
    }
  }

  // MARK: Naming

  /// The path of a step: its `name=`, else where it flows to, else its type with a number.
  mutating func path(
    for schema: LayerSchema, _ universal: [String: BoundArgument], _ context: StepContext
  ) -> (path: String, isOwn: Bool) {
    if let given = universal["name"], case .string(let name) = given.value {
      let component = name.isEmpty ? schema.snakeName : name
      if context.repetition == nil, let range = given.range, compositeLocation == nil {
        if let earlier = givenNames[graph.scopes[scope].path + "/" + component],
          earlier.range != range
        {
          trail.isEntangled = true
          add(
            Finding(
              .duplicateName, "another layer here is called \(Value.quoted(component))",
              location(range)
            ).relating("the other one", earlier))
        }
        let place = graph.scopes[scope].path + "/" + component
        givenNames[place] = Location(file, range)
        trail.givenNames.append(place)
      }
      return (path(component, isNumbered: context.repetition != nil), true)
    }
    if let target = context.target {
      return (path(target.text, isNumbered: context.repetition != nil), true)
    }
    return (path(schema.snakeName, isNumbered: true), false)
  }

  // MARK: Operands

  /// Nothing flows into a step that needs something.
  mutating func missingInput(_ call: Call) -> [Int]? {
    var finding = Finding(
      .noCurrentValue, "nothing flows into `\(call.name.text)` yet", location(call.name.range))
    if let first = graph.inputs.first, graph.inputs.count > 1 {
      finding.message +=
        ": the network has \(graph.inputs.count) inputs; start from one of them, "
        + "`\(first.name) -> \(call.name.text)…`"
      finding = finding.fixing(
        "Start from `\(first.name)`",
        [(Location(file, call.name.range.startPoint), "\(first.name) -> ")])
    }
    add(finding)
    return nil
  }

  /// The values given as operands; what an error left unknown is one too.
  mutating func operandIDs(_ binding: Binding) -> [Int] {
    var ids: [Int] = []
    for operand in binding.operands { ids += valueIDs(operand.value) ?? [unknownValue()] }
    return ids
  }

  // MARK: Containers

  /// `branch { … }` and `shortcut { … }` inside a container's block.
  private mutating func part(_ call: Call, _ block: Block, _ context: StepContext) -> [Int]? {
    let isBranch = call.name.text == "branch"
    guard let container = containers.last,
      isBranch
        ? container.mode == .branches || container.mode == .gate
        : container.mode == .residual
    else {
      report(
        .syntaxError,
        isBranch
          ? "`branch` stands inside a merge such as `Add { … }` or `Concatenate { … }`"
          : "`shortcut` stands inside `Residual { … }`", call.name.range)
      current = [unknownValue()]
      run(block)
      return [unknownValue()]
    }
    if !isBranch, let first = container.shortcutLocation {
      add(
        Finding(
          .duplicateSection, "this residual already has a shortcut", location(call.name.range)
        ).relating("the first one", first))
    }
    let component = isBranch ? "branch_\(container.branches.count + 1)" : "shortcut"
    let prefix = graph.scopes[scope].path
    let before = current
    let outputs = inScope(
      isBranch ? .branch : .shortcut, path: prefix.isEmpty ? component : "\(prefix)/\(component)",
      location: location(context.range), inputs: container.input
    ) { expander in
      let outer = expander.containers
      expander.containers = []
      expander.current = container.input
      expander.run(block)
      expander.containers = outer
      return expander.current ?? []
    }
    if isBranch {
      let result = outputs.first ?? unknownValue()
      let last = containers.count - 1
      containers[last].branches.append(result)
      containers[last].lists = containers[last].lists?.map { $0 + [result] }
    } else {
      containers[containers.count - 1].shortcut = outputs.first
      containers[containers.count - 1].shortcutLocation = location(call.name.range)
    }
    current = before
    return before
  }

  private mutating func applyContainer(
    _ schema: LayerSchema, _ call: Call, _ block: Block, inputs: [Int]?, _ context: StepContext
  ) -> [Int]? {
    guard let inputs = inputs ?? missingInput(call) else {
      current = [unknownValue()]
      run(block)
      return [unknownValue()]
    }
    let made = search.variables.count
    let binding = bind(call, to: schema)
    let place = path(for: schema, binding.universal, context)
    search.place(made..<search.variables.count, at: place.path)
    let outer = (isTrainable, dtype)
    isTrainable = isTrainable && binding.isTrainable
    dtype = binding.dtype ?? dtype
    defer { (isTrainable, dtype) = outer }
    if schema.blockMode == .sequence {
      return inScope(
        .sequence, path: place.path, location: location(context.range), inputs: inputs,
        documentation: context.documentation
      ) { expander in
        expander.current = inputs
        expander.run(block)
        return expander.current ?? []
      }
    }
    var container = Container(mode: schema.blockMode, input: inputs, depth: containers.count)
    let outputs = inScope(
      .container, path: place.path, location: location(context.range), inputs: inputs
    ) { expander in
      expander.containers.append(container)
      expander.current = inputs
      expander.run(block)
      container = expander.containers.removeLast()
      return expander.current ?? []
    }
    let operands: [Int]
    if schema.blockMode == .residual {
      operands = [container.shortcut ?? inputs[0], outputs.first ?? inputs[0]]
    } else {
      operands =
        (schema.blockMode == .gate ? Array(inputs.prefix(1)) : []) + container.branches
        + operandIDs(binding)
      if container.branches.isEmpty {
        report(
          .inputCount,
          "`\(schema.name)` reads its block as branches: write `branch { … }` for "
            + "each operand", call.name.range)
        return [unknownValue()]
      }
    }
    current = inputs
    if binding.isBroken { return [unknownValue()] }
    if schema.blockMode == .branches, let lists = container.lists {
      let others = operandIDs(binding)
      return fork(lists.map { .tuple($0.map(Value.int)) }) { expander, list in
        let ids = list.dimensions?.compactMap(\.constant) ?? []
        return expander.addNode(
          schema, binding, inputs: ids + others, call: call, context, place: place,
          instance: nil)
      }
    }
    return addNode(
      schema, binding, inputs: operands, call: call, context, place: place,
      instance: nil)
  }

  /// A wrapper: its block holds one layer, which is its first argument.
  private mutating func applyWrapper(
    _ schema: LayerSchema, _ call: Call, inputs: [Int]?, _ context: StepContext
  ) -> [Int]? {
    guard let block = call.block else { return applyLayer(schema, call, inputs: inputs, context) }
    guard block.statements.count == 1, case .flow(let flow) = block.statements[0].kind,
      flow.elements.count == 1, case .step(let step) = flow.elements[0], step.repetition == nil
    else {
      report(
        .invalidArgument, "the block of `\(schema.name)` holds exactly one layer",
        call.name.range)
      return [unknownValue()]
    }
    let inner = value(Expression(.call(step.call), step.call.range))
    return applyLayer(
      schema, call, inputs: inputs, context,
      leading: [EvaluatedArgument(name: nil, value: inner, range: step.call.name.range)])
  }

  // MARK: Layers

  private mutating func applyLayer(
    _ schema: LayerSchema, _ call: Call, inputs: [Int]?, _ context: StepContext,
    leading: [EvaluatedArgument] = []
  ) -> [Int]? {
    let made = search.variables.count
    let binding = bind(call, to: schema, leading: leading)
    if schema.isTranslation {
      return applyTranslation(schema, binding, call, inputs: inputs, context)
    }
    let place = path(for: schema, binding.universal, context)
    search.place(made..<search.variables.count, at: place.path)
    guard inputs != nil || !binding.operands.isEmpty || schema.takesNoInput else {
      _ = missingInput(call)
      return [unknownValue()]
    }
    let operands =
      (inputs ?? []) + operandIDs(binding)
    if binding.isBroken { return [unknownValue()] }
    return addNode(
      schema, binding, inputs: operands, call: call, context, place: place, instance: nil)
  }

  /// The layers that a name stands for in each configuration; `nil` where it names none.
  private mutating func layers(named name: String) -> Alternatives<Value>? {
    guard let named = names.useNamed(name) else { return nil }
    let table = named.choices ?? Alternatives(named.value)
    let isLayer = table.distinct.contains { if case .layer = $0 { true } else { false } }
    return isLayer ? table : nil
  }

  /// A use of the layer that each configuration chooses. Uses of one kind of layer are one node
  /// whose arguments differ.
  private mutating func use(
    _ table: Alternatives<Value>, inputs: [Int]?, call: Call, _ context: StepContext
  ) -> [Int]? {
    if case .layer(var layer)? = table[search.configuration], !table.isConstant,
      table.distinct.allSatisfy({ $0.isLayer(like: layer) })
    {
      for index in layer.arguments.entries.indices {
        let values = table.map { value -> Value in
          guard case .layer(let other) = value else { return .unknown }
          return other.arguments.entries[index].value
        }.reduced()
        if !values.isConstant { layer.arguments.entries[index].alternatives = values }
      }
      return use(layer, inputs: inputs, call: call, context)
    }
    return fork(table) { expander, value in
      switch value {
      case .layer(let layer) where layer.schema.keyword == "layer":
        return expander.use(layer, inputs: inputs, call: call, context)
      case .unknown: return [expander.unknownValue()]
      default:
        expander.report(
          .invalidArgument, "a step is a layer, this is \(value.typeName)", call.name.range)
        return [expander.unknownValue()]
      }
    }
  }

  /// A use of a layer value: a `let` instance, whose uses share weights, or a parameter.
  private mutating func use(
    _ layer: LayerValue, inputs: [Int]?, call: Call, _ context: StepContext
  ) -> [Int]? {
    guard let inputs = inputs ?? missingInput(call) else { return [unknownValue()] }
    let binding = Binding(arguments: layer.arguments, universal: layer.universal)
    guard let instance = layer.instance else {
      return addNode(
        layer.schema, binding, inputs: inputs, call: call, context,
        place: path(for: layer.schema, layer.universal, context), instance: nil)
    }
    trail.isTangled = true
    let place: (path: String, isOwn: Bool)
    if let container = instances[instance].container {
      reportSharedInside(instances[instance].name, call.name.range, container)
    }
    if let first = instances[instance].firstNode {
      place = (graph.nodes[first].path, true)
    } else if let first = instances[instance].firstScope {
      place = (graph.scopes[first].path, true)
    } else if layer.universal["name"] != nil {
      place = path(for: layer.schema, layer.universal, context)
    } else {
      place = (path(instances[instance].name, isNumbered: false), true)
    }
    return addNode(
      layer.schema, binding, inputs: inputs, call: call, context, place: place,
      instance: instance)
  }
}

extension Value {
  /// Whether it is a use of the same layer, with arguments of its own.
  fileprivate func isLayer(like layer: LayerValue) -> Bool {
    guard case .layer(let own) = self else { return false }
    return own.schema === layer.schema && own.instance == layer.instance
      && own.universal.keys == layer.universal.keys
  }
}

extension LayerSchema {
  /// Whether the declaration reads no input at all.
  var takesNoInput: Bool { body == nil && inputPatterns == nil }

  /// The first `input` of the declaration, wherever its conditions put it.
  var inputPatterns: [Input]? {
    func first(_ items: [LayerItem]) -> [Input]? {
      for item in items {
        switch item {
        case .input(let patterns, _): return patterns
        case .conditional(let arms, let otherwise):
          for arm in arms { if let patterns = first(arm.items) { return patterns } }
          if let patterns = first(otherwise) { return patterns }
        default: continue
        }
      }
      return nil
    }
    return first(items)
  }
}
