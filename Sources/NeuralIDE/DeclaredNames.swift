import NeuralModel
import NeuralSchema

/// What a file and the catalogue declare, by name.
struct DeclaredNames: Sendable {
  let catalogue: Catalogue
  /// Places in `Analysis.definitions`.
  let definitions: [String: Int]
  private let schemas: [LayerSchema]
  private let layers: [String: LayerSchema]

  init(_ analysis: Analysis) {
    catalogue = analysis.catalogue
    schemas = analysis.definitions.map(\.schema)
    definitions = Dictionary(
      schemas.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    layers = Dictionary(
      analysis.layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The declaration that a callee names: a definition, a layer, or, where `keyword` or nothing
  /// else is expected, something else that the catalogue declares.
  func schema(named name: String, expecting keyword: String? = nil) -> LayerSchema? {
    if let keyword, let schema = catalogue.declared(keyword, name) { return schema }
    if let definition = definitions[name] { return schemas[definition] }
    if let layer = layers[name] { return layer }
    if let match = catalogue.layer(named: name) { return match.schema }
    for keyword in Catalogue.calledKeywords {
      if let schema = catalogue.declared(keyword, name) { return schema }
    }
    return nil
  }

  /// Whether a bare name in a flow is a layer or definition rather than a value (language.md,
  /// section 4).
  func isStepName(_ name: String) -> Bool {
    guard let first = name.utf8.first, (65...90).contains(first) else { return false }
    if definitions[name] != nil || layers[name] != nil { return true }
    return catalogue.layer(named: name).map { $0.spelling != .otherCase } ?? false
  }
}
