import NeuralSchema
import NeuralSyntax

// Arguments that depend on search variables.
extension Expander {
  /// Assigns arguments to parameters in every configuration: each argument that differs is tried
  /// with all its values while the others stay.
  mutating func bind(
    _ given: [EvaluatedArgument], _ tables: [Int: Alternatives<Value>], to schema: LayerSchema,
    calleeRange: SourceRange, _ say: (inout Expander, ArgumentFinding) -> Void
  ) -> Binding {
    var binding = Expander.checkedBinding(given, to: schema, calleeRange, catalogue)
    if tables.isEmpty {
      for finding in binding.findings { say(&self, finding) }
      return binding
    }
    let differing = Set(tables.keys.map { given[$0].range })
    for finding in binding.findings where !differing.contains(finding.range) { say(&self, finding) }
    var sources: [Int: Set<Int>] = [:]
    var found: [Int: Alternatives<Value>] = [:]
    for (argument, table) in tables.sorted(by: { $0.key < $1.key }) {
      let results = bindings(given, [argument: table], table, schema, calleeRange)
      for (place, result) in results.entries.enumerated() {
        for finding in result?.findings ?? [] where finding.range == given[argument].range {
          restricted(to: table, place) { say(&$0, finding) }
        }
      }
      for entry in binding.arguments.entries.indices {
        let values = results.map { $0.arguments.entries[entry].value }.reduced()
        if values.isConstant { continue }
        sources[entry, default: []].insert(argument)
        found[entry] = values
      }
    }
    for (entry, arguments) in sources where arguments.count > 1 {
      // A default that is made of several of them.
      let some = tables.filter { arguments.contains($0.key) }
      let variables = some.values.reduce(into: Set<Int>()) { $0.formUnion($1.variables) }
      guard let all = search.combinations(variables) else {
        reportTooMany(variables, calleeRange)
        continue
      }
      found[entry] = bindings(given, some, all.map { _ in .unknown }, schema, calleeRange)
        .map { $0.arguments.entries[entry].value }.reduced()
    }
    for (entry, values) in found { binding.arguments.entries[entry].alternatives = values }
    return binding
  }

  /// The bindings in each configuration of a table's variables.
  private mutating func bindings(
    _ given: [EvaluatedArgument], _ tables: [Int: Alternatives<Value>],
    _ places: Alternatives<Value>, _ schema: LayerSchema, _ calleeRange: SourceRange
  ) -> Alternatives<Binding> {
    var entries = [Binding?](repeating: nil, count: places.entries.count)
    charge(entries.count)
    places.forEachPlace(in: search.configuration) { place, choices in
      guard places.entries[place] != nil else { return }
      var arguments = given
      for (index, table) in tables { arguments[index].value = table[choices] ?? .unknown }
      entries[place] = Expander.checkedBinding(arguments, to: schema, calleeRange, catalogue)
    }
    return Alternatives(places.variables, counts: places.counts, entries: entries)
  }

  /// A binding in one configuration. What is no layer has no inputs: its requirements speak of the
  /// arguments alone, and are checked here.
  private static func checkedBinding(
    _ given: [EvaluatedArgument], to schema: LayerSchema, _ calleeRange: SourceRange,
    _ catalogue: Catalogue
  ) -> Binding {
    var binding = Binding(given, to: schema, calleeRange: calleeRange, catalogue: catalogue)
    guard schema.keyword != "layer", !schema.items.isEmpty, !binding.isBroken,
      !binding.arguments.entries.contains(where: { $0.value.isUnknown })
    else { return binding }
    do {
      try ShapeRule.check(schema, binding.arguments, catalogue: catalogue)
    } catch {
      let place = error.parameter.flatMap { binding.arguments.entry($0)?.range }
      binding.findings.append(
        ArgumentFinding(code: error.code, message: error.message, range: place ?? calleeRange))
      binding.isBroken = true
    }
    return binding
  }
}
