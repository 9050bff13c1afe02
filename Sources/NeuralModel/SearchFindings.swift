import NeuralSchema

/// What is found in only some configurations, as far as is known yet.
struct SearchFinding {
  var finding: Finding
  /// What leads to it, all of them together.
  var restrictions: [Alternatives<Bool>]
  /// Whether all configurations that come by its text have it: then its fixes mend it.
  var isOfText = false
  /// The path of the layer whose activation it speaks of.
  var activation: String?
}

/// What some configurations have and others have not.
struct SearchFailure: Sendable {
  var code: DiagnosticCode
  var location: Location
  /// `nil` where something before it fails already.
  var failing: Alternatives<Bool>
}

extension Search {
  /// The names of the variables: with their layer's path where two would be called the same.
  var names: [String] {
    var counts: [String: Int] = [:]
    for variable in variables { counts[variable.name, default: 0] += 1 }
    return variables.map { variable in
      guard counts[variable.name, default: 0] > 1, let path = variable.path else {
        return variable.name
      }
      return "\(path)/\(variable.name)"
    }
  }

  /// The configurations in which something fails, with those in which it does not: over the
  /// variables that make a difference; `nil` where they are too many to list.
  fileprivate func failing(_ findings: [SearchFinding]) -> Alternatives<Bool>? {
    var variables: Set<Int> = []
    for finding in findings {
      for restriction in finding.restrictions { variables.formUnion(restriction.variables) }
    }
    guard var table = full(variables) else { return nil }
    table.forEachPlace(in: configuration) { place, choices in
      let fails = findings.contains { $0.restrictions.allSatisfy { $0[choices] == true } }
      // Where something before it failed, it may be either.
      let isOpen = findings.contains { $0.restrictions.allSatisfy { $0[choices] ?? true } }
      table.entries[place] = fails ? true : isOpen ? nil : false
    }
    return table.reduced()
  }

  /// What stands between a message and the configurations that it speaks of.
  fileprivate static func joint(_ finding: Finding) -> String {
    let verb = finding.severity == .error ? "fails" : "happens"
    return finding.message.hasSuffix("?") ? " It \(verb) for" : "; \(verb) for"
  }

  /// `filters = 32, 1 of 6 configurations`.
  fileprivate func text(_ failing: Alternatives<Bool>) -> String {
    let names = self.names
    func value(_ variable: Int, _ choice: Int) -> String {
      let described = variables[variable]
      return described.values.indices.contains(choice)
        ? described.values[choice]?.description ?? "?" : "?"
    }
    let places = failing.entries.indices.filter { failing.entries[$0] == true }
    let shown: String
    if failing.variables.count == 1 {
      let values = places.map { value(failing.variables[0], $0) }
      let listed =
        values.count > 4
        ? values.prefix(3).joined(separator: ", ") + " and \(values.count - 3) more"
        : values.dropLast().isEmpty
          ? values.joined() : values.dropLast().joined(separator: ", ") + " or \(values.last ?? "")"
      shown = "\(names[failing.variables[0]]) = \(listed)"
    } else {
      let combinations = places.prefix(3).map { place in
        zip(failing.variables, failing.choices(at: place)).map {
          "\(names[$0]) = \(value($0, $1))"
        }.joined(separator: " with ")
      }
      let rest = places.count > 3 ? " and \(places.count - 3) more" : ""
      shown = combinations.joined(separator: "; ") + rest
    }
    let all = failing.entries.count { $0 != nil }
    return "\(shown), \(places.count) of \(all) configurations"
  }
}

extension Finding {
  /// Whether it could be in some configurations and not in others. What is said of spelling and style
  /// is true of the text.
  var isOfConfiguration: Bool {
    if severity == .error { return true }
    return switch code.category {
    case .arguments, .shapes, .training: true
    case .syntax, .names, .search, .targets, .devices, .style: false
    }
  }
}

extension Expander {
  /// Keeps what is found where only some configurations lead until all have been gone through.
  mutating func putOff(_ finding: Finding, activation: String? = nil) {
    if finding.severity == .error, search.isDefault { graph.isComplete = false }
    let isOfText =
      search.narrowings == 0 && [.names, .arguments].contains(finding.code.category)
    pending.search.append(
      SearchFinding(
        finding: placed(finding), restrictions: search.restrictions, isOfText: isOfText,
        activation: activation))
  }

  /// Says what only some configurations have, and shows what differs between them.
  mutating func finishSearch() {
    reportSearch()
    graph.totalsRange = totalsRange()
    let names = search.names
    graph.searchVariables = search.variables
    for index in names.indices { graph.searchVariables[index].name = names[index] }
    for (id, table) in search.types where graph.values.indices.contains(id) {
      graph.values[id].alternatives = resolved(table)
    }
  }

  /// The types that a table comes to, the first configuration's first.
  private func resolved(_ table: Alternatives<TensorType?>) -> [TensorType] {
    guard let all = search.full(search.variables(of: table)) else { return [] }
    var types: [TensorType] = []
    all.forEachPlace(in: search.configuration) { _, choices in
      guard types.count < Search.shownLimit, case let type?? = table[choices] else { return }
      let resolved = search.resolved(type, in: choices)
      if !types.contains(resolved) { types.append(resolved) }
    }
    return types.count > 1 ? types : []
  }

  /// Reports what was found in some configurations, with their names: an error as one of the search
  /// space; what turned out to be in all as it is.
  mutating func reportSearch() {
    var groups: [(finding: Finding, parts: [SearchFinding])] = []
    for part in pending.search {
      if let path = part.activation, reportedActivations.contains(path) { continue }
      if let index = groups.firstIndex(where: {
        $0.finding.code == part.finding.code && $0.finding.location == part.finding.location
      }) {
        groups[index].parts.append(part)
      } else {
        groups.append((part.finding, [part]))
      }
    }
    pending.search = []
    for (finding, parts) in groups where !findings.contains(finding) {
      var finding = finding
      if let failing = search.failing(parts) {
        if failing.isConstant {
          if failing.entries[0] == true { findings.add(finding) }
          continue
        }
        graph.searchFailures.append(
          SearchFailure(code: finding.code, location: finding.location, failing: failing))
        finding.message += "\(Search.joint(finding)) \(search.text(failing))"
      } else {
        finding.message += "\(Search.joint(finding)) some configurations of more than can be listed"
      }
      if finding.severity == .error { finding.code = .searchSpaceError }
      if !parts.allSatisfy(\.isOfText) { finding.fixes = [] }
      findings.add(finding)
    }
  }
}
