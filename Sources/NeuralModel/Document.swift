import NeuralSchema
import NeuralSyntax

/// A file at one version: its tree and the declarations read from it.
public struct Document: Sendable {
  public var id: FileID
  /// As it was given.
  public var path: String
  public var tree: SyntaxTree
  public var source: SourceFile

  public init(id: FileID, path: String, text: [UInt8]) {
    self.init(id: id, path: path, tree: SyntaxTree.parse(text))
  }

  public init(id: FileID, path: String, tree: SyntaxTree) {
    self.id = id
    self.path = path
    self.tree = tree
    source = tree.sourceFile
  }
}

/// Everything that is known of one file at one version.
public struct Analysis: Sendable {
  public var document: Document
  public var catalogue: Catalogue
  /// In the order of the text.
  public var diagnostics: [Diagnostic]
  /// In the order of declaration; those with errors are as complete as they can be.
  public var networks: [NetworkGraph]
  public var definitions: [Definition]
  /// The file's own layer declarations.
  public var layers: [LayerSchema]

  /// Checks a file: parses nothing, reads only the document.
  public init(_ document: Document, catalogue: Catalogue = .builtin) {
    self.document = document
    self.catalogue = catalogue
    var findings = Findings()
    let tree = document.tree
    for error in tree.errors { findings.add(Analysis.finding(error, document.id)) }
    let declarations = DeclarationTable(
      document.source, file: document.id, findings: &findings)
    let source = SourceText(tree)
    let mentioned = document.source.mentionedNames
    var networks: [NetworkGraph] = []
    var used: Set<Int> = []
    var usage: [Location: Expander.Usage] = [:]
    var budget = Budget()
    var suggestions: [String: String?] = [:]
    /// Runs one expansion on what the ones before it left.
    func expand(_ declaration: NetworkDeclaration, _ body: (inout Expander) -> Void) -> Expander {
      var expander = Expander(
        network: declaration, file: document.id, declarations: declarations, catalogue: catalogue,
        findings: findings, source: source, budget: budget)
      expander.usage = usage
      expander.suggestions = suggestions
      // Only one holds them, so that adding to them copies nothing.
      (findings, usage) = (Findings(), [:])
      expander.budget.begin(bytes: source.length(of: declaration.range))
      body(&expander)
      (findings, usage, budget) = (expander.findings, expander.usage, expander.budget)
      suggestions = expander.suggestions
      (expander.findings, expander.usage) = (Findings(), [:])
      used.formUnion(expander.usedDefinitions)
      return expander
    }
    for case .network(let network) in document.source.declarations {
      networks.append(expand(network) { $0.expandNetwork() }.graph)
    }
    // Those that nothing names come first, then later ones: they use most of the others.
    let (inner, outer) = declarations.definitions.indices.reduce(into: ([Int](), [Int]())) {
      if mentioned.contains(declarations.definitions[$1].schema.name) {
        $0.0.append($1)
      } else {
        $0.1.append($1)
      }
    }
    for index in outer + inner.reversed() where !used.contains(index) {
      let definition = declarations.definitions[index]
      // A file of definitions only is there to be imported.
      let isUnused = !networks.isEmpty && !mentioned.contains(definition.schema.name)
      if isUnused { findings.add(Expander.unused(definition)) }
      _ = expand(.empty(at: definition.declaration.range)) { $0.expandUnused(index) }
    }
    Expander.reportUnused(usage, in: document.id, &findings)
    self.networks = networks
    definitions = declarations.definitions
    layers = declarations.orderedLayers
    diagnostics = Analysis.resolve(findings.all, document)
  }

  private static func finding(_ error: SyntaxError, _ file: FileID) -> Finding {
    var finding = Finding(
      DiagnosticCode(rawValue: error.code.rawValue) ?? .syntaxError, error.message,
      Location(file, error.range))
    if let fix = error.fix {
      finding = finding.fixing(fix.title, [(Location(file, fix.range), fix.text)])
    }
    if let related = error.related {
      finding = finding.relating(related.message, Location(file, related.range))
    }
    return finding
  }

  /// Byte ranges for findings, allowances applied, in the order of the text.
  private static func resolve(_ findings: [Finding], _ document: Document) -> [Diagnostic] {
    let tree = document.tree
    func range(_ location: Location) -> Range<Int>? {
      location.file == document.id ? tree.range(of: location.range) : nil
    }
    var diagnostics: [Diagnostic] = []
    for finding in findings {
      guard let place = range(finding.location) else { continue }
      diagnostics.append(
        Diagnostic(
          code: finding.code, severity: finding.severity, message: finding.message,
          file: document.id, range: place,
          related: finding.related.compactMap { related in
            range(related.location).map {
              Diagnostic.Related(message: related.message, file: document.id, range: $0)
            }
          },
          fixes: finding.fixes.compactMap { fix in
            let edits = fix.edits.compactMap { edit in
              range(edit.location).map {
                TextEdit(file: document.id, range: $0, text: edit.text)
              }
            }
            return edits.count == fix.edits.count ? Fix(title: fix.title, edits: edits) : nil
          }))
    }
    diagnostics = Allowances(document).apply(to: diagnostics)
    return diagnostics.sorted {
      ($0.range.lowerBound, $0.severity, $0.code.rawValue)
        < ($1.range.lowerBound, $1.severity, $1.code.rawValue)
    }
  }
}

/// `# neural: allow(code)` comments of a file.
private struct Allowances {
  var document: Document

  init(_ document: Document) { self.document = document }

  /// Removes what is allowed; an allowance that silenced nothing is reported.
  func apply(to diagnostics: [Diagnostic]) -> [Diagnostic] {
    if document.source.allowances.isEmpty { return diagnostics }
    let tree = document.tree
    func line(_ offset: Int) -> Int { tree.position(at: offset, in: .utf8).line }
    var places: [String: [Int]] = [:]
    var lines: [Line: [Int]] = [:]
    for (index, diagnostic) in diagnostics.enumerated() {
      let code = diagnostic.code.rawValue
      places[code, default: []].append(index)
      lines[Line(code: code, number: line(diagnostic.range.lowerBound)), default: []].append(index)
    }
    var allowed: Set<Int> = []
    var unused: [Diagnostic] = []
    for allowance in document.source.allowances {
      let place = tree.range(of: allowance.code.range)
      let code = allowance.code.text
      let silenced: [Int]
      if let index = allowance.declaration,
        document.source.declarations.indices.contains(index)
      {
        let range = tree.range(of: document.source.declarations[index].range)
        silenced = (places[code] ?? []).filter {
          range.contains(diagnostics[$0].range.lowerBound)
        }
      } else {
        silenced = lines[Line(code: code, number: line(place.lowerBound))] ?? []
      }
      allowed.formUnion(silenced)
      if silenced.isEmpty {
        unused.append(
          Diagnostic(
            code: .unusedAllow, severity: DiagnosticCode.unusedAllow.severity,
            message: DiagnosticCode(rawValue: code) == nil
              ? "there is no finding called `\(code)`"
              : "nothing here is a `\(code)`; remove this comment",
            file: document.id, range: place))
      }
    }
    return diagnostics.enumerated().filter { !allowed.contains($0.offset) }.map(\.element) + unused
  }

  private struct Line: Hashable {
    var code: String
    var number: Int
  }
}

extension Declaration {
  public var range: SourceRange {
    switch self {
    case .import(let declaration): declaration.range
    case .definition(let declaration): declaration.range
    case .network(let declaration): declaration.range
    case .layer(let declaration): declaration.range
    case .research(let declaration): declaration.range
    }
  }
}
