import NeuralDimension
import NeuralSchema
import NeuralSyntax

/// A variable of a network's search space (language.md, section 7).
public struct SearchVariable: Sendable {
  /// Its `let`, else the argument that it is the value of; with the layer's path in front where two
  /// variables would have one name.
  public var name: String
  /// The layer whose argument it is.
  public var path: String?
  /// In the order in which they are written; the first one is what is generated. `nil` for those
  /// that nothing has asked for.
  public var values: [Value?]
  /// Whether it can be any number between its two values.
  public var isContinuous: Bool
  public var location: Location
  var key: Search.Key
}

/// The search space of one network while it is expanded: its variables, the configuration at hand,
/// and what depends on which of them.
///
/// Expansion follows one configuration; what reads a variable says so (`touched`), and is done again
/// for the other choices of exactly the variables that it read.
struct Search {
  /// What makes a variable: the place where it is written and the calls that lead there. A loop
  /// that comes by again makes another one.
  struct Key: Hashable {
    var location: Location
    var calls: [Location]
    var turn: Int
  }

  struct Turn: Hashable {
    var location: Location
    var calls: [Location]
  }

  private(set) var variables: [SearchVariable] = []
  private var numbers: [Key: Int] = [:]
  /// How often a place was met at all.
  private(set) var turnCount = 0
  /// How often each place was met on the way to here.
  var turns: [Turn: Int] = [:]
  /// The choice of each variable, by its number.
  var configuration: [Int] = []
  /// What a user has set: those are no variables then.
  var fixed: [Key: Setting] = [:]
  /// Variables read since this was last emptied.
  var touched: Set<Int> = []
  /// Which configurations lead to where expansion is.
  var restrictions: [Alternatives<Bool>] = []
  /// Which arm of a condition expansion is in; each has another number.
  var arm = 0
  var armCount = 0
  /// What the layers cost that depend on variables.
  var costs = SearchCosts()
  /// How many of them choose among the values of an argument or an input, not among arms: what is
  /// found then is not in all configurations that come by its text.
  var narrowings = 0
  /// Whether an evaluation is being repeated for other choices.
  var isRepeating = false
  /// Sizes that differ, each behind one symbol.
  private(set) var sizes: [Alternatives<Int>] = []
  private var sizeNumbers: [Alternatives<Int>: Int] = [:]
  /// The types of graph values that are not the same in all configurations.
  var types: [Int: Alternatives<TensorType?>] = [:]
  /// What values end in that arms of a condition give.
  var endings: [Int: Alternatives<Ending?>] = [:]
  /// Nodes of the arms of conditions whose activation has been checked there.
  var checked: Set<Int> = []
  /// Values that stand for another one in each configuration: what the default one has there.
  var defaults: [Int: Int] = [:]
  /// Whether a place that depends on too many configurations was reported.
  var isLimitReported = false
  /// The name that the next variable gets.
  var naming: String?

  /// Configurations that one place may depend on.
  static let limit = 4096
  /// Alternatives that are kept to be shown.
  static let shownLimit = 64
  /// Values that a variable can have one by one; past that it counts as continuous.
  static let valueLimit = 1000

  /// What a variable is set to.
  enum Setting {
    case choice(Int)
    case value(Value)
  }

  /// Takes the next turn at a place.
  mutating func key(_ turn: Turn) -> Key {
    turnCount += 1
    let count = turns[turn, default: 0]
    turns[turn] = count + 1
    return Key(location: turn.location, calls: turn.calls, turn: count)
  }

  /// The number of a variable; `make` describes a new one.
  mutating func number(_ key: Key, _ make: () -> SearchVariable) -> Int {
    if let number = numbers[key] { return number }
    let number = variables.count
    numbers[key] = number
    variables.append(make())
    configuration.append(0)
    return number
  }

  /// Makes the choices of a place of a table the ones at hand.
  mutating func choose<Entry>(_ place: Int, of table: Alternatives<Entry>) {
    for (variable, choice) in zip(table.variables, table.choices(at: place)) {
      configuration[variable] = choice
    }
  }

  /// What the default configuration has in the place of a value that stands for several.
  func shown(_ value: Int) -> Int {
    var shown = value
    while let next = defaults[shown] { shown = next }
    return shown
  }

  /// Returns to a configuration; variables that came later have their first choice.
  mutating func restore(_ earlier: [Int]) {
    let later = variables.count - earlier.count
    configuration = earlier + [Int](repeating: 0, count: max(0, later))
  }

  mutating func note(_ value: Value, of variable: Int, at choice: Int) {
    variables[variable].values[choice] = value
  }

  mutating func place(_ numbers: Range<Int>, at path: String) {
    for number in numbers where variables[number].path == nil { variables[number].path = path }
  }

  /// What other arms of a condition have found out, which holds everywhere.
  mutating func adopt(_ other: Search) {
    variables = other.variables
    numbers = other.numbers
    sizes = other.sizes
    sizeNumbers = other.sizeNumbers
    isLimitReported = other.isLimitReported
    armCount = max(armCount, other.armCount)
    let nodes = costs.nodes
    costs = other.costs
    costs.nodes = nodes
    restore(configuration)
  }

  // MARK: Configurations

  /// The allowed combinations of the choices of `variables`, as a table; `nil` where they are too
  /// many to look at.
  func combinations(_ variables: Set<Int>) -> Alternatives<Bool>? {
    var all = variables
    var joined: [Alternatives<Bool>] = []
    var rest = restrictions
    while let index = rest.firstIndex(where: { !all.isDisjoint(with: $0.variables) }) {
      joined.append(rest[index])
      all.formUnion(rest[index].variables)
      rest.remove(at: index)
    }
    guard let whole = full(all) else { return nil }
    var allowed = whole
    whole.forEachPlace(in: configuration) { place, choices in
      if joined.contains(where: { $0[choices] != true }) { allowed.entries[place] = nil }
    }
    if all == variables { return allowed }
    guard var projected = full(variables) else { return nil }
    for place in projected.entries.indices { projected.entries[place] = nil }
    allowed.forEachPlace(in: configuration) { place, choices in
      if allowed.entries[place] != nil { projected.entries[projected.place(choices)] = true }
    }
    return projected
  }

  /// A table over all choices of the variables.
  func full(_ variables: Set<Int>) -> Alternatives<Bool>? {
    let ordered = variables.sorted()
    let counts = ordered.map { self.variables[$0].values.count }
    return Alternatives(ordered, counts: counts, repeating: true, limit: Search.limit)
  }

  /// Whether the first choice of every variable leads to here.
  var isDefault: Bool { restrictions.allSatisfy { $0[[]] == true } }

  // MARK: Sizes

  /// The symbol for a size that differs; equal ones have one symbol.
  mutating func symbol(for size: Alternatives<Int>) -> Dimension {
    if size.isConstant, let only = size.entries[0] { return .constant(only) }
    let number: Int
    if let known = sizeNumbers[size] {
      number = known
    } else {
      number = sizes.count
      sizes.append(size)
      sizeNumbers[size] = number
    }
    let name = size.variables.map { variables[$0].name }.joined(separator: "·")
    return Dimension(Symbol(id: Int32(clamping: -1 - number), name: name))
  }

  func size(_ symbol: Symbol) -> Alternatives<Int>? {
    let number = Int(-1 - symbol.id)
    return sizes.indices.contains(number) ? sizes[number] : nil
  }

  /// The variables that a size depends on.
  func variables(of dimension: Dimension) -> Set<Int> {
    var found: Set<Int> = []
    dimension.forEachSymbol { symbol in
      if let size = size(symbol) { found.formUnion(size.variables) }
    }
    return found
  }

  func variables(of type: TensorType) -> Set<Int> {
    type.shape.reduce(into: []) { $0.formUnion(variables(of: $1)) }
  }

  /// Those of a table of types, and of the sizes in it.
  func variables(of table: Alternatives<TensorType?>) -> Set<Int> {
    var variables = Set(table.variables)
    for case let type?? in table.entries { variables.formUnion(self.variables(of: type)) }
    return variables
  }

  /// A size in one configuration.
  func resolved(_ dimension: Dimension, in configuration: [Int]) -> Dimension {
    if let number = dimension.evaluated({ size($0)?[configuration] }) { return .constant(number) }
    var isSearched = false
    dimension.forEachSymbol { isSearched = isSearched || $0.isSearched }
    guard isSearched else { return dimension }
    let result = try? dimension.substituting { symbol in
      size(symbol).flatMap { $0[configuration] }.map { .constant($0) }
    }
    return result ?? dimension
  }

  func resolved(_ type: TensorType, in configuration: [Int]) -> TensorType {
    TensorType(
      shape: type.shape.map { resolved($0, in: configuration) }, dtype: type.dtype)
  }
}
