import NeuralSchema
import NeuralSyntax

/// A definition, or a network, that can be called, with where it stands.
public struct Definition: Sendable {
  public enum Content: Sendable {
    case block(Block)
    case network(NetworkDeclaration)
  }

  /// Its name and parameters in the form that arguments are bound to.
  public var schema: LayerSchema
  public var content: Content
  public var file: FileID

  /// Whether it is a network used as a layer.
  public var isNetwork: Bool { if case .network = content { true } else { false } }
}

/// What a name at the top of a file means.
enum Declared {
  /// By its place in `DeclarationTable.definitions`.
  case definition(Int)
  case layer(LayerSchema)
  case research
  /// It was to be imported, but there is no such thing: reported at the import.
  case missing

  /// Whether both are one declaration.
  func isSame(as other: Declared) -> Bool {
    switch (self, other) {
    case (.definition(let left), .definition(let right)): left == right
    case (.layer(let left), .layer(let right)): left === right
    default: false
    }
  }
}

/// The declarations that each file can name: its own, and those that it imports. What an imported
/// file imports itself is its own affair.
struct DeclarationTable {
  /// The names of one file.
  struct FileNames {
    var declared: [String: Declared] = [:]
    /// Where each was declared or imported.
    var places: [String: Location] = [:]
    /// Definitions, networks and layers, in the order in which they came.
    var order: [String] = []
    /// Whether a file that should have given names is not there.
    var isIncomplete = false

    mutating func put(_ name: String, _ value: Declared, _ place: Location) {
      declared[name] = value
      places[name] = place
      switch value {
      case .definition, .layer: order.append(name)
      case .research, .missing: return
      }
    }
  }

  /// Those of the file itself first, in its order.
  private(set) var definitions: [Definition] = []
  /// The file's own layers in the order in which they are declared.
  private(set) var ownLayers: [LayerSchema] = []
  private(set) var names: [FileID: FileNames] = [:]
  private var own: [FileID: FileNames] = [:]

  /// Collects the declarations of a file and of all that it imports. Only what is wrong with the
  /// file itself is reported: the others have checks of their own.
  init(_ files: ImportedFiles, near source: any ImportSource, findings: inout Findings) {
    var unheard = Findings()
    for (index, file) in files.order.enumerated() {
      guard let document = files.documents[file] else { continue }
      if index == 0 {
        collect(document, &findings)
        ownLayers =
          names[file].map { names in
            names.order.compactMap {
              if case .layer(let layer)? = names.declared[$0] { layer } else { nil }
            }
          } ?? []
      } else {
        collect(document, &unheard)
      }
    }
    own = names
    for (index, file) in files.order.enumerated() {
      var importing = Importing(files: files, file: file, near: source, own: own)
      importing.run(&names[file, default: FileNames()])
      if index == 0 { for finding in importing.findings.all { findings.add(finding) } }
    }
  }

  /// The table of a later version of the file that declares the same, with its networks as they are
  /// there; `nil` where one of them has something wrong.
  func replacingNetworks(
    of document: Document, _ earlier: SourceFile, _ unchanged: UnchangedText
  ) -> DeclarationTable? {
    var table = self
    let file = document.id
    for (old, new) in zip(earlier.declarations, document.source.declarations) {
      guard case .network(let network) = new,
        let index = definition(named: network.name.text, in: file)
      else { continue }
      if old.range == new.range, unchanged.contains(new.range) { continue }
      var findings = Findings()
      let schema = LayerSchema(network: network, file: file) { error in
        findings.add(Finding(error.code, error.message, Location(file, error.range)))
      }
      DeclarationTable.checkDefaults(network.parameters, file, &findings)
      guard findings.all.isEmpty else { return nil }
      table.definitions[index] = Definition(
        schema: schema, content: .network(network), file: file)
      let place = Location(file, network.name.range)
      table.names[file]?.places[network.name.text] = place
      table.own[file]?.places[network.name.text] = place
    }
    return table
  }

  func declared(_ name: String, in file: FileID) -> Declared? { names[file]?.declared[name] }

  /// Whether a name means something that can be called.
  func isUsable(_ name: String, in file: FileID) -> Bool {
    switch declared(name, in: file) {
    case .definition, .layer: true
    case .research, .missing, nil: false
    }
  }

  /// Whether a name that means nothing would mean something, had an import not failed.
  func isMissing(_ name: String, in file: FileID) -> Bool {
    if case .missing? = declared(name, in: file) { return true }
    return names[file]?.isIncomplete ?? false
  }

  func definition(named name: String, in file: FileID) -> Int? {
    if case .definition(let index)? = declared(name, in: file) { index } else { nil }
  }

  /// The definitions and networks that a file can name.
  func definitions(in file: FileID) -> [String: Int] {
    (names[file]?.declared ?? [:]).compactMapValues {
      if case .definition(let index) = $0 { index } else { nil }
    }
  }

  /// What a file declares itself.
  func ownNames(of file: FileID) -> [String] { own[file]?.order ?? [] }

  /// The names of definitions, networks and layers that a file can use.
  func names(in file: FileID) -> [String] { names[file]?.order ?? [] }

  /// The layers that users declare, by the file that can name them and by name.
  var layers: [FileID: [String: LayerSchema]] {
    names.mapValues { names in
      var layers: [String: LayerSchema] = [:]
      for case .layer(let layer) in names.order.compactMap({ names.declared[$0] }) {
        for name in layer.aliases where layers[name] == nil { layers[name] = layer }
      }
      for (name, declared) in names.declared {
        if case .layer(let layer) = declared { layers[name] = layer }
      }
      return layers
    }.filter { !$0.value.isEmpty }
  }

  /// Reads the declarations of one file; a name that is met again is an error.
  private mutating func collect(_ document: Document, _ findings: inout Findings) {
    let file = document.id
    var own = FileNames()
    func report(_ error: EvaluationError) {
      findings.add(Finding(error.code, error.message, Location(file, error.range)))
    }
    for declaration in document.source.declarations {
      guard let name = declaration.name, !name.text.isEmpty else { continue }
      let place = Location(file, name.range)
      if let first = own.places[name.text] {
        findings.add(
          Finding(.duplicateName, "`\(name.text)` is declared twice in this file", place)
            .relating("the first declaration", first))
        continue
      }
      switch declaration {
      case .definition(let definition):
        let schema = LayerSchema(definition: definition, file: file, report: report)
        DeclarationTable.checkDefaults(definition.parameters, file, &findings)
        own.put(name.text, .definition(definitions.count), place)
        definitions.append(
          Definition(schema: schema, content: .block(definition.body), file: file))
      case .network(let network):
        let schema = LayerSchema(network: network, file: file, report: report)
        DeclarationTable.checkDefaults(network.parameters, file, &findings)
        own.put(name.text, .definition(definitions.count), place)
        definitions.append(Definition(schema: schema, content: .network(network), file: file))
      case .layer(let layer):
        let schema = LayerSchema(layer, file: file, report: report)
        DeclarationTable.checkDefaults(layer.parameters, file, &findings)
        own.put(name.text, .layer(schema), place)
      case .research: own.put(name.text, .research, place)
      case .import: continue
      }
    }
    names[file] = own
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

extension Declaration {
  /// What it is called, where it has a name.
  var name: Name? {
    switch self {
    case .definition(let definition): definition.name
    case .network(let network): network.name
    case .layer(let layer): layer.name
    case .research(let research): research.name
    case .import: nil
    }
  }
}
