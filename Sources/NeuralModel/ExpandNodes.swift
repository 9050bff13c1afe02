import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Nodes: shape rules applied, composite layers opened, failures explained.
extension Expander {
  /// Adds one use of a layer to the graph and infers its outputs.
  mutating func addNode(
    _ schema: LayerSchema, _ binding: Binding, inputs: [Int], call: Call,
    _ context: StepContext, place: (path: String, isOwn: Bool), instance: Int?
  ) -> [Int] {
    var arguments = binding.arguments
    let tied = resolveInstances(&arguments, of: schema, call)
    if graph.dataFormat == .channelsFirst {
      adapt(&arguments, of: schema, rank: inputs.first.flatMap { type(of: $0)?.shape.count })
    }
    settleInputs(inputs, readBy: schema)
    if schema.isMerge, compositeLocation == nil {
      reportSelfMerge(schema, inputs, call)
    }
    if let body = schema.body {
      return applyComposite(
        schema, arguments, body, inputs: inputs, call: call, context, path: place.path,
        binding, instance: instance)
    }
    let index = graph.nodes.count
    var node = GraphNode(
      path: place.path, schema: schema, arguments: arguments, inputs: inputs, outputs: [],
      inference: nil, sharedWith: nil, instance: instance, options: binding.options,
      isTrainable: isTrainable && binding.isTrainable,
      device: context.device,
      location: compositeLocation?.step ?? Location(file, context.range),
      calleeRange: compositeLocation?.callee.range ?? call.name.range,
      argumentsEnd: compositeLocation == nil ? call.argumentsEnd : nil, hasOwnName: place.isOwn,
      documentation: context.documentation, scope: scope)
    node.tiedTo = tied
    node.dtype = binding.dtype ?? dtype
    node.endsInDistribution = endsInDistribution(node)
    let types = inputs.map { type(of: $0) }
    let known = types.compactMap { $0 }
    charge(Budget.node)
    let isSearched = !variables(arguments, inputs).isEmpty
    if known.count == types.count, !arguments.entries.contains(where: { $0.value.isUnknown }) {
      do {
        let inference = try rule(schema, arguments, inputs, known)
        let result = inference.result
        node.inference = inference
        if !isSearched {
          node.outputs = result.outputs.enumerated().map { offset, type in
            var type = type
            if let dtype = node.dtype, type.dtype.isFloatingPoint { type.dtype = dtype }
            return makeValue(type, .node(index, output: offset))
          }
        }
        if !isSearched {
          for fact in result.facts { imply(fact) }
          for note in result.notes where isSaid(note) { report(note, node, binding) }
          for claim in result.unmet {
            let finding = finding(
              for: claim.failure, schema, arguments, inputs: inputs, call: call)
            putOff(claim, finding)
          }
        }
      } catch {
        if !isSearched { report(error, schema, arguments, inputs: inputs, call: call) }
      }
    }
    var choices: Alternatives<RuleOutcome>?
    if isSearched {
      let table = outcomes(schema, arguments, inputs: inputs, call: call)
      choices = table
      node.outputs = makeOutputs(table, of: index)
      node.costs = costs(table, isTrainable: node.isTrainable)
      reportNotes(table, node, binding, call: call)
      for case .result(let other)? in table.entries {
        for fact in other.facts where !impliedFacts.contains(fact) { imply(fact) }
      }
    }
    if node.outputs.isEmpty { node.outputs = [makeValue(nil, .node(index, output: 0))] }
    if let instance {
      if let first = instances[instance].firstNode {
        checkShared(&node, with: first, call: call)
      } else {
        instances[instance].firstNode = index
      }
    }
    noteCosts(of: index, node, choices)
    graph.nodes.append(node)
    graph.scopes[scope].items.append(.node(index))
    if schema.isOutput { outputNodes[outputNodes.count - 1].append(index) }
    return node.outputs
  }

  /// Gives layers that a `let` names the weights that their first use made, and returns the node
  /// whose kernel is used. A layer inside another has weights of its own there: it cannot be shared.
  private mutating func resolveInstances(
    _ arguments: inout BoundArguments, of schema: LayerSchema, _ call: Call
  ) -> Int? {
    var tied: Int?
    for index in arguments.entries.indices {
      guard case .layer(var layer) = arguments.entries[index].value, let instance = layer.instance
      else { continue }
      trail.isTangled = true
      let owner = instances[instance].firstNode
      if schema.parameter(named: arguments.entries[index].name)?.type?.takesInstance ?? false {
        layer.weights = owner.map { graph.nodes[$0].weights }
        arguments.entries[index].value = .layer(layer)
        tied = owner
      } else if let first = instances[instance].container
        ?? owner.map({ graph.nodes[$0].calleeLocation })
      {
        reportSharedInside(
          instances[instance].name, arguments.entries[index].range ?? call.name.range, first)
      } else {
        instances[instance].container = location(call.name.range)
      }
    }
    return tied
  }

  mutating func reportSharedInside(_ name: String, _ range: SourceRange, _ other: Location) {
    add(
      Finding(
        .invalidArgument,
        "`\(name)` is one layer, and inside another it has weights of its own that nothing else can "
          + "share; give the outer layer a name with `let` and use that twice", location(range)
      ).relating("the other use", other))
  }

  /// A further use of an instance has the first use's weights; their shapes must agree.
  private mutating func checkShared(_ node: inout GraphNode, with first: Int, call: Call) {
    let owner = graph.nodes[first]
    if node.weights != owner.weights, !node.weights.isEmpty, !owner.weights.isEmpty {
      let (here, there) =
        zip(node.weights, owner.weights).first { $0 != $1 } ?? (
          node.weights[0], owner.weights[0]
        )
      add(
        Finding(
          .shapeMismatch,
          "this shared layer was built with `\(there.name)` of "
            + "\(TensorType.text(there.shape)); here it would need "
            + TensorType.text(here.shape), location(call.name.range)
        ).relating("the first use", owner.calleeLocation))
    }
    node.sharedWith = first
  }

  /// What the network's `data_format` changes: layouts, and axes that mean the channels.
  func adapt(_ arguments: inout BoundArguments, of schema: LayerSchema, rank: Int?) {
    guard graph.dataFormat == .channelsFirst else { return }
    for (index, entry) in arguments.entries.enumerated() where !entry.isGiven {
      if entry.name == "data_format" {
        arguments.entries[index].value = .string(graph.dataFormat.rawValue)
      } else if entry.name == "axis", let rank,
        schema.traits.contains("channel_axis") && rank >= 3
          || schema.traits.contains("image_axis") && rank >= 4
      {
        arguments.entries[index].value = .int(1)
      }
    }
  }

  /// An input whose dtype is left open becomes what its first reader needs.
  private mutating func settleInputs(_ inputs: [Int], readBy schema: LayerSchema) {
    guard !openInputs.isEmpty else { return }
    let needed = schema.inputPatterns?.first?.dtype.flatMap { DType(rawValue: $0.text) }
    for input in inputs where openInputs.remove(input) != nil {
      if let needed { graph.values[input].type?.dtype = needed }
    }
  }

  private mutating func reportSelfMerge(_ schema: LayerSchema, _ inputs: [Int], _ call: Call) {
    guard Set(inputs).count < inputs.count, inputs.allSatisfy({ graph.type(of: $0) != nil }) else {
      return
    }
    var seen: Set<Int> = []
    let value = inputs.first { !seen.insert($0).inserted }
    report(
      .selfMerge,
      "`\(schema.name)` reads \(value.map { label($0) } ?? "a value") twice; name the value "
        + "that is meant as the other operand", call.name.range)
  }

  /// How messages name a value: by its own name, its layer, or as the input.
  func label(_ value: Int) -> String {
    guard graph.values.indices.contains(value) else { return "the input" }
    let described = graph.values[value]
    switch described.producer {
    case .node(let index, _) where graph.nodes.indices.contains(index):
      let node = graph.nodes[index]
      let place =
        node.location.file == graph.file
        ? sources[graph.file].map { " on line \($0.line(of: node.calleeRange))" } ?? "" : ""
      let name = graph.name(of: value, from: graph.owner(of: scope))
      return "`\(name ?? node.path)`\(place)"
    default:
      return described.name.map { "the input `\($0)`" } ?? "the input"
    }
  }

  // MARK: Composite layers

  /// Opens a layer that is made of others; its parts have paths below its own.
  private mutating func applyComposite(
    _ schema: LayerSchema, _ arguments: BoundArguments, _ body: Block, inputs: [Int], call: Call,
    _ context: StepContext, path: String, _ binding: Binding, instance: Int?
  ) -> [Int] {
    if activeComposites.contains(where: { $0 === schema }) {
      report(
        .recursiveDefinition, "`\(schema.name)` would contain itself", call.name.range)
      return [unknownValue()]
    }
    let names: [NamedValue]
    // The configurations in which it can be opened, where those are not all.
    var opened: Alternatives<Bool>?
    if variables(arguments, inputs).isEmpty {
      let types = inputs.map { type(of: $0) }
      let known = types.compactMap { $0 }
      guard known.count == types.count, !arguments.entries.contains(where: { $0.value.isUnknown })
      else { return [unknownValue()] }
      do {
        let result = try rule(schema, arguments, inputs, known).result
        names = result.bindings.map {
          NamedValue(name: $0.key, value: $0.value)
        }
      } catch {
        report(error, schema, arguments, inputs: inputs, call: call)
        return [unknownValue()]
      }
    } else {
      let table = outcomes(schema, arguments, inputs: inputs, call: call, isWhole: true)
      let results = table.entries.map { $0?.result == nil ? nil : true }
      if results.allSatisfy({ $0 == nil }) { return [unknownValue()] }
      names = bindings(of: table)
      if results.contains(nil) {
        let known = Alternatives(table.variables, counts: table.counts, entries: results)
        noteFailures(known)
        opened = known
      }
    }
    if isTooDeep(call.name.range) { return [unknownValue()] }
    openedLayers.insert(ObjectIdentifier(schema))
    let outer = (file, input, containers, compositeLocation, isTrainable, dtype)
    let use = location(call.name.range)
    let index = graph.scopes.count
    // A further use of an instance has the paths of the first.
    if let instance, instances[instance].firstScope != nil {
      forgetPathNames(below: path)
    }
    // The catalogue's text is no place for findings; a user's declaration is.
    let isOpaque = schema.file.catalogueFile != nil
    let outputs = inScope(
      .composite(schema, arguments), path: path,
      location: compositeLocation?.step ?? Location(file, context.range), inputs: inputs,
      documentation: context.documentation
    ) { expander in
      if isOpaque {
        expander.compositeLocation =
          outer.3 ?? (Location(outer.0, context.range), Location(outer.0, call.name.range))
      } else {
        expander.activeCalls.append(ActiveCall(schema: schema, call: use))
      }
      expander.file = schema.file
      expander.input = inputs
      expander.current = inputs
      expander.containers = []
      expander.isTrainable = outer.4 && binding.isTrainable
      expander.dtype = binding.dtype ?? outer.5
      expander.activeComposites.append(schema)
      if let opened { expander.search.restrictions.append(opened) }
      expander.run(
        body, isWall: true,
        defining: expander.namedInputs(of: schema, inputs) + names)
      if let opened {
        expander.search.restrictions.removeLast()
        expander.current = expander.current?.map { expander.limited($0, to: opened) }
      }
      expander.activeComposites.removeLast()
      if !isOpaque { expander.activeCalls.removeLast() }
      return expander.current ?? []
    }
    (file, input, containers, compositeLocation, isTrainable, dtype) = outer
    if let instance {
      if let first = instances[instance].firstScope {
        share(scope: index, with: first, call: call)
      } else {
        instances[instance].firstScope = index
      }
    }
    return outputs
  }

  /// The inputs that the declaration names, as the values that its body reads.
  private func namedInputs(of schema: LayerSchema, _ inputs: [Int]) -> [NamedValue] {
    var named: [NamedValue] = []
    for (index, pattern) in (schema.inputPatterns ?? []).enumerated() {
      guard let name = pattern.name?.text else { continue }
      if inputs.indices.contains(index) {
        named.append(NamedValue(name: name, value: tensor(inputs[index])))
      } else if case .name(let other)? = pattern.defaultValue?.kind,
        let same = named.first(where: { $0.name == other })
      {
        named.append(NamedValue(name: name, value: same.value))
      }
    }
    return named
  }

  /// A further use of a composite instance: each of its layers has the weights of the first use's.
  private mutating func share(scope: Int, with first: Int, call: Call) {
    graph.scopes[scope].sharedWith = first
    for case (.node(let node), .node(let owner)) in zip(items(of: scope), items(of: first)) {
      var copy = graph.nodes[node]
      checkShared(&copy, with: graph.nodes[owner].sharedWith ?? owner, call: call)
      graph.nodes[node] = copy
    }
  }

  /// The nodes below a scope, those of scopes inside included, in order.
  private func items(of scope: Int) -> [GraphScope.Item] {
    graph.scopes[scope].items.flatMap { item -> [GraphScope.Item] in
      if case .scope(let inner) = item { items(of: inner) } else { [item] }
    }
  }

  /// The parts of a composite layer broadcast as its declaration means them to.
  func isSaid(_ note: RuleNote) -> Bool {
    compositeLocation == nil || note.code != .implicitBroadcast
  }

  mutating func report(_ note: RuleNote, _ node: GraphNode, _ binding: Binding) {
    let range =
      note.parameter.flatMap { binding.arguments.entry($0)?.range } ?? node.calleeRange
    var finding = Finding(note.code, note.message, location(range))
    if !note.bounds.isEmpty { return putOff(note.bounds, finding, node) }
    if note.code == .implicitBroadcast {
      for related in chain(node.inputs, only: nil) {
        finding = finding.relating(related.message, related.location)
      }
    }
    add(finding)
  }

  // MARK: Rules

  /// What the declaration says of this use; the same question is not worked out again.
  mutating func rule(
    _ schema: LayerSchema, _ arguments: BoundArguments, _ inputs: [Int], _ types: [TensorType]
  ) throws(RuleFailure) -> Inference {
    let question = RuleQuestion(schema, arguments, types, facts: factsVersion)
    let isUniversal = question.isUniversal && graph.facts.constraints.isEmpty
    if let known = isUniversal ? RuleMemory.answer(question) : rules[question] { return known }
    inferred += 1
    // Symbolic sizes cost a search, and are likely to need the names of the inputs at once.
    let isSymbolic = types.contains { $0.shape.dropFirst().contains { $0.constant == nil } }
    if isSymbolic { charge(100 + 20 * graph.facts.constraints.count) }
    let labels = isSymbolic ? inputs.map { label($0) } : []
    do {
      var result = try ShapeRule.evaluate(
        schema, arguments, inputs: types, labels: labels, facts: graph.facts, catalogue: catalogue)
      charge(result.steps / 8)
      if !result.notes.isEmpty || !result.unmet.isEmpty, !isSymbolic {
        // Only what is said of this use needs the names of its inputs.
        result = try ShapeRule.evaluate(
          schema, arguments, inputs: types, labels: inputs.map { label($0) }, facts: graph.facts,
          catalogue: catalogue)
      }
      let inference = Inference(result, backward(of: schema, arguments, result))
      if result.notes.isEmpty, result.unmet.isEmpty, result.facts.isEmpty {
        if isUniversal {
          RuleMemory.keep(inference, for: question)
        } else {
          rules[question] = inference
        }
      }
      return inference
    } catch {
      charge(100)
      if isSymbolic { throw error }
      _ = try ShapeRule.evaluate(
        schema, arguments, inputs: types, labels: inputs.map { label($0) }, facts: graph.facts,
        catalogue: catalogue)
      throw error
    }
  }
}

extension Expander {
  /// Adds a lower bound that a window implies. Those that it implies itself are dropped: a chain of
  /// windows would gather one for each, and every question asks them all.
  mutating func imply(_ fact: Facts.Constraint) {
    var alone = Facts()
    alone.add(fact)
    impliedFacts.removeAll {
      alone.verdict($0.left, $0.relation, $0.right) == .proved
    }
    impliedFacts.append(fact)
    graph.facts = statedFacts
    for fact in impliedFacts { graph.facts.add(fact) }
    latestFactsVersion += 1
    factsVersion = latestFactsVersion
    note(facts: factsVersion)
  }
}

extension GraphNode {
  /// The name of the layer where it is used: what findings about others point to.
  var calleeLocation: Location { Location(location.file, calleeRange) }
}

extension Call {
  /// The empty range just before the closing parenthesis.
  var argumentsEnd: SourceRange? {
    guard let range = argumentsRange, range.end > 0 else { return nil }
    return SourceRange(
      startChunk: range.endChunk, start: range.end - 1, endChunk: range.endChunk,
      end: range.end - 1)
  }
}

extension Binding {
  var isTrainable: Bool { universal["trainable"]?.value != .boolean(false) }

  /// What is given for its weights: initializers, regularizers and constraints.
  var options: [BoundArgument] {
    universal.values.filter { !ParameterSchema.universal.contains($0.name) }
      .sorted { $0.name < $1.name }
  }

  /// The type that the layer computes in, where it is stated.
  var dtype: DType? {
    if case .string(let name)? = universal["dtype"]?.value { DType(rawValue: name) } else { nil }
  }
}
