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
    adapt(&arguments, of: schema, rank: inputs.first.flatMap { graph.type(of: $0)?.shape.count })
    settleInputs(inputs, readBy: schema)
    if schema.traits.contains("merge"), compositeLocation == nil {
      reportSelfMerge(schema, inputs, call)
    }
    if let body = schema.body {
      return applyComposite(
        schema, arguments, body, inputs: inputs, call: call, context, path: place.path,
        isTrainable: binding.isTrainable)
    }
    let index = graph.nodes.count
    var node = GraphNode(
      path: place.path, schema: schema, arguments: arguments, inputs: inputs, outputs: [],
      weights: [], macs: .constant(0), bindings: [:], formulas: [], sharedWith: nil,
      instance: instance, options: binding.options, isTrainable: isTrainable && binding.isTrainable,
      device: context.device,
      location: compositeLocation?.step ?? Location(file, context.range),
      calleeRange: compositeLocation?.callee.range ?? call.name.range,
      argumentsEnd: compositeLocation == nil ? call.argumentsEnd : nil, hasOwnName: place.isOwn,
      documentation: context.documentation, scope: scope)
    let types = inputs.map { graph.type(of: $0) }
    let known = types.compactMap { $0 }
    charge(Budget.node)
    if known.count == types.count, !arguments.entries.contains(where: { $0.value.isUnknown }) {
      do {
        let result = try rule(schema, arguments, inputs, known)
        node.weights = result.weights
        node.macs = result.macs
        node.bindings = result.bindings
        node.formulas = result.formulas
        node.outputs = result.outputs.enumerated().map {
          makeValue($0.element, .node(index, output: $0.offset))
        }
        for fact in result.facts { imply(fact) }
        for note in result.notes
        where compositeLocation == nil || note.code != .implicitBroadcast {
          report(note, node, binding)
        }
      } catch {
        report(error, schema, arguments, inputs: inputs, call: call)
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
    graph.nodes.append(node)
    graph.scopes[scope].items.append(.node(index))
    return node.outputs
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
    node.weights = []
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
      "`\(schema.name)` reads \(value.map(label) ?? "a value") twice; name the value "
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
        node.location.file == graph.file ? " on line \(source.line(of: node.calleeRange))" : ""
      return "`\(described.name ?? node.path)`\(place)"
    default:
      return described.name.map { "the input `\($0)`" } ?? "the input"
    }
  }

  // MARK: Composite layers

  /// Opens a layer that is made of others; its parts have paths below its own.
  private mutating func applyComposite(
    _ schema: LayerSchema, _ arguments: BoundArguments, _ body: Block, inputs: [Int], call: Call,
    _ context: StepContext, path: String, isTrainable: Bool
  ) -> [Int] {
    let types = inputs.map { graph.type(of: $0) }
    let known = types.compactMap { $0 }
    guard known.count == types.count, !arguments.entries.contains(where: { $0.value.isUnknown })
    else { return [unknownValue()] }
    let result: RuleResult
    do {
      result = try rule(schema, arguments, inputs, known)
    } catch {
      report(error, schema, arguments, inputs: inputs, call: call)
      return [unknownValue()]
    }
    if isTooDeep(call.name.range) { return [unknownValue()] }
    let outer = (file, input, containers, compositeLocation, self.isTrainable)
    if activeComposites.contains(where: { $0 === schema }) {
      report(
        .recursiveDefinition, "`\(schema.name)` would contain itself", call.name.range)
      return [unknownValue()]
    }
    let outputs = inScope(
      .composite(schema, arguments), path: path,
      location: compositeLocation?.step ?? Location(file, context.range), inputs: inputs,
      documentation: context.documentation
    ) { expander in
      expander.compositeLocation =
        outer.3 ?? (Location(outer.0, context.range), Location(outer.0, call.name.range))
      if let index = schema.catalogueFile { expander.file = FileID(catalogueFile: index) }
      expander.input = inputs
      expander.current = inputs
      expander.containers = []
      expander.isTrainable = outer.4 && isTrainable
      expander.activeComposites.append(schema)
      expander.run(
        body, isWall: true,
        defining: expander.namedInputs(of: schema, inputs)
          + result.bindings.map { NamedValue(name: $0.key, value: $0.value) })
      expander.activeComposites.removeLast()
      return expander.current ?? []
    }
    (file, input, containers, compositeLocation, self.isTrainable) = outer
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

  private mutating func report(_ note: RuleNote, _ node: GraphNode, _ binding: Binding) {
    let range =
      note.parameter.flatMap { binding.arguments.entry($0)?.range } ?? node.calleeRange
    var finding = Finding(note.code, note.message, location(range))
    if !note.bounds.isEmpty, let place = conditionPlace {
      let text = note.bounds.map { "\($0.left) >= \($0.right)" }.joined(separator: ", ")
      finding = finding.fixing(
        "Add `\(text)` to the conditions",
        [(Location(graph.file, place.range), place.joint + text)])
    }
    if note.code == .implicitBroadcast {
      for related in chain(node.inputs, only: nil) {
        finding = finding.relating(related.message, related.location)
      }
    }
    add(finding)
  }

  // MARK: Rules

  /// What the declaration says of this use; the same question is not worked out again.
  private mutating func rule(
    _ schema: LayerSchema, _ arguments: BoundArguments, _ inputs: [Int], _ types: [TensorType]
  ) throws(RuleFailure) -> RuleResult {
    let question = RuleQuestion(
      schema: ObjectIdentifier(schema), arguments: arguments, types: types, facts: factsVersion)
    if let known = rules[question] { return known }
    // Symbolic sizes cost a search, and are likely to need the names of the inputs at once.
    let isSymbolic = types.contains { $0.shape.dropFirst().contains { $0.constant == nil } }
    if isSymbolic { charge(100 + 20 * graph.facts.constraints.count) }
    let labels = isSymbolic ? inputs.map(label) : []
    do {
      var result = try ShapeRule.evaluate(
        schema, arguments, inputs: types, labels: labels, facts: graph.facts, catalogue: catalogue)
      charge(result.steps / 8)
      if result.notes.isEmpty {
        if result.facts.isEmpty { rules[question] = result }
      } else if !isSymbolic {
        // Only what is said of this use needs the names of its inputs.
        result = try ShapeRule.evaluate(
          schema, arguments, inputs: types, labels: inputs.map(label), facts: graph.facts,
          catalogue: catalogue)
      }
      return result
    } catch {
      charge(100)
      if isSymbolic { throw error }
      _ = try ShapeRule.evaluate(
        schema, arguments, inputs: types, labels: inputs.map(label), facts: graph.facts,
        catalogue: catalogue)
      throw error
    }
  }
}

extension Expander {
  /// Adds a lower bound that a window implies. Those that it implies itself are dropped: a chain of
  /// windows would gather one for each, and every question asks them all.
  private mutating func imply(_ fact: Facts.Constraint) {
    var alone = Facts()
    alone.add(fact)
    impliedFacts.removeAll {
      alone.verdict($0.left, $0.relation, $0.right) == .proved
    }
    impliedFacts.append(fact)
    graph.facts = statedFacts
    for fact in impliedFacts { graph.facts.add(fact) }
    factsVersion += 1
  }
}

/// What the result of a shape rule depends on.
struct RuleQuestion: Hashable {
  var schema: ObjectIdentifier
  var arguments: BoundArguments
  var types: [TensorType]
  /// Which facts were known.
  var facts: Int
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
}
