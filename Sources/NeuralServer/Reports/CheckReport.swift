import LanguageServerProtocol
import NeuralModel
import NeuralSyntax

/// A file that was checked, under the path by which it was given.
public struct CheckedFile: Sendable {
  public var id: FileID
  public var path: String
  public var tree: SyntaxTree
  public var diagnostics: [Diagnostic]

  public init(id: FileID, path: String, tree: SyntaxTree, diagnostics: [Diagnostic]) {
    self.id = id
    self.path = path
    self.tree = tree
    self.diagnostics = diagnostics
  }
}

/// Everything that a check found. The formats are pure functions of it.
public struct CheckReport: Sendable {
  public enum Format: String, Sendable, CaseIterable {
    case text, json, sarif, github, gitlab, junit
  }

  /// In the order in which they are reported.
  public var files: [CheckedFile]
  /// The program's version, for formats that name their tool.
  public var version: String
  private let known: [CheckedFile]
  private var byID: [FileID: Int] = [:]

  /// `imported` are files that findings speak of but that were not asked for.
  public init(files: [CheckedFile], imported: [CheckedFile] = [], version: String) {
    self.files = files
    self.version = version
    known = files + imported
    for (index, file) in known.enumerated() { byID[file.id] = index }
  }

  public func file(_ id: FileID) -> CheckedFile? { byID[id].map { known[$0] } }

  public func count(_ severity: Severity) -> Int {
    files.reduce(0) { $0 + $1.diagnostics.count { $0.severity == severity } }
  }

  public func contains(_ codes: Set<DiagnosticCode>) -> Bool {
    files.contains { $0.diagnostics.contains { codes.contains($0.code) } }
  }

  public func write(_ format: Format, color: Bool = false) -> String {
    switch format {
    case .text: text(color: color)
    case .json: json.indented + "\n"
    case .sarif: sarif.indented + "\n"
    case .github: github
    case .gitlab: gitlab.indented + "\n"
    case .junit: junit
    }
  }
}

/// A line and a column from 1; columns count Unicode scalars.
struct Place: Equatable {
  var line: Int
  var column: Int
}

extension SyntaxTree {
  func place(at offset: Int) -> Place {
    let position: TextPosition = position(at: offset, in: .utf32)
    return Place(line: position.line + 1, column: position.column + 1)
  }

  /// Range in the JSON of `check` and `summary`.
  func jsonRange(_ range: Range<Int>) -> JSON {
    func json(_ offset: Int) -> JSON {
      let place = place(at: offset)
      return ["line": .integer(place.line), "column": .integer(place.column)]
    }
    return ["start": json(range.lowerBound), "end": json(range.upperBound)]
  }
}
