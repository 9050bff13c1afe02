import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

// `step * n`: a loop over modules, or one module called again.
extension BlockWriter {
  /// One repetition as it would be written.
  private struct Round {
    var constructor: Python?
    var emission: Emission
    var sizes: [Int: PythonValue]
    /// Lines for `__init__` after the module is made, which they call `layer`.
    var preparation: [String] = []
  }

  func emitRepetition(_ scopes: [Int?]) throws(EmissionError) {
    if target.form == .functions { return try emitLoop(scopes) }
    let items = uses.indices.map { entry(scopes, $0)?.items ?? [] }
    let counts: [Value?] = uses.indices.map { use in
      active[use] ? .int(items[use].count) : nil
    }
    let most = activeUses.map { items[$0].count }.max() ?? 0
    let input = uses.indices.map { entry(scopes, $0)?.inputs.first }
    let outer = active
    var rounds: [Round] = []
    for index in 0..<most {
      active = uses.indices.map { outer[$0] && items[$0].count > index }
      let round = try round(uses.indices.map { active[$0] ? items[$0][index] : nil })
      rounds.append(round)
    }
    active = outer
    guard let first = rounds.first else { return }
    let count = try countText(scopes, counts)
    let rest = Array(rounds.dropFirst())
    let constructors = rounds.compactMap(\.constructor)
    guard constructors.count == rounds.count || constructors.isEmpty else {
      throw split(counts.map { $0?.description ?? "" })
    }
    let isOne = rest.allSatisfy { $0.constructor == rest.first?.constructor }
    let isUniform = Set(counts.compactMap { $0 }).count == 1
    if !isOne, !isUniform { throw split(counts.map { $0?.description ?? "" }) }
    let variable = try variable(input)
    let layout = first.emission.inputLayouts.first ?? .declared
    // Between two repetitions the value has the layout that one of them gives.
    let between = first.emission.outputLayout
    let text = convert(variable, to: between, input)
    consumeRounds(items)
    let last = uses.indices.map { use -> Int? in
      active[use] ? entry(scopes, use)?.outputs.first : nil
    }
    let path = firstPath(items[firstActive].first)
    let base = Python.attribute(withoutNumber(path))
    let isPlain =
      rounds.allSatisfy { $0.emission.isPlain && $0.emission.statements == nil }
      && between == layout
    let result = newName(for: last)
    let read = convert(Variable(name: result, layout: between), to: layout, input)
    if constructors.isEmpty {
      if result != text { forward("\(result) = \(text)") }
      loop(
        "for _ in range(\(count.text)):", "\(result) = \(first.emission.expression("", [read]))")
    } else {
      let attribute = uniqueAttribute("\(base)_layers")
      for use in activeUses {
        for (number, item) in items[use].enumerated() {
          places[use].append(
            BlockPlace(name: "\(attribute).\(number)", item: item, below: first.emission.below))
        }
      }
      let list = moduleList(constructors, isOne: isOne, count: count)
      let preparation = first.preparation
      guard rest.allSatisfy({ $0.preparation == preparation }) else {
        throw problem(
          "the \(target.displayName) target repeats only what is trained alike", use: firstActive)
      }
      guard let form = target.classes else { return }
      if isPlain {
        initialize("self.\(attribute)", .call(form.sequence, list))
        forward("\(result) = self.\(attribute)(\(text))")
      } else {
        initialize("self.\(attribute)", .call(form.list, [asOne(list)]))
        if result != text { forward("\(result) = \(text)") }
        let expression = first.emission.expression("layer", [read])
        loop("for layer in self.\(attribute):", "\(result) = \(expression)")
      }
      if !preparation.isEmpty {
        let margin = String(repeating: " ", count: indent)
        let list = "self.\(attribute)" + (isPlain ? form.members : "")
        initLines.append("\(margin)for layer in \(list):")
        initLines += preparation.flatMap { Python.statement($0, indent: indent + 4) }
      }
    }
    define(
      last, name: result, layout: first.emission.outputLayout,
      sizes: agreeing(rounds.last?.sizes ?? [:], last), like: [(variable, input)])
  }

  private func loop(_ head: String, _ statement: String) {
    forwardLines.append(String(repeating: " ", count: indent) + head)
    forwardLines += Python.statement(statement, indent: indent + 4)
  }

  /// What one repetition is: a layer, or a class that is called.
  private func round(_ items: [GraphScope.Item?]) throws(EmissionError) -> Round {
    let layer: LayerUse?
    var scopes: [Int?] = []
    switch try aligned(items) {
    case .nodes(let nodes): layer = try LayerUse(self, nodes: nodes)
    case .scopes(let entered):
      scopes = entered
      let composite = LayerUse(self, composite: scopes)
      layer = composite?.hasEmitter == true ? composite : nil
    }
    if let layer {
      guard layer.inputs.count == 1, let output = layer.outputs.first else {
        throw layer.unsupported("repeats only layers of one input; write the steps out")
      }
      let emission = keeping(try layer.emission())
      if emission.statements != nil {
        throw layer.unsupported("repeats no layer with several results; write the steps out")
      }
      let input = try variable(layer.inputs[0])
      // Where the value is kept does not matter yet: only sizes and layouts are followed.
      define(
        output, name: input.name, layout: emission.outputLayout, sizes: emission.sizes,
        like: [(input, layer.inputs[0])])
      let isFrozen = emission.constructor != nil && !layer.isTrainable(firstActive)
      return Round(
        constructor: emission.constructor, emission: emission, sizes: emission.sizes,
        preparation: emission.preparation("layer")
          + (isFrozen ? target.classes.map { [$0.freeze("layer")] } ?? [] : []))
    }
    let (constructor, written, inner, sizes) = try callConstructor(scopes)
    guard written.inputLayouts.count == 1, written.outputLayouts.count == 1 else {
      throw problem(
        "the \(target.displayName) target repeats only steps of one input and one result",
        use: firstActive)
    }
    let output = uses.indices.map { entry(scopes, $0)?.outputs.first }
    let values = uses.indices.map { inner[$0]?.first }
    let input = try variable(values)
    define(
      output, name: input.name, layout: written.outputLayouts[0],
      sizes: agreeing(sizes.first ?? [:], output), like: [(input, values)])
    return Round(
      constructor: constructor,
      emission: Emission(
        constructor, layouts: written.inputLayouts, output: written.outputLayouts[0]),
      sizes: sizes.first ?? [:])
  }

  /// The number of repetitions as the source writes it.
  func countText(
    _ scopes: [Int?], _ counts: [Value?]
  ) throws(EmissionError) -> PythonValue {
    if case .repetition(_, let expression)? = entry(scopes, firstActive)?.kind, !isNetwork,
      BlockWriter.hasNames(expression)
    {
      if let translated = translate(expression, at: place(of: scopes), values: counts) {
        return translated
      }
    }
    return try infer(counts, hint: "repetitions")
  }

  /// The modules of all repetitions: one, a comprehension, or a first and a comprehension.
  private func moduleList(
    _ constructors: [Python], isOne: Bool, count: PythonValue
  ) -> [Python] {
    guard constructors.count > 1 else { return constructors }
    if !isOne { return constructors }
    let rest = constructors[1]
    if constructors[0] == rest {
      return [.unpacked(rest, count: count.text)]
    }
    if count.text == "2" { return constructors }
    let number = Int(count.text).map { String($0 - 1) } ?? "\(count.operand) - 1"
    return [constructors[0], .unpacked(rest, count: number)]
  }

  /// The arguments of `nn.Sequential` as the one list that `nn.ModuleList` takes.
  private func asOne(_ entries: [Python]) -> Python {
    if entries.count == 1, case .unpacked(let element, let count) = entries[0] {
      return .generator(element, count: count)
    }
    return .list(entries)
  }

  /// Reads inside the repetitions are done.
  private func consumeRounds(_ items: Items) {
    for use in activeUses {
      forEachRead(use, items[use]) { remaining[use][$0, default: 1] -= 1 }
    }
  }

  func firstPath(_ item: GraphScope.Item?) -> String {
    let use = firstActive
    let path: String
    switch item {
    case .node(let index): path = graph(use).nodes[index].path
    case .scope(let index):
      let scope = graph(use).scopes[index]
      switch scope.kind {
      case .definition, .composite, .container, .branch: path = scope.path
      default: return firstPath(scope.items.first)
      }
    case nil: path = "layers"
    }
    return Python.lastComponent(path)
  }

  func withoutNumber(_ name: String) -> String {
    guard let underscore = name.lastIndex(of: "_"),
      Int(name[name.index(after: underscore)...]) != nil
    else { return name }
    return String(name[..<underscore])
  }
}
