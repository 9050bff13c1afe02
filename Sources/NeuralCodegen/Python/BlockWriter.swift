import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// Writes one class or function for all of its uses at once: the uses are walked side by side, and
/// what differs between them becomes an argument or a condition on one.
final class BlockWriter {
  enum Kind {
    case network
    /// Calls of a definition, by its index.
    case definition(Int)
    case composite(LayerSchema)
    /// Steps that are repeated as a group.
    case group
  }

  /// A Python variable that holds a value of the graph.
  struct Variable {
    var name: String
    var layout: Layout
    /// Sizes that are best written as an expression, by declared axis.
    var sizes: [Int: PythonValue] = [:]
    /// The input of the class that it is.
    var input: Int?
  }

  let module: PythonModule
  var target: PythonTarget { module.target }
  let name: String
  let uses: [ScopeUse]
  let kind: Kind

  var parameters: [BlockParameter] = []
  var initLines: [String] = []
  var forwardLines: [String] = []
  /// Which uses reach the code that is being written.
  var active: [Bool]
  /// The variable of each value, by use.
  var variables: [[Int: Variable]]
  /// How often each value will still be read, by use.
  var remaining: [[Int: Int]]
  /// Attributes that hold modules, by node, for shared layers.
  var moduleOfNode: [[Int: String]]
  /// The same of composite layers, by scope.
  var moduleOfScope: [[Int: String]]
  var attributes: Set<String> = []
  /// Attributes that are layers or blocks, with what they are, by use.
  var places: [[BlockPlace]]
  /// Arguments of the constructor that `forward` reads, under the attributes that keep them.
  var keptParameters: [(parameter: String, attribute: String)] = []
  /// Conditions as they can be asked again, with the uses in which they hold.
  var flags: [(text: String, holds: [Bool])] = []
  /// What new results are called in the scope that is being written.
  var running = "x"
  /// The columns that statements stand at; more inside conditions.
  var indent: Int
  /// Every name that a function has given to a value.
  var assigned: Set<String> = []
  /// Results of loops, by use: what a round makes of them is called as the loop's value.
  var loopResults: [Set<Int>]
  /// The loops around what is being written.
  var loops: [Loop] = []
  /// How many values the class takes.
  private(set) var inputCount = 1
  /// The local paths of everything that may become an attribute, in order.
  private var localPaths: [String] = []
  private var isLocalPath: Set<String> = []
  private var attributeNames: [String: String] = [:]

  init(_ module: PythonModule, name: String, uses: [ScopeUse], kind: Kind) {
    self.module = module
    self.name = name
    self.uses = uses
    self.kind = kind
    indent = module.target.form == .classes ? 8 : 4
    active = uses.map { _ in true }
    variables = uses.map { _ in [:] }
    remaining = uses.map { _ in [:] }
    moduleOfNode = uses.map { _ in [:] }
    moduleOfScope = uses.map { _ in [:] }
    places = uses.map { _ in [] }
    loopResults = uses.map { _ in [] }
  }

  func graph(_ use: Int) -> NetworkGraph { module.networks[uses[use].network] }

  func root(_ use: Int) -> GraphScope { graph(use).scopes[uses[use].scope] }

  var isNetwork: Bool { if case .network = kind { true } else { false } }

  // MARK: The whole class

  func write(documentation: String?) throws(EmissionError) -> ([String], WrittenBlock) {
    for use in uses.indices {
      collectComponents(use, uses[use].scope)
      countReads(use, items: root(use).items)
      for output in outputs(use) { remaining[use][output, default: 0] += 1 }
    }
    nameAttributes()
    let inputs = uses.indices.map { boundary(graph($0), uses[$0].scope) }
    if Set(inputs.map(\.count)).count > 1 { throw split(inputs.map { String($0.count) }) }
    let count = inputs.first?.count ?? 0
    inputCount = count
    var inputNames: [String] = []
    var inputLayouts: [Layout] = []
    for position in 0..<count {
      let values = inputs.map { $0[position] }
      let usual = isNetwork && target.form == .functions ? "inputs" : "x"
      let wanted = count == 1 ? usual : inputName(values[0], position)
      var name = target.variable(wanted)
      while inputNames.contains(name) || isUsed(name) { name += "_" }
      inputNames.append(name)
      assigned.insert(name)
      let layout = isNetwork ? Layout.declared : wantedLayout(values[0], use: 0)
      inputLayouts.append(layout)
      for use in uses.indices {
        variables[use][values[use]] = Variable(name: name, layout: layout, input: position)
        // The model that a function returns is made of its inputs.
        if isNetwork, target.form == .functions { remaining[use][values[use], default: 0] += 1 }
      }
    }
    try emit(uses.indices.map { root($0).items })
    let results = try returnValues()
    giveUnreachedDefaults()
    let documentation = docstring(documentation, inputs: inputs, names: inputNames)
    let lines =
      switch target.form {
      case .classes: classLines(documentation, inputNames, results)
      case .functions: functionLines(documentation, inputNames, results)
      }
    return (
      lines,
      WrittenBlock(
        name: name, parameters: parameters, uses: uses, inputLayouts: inputLayouts,
        outputLayouts: results.map(\.layout), outputSizes: results.map(\.sizes),
        drawsNumbers: drawsNumbers, places: places)
    )
  }

  private func classLines(
    _ documentation: [String], _ inputNames: [String], _ results: [Result]
  ) -> [String] {
    guard let form = target.classes else { return [] }
    var lines = ["class \(name)(\(form.base)):"] + documentation
    let source = drawsNumbers ? form.source : nil
    if !initLines.isEmpty || !parameters.isEmpty || source != nil {
      lines += [""]
      let last = source.map { [Python.text("*"), .text("\($0.name): \($0.type)")] } ?? []
      lines += Python.call("def __init__", [.text("self")] + parameterTexts() + last)
        .lines(prefix: "", indent: 4, suffix: " -> None:")
      let kept = keptParameters.map { "        self.\($0.attribute) = \($0.parameter)" }
      let body = form.opening.map { "        " + $0 } + kept + initLines
      lines += body.isEmpty ? ["        pass"] : body
    }
    let annotated = inputNames.map { "\($0): \(form.tensor)" }
    lines += [""]
    lines += Python.call("def \(form.method)", [.text("self")] + annotated.map(Python.text))
      .lines(
        prefix: "", indent: 4, suffix: " -> \(Python.annotation(form.tensor, results.count)):")
    lines += forwardLines
    return lines + ["        return \(results.map(\.text).joined(separator: ", "))"]
  }

  /// Whether the constructor takes the framework's source of random numbers: networks always do.
  private var drawsNumbers: Bool {
    guard let source = target.classes?.source?.name else { return false }
    return isNetwork || initLines.contains { $0.contains("\(source)=\(source)") }
  }

  /// The parameters of a constructor or function with their types; from now on in this order.
  func parameterTexts() -> [Python] {
    let ranked = parameters.enumerated().sorted {
      (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
    }
    let sorted = ranked.map(\.element)
    parameters = sorted
    return sorted.map { parameter in
      Python.text(
        "\(parameter.name): \(parameter.annotation)"
          + (parameter.defaultText.map { " = \($0)" } ?? ""))
    }
  }

  /// Sizes first, then the definition's parameters in its order, those with defaults last.
  private func rank(_ parameter: BlockParameter) -> Int {
    let order: Int
    switch parameter.source {
    case .size(let input, let axis): order = input * 16 + axis - 10_000
    case .derived: order = -1_000
    case .argument(let name): order = declared.firstIndex(of: name) ?? 0
    }
    return parameter.defaultText == nil ? order : order + 1_000_000
  }

  /// The parameters of the definition that this class is for.
  private var declared: [String] {
    switch kind {
    case .definition(let index): module.definitions[index].schema.parameters.map(\.name)
    case .composite(let schema): schema.parameters.map(\.name)
    case .network, .group: []
    }
  }

  private func outputs(_ use: Int) -> [Int] {
    isNetwork ? graph(use).outputs.map(\.value) : root(use).outputs
  }

  private func inputName(_ value: Int, _ position: Int) -> String {
    declaredName(value) ?? graph(0).name(of: value, from: uses[0].scope)
      ?? (position == 0 ? "x" : "x\(position + 1)")
  }

  /// The name that a network used as a layer gives to one of its inputs.
  private func declaredName(_ value: Int) -> String? {
    guard case .definition(let index) = kind,
      case .network(let network) = module.definitions[index].content,
      let place = root(0).inputs.firstIndex(of: value)
    else { return nil }
    for case .inputs(let inputs, _) in network.sections.map(\.value)
    where inputs.indices.contains(place) {
      return inputs[place].name?.text
    }
    return nil
  }

  struct Result {
    var text: String
    var layout: Layout
    var sizes: [Int: PythonValue]
  }

  /// The values that the class returns: networks in the declared layout.
  private func returnValues() throws(EmissionError) -> [Result] {
    var results: [Result] = []
    for position in outputs(0).indices {
      let values = uses.indices.map { Optional(outputs($0)[position]) }
      let variable = try self.variable(values)
      let text = isNetwork ? convert(variable, to: .declared, values) : variable.name
      results.append(
        Result(
          text: text, layout: isNetwork ? .declared : variable.layout, sizes: variable.sizes))
    }
    return results
  }

  private func docstring(
    _ documentation: String?, inputs: [[Int]], names: [String]
  ) -> [String] {
    let graph = graph(0)
    func shape(_ value: Int) -> String { graph.type(of: value)?.description ?? "?" }
    var text = documentation ?? summary()
    if uses.count == 1 {
      text += "\n"
      for (name, value) in zip(names, inputs[0]) { text += "\n\(name): \(shape(value))" }
      text += "\nreturns: \(outputs(0).map(shape).joined(separator: ", "))"
    }
    return Python.docstringLines(text, indent: 4)
  }

  private func summary() -> String {
    switch kind {
    case .network: "The network \(name)."
    case .definition(let index):
      module.definitions[index].isNetwork
        ? "The network \(module.definitions[index].schema.name) as a layer."
        : "The block \(target.form == .classes ? name : module.definitions[index].schema.name)."
    case .composite(let schema): schema.documentation ?? "The layer \(schema.name)."
    case .group: "Steps that are repeated."
    }
  }

  /// Adds a statement to `forward`.
  func forward(_ statement: String) {
    forwardLines += Python.statement(statement, indent: indent)
  }

  /// Adds an assignment to `__init__`.
  func initialize(_ target: String, _ value: Python) {
    initLines += value.lines(prefix: "\(target) = ", indent: indent)
  }

  /// Adds a statement to `__init__`.
  func initialize(_ statement: String) {
    initLines += Python.statement(statement, indent: indent)
  }

  // MARK: Names

  /// The path of something in this class, below the class's own.
  func localPath(_ path: String, use: Int) -> String {
    let prefix = root(use).path
    guard !prefix.isEmpty, path.hasPrefix(prefix + "/") else { return path }
    return String(path.dropFirst(prefix.count + 1))
  }

  private func collectComponents(_ use: Int, _ scope: Int) {
    for item in graph(use).scopes[scope].items {
      switch item {
      case .node(let node): addComponent(graph(use).nodes[node].path, use)
      case .scope(let inner):
        let entry = graph(use).scopes[inner]
        switch entry.kind {
        case .definition, .composite: addComponent(entry.path, use)
        default: collectComponents(use, inner)
        }
      }
    }
  }

  private func addComponent(_ path: String, _ use: Int) {
    let local = localPath(path, use: use)
    if isLocalPath.insert(local).inserted { localPaths.append(local) }
  }

  /// Gives every local path the shortest end of it that is free, the shallowest paths first.
  private func nameAttributes() {
    var taken: Set<String> = []
    let depth: (String) -> Int = { $0.split(separator: "/").count }
    let ordered = localPaths.enumerated().sorted {
      (depth($0.element), $0.offset) < (depth($1.element), $1.offset)
    }
    for (_, path) in ordered {
      let parts = path.split(separator: "/")
      let ends = (1...max(1, parts.count)).map { parts.suffix($0).joined(separator: "_") }
      let name = ends.first { !taken.contains($0) } ?? path
      taken.insert(name)
      attributeNames[path] = name
    }
  }

  /// The attribute for a path: its last component where that is unambiguous.
  func attribute(for path: String, use: Int) -> String {
    let local = localPath(path, use: use)
    return uniqueAttribute(
      Python.attribute(attributeNames[local] ?? local.replacing("/", with: "_")))
  }

  func uniqueAttribute(_ wanted: String) -> String {
    let name = Python.numbered(wanted, isTaken: attributes.contains)
    attributes.insert(name)
    return name
  }

  // MARK: Reads

  /// The values that a class for `scope` takes: its inputs, then what it reads from outside.
  func boundary(_ graph: NetworkGraph, _ scope: Int) -> [Int] {
    var inputs = graph.scopes[scope].inputs
    if case .network = graph.scopes[scope].kind { return graph.inputs.map(\.value) }
    var made: Set<Int> = []
    var read: [Int] = []
    func walk(_ scope: Int) {
      for item in graph.scopes[scope].items {
        switch item {
        case .node(let index):
          read += graph.nodes[index].inputs
          made.formUnion(graph.nodes[index].outputs)
        case .scope(let inner): walk(inner)
        }
      }
    }
    walk(scope)
    let readSet = Set(read)
    let returned = Set(graph.scopes[scope].outputs)
    inputs.removeAll { !readSet.contains($0) && !returned.contains($0) }
    for value in read where !made.contains(value) && !inputs.contains(value) {
      inputs.append(value)
    }
    return inputs
  }

  private func countReads(_ use: Int, items: [GraphScope.Item]) {
    forEachRead(use, items) { remaining[use][$0, default: 0] += 1 }
  }

  func reads(of value: Int, use: Int, items: [GraphScope.Item]) -> Int {
    var count = 0
    forEachRead(use, items) { if $0 == value { count += 1 } }
    return count
  }

  /// Calls `body` with every value that items read, as often as they do.
  func forEachRead(_ use: Int, _ items: [GraphScope.Item], _ body: (Int) -> Void) {
    let graph = graph(use)
    for item in items {
      switch item {
      case .node(let index):
        for input in graph.nodes[index].inputs { body(input) }
      case .scope(let scope):
        switch graph.scopes[scope].kind {
        case .definition, .composite, .iteration:
          for value in boundary(graph, scope) { body(value) }
        default: forEachRead(use, graph.scopes[scope].items, body)
        }
      }
    }
  }

  /// The layout that the first reader of a class's input wants.
  private func wantedLayout(_ value: Int, use: Int) -> Layout {
    let graph = graph(use)
    guard (graph.type(of: value)?.shape.count ?? 0) >= 3 else { return .declared }
    var followed = value
    for node in graph.nodes where node.inputs.contains(followed) {
      switch node.schema.layout {
      case .declared: return .declared
      case .channels: return target.channelLayout(node.arguments)
      case .axis where target.channels == .channelsSecond:
        return node.axisLayout(graph) ?? .declared
      case .axis, .any: followed = node.outputs.first ?? followed
      }
    }
    return .declared
  }

  func split(_ keys: [String]) -> EmissionError { .split(BlockSplit(keys: keys)) }
}

extension GraphNode {
  /// Where a normalization over `axis` wants it; `nil` where no order of the axes serves.
  func axisLayout(_ graph: NetworkGraph) -> Layout? {
    guard case .integer(.constant(let axis))? = arguments["axis"],
      let rank = inputs.first.flatMap({ graph.type(of: $0)?.shape.count })
    else { return nil }
    return .second(axis, rank: rank)
  }
}
