import NeuralSyntax

/// A part of the text that an editor can hide.
public struct FoldingRange: Sendable, Equatable {
  public enum Kind: Sendable {
    case comment, imports
    /// Between brackets: the line of the closing one stays to be seen.
    case brackets
    /// To its end.
    case section
  }

  /// What is hidden: behind an opening bracket or word, up to a closing one or the end.
  public var range: Range<Int>
  public var kind: Kind

  public init(range: Range<Int>, kind: Kind) {
    self.range = range
    self.kind = kind
  }

  /// What spans more than a line, in the order in which it begins.
  public static func all(of tree: SyntaxTree) -> [FoldingRange] {
    var finder = FoldFinder()
    tree.walk(0..<tree.byteCount, &finder)
    finder.finish()
    var lines = PositionCursor(tree, in: .utf8)
    // A cursor only moves on: the starts first, then the ends.
    let starts = finder.found.sorted {
      ($0.range.lowerBound, $1.range.upperBound) < ($1.range.lowerBound, $0.range.upperBound)
    }
    let first = starts.map { lines.position(at: $0.range.lowerBound).line }
    var ends = PositionCursor(tree, in: .utf8)
    var last = [Int](repeating: 0, count: starts.count)
    for index in starts.indices.sorted(by: {
      starts[$0].range.upperBound < starts[$1].range.upperBound
    }) {
      last[index] = ends.position(at: starts[index].range.upperBound).line
    }
    return starts.indices.filter { first[$0] < last[$0] }.map { starts[$0] }
  }
}

private struct FoldFinder: SyntaxVisitor {
  var found: [FoldingRange] = []
  /// The ends of the opening brackets that wait for theirs.
  private var brackets: [Int] = []
  /// Sections that are open: how deep, and where their word ends; absent once braces hold the rest.
  private var sections: [(depth: Int, start: Int?, isBegun: Bool)] = []
  private var depth = 0
  private var end = 0
  /// A run of comments or imports.
  private var run: (range: Range<Int>, kind: FoldingRange.Kind)?
  private var importDepth: Int?

  mutating func open(_ kind: SyntaxKind) {
    depth += 1
    if kind == .section { sections.append((depth, nil, false)) }
    if kind == .importDeclaration { importDepth = depth } else if importDepth == nil { endRun() }
  }

  mutating func close() {
    if let section = sections.last, section.depth == depth {
      sections.removeLast()
      if let start = section.start, start < end {
        found.append(FoldingRange(range: start..<end, kind: .section))
      }
    }
    if importDepth == depth { importDepth = nil }
    depth -= 1
  }

  mutating func visit(_ token: VisitedToken) {
    if importDepth != nil {
      extend(token, .imports)
    } else if token.kind.isComment {
      extend(token, .comment)
      return
    } else {
      endRun()
    }
    if let section = sections.last, !section.isBegun, token.kind != .colon {
      if section.start == nil {
        sections[sections.count - 1].start = token.range.upperBound
      } else {
        sections[sections.count - 1].isBegun = true
        if token.kind == .leftBrace { sections[sections.count - 1].start = nil }
      }
    }
    switch token.kind {
    case .leftBrace, .leftParen, .leftBracket: brackets.append(token.range.upperBound)
    case .rightBrace, .rightParen, .rightBracket:
      if let start = brackets.popLast(), start <= token.range.lowerBound {
        found.append(FoldingRange(range: start..<token.range.lowerBound, kind: .brackets))
      }
    default: break
    }
    end = token.range.upperBound
  }

  private mutating func extend(_ token: VisitedToken, _ kind: FoldingRange.Kind) {
    if let run, run.kind == kind {
      self.run = (run.range.lowerBound..<token.range.upperBound, kind)
    } else {
      endRun()
      run = (token.range, kind)
    }
  }

  private mutating func endRun() {
    if let run { found.append(FoldingRange(range: run.range, kind: run.kind)) }
    run = nil
  }

  mutating func finish() { endRun() }
}
