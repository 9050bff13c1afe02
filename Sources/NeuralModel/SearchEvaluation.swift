import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Evaluation in every configuration.
extension Expander {
  /// Evaluates once for each choice of the variables that the evaluation reads. Errors are reported
  /// with the configurations that have them; the value is `unknown` there. A search variable that is
  /// met is called `name`.
  mutating func alternatives(
    at range: SourceRange, naming name: String? = nil, _ body: (inout Expander) -> Value
  ) -> Alternatives<Value> {
    if let name { search.naming = name }
    defer { if name != nil { search.naming = nil } }
    if search.isRepeating { return Alternatives(body(&self)) }
    let outer = search.touched
    let turns = search.turns
    search.touched = []
    let configuration = search.configuration
    search.isRepeating = true
    var read: Set<Int> = []
    defer {
      search.isRepeating = false
      search.touched = outer.union(read)
      search.restore(configuration)
    }
    // Whether anything is read shows only on the way; what was said until then is said again.
    let before = (findings.all.count, pending, graph.isComplete)
    let first = body(&self)
    read = search.touched
    if read.isEmpty { return Alternatives(first) }
    findings.takeBack(after: before.0)
    (pending, graph.isComplete) = (before.1, before.2)
    while true {
      guard let allowed = search.combinations(read) else {
        reportTooMany(read, range)
        return Alternatives(.unknown)
      }
      var table = allowed.map { _ in Value.unknown }
      let said = (findings.all.count, pending, graph.isComplete)
      var isClosed = true
      for place in table.entries.indices where table.entries[place] != nil {
        charge(1)
        search.choose(place, of: table)
        search.turns = turns
        search.touched = []
        let value = restricted(to: table, place) { body(&$0) }
        table.entries[place] = value
        if !search.touched.isSubset(of: read) {
          read.formUnion(search.touched)
          isClosed = false
          break
        }
      }
      if isClosed { return table.reduced() }
      findings.takeBack(after: said.0)
      (pending, graph.isComplete) = (said.1, said.2)
      search.restore(configuration)
    }
  }

  /// The values of an expression in every configuration.
  mutating func alternatives(
    _ expression: Expression, naming name: String? = nil
  ) -> Alternatives<Value> {
    let table = alternatives(at: expression.range, naming: name) { $0.value(expression) }
    if !table.isConstant { refuseContinuous(table, expression.range) }
    return table
  }

  /// Runs `body` where only one combination of choices leads.
  mutating func restricted<Entry, Result>(
    to table: Alternatives<Entry>, _ place: Int, _ body: (inout Expander) -> Result
  ) -> Result {
    restricted(to: table, [place], body)
  }

  /// Runs `body` where only these combinations of choices lead; where the table has no entry, nothing
  /// is known.
  mutating func restricted<Entry, Result>(
    to table: Alternatives<Entry>, _ places: Set<Int>, _ body: (inout Expander) -> Result
  ) -> Result {
    search.restrictions.append(
      Alternatives(
        table.variables, counts: table.counts,
        entries: table.entries.indices.map { place in
          places.contains(place) ? true : table.entries[place] == nil ? nil : false
        }))
    search.narrowings += 1
    let result = body(&self)
    search.narrowings -= 1
    search.restrictions.removeLast()
    return result
  }

  mutating func reportTooMany(_ variables: Set<Int>, _ range: SourceRange) {
    if search.isLimitReported { return }
    search.isLimitReported = true
    let names = search.names
    let shown = variables.sorted().prefix(4).map { "`\(names[$0])`" }.joined(separator: ", ")
    let rest = variables.count > 4 ? " and \(variables.count - 4) more" : ""
    report(
      .expansionLimit,
      "this depends on \(shown)\(rest) at once, more than \(Search.limit) configurations; only "
        + "the first one is checked from here on", range)
  }

  /// A variable that can be any number may not decide a shape or the structure.
  mutating func refuseContinuous(_ table: Alternatives<Value>, _ range: SourceRange) {
    guard let variable = table.variables.first(where: { search.variables[$0].isContinuous }),
      table.distinct.contains(where: \.isStructural)
    else { return }
    let described = search.variables[variable]
    let ends = described.values.compactMap { $0?.description }.joined(separator: " and ")
    report(
      .searchSpaceError,
      "`\(described.name)` can be any number between \(ends), so no shape and no structure can "
        + "depend on it; give the range a step", range)
  }

  // MARK: Types

  /// The type of a value in the configuration at hand.
  mutating func type(of value: Int) -> TensorType? {
    guard let table = search.types[value] else { return graph.type(of: value) }
    search.touched.formUnion(table.variables)
    guard let type = table[search.configuration] ?? nil else { return nil }
    search.touched.formUnion(search.variables(of: type))
    return search.resolved(type, in: search.configuration)
  }

  /// The type of a value in every configuration.
  func types(of value: Int) -> Alternatives<TensorType?> {
    search.types[value] ?? Alternatives(graph.type(of: value))
  }

  /// One size of a value in every configuration, where it differs.
  func sizes(of value: Int, at axis: Int) -> Alternatives<Value>? {
    guard let table = search.types[value] else { return nil }
    guard let all = search.full(search.variables(of: table)) else { return nil }
    var sizes = all.map { _ in Value.unknown }
    all.forEachPlace(in: search.configuration) { place, choices in
      guard case let type?? = table[choices], type.shape.indices.contains(axis) else { return }
      sizes.entries[place] = .integer(search.resolved(type.shape[axis], in: choices))
    }
    let reduced = sizes.reduced()
    return reduced.isConstant ? nil : reduced
  }

  /// Sets the types that a value has in the configurations, and shows the one at hand.
  mutating func setTypes(_ table: Alternatives<TensorType?>, of value: Int) {
    let table = settled(table)
    if table.isConstant, let only = table.entries[0], only.map(search.variables(of:)) ?? [] == [] {
      search.types[value] = nil
      graph.values[value].type = only
      return
    }
    search.types[value] = table
    graph.values[value].type =
      (table[search.configuration] ?? nil).map { search.resolved($0, in: search.configuration) }
  }

  /// One type over symbols where all entries have one rank, else the table as it is.
  private mutating func settled(_ table: Alternatives<TensorType?>) -> Alternatives<TensorType?> {
    let table = table.reduced()
    if table.isConstant { return table }
    var types: [TensorType] = []
    for case let entry? in table.entries {
      guard let type = entry else { return table }
      types.append(type)
    }
    guard let first = types.first,
      types.allSatisfy({ $0.shape.count == first.shape.count && $0.dtype == first.dtype })
    else { return table }
    var shape: [Dimension] = []
    for axis in first.shape.indices {
      let sizes = table.map { $0?.shape[axis] ?? .constant(0) }.reduced()
      guard let size = settled(sizes) else { return table }
      shape.append(size)
    }
    return Alternatives(TensorType(shape: shape, dtype: first.dtype))
  }

  /// One size for a table of sizes; `nil` where they are not all numbers.
  private mutating func settled(_ sizes: Alternatives<Dimension>) -> Dimension? {
    sizes.isConstant ? sizes.entries[0] : numbered(sizes)
  }

  /// One symbol for a table of sizes that are numbers in each configuration.
  private mutating func numbered(_ sizes: Alternatives<Dimension>) -> Dimension? {
    // Entries may hold symbols themselves: their variables join the table's.
    var variables = Set(sizes.variables)
    for case let size? in sizes.entries { variables.formUnion(search.variables(of: size)) }
    guard let all = search.full(variables), all.entries.count <= 512 else { return nil }
    var numbers = all.map { _ in 0 }
    var isWhole = true
    all.forEachPlace(in: search.configuration) { place, choices in
      guard let size = sizes[choices] else {
        numbers.entries[place] = nil
        return
      }
      if let number = search.resolved(size, in: choices).constant {
        numbers.entries[place] = number
      } else {
        isWhole = false
      }
    }
    return isWhole ? search.symbol(for: numbers.reduced()) : nil
  }

  /// A size with everything that search variables decide behind one symbol, where it is small.
  mutating func canonical(_ dimension: Dimension) -> Dimension {
    guard case .polynomial = dimension, dimension.symbol == nil,
      dimension.symbols.contains(where: \.isSearched)
    else { return dimension }
    return numbered(Alternatives(dimension)) ?? dimension
  }
}

extension Value {
  /// Whether a shape or the structure could follow from it: anything but floats and what holds them.
  fileprivate var isStructural: Bool {
    switch self {
    case .integer, .boolean: true
    case .tuple(let values), .list(let values): values.contains(where: \.isStructural)
    case .none, .float, .string, .layer, .tensor, .definition, .condition, .unknown: false
    }
  }
}
