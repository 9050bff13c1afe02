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

    private func place(of name: String) -> Int? {
      if names.count > Frame.few { return places[name] }
      for place in names.indices where names[place].name == name { return place }
      return nil
    }

    func find(_ name: String) -> NamedValue? { place(of: name).map { names[$0] } }

    /// Puts in a name that is not there yet.
    mutating func put(_ value: NamedValue) {
      names.append(value)
      if names.count == Frame.few + 1 {
        for (place, named) in names.enumerated() { places[named.name] = place }
      } else if names.count > Frame.few {
        places[value.name] = names.count - 1
      }
    }

    mutating func use(_ name: String) -> NamedValue? {
      guard let place = place(of: name) else { return nil }
      names[place].isUsed = true
      return names[place]
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
      if let found = frames[index].use(name) { return found }
      if frames[index].isWall { return nil }
    }
    return nil
  }

  /// Remembers that all of `name[0]`, `name[1]` … may be used.
  mutating func useAll(indexed name: String) {
    for index in frames.indices.reversed() {
      for found in frames[index].names where found.name.hasPrefix(name + "[") {
        _ = frames[index].use(found.name)
      }
      if frames[index].isWall { return }
    }
  }

  mutating func replace(_ value: NamedValue, inFrame frame: Int) { frames[frame].replace(value) }

  /// Remembers what another run over the same scopes has used.
  mutating func noteUses(of other: NameScopes, inFrame frame: Int) {
    for name in other.frames[frame].names where name.isUsed {
      _ = frames[frame].use(name.name)
    }
  }

  /// Every visible name, innermost first.
  var visible: [NamedValue] {
    var result: [NamedValue] = []
    for frame in frames.reversed() {
      result += frame.names.reversed()
      if frame.isWall { break }
    }
    return result
  }
}
