import NeuralModel
import NeuralSyntax

/// A place where something that has a name is given or read.
public struct SymbolUse: Sendable, Equatable {
  public var range: Range<Int>
  /// The name is given here.
  public var isDeclaration: Bool

  /// All places of what is named at `offset`, in the order of the text; its end counts as inside.
  /// Empty where no name of the file or the catalogue stands.
  public static func all(
    at offset: Int, of analysis: Analysis, names: NameTable
  ) -> [SymbolUse] {
    guard let found = names.occurrence(at: offset, in: analysis.document.tree) else { return [] }
    return names.uses(of: found.symbol, in: analysis.document.tree)
  }
}

extension NameTable {
  /// The name that stands at an offset, or ends there.
  func occurrence(at offset: Int, in tree: SyntaxTree) -> Occurrence? {
    for token in [tree.token(at: offset), tree.token(before: offset)].compactMap({ $0 })
    where token.range.lowerBound <= offset && offset <= token.range.upperBound {
      if let found = occurrence(at: token.sourceRange) { return found }
    }
    return nil
  }

  func uses(of symbol: Int, in tree: SyntaxTree) -> [SymbolUse] {
    occurrences.filter { $0.symbol == symbol }.map {
      SymbolUse(range: tree.range(of: $0.range), isDeclaration: $0.isDeclaration)
    }.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}
