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
struct WrittenClass {
  var name: String
  var parameters: [ClassParameter]
  var uses: [ScopeUse]
  var inputLayouts: [Layout]
  var outputLayouts: [Layout]
  /// Sizes of each result in terms of the parameters, by declared axis.
  var outputSizes: [[Int: PythonValue]]
}

/// An argument of a class's constructor.
struct ClassParameter {
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

/// Writes the networks of one file as a module of `torch.nn.Module` classes: one for each network,
/// and one for all calls of a definition.
final class PyTorchModule {
  let networks: [NetworkGraph]
  let definitions: [Definition]
  private var classes: [[String]] = []
  private var names: Set<String> = ["Tensor"]
  private var written: [ScopeUse: WrittenClass] = [:]
  private var support: [String: String] = [:]
  private var imports: Set<String> = []

  private let documentation: String?

  init(_ networks: [NetworkGraph], definitions: [Definition], documentation: String?) {
    self.documentation = documentation
    self.networks = networks
    self.definitions = definitions
    for network in networks { names.insert(Python.className(network.name)) }
  }

  func generate() throws(TargetProblem) -> String {
    for (index, network) in networks.enumerated() {
      let name = Python.className(network.name)
      _ = try write(
        name: name, uses: [ScopeUse(network: index, scope: 0)], kind: .network,
        documentation: network.declaration.documentation)
    }
    return assemble()
  }

  /// Adds a helper function or class that several layers share; written once, and only if used.
  func require(_ name: String, _ text: String) { support[name] = text }

  func addImport(_ line: String) { imports.insert(line) }

  func uniqueClassName(_ wanted: String) -> String {
    let name = Python.numbered(
      Python.className(wanted), separator: "", isTaken: names.contains)
    names.insert(name)
    return name
  }

  /// What the class for the calls of a definition is called. A network that stands in the module for
  /// itself takes and returns its declared layout; as a layer it need not.
  func className(of definition: Definition) -> String {
    let name = definition.schema.name
    let stands = definition.isNetwork && networks.contains { $0.name == name }
    return stands ? "\(name)Layer" : name
  }

  // MARK: Classes for scopes

  /// The class for a definition's call, a composite layer or a repeated group of steps. All uses
  /// share one class as long as they differ only in what a constructor can take.
  func classes(
    for uses: [ScopeUse], name: String, kind: ClassWriter.Kind, documentation: String?
  ) throws(TargetProblem) {
    if let first = uses.first, written[first] != nil { return }
    do throws(EmissionError) {
      let unique = uniqueClassName(name)
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
    name: String, uses: [ScopeUse], kind: ClassWriter.Kind, documentation: String?
  ) throws(TargetProblem) -> WrittenClass? {
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
    name: String, uses: [ScopeUse], kind: ClassWriter.Kind, documentation: String?
  ) throws(EmissionError) {
    let writer = ClassWriter(self, name: name, uses: uses, kind: kind)
    let (lines, result) = try writer.write(documentation: documentation)
    classes.append(lines)
    for use in uses { written[use] = result }
  }

  func writtenClass(for use: ScopeUse) -> WrittenClass? { written[use] }

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

  /// What the sources say of training is not written: the file says so itself.
  private var trainingNote: String {
    let words: Set = ["loss", "optimizer", "metrics", "train", "execution", "execute"]
    let found = networks.contains { network in
      network.declaration.sections.contains { words.contains($0.keyword.text) }
    }
    return found
      ? "# The network alone: loss, optimizer and training are left to the caller.\n" : ""
  }

  private func assemble() -> String {
    var parts = support.sorted { $0.key < $1.key }.map(\.value)
    parts += classes.map { $0.joined(separator: "\n") }
    let body = parts.joined(separator: "\n\n\n") + "\n"
    var header: [String] = []
    if body.contains("Callable[") { header += ["from collections.abc import Callable", ""] }
    let own = imports.sorted()
    if body.contains("torch.") { header.append("import torch") }
    if body.contains("F.") { header.append("import torch.nn.functional as F") }
    header.append("from torch import Tensor, nn")
    if !own.isEmpty { header += [""] + own }
    let networkNames = networks.map(\.name).joined(separator: ", ")
    let text = documentation ?? "\(networkNames) in PyTorch."
    return trainingNote + (Python.docstringLines(text, indent: 0) + [""]).joined(separator: "\n")
      + "\n"
      + header.joined(separator: "\n") + "\n\n\n" + body
  }
}
