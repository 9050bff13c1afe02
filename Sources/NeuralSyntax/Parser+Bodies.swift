/// Bodies whose `{` is missing: they are read by their indentation, as whoever wrote them reads them.
extension OpenNode {
  /// In `flags`: no `{` was written for it, and that is reported.
  static let braceMissing: UInt8 = 0x80

  /// In `flags`: something in its braces stands deeper than what they belong to.
  static let isIndented: UInt8 = 0x20

  /// In `flags`: the suspicion is about it.
  static let isSuspected: UInt8 = 0x10

  /// Whether a `{` that stands in the text waits for its `}`.
  var isUnclosed: Bool { hasBrace && flags & OpenNode.braceMissing == 0 }
}

extension Parser {
  /// Whether a body without `{` starts at the current token, or at the next one after a `:` as in
  /// Python. If so the missing brace has been reported, and the `:` passed over.
  mutating func startsBodyWithoutBrace(_ message: @autoclosure () -> String) -> Bool {
    let isAfterColon = token.kind == .colon && !token.startsLine
    let first = isAfterColon ? peek() : token
    if !first.startsLine, first.kind == .name, closesBraceOnLine(first) {
      if nestsTooDeep() {
        skipRestOfLine()
        markReported()
        return false
      }
      if !hasReported {
        if isAfterColon {
          report(tokenRange, "expected '{' here, not ':'", fix: replacement("{"))
        } else {
          report(gapRange, message(), fix: insertion(" {"))
        }
      }
      if isAfterColon { skipToken() }
      return true
    }
    guard first.startsLine, first.kind != .endOfFile, first.kind != .rightBrace,
      first.kind != .leftBrace, lexer.column(of: first.start) > Int(indent)
    else { return false }
    if nestsTooDeep() {
      skipDeeperLines()
      markReported()
      return false
    }
    if !hasReported, !isPartOfReported() {
      let isClosed = bodyIsClosed(from: first)
      if isAfterColon {
        report(
          tokenRange, "expected '{' here: a body stands in braces, not after ':'",
          fix: isClosed ? replacement("{") : nil)
      } else {
        report(gapRange, message(), fix: isClosed ? insertion(" {") : nil)
      }
    }
    if isAfterColon { skipToken() }
    return true
  }

  /// Whether so many blocks are open that no other is opened here, which then has been reported.
  mutating func nestsTooDeep() -> Bool {
    guard stack.lazy.filter(\.hasBrace).count >= Parser.blockDepth else { return false }
    report(
      .expansionLimit, tokenRange,
      "blocks are nested more than \(Parser.blockDepth) deep; what is in this one is not read")
    return true
  }

  /// An `else` whose `if` lacks its brace too: one mistake.
  private func isPartOfReported() -> Bool {
    guard let frame = stack.last else { return false }
    return (frame.kind == .ifStatement || frame.kind == .layerIf)
      && frame.flags & OpenNode.braceMissing != 0
  }

  /// Whether a `}` on the line of `first` closes what does not open there.
  mutating func closesBraceOnLine(_ first: Token) -> Bool {
    var last = first
    var depth = 0
    for _ in 0..<Parser.scanLimit {
      last = token(after: last)
      if last.startsLine { return false }
      switch last.kind {
      // A `{` first is the one that was expected, later.
      case .leftBrace where last.start == token(after: first).start: return false
      case .leftBrace: depth += 1
      case .rightBrace:
        if depth == 0 { return true }
        depth -= 1
      default: break
      }
    }
    return false
  }

  /// Opens a node that no token begins: it starts where the text before it ends, whatever follows.
  mutating func pushAtGap(_ kind: SyntaxKind) {
    push(kind)
    guard let last = nodes.indices.last else { return }
    nodes[last] = FlatNode(kind, offset: max(flushed - chunkStart, 0), extent: 0)
  }

  /// Opens the innermost node's body where its `{` is missing: in a node of its own, or in that node.
  mutating func openBodyWithoutBrace(_ kind: SyntaxKind? = nil) {
    if let kind {
      if let last = stack.indices.last { stack[last].flags |= OpenNode.braceMissing }
      pushAtGap(kind)
    }
    guard let last = stack.indices.last else { return }
    stack[last].hasBrace = true
    stack[last].flags |= OpenNode.braceMissing
  }

  /// Whether a `}` stands where a body that starts at `first` ends: then only its `{` is missing.
  private mutating func bodyIsClosed(from first: Token) -> Bool {
    var last = first
    for _ in 0..<(Parser.scanLimit * 4) {
      last = token(after: last)
      if last.kind == .endOfFile { return false }
      if last.startsLine, lexer.column(of: last.start) <= Int(indent) {
        return last.kind == .rightBrace && lexer.column(of: last.start) == Int(indent)
      }
    }
    return false
  }

  /// Ends a body without `{` before the current token if that stands no deeper than its owner.
  mutating func endsBodyWithoutBrace() -> Bool {
    guard let index = stack.lastIndex(where: \.hasBrace),
      stack[index].flags & OpenNode.braceMissing != 0, token.startsLine
    else { return false }
    let column = token.kind == .endOfFile ? -1 : lexer.column(of: token.start)
    let limit = Int(stack[index].indent)
    guard column < limit || column == limit && token.kind != .rightBrace else { return false }
    let kind = stack[index].kind
    continueItem()
    if token.kind == .rightParen, column == limit { skipToken() }
    pop(to: index)
    if kind == .block || kind == .layerBlock || kind == .settings { afterBlock() }
    return true
  }

  /// `{ {`: one of them is too many, unless both are closed.
  mutating func skipDoubledBrace() {
    if bothBracesClose() { return }
    report(tokenRange, "this '{' is one too many; remove it", fix: removal("{"))
    skipToken()
  }

  /// Whether the `{` at the current token and all that are open have a `}` in what follows.
  private mutating func bothBracesClose() -> Bool {
    if isFlooded { return true }
    return bracesClose(
      stack.lazy.filter(\.isUnclosed).count + 1, from: token(after: token),
      within: Parser.scanLimit * 8)
  }
}
