import NeuralModel

/// Where the layers of a class stand in a weights file, for those whose attributes are not called so.
struct PathTable {
  /// An attribute, dotted where it is inside another one, and the path below the class's own.
  enum Entry: Equatable {
    case one(String, String)
    /// For `i` in `range(count)`; both texts hold `{i}` or `{i + 1}`.
    case run(String, String, count: Int)
  }

  var block: String
  var entries: [Entry]

  /// The tables as a Python constant.
  static func text(_ tables: [PathTable]) -> String {
    var lines = [
      "# Where layers stand in a weights file, if not under their own names.", "PATHS = {",
    ]
    for table in tables {
      if case .run(let name, let path, let count)? = table.entries.first, table.entries.count == 1 {
        let pair = "f\"\(name)\": f\"\(path)\""
        let flat = "    \(table.block): {\(pair) for i in range(\(count))},"
        let inner = "        \(pair) for i in range(\(count))"
        if flat.count <= Python.columns {
          lines.append(flat)
        } else if inner.count <= Python.columns {
          lines += ["    \(table.block): {", inner, "    },"]
        } else {
          let rest = "        for i in range(\(count))"
          lines += ["    \(table.block): {", "        \(pair)", rest, "    },"]
        }
        continue
      }
      lines.append("    \(table.block): {")
      for entry in table.entries {
        switch entry {
        case .one(let name, let path): lines.append("        \"\(name)\": \"\(path)\",")
        case .run(let name, let path, let count):
          let flat = "**{f\"\(name)\": f\"\(path)\" for i in range(\(count))}"
          if flat.count + 9 <= Python.columns {
            lines.append("        \(flat),")
          } else {
            lines += [
              "        **{", "            f\"\(name)\": f\"\(path)\"",
              "            for i in range(\(count))", "        },",
            ]
          }
        }
      }
      lines.append("    },")
    }
    return (lines + ["}"]).joined(separator: "\n")
  }

  /// Pairs as entries; numbers that count along in a list are one entry.
  static func compressed(_ pairs: [(name: String, path: String)]) -> [Entry] {
    var entries: [Entry] = []
    var left = pairs
    while let first = left.first {
      if let run = run(from: first, in: left) {
        entries.append(.run(run.name, run.path, count: run.names.count))
        left.removeAll { run.names.contains($0.name) }
      } else {
        entries.append(.one(first.name, first.path))
        left.removeFirst()
      }
    }
    return entries
  }

  /// Three or more places of a list, from its first, whose paths differ in a number that grows alike.
  private static func run(
    from first: (name: String, path: String), in pairs: [(name: String, path: String)]
  ) -> (name: String, path: String, names: Set<String>)? {
    let parts = first.name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let known = Dictionary(pairs.map { ($0.name, $0.path) }) { first, _ in first }
    for (place, part) in parts.enumerated() where part == "0" {
      func name(_ index: String) -> String {
        var copy = parts
        copy[place] = index
        return copy.joined(separator: ".")
      }
      guard let second = known[name("1")], let third = known[name("2")],
        let (prefix, start, suffix) = number(in: first.path, before: second)
      else { continue }
      let step = (prefix + String(start + 1) + suffix == second) ? 1 : nil
      guard let step, prefix + String(start + 2 * step) + suffix == third else { continue }
      var count = 3
      while known[name(String(count))] == prefix + String(start + count) + suffix { count += 1 }
      let counted = start == 0 ? "{i}" : "{i + \(start)}"
      return (
        name("{i}"), prefix + counted + suffix, Set((0..<count).map { name(String($0)) })
      )
    }
    return nil
  }

  /// The first number of a path that is another one in the next.
  private static func number(
    in path: String, before next: String
  ) -> (prefix: String, start: Int, suffix: String)? {
    let common = zip(path, next).prefix { $0 == $1 }.count
    var start = path.index(path.startIndex, offsetBy: common)
    while start > path.startIndex, path[path.index(before: start)].isNumber {
      start = path.index(before: start)
    }
    let digits = path[start...].prefix(while: \.isNumber)
    guard let value = Int(digits) else { return nil }
    return (String(path[..<start]), value, String(path[start...].dropFirst(digits.count)))
  }
}

extension PythonModule {
  /// The tables of all classes, in the order in which they are written.
  func pathTables() -> [PathTable] {
    var known = OwnPaths(self)
    var seen: Set<String> = []
    var tables: [PathTable] = []
    for block in writtenBlocks where seen.insert(block.name).inserted {
      guard let pairs = known.paths(of: block) else { continue }
      let paths = Dictionary(pairs.map { ($0.name, $0.path) }) { first, _ in first }
      /// What an attribute's path is without a word about it.
      func usual(_ name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return name }
        let outer = String(name[..<dot])
        return (paths[outer] ?? usual(outer)) + "/" + name[name.index(after: dot)...]
      }
      let different = pairs.filter { $0.path != usual($0.name) }
      if !different.isEmpty {
        tables.append(PathTable(block: block.name, entries: PathTable.compressed(different)))
      }
    }
    return tables
  }
}

/// The paths of the classes of a module, each found once.
private struct OwnPaths {
  typealias Pairs = [(name: String, path: String)]

  let module: PythonModule
  /// The paths below which there are weights, by network.
  let weighted: [Set<String>]
  /// By the class's name; `nil` in it where its uses differ.
  var known: [String: Pairs?] = [:]

  init(_ module: PythonModule) {
    self.module = module
    weighted = module.networks.map { graph in
      var paths: Set<String> = []
      for node in graph.nodes where !node.weights.isEmpty {
        var path = node.path[...]
        while let slash = path.lastIndex(of: "/") {
          path = path[..<slash]
          // Those above it are there too.
          if !paths.insert(String(path)).inserted { break }
        }
        paths.insert("")
      }
      return paths
    }
  }

  /// The paths that a class has in every use; `nil` where they are not the same.
  mutating func paths(of block: WrittenBlock) -> Pairs? {
    if let answer = known[block.name] { return answer }
    let answer = shared(of: block)
    known[block.name] = .some(answer)
    return answer
  }

  private mutating func shared(of block: WrittenBlock) -> Pairs? {
    var all: Pairs = []
    var found: [String: String] = [:]
    for use in block.uses.indices {
      for (name, path) in paths(of: block, use: use) {
        if let other = found[name] {
          if other != path { return nil }
          continue
        }
        found[name] = path
        all.append((name, path))
      }
    }
    return all
  }

  /// The paths of everything with weights in one use, those inside classes without a table included.
  private mutating func paths(of block: WrittenBlock, use: Int) -> Pairs {
    let graph = module.networks[block.uses[use].network]
    let weighted = weighted[block.uses[use].network]
    let root = graph.scopes[block.uses[use].scope].path
    func local(_ path: String) -> String {
      path == root ? "" : root.isEmpty ? path : String(path.dropFirst(root.count + 1))
    }
    var result: Pairs = []
    for place in block.places[use] {
      let name = place.name
      switch place.item {
      case .node(let index):
        let node = graph.nodes[index]
        let path = [node.path, place.below].compactMap(\.self).joined(separator: "/")
        if !node.weights.isEmpty { result.append((name, local(path))) }
      case .scope(let index):
        let scope = graph.scopes[index]
        let path = local(scope.path)
        guard weighted.contains(scope.path) else { continue }
        if !path.isEmpty { result.append((name, path)) }
        let place = ScopeUse(network: block.uses[use].network, scope: index)
        guard let inner = module.writtenBlock(for: place),
          path.isEmpty || paths(of: inner) == nil,
          let innerUse = inner.uses.firstIndex(of: place)
        else { continue }
        for (innerName, innerPath) in paths(of: inner, use: innerUse) {
          result.append(
            ("\(name).\(innerName)", path.isEmpty ? innerPath : "\(path)/\(innerPath)"))
        }
      }
    }
    return result
  }
}
