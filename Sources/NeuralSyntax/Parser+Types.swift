extension Parser {
  /// `(name | alias: type = default, …)`, if there is one.
  mutating func parameterList() {
    let isOpened = token.kind == .leftParen
    guard isOpened || lacksOpenParenthesis() else { return }
    let name = previousText
    if !isOpened {
      report(gapRange, "expected '(' before the parameters", fix: insertion("("))
    }
    let node = open(.parameterList)
    var count = 0
    bracketed(
      "the parameters of \(name)", separated: &count, isOpened: isOpened, hasLabels: true
    ) { $0.parameter() }
    close(node)
  }

  /// Whether parameters and a `)` follow the name on its line.
  private mutating func lacksOpenParenthesis() -> Bool {
    guard token.kind == .name || token.kind == .rightParen, !token.startsLine else { return false }
    var last = token
    for _ in 0..<Parser.scanLimit where !last.startsLine || last.start == token.start {
      if last.kind == .rightParen { return true }
      if last.kind == .leftBrace || last.kind == .leftParen { return false }
      last = token(after: last)
    }
    return false
  }

  private mutating func parameter() {
    let node = open(.parameter)
    defer { close(node) }
    guard token.kind == .name else {
      report(tokenRange, "expected the name of a parameter here")
      expression()
      return
    }
    if isTypeWord(), peek().kind == .name, !peek().startsLine {
      let name = peek()
      let type = tokenText
      let place = range(token.start, name.end)
      let text = "\(string(name.start, name.end)): \(type)"
      report(
        place, "the type of a parameter follows its name, as in \(text)",
        fix: SyntaxError.Fix(title: "Write '\(text)'", range: place, text: text))
      skipToken()
    }
    simpleName()
    while token.kind == .pipe {
      bump()
      if token.kind == .name {
        simpleName()
      } else {
        expected("expected another name for this parameter after '|'")
      }
    }
    if token.kind == .colon {
      bump()
      type(0)
    } else if token.kind == .name, !token.startsLine, isTypeWord() {
      report(gapRange, "expected ':' before the type of this parameter", fix: insertion(":"))
      missing()
      type(0)
    }
    if token.kind == .equal {
      bump()
      if startsExpression() || isWord(.not) {
        expression()
      } else {
        expected("expected a default value after '='")
        missing()
      }
    }
  }

  private func isTypeWord() -> Bool {
    switch tokenText {
    case "int", "float", "bool", "string", "shape", "none", "layer", "value", "activation",
      "schedule", "initializer", "regularizer", "constraint":
      true
    default: false
    }
  }

  /// A type: refined ones, with `|` between them.
  private mutating func type(_ depth: Int) {
    flushComments()
    let start = nodes.count
    refinedType(depth)
    guard token.kind == .pipe else { return }
    wrap(start, .unionType)
    while token.kind == .pipe {
      bump()
      refinedType(depth + 1)
    }
    close(start)
  }

  private mutating func refinedType(_ depth: Int) {
    flushComments()
    let start = nodes.count
    primaryType(depth)
    switch token.kind {
    case .greaterOrEqual, .greater, .lessOrEqual, .less, .equalEqual, .notEqual:
      wrap(start, .refinedType)
      bump()
      if startsExpression() {
        arithmetic()
      } else {
        expected("expected a bound, as in int >= 1")
        missing()
      }
      close(start)
    case .name where token.word == .in:
      let next = peek()
      if next.kind == .leftBracket || next.kind == .leftParen {
        wrap(start, .intervalType)
        bump(.keyword)
        interval()
      } else {
        wrap(start, .memberType)
        bump(.keyword)
        if token.kind == .name {
          simpleName()
        } else if startsExpression() {
          report(gapRange, "expected '[' before the ends of this interval", fix: insertion(" ["))
          interval(isOpened: false)
        } else {
          expected("expected a category or an interval, as in float in [0, 1]")
        }
      }
      close(start)
    case .leftBracket where !token.startsLine:
      report(gapRange, "expected 'in' before this interval", fix: insertion(" in"))
      wrap(start, .intervalType)
      interval()
      close(start)
    default: break
    }
  }

  /// `[0, 1)`: either end may be of either kind.
  private mutating func interval(isOpened: Bool = true) {
    brackets.append(
      Bracket(
        kind: isOpened ? token.kind : .leftBracket, start: isOpened ? token.start : previousEnd))
    if isOpened { bump() }
    bound()
    if token.kind == .comma {
      bump()
      bound()
    } else {
      expected("expected ',' and the upper end of this interval")
      missing()
    }
    if token.kind == .rightParen || token.kind == .rightBracket {
      _ = brackets.popLast()
      bump()
    } else {
      closeBracket("this interval")
    }
  }

  private mutating func bound() {
    if startsExpression() {
      arithmetic()
    } else {
      expected("expected a number")
      missing()
    }
  }

  private mutating func primaryType(_ depth: Int) {
    guard depth < 32 else {
      report(.expansionLimit, tokenRange, "this type is nested more than 32 deep")
      primaryExpression()
      return
    }
    switch token.kind {
    case .name
    where token.word == .in && (peek().kind == .leftBracket || peek().kind == .leftParen):
      expected("expected a type before 'in', such as float")
      missing()
    case .name:
      switch token.word {
      case .true, .false: bump(.boolean)
      default: simpleName()
      }
    case .leftParen:
      let node = open(.tupleType)
      var count = 0
      let hasComma = bracketed("this type", separated: &count) { $0.type(depth + 1) }
      if count == 1, !hasComma, nodes.indices.contains(node) {
        nodes[node] = FlatNode(.groupedType, offset: nodes[node].offset, extent: 0)
      }
      close(node)
    case .leftBracket:
      let node = open(.listType)
      var count = 0
      bracketed("this type", separated: &count) { $0.type(depth + 1) }
      if count == 0 { report(gapRange, "expected the type of the list's entries, as in [int]") }
      close(node)
    case .string, .unterminatedString, .integer, .float, .malformedNumber: bump()
    case .minus, .plus:
      let node = open(.unary)
      bump()
      if token.kind == .integer || token.kind == .float {
        bump()
      } else {
        expected("expected a number after this sign")
        missing()
      }
      close(node)
    default:
      expected("expected a type, such as int or \"a\" | \"b\"")
      missing()
    }
  }
}
