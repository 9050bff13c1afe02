import NeuralDimension
import NeuralSchema

/// Findings about symbolic sizes that wait for the whole network.
///
/// All concatenations of a U-Net ask for one condition on its input, and every window of a chain
/// for a larger one than that before it: one finding says it, at the best place.
struct PendingFindings {
  /// Claims that some sizes break, with the conditions that mend them.
  var claims: [PendingClaim] = []
  /// Lower bounds that were taken for granted.
  var bounds: [PendingBound] = []
  /// Images whose channels seem to stand at the wrong end, by the input's value. It is an error
  /// where a layer does not fit because of it.
  var orders: [Int: Finding] = [:]
  /// What only some configurations of the search space have, as far as is known yet.
  var search: [SearchFinding] = []
}

struct PendingClaim {
  var finding: Finding
  var claim: UnmetClaim
  /// The configurations that make it.
  var restrictions: [Alternatives<Bool>]
}

struct PendingBound {
  var finding: Finding
  var bounds: [Facts.Constraint]
  var layer: String
  var restrictions: [Alternatives<Bool>]
}

extension Expander {
  mutating func putOff(_ claim: UnmetClaim, _ finding: Finding) {
    pending.claims.append(
      PendingClaim(finding: placed(finding), claim: claim, restrictions: search.restrictions))
  }

  mutating func putOff(_ bounds: [Facts.Constraint], _ finding: Finding, _ node: GraphNode) {
    var finding = finding
    let before = windows(before: node)
    if let last = before.last {
      let names = before.dropLast().map { "`\($0)`" }.joined(separator: ", ")
      finding.message +=
        " after " + (names.isEmpty ? "`\(last)`" : "\(names) and `\(last)`")
    }
    pending.bounds.append(
      PendingBound(
        finding: finding, bounds: bounds, layer: node.schema.name,
        restrictions: search.restrictions))
  }

  /// The layers between the input and this one that changed the spatial sizes, in their order.
  private func windows(before node: GraphNode) -> [String] {
    var names: [String] = []
    var value = node.inputs.first
    while let next = value, let producer = producer(next), names.count < 6 {
      let before = producer.inputs.first.flatMap { graph.type(of: $0)?.shape }
      if producer.schema.traits.contains("spatial"), let after = graph.type(of: next)?.shape,
        before?.dropLast() != after.dropLast()
      {
        names.append(producer.path)
      }
      value = producer.inputs.first
    }
    return names.reversed()
  }

  /// Whether something that does not fit follows from an image with its channels at the wrong end:
  /// then that is the error. What a layer reads step by step is no image.
  mutating func followsFromOrder(
    _ failure: RuleFailure, _ schema: LayerSchema, _ inputs: [Int]
  ) -> Bool {
    if schema.belongs(to: Expander.sequenceReading) {
      for value in inputs { pending.orders[value] = nil }
    }
    guard !pending.orders.isEmpty, search.restrictions.isEmpty,
      [.sizeTooSmall, .notDivisible].contains(failure.code), var value = inputs.first
    else { return false }
    for _ in 0..<32 {
      if pending.orders[value] != nil {
        pending.orders[value]?.severity = .error
        graph.isComplete = false
        return true
      }
      guard let next = producer(value)?.inputs.first else { return false }
      value = next
    }
    return false
  }

  mutating func reportPending() {
    reportOrders()
    reportClaims()
    // A multiple of 32 is at least 32: that needs no saying.
    var stated = statedFacts
    for pending in pending.claims {
      for condition in pending.claim.conditions { stated.add(condition) }
    }
    for bound in pending.bounds {
      // Others may have come since that imply it.
      let needed = bound.bounds.filter {
        impliedFacts.contains($0) && stated.verdict($0.left, $0.relation, $0.right) != .proved
      }
      if needed.isEmpty { continue }
      let text = needed.map(\.text).joined(separator: ", ")
      var finding = bound.finding
      finding.message = "`\(bound.layer)` needs \(text): \(finding.message)"
      add(stating(needed, in: finding), where: bound.restrictions)
    }
    (pending.claims, pending.bounds, pending.orders) = ([], [], [:])
  }

  private static let sequenceReading = "sequence_reading"

  private mutating func reportOrders() {
    if pending.orders.isEmpty { return }
    for node in graph.nodes where node.schema.belongs(to: Expander.sequenceReading) {
      for value in node.inputs { pending.orders[value] = nil }
    }
    for input in graph.inputs {
      if let finding = pending.orders[input.value] { add(finding) }
    }
  }

  /// A finding for each set of claims that the same conditions mend: the one with the smallest
  /// sizes that break it.
  private mutating func reportClaims() {
    var groups: [PendingClaim] = []
    for pending in pending.claims {
      let claim = pending.claim
      if let index = groups.firstIndex(where: { doesMend($0.claim.conditions, claim) }) {
        let isAlike = doesMend(claim.conditions, groups[index].claim)
        if isAlike, size(claim) < size(groups[index].claim) { groups[index] = pending }
      } else {
        groups.removeAll { doesMend(claim.conditions, $0.claim) }
        groups.append(pending)
      }
    }
    for group in groups {
      // Other configurations make the same claim at the same place.
      for pending in pending.claims
      where pending.finding.location == group.finding.location
        && doesMend(group.claim.conditions, pending.claim)
      {
        add(stating(group.claim.conditions, in: group.finding), where: pending.restrictions)
      }
    }
  }

  /// Reports what configurations have that were gone through before.
  private mutating func add(_ finding: Finding, where restrictions: [Alternatives<Bool>]) {
    let outer = search.restrictions
    search.restrictions = restrictions
    add(finding)
    search.restrictions = outer
  }

  private func size(_ claim: UnmetClaim) -> Int {
    claim.failure.counterexample.values.max() ?? 0
  }

  /// Whether every claim holds under the conditions.
  private func doesMend(_ conditions: [Facts.Constraint], _ claim: UnmetClaim) -> Bool {
    var facts = graph.facts
    for condition in conditions { facts.add(condition) }
    return claim.claims.allSatisfy {
      facts.verdict($0.left, $0.relation, $0.right) == .proved
    }
  }

  /// A finding whose fix states the conditions in the `where` of the inputs.
  private func stating(_ conditions: [Facts.Constraint], in finding: Finding) -> Finding {
    // A size written `none` has no name to state anything of.
    guard let place = conditionPlace,
      !conditions.contains(where: { $0.symbols.contains { $0.name == "none" } })
    else { return finding }
    let text = conditions.map(\.text).joined(separator: ", ")
    return finding.fixing(
      "Add `\(text)` to the conditions",
      [(Location(graph.file, place.range), place.joint + text)])
  }
}
