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
    switch try aligned(items) {
    case .nodes(let nodes): try emit(layer: LayerUse(self, nodes: nodes))
    case .scopes(let scopes): try emit(scope: scopes)
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
        places[index].append((attribute, .node(node)))
      }
      if let scope = layer.composites[index] {
        moduleOfScope[index][scope] = attribute
        places[index].append((attribute, .scope(scope)))
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

  // MARK: Calls of classes

  /// A call of a definition, or of a composite layer without a module of PyTorch's own.
  private func emitCall(_ scopes: [Int?]) throws(EmissionError) {
    if let layer = LayerUse(self, composite: scopes), layer.hasEmitter {
      return try emit(layer: layer)
    }
    let (constructor, written, inner, sizes) = try callConstructor(scopes)
    if target.form == .functions {
      return try callFunction(constructor, written, scopes, inner)
    }
    let use = firstActive
    let path = entry(scopes, use)?.path ?? ""
    if let owner = entry(scopes, use)?.sharedWith {
      guard let shared = moduleOfScope[use][owner] else {
        throw isOutOfReach(path, at: entry(scopes, use)?.location ?? root(use).location)
      }
      return try callModule("self.\(shared)", written, scopes, inner, sizes)
    }
    let attribute = attribute(for: path, use: use)
    initialize("self.\(attribute)", constructor)
    for index in activeUses {
      if let scope = scopes[index] {
        moduleOfScope[index][scope] = attribute
        places[index].append((attribute, .scope(scope)))
      }
    }
    try callModule("self.\(attribute)", written, scopes, inner, sizes)
  }

  /// Passes the inputs of a written class and binds its results.
  private func callModule(
    _ name: String, _ written: WrittenBlock, _ scopes: [Int?], _ boundary: [[Int]?],
    _ sizes: [[Int: PythonValue]]
  ) throws(EmissionError) {
    let texts = try passedValues(written, boundary)
    let passed = texts.count == 1 ? Python.bare(texts[0]) : texts.joined(separator: ", ")
    bindCall(written, scopes, sizes) { "\(name)(\(passed))" }
  }

  /// The texts of what a block is called on, in the layouts that it wants.
  func passedValues(
    _ written: WrittenBlock, _ boundary: [[Int]?]
  ) throws(EmissionError) -> [String] {
    var texts: [String] = []
    for (position, layout) in written.inputLayouts.enumerated() {
      let values = uses.indices.map { boundary[$0]?[position] }
      texts.append(convert(try variable(values), to: layout, values))
    }
    for position in written.inputLayouts.indices {
      consume(uses.indices.map { boundary[$0]?[position] })
    }
    return texts
  }

  /// Names the results of a call and writes it.
  func bindCall(
    _ written: WrittenBlock, _ scopes: [Int?], _ sizes: [[Int: PythonValue]], _ call: () -> String
  ) {
    let count = entry(scopes, firstActive)?.outputs.count ?? 1
    let outputs = (0..<count).map { index in
      uses.indices.map { entry(scopes, $0)?.outputs[index] }
    }
    var names: [String] = []
    for output in outputs {
      var result = newName(for: output)
      while names.contains(result) { result += "_" }
      names.append(result)
    }
    forward("\(names.joined(separator: ", ")) = \(call())")
    for (index, output) in outputs.enumerated() {
      define(
        output, name: names[index],
        layout: written.outputLayouts.indices.contains(index)
          ? written.outputLayouts[index] : .declared,
        sizes: sizes.indices.contains(index) ? agreeing(sizes[index], output) : [:], like: [])
    }
  }

  /// Those of the sizes that the values really have.
  func agreeing(_ sizes: [Int: PythonValue], _ values: [Int?]) -> [Int: PythonValue] {
    isNetwork ? [:] : sizes.filter { $0.value.agrees(with: self.sizes(of: values, axis: $0.key)) }
  }

  /// `Bottleneck(64, 256, strides=2)`, the class that it names, and the values that it takes.
  func callConstructor(
    _ scopes: [Int?]
  ) throws(EmissionError) -> (Python, WrittenBlock, [[Int]?], [[Int: PythonValue]]) {
    let use = firstActive
    guard let first = entry(scopes, use) else { throw problem("nothing is called here", use: use) }
    try writeBlock(scopes, first)
    var classes: [String] = []
    var written: WrittenBlock?
    for use in uses.indices {
      guard active[use], let scope = scopes[use] else {
        classes.append("")
        continue
      }
      let found = module.writtenBlock(
        for: ScopeUse(network: uses[use].network, scope: scope))
      written = written ?? found
      classes.append(found?.name ?? "")
    }
    guard let written, Set(activeUses.map { classes[$0] }).count == 1 else { throw split(classes) }
    let inner = uses.indices.map { use in
      active[use] ? scopes[use].map { boundary(graph(use), $0) } : nil
    }
    var positional: [Python] = []
    var passed: [String: PythonValue] = [:]
    for parameter in written.parameters {
      let values = uses.indices.map { use -> Value? in
        guard active[use], let scope = scopes[use],
          let index = written.uses.firstIndex(
            of: ScopeUse(network: uses[use].network, scope: scope))
        else { return nil }
        return parameter.values[index]
      }
      let value = try argument(parameter, values, scopes, inner)
      passed[parameter.name] = value
      if let fallback = parameter.defaultText {
        if value.text != fallback { positional.append(.keyword(parameter.name, .text(value.text))) }
      } else {
        positional.append(.text(value.text))
      }
    }
    // What the class says of its results' sizes, in terms of what is passed here.
    let outputs = (0..<written.outputSizes.count).map { index in
      uses.indices.map { entry(scopes, $0)?.outputs[index] }
    }
    let sizes = written.outputSizes.enumerated().map { index, sizes in
      var known: [Int: PythonValue] = [:]
      for (axis, size) in sizes {
        guard let text = size.replacing(passed) else { continue }
        known[axis] = PythonValue(
          text: text, values: self.sizes(of: outputs[index], axis: axis),
          isOperation: text.contains(" "))
      }
      return known
    }
    if written.drawsNumbers, let source = target.classes?.source?.name {
      positional.append(.keyword(source, .text(source)))
    }
    return (.call(written.name, positional), written, inner, sizes)
  }

  /// What is passed for one parameter of a class.
  private func argument(
    _ parameter: BlockParameter, _ values: [Value?], _ scopes: [Int?], _ inner: [[Int]?]
  ) throws(EmissionError) -> PythonValue {
    // What no use of this call reaches is as the class has it.
    if let fallback = parameter.defaultText, values.allSatisfy({ $0 == nil }) {
      return PythonValue(text: fallback, values: values)
    }
    switch parameter.source {
    case .size(let input, let axis):
      let ids = uses.indices.map { inner[$0]?[input] }
      return try size(of: ids, axis: axis, hint: parameter.name)
    case .argument(let name):
      let expressions = uses.indices.map { use -> Expression? in
        switch entry(scopes, use)?.kind {
        case .definition(_, let arguments), .composite(_, let arguments):
          arguments.entry(name)?.expression
        default: Expression(.name(name), SourceRange(startChunk: 0, start: 0, endChunk: 0, end: 0))
        }
      }
      let place = place(of: scopes)
      if let expression = expressions[firstActive], BlockWriter.hasNames(expression), !isNetwork,
        let translated = translate(expression, at: place, values: values)
      {
        return translated
      }
      return try infer(values, hint: name)
    case .derived: return try infer(values, hint: parameter.name)
    }
  }

  /// A scope with those that repeat it.
  private func repetitions(of scope: Int?, _ use: Int) -> [Int] {
    guard let scope else { return [] }
    guard let parent = graph(use).scopes[scope].parent,
      case .repetition = graph(use).scopes[parent].kind
    else { return [scope] }
    return graph(use).scopes[parent].items.compactMap { item in
      if case .scope(let index) = item { index } else { nil }
    }
  }

  /// Writes the class for a scope, together with all other uses that can share it.
  private func writeBlock(_ scopes: [Int?], _ first: GraphScope) throws(EmissionError) {
    do throws(TargetProblem) {
      switch first.kind {
      case .definition(let index, _):
        let definition = module.definitions[index]
        try module.classes(
          for: module.uses(ofDefinition: index), name: module.className(of: definition),
          kind: .definition(index), documentation: definition.schema.documentation)
      case .composite(let schema, _):
        try module.classes(
          for: module.uses(of: schema),
          name: target.form == .functions ? schema.snakeName : schema.name,
          kind: .composite(schema),
          documentation: schema.documentation)
      default:
        // All repetitions share the class, wherever they stand in the loop.
        let own = activeUses.flatMap { use in
          repetitions(of: scopes[use], use).map {
            ScopeUse(network: uses[use].network, scope: $0)
          }
        }
        let step = firstPath(scopes[firstActive].map { .scope($0) })
        try module.classes(
          for: own, name: Python.camelCase(withoutNumber(step)) + "Block", kind: .group,
          documentation: nil)
      }
    } catch {
      throw .problem(error)
    }
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
