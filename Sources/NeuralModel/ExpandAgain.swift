import NeuralDimension
import NeuralSchema
import NeuralSyntax

/// The expansion of a network, kept for the next version of its text.
struct NetworkExpansion {
  /// Before the first statement and behind the last one.
  var start: Expander
  var end: Expander
  var records = SegmentedArray<StatementRecord>()
  /// How many statements use each name that statements give, and each of the header.
  var uses: [Int32] = []
  var headerUses: [Int32] = []
  /// The statements that say something, and those in whose blocks names are given.
  var speaking: [Int] = []
  var noting: [Int] = []
  var cost = 0

  init(_ start: Expander) {
    self.start = start
    end = start
  }

  /// Takes the state behind the last statement, of which all have a record.
  mutating func finish(_ end: Expander) {
    self.end = end
    uses = [Int32](repeating: 0, count: end.names.outermostCount)
    headerUses = [Int32](repeating: 0, count: end.names.headerCount)
    for (place, record) in records.enumerated() {
      count(record, 1)
      index(record, place)
    }
  }

  mutating func replace(_ place: Int, with record: StatementRecord) {
    count(records[place], -1)
    count(record, 1)
    if records[place].remarks != nil || record.remarks != nil {
      speaking.removeAll { $0 == place }
      noting.removeAll { $0 == place }
      index(record, place)
    }
    records[place] = record
  }

  private mutating func index(_ record: StatementRecord, _ place: Int) {
    guard let remarks = record.remarks else { return }
    func insert(_ places: inout [Int]) {
      places.insert(place, at: places.firstIndex { $0 > place } ?? places.count)
    }
    if remarks.speaks { insert(&speaking) }
    if !remarks.usage.isEmpty { insert(&noting) }
  }

  private mutating func count(_ record: StatementRecord, _ sign: Int32) {
    cost += Int(sign) * record.cost
    for place in record.used {
      if place < 0 { headerUses[~place] += sign } else { uses[place] += sign }
    }
  }
}

// A network whose text has changed: statements that are as they were, and find what they found, stay.
extension Expander {
  /// Runs the statements of the network, where possible only those that the change concerns. What is
  /// kept of it is absent where the next version has to be expanded from its start.
  mutating func expand(
    _ statements: [Statement], _ earlier: NetworkExpansion?, _ unchanged: UnchangedText?
  ) -> NetworkExpansion? {
    names.isTracing = true
    if let earlier, let unchanged {
      var again = self
      if let kept = again.redo(statements, earlier, unchanged) {
        self = again
        return kept
      }
    }
    var kept = NetworkExpansion(self)
    note(facts: factsVersion)
    for statement in statements {
      let record = recording(statement)
      kept.records.append(record)
    }
    guard canBeKept else { return nil }
    kept.finish(self)
    return kept
  }

  private var canBeKept: Bool {
    search.turnCount == 0 && search.defaults.isEmpty && !budget.isExhausted && !trail.isEntangled
      && !isInputMissing && settings == nil && pending.orders.isEmpty
  }

  func isLike(_ other: Expander) -> Bool {
    mark == other.mark && input == other.input && current == other.current
      && openInputs == other.openInputs && symbolCount == other.symbolCount
      && graph.dataFormat == other.graph.dataFormat && graph.symbols == other.graph.symbols
      && graph.facts == other.graph.facts && statedBatches.keys == other.statedBatches.keys
      && graph.values.elementsEqual(other.graph.values) {
        $0.type == $1.type && $0.name == $1.name
          && $0.otherNames.elementsEqual($1.otherNames) { $0 == $1 }
      }
      && names.hasSameHeader(as: other.names)
  }

  private mutating func redo(
    _ statements: [Statement], _ earlier: NetworkExpansion, _ unchanged: UnchangedText
  ) -> NetworkExpansion? {
    guard statements.count == earlier.records.count, canBeKept, isLike(earlier.start) else {
      return nil
    }
    var kept = earlier
    kept.start = self
    let (said, waiting) = (findings, pending)
    adopt(earlier)
    guard var again = Rerun(statements, earlier, unchanged) else { return nil }
    while let first = again.next() {
      guard runAgain(from: first, &again, &kept) else { return nil }
    }
    guard charged(for: kept, again) else { return nil }
    // In the order of the text: of findings at one place the first counts.
    (findings, pending) = (said, waiting)
    usage = [:]
    for place in kept.speaking {
      guard let remarks = kept.records[place].remarks else { continue }
      for finding in remarks.findings {
        if finding.severity == .error { graph.isComplete = false }
        findings.add(finding)
      }
      pending.claims += remarks.pending.claims
      pending.bounds += remarks.pending.bounds
    }
    for place in kept.noting {
      if let remarks = kept.records[place].remarks { merge(remarks.usage) }
    }
    trail = Trail(facts: trail.facts)
    kept.end = self
    return kept
  }

  private mutating func charged(for kept: NetworkExpansion, _ again: Rerun) -> Bool {
    charge(max(0, kept.cost - again.cost))
    return !budget.isExhausted
  }

  /// Takes what stood behind the last statement, on this version's header.
  private mutating func adopt(_ earlier: NetworkExpansion) {
    let (header, end) = (graph, earlier.end)
    graph.nodes = end.graph.nodes
    graph.values = end.graph.values
    for place in header.values.indices {
      let settled = graph.values[place].type
      graph.values[place] = header.values[place]
      graph.values[place].type = settled
    }
    graph.scopes = end.graph.scopes
    graph.scopes[0].location = header.scopes[0].location
    graph.scopes[0].inputs = header.scopes[0].inputs
    graph.facts = end.graph.facts
    names.adoptStatements(of: end.names)
    (current, openInputs, targetGroup) = (end.current, end.openInputs, end.targetGroup)
    (instances, expansions, givenNames) = (end.instances, end.expansions, end.givenNames)
    (outputNodes, suggestions) = (end.outputNodes, end.suggestions)
    (usedDefinitions, openedLayers) = (end.usedDefinitions, end.openedLayers)
    (impliedFacts, factsVersion) = (end.impliedFacts, end.factsVersion)
    latestFactsVersion = end.latestFactsVersion
    // Versions of facts that came and went are asked for no more.
    rules = end.rules.count > 4 * end.graph.nodes.count + 1024 ? [:] : end.rules
    trail.facts = end.trail.facts
  }

  mutating func note(facts version: Int) {
    trail.facts[version] = Trail.KnownFacts(facts: graph.facts, implied: impliedFacts)
  }

  /// Runs the statement at `first` and those behind it that have to be run with it; false where one
  /// does something of another form than before.
  private mutating func runAgain(
    from first: Int, _ again: inout Rerun, _ kept: inout NetworkExpansion
  ) -> Bool {
    let whole = self
    restore(kept.records[first], of: again.earlier)
    var place = first
    var isDone = false
    while !isDone {
      let old = again.earlier.records[place]
      if old.isTangled { return false }
      let next = again.state(behind: place)
      forget(old, until: next.start)
      trail.replay = Trail.Replay(paths: old.paths)
      let new = recording(again.statements[place])
      guard hasSameForm(new, old, whole, next) else { return false }
      again.cost += new.cost
      kept.replace(place, with: new)
      again.note(self, old.start, next.start, whole)
      place += 1
      isDone = !again.goesOn(at: place, current: current)
    }
    trail.replay = nil
    guard names.endReplay() else { return false }
    return splice(into: whole, from: again.earlier.records[first].start, until: mark)
  }

  /// The state before a statement: what the ones before it have left.
  private mutating func restore(_ record: StatementRecord, of earlier: NetworkExpansion) {
    let start = record.start
    graph.nodes.truncate(to: start.nodes)
    graph.values.truncate(to: start.values)
    graph.scopes.truncate(to: start.scopes)
    graph.scopes[0].items.removeLast(graph.scopes[0].items.count - start.items)
    instances.removeLast(instances.count - start.instances)
    outputNodes[0].removeLast(outputNodes[0].count - start.outputNodes)
    names.beginReplay(visible: start.names)
    targetGroup = start.targetGroup
    current = record.current
    openInputs = record.openInputs
    for input in openInputs { graph.values[input].type = earlier.start.graph.values[input].type }
    if let known = trail.facts[record.factsVersion] {
      (graph.facts, impliedFacts) = (known.facts, known.implied)
      factsVersion = record.factsVersion
    }
  }

  /// Forgets what a statement left that others could find.
  private mutating func forget(_ record: StatementRecord, until end: ExpansionMark) {
    forgetAllPathNames()
    for name in record.remarks?.givenNames ?? [] { givenNames[name] = nil }
    if end.scopes > record.start.scopes {
      let own = record.start.scopes..<end.scopes
      expansions = expansions.filter { !own.contains($0.value.scopes.lowerBound) }
    }
  }

  private mutating func hasSameForm(
    _ new: StatementRecord, _ old: StatementRecord, _ whole: Expander, _ next: StatementRecord
  ) -> Bool {
    guard canBeKept, !new.isTangled, new.constants == old.constants, !names.hasDiverged,
      let replay = trail.replay, !replay.hasDiverged, replay.next == replay.paths.count,
      mark == next.start, current == next.current, openInputs == next.openInputs,
      openInputs == new.openInputs
        || new.openInputs.allSatisfy({
          graph.type(of: $0) == whole.graph.type(of: $0)
        }),
      new.remarks?.usedDefinitions ?? [] == old.remarks?.usedDefinitions ?? [],
      new.remarks?.openedLayers ?? [] == old.remarks?.openedLayers ?? []
    else { return false }
    if factsVersion != next.factsVersion {
      guard impliedFacts == trail.facts[next.factsVersion]?.implied else { return false }
      factsVersion = next.factsVersion
    }
    return true
  }

  /// Puts what was made anew in the place of what stood there.
  private mutating func splice(
    into whole: Expander, from start: ExpansionMark, until end: ExpansionMark
  ) -> Bool {
    let made = graph
    graph = whole.graph
    guard
      made.scopes[0].items[start.items...]
        == graph.scopes[0].items[start.items..<end.items],
      outputNodes[0] == Array(whole.outputNodes[0].prefix(end.outputNodes))
    else { return false }
    graph.nodes.overwrite(from: start.nodes, with: made.nodes)
    graph.values.overwrite(from: start.values, with: made.values)
    graph.scopes.overwrite(from: start.scopes, with: made.scopes)
    graph.scopes[0].lets = made.scopes[0].lets
    (instances, outputNodes, targetGroup) = (whole.instances, whole.outputNodes, whole.targetGroup)
    (current, openInputs) = (whole.current, whole.openInputs)
    (impliedFacts, factsVersion) = (whole.impliedFacts, whole.factsVersion)
    return true
  }
}

/// Which statements have to be run again, as far as is known.
struct Rerun {
  let statements: [Statement]
  let earlier: NetworkExpansion
  /// Steps that those that were run have cost.
  var cost = 0
  private var isWaiting: [Bool]
  private var place = 0
  /// Values that have another type than before.
  private var changed: Set<Int> = []

  /// Fails where the statements that both versions share are not as many places from the start and
  /// the end.
  init?(_ statements: [Statement], _ earlier: NetworkExpansion, _ unchanged: UnchangedText) {
    self.statements = statements
    self.earlier = earlier
    isWaiting = [Bool](repeating: false, count: statements.count)
    let start = Rerun.first(from: 0, in: statements) { !unchanged.isBeforeChange($0) }
    let end = Rerun.first(from: start, in: statements) { unchanged.contains($0) }
    for place in [0, start - 1, end, statements.count - 1]
    where statements.indices.contains(place) && !(start..<end).contains(place) {
      if earlier.records[place].range != statements[place].range { return nil }
    }
    for place in start..<end { isWaiting[place] = true }
    if end < statements.count,
      earlier.records[end].documentation != statements[end].documentation
    {
      isWaiting[end] = true
    }
    // What is said may name lines, layers and sizes of everything before.
    for place in earlier.speaking where !unchanged.isBeforeChange(statements[place].range) {
      isWaiting[place] = true
    }
  }

  /// The first statement for whose range something holds that holds for all behind it.
  private static func first(
    from start: Int, in statements: [Statement], where holds: (SourceRange) -> Bool
  ) -> Int {
    var (low, high) = (start, statements.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(statements[middle].range) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The next statement to run.
  mutating func next() -> Int? {
    while place < isWaiting.count, !isWaiting[place] { place += 1 }
    return place < isWaiting.count ? place : nil
  }

  /// What stood behind a statement before the change.
  func state(behind place: Int) -> StatementRecord {
    if place + 1 < earlier.records.count { return earlier.records[place + 1] }
    let end = earlier.end
    return StatementRecord(
      range: statements[place].range, start: end.mark, current: end.current,
      openInputs: end.openInputs, factsVersion: end.factsVersion)
  }

  /// Notes what is different behind a statement that was run, and who has to know.
  mutating func note(
    _ expander: Expander, _ start: ExpansionMark, _ end: ExpansionMark, _ before: Expander
  ) {
    for value in start.values..<end.values
    where expander.graph.values[value].type != before.graph.values[value].type {
      changed.insert(value)
    }
    let names = expander.names.changes(start.names..<end.names, since: earlier.end.names)
    guard !names.isEmpty else { return }
    for place in place..<earlier.records.count where !isWaiting[place] {
      if earlier.records[place].used.contains(where: names.contains) { isWaiting[place] = true }
    }
  }

  /// Whether the statement at `next`, which follows one that was run, is to be run too.
  mutating func goesOn(at next: Int, current: [Int]?) -> Bool {
    place = next
    guard next < isWaiting.count else { return false }
    if current?.contains(where: changed.contains) ?? false { isWaiting[next] = true }
    return isWaiting[next]
  }
}
