extension Parser {
  /// Whether an expression can start at the current token.
  func startsExpression() -> Bool { startsExpression(token) }

  func startsExpression(_ token: Token) -> Bool {
    switch token.kind {
    case .name, .integer, .float, .string, .unterminatedString, .malformedNumber, .leftParen,
      .leftBracket, .minus, .plus, .ellipsis:
      true
    default: false
    }
  }

  /// An expression without `a if c else b`, unless brackets are open around it.
  mutating func expression() {
    _ = ternary(0)
  }

  /// What stands after `*` and `@`: tighter than any operator but `**`.
  mutating func operand() {
    flushComments()
    _ = binary(Power.unary, 0)
  }

  mutating func primaryExpression() {
    flushComments()
    _ = postfix(0)
  }

  /// Values in parentheses, which have no index.
  mutating func valuesExpression() {
    flushComments()
    _ = primary(0)
  }

  /// A value's name and the indices behind it; `none` and the like are names there.
  mutating func nameExpression() {
    flushComments()
    _ = postfix(0, isName: true)
  }

  /// An expression without comparisons, as in a type's bound.
  mutating func arithmetic() {
    flushComments()
    _ = binary(Power.sum, 0)
  }

  private enum Power {
    static let or = 1
    static let and = 2
    static let not = 3
    static let comparison = 4
    static let sum = 5
    static let product = 6
    static let unary = 7
    static let power = 8
  }

  /// `height` counts the nodes from the highest expression node to its deepest leaf. `depth` is
  /// how deep it stands itself; the two together stay under a limit, for readers recurse.
  mutating func ternary(_ depth: Int) -> Int {
    flushComments()
    if !brackets.isEmpty {
      if token.kind == .ellipsis { return spread(depth) }
      if isWord(.not), nameFollows() {
        bump()
        return 1
      }
    }
    let start = nodes.count
    var height = binary(Power.or, depth)
    guard isWord(.if), !brackets.isEmpty,
      !startsNewStatement()
    else { return height }
    guard depth + height < Parser.expressionDepth else {
      tooDeep()
      return height
    }
    wrap(start, .conditional)
    bump(.keyword)
    height = max(height, operandOrMissing(Power.or, depth + 1, "expected a condition after 'if'"))
    if isWord(.else) {
      bump(.keyword)
      if startsExpression(), depth + 1 < Parser.expressionDepth {
        height = max(
          height,
          token.kind == .ellipsis ? binary(Power.or, depth + 1) : ternary(depth + 1))
      } else if startsExpression() {
        tooDeep()
        missing()
      } else {
        expected("expected a value after 'else'")
        missing()
      }
    } else {
      expected("expected 'else' and a value: a choice is written a if condition else b")
      missing()
    }
    close(start)
    return height + 1
  }

  /// What follows `sign`, or a word that `message` names.
  private mutating func operandOrMissing(
    _ power: Int, _ depth: Int, _ message: StaticString, after sign: Token? = nil
  ) -> Int {
    flushComments()
    if startsExpression(), !startsNewStatement() {
      return binary(power, depth)
    }
    if isWord(.not) { return binary(power, depth) }
    let spelling = sign.map { " '\(string($0.start, $0.end))'" } ?? ""
    expected("\(message)\(spelling)")
    missing()
    return 1
  }

  /// The operator at the current token: how tight it binds.
  private mutating func operatorPower() -> Int? {
    switch token.kind {
    case .plus, .minus: return Power.sum
    case .star, .slash, .slashSlash, .percent: return Power.product
    case .starStar: return Power.power
    case .equalEqual, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
      return Power.comparison
    case .name:
      // `in: 3`, an entry behind the one whose value this is.
      if brackets.isEmpty, token.word != .other, peek().kind == .colon { return nil }
      switch token.word {
      case .or: return Power.or
      case .and: return Power.and
      case .in: return Power.comparison
      case .not: return peek().word == .in ? Power.comparison : nil
      default: return nil
      }
    default: return nil
    }
  }

  private mutating func binary(_ minimum: Int, _ depth: Int) -> Int {
    let start = nodes.count
    var height: Int
    if isWord(.not), minimum <= Power.not {
      guard depth < Parser.expressionDepth else { return tooDeepHere() }
      let node = open(.unary)
      bump(.keyword)
      height = 1 + operandOrMissing(Power.not, depth + 1, "expected a condition after 'not'")
      close(node)
    } else if token.kind == .minus || token.kind == .plus {
      guard depth < Parser.expressionDepth else { return tooDeepHere() }
      let node = open(.unary)
      let sign = token
      bump()
      height =
        1 + operandOrMissing(Power.unary, depth + 1, "expected a number after", after: sign)
      close(node)
    } else {
      height = postfix(depth)
    }
    while true {
      if minimum == Power.or, skipsCloserInExpression() { continue }
      guard let power = operatorPower(), power >= minimum else { break }
      guard depth + height < Parser.expressionDepth else {
        tooDeep()
        break
      }
      if power == Power.comparison {
        height = comparison(start, height, depth)
        continue
      }
      if token.kind == .percent, percentage() { continue }
      wrap(start, .binary)
      let sign = token
      bump(token.kind == .name ? .keyword : nil)
      // `**` takes a whole unary on its right, and groups from there.
      let right = operandOrMissing(
        power == Power.power ? Power.unary : power + 1, depth + 1,
        "expected an operand after", after: sign)
      height = max(height, right) + 1
      close(start)
    }
    if isWord(.not), minimum <= Power.comparison, peek().kind != .colon {
      report(tokenRange, "expected 'in' after 'not', as in a not in b")
    }
    return height
  }

  /// `20%` before the end of an argument.
  private mutating func percentage() -> Bool {
    let next = peek()
    guard next.kind == .comma || next.kind == .rightParen, token.start == previousEnd,
      let last = nodes.last, last.kind == .integer
    else { return false }
    let place = range(previousStart, token.end)
    let value = Double(previousText).map { "\($0 / 100)" }
    report(
      place, "a share is written as a number, as in \(value ?? "0.2")",
      fix: value.map { SyntaxError.Fix(title: "Write '\($0)'", range: place, text: $0) })
    skipToken()
    return true
  }

  /// `not` before what makes it a name: `not = 3`, `not)`.
  private mutating func nameFollows() -> Bool {
    switch peek().kind {
    case .equal, .comma, .rightParen, .rightBracket, .colon, .arrow: true
    default: false
    }
  }

  private mutating func comparison(_ start: Int, _ left: Int, _ depth: Int) -> Int {
    var height = left
    wrap(start, .comparison)
    while operatorPower() == Power.comparison {
      let sign = token
      if token.kind == .name {
        if token.word == .not { bump(.keyword) }
        bump(.keyword)
      } else if token.kind == .less, peek().kind == .greater, peek().start == token.end {
        let both = range(token.start, peek().end)
        report(
          both, "'<>' is written '!='",
          fix: SyntaxError.Fix(title: "Write '!='", range: both, text: "!="))
        bump(.notEqual)
        skipToken()
      } else {
        bump()
      }
      height = max(
        height,
        operandOrMissing(Power.sum, depth + 1, "expected an operand after", after: sign))
    }
    close(start)
    return height + 1
  }

  private mutating func postfix(_ depth: Int, isName: Bool = false) -> Int {
    flushComments()
    let start = nodes.count
    var height = 1
    if isName { bump() } else { height = primary(depth) }
    while token.kind == .leftBracket {
      guard depth + height < Parser.expressionDepth else {
        tooDeep()
        break
      }
      wrap(start, .index)
      height = max(height, subscriptBrackets(start, depth + 1)) + 1
      close(start)
    }
    return height
  }

  /// `[i]`, `[1:]`, `[:-1]`, `[a:b]`.
  private mutating func subscriptBrackets(_ node: Int, _ depth: Int) -> Int {
    let opener = Bracket(kind: .leftBracket, start: token.start)
    brackets.append(opener)
    bump()
    var height = 1
    if token.kind != .colon {
      if startsExpression(), !startsNewStatement() {
        height = ternary(depth)
      } else {
        expected("expected an index")
        missing()
      }
    }
    if token.kind == .colon {
      if nodes.indices.contains(node) {
        nodes[node] = FlatNode(.slice, offset: nodes[node].offset, extent: 0)
      }
      bump()
      if startsExpression() { height = max(height, ternary(depth)) }
    }
    if token.kind == .comma {
      report(tokenRange, "an index is one value or a slice")
      while token.kind == .comma {
        skipToken()
        if startsExpression() { height = max(height, ternary(depth)) }
      }
    } else if startsExpression(), !token.startsLine, isClosed(by: .rightBracket, from: token) {
      report(tokenRange, "an index is one value or a slice; expected ']' or an operator here")
      height = max(height, ternary(depth))
    }
    closeBracket("the index")
    return height
  }

  private mutating func primary(_ depth: Int) -> Int {
    switch token.kind {
    case .name:
      let next = peek()
      if next.kind == .leftParen, !next.startsLine {
        guard depth < Parser.expressionDepth else { return tooDeepHere() }
        if token.word.isLiteral {
          report(tokenRange, "'\(tokenText)' is a value and takes no arguments")
        }
        let node = open(.call)
        bump()
        let height = argumentList(depth + 1)
        close(node)
        return height + 1
      }
      if next.kind == .string, next.start == token.end {
        stringPrefix(next)
        return 1
      }
      switch token.word {
      case .true, .false: bump(.boolean)
      case .none: bump(.noneLiteral)
      default:
        let start = nodes.count
        bump()
        guard depth < Parser.expressionDepth, lacksOpenerAbove() || lacksOpenerInBrackets() else {
          return 1
        }
        report(gapRange, "expected '(' before the arguments", fix: insertion("("))
        wrap(start, .call)
        let height = argumentList(depth + 1, isOpened: false)
        close(start)
        return height + 1
      }
      return 1
    case .integer, .float, .string, .unterminatedString, .malformedNumber:
      bump()
      return 1
    case .leftParen, .leftBracket:
      guard depth < Parser.expressionDepth else { return tooDeepHere() }
      if token.kind == .leftParen, skipsNamelessCall() { return 1 }
      return token.kind == .leftParen ? parentheses(depth) : list(depth)
    case .ellipsis:
      report(tokenRange, "'...' stands before an entry of a shape or a list, not in an expression")
      return spread(depth)
    default:
      expected("expected a value")
      missing()
      return 1
    }
  }

  /// `...`, `...leading`
  private mutating func spread(_ depth: Int) -> Int {
    guard depth < Parser.expressionDepth else { return tooDeepHere() }
    let node = open(.spread)
    bump()
    var height = 1
    if token.kind == .name && !token.word.isLiteral || token.kind == .leftParen,
      !startsNewStatement()
    {
      height += postfix(depth + 1)
    }
    close(node)
    return height
  }

  /// `(learning_rate=0.1)`, arguments of nothing: passed over.
  private mutating func skipsNamelessCall() -> Bool {
    let first = peek()
    guard first.kind == .name, token(after: first).kind == .equal, let closer = closing(token)
    else { return false }
    report(tokenRange, "expected a name before these arguments")
    skip(to: closer.end)
    missing()
    markReported()
    return true
  }

  private mutating func parentheses(_ depth: Int) -> Int {
    let node = open(.tuple)
    var height = 1
    var count = 0
    let hasComma = bracketed("this tuple", separated: &count) { parser in
      height = max(height, parser.ternary(depth + 1))
    }
    if count == 1, !hasComma, nodes.indices.contains(node) {
      nodes[node] = FlatNode(.parenthesized, offset: nodes[node].offset, extent: 0)
    }
    close(node)
    return height + 1
  }

  private mutating func list(_ depth: Int) -> Int {
    let node = open(.list)
    var height = 1
    bracketed("this list") { parser in
      height = max(height, parser.ternary(depth + 1))
    }
    close(node)
    return height + 1
  }

  // MARK: Arguments

  private mutating func tooDeepHere() -> Int {
    tooDeep()
    missing()
    return 1
  }

  /// Passes over the rest of what nests too deep: to the end of the brackets around it, or where
  /// there are none, of the expression.
  private mutating func tooDeep() {
    report(
      .expansionLimit, tokenRange,
      "this expression is nested more than \(Parser.expressionDepth) deep; the rest of it is not read"
    )
    var depth = 0
    var last = token
    var isFirst = true
    var end: Int?
    var wasOperand = false
    scan: while last.kind != .endOfFile {
      switch last.kind {
      case .leftParen, .leftBracket:
        depth += 1
        wasOperand = false
      case .rightParen, .rightBracket:
        if depth == 0 { break scan }
        depth -= 1
        wasOperand = true
      case .leftBrace, .rightBrace, .arrow, .semicolon: break scan
      case .comma where depth == 0: break scan
      case .name, .integer, .float, .string, .malformedNumber, .unterminatedString:
        let isOperator =
          last.word == .and || last.word == .or || last.word == .not || last.word == .in
          || last.word == .if || last.word == .else
        if !isFirst, wasOperand, !isOperator, depth == 0 || last.startsLine { break scan }
        wasOperand = !isOperator
      default: wasOperand = false
      }
      isFirst = false
      end = last.end
      last = token(after: last)
    }
    if let end { skip(to: end) }
    markReported()
  }
}
