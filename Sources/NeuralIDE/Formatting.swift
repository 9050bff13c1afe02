import NeuralSyntax

/// What of a document is to be laid out (Docs/formatting.md).
public enum Formatting: Sendable, Equatable {
  case document
  /// The lines that a range touches.
  case lines(Range<Int>)
  /// The line on which something was just typed, which ends at this byte.
  case typed(at: Int)

  public func edits(of tree: SyntaxTree) -> [FormattingEdit] {
    switch self {
    case .document: tree.formattingEdits()
    case .lines(let range): tree.formattingEdits(in: range)
    case .typed(let offset): tree.indentationEdits(typedAt: offset)
    }
  }
}
