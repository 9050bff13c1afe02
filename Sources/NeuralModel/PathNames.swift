/// The components of paths in one scope (language.md, section 10).
struct PathNames {
  /// The last number given to a type, from 1: all up to it are taken.
  private var types: [String: Int] = [:]
  /// Names that were taken as they are, or with a number from 2.
  private var taken: Set<String> = []
  /// The last number given to a name that was met again, from 2.
  private var repeated: [String: Int] = [:]

  /// The next component: numbered from 1, or as it is, with a number from 2 where it is met again.
  mutating func next(_ component: String, isNumbered: Bool) -> String {
    if isNumbered {
      var number = types[component, default: 0]
      var name: String
      repeat {
        number += 1
        name = PathNames.numbered(component, number)
      } while taken.contains(name)
      types[component] = number
      return name
    }
    var name = component
    while isTaken(name) {
      repeated[component, default: 1] += 1
      name = PathNames.numbered(component, repeated[component, default: 2])
    }
    taken.insert(name)
    return name
  }

  private func isTaken(_ name: String) -> Bool {
    if taken.contains(name) { return true }
    guard !types.isEmpty, let separator = name.utf8.lastIndex(of: 0x5F) else { return false }
    let digits = name[name.utf8.index(after: separator)...]
    guard let number = Int(digits), number >= 1, String(number) == digits else { return false }
    return types[String(name[..<separator]), default: 0] >= number
  }

  private static func numbered(_ component: String, _ number: Int) -> String {
    var name = component
    name += "_"
    name += String(number)
    return name
  }
}
