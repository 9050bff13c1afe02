/// Blocks: their statements, their ends, and what ends them when their `}` is missing.
extension Parser {
  /// Opens a block at `{`, unless it would nest too deep: then it is passed over.
  @discardableResult
  mutating func openBlock(_ kind: SyntaxKind = .block) -> Bool {
    if nestsTooDeep() {
      skipBraces()
      return false
    }
    push(kind)
    pushBrace()
    return true
  }

  /// Passes over everything from the current `{` to the `}` that matches it, or to the next line
  /// that starts a declaration at its first column.
  mutating func skipBraces() {
    var depth = 0
    var last = token
    while true {
      if last.kind == .leftBrace { depth += 1 }
      if last.kind == .rightBrace { depth -= 1 }
      if depth <= 0 { break }
      let next = token(after: last)
      if next.kind == .endOfFile || startsDeclaration(next, maximalColumn: 0) { break }
      last = next
    }
    skip(to: last.end)
  }

  /// The end of what went past a limit: its brackets and braces closed, before the next line that
  /// starts a statement.
  mutating func skipLimited() {
    isLimited = false
    var last = lex(from: max(previousEnd, chunkStart))
    var depth = 0
    var isFirst = true
    var end = previousEnd
    while last.kind != .endOfFile {
      switch last.kind {
      case .leftBrace, .leftParen, .leftBracket: depth += 1
      case .rightBrace where depth == 0 && !isFirst:
        skipFromPrevious(to: end)
        return
      case .rightBrace, .rightParen, .rightBracket: depth = max(0, depth - 1)
      case .name where depth == 0 && last.startsLine && !isFirst:
        skipFromPrevious(to: end)
        return
      default: break
      }
      isFirst = false
      end = last.end
      last = token(after: last)
    }
    skipFromPrevious(to: max(end, previousEnd))
  }

  /// A statement of a block in braces.
  mutating func blockStatement() {
    switch token.kind {
    case .rightBrace: closeBrace()
    case .endOfFile: unclosed()
    default:
      if endsBraces() || endsBlockBefore() { return }
      suspectOutdented()
      startItem()
      if !atEnd { statement() }
    }
  }

  /// Ends a block that is left open where only what its owner belongs to can go on: at the `else` of
  /// its `if`, at the next entry of a layer's declaration after its `body`.
  mutating func endsBlockBefore() -> Bool {
    guard let frame = stack.last, frame.isUnclosed, stack.count > 1 else { return false }
    let owner = stack[stack.count - 2]
    // Without its `}` a line stands a blank further in.
    let margin = isWord(.else) || token.kind != .name ? 1 : 0
    if token.startsLine, lexer.column(of: token.start) > Int(frame.indent) + margin { return false }
    if token.kind == .star || token.kind == .at {
      guard owner.kind == .step, token.startsLine, !bracesAreClosed() else { return false }
    } else if token.kind != .name {
      return false
    } else if isWord(.else), owner.kind == .ifStatement || owner.kind == .layerIf {
      let next = peek()
      guard next.kind == .leftBrace || next.kind == .colon || next.word == .if else { return false }
    } else if owner.kind == .bodyItem, token.startsLine {
      guard peek().kind == .colon else { return false }
    } else {
      return false
    }
    continueItem()
    reportUnclosed(from: stack.count - 1, " before '\(tokenText)'")
    pop()
    afterBlock()
    return true
  }

  /// Notes the first statement of a block that stands no deeper than what the block belongs to:
  /// should a `}` be missing in the end, it is this block's, and is missing here.
  mutating func suspectOutdented() {
    guard token.startsLine, let last = stack.indices.last, last > 0, stack[last].isUnclosed else {
      return
    }
    if lexer.column(of: token.start) > Int(stack[last].indent) {
      stack[last].flags |= OpenNode.isIndented
      return
    }
    guard !hasSuspicion, stack[last].flags & OpenNode.isIndented != 0 else { return }
    stack[last].flags |= OpenNode.isSuspected
    suspicion = Suspicion(block: block(last), gap: gapRange, isReported: isReported(gapRange))
  }

  /// Ends the braces of the innermost node at `}`, and goes on with what it is part of.
  mutating func closeBrace() {
    if isExtraBrace() {
      skipExtraBrace()
      return
    }
    if isSurplusBeforeSuffix() {
      startItem()
      report(tokenRange, "this '}' is one too many, or its '{' is missing before it")
      skipToken()
      return skipRestOfLine()
    }
    closeInnerBraces()
    startItem()
    suspect()
    bump()
    guard let frame = stack.last else { return }
    pop()
    if frame.kind == .block || frame.kind == .layerBlock || frame.kind == .settings {
      afterBlock()
    }
  }

  /// `} * 2` in the column of a step: ends blocks in it that are left open, which nothing follows so.
  private mutating func closeInnerBraces() {
    guard token.startsLine, isSuffix(peek()), ownerOfBraces != .step else { return }
    let column = lexer.column(of: token.start)
    guard
      let index = stack.indices.last(where: {
        $0 > 0 && stack[$0].hasBrace && stack[$0 - 1].kind == .step
          && Int(stack[$0].indent) == column
      })
    else { return }
    continueItem()
    reportUnclosed(from: index + 1, " before this '}'")
    pop(to: index + 1)
  }

  mutating func skipExtraBrace() {
    startItem()
    report(
      tokenRange, "this '}' closes nothing, and more of the network follows; remove it",
      fix: isSuffix(peek()) ? nil : removal("}"))
    skipToken()
    if isSuffix(token) { skipRestOfLine() }
  }

  func isSuffix(_ token: Token) -> Bool {
    !token.startsLine && (token.kind == .star || token.kind == .at || token.kind == .arrow)
  }

  /// A `}` that would close the network, with more of it behind.
  mutating func isExtraBrace() -> Bool {
    guard let frame = stack.first,
      frame.kind == .network || frame.kind == .layerDeclaration || frame.kind == .definition,
      stack.lazy.filter(\.hasBrace).count == 1
    else { return false }
    let next = peek()
    if isSuffix(next) { return true }
    if token.startsLine, lexer.column(of: token.start) <= Int(frame.indent) { return false }
    return next.kind == .name && next.startsLine && !startsDeclaration(next)
      && lexer.column(of: next.start) > Int(frame.indent)
  }

  /// After a block: the rest of the step, flow, `if` or declaration that it belongs to.
  mutating func afterBlock() {
    guard let owner = stack.last else { return }
    switch owner.kind {
    case .step: continueStep()
    case .ifStatement: continueConditional()
    case .layerIf: continueLayerConditional()
    case .forStatement, .definition, .bodyItem, .setting, .section: pop()
    default: break
    }
  }

  /// The text ends, or a declaration starts, before the braces of open nodes are closed.
  mutating func unclosed() {
    reportUnclosed(from: 0, "")
    pop(to: 0)
  }

  /// Reports that the braces of open nodes from `depth` on have no `}`: at the block whose `}`
  /// stands where another's should, if one was seen, else here.
  mutating func reportUnclosed(from depth: Int, _ place: String) {
    let open = stack.dropFirst(depth).filter(\.isUnclosed)
    guard let index = stack.lastIndex(where: \.isUnclosed), index >= depth else { return }
    let closers = String(repeating: "}", count: open.count)
    if hasSuspicion, open.count == 1 {
      if suspicion.map({ $0.isReported || isReported($0.gap) }) ?? (carriedSuspicion == .reported) {
        return forgetSuspicion()
      }
      let gap = suspicion?.gap ?? .suspectedGap
      report(
        .syntaxError, gap, "",
        fix: SyntaxError.Fix(title: "Insert '}'", range: gap, text: "\n}"),
        unclosed: suspicion.map { .block($0.block) } ?? .suspected)
    } else if !isReported(gapRange) {
      report(
        .syntaxError, gapRange, place,
        fix: SyntaxError.Fix(
          title: "Insert '\(closers)'", range: gapRange, text: closingBraces(from: depth)),
        unclosed: .block(block(index)))
    }
    forgetSuspicion()
  }

  private var hasSuspicion: Bool { suspicion != nil || carriedSuspicion != .none }

  mutating func forgetSuspicion() {
    suspicion = nil
    carriedSuspicion = .none
  }

  /// A line for each `}` that is missing from `depth` on.
  func closingBraces(from depth: Int) -> String {
    stack.dropFirst(depth).reversed().filter(\.isUnclosed).map {
      "\n" + String(repeating: " ", count: min(Int($0.indent), 80)) + "}"
    }.joined()
  }

  /// Notes where a `}` stands in the column of an outer block instead of its own: should a `}` be
  /// missing in the end, it is this block's.
  private mutating func suspect() {
    guard token.startsLine, stack.count > 1, let frame = stack.last else { return }
    let column = lexer.column(of: token.start)
    if hasSuspicion {
      // Its `}` is there: only the indentation was wrong.
      if frame.flags & OpenNode.isSuspected != 0, column >= Int(frame.indent) {
        forgetSuspicion()
      }
      return
    }
    guard column < Int(frame.indent),
      stack.contains(where: { $0.hasBrace && Int($0.indent) == column })
    else { return }
    suspicion = Suspicion(
      block: block(stack.count - 1), gap: gapRange, isReported: isReported(gapRange))
  }

  /// Whether an error ends at the end of the last token: a `}` that is missing there too will be
  /// reported when that one is mended.
  func isReported(_ gap: SourceRange) -> Bool {
    gap == .gapBefore && start.isGapReported
      || errors.contains { $0.error.range.endPoint == gap && $0.error.code != .invalidUTF8 }
  }

  /// Ends braces that are left open where a declaration or a network's next section starts.
  mutating func endsBraces() -> Bool {
    guard token.startsLine, token.kind == .name else { return false }
    if token.word.declares, let outermost = stack.first,
      startsDeclaration(token, maximalColumn: outermost.indent)
    {
      unclosed()
      return true
    }
    guard let last = stack.last, last.kind != .network,
      token.word.isSection, let first = stack.first, first.kind == .network, stack.count > 1,
      stack[1].kind == .section || stack[1].kind == .strayStatements,
      startsSection(), lexer.column(of: token.start) <= Int(stack[1].indent), !bracesAreClosed()
    else { return false }
    reportUnclosed(from: 1, " before the section '\(tokenText)'")
    pop(to: 1)
    return true
  }

  /// An open brace and what it belongs to.
  private func block(_ index: Int) -> Suspicion.Block {
    let kind = stack[index].kind
    let isInner = (kind == .block || kind == .layerBlock || kind == .settings) && index > 0
    return Suspicion.Block(place: place(of: index), owner: place(of: isInner ? index - 1 : index))
  }
}
