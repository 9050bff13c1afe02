import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

// `step * n` in a function: a loop, where what it makes in each round differs by a number in names.
extension BlockWriter {
  /// A loop that is being written.
  struct Loop {
    /// The variable that counts its rounds.
    var variable: String
    /// What it counts from.
    var start: Int
    /// Of each path that is met in it: its round, and by how much the number at the end of each part
    /// grows from round to round.
    var places: [String: (round: Int, strides: [Int])]
  }

  func emitLoop(_ scopes: [Int?]) throws(EmissionError) {
    let rounds = uses.indices.map { entry(scopes, $0)?.items ?? [] }
    let counts: [Value?] = uses.indices.map { active[$0] ? .int(rounds[$0].count) : nil }
    let most = activeUses.map { rounds[$0].count }.max() ?? 0
    let isUniform = Set(activeUses.map { rounds[$0].count }).count == 1
    let before = state
    if most > 1 || !isUniform, let places = places(of: rounds) {
      do throws(EmissionError) {
        return try emitLoop(scopes, rounds, counts, most, places)
      } catch {
        guard isUniform, case .split = error else { throw error }
      }
    }
    guard isUniform else { throw split(keys { counts[$0]?.description ?? "" }) }
    // Written out: the rounds differ in more than a number.
    state = before
    for index in 0..<most {
      try emit(uses.indices.map { active[$0] ? [rounds[$0][index]] : [] })
    }
  }

  private func emitLoop(
    _ scopes: [Int?], _ rounds: Items, _ counts: [Value?], _ most: Int,
    _ places: [String: (round: Int, strides: [Int], number: Int)]
  ) throws(EmissionError) {
    let outer = active
    let count = try countText(scopes, counts)
    let carried = uses.indices.map { entry(scopes, $0)?.inputs.first }
    let read = try variable(carried)
    let results = uses.indices.map { outer[$0] ? entry(scopes, $0)?.outputs.first : nil }
    // Where all names count alike, the loop counts as they do.
    let firsts = Set(places.values.filter { $0.round == 0 && $0.number != 0 }.map(\.number))
    let strides = Set(places.values.flatMap(\.strides)).subtracting([0])
    let isEven = firsts.count == 1 && strides == [1] && !count.isOperation
    let start = isEven ? firsts.first ?? 0 : 0
    // What the rounds read of the value that they pass on is done when they are.
    for use in uses.indices where outer[use] {
      guard let value = carried[use] else { continue }
      remaining[use][value, default: 0] -= reads(of: value, use: use, items: rounds[use])
    }
    let name = newName(for: results)
    for use in uses.indices where outer[use] {
      guard let value = carried[use] else { continue }
      remaining[use][value, default: 0] += reads(of: value, use: use, items: rounds[use])
    }
    // The value that the rounds pass on has one name, and one layout.
    if name != read.name { forward("\(name) = \(read.name)") }
    for use in activeUses {
      if let value = carried[use] {
        variables[use][value] = Variable(name: name, layout: read.layout)
      }
    }
    for use in activeUses {
      if let value = results[use] { loopResults[use].insert(value) }
    }
    let (lines, running, kept) = (forwardLines, running, attributes)
    let letters = ["i", "j", "k", "l"]
    let variable =
      letters.first { letter in
        !loops.contains { $0.variable == letter } && !isUsed(letter) && !assigned.contains(letter)
      } ?? "index_\(loops.count)"
    loops.append(
      Loop(variable: variable, start: start, places: places.mapValues { ($0.round, $0.strides) }))
    self.running = name
    indent += 4
    var body: [String]?
    defer {
      loops.removeLast()
      indent -= 4
      self.running = running
      active = outer
    }
    for index in 0..<most {
      active = uses.indices.map { outer[$0] && rounds[$0].count > index }
      forwardLines = []
      attributes = kept
      try emit(uses.indices.map { active[$0] ? [rounds[$0][index]] : [] })
      try passOn(name, read.layout, rounds, index)
      // Rounds that are not alike are written out.
      guard body == nil || body == forwardLines else { throw split(keys { _ in "rounds" }) }
      body = forwardLines
    }
    for use in outer.indices where outer[use] && rounds[use].isEmpty {
      if let value = results[use] {
        variables[use][value] = Variable(name: name, layout: read.layout)
      }
    }
    let margin = String(repeating: " ", count: indent - 4)
    forwardLines =
      lines + ["\(margin)for \(variable) in \(Loop.range(count, from: start)):"] + (body ?? [])
  }

  /// Gives the result of a round the name and layout that the next one reads.
  private func passOn(
    _ name: String, _ layout: Layout, _ rounds: Items, _ index: Int
  ) throws(EmissionError) {
    let values = uses.indices.map { use in
      active[use] ? result(of: rounds[use][index], use: use) : nil
    }
    let made = try variable(values)
    let text = convert(made, to: layout, values)
    if text != name { forward("\(name) = \(text)") }
    for use in activeUses {
      if let value = values[use] {
        variables[use][value] = Variable(name: name, layout: layout)
      }
    }
  }

  private func result(of item: GraphScope.Item, use: Int) -> Int? {
    switch item {
    case .node(let index): graph(use).nodes[index].outputs.first
    case .scope(let index): graph(use).scopes[index].outputs.first
    }
  }

  // MARK: Names in rounds

  /// Every path in the rounds, with its round and how its numbers grow; `nil` where they do not grow
  /// evenly.
  private func places(
    of rounds: Items
  ) -> [String: (round: Int, strides: [Int], number: Int)]? {
    var places: [String: (round: Int, strides: [Int], number: Int)] = [:]
    // A single round says nothing of how numbers grow: those with more come first.
    for use in activeUses.sorted(by: { rounds[$0].count > rounds[$1].count }) {
      let paths = rounds[use].map { item in
        self.paths(of: item, use: use).map { localPath($0, use: use) }
      }
      guard let first = paths.first else { continue }
      guard paths.allSatisfy({ $0.count == first.count }) else { return nil }
      for position in first.indices {
        let column = paths.map { $0[position] }
        guard let strides = BlockWriter.strides(column) else { return nil }
        for (round, path) in column.enumerated() {
          let parts = path.split(separator: "/")
          let counted = zip(parts, strides).first { $0.1 != 0 }?.0
          let number = counted.flatMap { BlockWriter.numbered($0)?.number } ?? 0
          if let known = places[path], paths.count > 1,
            known.round != round || known.strides != strides
          {
            return nil
          }
          if places[path] == nil { places[path] = (round, strides, number) }
        }
      }
    }
    return places
  }

  private func paths(of item: GraphScope.Item, use: Int) -> [String] {
    switch item {
    case .node(let index): return [graph(use).nodes[index].path]
    case .scope(let index):
      let scope = graph(use).scopes[index]
      switch scope.kind {
      // What is inside is named below.
      case .definition, .composite: return [scope.path]
      default: return scope.items.flatMap { paths(of: $0, use: use) }
      }
    }
  }

  /// How the number at the end of each part grows along a column of paths.
  private static func strides(_ column: [String]) -> [Int]? {
    let paths = column.map { $0.split(separator: "/") }
    guard let first = paths.first, paths.allSatisfy({ $0.count == first.count }) else { return nil }
    var strides: [Int] = []
    for part in first.indices {
      if paths.allSatisfy({ $0[part] == first[part] }) {
        strides.append(0)
        continue
      }
      let numbers = paths.compactMap { numbered($0[part]) }
      guard numbers.count == paths.count, Set(numbers.map(\.stem)).count == 1,
        let start = numbers.first?.number
      else { return nil }
      let stride = numbers[1].number - start
      guard numbers.indices.allSatisfy({ numbers[$0].number == start + $0 * stride }) else {
        return nil
      }
      strides.append(stride)
    }
    return strides
  }

  /// `conv2d_3` as its stem with the underscore, and its number.
  static func numbered(_ part: Substring) -> (stem: Substring, number: Int)? {
    guard let underscore = part.lastIndex(of: "_"),
      let number = Int(part[part.index(after: underscore)...])
    else { return nil }
    return (part[...underscore], number)
  }

  // MARK: Trying

  /// What an attempt changes and a failed one restores.
  private struct State {
    var forwardLines: [String]
    var variables: [[Int: Variable]]
    var remaining: [[Int: Int]]
    var moduleOfNode: [[Int: String]]
    var moduleOfScope: [[Int: String]]
    var attributes: Set<String>
    var assigned: Set<String>
    var parameters: [BlockParameter]
    var flags: [(text: String, holds: [Bool])]
  }

  private var state: State {
    get {
      State(
        forwardLines: forwardLines, variables: variables, remaining: remaining,
        moduleOfNode: moduleOfNode, moduleOfScope: moduleOfScope, attributes: attributes,
        assigned: assigned, parameters: parameters, flags: flags)
    }
    set {
      forwardLines = newValue.forwardLines
      variables = newValue.variables
      remaining = newValue.remaining
      moduleOfNode = newValue.moduleOfNode
      moduleOfScope = newValue.moduleOfScope
      attributes = newValue.attributes
      assigned = newValue.assigned
      parameters = newValue.parameters
      flags = newValue.flags
    }
  }
}

extension BlockWriter.Loop {
  /// `range(1, count + 1)`.
  static func range(_ count: PythonValue, from start: Int) -> String {
    if start == 0 { return "range(\(count.text))" }
    let end = Int(count.text).map { String($0 + start) } ?? "\(count.text) + \(start)"
    return "range(\(start), \(end))"
  }
}

extension [BlockWriter.Loop] {
  /// A part of a path whose number depends on loops, with places in braces; `nil` where it does not.
  func number(of path: String, at index: Int, _ part: String) -> String? {
    guard let (stem, number) = BlockWriter.numbered(Substring(part)) else { return nil }
    var rest = number
    var terms: [String] = []
    for loop in self {
      guard let place = loop.places[path], place.strides.indices.contains(index),
        place.strides[index] != 0
      else { continue }
      let stride = place.strides[index]
      rest -= stride * (place.round + loop.start)
      terms.append(stride == 1 ? loop.variable : "\(stride) * \(loop.variable)")
    }
    if terms.isEmpty { return nil }
    var text = terms.joined(separator: " + ")
    if rest != 0 { text += rest > 0 ? " + \(rest)" : " - \(-rest)" }
    return "\(stem){\(text)}"
  }
}
