import LanguageServerProtocol
import NeuralModel
import NeuralSyntax

extension CheckReport {
  /// SARIF 2.1.0, which GitHub, Azure and many editors read.
  var sarif: JSON {
    var rules: [DiagnosticCode] = []
    var indices: [DiagnosticCode: Int] = [:]
    for file in files {
      for diagnostic in file.diagnostics where indices[diagnostic.code] == nil {
        indices[diagnostic.code] = rules.count
        rules.append(diagnostic.code)
      }
    }
    return [
      "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        [
          "tool": [
            "driver": [
              "name": "neural-lsp", "version": .string(version),
              "rules": .array(
                rules.map { code in
                  [
                    "id": .string(code.rawValue),
                    "defaultConfiguration": ["level": .string(Self.level(code.severity))],
                    "properties": ["category": .string(code.category.rawValue)],
                  ]
                }),
            ]
          ],
          "columnKind": "unicodeCodePoints",
          "results": .array(
            files.flatMap { file in
              file.diagnostics.map { result($0, in: file, rule: indices[$0.code] ?? 0) }
            }),
        ]
      ],
    ]
  }

  private static func level(_ severity: Severity) -> String {
    switch severity {
    case .error: "error"
    case .warning: "warning"
    case .information, .hint: "note"
    }
  }

  private func result(_ diagnostic: Diagnostic, in file: CheckedFile, rule: Int) -> JSON {
    var object: JSONObject = [
      "ruleId": .string(diagnostic.code.rawValue),
      "ruleIndex": .integer(rule),
      "level": .string(Self.level(diagnostic.severity)),
      "message": ["text": .string(diagnostic.message)],
      "locations": [["physicalLocation": physicalLocation(diagnostic.range, in: file)]],
    ]
    let related = diagnostic.related.compactMap { place in
      self.file(place.file).map { (place, $0) }
    }
    if !related.isEmpty {
      object.append(
        "relatedLocations",
        .array(
          related.enumerated().map { index, element in
            [
              "id": .integer(index + 1), "message": ["text": .string(element.0.message)],
              "physicalLocation": physicalLocation(element.0.range, in: element.1),
            ]
          }))
    }
    if !diagnostic.fixes.isEmpty {
      object.append("fixes", .array(diagnostic.fixes.map(fix)))
    }
    return .object(object)
  }

  private func fix(_ fix: Fix) -> JSON {
    var ids: [FileID] = []
    for edit in fix.edits where !ids.contains(edit.file) { ids.append(edit.file) }
    return [
      "description": ["text": .string(fix.title)],
      "artifactChanges": .array(
        ids.compactMap(file).map { file in
          [
            "artifactLocation": Self.artifact(file.path),
            "replacements": .array(
              fix.edits.filter { $0.file == file.id }.map { edit in
                [
                  "deletedRegion": Self.region(edit.range, in: file.tree),
                  "insertedContent": ["text": .string(edit.text)],
                ]
              }),
          ]
        }),
    ]
  }

  private func physicalLocation(_ range: Range<Int>, in file: CheckedFile) -> JSON {
    [
      "artifactLocation": Self.artifact(file.path),
      "region": Self.region(range, in: file.tree),
    ]
  }

  /// A relative path is a relative reference.
  private static func artifact(_ path: String) -> JSON {
    let uri = DocumentURI.uri(ofPath: path)
    return ["uri": .string(path.hasPrefix("/") ? uri : String(uri.dropFirst("file://".count)))]
  }

  private static func region(_ range: Range<Int>, in tree: SyntaxTree) -> JSON {
    let start = tree.place(at: range.lowerBound)
    let end = tree.place(at: range.upperBound)
    return [
      "startLine": .integer(start.line), "startColumn": .integer(start.column),
      "endLine": .integer(end.line), "endColumn": .integer(end.column),
    ]
  }
}
