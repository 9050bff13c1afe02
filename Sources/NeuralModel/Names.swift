import NeuralSchema
import NeuralSyntax

/// A name that the source gives to a value or constant.
struct NamedValue {
  var name: String
  var value: Value
  var location: Location?
  var isUsed = false
  /// Part of `-> (a, b, c)`: reported only where none of them is used.
  var group: Int?
}

/// The names that statements can see: blocks and loops open a scope, definitions a wall.
struct NameScopes {
  struct Frame {
    var names: [NamedValue] = []
    /// Names of `-> skips[i]`, by their index.
    var isWall = false
    /// `for`: indexed names go to the frame around it.
    var isLoop = false
  }

  private(set) var frames: [Frame] = [Frame(isWall: true)]

  mutating func push(isWall: Bool = false, isLoop: Bool = false) {
    frames.append(Frame(isWall: isWall, isLoop: isLoop))
  }

  /// Ends the innermost scope and returns its names, for the report of those never used.
  mutating func pop() -> [NamedValue] { frames.popLast()?.names ?? [] }

  /// Defines a name in the innermost scope; returns the place of an earlier definition there.
  mutating func define(_ value: NamedValue) -> Location?? {
    let frame = frames.count - 1
    if let earlier = frames[frame].names.first(where: { $0.name == value.name }) {
      return .some(earlier.location)
    }
    frames[frame].names.append(value)
    return nil
  }

  /// Sets an indexed name (`skips[2]`), visible outside the loops that fill it.
  mutating func defineIndexed(_ value: NamedValue) {
    var frame = frames.count - 1
    while frame > 0, frames[frame].isLoop { frame -= 1 }
    frames[frame].names.removeAll { $0.name == value.name }
    frames[frame].names.append(value)
  }

  func find(_ name: String) -> Value? {
    for frame in frames.reversed() {
      if let found = frame.names.last(where: { $0.name == name }) { return found.value }
      if frame.isWall { return nil }
    }
    return nil
  }

  /// Finds a name and remembers that it was used.
  mutating func use(_ name: String) -> Value? {
    for index in frames.indices.reversed() {
      if let place = frames[index].names.lastIndex(where: { $0.name == name }) {
        frames[index].names[place].isUsed = true
        return frames[index].names[place].value
      }
      if frames[index].isWall { return nil }
    }
    return nil
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
