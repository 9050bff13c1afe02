import NeuralModel
import NeuralSchema
import NeuralSyntax

extension Refactoring {
  /// Write out the definition that is called at the place, or make one of the selected statements.
  var definitionActions: [CodeAction] {
    [expansion, range.isEmpty ? nil : extraction].compactMap { $0 }
  }

  // MARK: Expanding

  private var expansion: CodeAction? {
    var (statement, step): (Statement?, Step?) = (nil, nil)
    for piece in snapshot.pieces(at: range.lowerBound) {
      switch piece {
      case .statement(let found): (statement, step) = (found, nil)
      case .step(let found): step = found
      default: continue
      }
    }
    guard let statement, let step, step.call.block == nil,
      let definition = ownDefinition(named: step.call.name.text),
      let body = written(definition, for: step.call)
    else { return nil }
    let title = "Write out `\(definition.name.text)` here"
    let place = snapshot.range(step.call.range)
    let blanks = indentation(at: place.lowerBound)
    if case .flow(let flow) = statement.kind, flow.elements.count == 1, step.repetition == nil,
      step.device == nil,
      let plain = action(
        title, "refactor.inline", [edit(place, Self.reindented(body, from: "", to: blanks))])
    {
      return plain
    }
    let isShort = !body.contains("\n")
    let inner = Self.reindented(body, from: "", to: blanks + "  ")
    return action(
      title, "refactor.inline",
      [
        edit(
          place,
          isShort ? "Sequential { \(body) }" : "Sequential {\n\(blanks)  \(inner)\n\(blanks)}")
      ])
  }

  private func ownDefinition(named name: String) -> DefinitionDeclaration? {
    for case .definition(let definition) in snapshot.source.declarations
    where definition.name.text == name { return definition }
    return nil
  }

  /// The statements of a definition with the arguments of a call for its parameters, from its
  /// first line on without indentation; absent where that cannot be written.
  private func written(_ definition: DefinitionDeclaration, for call: Call) -> String? {
    guard let first = definition.body.statements.first, let last = definition.body.statements.last,
      let values = values(of: definition, for: call)
    else { return nil }
    let start = snapshot.range(first.range).lowerBound
    let inside = start..<snapshot.range(last.range).upperBound
    var edits: [TextEdit] = []
    for occurrence in names.occurrences {
      let place = snapshot.range(occurrence.range)
      guard inside.contains(place.lowerBound) else { continue }
      let symbol = names.symbols[occurrence.symbol]
      // What flows in has no name where the statements are going to stand.
      if symbol.kind == .input { return nil }
      guard symbol.kind == .parameter, let value = values[occurrence.symbol] else { continue }
      edits.append(edit(place.lowerBound - start..<place.upperBound - start, value))
    }
    let text = String(
      decoding: FixAll.apply(edits, to: tree.text(in: inside)), as: UTF8.self)
    return Self.reindented(text, from: indentation(at: start), to: "")
  }

  /// What stands for each parameter, by its symbol.
  private func values(of definition: DefinitionDeclaration, for call: Call) -> [Int: String]? {
    var values: [Int: String] = [:]
    var positional = (call.arguments ?? []).filter { $0.name == nil }[...]
    for parameter in definition.parameters {
      guard let symbol = names.occurrence(at: parameter.name.range)?.symbol else { return nil }
      let spellings = [parameter.name.text] + parameter.aliases.map(\.text)
      let named = call.arguments?.first { spellings.contains($0.name?.text ?? "") }
      if let argument = named ?? positional.popFirst() {
        values[symbol] = operand(argument.value)
      } else if let value = parameter.defaultValue {
        // It may speak of the parameters before it.
        let whole = snapshot.range(value.range)
        let edits = names.occurrences.compactMap { occurrence -> TextEdit? in
          let place = snapshot.range(occurrence.range)
          guard whole.contains(place.lowerBound), let text = values[occurrence.symbol] else {
            return nil
          }
          return edit(
            place.lowerBound - whole.lowerBound..<place.upperBound - whole.lowerBound, text)
        }
        let text = String(decoding: FixAll.apply(edits, to: tree.text(in: whole)), as: UTF8.self)
        values[symbol] = isOperand(value) ? text : "(\(text))"
      } else {
        return nil
      }
    }
    return positional.isEmpty ? values : nil
  }

  private func operand(_ value: Expression) -> String {
    isOperand(value) ? snapshot.text(value.range) : "(\(snapshot.text(value.range)))"
  }

  /// Whether it means the same wherever it stands.
  private func isOperand(_ value: Expression) -> Bool {
    switch value.kind {
    case .unary, .binary, .comparison, .conditional, .spread: false
    default: true
    }
  }

  // MARK: Extracting

  private var extraction: CodeAction? {
    guard let (declaration, statements) = selected, let first = statements.first,
      let last = statements.last
    else { return nil }
    let inside = snapshot.range(first.range).lowerBound..<snapshot.range(last.range).upperBound
    let around = snapshot.range(declaration)
    var parameters: [String] = []
    for (index, symbol) in names.symbols.enumerated() {
      let uses = names.occurrences.filter { $0.symbol == index }
      let places = uses.map { snapshot.range($0.range).lowerBound }
      guard places.contains(where: inside.contains) else { continue }
      guard let declared = names.declarations[index] else {
        if symbol.kind == .input { return nil }
        continue
      }
      let place = snapshot.range(declared).lowerBound
      if inside.contains(place) {
        // What is named in the selection is not seen outside of the definition.
        if !places.allSatisfy(inside.contains) { return nil }
      } else if around.contains(place) {
        parameters.append(symbol.name)
      }
    }
    let name = freeName
    let list = "(\(parameters.joined(separator: ", ")))"
    let blanks = indentation(at: inside.lowerBound)
    let body = Self.reindented(text(inside), from: blanks, to: "  ")
    let start = declarationStart(around.lowerBound)
    return action(
      "Make a definition of the selection", "refactor.extract",
      [
        edit(start..<start, "define \(name)\(list) {\n  \(body)\n}\n\n"),
        edit(inside, name + list),
      ])
  }

  /// A declaration with the comments right above it.
  private func declarationStart(_ offset: Int) -> Int {
    var start = offset
    while let comment = tree.token(before: start),
      comment.kind == .comment || comment.kind == .documentation,
      tree.text(in: comment.range.upperBound..<start).count(where: { $0 == 0x0A }) == 1
    {
      start = comment.range.lowerBound
    }
    return start
  }

  private var freeName: String {
    for number in 1... {
      let name = number == 1 ? "Block" : "Block\(number)"
      let isTaken =
        snapshot.schema(named: name) != nil || names.symbols.contains { $0.name == name }
      if !isTaken { return name }
    }
    return "Block"
  }

  /// The statements of one block that the selection holds as a whole, and what declares them.
  private var selected: (declaration: SourceRange, statements: [Statement])? {
    let tokens = tree.tokens(in: range)
    guard let start = tokens.first?.range.lowerBound, let end = tokens.last?.range.upperBound else {
      return nil
    }
    for declaration in snapshot.source.declarations {
      let blocks: [[Statement]] =
        switch declaration {
        case .definition(let definition): [definition.body.statements]
        case .network(let network):
          network.sections.compactMap {
            if case .statements(let block) = $0.value { block.statements } else { nil }
          }
        default: []
        }
      for block in blocks {
        if let found = select(start..<end, in: block) { return (declaration.range, found) }
      }
    }
    return nil
  }

  private func select(_ selection: Range<Int>, in statements: [Statement]) -> [Statement]? {
    let touched = statements.filter { snapshot.range($0.range).overlaps(selection) }
    guard let first = touched.first, let last = touched.last else { return nil }
    let whole = snapshot.range(first.range).lowerBound..<snapshot.range(last.range).upperBound
    if whole == selection { return touched }
    if touched.count > 1 { return nil }
    for block in blocks(of: first) {
      if let found = select(selection, in: block.statements) { return found }
    }
    return nil
  }

  private func blocks(of statement: Statement) -> [Block] {
    switch statement.kind {
    case .flow(let flow):
      flow.elements.compactMap { if case .step(let step) = $0 { step.call.block } else { nil } }
    case .binding: []
    case .loop(_, _, let body): [body]
    case .conditional(let arms, let otherwise):
      arms.map(\.body) + (otherwise.map { [$0] } ?? [])
    }
  }
}
