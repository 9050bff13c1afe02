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
    self.id = id
    self.path = path
    tree = SyntaxTree.parse(text)
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
    var networks: [NetworkGraph] = []
    var used: Set<Int> = []
    var usage: [Location: Expander.Usage] = [:]
    let line: @Sendable (SourceRange) -> Int = { range in
      tree.position(at: tree.range(of: range).lowerBound, in: .utf8).line + 1
    }
    for case .network(let network) in document.source.declarations {
      var expander = Expander(
        network: network, file: document.id, declarations: declarations, catalogue: catalogue,
        findings: findings, line: line)
      expander.usage = usage
      expander.expandNetwork()
      findings = expander.findings
      usage = expander.usage
      used.formUnion(expander.usedDefinitions)
      networks.append(expander.graph)
    }
    for (index, definition) in declarations.definitions.enumerated() where !used.contains(index) {
      var expander = Expander(
        network: NetworkDeclaration.empty(at: definition.declaration.range), file: document.id,
        declarations: declarations, catalogue: catalogue, findings: findings, line: line)
      expander.usage = usage
      expander.expandUnused(index)
      findings = expander.findings
      usage = expander.usage
    }
    Expander.reportUnused(usage, in: document.id, &findings)
    self.networks = networks
    definitions = declarations.definitions
    layers = Array(declarations.layers.values)
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
    var kept = diagnostics
    for allowance in document.source.allowances {
      let place = tree.range(of: allowance.code.range)
      let before = kept.count
      kept.removeAll { diagnostic in
        guard diagnostic.code.rawValue == allowance.code.text else { return false }
        if let index = allowance.declaration,
          document.source.declarations.indices.contains(index)
        {
          let range = tree.range(of: document.source.declarations[index].range)
          return range.contains(diagnostic.range.lowerBound)
        }
        return line(diagnostic.range.lowerBound) == line(place.lowerBound)
      }
      if kept.count == before {
        kept.append(
          Diagnostic(
            code: .unusedAllow, severity: DiagnosticCode.unusedAllow.severity,
            message: DiagnosticCode(rawValue: allowance.code.text) == nil
              ? "there is no finding called `\(allowance.code.text)`"
              : "nothing here is a `\(allowance.code.text)`; remove this comment",
            file: document.id, range: place))
      }
    }
    return kept
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
