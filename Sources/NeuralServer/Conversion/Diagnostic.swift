import LanguageServerProtocol
import NeuralModel
import NeuralSyntax

extension View {
  /// Findings of one file in the protocol's words.
  func convert(_ diagnostics: [Diagnostic], in path: String) -> [LSP.Diagnostic] {
    guard let tree = snapshot.tree(path) else { return [] }
    return diagnostics.map { convert($0, in: tree) }
  }

  private func convert(_ diagnostic: Diagnostic, in tree: SyntaxTree) -> LSP.Diagnostic {
    var message = diagnostic.message
    var related: [LSP.Diagnostic.RelatedInformation]?
    if capabilities.relatedInformation {
      related = diagnostic.related.compactMap { place in
        location(of: place.range, in: place.file).map {
          LSP.Diagnostic.RelatedInformation(location: $0, message: place.message)
        }
      }
      if related?.isEmpty == true { related = nil }
    } else {
      // What the client cannot show beside the finding is said in it.
      for place in diagnostic.related {
        guard let location = location(of: place.range, in: place.file) else { continue }
        message += "\nline \(location.range.start.line + 1): \(place.message)"
      }
    }
    return LSP.Diagnostic(
      range: tree.range(of: diagnostic.range, in: encoding),
      severity: LSP.DiagnosticSeverity(diagnostic.severity), code: diagnostic.code.rawValue,
      message: message,
      tags: LSP.DiagnosticTag.tags(of: diagnostic.code).filter {
        capabilities.diagnosticTags.contains($0.rawValue)
      }, related: related,
      href: capabilities.codeDescriptions ? library.page(of: diagnostic.code) : nil,
      data: data(diagnostic))
  }

  /// The titles of its fixes, so that a client sees without asking where there are any.
  private func data(_ diagnostic: Diagnostic) -> JSON? {
    guard capabilities.diagnosticData, !diagnostic.fixes.isEmpty else { return nil }
    return ["fixes": .array(diagnostic.fixes.map { .string($0.title) })]
  }

  private func location(of range: Range<Int>, in file: FileID) -> LSP.Location? {
    guard let path = snapshot.path(of: file), let tree = snapshot.tree(path) else { return nil }
    return LSP.Location(uri: uri(of: path), range: tree.range(of: range, in: encoding))
  }
}

extension LSP.DiagnosticSeverity {
  init(_ severity: Severity) {
    switch severity {
    case .error: self = .error
    case .warning: self = .warning
    case .information: self = .information
    case .hint: self = .hint
    }
  }
}

extension LSP.DiagnosticTag {
  static func tags(of code: DiagnosticCode) -> [LSP.DiagnosticTag] {
    switch code {
    case .unusedValue, .unusedDefinition, .unusedAllow, .unusedSearchMethod: [.unnecessary]
    case .oldForm: [.deprecated]
    default: []
    }
  }
}
