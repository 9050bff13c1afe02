/// What the formatter leaves as it is because it cannot be read.
enum FormatErrors {
  /// For each entry, whether it keeps its text: the innermost statements and entries that hold an
  /// error, with whatever shares a line with them. `wholeDeclarations` keeps all of a declaration
  /// that has one.
  static func frozen(_ syntax: FlatSyntax, _ errors: [Range<Int>], wholeDeclarations: Bool)
    -> [Bool]
  {
    var frozen = [Bool](repeating: false, count: syntax.entries.count)
    if errors.isEmpty { return frozen }
    var parents = [Int](repeating: 0, count: syntax.entries.count)
    // Items that are open, outermost first, and errors that none of them holds so far.
    var open: [Int] = []
    var waiting: [Range<Int>] = []
    var next = 0
    func leave(_ item: Int) {
      let entry = syntax.entries[item]
      while next < errors.count, errors[next].lowerBound <= entry.end {
        waiting.append(errors[next])
        next += 1
      }
      while let error = waiting.last, error.lowerBound >= entry.start,
        error.upperBound <= entry.end
      {
        waiting.removeLast()
        frozen[item] = true
      }
      if !isClosed(item, in: syntax) { frozen[parents[item] == 0 ? item : parents[item]] = true }
    }
    for index in syntax.entries.indices.dropFirst() {
      while let item = open.last, syntax.entries[item].next <= index {
        leave(item)
        open.removeLast()
      }
      let kind = syntax.entries[index].kind
      if kind.isLaidOutAlone {
        parents[index] = open.last ?? 0
        open.append(index)
      }
      if isUnreadable(kind), let item = open.last { frozen[item] = true }
    }
    while let item = open.popLast() { leave(item) }
    for item in frozen.indices.reversed() where frozen[item] && parents[item] > 0 {
      if wholeDeclarations || !ownsItsLines(item, in: syntax) { frozen[parents[item]] = true }
    }
    return frozen
  }

  private static func isUnreadable(_ kind: SyntaxKind) -> Bool {
    switch kind {
    case .missing, .skipped, .unknown, .unterminatedString, .malformedNumber, .strayStatements: true
    default: false
    }
  }

  /// Whether the brackets and braces of an item that ends with one are closed.
  private static func isClosed(_ item: Int, in syntax: FlatSyntax) -> Bool {
    var depth = 0
    var index = item + 1
    while index < syntax.entries[item].next {
      switch syntax.entries[index].kind {
      case .leftBrace: depth += 1
      case .rightBrace: depth -= 1
      default: break
      }
      let entry = syntax.entries[index]
      // What stands inside is judged for itself.
      index = entry.kind.isLaidOutAlone ? entry.next : index + 1
    }
    return depth == 0
  }

  /// Whether nothing else stands on the lines of an item, comments behind it left out.
  private static func ownsItsLines(_ item: Int, in syntax: FlatSyntax) -> Bool {
    let entries = syntax.entries
    var before = item - 1
    while before > 0, !entries[before].kind.isToken { before -= 1 }
    if before > 0, !syntax.hasLineBreak(entries[before].end, entries[item].start) { return false }
    var after = entries[item].next
    while after < entries.count, !entries[after].kind.isToken { after += 1 }
    return after >= entries.count || entries[after].kind.isComment
      || syntax.hasLineBreak(entries[item].end, entries[after].start)
  }
}
