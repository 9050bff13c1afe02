import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// One use of what a class is written for: a scope of one of the networks.
struct ScopeUse: Hashable {
  var network: Int
  var scope: Int
}

/// A class that has been written, as those who construct and call it need it.
struct WrittenBlock {
  var name: String
  var parameters: [BlockParameter]
  var uses: [ScopeUse]
  var inputLayouts: [Layout]
  var outputLayouts: [Layout]
  /// Sizes of each result in terms of the parameters, by declared axis.
  var outputSizes: [[Int: PythonValue]]
  /// Whether its constructor takes the framework's source of random numbers.
  var drawsNumbers = false
  /// Its attributes that are layers or blocks, with what they are, by use.
  var places: [[BlockPlace]]
}

/// An attribute of a class that is a layer or a block.
struct BlockPlace {
  var name: String
  var item: GraphScope.Item
  /// Below the layer's path, where it stands for a layer inside that one.
  var below: String?
}

/// An argument of a class's constructor.
struct BlockParameter {
  var name: String
  var annotation: String
  var source: Source
  /// The default as Python writes it, where the definition has one.
  var defaultText: String?
  /// Its value in each use.
  var values: [Value?]

  enum Source: Equatable {
    /// A parameter of the definition.
    case argument(String)
    /// A size of an input, by declared axis.
    case size(input: Int, axis: Int)
    /// A value that differs between uses without a name in the source.
    case derived
  }
}

/// Writes the networks of one file as a Python module: a class or function for each network, and one
/// for all calls of a definition.
final class PythonModule {
  let target: PythonTarget
  let networks: [NetworkGraph]
  let definitions: [Definition]
  private var classes: [[String]] = []
  private var names: Set<String>
  private var written: [ScopeUse: WrittenBlock] = [:]
  /// What has been written, in order.
  private(set) var writtenBlocks: [WrittenBlock] = []
  private var support: [String: String] = [:]
  private var imports: Set<String> = []
  private var renamed: [String: String] = [:]
  /// What values are called in the source, which functions must not be: a variable would hide them.
  private var valueNames: Set<String> = []
  /// What functions for definitions and layers will be called.
  private var functionNames: Set<String> = []
  /// Layers, and scopes that are layers, whose weights are used at several places, by network.
  private(set) var sharedNodes: [Set<Int>] = []
  private(set) var sharedScopes: [Set<Int>] = []
  /// What is said of each layer, where that is wanted; of one network only.
  private var lines: LayerLines?

  private let documentation: String?

  init(
    _ networks: [NetworkGraph], definitions: [Definition], documentation: String?,
    target: PythonTarget
  ) {
    self.target = target
    self.documentation = documentation
    self.networks = networks
    self.definitions = definitions
    names = target.names
    for network in networks {
      names.insert(target.className(network.name))
      valueNames.formUnion(network.values.compactMap(\.name))
      sharedNodes.append(
        Set(network.nodes.flatMap { [$0.sharedWith, $0.tiedTo].compactMap { $0 } }))
      sharedScopes.append(Set(network.scopes.compactMap(\.sharedWith)))
      guard target.form == .functions else { continue }
      for scope in network.scopes {
        switch scope.kind {
        case .definition(let index, _): functionNames.insert(definitions[index].schema.snakeName)
        case .composite(let schema, _): functionNames.insert(schema.snakeName)
        default: continue
        }
      }
    }
  }

  /// Nodes whose weights others use; what is inside a shared block is shared with it.
  private func shared(in network: NetworkGraph) -> Set<Int> {
    let blocks = Set(network.scopes.filter { $0.sharedWith != nil }.map { $0.path + "/" })
    var shared: Set<Int> = []
    for node in network.nodes {
      if let owner = node.tiedTo { shared.insert(owner) }
      if let owner = node.sharedWith, !blocks.contains(where: node.path.hasPrefix) {
        shared.insert(owner)
      }
    }
    return shared
  }

  func generate() throws(TargetProblem) -> String {
    for (index, network) in networks.enumerated() {
      let name = target.className(network.name)
      _ = try write(
        name: name, uses: [ScopeUse(network: index, scope: 0)], kind: .network,
        documentation: network.declaration.documentation)
    }
    return assemble(training: try training())
  }

  /// What would be written of each layer of the one network.
  func layerLines() -> LayerLines {
    lines = LayerLines()
    // What cannot be written as a whole may still be written in part.
    _ = try? write(
      name: target.className(networks[0].name), uses: [ScopeUse(network: 0, scope: 0)],
      kind: .network, documentation: nil)
    return lines ?? LayerLines()
  }

  var keepsLines: Bool { lines != nil }

  func keep(_ entry: LayerLines.Entry, for item: GraphScope.Item) { lines?[item] = entry }

  /// The functions that train the networks. With several that are trained, names begin with theirs.
  private func training() throws(TargetProblem) -> [String] {
    let plans = networks.compactMap(TrainingPlan.init)
    var functions: [String] = []
    for plan in plans {
      let prefix = plans.count > 1 ? snakeCase(plan.network.name) + "_" : ""
      functions += try target.training(plan, TrainingNames(prefix: prefix, taken: names))
    }
    return functions
  }

  /// Adds a helper function or class that several layers share; written once, and only if used.
  func require(_ name: String, _ text: String) { support[name] = text }

  func addImport(_ line: String) { imports.insert(line) }

  /// Remembers how the framework calls a weight that a weights file calls otherwise.
  func rename(_ own: String, _ name: String) { renamed[own] = name }

  func uniqueName(_ wanted: String) -> String {
    let name: String
    switch target.form {
    case .classes:
      name = Python.numbered(
        target.className(wanted), separator: "", isTaken: names.contains)
    case .functions:
      name = Python.numbered(target.variable(wanted)) {
        names.contains($0) || valueNames.contains($0)
      }
    }
    names.insert(name)
    return name
  }

  /// Whether a variable of this name would hide something of the module's.
  func isTaken(_ name: String) -> Bool {
    target.form == .functions && (names.contains(name) || functionNames.contains(name))
  }

  /// What the class for the calls of a definition is called. A network that stands in the module for
  /// itself takes and returns its declared layout; as a layer it need not.
  func className(of definition: Definition) -> String {
    if target.form == .functions { return definition.schema.snakeName }
    let name = definition.schema.name
    let stands = definition.isNetwork && networks.contains { $0.name == name }
    return stands ? "\(name)Layer" : name
  }

  // MARK: Classes for scopes

  /// The class for a definition's call, a composite layer or a repeated group of steps. All uses
  /// share one class as long as they differ only in what a constructor can take.
  func classes(
    for uses: [ScopeUse], name: String, kind: BlockWriter.Kind, documentation: String?
  ) throws(TargetProblem) {
    if let first = uses.first, written[first] != nil { return }
    do throws(EmissionError) {
      let unique = uniqueName(name)
      do throws(EmissionError) {
        try attempt(name: unique, uses: uses, kind: kind, documentation: documentation)
      } catch {
        names.remove(unique)
        throw error
      }
    } catch {
      switch error {
      case .problem(let problem): throw problem
      case .split(let split):
        var groups: [(key: String, uses: [ScopeUse])] = []
        for (key, use) in zip(split.keys, uses) {
          if let index = groups.firstIndex(where: { $0.key == key }) {
            groups[index].uses.append(use)
          } else {
            groups.append((key, [use]))
          }
        }
        guard groups.count > 1 else {
          throw TargetProblem(
            "this cannot be written as one class", at: location(of: uses[0]))
        }
        for group in groups {
          try classes(for: group.uses, name: name, kind: kind, documentation: documentation)
        }
      }
    }
  }

  private func write(
    name: String, uses: [ScopeUse], kind: BlockWriter.Kind, documentation: String?
  ) throws(TargetProblem) -> WrittenBlock? {
    do throws(EmissionError) {
      try attempt(name: name, uses: uses, kind: kind, documentation: documentation)
    } catch {
      switch error {
      case .problem(let problem): throw problem
      case .split:
        throw TargetProblem("this cannot be written as one class", at: location(of: uses[0]))
      }
    }
    return written[uses[0]]
  }

  private func attempt(
    name: String, uses: [ScopeUse], kind: BlockWriter.Kind, documentation: String?
  ) throws(EmissionError) {
    let writer = BlockWriter(self, name: name, uses: uses, kind: kind)
    let (lines, result) = try writer.write(documentation: documentation)
    classes.append(lines)
    writtenBlocks.append(result)
    for use in uses { written[use] = result }
  }

  func writtenBlock(for use: ScopeUse) -> WrittenBlock? { written[use] }

  /// Every call of a definition in any of the networks.
  func uses(ofDefinition index: Int) -> [ScopeUse] {
    var uses: [ScopeUse] = []
    for (network, graph) in networks.enumerated() {
      for (scope, entry) in graph.scopes.enumerated() {
        if case .definition(index, _) = entry.kind {
          uses.append(ScopeUse(network: network, scope: scope))
        }
      }
    }
    return uses
  }

  /// Every use of a composite layer in any of the networks.
  func uses(of schema: LayerSchema) -> [ScopeUse] {
    var uses: [ScopeUse] = []
    for (network, graph) in networks.enumerated() {
      for (scope, entry) in graph.scopes.enumerated() {
        if case .composite(let used, _) = entry.kind, used === schema {
          uses.append(ScopeUse(network: network, scope: scope))
        }
      }
    }
    return uses
  }

  private func location(of use: ScopeUse) -> Location {
    networks[use.network].scopes[use.scope].location
  }

  // MARK: The file

  /// What the sources say of training and is not written: the file says so itself.
  private func trainingNote(isWritten: Bool) -> String {
    func has(_ network: NetworkGraph, _ words: Set<String>) -> Bool {
      network.declaration.sections.contains { words.contains($0.keyword.text) }
    }
    if isWritten {
      let idle = networks.first { network in
        has(network, ["train"]) && TrainingPlan(network)?.isTrained != true
      }
      guard let idle else { return "" }
      let missing = [idle.losses.isEmpty ? "loss" : nil, idle.optimizer == nil ? "optimizer" : nil]
      return "# No train() for \(idle.name): it has no "
        + "\(missing.compactMap(\.self).joined(separator: " and no ")).\n"
    }
    let words: Set = ["loss", "optimizer", "metrics", "train", "execution", "execute"]
    return networks.contains { has($0, words) }
      ? "# The network alone: loss, optimizer and training are left to the caller.\n" : ""
  }

  private func assemble(training: [String]) -> String {
    var parts = support.sorted { $0.key < $1.key }.map(\.value)
    parts += classes.map { $0.joined(separator: "\n") }
    let networkNames = networks.map(\.name).joined(separator: ", ")
    let frame = target.frame(
      PythonFrame(
        body: parts.joined(separator: "\n\n\n") + "\n", training: training, renamed: renamed,
        networks: networks, paths: pathTables(),
        title: "\(networkNames) in \(target.displayName)."))
    let sections = [frame.standard, frame.imports, imports.sorted(), frame.constants].filter {
      !$0.isEmpty
    }
    let header = sections.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    let text = Python.docstringLines(documentation ?? frame.title, indent: 0) + [""]
    return trainingNote(isWritten: !training.isEmpty) + text.joined(separator: "\n") + "\n" + header
      + "\n\n\n" + frame.body
  }
}
