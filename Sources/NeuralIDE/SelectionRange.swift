import NeuralSyntax

/// What a selection at a place grows to.
public enum SelectionRange {
  /// The ranges around `offset`, each inside of the next: the token, the nodes that hold it, the
  /// file.
  public static func all(at offset: Int, in tree: SyntaxTree) -> [Range<Int>] {
    let offset = min(max(offset, 0), tree.byteCount)
    var ranges: [Range<Int>] = []
    func add(_ range: Range<Int>) {
      guard range.lowerBound <= offset, offset <= range.upperBound, ranges.last != range else {
        return
      }
      if let last = ranges.last,
        !(range.lowerBound <= last.lowerBound && last.upperBound <= range.upperBound)
      {
        return
      }
      ranges.append(range)
    }
    let before = tree.token(before: offset).flatMap { $0.range.upperBound == offset ? $0 : nil }
    // At the end of a word that is what is meant, not the sign behind it.
    let token = tree.token(at: offset).flatMap { token in
      token.kind.isWord || !(before?.kind.isWord ?? false) ? token : nil
    }
    if let token = token ?? before {
      add(token.range)
      for node in token.ancestors { add(node.range) }
    } else {
      var node = tree.node(at: offset)
      while node.kind != .sourceFile {
        add(node.range)
        guard let parent = node.parent else { break }
        node = parent
      }
    }
    add(0..<tree.byteCount)
    return ranges
  }
}

extension SyntaxKind {
  /// A name, a keyword or a literal.
  fileprivate var isWord: Bool {
    switch self {
    case .name, .keyword, .dtype, .integer, .float, .string, .boolean, .noneLiteral: true
    default: false
    }
  }
}
