import NeuralModel
import NeuralSchema
import NeuralSyntax

/// A definition, network or layer that users declare, as an entry of a call hierarchy.
public struct CallItem: Sendable, Equatable {
  public var name: String
  public var kind: DocumentSymbol.Kind
  public var file: FileID
  public var range: Range<Int>
  /// The name itself.
  public var selection: Range<Int>
}

/// The calls between two declarations.
public struct CallEdge: Sendable, Equatable {
  /// What calls, or what is called.
  public var item: CallItem
  /// Where the caller does it.
  public var places: [Range<Int>]

  public init(item: CallItem, places: [Range<Int>]) {
    self.item = item
    self.places = places
  }
}

extension CallItem {
  init?(_ declaration: Declaration, in document: Document) {
    let (name, kind): (Name, DocumentSymbol.Kind)
    switch declaration {
    case .network(let network): (name, kind) = (network.name, .network)
    case .definition(let definition): (name, kind) = (definition.name, .definition)
    case .layer(let layer): (name, kind) = (layer.name, .layerDeclaration)
    case .import, .research: return nil
    }
    if name.text.isEmpty { return nil }
    self.name = name.text
    self.kind = kind
    file = document.id
    range = document.tree.range(of: declaration.range)
    selection = document.tree.range(of: name.range)
  }

  /// The declaration of a file whose name stands at a place.
  public static func declared(at place: SymbolPlace, in document: Document) -> CallItem? {
    document.source.declarations.lazy.compactMap { CallItem($0, in: document) }
      .first { $0.selection == place.range }
  }

  /// The declarations of a file that call what is meant, with the places.
  public static func callers(
    of identity: SymbolIdentity, in document: Document, names: NameTable
  ) -> [CallEdge] {
    let places = names.places(of: identity, in: document).filter { !$0.isDeclaration }.map(\.range)
    return document.source.declarations.compactMap { declaration in
      guard let item = CallItem(declaration, in: document) else { return nil }
      let inside = places.filter { item.range.contains($0.lowerBound) }
      return inside.isEmpty ? nil : CallEdge(item: item, places: inside)
    }
  }

  /// What a declaration of a file calls of what users declare: where each is declared, and the
  /// places of the calls.
  public func callees(
    of analysis: Analysis, names: NameTable
  ) -> [(declaration: SymbolPlace, places: [Range<Int>])] {
    let document = analysis.document
    var calls: [(declaration: SymbolPlace, places: [Range<Int>])] = []
    let inside = names.occurrences.map {
      (symbol: $0.symbol, range: document.tree.range(of: $0.range))
    }
    .filter { range.contains($0.range.lowerBound) && $0.range != selection }
    .sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (symbol, place) in inside {
      switch names.symbols[symbol].kind {
      case .network, .definition, .layer: break
      default: continue
      }
      guard
        let declaration = NameTable.definitions(
          at: place.lowerBound, of: analysis, names: names
        ).first
      else { continue }
      if let index = calls.firstIndex(where: { $0.declaration == declaration }) {
        calls[index].places.append(place)
      } else {
        calls.append((declaration, [place]))
      }
    }
    return calls
  }
}
