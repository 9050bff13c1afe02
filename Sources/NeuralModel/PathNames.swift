/// The components of paths in one scope (language.md, section 10).
struct PathNames {
  private var used: Set<String> = []
  /// The last number given to a type, from 1.
  private var types: [String: Int] = [:]
  /// The last number given to a name that was met again, from 2.
  private var repeated: [String: Int] = [:]

  /// The next component: numbered from 1, or as it is, with a number from 2 where it is met again.
  mutating func next(_ component: String, isNumbered: Bool) -> String {
    var name = component
    if isNumbered {
      repeat {
        types[component, default: 0] += 1
        name = "\(component)_\(types[component, default: 1])"
      } while used.contains(name)
    } else {
      while used.contains(name) {
        repeated[component, default: 1] += 1
        name = "\(component)_\(repeated[component, default: 2])"
      }
    }
    used.insert(name)
    return name
  }
}
