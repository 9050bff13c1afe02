/// What something is in every configuration of the search variables that it depends on: a table
/// over the choices of those variables and of no others.
public struct Alternatives<Entry> {
  /// Ascending.
  public private(set) var variables: [Int]
  /// How many choices each has.
  public private(set) var counts: [Int]
  /// The last variable changes fastest; `nil` where the combination cannot occur.
  public var entries: [Entry?]

  /// What no variable decides.
  public init(_ entry: Entry) {
    (variables, counts, entries) = ([], [], [entry])
  }

  public init(_ variables: [Int], counts: [Int], entries: [Entry?]) {
    (self.variables, self.counts, self.entries) = (variables, counts, entries)
  }

  /// The same for all choices of the variables; `nil` where they are more than `limit`.
  public init?(_ variables: [Int], counts: [Int], repeating entry: Entry, limit: Int) {
    var size = 1
    for count in counts {
      let (product, overflow) = size.multipliedReportingOverflow(by: count)
      if overflow || product > limit { return nil }
      size = product
    }
    self.init(variables, counts: counts, entries: Array(repeating: entry, count: size))
  }

  public var isConstant: Bool { variables.isEmpty }

  /// The place of a configuration, which has a choice for each variable by its number; those that
  /// it leaves out have their first.
  public func place(_ configuration: [Int]) -> Int {
    var place = 0
    for (variable, count) in zip(variables, counts) {
      let choice = variable < configuration.count ? configuration[variable] : 0
      place = place * count + min(choice, count - 1)
    }
    return place
  }

  public subscript(configuration: [Int]) -> Entry? { entries[place(configuration)] }

  public func map<Result>(_ transform: (Entry) -> Result) -> Alternatives<Result> {
    Alternatives<Result>(variables, counts: counts, entries: entries.map { $0.map(transform) })
  }

  /// The choices of the variables at a place.
  public func choices(at place: Int) -> [Int] {
    var rest = place
    var choices = [Int](repeating: 0, count: counts.count)
    for index in counts.indices.reversed() {
      choices[index] = rest % counts[index]
      rest /= counts[index]
    }
    return choices
  }

  /// Every choice of the variables in turn, put into `configuration`.
  public func forEachPlace(
    in configuration: [Int], _ body: (_ place: Int, _ configuration: [Int]) -> Void
  ) {
    var whole = configuration
    if let last = variables.last, last >= whole.count {
      whole += [Int](repeating: 0, count: last + 1 - whole.count)
    }
    for variable in variables { whole[variable] = 0 }
    for place in entries.indices {
      body(place, whole)
      // The next combination: the last variable changes fastest.
      for index in variables.indices.reversed() {
        whole[variables[index]] += 1
        if whole[variables[index]] < counts[index] { break }
        whole[variables[index]] = 0
      }
    }
  }
}

extension Alternatives: Sendable where Entry: Sendable {}
extension Alternatives: Equatable where Entry: Equatable {}
extension Alternatives: Hashable where Entry: Hashable {}

extension Alternatives where Entry: Equatable {
  /// The same without the variables that make no difference.
  public func reduced() -> Alternatives {
    var table = self
    for variable in variables { table = table.dropping(variable) ?? table }
    return table
  }

  private func dropping(_ variable: Int) -> Alternatives? {
    guard let index = variables.firstIndex(of: variable) else { return nil }
    var (rest, sizes) = (variables, counts)
    rest.remove(at: index)
    sizes.remove(at: index)
    var merged = [Entry?](repeating: nil, count: entries.count / counts[index])
    let inner = sizes[index...].reduce(1, *)
    for (place, entry) in entries.enumerated() {
      guard let entry else { continue }
      let target = place / (inner * counts[index]) * inner + place % inner
      if let known = merged[target], known != entry { return nil }
      merged[target] = entry
    }
    return Alternatives(rest, counts: sizes, entries: merged)
  }

  /// The entries, each once, in their order.
  public var distinct: [Entry] {
    var found: [Entry] = []
    for case let entry? in entries where !found.contains(entry) { found.append(entry) }
    return found
  }
}
