import NeuralModel
import NeuralSchema

/// What a file and the catalogue declare, by name.
struct DeclaredNames: Sendable {
  let catalogue: Catalogue
  private let file: FileID
  /// Those that the file can name, imported ones included, as places in `Analysis.definitions`.
  let definitions: [String: Int]
  private let schemas: [LayerSchema]

  init(_ analysis: Analysis) {
    catalogue = analysis.catalogue
    file = analysis.document.id
    schemas = analysis.definitions.map(\.schema)
    definitions = analysis.definitionsByName
  }

  /// The declaration that a callee names: a definition, a layer, or, where `keyword` or nothing
  /// else is expected, something else that the catalogue declares.
  func schema(named name: String, expecting keyword: String? = nil) -> LayerSchema? {
    if let keyword, let schema = catalogue.declared(keyword, name) { return schema }
    if let definition = definitions[name] { return schemas[definition] }
    if let match = catalogue.layer(named: name, in: file) { return match.schema }
    for keyword in Catalogue.calledKeywords {
      if let schema = catalogue.declared(keyword, name) { return schema }
    }
    return nil
  }

  /// What another file declares under a name that this one can use.
  func imported(_ name: String) -> LayerSchema? {
    let schema = definitions[name].map { schemas[$0] } ?? catalogue.layers(in: file)[name]
    return schema.flatMap { $0.file == file ? nil : $0 }
  }

  /// Whether a bare name in a flow is a layer or definition rather than a value (language.md,
  /// section 4).
  func isStepName(_ name: String) -> Bool {
    guard let first = name.utf8.first, (65...90).contains(first) else { return false }
    if definitions[name] != nil { return true }
    return catalogue.layer(named: name, in: file).map { $0.spelling != .otherCase } ?? false
  }
}
