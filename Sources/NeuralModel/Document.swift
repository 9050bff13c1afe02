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

  /// A later version of `earlier`: what both share is not read again.
  public init(_ earlier: Document, tree: SyntaxTree) {
    id = earlier.id
    path = earlier.path
    self.tree = tree
    source = tree.sourceFile(reusing: earlier.source, tree.unchanged(since: earlier.tree))
  }
}

/// Everything that is known of one file at one version.
public struct Analysis: Sendable {
  public var document: Document
  /// The built-in layers, and those that users declare.
  public var catalogue: Catalogue
  /// In the order of the text; all of them stand in this file.
  public var diagnostics: [Diagnostic]
  /// Errors of imported files that leave a network of this one incomplete. Those files report them
  /// themselves.
  public var importedErrors: [Diagnostic]
  /// In the order of declaration; those with errors are as complete as they can be.
  public var networks: [NetworkGraph]
  /// Definitions and networks of this file and of all that it imports.
  public var definitions: [Definition]
  /// Those that the file can name, its own and imported ones, as places in `definitions`.
  public var definitionsByName: [String: Int]
  /// The file's own layer declarations.
  public var layers: [LayerSchema]
  /// The layers that the file can name beside the built-in ones.
  public var layersByName: [String: LayerSchema]
  /// The imported files, one through the other, by their number.
  public var imported: [FileID: Document]
  /// What was found on the way, for the next version: copies of an analysis share it.
  private let memory: CheckMemory

  var check: FileCheck { memory.check }

  /// Checks a file: reads the document and what it imports. `settings` are for the networks of
  /// these names. What an earlier version of the document has found is not worked out again where it
  /// holds still; the answers are the same with and without.
  public init(
    _ document: Document, catalogue: Catalogue = .builtin,
    imports source: any ImportSource = NoImports(), settings: [String: NetworkSettings] = [:],
    after earlier: Analysis? = nil
  ) {
    let files = ImportedFiles(of: document, from: source)
    let check = FileCheck(
      files, catalogue: catalogue, imports: source, settings: settings, after: earlier?.check)
    memory = CheckMemory(check)
    self.document = document
    self.catalogue = check.catalogue
    networks = check.networks
    definitions = check.declarations.definitions
    layers = check.declarations.ownLayers
    layersByName = check.catalogue.layers(in: document.id)
    definitionsByName = check.declarations.definitions(in: document.id)
    imported = files.documents.filter { $0.key != document.id }
    let foreign = ForeignFindings(check.findings.all, files, catalogue, source)
    diagnostics = Analysis.resolve(foreign.here, in: document, files)
    importedErrors = foreign.elsewhere.compactMap { Diagnostic($0, files) }
  }

  /// The file of this number: the analysed one or an imported one.
  public func document(_ file: FileID) -> Document? {
    file == document.id ? document : imported[file]
  }

  /// Byte ranges for findings, allowances applied, in the order of the text.
  private static func resolve(
    _ findings: [Finding], in document: Document, _ files: ImportedFiles
  ) -> [Diagnostic] {
    let diagnostics = findings.compactMap { finding in
      finding.location.file == document.id ? Diagnostic(finding, files) : nil
    }
    let consequences = SyntaxConsequences(document)
    return Allowances(document).apply(to: diagnostics).filter { !consequences.explain($0) }.sorted {
      ($0.range.lowerBound, $0.severity, $0.code.rawValue, $0.range.upperBound)
        < ($1.range.lowerBound, $1.severity, $1.code.rawValue, $1.range.upperBound)
    }
  }
}

private final class CheckMemory: Sendable {
  let check: FileCheck

  init(_ check: FileCheck) { self.check = check }
}

extension Diagnostic {
  /// A finding with its ranges in bytes; `nil` where its place is in no file that is known.
  init?(_ finding: Finding, _ files: ImportedFiles) {
    func range(_ location: Location) -> Range<Int>? {
      files.documents[location.file]?.tree.range(of: location.range)
    }
    guard let place = range(finding.location) else { return nil }
    self.init(
      code: finding.code, severity: finding.severity, message: finding.message,
      file: finding.location.file, range: place,
      related: finding.related.compactMap { related in
        range(related.location).map {
          Related(message: related.message, file: related.location.file, range: $0)
        }
      },
      fixes: finding.fixes.compactMap { fix in
        let edits = fix.edits.compactMap { edit in
          range(edit.location).map {
            TextEdit(file: edit.location.file, range: $0, text: edit.text)
          }
        }
        return edits.count == fix.edits.count ? Fix(title: fix.title, edits: edits) : nil
      })
    if let removal = finding.removal, let range = range(removal.location),
      let tree = files.documents[removal.location.file]?.tree
    {
      let edit = TextEdit(
        file: removal.location.file, range: tree.removal(of: range), text: "")
      fixes.append(Fix(title: removal.title, edits: [edit]))
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
