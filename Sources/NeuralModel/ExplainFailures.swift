import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Why a layer cannot be used here: where the offending size came from, and the way out.
extension Expander {
  /// Reports a failure at the argument that is at fault or at the layer.
  mutating func report(
    _ failure: RuleFailure, _ schema: LayerSchema, _ arguments: BoundArguments, inputs: [Int],
    call: Call
  ) {
    if let range = failure.declarationRange, schema.file.catalogueFile == nil, isOwnFault(failure) {
      // The declaration is wrong, not its use.
      activeCalls.append(ActiveCall(schema: schema, call: location(call.name.range)))
      add(Finding(failure.code, failure.message, Location(schema.file, range)))
      activeCalls.removeLast()
      return
    }
    if followsFromOrder(failure, schema, inputs) { return }
    add(finding(for: failure, schema, arguments, inputs: inputs, call: call))
    if failure.code == .rankMismatch { hintBatchReading(schema, arguments, inputs) }
  }

  /// What is said of a failure.
  func finding(
    for failure: RuleFailure, _ schema: LayerSchema, _ arguments: BoundArguments, inputs: [Int],
    call: Call
  ) -> Finding {
    let argument = failure.parameter.flatMap { arguments.entry($0)?.range }
    var finding = Finding(
      failure.code, failure.message, location(argument ?? call.name.range))
    let isUnfit = failure.code == .rankMismatch || failure.code == .dtypeMismatch
    if isUnfit, let change = producerChange(schema, arguments, inputs) {
      finding.message += ", because \(change.reason). Write \(change.text) there"
      if let edit = change.edit { finding = finding.fixing("Write `\(change.text)`", [edit]) }
    } else if failure.code == .rankMismatch, compositeLocation == nil, inputs.count == 1 {
      let bridges = fittingBridges(inputs[0], schema, arguments)
      if let first = bridges.first {
        finding.message += "; \(first)() before it makes that shape"
      }
      for bridge in bridges {
        finding = finding.fixing("Insert `\(bridge)()`", [insertion(of: bridge, before: call)])
      }
    }
    let isMended = isUnfit && !finding.fixes.isEmpty
    if !isMended, let way = wayOut(failure, schema, arguments, inputs, call) {
      finding.message += "; \(way.text)"
      if let fix = way.fix { finding = finding.fixing(fix.title, [fix.edit]) }
    }
    let values = finding.fixes.isEmpty ? nearestValues(failure, schema, arguments, inputs) : []
    if !values.isEmpty {
      finding.message += "; \(values.map(\.text).joined(separator: " or ")) fits"
      for value in values { finding = finding.fixing("Write `\(value.text)`", [value.edit]) }
    }
    if failure.code.category == .shapes || failure.input != nil {
      for related in chain(inputs, only: failure.input) {
        finding = finding.relating(related.message, related.location)
      }
    }
    return finding
  }

  /// Whether a failure speaks of names that the declaration itself gets wrong.
  private func isOwnFault(_ failure: RuleFailure) -> Bool {
    switch failure.code {
    case .undefinedName, .unknownLayer, .unknownArgument, .missingArgument, .tooManyArguments:
      true
    default: failure.isDeclarationFault
    }
  }

  func producer(_ value: Int) -> GraphNode? {
    guard graph.values.indices.contains(value),
      case .node(let index, _) = graph.values[value].producer, graph.nodes.indices.contains(index)
    else { return nil }
    return graph.nodes[index]
  }

  /// The way back to the input: each layer that changed the shape, nearest first.
  func chain(_ inputs: [Int], only: Int?) -> [(message: String, location: Location)] {
    var related: [(message: String, location: Location)] = []
    let starts = only.flatMap { inputs.indices.contains($0) ? [inputs[$0]] : nil } ?? inputs
    for start in starts.prefix(2) {
      var value = start
      var count = 0
      for _ in 0..<200 where count < 8 {
        guard let node = producer(value), let type = graph.type(of: value) else { break }
        let before = node.inputs.first.flatMap { graph.type(of: $0) }
        if value == start || before?.shape != type.shape {
          related.append(("`\(node.path)` gives \(type.description)", node.calleeLocation))
          count += 1
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

  // MARK: A change further up

  private typealias Change = (
    reason: String, text: String, edit: (location: Location, text: String)?
  )

  /// A boolean argument of a layer before this one that, written the other way, makes this one fit:
  /// of the nearest layer, or of one whose shape all between pass on.
  private func producerChange(
    _ schema: LayerSchema, _ arguments: BoundArguments, _ inputs: [Int]
  ) -> Change? {
    // Of a value that several arms give only one would be changed.
    guard var value = inputs.first, search.defaults[value] == nil else { return nil }
    var between: [GraphNode] = []
    for _ in 0..<8 {
      guard let producer = producer(value) else { return nil }
      let isFit = { (type: TensorType) -> Bool in
        var type = type
        for node in between.reversed() {
          guard let next = self.outputs(node.schema, node.arguments, [type])?.first else {
            return false
          }
          type = next
        }
        let others = inputs.dropFirst().compactMap { self.graph.type(of: $0) }
        return self.outputs(schema, arguments, [type] + others) != nil
      }
      let place = between.isEmpty ? "there" : "in \(label(value))"
      if let change = change(of: producer, at: place, isFit) { return change }
      guard producer.inputs.count == 1, producer.outputs.count == 1 else { return nil }
      between.append(producer)
      value = producer.inputs[0]
    }
    return nil
  }

  func outputs(
    _ schema: LayerSchema, _ arguments: BoundArguments, _ types: [TensorType]
  ) -> [TensorType]? {
    let result = try? ShapeRule.evaluate(
      schema, arguments, inputs: types, facts: graph.facts, catalogue: catalogue)
    return result?.unmet.isEmpty ?? false ? result?.outputs : nil
  }

  /// A boolean of `producer`, or of a layer that it wraps, whose other value makes the rest fit.
  private func change(
    of producer: GraphNode, at place: String, _ isFit: (TensorType) -> Bool
  ) -> Change? {
    let types = producer.inputs.compactMap { graph.type(of: $0) }
    guard types.count == producer.inputs.count else { return nil }
    let isHere = isWrittenHere(producer)
    for (index, entry) in producer.arguments.entries.enumerated() {
      for (name, flag, inner) in flags(entry) {
        var changed = producer.arguments
        changed.entries[index].value = inner ?? .boolean(!flag)
        guard let first = outputs(producer.schema, changed, types)?.first, isFit(first) else {
          continue
        }
        let text = "\(name)=\(!flag)"
        var edit: (location: Location, text: String)?
        if let inner {
          if case .layer(let layer) = inner, isHere {
            edit = self.edit(
              layer.arguments, name, flag, at: entry.expression?.call?.argumentsEnd,
              producer.location.file)
          }
        } else if isHere {
          edit = self.edit(
            producer.arguments, name, flag, at: producer.argumentsEnd, producer.location.file)
        }
        return ("\(name) is \(flag) \(place)", text, edit)
      }
      // A shape that lists the batch, which is never listed.
      if let sizes = entry.value.elements, sizes.count > 1, entry.isGiven,
        sizes[0] == .int(-1) || sizes[0] == .none
      {
        var changed = producer.arguments
        changed.entries[index].value = .tuple(Array(sizes.dropFirst()))
        guard let first = outputs(producer.schema, changed, types)?.first, isFit(first) else {
          continue
        }
        let text = changed.entries[index].value.description
        let edit = isHere ? entry.valueRange.map { (Location(graph.file, $0), text) } : nil
        return ("\(entry.name) lists the batch \(place)", text, edit)
      }
    }
    return nil
  }

  /// The booleans of an argument: its own, or those of the layer that it is, each with the layer as
  /// it would be with the other value.
  private func flags(_ entry: BoundArgument) -> [(name: String, flag: Bool, changed: Value?)] {
    switch entry.value {
    case .boolean(let flag): return [(entry.name, flag, nil)]
    case .layer(let layer) where layer.schema.keyword == "layer":
      return layer.arguments.entries.enumerated().compactMap { index, inner in
        guard case .boolean(let flag) = inner.value else { return nil }
        var changed = layer
        changed.arguments.entries[index].value = .boolean(!flag)
        return (inner.name, flag, .layer(changed))
      }
    default: return []
    }
  }

  private func edit(
    _ arguments: BoundArguments, _ name: String, _ flag: Bool, at end: SourceRange?, _ file: FileID
  ) -> (location: Location, text: String)? {
    if let entry = arguments.entry(name), entry.isGiven {
      return entry.valueRange.map { (Location(file, $0), "\(!flag)") }
    }
    let separator = arguments.entries.contains { $0.isGiven } ? ", " : ""
    return end.map { (Location(file, $0), "\(separator)\(name)=\(!flag)") }
  }

  // MARK: A layer between

  /// Layers without arguments that, put before this one, give it the shape it expects.
  private func fittingBridges(
    _ input: Int, _ schema: LayerSchema, _ arguments: BoundArguments
  ) -> [String] {
    bridges(from: input).filter { outputs(schema, arguments, [$0.type]) != nil }.map(\.name)
  }

  /// What layers without arguments make of a value; those that take any rank come first.
  func bridges(from value: Int) -> [(name: String, type: TensorType)] {
    graph.type(of: value).map { bridges(from: $0) } ?? []
  }

  func bridges(from type: TensorType) -> [(name: String, type: TensorType)] {
    let anyRank = catalogue.bridges.filter(\.takesAnyRank)
    return (anyRank + catalogue.bridges.filter { !$0.takesAnyRank }).compactMap { bridge in
      var arguments = bridge.defaultArguments
      adapt(&arguments, of: bridge, rank: type.shape.count)
      guard let made = outputs(bridge, arguments, [type]), made.count == 1 else { return nil }
      return (bridge.name, made[0])
    }
  }

  /// The edit that puts a layer before a call: on a line of its own where the call begins its line.
  func insertion(
    of layer: String, isCalled: Bool = false, before call: SourceRange
  ) -> (location: Location, text: String) {
    let text = isCalled ? layer : "\(layer)()"
    let place = Location(file, call.startPoint)
    guard let source, let indentation = source.indentation(before: call) else {
      return (place, "\(text) -> ")
    }
    return (place, "\(text)\(source.lineBreak)\(indentation)")
  }

  private func insertion(of name: String, before call: Call) -> (location: Location, text: String) {
    insertion(of: name, before: call.name.range)
  }

  // MARK: The other reading of `none`

  /// `(none, 512)` is a batch of vectors; where a layer that reads it would rather have a sequence,
  /// a hint says so.
  private mutating func hintBatchReading(
    _ schema: LayerSchema, _ arguments: BoundArguments, _ inputs: [Int]
  ) {
    guard let input = graph.inputs.first(where: { $0.value == inputs.first }),
      let stated = statedBatches[input.value], let type = graph.type(of: input.value),
      type.shape.count == 2
    else { return }
    var longer = type
    longer.shape.insert(Dimension(Symbol(id: symbolCount + 1, name: "none")), at: 1)
    let others = inputs.dropFirst().compactMap { graph.type(of: $0) }
    guard outputs(schema, arguments, [longer] + others) != nil else { return }
    let rest = type.shape.dropFirst().map(\.description).joined(separator: ", ")
    let text = "(none, none, \(rest))"
    add(
      Finding(
        .batchReading,
        "the first `none` is the batch, so this is a batch of vectors, \(type.description); "
          + "`\(schema.name)` would read a sequence of unknown length: \(text)",
        Location(graph.file, stated)
      ).fixing("Write `\(text)`", [(Location(graph.file, stated), text)]))
  }
}

extension LayerSchema {
  /// Whether its first input is any number of sizes.
  fileprivate var takesAnyRank: Bool {
    guard case .tuple(let entries)? = inputPatterns?.first?.shape?.kind else { return false }
    return entries.contains { if case .spread = $0.kind { true } else { false } }
  }
}

extension Expression {
  /// The call that this expression is.
  var call: Call? { if case .call(let call) = kind { call } else { nil } }
}
