import NeuralModel
import NeuralSyntax

/// Another name for what stands at a place.
public enum Rename {
  /// Why a name cannot be changed, or not to that one.
  public struct Refusal: Error, Sendable, Equatable {
    public var message: String
    public init(_ message: String) { self.message = message }
  }

  /// The name that can be changed at `offset`.
  public static func name(
    at offset: Int, of analysis: Analysis, names: NameTable
  ) throws(Refusal) -> Range<Int> {
    try uses(at: offset, of: analysis, names: names).name
  }

  /// The edits that write `newName` wherever the name at `offset` stands.
  ///
  /// A name that would then mean something else, there or elsewhere, is refused.
  public static func edits(
    at offset: Int, to newName: String, of analysis: Analysis, names: NameTable
  ) throws(Refusal) -> [TextEdit] {
    let (name, places) = try uses(at: offset, of: analysis, names: names)
    guard isName(newName) else {
      throw Refusal(
        "`\(newName)` is no name: letters, digits and _, and no digit at the start.")
    }
    let tree = analysis.document.tree
    if Array(newName.utf8) == tree.text(in: name) { return [] }
    let edits = places.map {
      TextEdit(file: analysis.document.id, range: $0, text: newName)
    }
    var text = tree.text
    for edit in edits.reversed() { text.replaceSubrange(edit.range, with: newName.utf8) }
    let changed = Analysis(
      Document(id: analysis.document.id, path: analysis.document.path, text: text),
      catalogue: analysis.catalogue)
    let longer = newName.utf8.count - name.count
    guard
      meanings(of: names, in: tree, movedBy: longer, behind: places)
        == meanings(of: NameTable(changed), in: changed.document.tree, movedBy: 0, behind: [])
    else {
      throw Refusal("`\(newName)` already means something where this name stands.")
    }
    return edits
  }

  /// The name at an offset, and all places where the same thing is written in the same way.
  private static func uses(
    at offset: Int, of analysis: Analysis, names: NameTable
  ) throws(Refusal) -> (name: Range<Int>, places: [Range<Int>]) {
    let tree = analysis.document.tree
    guard let found = names.occurrence(at: offset, in: tree) else {
      throw Refusal("Nothing here has a name that could be changed.")
    }
    let symbol = names.symbols[found.symbol]
    let uses = names.uses(of: found.symbol, in: tree)
    guard uses.contains(where: \.isDeclaration), symbol.kind != .imported else {
      throw Refusal("`\(symbol.name)` is not named in this file.")
    }
    let name = tree.range(of: found.range)
    let spelling = tree.text(in: name)
    return (name, uses.map(\.range).filter { tree.text(in: $0) == spelling })
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    let isWord = text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F
    }
    return isWord && !["true", "false", "none"].contains(text.lowercased())
  }

  private struct Meaning: Equatable {
    var place: Int
    /// The first place of the same thing.
    var first: Int
    var kind: NameTable.Symbol.Kind
    var isDeclaration: Bool
  }

  /// Which names mean the same, without what they are called.
  private static func meanings(
    of names: NameTable, in tree: SyntaxTree, movedBy amount: Int, behind places: [Range<Int>]
  ) -> [Meaning] {
    var first: [Int: Int] = [:]
    var moved = places[...]
    var distance = 0
    return names.occurrences
      .map { (occurrence: $0, start: tree.range(of: $0.range).lowerBound) }
      .sorted { $0.start < $1.start }
      .map { occurrence, start in
        while let place = moved.first, place.lowerBound < start {
          moved.removeFirst()
          distance += amount
        }
        let place = start + distance
        let earliest = first[occurrence.symbol, default: place]
        first[occurrence.symbol] = earliest
        return Meaning(
          place: place, first: earliest, kind: names.symbols[occurrence.symbol].kind,
          isDeclaration: occurrence.isDeclaration)
      }
  }
}
