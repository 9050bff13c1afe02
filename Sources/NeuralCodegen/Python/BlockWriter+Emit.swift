import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

// The walk over the items of all uses, side by side.
extension BlockWriter {
  typealias Items = [[GraphScope.Item]]

  /// Writes items that stand at the same places in every active use.
  func emit(_ items: Items) throws(EmissionError) {
    let counts = Set(activeUses.map { items[$0].count })
    guard counts.count == 1, let count = counts.first else {
      throw split(keys { String(items[$0].count) })
    }
    for position in 0..<count {
      try emit(item: uses.indices.map { active[$0] ? items[$0][position] : nil })
    }
  }

  private func emit(item items: [GraphScope.Item?]) throws(EmissionError) {
    try keepingLines(of: items) { () throws(EmissionError) in
      switch try aligned(items) {
      case .nodes(let nodes): try emit(layer: LayerUse(self, nodes: nodes))
      case .scopes(let scopes): try emit(scope: scopes)
      }
    }
  }

  /// What stands at one place in every active use: nodes, or scopes.
  enum Aligned {
    case nodes([Int?])
    case scopes([Int?])
  }

  func aligned(_ items: [GraphScope.Item?]) throws(EmissionError) -> Aligned {
    var nodes: [Int?] = uses.map { _ in nil }
    var scopes: [Int?] = uses.map { _ in nil }
    for use in activeUses {
      switch items[use] {
      case .node(let index): nodes[use] = index
      case .scope(let index): scopes[use] = index
      case nil: continue
      }
    }
    if activeUses.allSatisfy({ nodes[$0] != nil }) { return .nodes(nodes) }
    if activeUses.allSatisfy({ scopes[$0] != nil }) { return .scopes(scopes) }
    throw split(keys { nodes[$0] == nil ? "scope" : "node" })
  }

  /// Where the calls that open `scopes` stand: around them, with what flows into them.
  func place(of scopes: [Int?]) -> Place {
    Place(
      scopes: uses.indices.map { entry(scopes, $0)?.parent },
      inputs: uses.indices.map { entry(scopes, $0)?.inputs })
  }

  func entry(_ scopes: [Int?], _ use: Int) -> GraphScope? {
    scopes[use].map { graph(use).scopes[$0] }
  }

  private func emit(scope scopes: [Int?]) throws(EmissionError) {
    let kinds = keys { entry(scopes, $0)?.kind.label ?? "" }
    guard let first = entry(scopes, firstActive), Set(activeUses.map { kinds[$0] }).count == 1
    else { throw split(kinds) }
    let items = uses.indices.map { entry(scopes, $0)?.items ?? [] }
    switch first.kind {
    case .network, .sequence, .iteration: try emit(items)
    case .branch:
      try inScope(named: Python.lastComponent(first.path)) { () throws(EmissionError) in
        try emit(items)
      }
    case .container: try emitContainer(scopes, items)
    case .shortcut:
      // The shortcut works on the value that the residual keeps aside.
      let kept = try variable(uses.indices.map { entry(scopes, $0)?.inputs.first })
      let name = kept.name == running || isReadOutside(scopes) ? "shortcut" : kept.name
      try inScope(named: name) { () throws(EmissionError) in try emit(items) }
    case .arm: try emitArms(scopes, items)
    case .repetition: try emitRepetition(scopes)
    case .definition, .composite: try emitCall(scopes)
    }
  }

  /// Whether the input of a shortcut is still read by what comes after it.
  private func isReadOutside(_ scopes: [Int?]) -> Bool {
    activeUses.contains { use in
      guard let scope = entry(scopes, use), let value = scope.inputs.first else { return false }
      let inside = reads(of: value, use: use, items: scope.items)
      // An empty shortcut is read as its own result; functions then go on with the same name.
      let isResult = target.form == .functions && scope.outputs.first == value
      return (remaining[use][value] ?? 0) > inside + (isResult ? 1 : 0)
    }
  }

  private func inScope(
    named name: String, _ body: () throws(EmissionError) -> Void
  ) throws(EmissionError) {
    let outer = running
    running = name
    defer { running = outer }
    try body()
  }

  /// A residual's block: its input is kept aside under a name of its own.
  private func emitContainer(_ scopes: [Int?], _ items: Items) throws(EmissionError) {
    let inputs = uses.indices.map { entry(scopes, $0)?.inputs.first }
    let hasBranches = activeUses.contains { use in
      hasBranch(use, entry(scopes, use)?.items ?? [])
    }
    if !hasBranches, activeUses.contains(where: { !items[$0].isEmpty }) {
      let kept = try variable(inputs)
      if kept.name == running {
        let name = Python.numbered("identity") { isLive($0) }
        forward("\(name) = \(kept.name)")
        for use in activeUses {
          if let value = inputs[use] { variables[use][value]?.name = name }
        }
      }
    }
    try emit(items)
  }

  private func hasBranch(_ use: Int, _ items: [GraphScope.Item]) -> Bool {
    items.contains { item in
      guard case .scope(let index) = item else { return false }
      let scope = graph(use).scopes[index]
      switch scope.kind {
      case .branch: return true
      case .arm: return hasBranch(use, scope.items)
      default: return false
      }
    }
  }

  // MARK: Conditions

  /// An `if` of the source: decided alike it leaves no trace, else the constructor decides.
  private func emitArms(_ scopes: [Int?], _ items: Items) throws(EmissionError) {
    var chosen: [Int?] = uses.map { _ in nil }
    var conditions: [Expression] = []
    for use in activeUses {
      guard case .arm(let written, let index)? = entry(scopes, use)?.kind else { continue }
      chosen[use] = index
      conditions = written
    }
    let arms = Set(chosen.compactMap { $0 }).sorted()
    if arms.count == 1 { return try emit(items) }
    if target.form == .functions {
      return try emitBranches(items, conditions, chosen, arms, at: place(of: scopes))
    }
    let outer = active
    let isShortcut = activeUses.contains { use in
      guard let parent = entry(scopes, use)?.parent else { return false }
      if case .shortcut = graph(use).scopes[parent].kind { return true }
      return false
    }
    let place = place(of: scopes)
    for arm in arms where arm < conditions.count {
      let holds = uses.indices.map { outer[$0] && chosen[$0] == arm }
      let undecided = uses.indices.map { outer[$0] && (chosen[$0] ?? 0) >= arm }
      active = undecided
      let values = uses.indices.map { undecided[$0] ? Value.boolean(holds[$0]) : nil }
      let condition = translate(conditions[arm], at: place, values: values)
      active = outer
      guard let condition else { throw split(keys { chosen[$0].map(String.init) ?? "" }) }
      try emitArm(items, holds: holds, condition, isShortcut: isShortcut)
    }
    if let last = arms.last, last >= conditions.count,
      outer.indices.contains(where: { outer[$0] && chosen[$0] == last && !items[$0].isEmpty })
    {
      let holds = uses.indices.map { outer[$0] && chosen[$0] == last }
      let others = flags.suffix(arms.count - 1).map { $0.text }
      let text =
        others.count == 1
        ? "not \(others[0])" : "not (\(others.joined(separator: " or ")))"
      try emitArm(
        items, holds: holds, PythonValue(text: text, values: []), isShortcut: isShortcut)
    }
    active = outer
  }

  /// The code of one arm, under a flag that the constructor sets.
  private func emitArm(
    _ items: Items, holds: [Bool], _ condition: PythonValue, isShortcut: Bool
  ) throws(EmissionError) {
    let outer = (active, initLines, forwardLines)
    active = holds
    initLines = []
    forwardLines = []
    indent += 4
    defer { indent -= 4 }
    try emit(items)
    let (made, run) = (initLines, forwardLines)
    (active, initLines, forwardLines) = outer
    let flag = uniqueAttribute(flagName(items, holds, isShortcut: isShortcut))
    flags.append(("self.\(flag)", uses.indices.map { holds[$0] }))
    let margin = String(repeating: " ", count: indent - 4)
    initLines += Python.text(condition.text).lines(
      prefix: "self.\(flag) = ", indent: indent - 4)
    if !made.isEmpty { initLines += ["\(margin)if self.\(flag):"] + made }
    if !run.isEmpty { forwardLines += ["\(margin)if self.\(flag):"] + run }
  }

  /// What an arm is about: its shortcut, or its first layer.
  private func flagName(_ items: Items, _ holds: [Bool], isShortcut: Bool) -> String {
    guard let use = holds.firstIndex(of: true) else { return "has_layers" }
    if isShortcut { return "has_shortcut" }
    for item in items[use] {
      switch item {
      case .scope(let index):
        let scope = graph(use).scopes[index]
        switch scope.kind {
        case .shortcut: return "has_shortcut"
        case .definition, .composite, .branch, .container:
          return "has_\(Python.attribute(Python.lastComponent(scope.path)))"
        default: continue
        }
      case .node(let index):
        let path = graph(use).nodes[index].path
        return "has_\(Python.attribute(Python.lastComponent(path)))"
      }
    }
    return "has_layers"
  }

  // MARK: Layers

  func emit(layer: LayerUse) throws(EmissionError) {
    let written = try layer.emission()
    let emission = target.form == .classes ? keeping(written) : written
    let module = try attribute(for: layer, emission)
    let inputs = try layer.inputTexts(emission)
    let read = try layer.inputs.map { values throws(EmissionError) in
      (variable: try variable(values), values: values)
    }
    for values in layer.inputs { consume(values) }
    try bindResults(layer.outputs, emission, like: read) { names in
      if let statements = emission.statements { return statements(module, inputs, names) }
      let results = target.form == .functions ? names.joined(separator: ", ") : names[0]
      return ["\(results) = \(emission.expression(module, inputs))"]
    }
  }

  /// Names the results, writes the statements that make them and remembers where they are.
  private func bindResults(
    _ outputs: [[Int?]], _ emission: Emission,
    like inputs: [(variable: Variable, values: [Int?])],
    _ statements: ([String]) -> [String]
  ) throws(EmissionError) {
    var names: [String] = []
    for (index, output) in outputs.enumerated() {
      let isRead = activeUses.contains { use in
        output[use].map { (remaining[use][$0] ?? 0) > 0 } ?? false
      }
      var name = isRead || index == 0 ? newName(for: output) : "_"
      while name != "_", names.contains(name) { name += "_" }
      names.append(name)
    }
    for line in statements(names) where line != "\(names[0]) = \(names[0])" {
      forward(line)
    }
    for (index, output) in outputs.enumerated() {
      define(
        output, name: names[index], layout: emission.outputLayout,
        sizes: index == 0 ? emission.sizes : [:], like: index == 0 ? inputs : [])
    }
  }

  /// `self.conv2d_1` for a layer with a module, made by the constructor unless it is shared.
  private func attribute(
    for layer: LayerUse, _ emission: Emission
  ) throws(EmissionError) -> String {
    guard let constructor = emission.constructor else { return "" }
    if target.form == .functions { return try callable(layer, constructor) }
    let use = firstActive
    if let owner = layer.owners[use] {
      let isComposite = layer.composites[use] != nil
      guard let shared = isComposite ? moduleOfScope[use][owner] : moduleOfNode[use][owner] else {
        throw isOutOfReach(layer.path(use), at: layer.location(use))
      }
      return "self.\(shared)"
    }
    let attribute = attribute(for: layer.path(use), use: use)
    initialize("self.\(attribute)", constructor)
    for line in emission.preparation("self.\(attribute)") { initialize(line) }
    if !layer.isTrainable(use), let form = target.classes {
      initialize(form.freeze("self.\(attribute)"))
    }
    for index in activeUses {
      if let node = layer.nodes[index] {
        moduleOfNode[index][node] = attribute
        places[index].append(
          BlockPlace(name: attribute, item: .node(node), below: emission.below))
      }
      if let scope = layer.composites[index] {
        moduleOfScope[index][scope] = attribute
        places[index].append(BlockPlace(name: attribute, item: .scope(scope)))
      }
    }
    return "self.\(attribute)"
  }

  func isOutOfReach(_ path: String, at location: Location) -> EmissionError {
    .problem(
      TargetProblem(
        "`\(path)` shares its weights with a layer in another definition, which the "
          + "\(target.displayName) target does not write yet", at: location))
  }
}

extension GraphScope.Kind {
  /// A key that tells kinds apart where uses are compared.
  var label: String {
    switch self {
    case .network: "network"
    case .definition(let index, _): "definition \(index)"
    case .repetition: "repetition"
    case .iteration: "iteration"
    case .sequence: "sequence"
    case .container: "container"
    case .branch: "branch"
    case .shortcut: "shortcut"
    case .composite(let schema, _): "composite \(schema.name)"
    case .arm: "arm"
    }
  }
}
