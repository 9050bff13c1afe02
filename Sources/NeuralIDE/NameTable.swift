import NeuralModel
import NeuralSyntax

/// What the names of a file mean: everything that has one, and each place where it is written.
public struct NameTable: Sendable {
  struct Symbol: Sendable {
    enum Kind: Sendable, Equatable {
      case network, definition, layer
      /// It was to come from another file, which has none of this name.
      case imported
      /// Of the catalogue: a layer, or what another keyword declares.
      case builtin(keyword: String)
      /// Of the language.
      case function
      case parameter
      /// The input of a network, a definition or a layer.
      case input
      /// A size that an input names.
      case dimension
      /// A value that a flow gives.
      case target
      case constant
      /// A layer that a `let` names.
      case instance
      case loopVariable
      case weight
    }

    var name: String
    var kind: Kind
    /// Where it is declared, if that is not in this file.
    var origin: Location?
  }

  struct Occurrence: Sendable {
    var range: SourceRange
    /// Its place in `symbols`.
    var symbol: Int
    /// The name is given here.
    var isDeclaration: Bool
  }

  private(set) var symbols: [Symbol] = []
  /// In the order in which the declarations are read, which is not always that of the text.
  private(set) var occurrences: [Occurrence] = []
  private var places: [Place: Int] = [:]
  /// For each symbol that is given its name here, where that is first.
  private(set) var declarations: [Int: SourceRange] = [:]

  private struct Place: Hashable {
    var chunk: UInt64
    var offset: UInt32
    init(_ range: SourceRange) { (chunk, offset) = (range.startChunk, range.start) }
  }

  public init(_ analysis: Analysis) {
    var reader = NameReader(DeclaredNames(analysis))
    reader.read(analysis.document.source)
    self = reader.table
  }

  init() {}

  /// What is written at the start of a range.
  func occurrence(at range: SourceRange) -> Occurrence? {
    places[Place(range)].map { occurrences[$0] }
  }

  mutating func add(_ symbol: Symbol) -> Int {
    symbols.append(symbol)
    return symbols.count - 1
  }

  mutating func setOrigin(of symbol: Int, _ origin: Location) { symbols[symbol].origin = origin }

  /// A name at a place; the first reading counts.
  mutating func add(_ symbol: Int, at range: SourceRange, isDeclaration: Bool = false) {
    let place = Place(range)
    if places[place] != nil { return }
    places[place] = occurrences.count
    if isDeclaration, declarations[symbol] == nil { declarations[symbol] = range }
    occurrences.append(Occurrence(range: range, symbol: symbol, isDeclaration: isDeclaration))
  }
}
