import NeuralModel

/// What the code for one network says of each of its layers, and why it says nothing of others.
///
/// Unlike a file, which nothing is left out of, it goes on behind what the target refuses.
public struct LayerLines: Sendable {
  public enum Entry: Sendable, Equatable {
    /// The statements that make it and that run it, without the margin that they share.
    case lines([String])
    /// Why the target does not write it.
    case refusal(String)
  }

  /// By node and by scope: of definitions, of layers made of others and of repetitions.
  private var nodes: [Int: Entry] = [:]
  private var scopes: [Int: Entry] = [:]

  public init() {}

  public subscript(item: GraphScope.Item) -> Entry? {
    get {
      switch item {
      case .node(let node): nodes[node]
      case .scope(let scope): scopes[scope]
      }
    }
    set {
      switch item {
      case .node(let node): nodes[node] = newValue
      case .scope(let scope): scopes[scope] = newValue
      }
    }
  }
}

extension Generator {
  /// The lines for a network that is complete; none for a target that is not Python.
  public static func layerLines(
    of network: NetworkGraph, definitions: [Definition], target: Target
  ) -> LayerLines {
    guard let python = target.python else { return LayerLines() }
    let module = PythonModule(
      [network], definitions: definitions, documentation: nil, target: python)
    return module.layerLines()
  }
}

extension BlockWriter {
  /// How much is written, to see later what was added.
  private struct Mark {
    var made: Int
    var run: Int
    var active: [Bool]
    var indent: Int
    var running: String
  }

  /// Writes an item, and keeps what it wrote where lines are wanted. What is refused is passed over
  /// then: what follows is still worth reading.
  func keepingLines(
    of items: [GraphScope.Item?], _ write: () throws(EmissionError) -> Void
  ) throws(EmissionError) {
    guard module.keepsLines else { return try write() }
    let mark = Mark(
      made: initLines.count, run: forwardLines.count, active: active, indent: indent,
      running: running)
    do throws(EmissionError) {
      try write()
      guard let (item, use) = first(items), hasOwnLine(item, use) else { return }
      let lines =
        Self.withoutMargin(initLines[min(mark.made, initLines.count)...])
        + Self.withoutMargin(forwardLines[min(mark.run, forwardLines.count)...])
      for (item, use) in all(items) { keep(.lines(lines), for: item, use) }
    } catch {
      guard case .problem(let problem) = error else { throw error }
      (active, indent, running) = (mark.active, mark.indent, mark.running)
      initLines.removeSubrange(min(mark.made, initLines.count)...)
      forwardLines.removeSubrange(min(mark.run, forwardLines.count)...)
      for (item, use) in all(items) {
        keep(.refusal(problem.message), for: item, use)
        for input in reads(of: item, use) { remaining[use][input, default: 1] -= 1 }
        for output in outputs(of: item, use) {
          variables[use][output] = Variable(name: running, layout: .declared)
        }
      }
    }
  }

  private func all(_ items: [GraphScope.Item?]) -> [(GraphScope.Item, use: Int)] {
    activeUses.compactMap { use in items[use].map { ($0, use) } }
  }

  private func first(_ items: [GraphScope.Item?]) -> (GraphScope.Item, use: Int)? {
    all(items).first
  }

  private func outputs(of item: GraphScope.Item, _ use: Int) -> [Int] {
    switch item {
    case .node(let node): graph(use).nodes[node].outputs
    case .scope(let scope): graph(use).scopes[scope].outputs
    }
  }

  /// What it would have read at once, had it been written.
  private func reads(of item: GraphScope.Item, _ use: Int) -> [Int] {
    switch item {
    case .node(let node): return graph(use).nodes[node].inputs
    case .scope(let scope):
      switch graph(use).scopes[scope].kind {
      case .definition, .composite: return boundary(graph(use), scope)
      default: return []
      }
    }
  }

  /// Whether what is written for it is not only what its parts write.
  private func hasOwnLine(_ item: GraphScope.Item, _ use: Int) -> Bool {
    guard case .scope(let scope) = item else { return true }
    switch graph(use).scopes[scope].kind {
    case .definition, .composite, .repetition: return true
    case .network, .iteration, .sequence, .container, .branch, .shortcut, .arm: return false
    }
  }

  /// Keeps what is said of an item; what a repetition repeats has no lines but its own.
  private func keep(_ entry: LayerLines.Entry, for item: GraphScope.Item, _ use: Int) {
    module.keep(entry, for: item)
    guard case .scope(let scope) = item, case .repetition = graph(use).scopes[scope].kind else {
      return
    }
    for inner in graph(use).scopes[scope].items { module.keep(entry, for: inner) }
  }

  private static func withoutMargin(_ lines: ArraySlice<String>) -> [String] {
    let margin = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { String($0.dropFirst(margin)) }
  }
}
