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
      instance: instance, isTrainable: isTrainable && binding.isTrainable, device: context.device,
      location: compositeLocation?.step ?? Location(file, context.range),
      calleeRange: compositeLocation?.callee.range ?? call.name.range,
      argumentsEnd: compositeLocation == nil ? call.argumentsEnd : nil, hasOwnName: place.isOwn,
      documentation: context.documentation, scope: scope)
    let types = inputs.map { graph.type(of: $0) }
    let known = types.compactMap { $0 }
    if known.count == types.count, !arguments.entries.contains(where: { $0.value.isUnknown }) {
      do {
        let result = try ShapeRule.evaluate(
          schema, arguments, inputs: known, labels: inputs.map(label), facts: graph.facts,
          catalogue: catalogue)
        node.weights = result.weights
        node.macs = result.macs
        node.bindings = result.bindings
        node.formulas = result.formulas
        node.outputs = result.outputs.enumerated().map {
          makeValue($0.element, .node(index, output: $0.offset))
        }
        for fact in result.facts { graph.facts.add(fact) }
        for note in result.notes { report(note, node, binding) }
      } catch {
        report(error, schema, binding, inputs: inputs, call: call)
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
        ).relating("the first use", owner.location))
    }
    node.sharedWith = first
    node.weights = []
  }

  /// What the network's `data_format` changes: layouts, and axes that mean the channels.
  private func adapt(_ arguments: inout BoundArguments, of schema: LayerSchema, rank: Int?) {
    guard graph.dataFormat == .channelsFirst else { return }
    for (index, entry) in arguments.entries.enumerated() where !entry.isGiven {
      if entry.name == "data_format" {
        arguments.entries[index].value = .string(graph.dataFormat.rawValue)
      } else if entry.name == "axis", schema.traits.contains("channel_axis"), (rank ?? 0) >= 3 {
        arguments.entries[index].value = .int(1)
      }
    }
  }

  /// An input whose dtype is left open becomes what its first reader needs.
  private mutating func settleInputs(_ inputs: [Int], readBy schema: LayerSchema) {
    guard !openInputs.isEmpty else { return }
    var needed: DType?
    for item in schema.items {
      if case .input(let patterns, _) = item {
        needed = patterns.first?.dtype.flatMap { DType(rawValue: $0.text) }
      }
    }
    for input in inputs where openInputs.remove(input) != nil {
      if let needed { graph.values[input].type?.dtype = needed }
    }
  }

  private mutating func reportSelfMerge(_ schema: LayerSchema, _ inputs: [Int], _ call: Call) {
    guard Set(inputs).count < inputs.count, inputs.allSatisfy({ graph.type(of: $0) != nil }) else {
      return
    }
    report(
      .selfMerge, "`\(schema.name)` reads the same value twice", call.name.range)
  }

  /// How messages name a value: by its own name, its layer, or as the input.
  func label(_ value: Int) -> String {
    guard graph.values.indices.contains(value) else { return "the input" }
    let described = graph.values[value]
    switch described.producer {
    case .node(let index, _) where graph.nodes.indices.contains(index):
      let node = graph.nodes[index]
      let place = node.location.file == graph.file ? " on line \(line(node.location.range))" : ""
      return "`\(node.path)`\(place)"
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
      result = try ShapeRule.evaluate(
        schema, arguments, inputs: known, labels: inputs.map(label), facts: graph.facts,
        catalogue: catalogue)
    } catch {
      report(error, schema, Binding(arguments: arguments), inputs: inputs, call: call)
      return [unknownValue()]
    }
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
        defining: result.bindings.map { NamedValue(name: $0.key, value: $0.value) })
      expander.activeComposites.removeLast()
      return expander.current ?? []
    }
    (file, input, containers, compositeLocation, self.isTrainable) = outer
    return outputs
  }

  // MARK: Explaining failures

  private mutating func report(_ note: RuleNote, _ node: GraphNode, _ binding: Binding) {
    let range =
      note.parameter.flatMap { binding.arguments.entry($0)?.range } ?? node.calleeRange
    add(Finding(note.code, note.message, location(range)))
  }

  /// Reports why a layer cannot be used here: at the argument that is at fault or at the layer,
  /// with where the offending size came from and, where one is found, the way out.
  private mutating func report(
    _ failure: RuleFailure, _ schema: LayerSchema, _ binding: Binding, inputs: [Int], call: Call
  ) {
    let argument = failure.parameter.flatMap { binding.arguments.entry($0)?.range }
    var finding = Finding(
      failure.code, failure.message, location(argument ?? call.name.range))
    if failure.code == .rankMismatch || failure.code == .dtypeMismatch,
      let producer = inputs.first.flatMap(producer),
      let change = producerChange(producer, schema, binding, inputs)
    {
      finding.message += ", because \(change.reason). Write \(change.text) there"
      if let edit = change.edit { finding = finding.fixing("Write `\(change.text)`", [edit]) }
    } else if failure.code == .rankMismatch, let step = insertion(schema, binding, inputs) {
      finding.message += "; \(step) before it makes that shape"
      finding = finding.fixing(
        "Insert `\(step)`", [(Location(file, call.name.range.startPoint), "\(step) -> ")])
    }
    for related in chain(inputs, only: failure.input) {
      finding = finding.relating(related.message, related.location)
    }
    add(finding)
  }

  private func producer(_ value: Int) -> GraphNode? {
    guard graph.values.indices.contains(value),
      case .node(let index, _) = graph.values[value].producer, graph.nodes.indices.contains(index)
    else { return nil }
    return graph.nodes[index]
  }

  /// The way back to the input: each layer that changed the shape, nearest first.
  private func chain(_ inputs: [Int], only: Int?) -> [(message: String, location: Location)] {
    var related: [(message: String, location: Location)] = []
    let starts = only.flatMap { inputs.indices.contains($0) ? [inputs[$0]] : nil } ?? inputs
    for start in starts.prefix(2) {
      var value = start
      for _ in 0..<200 where related.count < 12 {
        guard let node = producer(value), let type = graph.type(of: value) else { break }
        let before = node.inputs.first.flatMap { graph.type(of: $0) }
        if value == start || before?.shape != type.shape {
          related.append(("`\(node.path)` gives \(type.description)", node.location))
        }
        guard let next = node.inputs.first else { break }
        value = next
      }
      if let input = graph.inputs.first(where: { $0.value == value }),
        let type = graph.type(of: value)
      {
        related.append(("`\(input.name)` is \(type.description)", input.location))
      }
    }
    return related
  }

  /// A boolean argument of the producer that, written the other way, makes this layer fit.
  private func producerChange(
    _ producer: GraphNode, _ schema: LayerSchema, _ binding: Binding, _ inputs: [Int]
  ) -> (reason: String, text: String, edit: (location: Location, text: String)?)? {
    let types = producer.inputs.compactMap { graph.type(of: $0) }
    guard types.count == producer.inputs.count else { return nil }
    for (index, entry) in producer.arguments.entries.enumerated() {
      guard case .boolean(let flag) = entry.value else { continue }
      var changed = producer.arguments
      changed.entries[index].value = .boolean(!flag)
      guard
        let outputs = try? ShapeRule.evaluate(
          producer.schema, changed, inputs: types, facts: graph.facts, catalogue: catalogue
        ).outputs, let first = outputs.first
      else { continue }
      var others = inputs.dropFirst().compactMap { graph.type(of: $0) }
      others.insert(first, at: 0)
      guard
        (try? ShapeRule.evaluate(
          schema, binding.arguments, inputs: others, facts: graph.facts, catalogue: catalogue))
          != nil
      else { continue }
      let text = "\(entry.name)=\(!flag)"
      var edit: (location: Location, text: String)?
      if entry.isGiven, let range = entry.valueRange, producer.location.file == graph.file {
        edit = (Location(producer.location.file, range), "\(!flag)")
      } else if let end = producer.argumentsEnd, producer.location.file == graph.file {
        let hasArguments = producer.arguments.entries.contains { $0.isGiven }
        edit = (
          Location(producer.location.file, end), hasArguments ? ", \(text)" : text
        )
      }
      return ("\(entry.name) is \(flag) there", text, edit)
    }
    return nil
  }

  /// A layer that, put before this one, gives it the shape it expects.
  private func insertion(
    _ schema: LayerSchema, _ binding: Binding, _ inputs: [Int]
  ) -> String? {
    guard compositeLocation == nil, inputs.count == 1, let type = graph.type(of: inputs[0])
    else { return nil }
    for candidate in catalogue.bridges {
      guard
        let result = try? ShapeRule.evaluate(
          candidate, candidate.defaultArguments, inputs: [type], facts: graph.facts,
          catalogue: catalogue), result.outputs.count == 1,
        (try? ShapeRule.evaluate(
          schema, binding.arguments, inputs: result.outputs, facts: graph.facts,
          catalogue: catalogue)) != nil
      else { continue }
      return "\(candidate.name)()"
    }
    return nil
  }
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
}

extension Catalogue {
  /// Layers without arguments that bring a value into another rank (`traits: bridge`).
  var bridges: [LayerSchema] { layers.filter { $0.traits.contains("bridge") } }
}
