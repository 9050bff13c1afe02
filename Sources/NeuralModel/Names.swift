import NeuralSchema
import NeuralSyntax

/// A name that the source gives to a value or constant.
struct NamedValue {
  var name: String
  var value: Value
  var location: Location?
  var isUsed = false
  /// What it is in each configuration, where that differs; no entry where it is not defined.
  var choices: Alternatives<Value>?
  /// Part of `-> (a, b, c)`: reported only where none of them is used.
  var group: Int?
}

/// The names that statements can see: blocks and loops open a scope, definitions a wall.
struct NameScopes {
  struct Frame {
    private(set) var names: [NamedValue] = []
    /// Where each name stands in `names`, once they are too many to look through.
    private var places: [String: Int] = [:]
    var isWall = false
    /// `for`: indexed names go to the frame around it.
    var isLoop = false

    init(isWall: Bool = false, isLoop: Bool = false) {
      self.isWall = isWall
      self.isLoop = isLoop
    }

    /// As many are looked through one by one.
    private static let few = 8

    /// While statements are run again: how many of the names are there already. The others are those
    /// that are given again.
    fileprivate var visible: Int?
    /// Whether other names than before are given.
    fileprivate var hasDiverged = false

    /// Those that are there.
    var known: ArraySlice<NamedValue> { names.prefix(visible ?? names.count) }

    fileprivate func place(of name: String) -> Int? {
      if names.count > Frame.few {
        guard let place = places[name], place < visible ?? .max else { return nil }
        return place
      }
      for place in known.indices where names[place].name == name { return place }
      return nil
    }

    func find(_ name: String) -> NamedValue? { place(of: name).map { names[$0] } }

    /// Puts in a name that is not there yet.
    mutating func put(_ value: NamedValue) {
      if let next = visible {
        guard next < names.count, names[next].name == value.name else {
          hasDiverged = true
          return
        }
        names[next] = value
        visible = next + 1
        return
      }
      names.append(value)
      if names.count == Frame.few + 1 {
        for (place, named) in names.enumerated() { places[named.name] = place }
      } else if names.count > Frame.few {
        places[value.name] = names.count - 1
      }
    }

    /// Remembers that the name at a place is used.
    mutating func use(at place: Int) {
      if !names[place].isUsed { names[place].isUsed = true }
    }

    /// Puts in a name, or something else under a name that is there.
    mutating func replace(_ value: NamedValue) {
      if let place = place(of: value.name) { names[place] = value } else { put(value) }
    }
  }

  private(set) var frames: [Frame] = [Frame(isWall: true)]

  mutating func push(isWall: Bool = false, isLoop: Bool = false) {
    frames.append(Frame(isWall: isWall, isLoop: isLoop))
  }

  /// Ends the innermost scope and returns its names, for the report of those never used.
  mutating func pop() -> [NamedValue] { frames.popLast()?.names ?? [] }

  /// Defines a name in the innermost scope; returns an earlier one of that scope, which stays.
  mutating func define(_ value: NamedValue) -> NamedValue? {
    let frame = frames.count - 1
    if let earlier = frames[frame].find(value.name) { return earlier }
    frames[frame].put(value)
    return nil
  }

  /// Defines an indexed name (`skips[2]`), visible outside the loops that fill it.
  mutating func defineIndexed(_ value: NamedValue) -> NamedValue? {
    var frame = frames.count - 1
    while frame > 0, frames[frame].isLoop { frame -= 1 }
    if let earlier = frames[frame].find(value.name) { return earlier }
    frames[frame].put(value)
    return nil
  }

  /// Whether it is noted which of the network's own names are used.
  var isTracing = false
  /// Those used since this was last emptied, by place: `~place` for parameters and inputs.
  var trace: [Int] = []

  private mutating func use(_ place: Int, inFrame frame: Int) {
    frames[frame].use(at: place)
    if isTracing, frame < 2 { trace.append(frame == 0 ? ~place : place) }
  }

  func find(_ name: String) -> Value? {
    for index in frames.indices.reversed() {
      if let found = frames[index].find(name) { return found.value }
      if frames[index].isWall { return nil }
    }
    return nil
  }

  /// Finds a name and remembers that it was used.
  mutating func use(_ name: String) -> Value? { useNamed(name)?.value }

  mutating func useNamed(_ name: String) -> NamedValue? {
    for index in frames.indices.reversed() {
      if let place = frames[index].place(of: name) {
        use(place, inFrame: index)
        return frames[index].names[place]
      }
      if frames[index].isWall { return nil }
    }
    return nil
  }

  /// Remembers that all of `name[0]`, `name[1]` … may be used.
  mutating func useAll(indexed name: String) {
    for index in frames.indices.reversed() {
      let known = frames[index].known
      for place in known.indices where known[place].name.hasPrefix(name + "[") {
        use(place, inFrame: index)
      }
      if frames[index].isWall { return }
    }
  }

  mutating func replace(_ value: NamedValue, inFrame frame: Int) { frames[frame].replace(value) }

  /// Remembers what another run over the same scopes has used.
  mutating func noteUses(of other: NameScopes, inFrame frame: Int) {
    for name in other.frames[frame].names where name.isUsed {
      if let place = frames[frame].place(of: name.name) { frames[frame].use(at: place) }
    }
  }

  /// Every visible name, innermost first.
  var visible: [NamedValue] {
    var result: [NamedValue] = []
    for frame in frames.reversed() {
      result += frame.known.reversed()
      if frame.isWall { break }
    }
    return result
  }
}

// The names of a network whose statements are run again: the first frame has its parameters and
// inputs, the second what statements give.
extension NameScopes {
  var headerCount: Int { frames.first?.names.count ?? 0 }

  /// How many names statements have given so far.
  var outermostCount: Int { frames.count > 1 ? frames[1].known.count : 0 }

  var hasDiverged: Bool { frames.count > 1 && frames[1].hasDiverged }

  func hasSameHeader(as other: NameScopes) -> Bool {
    guard let own = frames.first?.names, let others = other.frames.first?.names else {
      return false
    }
    return own.elementsEqual(others) {
      $0.name == $1.name && $0.value == $1.value && $0.choices == nil && $1.choices == nil
        && !$0.value.holdsLayer
    }
  }

  mutating func adoptStatements(of other: NameScopes) { frames[1] = other.frames[1] }

  /// From here on names are those that were given before, of which `visible` are there.
  mutating func beginReplay(visible: Int) { frames[1].visible = visible }

  /// Makes all names visible again; false where other ones were given.
  mutating func endReplay() -> Bool {
    frames[1].visible = nil
    return !frames[1].hasDiverged
  }

  /// The places whose names mean something else than they did.
  func changes(_ places: Range<Int>, since earlier: NameScopes) -> Set<Int> {
    var changed: Set<Int> = []
    for place in places {
      let value = frames[1].names[place].value
      // Where a layer was written goes with it.
      if value.holdsLayer || value != earlier.frames[1].names[place].value { changed.insert(place) }
    }
    return changed
  }

  /// Ends the innermost scope, whose names are used so often and in `trace`: those of its names that
  /// are not, with what belongs to them; all where `isWhole` is set.
  mutating func pop(uses: [Int32], isHeader: Bool, isWhole: Bool) -> [NamedValue] {
    let traced = Set(trace.compactMap { ($0 < 0) == isHeader ? (isHeader ? ~$0 : $0) : nil })
    guard let names = frames.popLast()?.names else { return [] }
    var result: [NamedValue] = []
    var groups: Set<Int> = []
    for place in names.indices {
      let isUsed = uses[place] > 0 || traced.contains(place)
      if isUsed && !isWhole { continue }
      var named = names[place]
      // What runs again may have found a name used that no longer is.
      named.isUsed = isUsed || (isHeader ? named.isUsed : named.name.utf8.first == 0x5F)
      if !isUsed, let group = named.group { groups.insert(group) }
      result.append(named)
    }
    if !isWhole, !groups.isEmpty {
      for place in names.indices where names[place].group.map(groups.contains) ?? false {
        guard uses[place] > 0 || traced.contains(place) else { continue }
        var named = names[place]
        named.isUsed = true
        result.append(named)
      }
    }
    return result
  }
}

extension Value {
  /// Whether it is a layer, or holds one.
  var holdsLayer: Bool {
    switch self {
    case .layer: true
    case .tuple(let values), .list(let values): values.contains(where: \.holdsLayer)
    case .none, .boolean, .integer, .float, .string, .tensor, .definition, .condition, .unknown:
      false
    }
  }
}
