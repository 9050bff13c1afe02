import CCatalogue
import NeuralSyntax

/// A file of Schemas/layers as it was compiled in.
public struct CatalogueFile: Sendable {
  public var name: String
  public var tree: SyntaxTree
  public var source: SourceFile
}

/// Everything that is declared: layers, and the activations, losses, optimizers and the like that
/// stand beside them. Immutable; one for the whole program.
public final class Catalogue: Sendable {
  public let files: [CatalogueFile]
  /// In the order of declaration.
  public let declarations: [LayerSchema]
  /// Mistakes in the declarations themselves; a test keeps this empty for the built-in files.
  public let findings: [(file: Int, error: EvaluationError)]

  private let layersByName: [String: LayerSchema]
  private let layersByFoldedName: [String: LayerSchema]
  private let othersByName: [String: [String: LayerSchema]]
  /// PyTorch's signatures, by their names without `nn.`.
  private let translations: [String: LayerSchema]
  /// The layers that users declare, by the file that can name them and by name.
  private let userLayers: [FileID: [String: LayerSchema]]
  /// Layers without arguments that bring a value into another rank (`traits: bridge`).
  public let bridges: [LayerSchema]

  /// A layer found by a name, and how the name was written.
  public struct Match: Sendable {
    public var schema: LayerSchema
    public var spelling: Spelling
  }

  public enum Spelling: Sendable {
    case declared
    /// Another accepted name, such as an older Keras one.
    case alias
    /// A name of an earlier version of the language.
    case oldName
    /// The declared name or an alias in other case.
    case otherCase
    /// Another framework's signature, which stands for a declared layer.
    case translated
  }

  public init(files sources: [(name: String, text: [UInt8])]) {
    var files: [CatalogueFile] = []
    var declarations: [LayerSchema] = []
    var findings: [(file: Int, error: EvaluationError)] = []
    for (index, source) in sources.enumerated() {
      let tree = SyntaxTree.parse(source.text)
      let file = tree.sourceFile
      files.append(CatalogueFile(name: source.name, tree: tree, source: file))
      for error in tree.errors {
        findings.append((index, EvaluationError(.syntaxError, error.message, error.range)))
      }
      for case .layer(let declaration) in file.declarations {
        declarations.append(
          LayerSchema(declaration, file: FileID(catalogueFile: index)) {
            findings.append((index, $0))
          })
      }
    }
    var layers: [String: LayerSchema] = [:]
    var folded: [String: LayerSchema] = [:]
    var others: [String: [String: LayerSchema]] = [:]
    var translations: [String: LayerSchema] = [:]
    for schema in declarations {
      if schema.isTranslation {
        translations[schema.name] = schema
        continue
      }
      for name in [schema.name] + schema.aliases + schema.oldNames {
        if schema.keyword == "layer" {
          if let other = layers[name], other !== schema {
            findings.append(
              (
                schema.file.catalogueFile ?? 0,
                EvaluationError(
                  .duplicateName, "`\(name)` is declared by `\(other.name)` already",
                  schema.nameRange)
              ))
          }
          layers[name] = schema
          if folded[name.lowercased()] == nil { folded[name.lowercased()] = schema }
        } else {
          others[schema.keyword, default: [:]][name.lowercased()] = schema
          others[schema.keyword, default: [:]][snakeCase(name)] = schema
        }
      }
    }
    self.files = files
    self.declarations = declarations
    self.translations = translations
    bridges = declarations.filter { $0.keyword == "layer" && $0.traits.contains("bridge") }
    self.findings = findings
    layersByName = layers
    layersByFoldedName = folded
    othersByName = others
    userLayers = [:]
  }

  private init(_ base: Catalogue, userLayers: [FileID: [String: LayerSchema]]) {
    files = base.files
    declarations = base.declarations
    findings = base.findings
    translations = base.translations
    bridges = base.bridges
    layersByName = base.layersByName
    layersByFoldedName = base.layersByFoldedName
    othersByName = base.othersByName
    self.userLayers = userLayers
  }

  /// The same with the layers that users declare, by the file that can name them and by name.
  public func adding(_ layers: [FileID: [String: LayerSchema]]) -> Catalogue {
    layers.isEmpty ? self : Catalogue(self, userLayers: layers)
  }

  /// The catalogue that is compiled into the program.
  public static let builtin: Catalogue = {
    var count = 0
    let embedded = unsafe UnsafeBufferPointer(start: catalogue_files(&count), count: count)
    var sources: [(name: String, text: [UInt8])] = []
    for index in 0..<count {
      let file = unsafe embedded[index]
      let name = unsafe String(cString: file.name)
      sources.append(
        (name, unsafe Array(UnsafeBufferPointer(start: file.bytes, count: file.count))))
    }
    return Catalogue(files: sources)
  }()

  public var layers: [LayerSchema] {
    declarations.filter { $0.keyword == "layer" && !$0.isTranslation }
  }

  /// Keywords of declarations that are called in expressions, beside layers.
  public static let calledKeywords = [
    "activation", "schedule", "optimizer", "loss", "metric", "initializer", "regularizer",
    "constraint",
  ]

  /// The layer of this name: names match in any case, the declared spelling first. PyTorch's own
  /// spellings, such as `Conv2d`, and its prefix mean its signatures.
  public func layer(named name: String) -> Match? {
    for prefix in ["nn.", "torch.nn."] where name.utf8.contains(0x2E) && name.hasPrefix(prefix) {
      return translations[String(name.dropFirst(prefix.count))].map {
        Match(schema: $0, spelling: .translated)
      }
    }
    if let schema = layersByName[name] {
      let spelling: Spelling =
        schema.name == name ? .declared : schema.oldNames.contains(name) ? .oldName : .alias
      return Match(schema: schema, spelling: spelling)
    }
    if let schema = translations[name] { return Match(schema: schema, spelling: .translated) }
    if let schema = layersByFoldedName[name.lowercased()] {
      return Match(schema: schema, spelling: .otherCase)
    }
    return nil
  }

  /// The layers that users declare and that a file can name.
  public func layers(in file: FileID) -> [String: LayerSchema] { userLayers[file] ?? [:] }

  /// The layer that a name means in a file: its own and imported ones come first.
  public func layer(named name: String, in file: FileID) -> Match? {
    if let schema = userLayers[file]?[name] {
      return Match(schema: schema, spelling: schema.name == name ? .declared : .alias)
    }
    if let match = layer(named: name) { return match }
    let folded = name.lowercased()
    let alike = userLayers[file]?.values.filter { $0.name.lowercased() == folded } ?? []
    return alike.min { $0.name < $1.name }.map { Match(schema: $0, spelling: .otherCase) }
  }

  /// The declared name nearest to one that is unknown.
  public func nearestLayer(to name: String) -> String? {
    if name.hasPrefix("nn.") {
      return nearest(to: String(name.dropFirst(3)), among: translations.keys).map { "nn.\($0)" }
    }
    return nearest(to: name, among: layersByName.keys).map { layersByName[$0]?.name ?? $0 }
  }

  /// An activation, optimizer or the like, by name in any case, in snake case or as a class.
  public func declared(_ keyword: String, _ name: String) -> LayerSchema? {
    let known = othersByName[keyword]
    return known?[name.lowercased()] ?? known?[snakeCase(name)]
  }

  /// The names of all declarations with this keyword.
  public func names(of keyword: String) -> [String] {
    declarations.filter { $0.keyword == keyword }.map(\.name)
  }
}
