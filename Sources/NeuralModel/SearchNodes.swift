import NeuralDimension
import NeuralSchema
import NeuralSyntax

/// What a rule says in one configuration.
enum RuleOutcome {
  case result(RuleResult)
  case failure(RuleFailure)
  /// Something that it depends on was reported already.
  case unknown

  var result: RuleResult? { if case .result(let result) = self { result } else { nil } }
}

// Layers whose arguments or inputs depend on search variables.
extension Expander {
  /// The variables that arguments and the types of inputs depend on.
  func variables(_ arguments: BoundArguments, _ inputs: [Int]) -> Set<Int> {
    var variables: Set<Int> = []
    for entry in arguments.entries {
      if let table = entry.alternatives { variables.formUnion(table.variables) }
    }
    for input in inputs {
      if let table = search.types[input] { variables.formUnion(search.variables(of: table)) }
    }
    return variables
  }

  /// What the rule says in every configuration; failures are reported.
  ///
  /// Sizes that differ stand behind symbols at first: where the rule holds for all their values, one
  /// evaluation says so. Only where it does not are the variables behind them gone through.
  mutating func outcomes(
    _ schema: LayerSchema, _ arguments: BoundArguments, inputs: [Int], call: Call,
    isWhole: Bool = false
  ) -> Alternatives<RuleOutcome> {
    let tables = inputs.map { types(of: $0) }
    let symbolic = isWhole || schema.hasBuiltinRule ? arguments : symbolized(arguments)
    var outer = tables.reduce(into: Set<Int>()) { $0.formUnion($1.variables) }
    for entry in symbolic.entries {
      if let table = entry.alternatives { outer.formUnion(table.variables) }
    }
    var all = outer
    var accepted: [Int: RuleResult] = [:]
    guard let shapes = search.combinations(outer) else {
      reportTooMany(outer, call.name.range)
      return Alternatives(.unknown)
    }
    let places = shapes.entries.indices.filter { shapes.entries[$0] != nil }
    shapes.forEachPlace(in: search.configuration) { place, choices in
      guard shapes.entries[place] != nil else { return }
      let types = tables.map { $0[choices] ?? nil }
      let known = types.compactMap { $0 }
      guard known.count == types.count else { return }
      let given = resolved(symbolic, in: choices)
      let inner = sizeVariables(given, known)
      if isWhole || schema.hasBuiltinRule || inner.isEmpty {
        all.formUnion(inner)
      } else if let result = holds(schema, given, known) {
        accepted[place] = result
      } else {
        all.formUnion(inner)
      }
    }
    if all == outer, accepted.count == places.count {
      return Alternatives(
        shapes.variables, counts: shapes.counts,
        entries: shapes.entries.indices.map { accepted[$0].map(RuleOutcome.result) })
    }
    guard let combinations = search.combinations(all) else {
      reportTooMany(all, call.name.range)
      return Alternatives(.unknown)
    }
    charge(combinations.entries.count)
    if budget.isExhausted { return Alternatives(.unknown) }
    var table = combinations.map { _ in RuleOutcome.unknown }
    combinations.forEachPlace(in: search.configuration) { place, choices in
      guard combinations.entries[place] != nil else { return }
      if let result = accepted[shapes.place(choices)] {
        table.entries[place] = .result(result)
        return
      }
      let types = tables.map { ($0[choices] ?? nil).map { search.resolved($0, in: choices) } }
      let known = types.compactMap { $0 }
      let given = resolved(arguments, in: choices)
      guard known.count == types.count, !given.entries.contains(where: { $0.value.isUnknown })
      else { return }
      do throws(RuleFailure) {
        var given = given
        adapt(&given, of: schema, rank: known.first?.shape.count)
        table.entries[place] = .result(try rule(schema, given, inputs, known).result)
      } catch {
        table.entries[place] = .failure(error)
      }
    }
    report(table, schema, arguments, inputs: inputs, call: call)
    return table
  }

  /// Each kind of failure once, with the configurations that have it.
  private mutating func report(
    _ table: Alternatives<RuleOutcome>, _ schema: LayerSchema, _ arguments: BoundArguments,
    inputs: [Int], call: Call
  ) {
    var groups: [(failure: RuleFailure, places: Set<Int>)] = []
    for (place, outcome) in table.entries.enumerated() {
      guard case .failure(let failure)? = outcome else { continue }
      if let index = groups.firstIndex(where: {
        $0.failure.code == failure.code && $0.failure.parameter == failure.parameter
      }) {
        groups[index].places.insert(place)
      } else {
        groups.append((failure, [place]))
      }
    }
    let known = known(table)
    for (failure, places) in groups {
      restricted(to: known, places) {
        $0.report(failure, schema, arguments, inputs: inputs, call: call)
      }
    }
  }

  /// What a rule says that is no failure: each kind once, with the configurations that have it.
  mutating func reportNotes(
    _ table: Alternatives<RuleOutcome>, _ node: GraphNode, _ binding: Binding, call: Call
  ) {
    var notes: [(note: RuleNote, places: Set<Int>)] = []
    var claims: [(claim: UnmetClaim, places: Set<Int>)] = []
    for (place, outcome) in table.entries.enumerated() {
      guard case .result(let result)? = outcome else { continue }
      for note in result.notes where isSaid(note) {
        if let index = notes.firstIndex(where: {
          $0.note.code == note.code && $0.note.parameter == note.parameter
            && $0.note.bounds == note.bounds
        }) {
          notes[index].places.insert(place)
        } else {
          notes.append((note, [place]))
        }
      }
      for claim in result.unmet {
        if let index = claims.firstIndex(where: { $0.claim.conditions == claim.conditions }) {
          claims[index].places.insert(place)
        } else {
          claims.append((claim, [place]))
        }
      }
    }
    if notes.isEmpty, claims.isEmpty { return }
    let known = known(table)
    for (note, places) in notes {
      restricted(to: known, places) { $0.report(note, node, binding) }
    }
    for (claim, places) in claims {
      let finding = finding(
        for: claim.failure, node.schema, node.arguments, inputs: node.inputs, call: call)
      restricted(to: known, places) { $0.putOff(claim, finding) }
    }
  }

  /// Without those configurations in which something before it failed.
  private func known(_ table: Alternatives<RuleOutcome>) -> Alternatives<RuleOutcome> {
    var known = table
    for case (let place, .unknown?) in table.entries.enumerated() { known.entries[place] = nil }
    return known
  }

  /// The result of a rule over symbols, where it holds whatever they stand for and says nothing else.
  private mutating func holds(
    _ schema: LayerSchema, _ arguments: BoundArguments, _ types: [TensorType]
  ) -> RuleResult? {
    let question = RuleQuestion(schema, arguments, types, facts: factsVersion)
    if let known = rules[question] { return known.result }
    var facts = graph.facts
    for dimension in types.flatMap(\.shape) + arguments.entries.flatMap(\.value.sizes) {
      for symbol in dimension.symbols where symbol.isSearched {
        if let size = search.size(symbol) {
          facts.limit(symbol, to: size.entries.compactMap { $0 })
        }
      }
    }
    charge(20)
    guard
      let result = try? ShapeRule.evaluate(
        schema, arguments, inputs: types, facts: facts, catalogue: catalogue),
      result.notes.isEmpty, result.facts.isEmpty, result.unmet.isEmpty
    else { return nil }
    rules[question] = Inference(result, backward(of: schema, arguments, result))
    return result
  }

  private func sizeVariables(_ arguments: BoundArguments, _ types: [TensorType]) -> Set<Int> {
    var variables = types.reduce(into: Set<Int>()) { $0.formUnion(search.variables(of: $1)) }
    for entry in arguments.entries {
      for size in entry.value.sizes { variables.formUnion(search.variables(of: size)) }
    }
    return variables
  }

  // MARK: Arguments

  /// The arguments in one configuration.
  func resolved(_ arguments: BoundArguments, in configuration: [Int]) -> BoundArguments {
    var resolved = arguments
    for (index, entry) in arguments.entries.enumerated() {
      guard let table = entry.alternatives else { continue }
      resolved.entries[index].value = table[configuration] ?? .unknown
      resolved.entries[index].alternatives = nil
    }
    return resolved
  }

  /// The arguments with whole numbers that differ behind symbols; what cannot stand so keeps its
  /// table.
  private mutating func symbolized(_ arguments: BoundArguments) -> BoundArguments {
    var symbolic = arguments
    for (index, entry) in arguments.entries.enumerated() {
      guard let table = entry.alternatives, let value = symbolized(table) else { continue }
      symbolic.entries[index].value = value
      symbolic.entries[index].alternatives = nil
    }
    return symbolic
  }

  private mutating func symbolized(_ table: Alternatives<Value>) -> Value? {
    var numbers: [Int] = []
    var width: Int?
    for case let value? in table.entries {
      switch value {
      case .integer(.constant(let number)) where number > 0 && width ?? 0 == 0:
        width = 0
        numbers.append(number)
      case .tuple(let values) where !values.isEmpty && width ?? values.count == values.count:
        width = values.count
        for case .integer(.constant(let number)) in values where number > 0 {
          numbers.append(number)
        }
      default: return nil
      }
    }
    let rows = table.entries.count { $0 != nil }
    guard let width, numbers.count == rows * max(1, width) else { return nil }
    func symbol(_ column: Int) -> Value {
      let size = table.map { value in
        switch value {
        case .integer(.constant(let number)): number
        default:
          if case .integer(.constant(let number))? = value.elements?[column] { number } else { 0 }
        }
      }
      return .integer(search.symbol(for: size.reduced()))
    }
    return width == 0 ? symbol(0) : .tuple((0..<width).map(symbol))
  }

  // MARK: Results

  /// Makes a node's outputs for a rule whose results differ.
  mutating func makeOutputs(_ table: Alternatives<RuleOutcome>, of node: Int) -> [Int] {
    let count = table.entries.compactMap { $0?.result?.outputs.count }.max() ?? 0
    var outputs: [Int] = []
    for output in 0..<max(1, count) {
      let id = makeValue(nil, .node(node, output: output))
      var types = table.map { outcome -> TensorType? in
        guard let outputs = outcome.result?.outputs, outputs.indices.contains(output) else {
          return nil
        }
        return outputs[output]
      }
      for place in types.entries.indices {
        guard case let type?? = types.entries[place] else { continue }
        types.entries[place] = TensorType(
          shape: type.shape.map { canonical($0) }, dtype: type.dtype)
      }
      setTypes(types, of: id)
      outputs.append(id)
    }
    return outputs
  }

  /// The names that a rule binds, with what each is in the configurations.
  func bindings(of table: Alternatives<RuleOutcome>) -> [NamedValue] {
    var known: [String] = []
    for case let result? in table.entries.map({ $0?.result }) {
      known += result.bindings.keys.filter { !known.contains($0) }.sorted()
    }
    return known.map { name in
      let values = table.map { $0.result?.bindings[name] ?? .unknown }.reduced()
      var named = NamedValue(name: name, value: values[search.configuration] ?? .unknown)
      if !values.isConstant { named.choices = values }
      return named
    }
  }

  /// What a node costs in the configurations, each once; empty where all cost the same.
  func costs(
    _ table: Alternatives<RuleOutcome>, isTrainable: Bool
  ) -> [Totals] {
    // What another arm costs is not shown.
    if !search.isDefault { return [] }
    var found: [Totals] = []
    table.forEachPlace(in: search.configuration) { place, choices in
      guard found.count < Search.shownLimit, let result = table.entries[place]?.result else {
        return
      }
      var variables = search.variables(of: result.macs)
      for weight in result.weights {
        for size in weight.shape { variables.formUnion(search.variables(of: size)) }
      }
      guard let own = search.full(variables.subtracting(table.variables)) else { return }
      own.forEachPlace(in: choices) { _, choices in
        guard found.count < Search.shownLimit else { return }
        let totals = Totals(
          result, isTrainable: isTrainable
        ) { search.resolved($0, in: choices) }
        if !found.contains(totals) { found.append(totals) }
      }
    }
    return found.count > 1 ? found : []
  }
}

extension Value {
  /// The sizes that it is or holds.
  fileprivate var sizes: [Dimension] {
    switch self {
    case .integer(let size): [size]
    case .tuple(let values), .list(let values): values.flatMap(\.sizes)
    default: []
    }
  }
}

extension Totals {
  init(
    _ result: RuleResult, isTrainable: Bool, _ resolve: (Dimension) -> Dimension
  ) {
    self.init()
    macs = resolve(result.macs)
    for weight in result.weights {
      let count = weight.count(resolve)
      if isTrainable && weight.isTrainable {
        trainable = (try? trainable.adding(count)) ?? trainable
      } else {
        nonTrainable = (try? nonTrainable.adding(count)) ?? nonTrainable
      }
    }
  }
}
