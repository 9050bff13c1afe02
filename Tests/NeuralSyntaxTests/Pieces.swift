@testable import NeuralSyntax

/// What a file says, piece by piece: a statement without its block, a setting, an entry, with the
/// lines it stands on. Two versions of a file are compared by them.
struct Pieces {
  struct Piece: Hashable {
    var line: Int
    var text: String
  }

  private let tree: SyntaxTree
  private(set) var all: [(piece: Piece, lines: ClosedRange<Int>)] = []

  init(_ tree: SyntaxTree) {
    self.tree = tree
    for declaration in tree.sourceFile.declarations { add(declaration) }
  }

  private mutating func add(_ text: String, _ range: SourceRange) {
    let place = tree.range(of: range)
    let first = tree.position(at: place.lowerBound, in: .utf8).line
    let last = tree.position(at: place.upperBound, in: .utf8).line
    all.append((Piece(line: first, text: text), first...max(first, last)))
  }

  private mutating func add(_ declaration: Declaration) {
    switch declaration {
    case .import(let item): add(Dump.declaration(declaration), item.range)
    case .definition(let item):
      add("define \(item.name.text)", item.name.range)
      add(item.parameters)
      add(item.body)
    case .network(let item):
      add("network \(item.name.text)", item.name.range)
      add(item.parameters)
      for section in item.sections { add(section) }
    case .layer(let item):
      add("\(item.keyword.text) \(item.name.text)", item.name.range)
      add(item.parameters)
      for entry in item.items { add(entry) }
    case .research(let item): for setting in item.entries { add(setting) }
    }
  }

  private mutating func add(_ parameters: [Parameter]) {
    for parameter in parameters { add(Dump.parameter(parameter), parameter.range) }
  }

  private mutating func add(_ section: Section) {
    add(section.keyword.text, section.keyword.range)
    switch section.value {
    case .inputs(let inputs, let conditions):
      for input in inputs { add(Dump.input(input), input.range) }
      for condition in conditions { add(Dump.expression(condition), condition.range) }
    case .statements(let block): add(block)
    case .expressions(let values): for value in values { add(Dump.expression(value), value.range) }
    case .settings(let settings): for setting in settings { add(setting) }
    case .missing: break
    }
  }

  private mutating func add(_ setting: Setting) {
    guard case .group(let settings) = setting.value else {
      return add(Dump.setting(setting), setting.range)
    }
    add(setting.name.text, setting.name.range)
    for setting in settings { add(setting) }
  }

  private mutating func add(_ entry: LayerItem) {
    switch entry {
    case .input(_, let range), .output(_, let range), .require(_, _, _, let range):
      add(Dump.layerItem(entry), range)
    case .binding(let name, _), .entry(let name, _): add(Dump.layerItem(entry), name.range)
    case .macs(let value): add(Dump.layerItem(entry), value.range)
    case .conditional(let arms, let otherwise):
      for arm in arms {
        add("if " + Dump.expression(arm.condition), arm.condition.range)
        for entry in arm.items { add(entry) }
      }
      for entry in otherwise { add(entry) }
    case .weights(let weights, _), .state(let weights, _):
      for weight in weights { add(Dump.layerItem(.weights([weight], weight.range)), weight.range) }
    case .body(let block): add(block)
    }
  }

  private mutating func add(_ block: Block) {
    for statement in block.statements { add(statement) }
  }

  private mutating func add(_ statement: Statement) {
    switch statement.kind {
    case .flow(let flow):
      for element in flow.elements {
        guard case .step(var step) = element, let block = step.call.block else {
          add(Dump.element(element), element.range)
          continue
        }
        step.call.block = nil
        // Behind the block, on other lines perhaps.
        step.repetition = nil
        step.device = nil
        add(Dump.element(.step(step)), step.call.range)
        add(block)
      }
    case .binding: add(Dump.statement(statement), statement.range)
    case .loop(let variables, let sequence, let body):
      add("for \(variables.map(\.text)) in \(Dump.expression(sequence))", sequence.range)
      add(body)
    case .conditional(let arms, let otherwise):
      for arm in arms {
        add("if " + Dump.expression(arm.condition), arm.condition.range)
        add(arm.body)
      }
      if let otherwise { add(otherwise) }
    }
  }
}
