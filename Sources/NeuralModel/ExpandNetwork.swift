import NeuralDimension
import NeuralSchema
import NeuralSyntax

// A network's sections: inputs, facts, layers, outputs.
extension Expander {
  /// Expands the whole network. What is kept for the next version of its text, and what an earlier
  /// one has left of which `unchanged` tells what both share.
  mutating func expandNetwork(
    _ earlier: NetworkExpansion? = nil, _ unchanged: UnchangedText? = nil
  ) -> NetworkExpansion? {
    var kept: NetworkExpansion?
    let network = graph.declaration
    let sections = collectSections(network)
    defineParameters(network)
    if let format = sections["data_format"].flatMap({ dataFormat($0) }) {
      graph.dataFormat = format
    }
    if let section = sections["input"] { readInputs(section) }
    isInputMissing = graph.inputs.isEmpty
    if let section = sections["layers"], case .statements(let block) = section.value {
      // Without inputs everything is unknown, and what follows from that stays silent.
      input = isInputMissing ? [unknownValue()] : graph.inputs.map(\.value)
      current = input.count == 1 ? input : nil
      graph.scopes[0].inputs = input
      names.push()
      kept = expand(block.statements, earlier, unchanged)
      names.trace = []
      graph.outputs = networkOutputs(sections["outputs"], section)
      noteOutermostUsage(kept?.uses, isHeader: false)
    }
    reportPending()
    let ends = graph.outputs.map { joinedEnd($0.value) }
    checkSpatialAxes(ends)
    checkActivations()
    showDefault()
    checkSpatialAxes(ofDefault: ends)
    checkTraining(sections, ends)
    noteOutermostUsage(kept?.headerUses, isHeader: true)
    graph.scopes[0].outputs = graph.outputs.map(\.value)
    finishSearch()
    return kept
  }

  /// Notes the usage of the network's own names: by the counts that its statements have left, where
  /// they have.
  private mutating func noteOutermostUsage(_ uses: [Int32]?, isHeader: Bool) {
    guard let uses else { return noteUsage(of: names.pop()) }
    // Where a network is used as a layer, others note its names too.
    let isShared = declarations.definitions.count > 1
    noteUsage(of: names.pop(uses: uses, isHeader: isHeader, isWhole: isShared || isHeader))
  }

  private mutating func defineParameters(_ network: NetworkDeclaration) {
    for parameter in network.parameters {
      let value: Value
      var choices: Alternatives<Value>?
      if let given = settings?.parameters[parameter.name.text] {
        value = given
      } else if let expression = parameter.defaultValue {
        let table = alternatives(expression, naming: parameter.name.text)
        value = table[search.configuration] ?? .unknown
        if !table.isConstant { choices = table }
      } else {
        // Without a value for it, the network only means something where it is used.
        value = .unknown
        graph.isComplete = false
      }
      let named = NamedValue(
        name: parameter.name.text, value: value, location: Location(file, parameter.name.range),
        isUsed: true, choices: choices)
      if let earlier = names.define(named) {
        var finding = Finding(
          .duplicateName, "`\(named.name)` is already a parameter", location(parameter.name.range))
        if let first = earlier.location { finding = finding.relating("the other one", first) }
        add(finding)
      }
    }
  }

  /// The sections by their canonical word; repeated and missing ones are reported.
  mutating func collectSections(_ network: NetworkDeclaration) -> [String: Section] {
    var sections: [String: Section] = [:]
    for section in network.sections {
      var word = section.keyword.text
      if word == "execute" {
        word = "execution"
        add(
          Finding(
            .oldForm, "this section is called `execution`", location(section.keyword.range)
          ).replacing(with: "execution"))
      }
      // Its word is missing, and that is reported.
      if word.isEmpty { continue }
      guard Expander.sectionWords.contains(word) else {
        let near = nearest(to: word, among: Expander.sectionWords)
        report(
          .invalidSetting,
          near.map { "a network has no section `\(word)`; did you mean `\($0)`?" }
            ?? "a network has no section `\(word)`; sections are "
            + Expander.sectionWords.map { "`\($0)`" }.joined(separator: ", "),
          section.keyword.range, replacement: near)
        continue
      }
      if let first = sections[word] {
        add(
          Finding(
            .duplicateSection, "`\(word)` stands in this network twice",
            location(section.keyword.range)
          ).relating("the first one", location(first.keyword.range)))
        continue
      }
      sections[word] = section
    }
    for word in ["input", "layers"] where sections[word] == nil {
      graph.isComplete = false
      let example = word == "input" ? "input: (28, 28, 1)" : "layers:"
      add(
        Finding(
          .missingSection,
          "`\(network.name.text)` has no `\(word)` section; write `\(example)`",
          location(network.name.range)))
    }
    return sections
  }

  static let sectionWords = [
    "input", "data_format", "layers", "outputs", "loss", "optimizer", "metrics", "train",
    "execution",
  ]

  mutating func dataFormat(_ section: Section) -> NetworkGraph.DataFormat? {
    guard case .expressions(let expressions) = section.value, let expression = expressions.first
    else { return nil }
    let value = value(expression)
    if value.isUnknown { return nil }
    guard case .string(let text) = value,
      let format = NetworkGraph.DataFormat(rawValue: text)
    else {
      report(
        .invalidSetting, "data_format is \"channels_last\" or \"channels_first\"",
        expression.range)
      return nil
    }
    return format
  }

  // MARK: Inputs

  private mutating func readInputs(_ section: Section) {
    guard case .inputs(let inputs, let conditions) = section.value else { return }
    for (index, declared) in inputs.enumerated() {
      let name = inputName(declared, index, of: inputs.count)
      if declared.isVariadic {
        report(.invalidArgument, "a network's inputs are listed one by one", declared.range)
      }
      var dtype = DType.float32
      if let word = declared.dtype {
        if let known = DType(rawValue: word.text) {
          dtype = known
        } else {
          let names = DType.allCases.map(\.rawValue)
          let near = nearest(to: word.text, among: names)
          report(
            .invalidArgument,
            near.map { "there is no dtype `\(word.text)`; did you mean `\($0)`?" }
              ?? "there is no dtype `\(word.text)`; dtypes are \(names.joined(separator: ", "))",
            word.range, replacement: near)
        }
      }
      let shape = declared.shape.flatMap { readShape($0) }
      let value = makeValue(
        shape.map { TensorType(shape: [Dimension(.batch)] + $0, dtype: dtype) },
        .input(index))
      graph.values[value].name = name
      if declared.dtype == nil { openInputs.insert(value) }
      if let written = declared.shape, case .tuple(let entries) = written.kind, entries.count > 1,
        case .none = entries[0].kind
      {
        statedBatches[value] = written.range
      }
      let place = declared.name?.range ?? declared.range
      graph.inputs.append(
        NetworkInput(name: name, value: value, location: Location(file, declared.range)))
      let named = NamedValue(
        name: name, value: tensor(value), location: inputs.count > 1 ? Location(file, place) : nil)
      if let earlier = names.define(named) {
        var finding = Finding(
          .duplicateName, "another input or parameter is called `\(name)`", location(place))
        if let first = earlier.location { finding = finding.relating("the other one", first) }
        add(finding)
      }
    }
    for condition in conditions { addFact(condition) }
    statedFacts = graph.facts
    if let last = conditions.last {
      conditionPlace = (last.range.endPoint, ", ")
    } else if source?.text(of: section.range).hasSuffix(")") ?? false || inputs.count > 1 {
      conditionPlace = (section.range.endPoint, " where ")
    }
    for input in graph.inputs { reportChannelOrder(input) }
  }

  /// How statements call an input.
  func inputName(_ input: Input, _ index: Int, of count: Int) -> String {
    input.name?.text ?? (count == 1 ? "input" : "input_\(index + 1)")
  }

  /// The sizes of an input without the batch; names become symbols.
  private mutating func readShape(_ expression: Expression) -> [Dimension]? {
    let entries: [Expression] =
      switch expression.kind {
      case .tuple(let entries): entries
      case .parenthesized(let entry): [entry]
      default: [expression]
      }
    var shape: [Dimension] = []
    var isBroken = false
    for (index, entry) in entries.enumerated() {
      switch entry.kind {
      case .none:
        if index == 0, entries.count > 1 { continue }
        shape.append(Dimension(makeSymbol("none")))
      case .name("batch") where index == 0 && entries.count > 1: continue
      default:
        entry.forEachName { name in
          if names.find(name) == nil, name != "batch" {
            let symbol = makeSymbol(name)
            _ = names.define(NamedValue(name: name, value: .integer(Dimension(symbol))))
          }
        }
        let value = value(entry)
        switch value {
        case .integer(let dimension):
          if let number = dimension.constant, number < 1 {
            report(.invalidArgument, "a size is at least 1, this is \(number)", entry.range)
            isBroken = true
          }
          shape.append(dimension)
        case .float(let number):
          guard let whole = Int(exactly: number), whole > 0 else {
            report(
              .invalidArgument, "a size is a whole number, this is \(value)", entry.range)
            isBroken = true
            continue
          }
          report(
            .implicitConversion, "a size is an integer; \(value) is read as \(whole)",
            entry.range, replacement: String(whole))
          shape.append(.constant(whole))
        case .none: shape.append(Dimension(makeSymbol("none")))
        case .unknown: isBroken = true
        default:
          report(
            .invalidArgument, "a size is an integer, a name or none, this is \(value.typeName)",
            entry.range)
          isBroken = true
        }
      }
    }
    if shape.isEmpty, !isBroken {
      report(.invalidArgument, "an input needs at least one size", expression.range)
      isBroken = true
    }
    return isBroken ? nil : shape
  }

  private mutating func makeSymbol(_ name: String) -> Symbol {
    symbolCount += 1
    let symbol = Symbol(id: symbolCount, name: name)
    graph.symbols.append(symbol)
    return symbol
  }

  private mutating func addFact(_ expression: Expression) {
    switch value(expression) {
    case .condition(let condition): addFact(condition)
    case .boolean(true), .unknown: return
    case .boolean(false):
      report(.invalidArgument, "this condition never holds", expression.range)
    case let other:
      report(
        .invalidArgument, "a condition on sizes is needed, this is \(other.typeName)",
        expression.range)
    }
  }

  private mutating func addFact(_ condition: Condition) {
    switch condition {
    case .comparison(let constraint): graph.facts.add(constraint)
    case .all(let conditions): for condition in conditions { addFact(condition) }
    case .not(.comparison(let constraint)): graph.facts.add(constraint.negated)
    case .constant, .any, .not: return
    }
  }

  /// An image whose channels seem to stand first in a channels-last network, or the reverse.
  private mutating func reportChannelOrder(_ input: NetworkInput) {
    guard let shape = graph.type(of: input.value)?.shape, shape.count == 4 else { return }
    let sizes = shape.dropFirst().map(\.constant)
    let isChannels: (Int?) -> Bool = { $0 == 1 || $0 == 3 || $0 == 4 }
    let (first, last) = (sizes.first ?? nil, sizes.last ?? nil)
    guard let first, let last else { return }
    // A row, or one place, is no image with its axes in another order.
    if let middle = sizes[1], middle <= 4 { return }
    let (count, place, turned): (Int, String, [Int?])
    switch graph.dataFormat {
    case .channelsLast where isChannels(first) && !isChannels(last) && last > 4:
      (count, place, turned) = (first, "first", [sizes[1], sizes[2], sizes[0]])
    case .channelsFirst where isChannels(last) && !isChannels(first) && first > 4:
      (count, place, turned) = (last, "last", [sizes[2], sizes[0], sizes[1]])
    default: return
    }
    let text = "(\(turned.map { $0.map(String.init) ?? "none" }.joined(separator: ", ")))"
    let channels = count == 1 ? "1 channel seems" : "\(count) channels seem"
    let reason =
      graph.dataFormat == .channelsLast
      ? "images here are (height, width, channels); write \(text), or data_format: "
        + "\"channels_first\""
      : "this network is channels_first; write \(text)"
    pending.orders[input.value] = Finding(
      .channelOrder, "\(channels) to stand \(place), but \(reason)", input.location
    ).fixing(
      "Write `\(text)`",
      [(shapeRange(of: input).map { Location(file, $0) } ?? input.location, text)])
  }

  // MARK: Outputs

  /// What a network gives: what `outputs` names, else every Output layer's value, else the last
  /// current value.
  mutating func networkOutputs(_ section: Section?, _ layers: Section) -> [NetworkOutput] {
    var outputs: [NetworkOutput] = []
    if let section, case .expressions(let expressions) = section.value {
      for expression in expressions {
        guard let ids = valueIDs(value(expression)) else { continue }
        let name: String =
          if case .name(let text) = expression.kind { text } else { "output" }
        for id in ids { outputs.append(NetworkOutput(name: name, value: id)) }
      }
      return outputs
    }
    for index in outputNodes.last ?? [] {
      let node = graph.nodes[index]
      guard let value = node.outputs.first else { continue }
      let name = graph.name(of: value, from: graph.owner(of: scope))
      outputs.append(NetworkOutput(name: name ?? node.path, value: value))
    }
    if outputs.isEmpty {
      guard let first = current?.first else {
        if !activeCalls.isEmpty { trail.isEntangled = true }
        if graph.isComplete {
          report(.noCurrentValue, "no value flows out of this network", layers.keyword.range)
        }
        return []
      }
      outputs = [NetworkOutput(name: "output", value: first)]
    }
    if outputs.count == 1 { outputs[0].name = outputName(outputs[0]) }
    return outputs
  }

  /// The value that stands for an output in every configuration, where arms of a condition end the
  /// network.
  private func joinedEnd(_ output: Int) -> Int {
    guard let last = current?.first else { return output }
    return search.shown(last) == output ? last : output
  }

  /// A single output is `output` unless the source names it.
  func outputName(_ output: NetworkOutput) -> String {
    graph.name(of: output.value, from: graph.owner(of: scope)) ?? "output"
  }

  // MARK: Unused

  /// Checks the names and arguments of a definition that no network uses.
  mutating func expandUnused(_ index: Int) {
    let definition = declarations.definitions[index]
    guard case .block(let block) = definition.content else { return }
    expandUnused(definition.schema, block, definition.schema.parameters.map(\.name))
  }

  /// The same of a layer that is made of others.
  mutating func expandUnused(_ layer: LayerSchema) {
    guard let block = layer.body else { return }
    activeComposites = [layer]
    expandUnused(layer, block, RuleNames(layer, catalogue).bound)
  }

  private mutating func expandUnused(
    _ schema: LayerSchema, _ block: Block, _ names: [String]
  ) {
    activeCalls = [ActiveCall(schema: schema, call: Location(schema.file, schema.nameRange))]
    input = [unknownValue()]
    current = input
    run(
      block, isWall: true, defining: names.map { NamedValue(name: $0, value: .unknown) })
    finishSearch()
  }
}
