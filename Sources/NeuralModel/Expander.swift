import NeuralDimension
import NeuralSchema
import NeuralSyntax

/// Expands one network into its graph and infers every shape on the way: one pass, since `dim`
/// feeds conditions, counts and arguments.
///
/// A mistake is reported once, at its cause: what follows from it has unknown type and stays
/// silent.
struct Expander {
  let catalogue: Catalogue
  let declarations: DeclarationTable
  /// Where the text being expanded stands; changes in composite layers of the catalogue.
  var file: FileID
  var graph: NetworkGraph
  var findings: Findings
  var names = NameScopes()
  var facts: Facts { graph.facts }

  /// The values that the next step reads; `nil` where no flow has set one yet.
  var current: [Int]?
  /// The values that `input` names here.
  var input: [Int] = []
  var scope = 0
  /// The components used below each path, and where those of a path stand.
  private var pathNames: [PathNames] = []
  private var pathPlaces: [String: Int] = [:]
  /// Where those of the scope's path stand, if they were asked for.
  private var pathPlace: Int?
  /// What definitions gave that depends on nothing but how they were used.
  var expansions: [ExpansionQuestion: Expansion] = [:]
  /// How often something was reported, heard or not.
  private(set) var reports = 0
  /// The most blocks and definitions inside each other so far.
  var deepest = 0
  var instances: [Instance] = []
  /// Definitions, networks and users' layers that are being expanded, innermost last.
  var activeCalls: [ActiveCall] = []
  var usedDefinitions: Set<Int> = []
  /// Composite layers that were opened.
  var openedLayers: Set<ObjectIdentifier> = []
  /// The nodes that are outputs of each network that is being expanded, innermost last.
  var outputNodes: [[Int]] = [[]]
  /// Set while the body of a composite layer is expanded: where its findings belong.
  var compositeLocation: (step: Location, callee: Location)?
  var activeComposites: [LayerSchema] = []
  /// Whether the layers that are expanded now are trained.
  var isTrainable = true
  /// The type that they compute in, where a layer around them states it.
  var dtype: DType?
  var symbolCount: Int32 = 0
  /// What `branch` and `shortcut` blocks add to while a container's block is read.
  var containers: [Container] = []
  /// Inputs whose dtype the source leaves open, until a layer reads them.
  var openInputs: Set<Int> = []
  /// The place of the name or block that is being indexed, for unused names in tuples.
  var targetGroup = 0

  /// Spellings that are no layer's, with what was probably meant.
  var suggestions: [String: String?] = [:]
  /// Names that were defined, and whether any expansion used them.
  var usage: [Location: Usage] = [:]
  /// `name=` arguments by the path they give.
  var givenNames: [String: Location] = [:]
  /// The texts of the file that is checked and of what it imports.
  let sources: [FileID: SourceText]
  var budget: Budget
  /// The loop, repetition or call that is being expanded, the outermost one.
  var cause: Location?
  var depth = 0
  /// Where a condition can be added to the inputs, and how it is joined to what stands there.
  var conditionPlace: (range: SourceRange, joint: String)?
  /// The facts that `where` states, and those that windows imply; `graph.facts` is both.
  var statedFacts = Facts()
  var impliedFacts: [Facts.Constraint] = []
  /// What is said of sizes at the end, when it is known which of several is worth saying.
  var pending = PendingFindings()
  /// Which facts are known: another number for each set of them.
  var factsVersion = 0
  var latestFactsVersion = 0
  /// Results of shape rules by what they depend on; repetitions and loops ask the same again.
  var rules: [RuleQuestion: Inference] = [:]
  /// How many layers were inferred, what was remembered left out.
  var inferred = 0
  /// How many statements of the network itself were run.
  var expandedStatements = 0
  /// Inputs whose shape begins with a stated `none`, the batch, by value.
  var statedBatches: [Int: SourceRange] = [:]
  /// Set where the source says nothing of the inputs: what names them would be no mistake.
  var isInputMissing = false
  /// Paths of nodes whose activation a finding about the loss speaks of already.
  var reportedActivations: Set<String> = []
  /// What a user has set of the network's parameters and search variables.
  var settings: NetworkSettings?
  /// The search space, and what depends on it.
  var search = Search()
  /// What the statement at hand does, for the record of it.
  var trail = Trail()

  struct Usage {
    var name: String
    var isUsed: Bool
  }

  /// A definition, network or user's layer that is being expanded.
  struct ActiveCall {
    var schema: LayerSchema
    /// Where it is used.
    var call: Location
  }

  /// Blocks and definitions inside each other.
  static let depthLimit = 100

  struct Instance {
    var name: String
    var firstNode: Int?
    /// Its first use, where the layer is made of others.
    var firstScope: Int?
    /// Where it is the inside of another layer.
    var container: Location?
  }

  /// A container whose block is being read.
  struct Container {
    var mode: BlockMode
    var input: [Int]
    /// The results of `branch` blocks, in order.
    var branches: [Int] = []
    /// The same in each configuration, where their number differs.
    var lists: Alternatives<[Int]>?
    var shortcut: Int?
    var shortcutLocation: Location?
    /// Whether statements other than branches moved the value.
    var depth: Int
  }

  init(
    network: NetworkDeclaration, file: FileID, declarations: DeclarationTable,
    catalogue: Catalogue, findings: Findings, sources: [FileID: SourceText], budget: Budget
  ) {
    self.sources = sources
    self.budget = budget
    self.catalogue = catalogue
    self.declarations = declarations
    self.file = file
    self.findings = findings
    graph = NetworkGraph(name: network.name.text, file: file, declaration: network)
    graph.scopes = [
      GraphScope(
        kind: .network, path: "", parent: nil, items: [], inputs: [], outputs: [],
        location: Location(file, network.range))
    ]
  }

  // MARK: Reporting

  /// Where a finding about text of the current file belongs: parts of a composite layer have no
  /// place in the user's file but the layer itself.
  func location(_ range: SourceRange) -> Location {
    compositeLocation?.callee ?? Location(file, range)
  }

  mutating func report(
    _ code: DiagnosticCode, _ message: String, _ range: SourceRange, replacement: String? = nil
  ) {
    var finding = Finding(code, message, location(range))
    if compositeLocation == nil { finding = finding.replacing(with: replacement) }
    add(finding)
  }

  mutating func add(_ finding: Finding) {
    reports += 1
    if budget.isExhausted { return }
    if !search.restrictions.isEmpty, finding.isOfConfiguration { return putOff(finding) }
    if finding.severity == .error { graph.isComplete = false }
    let placed = placed(finding)
    findings.add(placed)
    trail.findings.add(placed)
  }

  /// A finding inside a definition or a user's layer, with the use of it that is being expanded.
  func placed(_ finding: Finding) -> Finding {
    if let use = activeCalls.last(where: { $0.call.file == graph.file }),
      finding.location.file != graph.file
    {
      return moved(finding, to: use)
    }
    guard compositeLocation == nil, let use = activeCalls.last, finding.severity == .error,
      finding.location != use.call
    else { return finding }
    return finding.relating("in this use of `\(use.schema.name)`", use.call)
  }

  /// What is wrong inside an imported definition, said where it is used: the other file alone does
  /// not show it.
  private func moved(_ finding: Finding, to use: ActiveCall) -> Finding {
    var moved = finding
    moved.origin = finding.location
    moved.location = use.call
    moved.message = "in `\(use.schema.name)`: \(finding.message)"
    moved.related.insert(("here in `\(use.schema.name)`", finding.location), at: 0)
    return moved
  }

  /// The text that is being expanded.
  var source: SourceText? { sources[file] }

  mutating func report(_ finding: ArgumentFinding, as code: DiagnosticCode? = nil) {
    var reported = Finding(code ?? finding.code, finding.message, location(finding.range))
    if compositeLocation == nil, let (text, range) = finding.replacement {
      reported = reported.fixing("Write `\(text)`", [(location(range), text)])
    }
    add(reported)
  }

  mutating func report(_ error: EvaluationError) {
    if error.code == .undefinedName {
      if let meant = error.replacement {
        // A name that is only used misspelt is used.
        _ = names.use(meant)
      } else if isInputMissing, activeCalls.isEmpty {
        return
      }
    }
    report(error.code, error.message, error.range, replacement: error.replacement)
  }

  // MARK: Values

  mutating func makeValue(_ type: TensorType?, _ producer: GraphValue.Producer) -> Int {
    graph.values.append(GraphValue(type: type, producer: producer, name: nil))
    return graph.values.count - 1
  }

  /// A value of unknown type: what follows an error.
  mutating func unknownValue() -> Int { makeValue(nil, .input(-1)) }

  func tensor(_ value: Int) -> Value {
    .tensor(TensorValue(id: value, type: graph.type(of: value)))
  }

  /// The ids of a tensor or a tuple of tensors.
  func valueIDs(_ value: Value) -> [Int]? {
    switch value {
    case .tensor(let tensor): return [tensor.id]
    case .tuple(let values), .list(let values):
      var ids: [Int] = []
      for value in values {
        guard let inner = valueIDs(value) else { return nil }
        ids += inner
      }
      return ids
    default: return nil
    }
  }

  /// Evaluates, reporting what goes wrong; `unknown` then. Where configurations are not gone
  /// through, no search variable may decide.
  mutating func value(_ expression: Expression) -> Value {
    let outer = search.touched
    if !search.isRepeating { search.touched = [] }
    defer { search.touched.formUnion(outer) }
    do {
      let value = try evaluate(expression)
      if !search.isRepeating, !search.touched.isEmpty {
        report(
          .searchSpaceError, "a search variable cannot decide this; write one value",
          expression.range)
        return .unknown
      }
      return value
    } catch {
      report(error)
      return .unknown
    }
  }

  /// A whole number that must be known now, such as a count.
  mutating func count(_ expression: Expression, what: String) -> Int? {
    let value = value(expression)
    switch value {
    case .integer(let dimension):
      guard let number = dimension.constant else {
        report(
          .notConstant, "\(what) must be a constant; `\(dimension)` is not known before running",
          expression.range)
        return nil
      }
      return number
    case .unknown: return nil
    default:
      report(.invalidArgument, "\(what) is an integer, this is \(value.typeName)", expression.range)
      return nil
    }
  }

  // MARK: Bounds

  /// Counts work; the step that asks for too much is reported once, and nothing follows it.
  mutating func charge(_ steps: Int) {
    guard !budget.isExhausted, !budget.take(steps) else { return }
    graph.isComplete = false
    // A definition that no network uses is read for its names only.
    if budget.isLimitReported, graph.declaration.name.text.isEmpty { return }
    budget.isLimitReported = true
    findings.add(
      Finding(
        .expansionLimit,
        "written out, this makes more than \(Budget.nodeLimit) layers; the rest of the network is "
          + "not checked", cause ?? location(graph.declaration.name.range)))
  }

  /// Runs `body` for a loop, a repetition or a call at `range`, the cause of what it may cost.
  mutating func expanding<Result>(
    _ range: SourceRange, _ body: (inout Expander) -> Result
  ) -> Result {
    let isOutermost = cause == nil
    if isOutermost { cause = location(range) }
    let result = body(&self)
    if isOutermost { cause = nil }
    return result
  }

  /// Whether blocks and definitions are nested too deeply to go on; says so.
  mutating func isTooDeep(_ range: SourceRange) -> Bool {
    deepest = max(deepest, depth)
    guard depth >= Expander.depthLimit else { return false }
    trail.isEntangled = true
    graph.isComplete = false
    // Definitions that call each other would all be told of it.
    if budget.isDepthReported { return true }
    budget.isDepthReported = true
    report(
      .expansionLimit,
      "blocks and definitions are nested more than \(Expander.depthLimit) deep here", range)
    return true
  }

  // MARK: Paths

  /// The scope's path joined with a component, numbered where that is the rule.
  mutating func path(_ component: String, isNumbered: Bool) -> String {
    let prefix = graph.scopes[scope].path
    // Paths of different scopes could meet.
    if component.utf8.contains(0x2F) { trail.isEntangled = true }
    if prefix.isEmpty, let known = trail.replay?.path(component, isNumbered: isNumbered) {
      trail.paths.append(
        PathCall(component: component, isNumbered: isNumbered, given: known))
      return known
    }
    let place: Int
    if let known = pathPlace ?? pathPlaces[prefix] {
      place = known
    } else {
      place = pathNames.count
      pathNames.append(PathNames())
      pathPlaces[prefix] = place
    }
    pathPlace = place
    let name = pathNames[place].next(component, isNumbered: isNumbered)
    guard prefix.isEmpty else { return Expander.path(prefix, name) }
    trail.paths.append(PathCall(component: component, isNumbered: isNumbered, given: name))
    return name
  }

  private static func path(_ prefix: String, _ name: String) -> String {
    var path = prefix
    path.reserveCapacity(prefix.utf8.count + 1 + name.utf8.count)
    path += "/"
    path += name
    return path
  }

  /// Whether components below a path were given already.
  func hasPathNames(below path: String) -> Bool { pathPlaces[path] != nil }

  /// Forgets the components below a path, so that what is expanded again has the same.
  mutating func forgetPathNames(below path: String) {
    pathPlaces = pathPlaces.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
    pathPlace = nil
    trail.isTangled = true
  }

  /// Forgets the components below all paths.
  mutating func forgetAllPathNames() { (pathNames, pathPlaces, pathPlace) = ([], [:], nil) }

  /// Opens a scope of the graph, runs `body` in it and closes it.
  mutating func inScope(
    _ kind: GraphScope.Kind, path: String, location: Location, inputs: [Int],
    documentation: String? = nil, _ body: (inout Expander) -> [Int]
  ) -> [Int] {
    charge(2)
    let index = graph.scopes.count
    graph.scopes.append(
      GraphScope(
        kind: kind, path: path, parent: scope, items: [], inputs: inputs, outputs: [],
        location: location, documentation: documentation))
    graph.scopes[scope].items.append(.scope(index))
    let outer = (scope, pathPlace)
    if path != graph.scopes[scope].path { pathPlace = nil }
    scope = index
    let outputs = body(&self)
    graph.scopes[index].outputs = outputs
    (scope, pathPlace) = outer
    return outputs
  }
}

// MARK: - Names and calls in expressions

extension Expander: EvaluationContext {
  mutating func spend(_ steps: Int) throws(EvaluationError) {
    charge(steps)
    if budget.isExhausted {
      throw EvaluationError(.expansionLimit, "", graph.declaration.name.range)
    }
  }

  /// What is not evaluated still uses the names that it reads.
  mutating func skip(_ expression: Expression) {
    expression.forEachName { _ = names.use($0) }
  }

  mutating func lookup(_ name: String) -> Value? {
    if let named = names.useNamed(name) {
      guard let choices = named.choices else { return named.value }
      search.touched.formUnion(choices.variables)
      return choices[search.configuration]
    }
    if name == "input", !input.isEmpty {
      if activeCalls.isEmpty, activeComposites.isEmpty {
        for input in graph.inputs { _ = names.use(input.name) }
      }
      return input.count == 1 ? tensor(input[0]) : .tuple(input.map(tensor))
    }
    return nil
  }

  var hasIndexedNames: Bool { true }

  func undefined(_ name: String, _ range: SourceRange) -> EvaluationError {
    let indexed = names.visible.map(\.name).filter { $0.hasPrefix(name + "[") }
    if !indexed.isEmpty {
      return EvaluationError(
        .undefinedName,
        "`\(name)` has no such entry; there are \(indexed.sorted().joined(separator: ", "))", range)
    }
    let visible = names.visible.map(\.name).filter { $0 != name }
    if let near = nearest(to: name, among: visible) {
      return EvaluationError(
        .undefinedName, "`\(name)` is not defined; did you mean `\(near)`?", range,
        replacement: near)
    }
    if let activation = catalogue.declared("activation", name) {
      return EvaluationError(
        .undefinedName, "`\(name)` is not defined; the activation is written in quotes", range,
        replacement: Value.quoted(activation.name))
    }
    if let layer = catalogue.layer(named: name, in: file) {
      return EvaluationError(
        .undefinedName, "`\(name)` is not defined; the layer is written `\(layer.schema.name)()`",
        range, replacement: "\(layer.schema.name)()")
    }
    return EvaluationError(.undefinedName, "`\(name)` is not defined", range)
  }

  mutating func evaluate(call: Call) throws(EvaluationError) -> Value {
    if call.name.text == "dim" { return try dimension(call) }
    if call.name.text == "HPO" {
      return try searchSpace(call)
    }
    if case .layer(let layer)? = lookup(call.name.text) {
      if call.arguments?.isEmpty ?? true { return .layer(layer) }
    }
    if let index = declarations.definition(named: call.name.text, in: file) {
      let definition = declarations.definitions[index]
      throw EvaluationError(
        .invalidArgument,
        "`\(definition.schema.name)` is a \(definition.isNetwork ? "network" : "definition"); only "
          + "layers are values", call.range)
    }
    guard let schema = try layerSchema(call.name) else {
      // Activations, schedules and the like are called by name too.
      for keyword in Catalogue.calledKeywords {
        if let schema = catalogue.declared(keyword, call.name.text) {
          return try layerValue(schema, call)
        }
      }
      if declarations.isMissing(call.name.text, in: file), meant(by: call.name.text) == nil {
        graph.isComplete = false
        trail.isEntangled = true
        return .unknown
      }
      throw bareSpace(call) ?? unknownLayer(call.name)
    }
    return try layerValue(schema, call)
  }

  private mutating func layerValue(
    _ schema: LayerSchema, _ call: Call
  ) throws(EvaluationError) -> Value {
    let binding = bind(call, to: schema)
    if binding.isBroken || binding.arguments.entries.contains(where: { $0.value.isUnknown }) {
      return .unknown
    }
    if schema.isTranslation {
      guard var translation = translate(schema, binding, call) else { return .unknown }
      guard translation.order.isEmpty else {
        throw EvaluationError(
          .invalidArgument,
          "`\(schema.name)` reads its inputs in another order; write "
            + "`\(translation.layer.schema.name)` where a layer is named", call.range)
      }
      guard translation.times == 1 else {
        throw EvaluationError(
          .invalidArgument,
          "`\(schema.name)` stands for \(translation.times) layers; a value is one", call.range)
      }
      translation.layer.range = call.name.range
      return .layer(translation.layer)
    }
    return .layer(
      LayerValue(
        schema: schema, arguments: binding.arguments, universal: binding.universal,
        range: call.name.range))
  }

  /// `dim(axis, of=name)`: a size of the current value or of a named one.
  private mutating func dimension(_ call: Call) throws(EvaluationError) -> Value {
    var axis: Int?
    var shape: [Dimension]?
    var isNamed = false
    for (index, argument) in (call.arguments ?? []).enumerated() {
      switch argument.name?.text {
      case nil where index == 0, "axis":
        guard case .integer(.constant(let number)) = try evaluate(argument.value) else {
          throw EvaluationError(
            .notConstant, "the axis of `dim` is an integer constant", argument.value.range)
        }
        axis = number
      case nil where index == 1, "of":
        isNamed = true
        let value = try evaluate(argument.value)
        guard case .tensor(let tensor) = value else {
          if value.isUnknown { return .unknown }
          throw EvaluationError(
            .invalidArgument, "`of` names a value, this is \(value.typeName)",
            argument.value.range)
        }
        guard let type = tensor.id < 0 ? tensor.type : type(of: tensor.id) else { return .unknown }
        shape = type.shape
      default:
        throw EvaluationError(
          .unknownArgument, "`dim` takes an axis and `of=name`", argument.range)
      }
    }
    guard let axis else {
      throw EvaluationError(.missingArgument, "`dim` needs an axis", call.range)
    }
    if !isNamed {
      guard let current, let first = current.first else {
        throw EvaluationError(.noCurrentValue, "no value flows here yet", call.range)
      }
      guard let type = type(of: first) else { return .unknown }
      shape = type.shape
    }
    guard let shape else { return .unknown }
    let place = axis < 0 ? axis + shape.count : axis
    guard shape.indices.contains(place) else {
      throw EvaluationError(
        .invalidArgument, "axis \(axis) is outside \(TensorType.text(shape))", call.range)
    }
    return .integer(shape[place])
  }

  // MARK: Layers by name

  /// The layer of this name; `nil` for an unknown one. Hints about its spelling are reported.
  mutating func layerSchema(_ name: Name) throws(EvaluationError) -> LayerSchema? {
    guard let match = catalogue.layer(named: name.text, in: file) else { return nil }
    if match.schema.file.catalogueFile == nil, match.spelling != .otherCase { return match.schema }
    if match.spelling == .otherCase, compositeLocation == nil {
      let declared = match.schema.name
      add(
        Finding(
          .layerSpelling, "this layer is spelt `\(declared)`", location(name.range)
        ).replacing(with: declared))
    } else if match.spelling == .oldName, compositeLocation == nil {
      add(
        Finding(
          .oldForm, "`\(name.text)` is now called `\(match.schema.name)`", location(name.range)
        ).replacing(with: match.schema.name))
    } else if match.spelling == .alias, compositeLocation == nil {
      add(
        Finding(
          .layerSpelling, "`\(name.text)` is an older name of `\(match.schema.name)`",
          location(name.range)
        ).replacing(with: match.schema.name))
    }
    return match.schema
  }

  /// What a misspelt layer or definition was meant to be; found once for each spelling.
  private mutating func meant(by name: String) -> String? {
    if case .missing? = declarations.declared(name, in: file) { return nil }
    if let known = suggestions[name] { return known }
    let near =
      nearest(to: name, among: declarations.names(in: file)) ?? catalogue.nearestLayer(to: name)
      ?? name.split(separator: ".").last.flatMap {
        name.contains(".") ? catalogue.nearestLayer(to: String($0)) : nil
      }
    suggestions[name] = .some(near)
    return near
  }

  /// Nothing is called so; where an import failed that would have brought it, that was said there.
  mutating func reportUnknown(_ name: Name) {
    if declarations.isMissing(name.text, in: file), meant(by: name.text) == nil {
      graph.isComplete = false
      trail.isEntangled = true
    } else {
      report(unknownLayer(name))
    }
  }

  mutating func unknownLayer(_ name: Name) -> EvaluationError {
    guard let near = meant(by: name.text) else {
      return EvaluationError(
        .unknownLayer, "there is no layer or definition called `\(name.text)`", name.range)
    }
    return EvaluationError(
      .unknownLayer,
      "there is no layer or definition called `\(name.text)`; did you mean `\(near)`?",
      name.range, replacement: near)
  }

  /// Evaluates a call's arguments and assigns them; findings are reported.
  mutating func bind(
    _ call: Call, to schema: LayerSchema, leading: [EvaluatedArgument] = []
  ) -> Binding {
    hintColons(call)
    var given = leading
    var tables: [Int: Alternatives<Value>] = [:]
    for (index, argument) in (call.arguments ?? []).enumerated() {
      let place = leading.count + index
      if let value = plain(argument.value) {
        given.append(
          EvaluatedArgument(
            name: argument.name, value: value, range: argument.range,
            valueRange: argument.value.range, expression: argument.value))
        continue
      }
      search.naming =
        argument.name?.text
        ?? (schema.parameters.indices.contains(place) ? schema.parameters[place].name : nil)
      let table = alternatives(argument.value)
      var value = table[search.configuration] ?? .unknown
      if !table.isConstant {
        if let ids = tensorValue(table), ids.count == 1 {
          value = tensor(ids[0])
        } else {
          tables[place] = table
        }
      }
      given.append(
        EvaluatedArgument(
          name: argument.name, value: value, range: argument.range,
          valueRange: argument.value.range, expression: argument.value))
    }
    search.naming = nil
    return bind(given, tables, to: schema, calleeRange: call.name.range) {
      $0.report($1)
    }
  }

  /// The value of a literal, or of a name that means the same in every configuration: most
  /// arguments are no more. `nil` for anything else.
  private mutating func plain(_ expression: Expression) -> Value? {
    let value: Value
    switch expression.kind {
    case .integer(let number?): value = .int(number)
    case .float(let number): value = .float(number)
    case .string(let text): value = .string(text)
    case .boolean(let flag): value = .boolean(flag)
    case .none: value = .none
    case .name(let name):
      guard let named = names.useNamed(name), named.choices == nil else { return nil }
      value = named.value
    default: return nil
    }
    charge(1)
    return budget.isExhausted ? nil : value
  }

  /// `filters: 32`, an older form: the fix writes all arguments of the call with `=`.
  private mutating func hintColons(_ call: Call) {
    guard compositeLocation == nil, let arguments = call.arguments,
      arguments.contains(where: \.usesColon)
    else { return }
    var edits: [(location: Location, text: String)] = []
    for case let (name?, argument) in arguments.map({ ($0.name, $0) }) where argument.usesColon {
      let colon = name.range.endPoint.joined(with: argument.value.range.startPoint)
      edits.append((location(colon), "="))
    }
    for case let (name?, argument) in arguments.map({ ($0.name, $0) }) where argument.usesColon {
      let text = "\(name.text)=\(source?.text(of: argument.value.range) ?? "…")"
      add(
        Finding(
          .oldForm, "an argument is given with `=`: `\(text)`", location(argument.range)
        ).fixing("Write `=` in this call", edits))
    }
  }
}
