import NeuralModel
import NeuralSyntax

/// A declaration of some file that was looked for by its name.
public struct WorkspaceSymbol: Sendable, Equatable {
  public var name: String
  public var kind: DocumentSymbol.Kind
  public var file: FileID
  /// The name.
  public var range: Range<Int>
  /// How well it fits: less is better.
  public var rank: Int

  /// The declarations of a file whose names have the letters of `query` in their order, in any
  /// case; all of them for an empty one.
  public static func all(in document: Document, matching query: String) -> [WorkspaceSymbol] {
    document.source.declarations.compactMap { declaration in
      let (name, kind): (Name?, DocumentSymbol.Kind) =
        switch declaration {
        case .network(let network): (network.name, .network)
        case .definition(let definition): (definition.name, .definition)
        case .layer(let layer): (layer.name, .layerDeclaration)
        case .research(let research): (research.name, .research)
        case .import: (nil, .research)
        }
      guard let name, !name.text.isEmpty, let rank = rank(name.text, query) else { return nil }
      return WorkspaceSymbol(
        name: name.text, kind: kind, file: document.id, range: document.tree.range(of: name.range),
        rank: rank)
    }
  }

  /// 0 for the name itself, 1 for its beginning, 2 for a part, 3 for letters here and there.
  static func rank(_ name: String, _ query: String) -> Int? {
    let (name, query) = (Array(name.lowercased().utf8), Array(query.lowercased().utf8))
    if name == query { return 0 }
    if name.starts(with: query) { return 1 }
    if name.indices.contains(where: { name[$0...].starts(with: query) }) { return 2 }
    var rest = query[...]
    for byte in name where byte == rest.first { rest.removeFirst() }
    return rest.isEmpty ? 3 : nil
  }
}
