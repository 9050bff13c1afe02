extension DeclarationReader {
  /// The piece of a layer declaration here; nil, past the node, for what is none.
  mutating func layerItem(_ kind: SyntaxKind) -> LayerItem? {
    switch kind {
    case .inputItem:
      var inputs: [Input] = []
      let range = children { reader, kind in
        if kind == .input { inputs.append(reader.input()) } else { reader.skip() }
      }
      return .input(inputs, range)
    case .outputItem:
      let (_, expressions, range) = labelled()
      return .output(expressions, range)
    case .macsItem:
      let (_, expressions, range) = labelled()
      return .macs(expressions.first ?? Expression(.missing, range.endPoint))
    case .entry:
      let (name, expressions, _) = labelled()
      return name.map { .entry($0, expressions) }
    case .letStatement: return binding().0.map { .binding($0.0, $0.1) }
    case .requireItem: return requirement()
    case .layerIf: return layerConditional()
    case .weightsItem:
      let (entries, range) = weights()
      return .weights(entries, range)
    case .stateItem:
      let (entries, range) = weights()
      return .state(entries, range)
    case .bodyItem:
      var body: Block?
      let range = children { reader, kind in
        if kind == .block { body = reader.block() } else { reader.skip() }
      }
      return .body(body ?? Block(statements: [], range: range.endPoint))
    default:
      skip()
      return nil
    }
  }

  private mutating func labelled() -> (Name?, [Expression], SourceRange) {
    var name: Name?
    var expressions: [Expression] = []
    let range = children { reader, kind in
      if kind == .keyword, name == nil {
        name = reader.name()
      } else if let expression = reader.expression() {
        expressions.append(expression)
      }
    }
    return (name, expressions, range)
  }

  private mutating func requirement() -> LayerItem {
    var condition: Expression?
    var message: Expression?
    var code: Name?
    let range = children { reader, kind in
      switch kind {
      case .code:
        let place = reader.range
        var text = ""
        reader.children { reader, _ in
          text += reader.text
          reader.skip()
        }
        code = Name(text, place)
      case .keyword: reader.skip()
      default:
        guard let expression = reader.expression() else { return }
        if condition == nil { condition = expression } else { message = expression }
      }
    }
    return .require(
      condition: condition ?? Expression(.missing, range.endPoint), message: message, code: code,
      range: range)
  }

  private mutating func layerConditional() -> LayerItem? {
    var arms: [(condition: Expression, items: [LayerItem])] = []
    var otherwise: [LayerItem] = []
    var condition: Expression?
    children { reader, kind in
      switch kind {
      case .keyword: reader.skip()
      case .layerBlock:
        var items: [LayerItem] = []
        reader.children { reader, kind in
          if let item = reader.layerItem(kind) { items.append(item) }
        }
        if let known = condition {
          arms.append((known, items))
          condition = nil
        } else {
          otherwise = items
        }
      default: condition = reader.expression() ?? condition
      }
    }
    if let condition { arms.append((condition, [])) }
    return arms.isEmpty && otherwise.isEmpty ? nil : .conditional(arms, otherwise: otherwise)
  }

  private mutating func weights() -> ([WeightEntry], SourceRange) {
    var entries: [WeightEntry] = []
    let range = children { reader, kind in
      if kind == .weightEntry {
        if let entry = reader.weight() { entries.append(entry) }
      } else {
        reader.skip()
      }
    }
    return (entries, range)
  }

  private mutating func weight() -> WeightEntry? {
    enum Part { case shape, initial, condition }
    var name: Name?
    var shape: Expression?
    var initialValue: Expression?
    var condition: Expression?
    var part = Part.shape
    let range = children { reader, kind in
      switch kind {
      case .name where name == nil: name = reader.name()
      case .equal:
        part = .initial
        reader.skip()
      case .keyword:
        part = .condition
        reader.skip()
      default:
        guard let expression = reader.expression() else { return }
        switch part {
        case .shape: shape = expression
        case .initial: initialValue = expression
        case .condition: condition = expression
        }
      }
    }
    return name.map {
      WeightEntry(
        name: $0, shape: shape ?? Expression(.missing, range.endPoint), initialValue: initialValue,
        condition: condition, range: range)
    }
  }
}
