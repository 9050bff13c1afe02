import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Structure that search variables decide: each arm is expanded for the configurations that lead to
// it, and what flows out is joined.
extension Expander {
  /// Expands `body` once for each value of the table. What the configuration at hand chooses stays
  /// in the graph; of the others only what they give and what is wrong with them.
  mutating func fork(
    _ table: Alternatives<Value>, _ body: (inout Expander, Value) -> [Int]?
  ) -> [Int]? {
    if table.isConstant { return body(&self, table.entries[0] ?? .unknown) }
    let here = table[search.configuration] ?? .unknown
    let values = [here] + table.distinct.filter { $0 != here }
    // Each arm has a graph of its own.
    let carried = graph.nodes.count / 8 + search.variables.count
    charge(values.count * (3 * Budget.node + carried))
    if budget.isExhausted { return [unknownValue()] }
    var base = self
    (base.findings, base.usage, base.rules) = (Findings(), [:], [:])
    // What they name is in this graph.
    base.expansions = [:]
    let first = graph.nodes.count
    func checked(_ expander: inout Expander, _ value: Value) -> [Int]? {
      let ids = body(&expander, value)
      expander.checkActivations(from: first)
      return ids
    }
    var results = [restricted(to: table, value: here) { checked(&$0, here) }]
    var arms: [Expander] = []
    for value in values.dropFirst() {
      var arm = base
      arm.search.adopt(search)
      arm.continueFrom(&self)
      arm.choose(table, value)
      results.append(arm.restricted(to: table, value: value) { checked(&$0, value) })
      continueFrom(&arm)
      arms.append(arm)
    }
    let chosen = table.map { value in values.firstIndex(of: value) ?? 0 }
    join(chosen, arms, since: base)
    let count = results.compactMap { $0?.count }.min()
    let joined = count.map { count in
      (0..<count).map { index in
        join(chosen, results.map { ids in ids.map { $0[index] } }, arms, since: base)
      }
    }
    return joined ?? results[0]
  }

  /// Runs `body` where the table has this value.
  private mutating func restricted<Result>(
    to table: Alternatives<Value>, value: Value, _ body: (inout Expander) -> Result
  ) -> Result {
    search.restrictions.append(table.map { $0 == value })
    let outer = search.arm
    search.armCount += 1
    search.arm = search.armCount
    let result = body(&self)
    search.arm = outer
    search.restrictions.removeLast()
    return result
  }

  /// Makes a configuration in which the table has this value the one at hand.
  private mutating func choose(_ table: Alternatives<Value>, _ value: Value) {
    search.restrictions.append(table.map { $0 == value })
    var variables = Set(table.variables)
    for restriction in search.restrictions { variables.formUnion(restriction.variables) }
    if let allowed = search.combinations(variables),
      let place = allowed.entries.firstIndex(where: { $0 != nil })
    {
      search.choose(place, of: allowed)
    }
    search.restrictions.removeLast()
  }

  /// Takes over what one arm leaves to the next: what is known of the file, not of the graph.
  private mutating func continueFrom(_ other: inout Expander) {
    (findings, other.findings) = (other.findings, Findings())
    (usage, other.usage) = (other.usage, [:])
    (rules, other.rules) = (other.rules, [:])
    (pending, other.pending) = (other.pending, PendingFindings())
    suggestions = other.suggestions
    budget = other.budget
    usedDefinitions.formUnion(other.usedDefinitions)
    openedLayers.formUnion(other.openedLayers)
    symbolCount = max(symbolCount, other.symbolCount)
    search.adopt(other.search)
    search.touched.formUnion(other.search.touched)
    search.turns.merge(other.search.turns) { max($0, $1) }
    latestFactsVersion = max(latestFactsVersion, other.latestFactsVersion)
    while instances.count < other.instances.count {
      instances.append(Instance(name: other.instances[instances.count].name))
    }
    for fact in other.impliedFacts where !impliedFacts.contains(fact) { imply(fact) }
  }

  // MARK: Joining

  /// Joins the current value, the names and the operands of containers.
  private mutating func join(
    _ chosen: Alternatives<Int>, _ arms: [Expander], since base: Expander
  ) {
    let currents = [current] + arms.map(\.current)
    if let count = currents.compactMap({ $0?.count }).min(), count > 0 {
      current = (0..<count).map { index in
        join(chosen, currents.map { $0?[index] }, arms, since: base)
      }
    }
    joinNames(chosen, arms, since: base)
    for index in containers.indices.reversed() {
      let all = [containers[index]] + arms.map { $0.containers[index] }
      if all.contains(where: { $0.shortcut != all[0].shortcut }) {
        let ids = all.map { $0.shortcut ?? $0.input.first }
        containers[index].shortcut = join(chosen, ids, arms, since: base)
      }
      joinBranches(index, all, chosen, arms, since: base)
    }
  }

  private mutating func joinBranches(
    _ index: Int, _ all: [Container], _ chosen: Alternatives<Int>, _ arms: [Expander],
    since base: Expander
  ) {
    let isSame = all.allSatisfy { $0.branches == all[0].branches && $0.lists == all[0].lists }
    if isSame { return }
    let count = all[0].branches.count
    if all.allSatisfy({ $0.branches.count == count && $0.lists == nil }) {
      containers[index].branches = (0..<count).map { branch in
        join(chosen, all.map { $0.branches[branch] }, arms, since: base)
      }
      return
    }
    var tables: [Alternatives<[Int]>] = []
    for (arm, container) in all.enumerated() {
      let table = container.lists ?? Alternatives(container.branches)
      tables.append(
        table.map { list in
          list.map { id in
            // What another arm made has a place of its own here.
            if arm == 0 || id < base.graph.values.count { return id }
            var ids = [Int?](repeating: nil, count: all.count)
            ids[arm] = id
            return join(chosen, ids, arms, since: base)
          }
        })
    }
    containers[index].lists = joined(chosen, tables)
  }

  /// One value for those that each arm gives (the first is the one at hand); `nil` where an arm
  /// gives none.
  private mutating func join(
    _ chosen: Alternatives<Int>, _ ids: [Int?], _ arms: [Expander], since base: Expander
  ) -> Int {
    if let first = ids[0], first < base.graph.values.count, ids.allSatisfy({ $0 == first }) {
      return first
    }
    var tables: [Alternatives<TensorType?>] = []
    for (index, id) in ids.enumerated() {
      guard let id else {
        tables.append(Alternatives(nil))
        continue
      }
      tables.append(index == 0 ? types(of: id) : arms[index - 1].types(of: id))
    }
    let table = joined(chosen, tables)
    let default_ = ids[0]
    let known = default_.map { graph.values[$0] }
    let id = makeValue(known?.type, known?.producer ?? .input(-1))
    graph.values[id].name = known?.name
    graph.values[id].otherNames = known?.otherNames ?? []
    if let default_ { search.defaults[id] = default_ }
    if let table { setTypes(table, of: id) }
    let endings = ids.enumerated().map { index, id in
      guard let id else { return Alternatives<Ending?>(nil) }
      return index == 0 ? self.endings(of: id) : arms[index - 1].endings(of: id)
    }
    search.endings[id] = joined(chosen, endings: endings)
    return id
  }

  /// What a value ends in that each arm gives; unknown where that is too much to keep.
  private func joined(
    _ chosen: Alternatives<Int>, endings: [Alternatives<Ending?>]
  ) -> Alternatives<Ending?> {
    let variables = endings.reduce(into: Set(chosen.variables)) { $0.formUnion($1.variables) }
    guard let all = search.full(variables), all.entries.count <= Search.shownLimit else {
      return Alternatives(nil)
    }
    return joined(chosen, endings, over: all).reduced()
  }

  /// The table of the arm that is chosen, in each configuration.
  private mutating func joined<Entry>(
    _ chosen: Alternatives<Int>, _ tables: [Alternatives<Entry>]
  ) -> Alternatives<Entry>? {
    let variables = tables.reduce(into: Set(chosen.variables)) { $0.formUnion($1.variables) }
    guard let all = search.full(variables) else {
      reportTooMany(variables, graph.declaration.name.range)
      return nil
    }
    charge(all.entries.count / 16)
    return joined(chosen, tables, over: all)
  }

  private func joined<Entry>(
    _ chosen: Alternatives<Int>, _ tables: [Alternatives<Entry>], over all: Alternatives<Bool>
  ) -> Alternatives<Entry> {
    var entries = [Entry?](repeating: nil, count: all.entries.count)
    all.forEachPlace(in: search.configuration) { place, choices in
      if let arm = chosen[choices] { entries[place] = tables[arm][choices] }
    }
    return Alternatives(all.variables, counts: all.counts, entries: entries)
  }

  private mutating func joinNames(
    _ chosen: Alternatives<Int>, _ arms: [Expander], since base: Expander
  ) {
    for frame in names.frames.indices {
      for arm in arms { names.noteUses(of: arm.names, inFrame: frame) }
      let known = base.names.frames[frame].names.count
      var made: [String] = []
      for arm in [self] + arms {
        for name in arm.names.frames[frame].names.dropFirst(known)
        where !made.contains(name.name) {
          made.append(name.name)
        }
      }
      for name in made {
        let all = ([self] + arms).map { $0.names.frames[frame].find(name) }
        guard var joined = all.lazy.compactMap({ $0 }).first else { continue }
        joined.isUsed = all.contains { $0?.isUsed ?? false }
        if all.allSatisfy({ $0?.value == joined.value && $0?.choices == nil }),
          !joined.value.isTensor
        {
          names.replace(joined, inFrame: frame)
          continue
        }
        let ids = all.map { named -> Int? in
          if case .tensor(let tensor)? = named?.value { tensor.id } else { nil }
        }
        if ids.contains(where: { $0 != nil }) {
          let id = join(chosen, ids, arms, since: base)
          joined.value = tensor(id)
          joined.choices = nil
          if ids.contains(where: { $0 == nil }) {
            // Undefined where an arm does not name it.
            let value = joined.value
            var table = chosen.map { _ in value }
            for place in table.entries.indices {
              if let arm = chosen.entries[place], ids[arm] == nil { table.entries[place] = nil }
            }
            joined.choices = table
            if ids[0] == nil { joined.value = .unknown }
          }
        } else {
          var tables: [Alternatives<Value>] = []
          for named in all {
            guard let named else {
              tables.append(Alternatives([], counts: [], entries: [nil]))
              continue
            }
            tables.append(named.choices ?? Alternatives(named.value))
          }
          joined.choices = self.joined(chosen, tables)
          joined.value = all[0]?.value ?? .unknown
        }
        names.replace(joined, inFrame: frame)
      }
    }
  }

  /// A value that is known only where the table says so.
  mutating func limited(_ value: Int, to known: Alternatives<Bool>) -> Int {
    let types = types(of: value)
    guard let all = search.full(Set(types.variables).union(known.variables)) else { return value }
    var limited = all.map { _ -> TensorType? in nil }
    all.forEachPlace(in: search.configuration) { place, choices in
      if known[choices] == true, case let type?? = types[choices] { limited.entries[place] = type }
    }
    let id = makeValue(graph.values[value].type, graph.values[value].producer)
    graph.values[id].name = graph.values[value].name
    graph.values[id].otherNames = graph.values[value].otherNames
    search.defaults[id] = value
    search.endings[id] = search.endings[value]
    setTypes(limited, of: id)
    return id
  }

  /// One value for a table of tensors, as names give them that only some arms define.
  mutating func tensorValue(_ table: Alternatives<Value>) -> [Int]? {
    if table.isConstant { return table.entries[0].flatMap { valueIDs($0) } }
    let lists = table.map { valueIDs($0) }
    let count = lists.entries.compactMap { $0??.count }.min() ?? 0
    guard count > 0 else { return nil }
    var joined: [Int] = []
    for index in 0..<count {
      let ids = lists.map { list in list.map { $0[index] } }
      var variables = Set(table.variables)
      for case let id?? in ids.entries { variables.formUnion(types(of: id).variables) }
      guard let all = search.full(variables) else {
        reportTooMany(variables, graph.declaration.name.range)
        return nil
      }
      var entries = [TensorType??](repeating: nil, count: all.entries.count)
      all.forEachPlace(in: search.configuration) { place, choices in
        guard let id = ids[choices] else { return }
        entries[place] = id.map { types(of: $0)[choices] ?? nil } ?? .some(nil)
      }
      let id = unknownValue()
      if let here = ids[search.configuration] ?? nil { search.defaults[id] = here }
      setTypes(Alternatives(all.variables, counts: all.counts, entries: entries), of: id)
      joined.append(id)
    }
    return joined
  }

  /// Puts what the default configuration has in the place of values that stand for several.
  mutating func showDefault() {
    if search.defaults.isEmpty { return }
    let shown = search.shown
    for index in graph.nodes.indices {
      graph.nodes[index].inputs = graph.nodes[index].inputs.map(shown)
    }
    for index in graph.scopes.indices {
      graph.scopes[index].inputs = graph.scopes[index].inputs.map(shown)
      graph.scopes[index].outputs = graph.scopes[index].outputs.map(shown)
    }
    for index in graph.outputs.indices {
      graph.outputs[index].value = shown(graph.outputs[index].value)
    }
  }
}

extension Value {
  fileprivate var isTensor: Bool { if case .tensor = self { true } else { false } }
}
