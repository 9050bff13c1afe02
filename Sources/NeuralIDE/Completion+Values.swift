import NeuralSchema
import NeuralSyntax

// Arguments, settings and the values of sections.
extension Completion {
  // MARK: Arguments

  mutating func arguments() {
    guard context.node.kind == .argumentList, let callee = context.node.previousToken,
      callee.kind == .name
    else { return }
    let schema = snapshot.schema(
      of: Name(callee.text, callee.sourceRange), expecting: sectionWord?.keyword)
    guard let schema else {
      if !context.isInString { constants(tensors: true) }
      return
    }
    if case .argumentValue(let name) = context.expected {
      if let parameter = schema.parameter(named: name) {
        values(of: parameter)
      } else if name == "trainable" {
        words(["true", "false"])
      } else if !context.isInString {
        constants()
      }
      return
    }
    let given = Given(context.node, before: offset, apartFrom: context.typed)
    if let position = given.position, schema.parameters.indices.contains(position),
      !given.names.contains(schema.parameters[position].name)
    {
      values(of: schema.parameters[position], isPositional: true)
    } else if !context.isInString, given.position != nil {
      constants(tensors: schema.isMerge)
    }
    if context.isInString { return }
    names(of: schema, given)
  }

  /// What an argument list has already.
  private struct Given {
    /// The place of a positional argument at the cursor; none behind a named one.
    var position: Int?
    var names: [String] = []

    init(_ list: SyntaxNode, before offset: Int, apartFrom typed: SyntaxNode?) {
      var count: Int? = 0
      for argument in list.children where argument.kind == .argument {
        let parts = argument.children
        if let typed, argument.range.lowerBound <= typed.range.lowerBound,
          typed.range.upperBound <= argument.range.upperBound
        {
          position = count
          continue
        }
        let isNamed = parts.contains { $0.kind == .equal || $0.kind == .colon }
        if isNamed, let name = parts.first { names.append(name.text) }
        guard argument.range.upperBound <= offset else { continue }
        count = isNamed ? nil : count.map { $0 + 1 }
      }
      position = position ?? count
      self.count = count
    }

    /// Positional arguments before the cursor.
    private var count: Int?

    func isFree(_ parameter: ParameterSchema, at index: Int) -> Bool {
      index >= (position ?? 0) && !names.contains(parameter.name)
        && !parameter.aliases.contains(where: names.contains)
    }
  }

  private mutating func names(of schema: LayerSchema, _ given: Given) {
    // Before `=` only the name is missing.
    let hasEqual =
      snapshot.tree.token(at: context.replaceRange.upperBound)?.kind == .equal
      && !context.replaceRange.isEmpty
    for (index, parameter) in schema.parameters.enumerated()
    where given.isFree(parameter, at: index) {
      let value = parameter.defaultValue.map { " = \(LayerSchema.text($0))" } ?? ""
      add(
        "\(parameter.name)=", .parameter,
        detail: parameter.type.map { $0.description + value } ?? value,
        documentation: schema.documentation(of: parameter.name),
        insert: hasEqual ? parameter.name : "\(parameter.name)=",
        rank: parameter.defaultValue == nil ? .wanted : .fitting, order: index)
    }
    for option in schema.weightOptions where !given.names.contains(option.name) {
      add(
        "\(option.name)=", .parameter, detail: HoverCards.meaning(of: option),
        insert: "\(option.name)=", rank: .other)
    }
    for name in schema.universal where !given.names.contains(name) {
      add(
        "\(name)=", .parameter, detail: HoverCards.universal[name], insert: "\(name)=",
        rank: .other)
    }
  }

  // MARK: Values

  private mutating func values(of parameter: ParameterSchema, isPositional: Bool = false) {
    guard let type = parameter.type else {
      if !context.isInString { constants(tensors: true) }
      return
    }
    let standard = parameter.defaultValue.map(LayerSchema.text)
    values(of: type, standard: standard)
    if !context.isInString { constants(tensors: type.takesTensors) }
  }

  private mutating func values(of type: ParameterType, standard: String?) {
    func detail(_ text: String) -> String? { text == standard ? "default" : nil }
    switch type {
    case .literal(.string(let text)):
      add(string: text, detail: detail(Value.quoted(text)), rank: .wanted)
    case .literal(let value):
      if !context.isInString { words([value.description], standard: standard) }
    case .bool: words(["true", "false"], standard: standard)
    case .none: words(["none"], standard: standard)
    case .declared(let keyword): declared(keyword)
    case .layer: if !context.isInString { layerValues { _ in true } }
    case .member(let group):
      if !context.isInString { layerValues { $0.belongs(to: group) } }
    case .union(let types): for type in types { values(of: type, standard: standard) }
    case .refined(let inner, _, _), .interval(let inner, _, _, _, _):
      values(of: inner, standard: standard)
    // Names that a `let` gives are offered with the other constants.
    case .int, .float, .string, .shape, .value, .instance, .tuple, .list: return
    }
  }

  mutating func words(_ words: [String], standard: String? = nil) {
    if context.isInString { return }
    for word in words {
      add(word, .constant, detail: word == standard ? "default" : nil, rank: .wanted)
    }
  }

  private mutating func layerValues(_ isWanted: (LayerSchema) -> Bool) {
    for schema in snapshot.userLayers + snapshot.catalogue.layers where isWanted(schema) {
      call(schema, kind: .layer, rank: .wanted)
    }
  }

  /// Names that the catalogue declares: in quotes, or called where they have parameters to set.
  private mutating func declared(_ keyword: String) {
    let schemas = snapshot.catalogue.declarations.filter { $0.keyword == keyword }
    for schema in schemas {
      let isCalledOnly = schema.parameters.contains { $0.defaultValue == nil }
      if !isCalledOnly {
        add(
          string: schema.name, detail: keyword, documentation: schema.documentation,
          rank: .wanted)
      }
      if !context.isInString, isCalledOnly || !schema.parameters.isEmpty {
        call(schema, kind: .function, rank: keyword == "optimizer" ? .wanted : .fitting)
      }
    }
  }

  // MARK: Sections

  /// The section around the cursor.
  private var sectionWord: SectionWord? {
    var node: SyntaxNode? = context.node
    while let next = node {
      if next.kind == .section {
        return next.children.first.flatMap { SectionWord.named($0.text) }
      }
      node = next.parent
    }
    return nil
  }

  mutating func sectionValues() {
    guard let section = sectionWord else { return }
    if let keyword = section.keyword { return declared(keyword) }
    switch section.name {
    case "data_format":
      for format in ["channels_last", "channels_first"] { add(string: format, rank: .wanted) }
    case "outputs":
      if context.isInString { return }
      for name in snapshot.visibleNames(at: offset) where name.isValue {
        add(name.name, .value, detail: type(of: name), rank: .wanted)
      }
    default: return
    }
  }

  mutating func settingNames() {
    guard !context.isInString, let section = sectionWord else { return }
    var settings: SyntaxNode? = context.node
    while let next = settings, next.kind != .settings { settings = next.parent }
    let typed = context.typed?.range
    let given = (settings?.children ?? []).filter { $0.kind == .setting }.compactMap {
      setting -> String? in
      let name = setting.children.first
      return name.flatMap { $0.range == typed ? nil : $0.text }
    }
    if let schema = snapshot.catalogue.declared("settings", section.name) {
      for (index, parameter) in schema.parameters.enumerated()
      where !given.contains(parameter.name) {
        let value = parameter.defaultValue.map { " = \(LayerSchema.text($0))" } ?? ""
        add(
          parameter.name, .setting, detail: parameter.type.map { $0.description + value },
          documentation: schema.documentation(of: parameter.name),
          insert: "\(parameter.name): ", rank: .wanted, order: index)
      }
    } else if section.keyword == "loss" {
      for graph in snapshot.analysis.networks
      where snapshot.range(graph.declaration.range).contains(offset) {
        for output in graph.outputs where !given.contains(output.name) {
          add(
            output.name, .value, detail: graph.type(of: output.value)?.description,
            insert: "\(output.name): ", rank: .wanted)
        }
      }
    }
  }

  mutating func settingValues(_ name: String) {
    guard let section = sectionWord else { return }
    if section.name == "execution", name == "device" { return deviceNames() }
    if let schema = snapshot.catalogue.declared("settings", section.name) {
      if let parameter = schema.parameter(named: name) { values(of: parameter) }
    } else if let keyword = section.keyword {
      declared(keyword)
    }
  }

  mutating func deviceNames() {
    var names = ["auto", "cpu"]
    for device in devices + ["cuda:0"] where !names.contains(device) { names.append(device) }
    for (index, name) in names.enumerated() { add(string: name, rank: .wanted, order: index) }
  }
}
