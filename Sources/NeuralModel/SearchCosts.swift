import NeuralDimension
import NeuralSchema

/// Where the totals of a network lie over all configurations of its search space.
public struct TotalsRange: Sendable, Equatable {
  public var parameters: ClosedRange<Int>
  public var trainable: ClosedRange<Int>
  public var nonTrainable: ClosedRange<Int>
  public var macs: ClosedRange<Int>
}

/// What the layers cost that depend on search variables, by themselves or by what leads to them.
struct SearchCosts: Sendable {
  /// One layer, or several of one arm that cost the same in all configurations.
  struct Part: Sendable {
    /// What leads to it.
    var restrictions: [Alternatives<Bool>]
    /// `nil` where it fails.
    var table: Alternatives<LayerCost?>
    var arm: Int
  }

  private(set) var parts: [Part] = []
  /// The nodes of the graph that are among them.
  var nodes: Set<Int> = []
  /// Whether something has no number, or depends on too much.
  var isOpen = false

  mutating func add(_ part: Part) {
    if part.table.isConstant, let last = parts.last, last.table.isConstant, last.arm == part.arm,
      case let cost?? = part.table.entries[0], case let known?? = last.table.entries[0]
    {
      let sum = known.adding(cost)
      if sum == nil { isOpen = true }
      parts[parts.count - 1].table.entries[0] = .some(sum)
    } else {
      parts.append(part)
    }
  }
}

struct LayerCost: Sendable, Equatable {
  var trainable = 0
  var nonTrainable = 0
  var macs = 0

  init?(_ totals: Totals, isShared: Bool) {
    guard let trainable = totals.trainable.constant, let rest = totals.nonTrainable.constant,
      let macs = totals.macs.constant
    else { return nil }
    (self.trainable, nonTrainable) = isShared ? (0, 0) : (trainable, rest)
    self.macs = macs
  }

  func adding(_ other: LayerCost) -> LayerCost? {
    var sum = self
    let overflows = [
      sum.trainable.add(other.trainable), sum.nonTrainable.add(other.nonTrainable),
      sum.macs.add(other.macs),
    ]
    return overflows.contains(true) ? nil : sum
  }
}

extension Int {
  /// Adds a number; whether that is past 64 bits.
  fileprivate mutating func add(_ other: Int) -> Bool {
    let (sum, overflow) = addingReportingOverflow(other)
    self = sum
    return overflow
  }
}

extension Expander {
  /// Notes what a layer costs in the configurations that lead to it.
  mutating func noteCosts(of index: Int, _ node: GraphNode, _ outcomes: Alternatives<RuleOutcome>?)
  {
    guard outcomes != nil || !search.restrictions.isEmpty else { return }
    search.costs.nodes.insert(index)
    let outcomes =
      outcomes ?? Alternatives(node.inference.map { .result($0.result) } ?? .unknown)
    var variables = Set(outcomes.variables)
    for case let result? in outcomes.entries.map({ $0?.result }) {
      variables.formUnion(search.variables(of: result.macs))
      for weight in result.weights {
        for size in weight.shape { variables.formUnion(search.variables(of: size)) }
      }
    }
    guard let all = search.full(variables) else {
      search.costs.isOpen = true
      return
    }
    charge(all.isConstant ? 0 : all.entries.count / 16)
    var table = all.map { _ -> LayerCost? in nil }
    all.forEachPlace(in: search.configuration) { place, choices in
      guard let result = outcomes[choices]?.result else { return }
      let totals = Totals(result, isTrainable: node.isTrainable) {
        search.resolved($0, in: choices)
      }
      let cost = LayerCost(totals, isShared: node.sharedWith != nil)
      if cost == nil { search.costs.isOpen = true }
      table.entries[place] = .some(cost)
    }
    search.costs.add(
      SearchCosts.Part(restrictions: search.restrictions, table: table, arm: search.arm))
  }

  /// Notes that no configuration can be built in which a layer made of others is not opened.
  mutating func noteFailures(_ opened: Alternatives<Bool>) {
    let entries = opened.entries.map { LayerCost??.some($0 == true ? .zero : nil) }
    search.costs.add(
      SearchCosts.Part(
        restrictions: search.restrictions,
        table: Alternatives(opened.variables, counts: opened.counts, entries: entries),
        arm: search.arm))
  }

  /// The totals over all configurations, those of layers that none decides included; `nil` without a
  /// search space, or where they cannot be told.
  func totalsRange() -> TotalsRange? {
    guard !search.variables.isEmpty, !search.costs.isOpen else { return nil }
    var fixed = Totals()
    for (index, node) in graph.nodes.enumerated() where !search.costs.nodes.contains(index) {
      fixed.add(node)
    }
    guard let base = LayerCost(fixed, isShared: false), let factors = costFactors(base) else {
      return nil
    }
    func range(_ quantity: (LayerCost) -> Int?) -> ClosedRange<Int>? {
      let tables = factors.map { $0.map { $0.flatMap(quantity) } }
      guard let least = tables.best(<), let most = tables.best(>), least <= most else { return nil }
      return least...most
    }
    guard
      let parameters = range({
        let (sum, overflow) = $0.trainable.addingReportingOverflow($0.nonTrainable)
        return overflow ? nil : sum
      }), let trainable = range(\.trainable), let nonTrainable = range(\.nonTrainable),
      let macs = range(\.macs)
    else { return nil }
    return TotalsRange(
      parameters: parameters, trainable: trainable, nonTrainable: nonTrainable, macs: macs)
  }

  /// The parts as tables over all that they depend on, one for each set of variables.
  private func costFactors(_ base: LayerCost) -> [Alternatives<LayerCost?>]? {
    var factors: [[Int]: Alternatives<LayerCost?>] = [[]: Alternatives(base)]
    for part in search.costs.parts {
      let variables = part.restrictions.reduce(into: Set(part.table.variables)) {
        $0.formUnion($1.variables)
      }
      guard let all = search.full(variables) else { return nil }
      var sum = factors[all.variables] ?? all.map { _ in .some(.zero) }
      var isSound = true
      all.forEachPlace(in: []) { place, choices in
        guard part.restrictions.allSatisfy({ $0[choices] == true }),
          case let known?? = sum.entries[place]
        else { return }
        guard case let cost?? = part.table[choices] else {
          sum.entries[place] = .some(nil)
          return
        }
        let total = known.adding(cost)
        if total == nil { isSound = false }
        sum.entries[place] = .some(total)
      }
      if !isSound { return nil }
      factors[all.variables] = sum
    }
    return factors.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
  }
}

extension LayerCost {
  private init() {}

  fileprivate static let zero = LayerCost()
}

extension [Alternatives<Int?>] {
  /// Combinations that are tried at once.
  private static var limit: Int { 1 << 16 }

  /// The best sum over all configurations, a number for each table: variables are taken out one after
  /// the other, that first which fewest combinations hang on. `nil` where no configuration has one, or
  /// too many hang together.
  fileprivate func best(_ isBetter: (Int, Int) -> Bool) -> Int? {
    var tables = self
    while let next = tables.cheapestVariable {
      let (with, without) = (
        tables.filter { $0.variables.contains(next) },
        tables.filter { !$0.variables.contains(next) }
      )
      let sizes = with.sizes
      guard
        let joined = Alternatives<Bool>(
          sizes.keys.sorted(), counts: sizes.sorted { $0.key < $1.key }.map(\.value),
          repeating: true, limit: Self.limit),
        let rest = Alternatives<Bool>(
          joined.variables.filter { $0 != next },
          counts: zip(joined.variables, joined.counts).filter { $0.0 != next }.map(\.1),
          repeating: true, limit: Self.limit)
      else { return nil }
      var best = rest.map { _ -> Int? in nil }
      joined.forEachPlace(in: []) { _, choices in
        var sum: Int? = 0
        for table in with {
          guard let known = sum, case let number?? = table[choices] else {
            sum = nil
            break
          }
          let (total, overflow) = known.addingReportingOverflow(number)
          sum = overflow ? nil : total
        }
        guard let sum else { return }
        let place = best.place(choices)
        if case let known?? = best.entries[place], !isBetter(sum, known) { return }
        best.entries[place] = .some(sum)
      }
      tables = without + [best]
    }
    var sum = 0
    for table in tables {
      guard case let number?? = table.entries[0], !sum.add(number) else { return nil }
    }
    return sum
  }

  /// The counts of all variables.
  private var sizes: [Int: Int] {
    reduce(into: [:]) { sizes, table in
      for (variable, count) in zip(table.variables, table.counts) { sizes[variable] = count }
    }
  }

  /// The variable whose tables together have fewest combinations.
  private var cheapestVariable: Int? {
    sizes.keys.min { left, right in
      let (first, second) = (cost(of: left), cost(of: right))
      return (first, left) < (second, right)
    }
  }

  private func cost(of variable: Int) -> Double {
    filter { $0.variables.contains(variable) }.sizes.values.reduce(1) { $0 * Double($1) }
  }
}
