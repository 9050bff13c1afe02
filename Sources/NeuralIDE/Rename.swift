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

  /// The edits that write `newName` wherever the name at `offset` stands: in the file, and in the
  /// `others`, which are those that can name the same thing.
  ///
  /// A name that would then mean something else, there or elsewhere, is refused. `imports` finds
  /// files as they are now.
  public static func edits(
    at offset: Int, to newName: String, of analysis: Analysis, names: NameTable,
    others: [(analysis: Analysis, names: NameTable)] = [],
    imports: any ImportSource = NoImports()
  ) throws(Refusal) -> [TextEdit] {
    let (name, identity) = try uses(at: offset, of: analysis, names: names)
    guard isName(newName) else {
      throw Refusal(
        "`\(newName)` is no name: letters, digits and _, and no digit at the start.")
    }
    let spelling = analysis.document.tree.text(in: name)
    if Array(newName.utf8) == spelling { return [] }
    var edits: [TextEdit] = []
    var changed = Overlay(base: imports)
    for file in [(analysis, names)] + others {
      let document = file.0.document
      // The same thing may have aliases, which stay.
      let own = file.1.places(of: identity, in: document).map(\.range)
        .filter { document.tree.text(in: $0) == spelling }
        .map { TextEdit(file: document.id, range: $0, text: newName) }
      edits += own
      if !own.isEmpty { changed.put(document, text: FixAll.apply(own, to: document.tree.text)) }
    }
    for file in [(analysis, names)] + others {
      let document = file.0.document
      let new = changed.document(of: document)
      let newNames = NameTable(Analysis(new, imports: changed))
      let places = edits.filter { $0.file == document.id }.map(\.range)
      guard
        meanings(
          of: file.1, in: document.tree, movedBy: newName.utf8.count - name.count, behind: places)
          == meanings(of: newNames, in: new.tree, movedBy: 0, behind: [])
      else {
        let place =
          document.id == analysis.document.id
          ? ""
          : " in " + ImportPath.relative(document.path, to: analysis.document.path)
        throw Refusal("`\(newName)` already means something where this name stands\(place).")
      }
    }
    return edits
  }

  /// The files with their new names, before those that are imported now.
  private struct Overlay: ImportSource {
    let base: any ImportSource
    private var changed: [String: Document] = [:]

    init(base: any ImportSource) { self.base = base }

    mutating func put(_ document: Document, text: [UInt8]) {
      changed[ImportPath.normalized(document.path)] = Document(
        id: document.id, path: document.path, text: text)
    }

    func document(of old: Document) -> Document {
      changed[ImportPath.normalized(old.path)] ?? old
    }

    func document(at path: String) -> Document? { changed[path] ?? base.document(at: path) }
    func files(near path: String) -> [String] { base.files(near: path) }
  }

  /// The name at an offset, and what it stands for.
  private static func uses(
    at offset: Int, of analysis: Analysis, names: NameTable
  ) throws(Refusal) -> (name: Range<Int>, identity: SymbolIdentity) {
    let tree = analysis.document.tree
    guard let found = names.occurrence(at: offset, in: tree) else {
      throw Refusal("Nothing here has a name that could be changed.")
    }
    let symbol = names.symbols[found.symbol]
    guard let identity = names.identity(of: found.symbol, in: analysis.document.id),
      symbol.kind != .imported
    else { throw Refusal("`\(symbol.name)` is declared nowhere.") }
    if identity.isBuiltin {
      throw Refusal("`\(symbol.name)` is declared by the program and cannot have another name.")
    }
    return (tree.range(of: found.range), identity)
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
    /// The file that declares it, where that is another one.
    var file: FileID?
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
          isDeclaration: occurrence.isDeclaration,
          file: names.symbols[occurrence.symbol].origin?.file)
      }
  }
}
