import NeuralSchema
import NeuralSyntax

/// A definition that can be called, with where it stands.
public struct Definition: Sendable {
  /// Its name and parameters in the form that arguments are bound to.
  public var schema: LayerSchema
  public var declaration: DefinitionDeclaration
  public var file: FileID
}

/// The declarations that a file can name.
struct DeclarationTable: Sendable {
  var definitions: [Definition] = []
  var definitionsByName: [String: Int] = [:]
  /// The names of definitions and layers, in the order of declaration.
  private(set) var names: [String] = []
  var networks: [String: (file: FileID, declaration: NetworkDeclaration)] = [:]
  var layers: [String: LayerSchema] = [:]
  /// The layers in the order in which they are declared.
  private(set) var orderedLayers: [LayerSchema] = []

  /// Collects the declarations of a file; a name that is met again is an error.
  init(_ source: SourceFile, file: FileID, findings: inout Findings) {
    var places: [String: SourceRange] = [:]
    for declaration in source.declarations {
      let name: Name?
      switch declaration {
      case .definition(let definition): name = definition.name
      case .network(let network): name = network.name
      case .layer(let layer): name = layer.name
      case .research(let research): name = research.name
      case .import(let declaration):
        findings.add(
          Finding(
            .importNotFound,
            "this version does not read imports yet; put the declarations of "
              + "\(Value.quoted(declaration.path)) into this file",
            Location(file, declaration.pathRange)))
        continue
      }
      guard let name, !name.text.isEmpty else { continue }
      if let first = places[name.text] {
        findings.add(
          Finding(
            .duplicateName, "`\(name.text)` is declared twice in this file",
            Location(file, name.range)
          ).relating("the first declaration", Location(file, first)))
        continue
      }
      places[name.text] = name.range
      switch declaration {
      case .definition(let definition):
        definitionsByName[name.text] = definitions.count
        names.append(name.text)
        let schema = LayerSchema(definition: definition) { error in
          findings.add(Finding(error.code, error.message, Location(file, error.range)))
        }
        DeclarationTable.checkDefaults(definition.parameters, file, &findings)
        definitions.append(Definition(schema: schema, declaration: definition, file: file))
      case .network(let network): networks[name.text] = (file, network)
      case .layer(let layer):
        let schema = LayerSchema(layer) { error in
          findings.add(Finding(error.code, error.message, Location(file, error.range)))
        }
        DeclarationTable.checkDefaults(layer.parameters, file, &findings)
        layers[name.text] = schema
        names.append(name.text)
        orderedLayers.append(schema)
      case .research, .import: break
      }
    }
  }

  /// A default can name the parameters before it and nothing else.
  private static func checkDefaults(
    _ parameters: [Parameter], _ file: FileID, _ findings: inout Findings
  ) {
    var earlier: Set<String> = []
    for parameter in parameters {
      var unknown: String?
      parameter.defaultValue?.forEachName { if !earlier.contains($0) { unknown = unknown ?? $0 } }
      if let unknown, let expression = parameter.defaultValue {
        let near = nearest(to: unknown, among: earlier.sorted())
        var finding = Finding(
          .undefinedName,
          "a default can use the parameters before it; `\(unknown)` is none of them"
            + (near.map { ", did you mean `\($0)`?" } ?? ""), Location(file, expression.range))
        if case .name = expression.kind { finding = finding.replacing(with: near) }
        findings.add(finding)
      }
      earlier.insert(parameter.name.text)
    }
  }
}
