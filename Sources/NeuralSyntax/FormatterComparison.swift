extension SyntaxTree {
  /// In what two texts differ besides their layout: in words, at the first place; absent where they
  /// are the same. Layout is blanks and line breaks, the comma before a closing bracket, the quotes
  /// of a string and blanks at the end of a comment.
  public func layoutDifference(from other: SyntaxTree) -> String? {
    let (left, right) = (FlatSyntax(self), FlatSyntax(other))
    var (i, j) = (0, 0)
    while true {
      while left.isTrailingComma(i) { i += 1 }
      while right.isTrailingComma(j) { j += 1 }
      guard i < left.entries.count, j < right.entries.count else { break }
      let (a, b) = (left.entries[i], right.entries[j])
      if a.kind != b.kind || a.depth != b.depth {
        return
          "byte \(a.start) is a \(a.kind) in \(a.depth) nodes, and became a \(b.kind) in \(b.depth)"
      }
      if a.kind.isToken, !left.isSameToken(i, right, j) {
        return "byte \(a.start) is \(left.string(i)), and became \(right.string(j))"
      }
      i += 1
      j += 1
    }
    if i < left.entries.count { return "byte \(left.entries[i].start) is gone" }
    if j < right.entries.count { return "byte \(right.entries[j].start) came from nowhere" }
    let (before, after) = (errors, other.errors)
    if before.map(\.code) != after.map(\.code) || before.map(\.message) != after.map(\.message) {
      return "there were \(before.count) errors, and now there are \(after.count) or others"
    }
    return nil
  }
}

extension FlatSyntax {
  /// Whether an entry is a comma behind the last value in brackets.
  fileprivate func isTrailingComma(_ entry: Int) -> Bool {
    guard entries.indices.contains(entry), entries[entry].kind == .comma else { return false }
    var next = entry + 1
    while entries.indices.contains(next), entries[next].kind.isComment { next += 1 }
    guard entries.indices.contains(next), entries[next].depth == entries[entry].depth else {
      return false
    }
    return entries[next].kind == .rightParen || entries[next].kind == .rightBracket
  }

  fileprivate func string(_ entry: Int) -> String { String(decoding: bytes(entry), as: UTF8.self) }

  fileprivate func isSameToken(_ entry: Int, _ other: FlatSyntax, _ otherEntry: Int) -> Bool {
    let (left, right) = (bytes(entry), other.bytes(otherEntry))
    if left.elementsEqual(right) { return true }
    switch entries[entry].kind {
    case .string: return FlatSyntax.value(left) == FlatSyntax.value(right)
    case .comment, .documentation:
      return FlatSyntax.trimmed(left).elementsEqual(FlatSyntax.trimmed(right))
    default: return false
    }
  }

  /// What stands between the quotes, without the escapes that a quote needs in one of the two styles.
  private static func value(_ string: ArraySlice<UInt8>) -> [UInt8] {
    var value: [UInt8] = []
    var isEscaped = false
    for byte in string.dropFirst().dropLast() {
      if isEscaped, byte == 0x22 || byte == 0x27 { value.removeLast() }
      value.append(byte)
      isEscaped = !isEscaped && byte == 0x5C
    }
    return value
  }

  private static func trimmed(_ comment: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var comment = comment
    while let last = comment.last, Lexer.isBlank(last) { comment.removeLast() }
    return comment
  }
}
