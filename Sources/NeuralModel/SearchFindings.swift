import NeuralSchema

/// An error that only some configurations have.
struct SearchFinding {
  var finding: Finding
  /// What leads to it, all of them together.
  var restrictions: [Alternatives<Bool>]
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

  /// What stands between a message and the configurations that have the error.
  fileprivate static func joint(_ message: String) -> String {
    message.hasSuffix("?") ? " It fails for" : "; fails for"
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

extension Expander {
  /// Says what only some configurations have, and shows what differs between them.
  mutating func finishSearch() {
    reportSearch()
    let names = search.names
    graph.searchVariables = search.variables
    for index in names.indices { graph.searchVariables[index].name = names[index] }
    for (id, table) in search.types where graph.values.indices.contains(id) {
      graph.values[id].alternatives = resolved(table)
    }
  }

  /// The types that a table comes to, the first configuration's first.
  private func resolved(_ table: Alternatives<TensorType?>) -> [TensorType] {
    var variables = Set(table.variables)
    for case let type?? in table.entries { variables.formUnion(search.variables(of: type)) }
    guard let all = search.full(variables) else { return [] }
    var types: [TensorType] = []
    all.forEachPlace(in: search.configuration) { _, choices in
      guard types.count < Search.shownLimit, case let type?? = table[choices] else { return }
      let resolved = search.resolved(type, in: choices)
      if !types.contains(resolved) { types.append(resolved) }
    }
    return types.count > 1 ? types : []
  }

  /// Reports what was found in some configurations: as an error of the search space, or as the plain
  /// error where it turned out to be in all.
  mutating func reportSearch() {
    var groups: [(finding: Finding, parts: [SearchFinding])] = []
    for part in pending.search {
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
        graph.searchFailures.append(failing)
        finding.message += "\(Search.joint(finding.message)) \(search.text(failing))"
      } else {
        finding.message +=
          "\(Search.joint(finding.message)) some configurations of more than can be listed"
      }
      finding.code = .searchSpaceError
      finding.fixes = []
      findings.add(finding)
    }
  }
}
