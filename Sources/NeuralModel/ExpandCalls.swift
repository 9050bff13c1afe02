import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Definitions, and networks used as layers.
extension Expander {
  mutating func callDefinition(
    _ index: Int, _ call: Call, inputs: [Int]?, _ context: StepContext
  ) -> [Int]? {
    let definition = declarations.definitions[index]
    usedDefinitions.insert(index)
    if isActive(definition.schema) {
      report(
        .recursiveDefinition,
        "`\(definition.schema.name)` would contain itself; a "
          + "\(definition.isNetwork ? "network" : "definition") cannot be recursive",
        call.name.range)
      return [unknownValue()]
    }
    guard let inputs = inputs ?? missingInput(call) else { return [unknownValue()] }
    let made = search.variables.count
    let binding = bind(call, to: definition.schema)
    if binding.isBroken || isTooDeep(call.name.range) { return [unknownValue()] }
    let path = path(for: definition.schema, binding.universal, context).path
    search.place(made..<search.variables.count, at: path)
    return expanding(call.name.range) { expander in
      expander.expandingOnce(
        index, binding.arguments, isTrainable: binding.isTrainable, inputs: inputs, path: path,
        location: expander.location(context.range), documentation: context.documentation
      ) { $0.open(index, binding, call, inputs: inputs, path: path, context) }
    }
  }

  /// Whether a definition or network is being expanded already: the network itself, too.
  private func isActive(_ schema: LayerSchema) -> Bool {
    activeCalls.contains { $0.schema === schema }
      || schema.file == graph.file && schema.nameRange == graph.declaration.name.range
  }

  /// Runs the statements of a definition or network for one use of it.
  private mutating func open(
    _ index: Int, _ binding: Binding, _ call: Call, inputs: [Int], path: String,
    _ context: StepContext
  ) -> [Int] {
    let definition = declarations.definitions[index]
    let callLocation = location(call.name.range)
    let parameters = binding.arguments.entries.map {
      NamedValue(name: $0.name, value: $0.value, choices: $0.alternatives)
    }
    return inScope(
      .definition(index, binding.arguments), path: path, location: location(context.range),
      inputs: inputs, documentation: context.documentation
    ) { expander in
      let outer = (expander.file, expander.input, expander.containers, expander.isTrainable)
      expander.activeCalls.append(ActiveCall(schema: definition.schema, call: callLocation))
      expander.file = definition.file
      expander.containers = []
      expander.isTrainable = expander.isTrainable && binding.isTrainable
      defer {
        expander.activeCalls.removeLast()
        (expander.file, expander.input, expander.containers, expander.isTrainable) = outer
      }
      switch definition.content {
      case .block(let block):
        expander.input = inputs
        expander.current = inputs
        expander.run(block, isWall: true, defining: parameters)
        return expander.current ?? []
      case .network(let network):
        return expander.run(network, inputs: inputs, defining: parameters, callLocation)
      }
    }
  }

  /// Runs a network for one use of it as a layer: its inputs are held against what flows in, and
  /// its outputs are what flows out.
  private mutating func run(
    _ network: NetworkDeclaration, inputs: [Int], defining parameters: [NamedValue],
    _ use: Location
  ) -> [Int] {
    let sections = collectSections(network)
    guard let inputSection = sections["input"], let layers = sections["layers"],
      case .statements(let block) = layers.value
    else { return [unknownValue()] }
    depth += 1
    names.push(isWall: true)
    outputNodes.append([])
    defer {
      outputNodes.removeLast()
      noteUsage(of: names.pop())
      depth -= 1
    }
    for parameter in parameters { _ = names.define(parameter) }
    if let section = sections["data_format"], let format = dataFormat(section),
      format != graph.dataFormat
    {
      add(
        Finding(
          .invalidSetting,
          "`\(network.name.text)` is \(format.rawValue), this network \(graph.dataFormat.rawValue); "
            + "write one data_format in both", use
        ).relating("its data_format", Location(file, section.range)))
      return [unknownValue()]
    }
    guard match(inputSection, inputs, of: network, use) else { return [unknownValue()] }
    input = inputs
    current = inputs.count == 1 ? inputs : nil
    names.push()
    for statement in block.statements { run(statement) }
    let outputs = networkOutputs(sections["outputs"], layers)
    noteUsage(of: names.pop())
    return outputs.isEmpty ? [unknownValue()] : outputs.map(\.value)
  }

  // MARK: Inputs of a network used as a layer

  /// Holds the values that flow into a network against the inputs that it declares, and gives their
  /// names and those of their sizes a meaning.
  private mutating func match(
    _ section: Section, _ inputs: [Int], of network: NetworkDeclaration, _ use: Location
  ) -> Bool {
    guard case .inputs(let declared, let conditions) = section.value else { return false }
    if declared.count != inputs.count {
      add(
        Finding(
          .inputCount,
          "`\(network.name.text)` reads \(declared.count) input\(declared.count == 1 ? "" : "s"), "
            + "here \(inputs.count == 1 ? "is 1" : "are \(inputs.count)")", use
        ).relating("its inputs", Location(file, section.range)))
      return false
    }
    for (index, (pattern, value)) in zip(declared, inputs).enumerated() {
      let name = inputName(pattern, index, of: declared.count)
      _ = names.define(NamedValue(name: name, value: tensor(value)))
      guard matchDType(pattern, value, of: network, use) else { return false }
      guard let type = graph.type(of: value) else {
        for case .name(let symbol) in entries(of: pattern).map(\.kind) {
          _ = names.define(NamedValue(name: symbol, value: .unknown))
        }
        continue
      }
      let sizes = entries(of: pattern)
      guard sizes.count == type.shape.count - 1 else {
        refuse(.rankMismatch, pattern, value, of: network, use)
        return false
      }
      for case (let entry, let size) in zip(sizes, type.shape.dropFirst()) {
        if case .name(let symbol) = entry.kind, names.find(symbol) == nil {
          let axis =
            type.shape.count - sizes.count
            + (sizes.firstIndex { $0.range == entry.range } ?? 0)
          _ = names.define(
            NamedValue(
              name: symbol, value: .integer(size), choices: self.sizes(of: value, at: axis)))
        }
      }
    }
    // What is computed from other sizes comes when all of them have a meaning.
    for (pattern, value) in zip(declared, inputs) {
      guard let type = graph.type(of: value) else { continue }
      for case (let entry, let size) in zip(entries(of: pattern), type.shape.dropFirst()) {
        if case .none = entry.kind { continue }
        guard case .integer(let wanted) = self.value(entry) else { continue }
        switch facts.verdict(wanted, .equal, size) {
        case .proved: continue
        case .refuted(let sizes):
          refuse(.shapeMismatch, pattern, value, of: network, use, sizes)
          return false
        case .unknown:
          add(
            Finding(
              .unprovableShape,
              "cannot be shown for every size: \(wanted) == \(size), an input of "
                + "`\(network.name.text)`", use))
        }
      }
    }
    return conditions.allSatisfy { holds($0, of: network, use) }
  }

  /// The sizes that an input lists, the batch left out.
  private func entries(of input: Input) -> [Expression] {
    var entries: [Expression] =
      switch input.shape?.kind {
      case .tuple(let entries): entries
      case .parenthesized(let entry): [entry]
      default: input.shape.map { [$0] } ?? []
      }
    if entries.count > 1 {
      switch entries[0].kind {
      case .none, .name("batch"): entries.removeFirst()
      default: break
      }
    }
    return entries
  }

  private mutating func matchDType(
    _ input: Input, _ value: Int, of network: NetworkDeclaration, _ use: Location
  ) -> Bool {
    guard let word = input.dtype, let wanted = DType(rawValue: word.text) else { return true }
    if openInputs.remove(value) != nil { graph.values[value].type?.dtype = wanted }
    guard let type = graph.type(of: value),
      type.dtype.isFloatingPoint != wanted.isFloatingPoint
    else { return true }
    add(
      Finding(
        .dtypeMismatch,
        "`\(network.name.text)` reads \(wanted.rawValue), \(label(value)) gives "
          + "\(type.dtype.rawValue) \(type.description)", use
      ).relating("its input", Location(file, input.range)))
    return false
  }

  private mutating func refuse(
    _ code: DiagnosticCode, _ input: Input, _ value: Int, of network: NetworkDeclaration,
    _ use: Location, _ sizes: [Symbol: Int] = [:]
  ) {
    let wanted = (["batch"] + entries(of: input).map { source?.text(of: $0.range) ?? "?" })
      .joined(separator: ", ")
    let example = sizes.sorted { $0.key < $1.key }.map { "\($0.key.name) = \($0.value)" }
    var finding = Finding(
      code,
      "`\(network.name.text)` reads (\(wanted)), \(label(value)) gives "
        + "\(graph.type(of: value)?.description ?? "?")"
        + (example.isEmpty ? "" : "; \(example.joined(separator: ", ")) breaks it"), use
    ).relating("its input", Location(file, input.range))
    for related in chain([value], only: nil) {
      finding = finding.relating(related.message, related.location)
    }
    add(finding)
  }

  /// A `where` condition of a network, with the sizes that flow in here.
  private mutating func holds(
    _ condition: Expression, of network: NetworkDeclaration, _ use: Location
  ) -> Bool {
    let verdict: Verdict
    switch value(condition) {
    case .condition(let undecided): verdict = undecided.verdict(facts)
    case .boolean(let holds): verdict = holds ? .proved : .refuted([:])
    default: return true
    }
    let text = source?.text(of: condition.range) ?? "its condition"
    switch verdict {
    case .proved: return true
    case .unknown:
      add(Finding(.unprovableShape, "cannot be shown for every size: \(text)", use))
      return true
    case .refuted(let sizes):
      let example = sizes.sorted { $0.key < $1.key }.map { "\($0.key.name) = \($0.value)" }
      add(
        Finding(
          .shapeMismatch,
          "`\(network.name.text)` needs \(text)"
            + (example.isEmpty ? "" : "; \(example.joined(separator: ", ")) breaks it"), use
        ).relating("its condition", Location(file, condition.range)))
      return false
    }
  }
}
