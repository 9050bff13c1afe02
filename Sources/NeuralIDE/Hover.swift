import NeuralModel
import NeuralSchema
import NeuralSyntax

/// What is known of the thing at a place.
public struct Hover: Sendable, Equatable {
  public var markdown: String
  /// The bytes that it speaks of.
  public var range: Range<Int>

  public init(markdown: String, range: Range<Int>) {
    self.markdown = markdown
    self.range = range
  }

  /// `devices` answers for the name of a device; this module asks no hardware.
  public static func at(
    _ offset: Int, in snapshot: EditorSnapshot,
    devices: @escaping (String) -> String? = { _ in nil }
  ) -> Hover? {
    guard offset >= 0, offset < snapshot.tree.byteCount,
      let token = snapshot.tree.token(at: offset), !token.kind.isComment
    else { return nil }
    let pieces = snapshot.pieces(at: offset)
    let finder = HoverFinder(
      snapshot: snapshot, offset: offset, pieces: pieces, devices: devices)
    guard let found = finder.find(), !found.text.isEmpty else { return nil }
    return Hover(markdown: found.text, range: snapshot.range(found.range))
  }
}

/// Decides what the innermost piece at an offset is, and has its card written.
private struct HoverFinder {
  let snapshot: EditorSnapshot
  let offset: Int
  let pieces: [Piece]
  let devices: (String) -> String?

  typealias Found = (text: String, range: SourceRange)

  private var cards: HoverCards { HoverCards(snapshot: snapshot, offset: offset) }

  private func isIn(_ range: SourceRange) -> Bool { snapshot.range(range).contains(offset) }

  func find() -> Found? {
    guard let innermost = pieces.last else { return nil }
    switch innermost {
    case .network(let network):
      guard isIn(network.name.range) else { return nil }
      return (cards.network(network), network.name.range)
    case .definition(let definition):
      guard isIn(definition.name.range) else { return nil }
      return (cards.definition(named: definition.name.text), definition.name.range)
    case .layer(let layer):
      guard isIn(layer.name.range), let schema = snapshot.schema(named: layer.name.text) else {
        return nil
      }
      return (cards.declaration(schema), layer.name.range)
    case .parameter(let parameter):
      guard isIn(parameter.name.range) else { return nil }
      return named(parameter.name.text, parameter.name.range)
    case .section(let section):
      guard isIn(section.keyword.range), let word = SectionWord.named(section.keyword.text) else {
        return nil
      }
      return ("**\(word.name)**: \(word.documentation)", section.keyword.range)
    case .input(let input):
      guard let name = input.name, isIn(name.range) else { return nil }
      return named(name.text, name.range)
    case .setting(let setting): return find(setting)
    case .statement(let statement): return find(statement)
    case .flow: return nil
    case .step(let step): return isIn(step.call.name.range) ? callee(step.call, step) : nil
    case .call(let call): return isIn(call.name.range) ? callee(call, step(of: call)) : nil
    case .argument(let argument): return find(argument)
    case .expression(let expression): return find(expression)
    }
  }

  // MARK: Around the piece

  /// The step whose own call this is.
  private func step(of call: Call) -> Step? {
    for piece in pieces.reversed() {
      if case .step(let step) = piece, step.call.name.range == call.name.range { return step }
    }
    return nil
  }

  /// The section that the offset is in, by its word.
  private var section: String? {
    for piece in pieces {
      if case .section(let section) = piece {
        return SectionWord.named(section.keyword.text)?.name
      }
    }
    return nil
  }

  /// What the section's names are declared as.
  private var keyword: String? { section.flatMap { SectionWord.named($0)?.keyword } }

  /// The innermost call around the offset, and the argument of it that holds the offset.
  private var argument: (call: Call, argument: Argument)? {
    var call: Call?
    var found: (Call, Argument)?
    for piece in pieces {
      if case .call(let next) = piece { call = next }
      if case .argument(let argument) = piece, let call { found = (call, argument) }
    }
    return found
  }

  private func parameter(of argument: Argument, in call: Call) -> (LayerSchema, ParameterSchema)? {
    guard let schema = snapshot.schema(of: call.name, expecting: keyword) else { return nil }
    if let name = argument.name {
      return schema.parameter(named: name.text).map { (schema, $0) }
    }
    let position = (call.arguments ?? []).firstIndex { $0.range == argument.range }
    guard let position, schema.parameters.indices.contains(position) else { return nil }
    return (schema, schema.parameters[position])
  }

  // MARK: Pieces

  private func callee(_ call: Call, _ step: Step?) -> Found? {
    let name = call.name
    if let step, step.isBare, !snapshot.isStepName(name.text),
      snapshot.uses(of: step).isEmpty || visible(name.text) != nil
    {
      return named(name.text, name.range)
    }
    var documentation: String?
    if let step {
      // A comment above a flow speaks of the flow's first step.
      for piece in pieces {
        if case .statement(let statement) = piece, case .flow(let flow) = statement.kind,
          flow.elements.contains(where: { $0.range == step.range })
        {
          documentation = statement.documentation
        }
      }
    }
    let text = cards.callee(call, step, expecting: keyword, documentation: documentation)
    return text.map { ($0, name.range) }
  }

  private func find(_ argument: Argument) -> Found? {
    guard let name = argument.name, isIn(name.range),
      let (call, _) = self.argument
    else { return nil }
    if let (schema, parameter) = parameter(of: argument, in: call) {
      return (cards.parameter(parameter, of: schema), name.range)
    }
    let option = snapshot.schema(of: call.name)?.weightOptions.first { $0.name == name.text }
    guard let meaning = HoverCards.universal[name.text] ?? option.map(HoverCards.meaning) else {
      return nil
    }
    return ("**\(name.text)**: \(meaning)", name.range)
  }

  private func find(_ setting: Setting) -> Found? {
    guard isIn(setting.name.range), let section else { return nil }
    if let schema = snapshot.catalogue.declared("settings", section),
      let parameter = schema.parameter(named: setting.name.text)
    {
      var text = cards.parameter(parameter, of: schema)
      if section == "execution", setting.name.text == "device",
        case .expression(let value) = setting.value, case .string(let name) = value.kind,
        let known = devices(name)
      {
        text += "\n\n\(known)"
      }
      return (text, setting.name.range)
    }
    return section == "loss" ? named(setting.name.text, setting.name.range) : nil
  }

  private func find(_ statement: Statement) -> Found? {
    switch statement.kind {
    case .binding(let name, _): isIn(name.range) ? named(name.text, name.range) : nil
    case .loop(let variables, _, _):
      variables.first { isIn($0.range) }.flatMap { named($0.text, $0.range) }
    case .flow, .conditional: nil
    }
  }

  private func find(_ expression: Expression) -> Found? {
    switch expression.kind {
    case .name(let name):
      if let found = named(name, expression.range) { return found }
      // `optimizer: Adam`, an older form.
      guard let keyword, let schema = snapshot.catalogue.declared(keyword, name) else { return nil }
      return (cards.declaration(schema), expression.range)
    case .string(let text): return find(text, expression)
    default: return nil
    }
  }

  /// A string: the name of a device, of something declared, or one of a parameter's words.
  private func find(_ text: String, _ expression: Expression) -> Found? {
    if let device = pieces.deviceName(at: expression) {
      return devices(device).map { ($0, expression.range) }
    }
    if let (call, argument) = argument {
      guard let (schema, parameter) = parameter(of: argument, in: call) else { return nil }
      if let keyword = parameter.type?.declaredKeyword,
        let declared = snapshot.catalogue.declared(keyword, text)
      {
        return (cards.declaration(declared), expression.range)
      }
      return (cards.parameter(parameter, of: schema), expression.range)
    }
    if let keyword, let schema = snapshot.catalogue.declared(keyword, text) {
      return (cards.declaration(schema), expression.range)
    }
    for case .setting(let setting) in pieces.reversed() {
      guard let section, let schema = snapshot.catalogue.declared("settings", section),
        let parameter = schema.parameter(named: setting.name.text)
      else { return nil }
      return (cards.parameter(parameter, of: schema), expression.range)
    }
    return nil
  }

  // MARK: Names

  private func visible(_ name: String) -> VisibleName? {
    snapshot.visibleNames(at: offset).last { $0.name == name }
  }

  private func named(_ name: String, _ range: SourceRange) -> Found? {
    guard let text = cards.name(name, pieces: pieces) else { return nil }
    return (text, range)
  }
}
