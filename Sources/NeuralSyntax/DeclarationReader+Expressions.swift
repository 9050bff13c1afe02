extension DeclarationReader {
  /// The expression here; nil, past the node, for a token that is none.
  mutating func expression() -> Expression? {
    let range = self.range
    let kind: Expression.Kind
    switch self.kind {
    case .name:
      kind = .name(text)
      skip()
    case .integer:
      kind = .integer(integer())
      skip()
    case .float:
      kind = .float(float())
      skip()
    case .string, .unterminatedString:
      kind = .string(stringValue())
      skip()
    case .boolean:
      kind = .boolean(bytes.count == 4)
      skip()
    case .noneLiteral:
      kind = .none
      skip()
    case .malformedNumber, .missing:
      kind = .missing
      skip()
    case .parenthesized: kind = .parenthesized(operands(range).0)
    case .tuple: kind = .tuple(expressions())
    case .list: kind = .list(expressions())
    case .call: kind = call(range)
    case .index:
      let (base, place) = operands(range)
      kind = .index(base, place)
    case .slice: kind = slice(range)
    case .unary: kind = unary(range)
    case .binary: kind = binary(range)
    case .comparison: kind = comparison(range)
    case .conditional:
      let parts = expressions()
      kind = .conditional(
        condition: parts.count > 1 ? parts[1] : Expression(.missing, range.endPoint),
        then: parts.first ?? Expression(.missing, range.startPoint),
        otherwise: parts.count > 2 ? parts[2] : Expression(.missing, range.endPoint))
    case .spread: kind = .spread(expressions().first)
    default:
      skip()
      return nil
    }
    return Expression(kind, range)
  }

  /// The children of the node here that are expressions.
  private mutating func expressions() -> [Expression] {
    var expressions: [Expression] = []
    children { reader, _ in
      if let expression = reader.expression() { expressions.append(expression) }
    }
    return expressions
  }

  private mutating func operands(_ range: SourceRange) -> (Expression, Expression) {
    let parts = expressions()
    return (
      parts.first ?? Expression(.missing, range.endPoint),
      parts.count > 1 ? parts[1] : Expression(.missing, range.endPoint)
    )
  }

  private mutating func call(_ range: SourceRange) -> Expression.Kind {
    var name: Name?
    var arguments: [Argument]?
    var argumentsRange: SourceRange?
    children { reader, kind in
      switch kind {
      case .name where name == nil: name = reader.name()
      case .argumentList:
        argumentsRange = reader.range
        arguments = reader.arguments()
      default: reader.skip()
      }
    }
    return .call(
      Call(
        name: name ?? Name("", range.startPoint), arguments: arguments,
        argumentsRange: argumentsRange, block: nil, range: range))
  }

  mutating func arguments() -> [Argument] {
    var arguments: [Argument] = []
    children { reader, kind in
      if kind == .argument { arguments.append(reader.argument()) } else { reader.skip() }
    }
    return arguments
  }

  private mutating func argument() -> Argument {
    var name: Name?
    var usesColon = false
    var value: Expression?
    let range = children { reader, kind in
      switch kind {
      case .equal, .colon:
        if let known = value, case .name(let text) = known.kind { name = Name(text, known.range) }
        // A literal's word can name an argument too.
        if let known = value, name == nil { name = Name(Self.spelling(known), known.range) }
        usesColon = kind == .colon
        value = nil
        reader.skip()
      default:
        if let expression = reader.expression() { value = expression }
      }
    }
    return Argument(
      name: name, usesColon: usesColon, value: value ?? Expression(.missing, range.endPoint),
      range: range)
  }

  private static func spelling(_ expression: Expression) -> String {
    switch expression.kind {
    case .boolean(let value): value ? "true" : "false"
    case .none: "none"
    default: ""
    }
  }

  private mutating func slice(_ range: SourceRange) -> Expression.Kind {
    var base: Expression?
    var lower: Expression?
    var upper: Expression?
    var afterColon = false
    children { reader, kind in
      if kind == .colon {
        afterColon = true
        reader.skip()
      } else if let expression = reader.expression() {
        if base == nil {
          base = expression
        } else if afterColon {
          upper = expression
        } else {
          lower = expression
        }
      }
    }
    return .slice(base ?? Expression(.missing, range.startPoint), lower, upper)
  }

  private mutating func unary(_ range: SourceRange) -> Expression.Kind {
    var `operator` = UnaryOperator.minus
    var operand: Expression?
    children { reader, kind in
      switch kind {
      case .minus where operand == nil: reader.skip()
      case .plus:
        `operator` = .plus
        reader.skip()
      case .keyword:
        `operator` = .not
        reader.skip()
      default: operand = reader.expression() ?? operand
      }
    }
    return .unary(`operator`, operand ?? Expression(.missing, range.endPoint))
  }

  private mutating func binary(_ range: SourceRange) -> Expression.Kind {
    var `operator` = BinaryOperator.add
    var operands: [Expression] = []
    children { reader, kind in
      switch kind {
      case .plus: `operator` = .add
      case .minus: `operator` = .subtract
      case .star: `operator` = .multiply
      case .slash: `operator` = .divide
      case .slashSlash: `operator` = .floorDivide
      case .percent: `operator` = .remainder
      case .starStar: `operator` = .power
      case .keyword: `operator` = reader.text == "or" ? .or : .and
      default:
        if let operand = reader.expression() { operands.append(operand) }
        return
      }
      reader.skip()
    }
    return .binary(
      `operator`, operands.first ?? Expression(.missing, range.startPoint),
      operands.count > 1 ? operands[1] : Expression(.missing, range.endPoint))
  }

  private mutating func comparison(_ range: SourceRange) -> Expression.Kind {
    var first: Expression?
    var links: [Comparison] = []
    var pending: ComparisonOperator?
    children { reader, kind in
      switch kind {
      case .keyword:
        pending = reader.text == "not" || pending == .notIn ? .notIn : .in
        reader.skip()
      case .equalEqual, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
        pending = Self.comparisonOperator(kind)
        reader.skip()
      default:
        guard let operand = reader.expression() else { return }
        if first == nil {
          first = operand
        } else {
          links.append(Comparison(pending ?? .equal, operand))
          pending = nil
        }
      }
    }
    return .comparison(first ?? Expression(.missing, range.startPoint), links)
  }

  static func comparisonOperator(_ kind: SyntaxKind) -> ComparisonOperator {
    switch kind {
    case .notEqual: .notEqual
    case .less: .less
    case .lessOrEqual: .lessOrEqual
    case .greater: .greater
    case .greaterOrEqual: .greaterOrEqual
    default: .equal
    }
  }

  // MARK: Types

  /// The type here.
  mutating func type() -> TypeExpression {
    let range = self.range
    switch kind {
    case .name:
      let text = self.text
      skip()
      return TypeExpression(.name(text), range)
    case .tupleType, .listType, .unionType, .groupedType:
      let kind = self.kind
      var parts: [TypeExpression] = []
      children { reader, kind in
        if kind.isToken, kind != .name, !kind.isLiteral {
          reader.skip()
        } else {
          parts.append(reader.type())
        }
      }
      switch kind {
      case .tupleType: return TypeExpression(.tuple(parts), range)
      case .unionType: return TypeExpression(.union(parts), range)
      case .listType:
        return TypeExpression(.list(parts.first ?? TypeExpression(.missing, range.endPoint)), range)
      default: return parts.first ?? TypeExpression(.missing, range)
      }
    case .refinedType, .intervalType, .memberType: return refinement(range)
    case .missing:
      skip()
      return TypeExpression(.missing, range)
    default:
      guard let literal = expression() else { return TypeExpression(.missing, range) }
      return TypeExpression(.literal(literal), range)
    }
  }

  private mutating func refinement(_ range: SourceRange) -> TypeExpression {
    let whole = kind
    var base: TypeExpression?
    var `operator` = ComparisonOperator.equal
    var bounds: [Expression] = []
    var category: Name?
    var includesLower = true
    var includesUpper = true
    children { reader, kind in
      if base == nil {
        base = reader.type()
        return
      }
      switch kind {
      case .equalEqual, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
        `operator` = Self.comparisonOperator(kind)
        reader.skip()
      case .leftParen:
        includesLower = false
        reader.skip()
      case .rightParen:
        includesUpper = false
        reader.skip()
      case .name where whole == .memberType: category = reader.name()
      default: if let bound = reader.expression() { bounds.append(bound) }
      }
    }
    let type = base ?? TypeExpression(.missing, range.startPoint)
    let missing = Expression(.missing, range.endPoint)
    switch whole {
    case .refinedType:
      return TypeExpression(.refined(type, `operator`, bounds.first ?? missing), range)
    case .intervalType:
      return TypeExpression(
        .interval(
          type, lower: bounds.first ?? missing, includesLower: includesLower,
          upper: bounds.count > 1 ? bounds[1] : missing, includesUpper: includesUpper), range)
    default:
      guard let category else { return type }
      return TypeExpression(.member(type, category), range)
    }
  }

  // MARK: Literals

  private func integer() -> Int? {
    var value = 0
    for byte in bytes where byte != 0x5F {
      let (product, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) = product.addingReportingOverflow(Int(byte) - 0x30)
      if first || second { return nil }
      value = sum
    }
    return value
  }

  private func float() -> Double {
    var text = ""
    var previous: UInt8 = 0
    for byte in bytes where byte != 0x5F {
      if previous == 0 && byte == 0x2E { text += "0" }
      if previous == 0x2E && (byte < 0x30 || byte > 0x39) { text += "0" }
      text.unicodeScalars.append(Unicode.Scalar(byte))
      previous = byte
    }
    if previous == 0x2E { text += "0" }
    return Double(text) ?? .infinity
  }

  /// What the string token here stands for.
  func stringValue() -> String {
    let bytes = self.bytes
    guard let quote = bytes.first else { return "" }
    if quote >= 0x80 {
      // Typographic quotes, which are reported.
      return String(String(decoding: bytes, as: UTF8.self).dropFirst().dropLast())
    }
    var body = bytes.dropFirst()
    if kind == .string, body.last == quote { body = body.dropLast() }
    guard body.contains(0x5C) else { return String(decoding: body, as: UTF8.self) }
    var result: [UInt8] = []
    var index = body.startIndex
    while index < body.endIndex {
      guard body[index] == 0x5C, index + 1 < body.endIndex else {
        result.append(body[index])
        index += 1
        continue
      }
      index += 2
      switch body[index - 1] {
      case 0x6E: result.append(0x0A)
      case 0x74: result.append(0x09)
      case 0x5C, 0x22, 0x27: result.append(body[index - 1])
      case 0x75 where index < body.endIndex && body[index] == 0x7B:
        var value: UInt32 = 0
        var end = index + 1
        while end < body.endIndex, end - index <= 8, let digit = hexadecimal(body[end]) {
          value = value << 4 | UInt32(digit)
          end += 1
        }
        if end < body.endIndex, body[end] == 0x7D, let scalar = Unicode.Scalar(value) {
          result += Array(String(Character(scalar)).utf8)
          index = end + 1
        } else {
          result += [0x5C, 0x75]
        }
      default: result += [0x5C, body[index - 1]]
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}

extension SyntaxKind {
  var isLiteral: Bool {
    switch self {
    case .integer, .float, .string, .unterminatedString, .boolean, .noneLiteral, .malformedNumber:
      true
    default: false
    }
  }
}
