extension Parser {
  /// `(name | alias: type = default, …)`, if there is one.
  mutating func parameterList() {
    guard token.kind == .leftParen else { return }
    let name = string(
      previousEnd - (nodes.last.map { $0.kind.isToken ? Int($0.extent) : 0 } ?? 0), previousEnd)
    let node = open(.parameterList)
    bracketed("the parameters of \(name)") { $0.parameter() }
    close(node)
  }

  private mutating func parameter() {
    let node = open(.parameter)
    defer { close(node) }
    guard token.kind == .name else {
      report(tokenRange, "expected the name of a parameter here")
      expression()
      return
    }
    bump()
    while token.kind == .pipe {
      bump()
      if token.kind == .name {
        bump()
      } else {
        expected("expected another name for this parameter after '|'")
      }
    }
    if token.kind == .colon {
      bump()
      type(0)
    } else if token.kind == .name, !token.startsLine, isTypeWord() {
      report(gapRange, "expected ':' before the type of this parameter", fix: insertion(":"))
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
          bump()
        } else {
          expected("expected a category or an interval, as in float in [0, 1]")
        }
      }
      close(start)
    default: break
    }
  }

  /// `[0, 1)`: either end may be of either kind.
  private mutating func interval() {
    brackets.append(Bracket(kind: token.kind, start: token.start))
    bump()
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
    case .name:
      switch token.word {
      case .true, .false: bump(.boolean)
      default: bump()
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
      bracketed("this type") { $0.type(depth + 1) }
      close(node)
    case .string, .unterminatedString, .integer, .float, .malformedNumber, .minus, .plus:
      operand()
    default:
      expected("expected a type, such as int or \"a\" | \"b\"")
      missing()
    }
  }
}
