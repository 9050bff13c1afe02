import NeuralSyntax

/// A part of a file's source that can be pointed at.
enum Piece {
  case network(NetworkDeclaration)
  case definition(DefinitionDeclaration)
  case layer(LayerDeclaration)
  case parameter(Parameter)
  case section(Section)
  case input(Input)
  case setting(Setting)
  case statement(Statement)
  case flow(Flow)
  case step(Step)
  case call(Call)
  case argument(Argument)
  case expression(Expression)
}

extension SourceFile {
  /// The pieces that overlap `wanted`, each before what it holds: for a single byte, from the
  /// declaration around it to the innermost piece.
  func pieces(in wanted: Range<Int>, of tree: SyntaxTree) -> [Piece] {
    var walk = PieceWalk(tree: tree, wanted: wanted)
    for declaration in declarations { walk.enter(declaration) }
    return walk.pieces
  }
}

extension [Statement] {
  /// How many begin before `offset`; statements stand in the order of the text, none in another.
  func count(beginningBefore offset: Int, in tree: SyntaxTree) -> Int {
    partitioned { tree.range(of: $0.range).lowerBound < offset }
  }

  func overlapping(_ wanted: Range<Int>, in tree: SyntaxTree) -> ArraySlice<Statement> {
    let start = partitioned { tree.range(of: $0.range).upperBound <= wanted.lowerBound }
    let end = count(beginningBefore: wanted.upperBound, in: tree)
    return self[start..<Swift.max(start, end)]
  }

  /// How many at the start satisfy `holds`, which no later one does.
  private func partitioned(_ holds: (Statement) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

private struct PieceWalk {
  let tree: SyntaxTree
  let wanted: Range<Int>
  var pieces: [Piece] = []

  private func reaches(_ range: SourceRange) -> Bool { tree.range(of: range).overlaps(wanted) }

  mutating func enter(_ declaration: Declaration) {
    guard reaches(declaration.range) else { return }
    switch declaration {
    case .network(let network):
      pieces.append(.network(network))
      enter(network.parameters)
      for section in network.sections where reaches(section.range) { enter(section) }
    case .definition(let definition):
      pieces.append(.definition(definition))
      enter(definition.parameters)
      enter(definition.body)
    case .layer(let layer):
      pieces.append(.layer(layer))
      enter(layer.parameters)
    case .import, .research: return
    }
  }

  private mutating func enter(_ parameters: [Parameter]) {
    for parameter in parameters where reaches(parameter.range) {
      pieces.append(.parameter(parameter))
      if let value = parameter.defaultValue { enter(value) }
    }
  }

  private mutating func enter(_ section: Section) {
    pieces.append(.section(section))
    switch section.value {
    case .inputs(let inputs, let conditions):
      for input in inputs where reaches(input.range) {
        pieces.append(.input(input))
        if let shape = input.shape { enter(shape) }
      }
      for condition in conditions { enter(condition) }
    case .statements(let block): enter(block)
    case .expressions(let expressions): for expression in expressions { enter(expression) }
    case .settings(let settings): enter(settings)
    case .missing: return
    }
  }

  private mutating func enter(_ settings: [Setting]) {
    for setting in settings where reaches(setting.range) {
      pieces.append(.setting(setting))
      switch setting.value {
      case .expression(let expression): enter(expression)
      case .group(let inner): enter(inner)
      }
    }
  }

  private mutating func enter(_ block: Block) {
    for statement in block.statements.overlapping(wanted, in: tree) {
      pieces.append(.statement(statement))
      switch statement.kind {
      case .flow(let flow):
        pieces.append(.flow(flow))
        for element in flow.elements where reaches(element.range) { enter(element) }
      case .binding(_, let expression): enter(expression)
      case .loop(_, let sequence, let body):
        enter(sequence)
        enter(body)
      case .conditional(let arms, let otherwise):
        for arm in arms {
          enter(arm.condition)
          enter(arm.body)
        }
        if let otherwise { enter(otherwise) }
      }
    }
  }

  private mutating func enter(_ element: FlowElement) {
    switch element {
    case .step(let step):
      pieces.append(.step(step))
      enter(step.call)
      if let repetition = step.repetition { enter(repetition) }
      if let device = step.device { enter(device) }
    case .value(let expression): enter(expression)
    case .values(let expressions, _): for expression in expressions { enter(expression) }
    }
  }

  private mutating func enter(_ call: Call) {
    if reaches(call.range) {
      pieces.append(.call(call))
      for argument in call.arguments ?? [] where reaches(argument.range) {
        pieces.append(.argument(argument))
        enter(argument.value)
      }
    }
    if let block = call.block { enter(block) }
  }

  private mutating func enter(_ expression: Expression) {
    guard reaches(expression.range) else { return }
    pieces.append(.expression(expression))
    switch expression.kind {
    case .integer, .float, .string, .boolean, .none, .name, .missing: return
    case .parenthesized(let inner), .unary(_, let inner): enter(inner)
    case .tuple(let entries), .list(let entries): for entry in entries { enter(entry) }
    case .call(let call): enter(call)
    case .index(let base, let index):
      enter(base)
      enter(index)
    case .slice(let base, let start, let end):
      enter(base)
      if let start { enter(start) }
      if let end { enter(end) }
    case .binary(_, let left, let right):
      enter(left)
      enter(right)
    case .comparison(let first, let links):
      enter(first)
      for link in links { enter(link.operand) }
    case .conditional(let condition, let then, let otherwise):
      enter(condition)
      enter(then)
      enter(otherwise)
    case .spread(let inner): if let inner { enter(inner) }
    }
  }
}
