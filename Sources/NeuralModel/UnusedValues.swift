import NeuralSchema
import NeuralSyntax

// Values and constants that no expansion of any network ever read.
extension FileCheck {
  mutating func reportUnusedValues(
    _ usage: [Location: Expander.Usage], in document: Document
  ) {
    let unused = usage.filter { !$0.value.isUsed && $0.key.file == document.id }
    if unused.isEmpty { return }
    var places = NamePlaces()
    for declaration in document.source.declarations { places.add(declaration) }
    for (location, entry) in unused {
      var finding = Finding(
        .unusedValue, "`\(entry.name)` is never used; a name that starts with `_` may be", location)
      if let statement = places.constants[location.range] {
        finding.removal = ("Remove `\(entry.name)`", Location(document.id, statement))
      } else if places.targets.contains(location.range) {
        finding.removal = ("Remove the name `\(entry.name)`", location)
      } else if places.members.contains(location.range) {
        finding = finding.replacing(with: "_\(entry.name)")
      }
      add(finding)
    }
  }
}

/// Where statements name something, by the range of the name.
private struct NamePlaces {
  /// The statement of each `let`.
  var constants: [SourceRange: SourceRange] = [:]
  /// What a flow ends in.
  var targets: Set<SourceRange> = []
  /// Variables of loops and entries of tuples, which cannot be left out.
  var members: Set<SourceRange> = []

  mutating func add(_ declaration: Declaration) {
    switch declaration {
    case .definition(let definition): add(definition.body)
    case .network(let network):
      for section in network.sections {
        if case .statements(let block) = section.value { add(block) }
      }
    case .layer(let layer):
      for case .body(let block) in layer.items { add(block) }
    case .import, .research: break
    }
  }

  private mutating func add(_ block: Block) {
    for statement in block.statements { add(statement) }
  }

  private mutating func add(_ statement: Statement) {
    switch statement.kind {
    case .binding(let name, _): constants[name.range] = statement.range
    case .loop(let variables, _, let body):
      members.formUnion(variables.map(\.range))
      add(body)
    case .conditional(let arms, let otherwise):
      for arm in arms { add(arm.body) }
      if let otherwise { add(otherwise) }
    case .flow(let flow):
      for (index, element) in flow.elements.enumerated() {
        switch element {
        case .step(let step):
          if index > 0 { targets.insert(step.call.name.range) }
          if let block = step.call.block { add(block) }
        case .value: break
        case .values(let values, _): members.formUnion(values.map(\.range))
        }
      }
    }
  }
}
