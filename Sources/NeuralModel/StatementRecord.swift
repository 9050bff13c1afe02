import NeuralDimension
import NeuralSchema
import NeuralSyntax

/// How far the expansion of a network's statements has come: what was made so far.
struct ExpansionMark: Equatable {
  var nodes: Int
  var values: Int
  var scopes: Int
  /// Of the network's own scope.
  var items: Int
  var instances: Int
  /// Of those that statements give, outside of blocks.
  var names: Int
  var targetGroup: Int
  var outputNodes: Int
}

/// A component of a path right below the network that was asked for, and what was given.
struct PathCall {
  var component: String
  var isNumbered: Bool
  var given: String
}

/// What one statement of a network found and what it left: it need not be expanded again where it
/// would find the same.
struct StatementRecord {
  var range: SourceRange
  var documentation: String?
  /// What was there before it.
  var start: ExpansionMark
  var current: [Int]?
  var openInputs: Set<Int>
  var factsVersion: Int
  /// What it asked for and did.
  var paths: [PathCall] = []
  /// Constants that it put into the network's own scope.
  var constants: [String] = []
  /// The names outside of its blocks that it used, by their place: `~place` for those of the header.
  var used: [Int] = []
  /// Steps of the budget.
  var cost = 0
  /// Whether it has to do with more than this record holds, such as weights that are shared.
  var isTangled = false
  var remarks: Remarks?

  /// What few statements leave.
  final class Remarks: Sendable {
    let findings: [Finding]
    let pending: PendingFindings
    let usage: [Location: Expander.Usage]
    let usedDefinitions: Set<Int>
    let openedLayers: Set<ObjectIdentifier>
    /// Paths that `name=` gave.
    let givenNames: [String]

    init(
      findings: [Finding], pending: PendingFindings, usage: [Location: Expander.Usage],
      usedDefinitions: Set<Int>, openedLayers: Set<ObjectIdentifier>, givenNames: [String]
    ) {
      self.findings = findings
      self.pending = pending
      self.usage = usage
      self.usedDefinitions = usedDefinitions
      self.openedLayers = openedLayers
      self.givenNames = givenNames
    }

    /// Whether anything is said that may speak of other statements.
    var speaks: Bool { !findings.isEmpty || !pending.claims.isEmpty || !pending.bounds.isEmpty }
  }

  /// Whether it says something that may speak of other statements.
  var speaks: Bool { remarks?.speaks ?? false }
}

/// What is noted while a statement of a network is expanded.
struct Trail {
  var findings = Findings()
  var paths: [PathCall] = []
  var givenNames: [String] = []
  var constants: [String] = []
  var isTangled = false
  /// The first value of the statement at hand.
  var firstValue = 0
  /// Something that no record holds has decided what the network means: it is expanded from its
  /// start each time.
  var isEntangled = false
  /// What the statement did when it was expanded before, while it is expanded again.
  var replay: Replay?
  /// The facts that each version stands for.
  var facts: [Int: KnownFacts] = [:]

  struct Replay {
    var paths: [PathCall]
    var next = 0
    /// Whether it does something else than before.
    var hasDiverged = false

    /// What was given before for the same component.
    mutating func path(_ component: String, isNumbered: Bool) -> String {
      guard next < paths.count, paths[next].component == component,
        paths[next].isNumbered == isNumbered
      else {
        hasDiverged = true
        return component
      }
      next += 1
      return paths[next - 1].given
    }
  }

  struct KnownFacts {
    var facts: Facts
    var implied: [Facts.Constraint]
  }

  mutating func begin(firstValue: Int) {
    (findings, paths, givenNames, constants) = (Findings(), [], [], [])
    isTangled = false
    self.firstValue = firstValue
  }
}

extension Expander {
  var mark: ExpansionMark {
    ExpansionMark(
      nodes: graph.nodes.count, values: graph.values.count, scopes: graph.scopes.count,
      items: graph.scopes[0].items.count, instances: instances.count,
      names: names.outermostCount, targetGroup: targetGroup,
      outputNodes: outputNodes.first?.count ?? 0)
  }

  /// Runs a statement of the network itself, and says what it found and left.
  mutating func recording(_ statement: Statement) -> StatementRecord {
    var record = StatementRecord(
      range: statement.range, documentation: statement.documentation, start: mark,
      current: current, openInputs: openInputs, factsVersion: factsVersion)
    expandedStatements += 1
    trail.begin(firstValue: graph.values.count)
    names.trace = []
    let outer = (usage, usedDefinitions, openedLayers)
    (usage, usedDefinitions, openedLayers) = ([:], [], [])
    let (claims, bounds, spent) = (pending.claims.count, pending.bounds.count, budget.spent)
    run(statement)
    record.cost = budget.spent - spent
    record.paths = trail.paths
    record.constants = trail.constants
    record.used = Array(Set(names.trace))
    record.isTangled = trail.isTangled
    var said = PendingFindings()
    if pending.claims.count > claims { said.claims = Array(pending.claims[claims...]) }
    if pending.bounds.count > bounds { said.bounds = Array(pending.bounds[bounds...]) }
    let remarks = StatementRecord.Remarks(
      findings: trail.findings.all, pending: said, usage: usage,
      usedDefinitions: usedDefinitions, openedLayers: openedLayers, givenNames: trail.givenNames)
    if remarks.speaks || !usage.isEmpty || !usedDefinitions.isEmpty || !openedLayers.isEmpty
      || !trail.givenNames.isEmpty
    {
      record.remarks = remarks
    }
    let own = usage
    (usage, usedDefinitions, openedLayers) =
      (outer.0, outer.1.union(usedDefinitions), outer.2.union(openedLayers))
    merge(own)
    return record
  }

  /// A name that any expansion used is used.
  mutating func merge(_ other: [Location: Usage]) {
    if other.isEmpty { return }
    usage.merge(other) { Usage(name: $0.name, isUsed: $0.isUsed || $1.isUsed) }
  }
}
