import NeuralModel

// Where the modules of a class stand in the source: weights files follow the source's paths.
extension BlockWriter {
  /// A module that a class has made.
  struct Component {
    /// The attribute that holds it, with its place below where that is a list.
    var attribute: String
    /// Its path in the source, by use of the class; `nil` where a use does not reach it.
    var paths: [String?]

    /// The same as part of a list of its owner.
    func inside(_ list: String) -> Component {
      Component(attribute: attribute.isEmpty ? list : "\(list)/\(attribute)", paths: paths)
    }
  }

  func component(_ attribute: String, _ path: (Int) -> String) -> Component {
    Component(attribute: attribute, paths: uses.indices.map { active[$0] ? path($0) : nil })
  }

  func addComponent(_ attribute: String, _ path: (Int) -> String) {
    components.append(component(attribute, path))
  }

  /// What one round of a repetition has made: a module with a path of its own, or those of a group
  /// of steps, which has none.
  func components(of written: WrittenBlock, _ scopes: [Int?]) -> [Component] {
    switch entry(scopes, firstActive)?.kind {
    case .definition, .composite:
      return [component("") { entry(scopes, $0)?.path ?? "" }]
    default:
      let places = uses.indices.map { use in
        scopes[use].flatMap { scope in
          written.uses.firstIndex(of: ScopeUse(network: uses[use].network, scope: scope))
        }
      }
      return written.components.map { inner in
        Component(
          attribute: inner.attribute,
          paths: places.enumerated().map { use, place in
            active[use] ? place.flatMap { inner.paths[$0] } : nil
          })
      }
    }
  }

  /// The paths that attributes do not tell. All uses of a class must have the same.
  func classPaths() throws(EmissionError) -> ClassPaths {
    var entries: [(attribute: String, path: String)] = []
    for component in components {
      let locals = uses.indices.map { use in component.paths[use].map { localPath($0, use: use) } }
      let known = Set(locals.compactMap { $0 })
      guard known.count <= 1 else { throw split(locals.map { $0 ?? known.min() ?? "" }) }
      guard let path = known.first, path != component.attribute else { continue }
      entries.append((component.attribute, path))
    }
    return ClassPaths(name: name, entries: BlockWriter.counted(entries))
  }

  /// `layers/0` … `layers/3` at `conv_2` … `conv_5` as the one entry `layers` at `conv_2`.
  private static func counted(
    _ entries: [(attribute: String, path: String)]
  ) -> [(attribute: String, path: String)] {
    var result: [(attribute: String, path: String)] = []
    var done: Set<String> = []
    for entry in entries {
      let parts = entry.attribute.split(separator: "/")
      guard parts.count == 2 else {
        result.append(entry)
        continue
      }
      let list = String(parts[0])
      if done.contains(list) { continue }
      let all = entries.filter { $0.attribute.hasPrefix(list + "/") }
      guard let first = numbered(Substring(entry.path)),
        all.enumerated().allSatisfy({ index, other in
          other.attribute == "\(list)/\(index)"
            && other.path == "\(first.stem)\(first.number + index)"
        })
      else {
        result.append(entry)
        continue
      }
      done.insert(list)
      result.append((list, entry.path))
    }
    return result
  }
}
