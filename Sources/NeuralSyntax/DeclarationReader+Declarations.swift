extension DeclarationReader {
  mutating func importDeclaration() -> ImportDeclaration {
    var names: [Name] = []
    var path = ""
    var pathRange: SourceRange?
    let range = children { reader, kind in
      switch kind {
      case .name: names.append(reader.name())
      case .string, .unterminatedString:
        path = reader.stringValue()
        pathRange = reader.range
        reader.skip()
      default: reader.skip()
      }
    }
    return ImportDeclaration(
      names: names, path: path, pathRange: pathRange ?? range.endPoint, range: range)
  }

  mutating func definition() -> DefinitionDeclaration {
    let documentation = takeDocumentation()
    var name: Name?
    var parameters: [Parameter] = []
    var body: Block?
    let range = children { reader, kind in
      switch kind {
      case .name: name = reader.name()
      case .parameterList: parameters = reader.parameterList()
      case .block: body = reader.outerBlock()
      default: reader.skip()
      }
    }
    return DefinitionDeclaration(
      name: name ?? Name("", range.startPoint), parameters: parameters,
      body: body ?? Block(statements: [], range: range.endPoint), documentation: documentation,
      range: range)
  }

  mutating func network() -> NetworkDeclaration {
    let documentation = takeDocumentation()
    var name: Name?
    var parameters: [Parameter] = []
    var sections: [Section] = []
    var stray: Section?
    let range = children { reader, kind in
      switch kind {
      case .name: name = reader.name()
      case .parameterList: parameters = reader.parameterList()
      case .section: sections.append(reader.section())
      case .strayStatements:
        let statements = reader.strayStatements()
        if stray == nil { stray = statements }
      default: reader.skip()
      }
    }
    // Statements whose `layers:` is missing, which is reported, are read as if it were there: what
    // the rest of the program says about them stays while the word is written.
    if let stray, !sections.contains(where: { $0.keyword.text == "layers" }) {
      sections.append(stray)
    }
    return NetworkDeclaration(
      name: name ?? Name("", range.startPoint), parameters: parameters, sections: sections,
      documentation: documentation, range: range)
  }

  mutating func layerDeclaration() -> LayerDeclaration {
    let documentation = takeDocumentation()
    var keyword: Name?
    var name: Name?
    var parameters: [Parameter] = []
    var items: [LayerItem] = []
    let range = children { reader, kind in
      switch kind {
      case .keyword where keyword == nil: keyword = reader.name()
      case .name: name = reader.name()
      case .parameterList: parameters = reader.parameterList()
      default: if let item = reader.layerItem(kind) { items.append(item) }
      }
    }
    return LayerDeclaration(
      keyword: keyword ?? Name("layer", range.startPoint), name: name ?? Name("", range.startPoint),
      parameters: parameters, items: items, documentation: documentation, range: range)
  }

  mutating func research() -> ResearchDeclaration {
    let documentation = takeDocumentation()
    var name: Name?
    var entries: [Setting] = []
    let range = children { reader, kind in
      switch kind {
      case .name: name = reader.name()
      case .setting: if let setting = reader.setting() { entries.append(setting) }
      default: reader.skip()
      }
    }
    return ResearchDeclaration(
      name: name, entries: entries, documentation: documentation, range: range)
  }

  // MARK: Sections

  private mutating func strayStatements() -> Section? {
    var statements: [Statement] = []
    let range = children { reader, kind in
      if let statement = reader.outerStatement(kind) { statements.append(statement) }
    }
    guard !statements.isEmpty else { return nil }
    return Section(
      keyword: Name("layers", range.startPoint),
      value: .statements(Block(statements: statements, range: range)), range: range)
  }

  private mutating func section() -> Section {
    let documentation = takeDocumentation()
    var keyword: Name?
    var colon: SourceRange?
    var inputs: [Input] = []
    var conditions: [Expression] = []
    var statements: [Statement] = []
    var block: Block?
    var settings: [Setting]?
    var expressions: [Expression] = []
    let range = children { reader, kind in
      switch kind {
      case .keyword where keyword == nil: keyword = reader.name()
      case .colon:
        colon = reader.range
        reader.skip()
      case .input: inputs.append(reader.input())
      case .inputGroup:
        reader.children { reader, kind in
          if kind == .input { inputs.append(reader.input()) } else { reader.skip() }
        }
      case .whereClause:
        reader.children { reader, _ in
          if let condition = reader.expression() { conditions.append(condition) }
        }
      case .block: block = reader.outerBlock()
      case .settings: settings = reader.settings()
      case .flow, .letStatement, .forStatement, .ifStatement:
        if let statement = reader.outerStatement(kind) { statements.append(statement) }
      default: if let expression = reader.expression() { expressions.append(expression) }
      }
    }
    // A section whose word is missing, which is reported: what it is shows only for inputs.
    let word = keyword ?? Name(inputs.isEmpty ? "" : "input", range.startPoint)
    let value: Section.Value
    if word.text == "layers" {
      let place = (colon ?? word.range).endPoint
      let span = statements.first.map { first in
        first.range.joined(with: statements.last?.range ?? first.range)
      }
      value = .statements(block ?? Block(statements: statements, range: span ?? place))
    } else if let settings {
      value = .settings(settings)
    } else if word.text == "input" {
      value = inputs.isEmpty ? .missing : .inputs(inputs, conditions: conditions)
    } else {
      value = expressions.isEmpty ? .missing : .expressions(expressions)
    }
    return Section(keyword: word, value: value, documentation: documentation, range: range)
  }

  mutating func input() -> Input {
    var input = Input(isVariadic: false, range: range)
    var hasDefault = false
    children { reader, kind in
      switch kind {
      case .dtype: input.dtype = reader.name()
      case .ellipsis:
        input.isVariadic = true
        reader.skip()
      case .equal:
        hasDefault = true
        reader.skip()
      case .name where input.name == nil && input.shape == nil && !hasDefault:
        input.name = reader.name()
      default:
        guard let expression = reader.expression() else { return }
        if hasDefault {
          input.defaultValue = expression
        } else if input.shape == nil {
          input.shape = expression
        }
      }
    }
    return input
  }

  private mutating func settings() -> [Setting] {
    var settings: [Setting] = []
    children { reader, kind in
      if kind == .setting {
        if let setting = reader.setting() { settings.append(setting) }
      } else {
        reader.skip()
      }
    }
    return settings
  }

  private mutating func setting() -> Setting? {
    let documentation = takeDocumentation()
    var name: Name?
    var value: Setting.Value?
    let range = children { reader, kind in
      switch kind {
      case .name where name == nil: name = reader.name()
      case .settings: value = .group(reader.settings())
      default:
        if let expression = reader.expression(), value == nil { value = .expression(expression) }
      }
    }
    guard let name else { return nil }
    return Setting(
      name: name, value: value ?? .expression(Expression(.missing, range.endPoint)),
      documentation: documentation, range: range)
  }

  // MARK: Parameters

  private mutating func parameterList() -> [Parameter] {
    var parameters: [Parameter] = []
    children { reader, kind in
      if kind == .parameter {
        if let parameter = reader.parameter() { parameters.append(parameter) }
      } else {
        reader.skip()
      }
    }
    return parameters
  }

  private mutating func parameter() -> Parameter? {
    var name: Name?
    var aliases: [Name] = []
    var type: TypeExpression?
    var defaultValue: Expression?
    var afterColon = false
    var afterEqual = false
    let range = children { reader, kind in
      switch kind {
      case .colon:
        afterColon = true
        reader.skip()
      case .equal:
        afterEqual = true
        reader.skip()
      case .pipe: reader.skip()
      // Here a `:` is missing.
      case .missing where !afterColon && !afterEqual:
        afterColon = true
        reader.skip()
      default:
        if afterEqual {
          defaultValue = reader.expression() ?? defaultValue
        } else if afterColon {
          type = reader.type()
        } else if kind == .name {
          if name == nil { name = reader.name() } else { aliases.append(reader.name()) }
        } else {
          reader.skip()
        }
      }
    }
    return name.map {
      Parameter(name: $0, aliases: aliases, type: type, defaultValue: defaultValue, range: range)
    }
  }
}
