import NeuralModel
import NeuralSchema
import NeuralSyntax

/// What has a name, whichever file uses it: known by the place where it is declared.
public struct SymbolIdentity: Hashable, Sendable {
  public var file: FileID
  private var chunk: UInt64
  private var offset: UInt32

  init(_ location: Location) {
    file = location.file
    // The place of a parameter begins with its name, and goes on.
    (chunk, offset) = (location.range.startChunk, location.range.start)
  }

  /// Whether the program declares it and no file of the user does.
  public var isBuiltin: Bool { file.catalogueFile != nil }
}

/// A place in a file, of the workspace or of the catalogue.
public struct SymbolPlace: Hashable, Sendable {
  public var file: FileID
  public var range: Range<Int>
  public var isDeclaration: Bool

  public init(file: FileID, range: Range<Int>, isDeclaration: Bool) {
    self.file = file
    self.range = range
    self.isDeclaration = isDeclaration
  }
}

extension NameTable {
  /// What the name at an offset stands for; absent where none is, or nothing declares it.
  public func identity(at offset: Int, in document: Document) -> SymbolIdentity? {
    occurrence(at: offset, in: document.tree).flatMap {
      identity(of: $0.symbol, in: document.id)
    }
  }

  func identity(of symbol: Int, in file: FileID) -> SymbolIdentity? {
    if let origin = symbols[symbol].origin { return SymbolIdentity(origin) }
    return declarations[symbol].map { SymbolIdentity(Location(file, $0)) }
  }

  /// The places of a file where something is named, in the order of the text.
  public func places(of identity: SymbolIdentity, in document: Document) -> [SymbolPlace] {
    let meant = Set(
      symbols.indices.filter { self.identity(of: $0, in: document.id) == identity })
    return occurrences.filter { meant.contains($0.symbol) }.map {
      // An import gives a name only to this file.
      SymbolPlace(
        file: document.id, range: document.tree.range(of: $0.range),
        isDeclaration: $0.isDeclaration && identity.file == document.id)
    }.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// Where the name at an offset is declared.
  public static func definitions(
    at offset: Int, of analysis: Analysis, names: NameTable
  ) -> [SymbolPlace] {
    let document = analysis.document
    guard let found = names.occurrence(at: offset, in: document.tree) else { return [] }
    let symbol = names.symbols[found.symbol]
    if let origin = symbol.origin {
      return analysis.place(origin).map { [$0] } ?? []
    }
    return names.uses(of: found.symbol, in: document.tree).filter(\.isDeclaration).map {
      SymbolPlace(file: document.id, range: $0.range, isDeclaration: true)
    }
  }

  /// Where this file says what the name at an offset is: for what is imported by its name, the
  /// import.
  public static func declarations(
    at offset: Int, of analysis: Analysis, names: NameTable
  ) -> [SymbolPlace] {
    let document = analysis.document
    guard let found = names.occurrence(at: offset, in: document.tree) else { return [] }
    let here = names.uses(of: found.symbol, in: document.tree).filter(\.isDeclaration).map {
      SymbolPlace(file: document.id, range: $0.range, isDeclaration: true)
    }
    return here.isEmpty ? definitions(at: offset, of: analysis, names: names) : here
  }
}

extension Analysis {
  /// The bytes of a name whose place begins with it.
  func place(_ location: Location) -> SymbolPlace? {
    let tree: SyntaxTree
    if let index = location.file.catalogueFile {
      guard catalogue.files.indices.contains(index) else { return nil }
      tree = catalogue.files[index].tree
    } else {
      guard let document = document(location.file) else { return nil }
      tree = document.tree
    }
    let start = tree.range(of: location.range).lowerBound
    guard let name = tree.token(at: start) else { return nil }
    return SymbolPlace(file: location.file, range: name.range, isDeclaration: true)
  }
}
