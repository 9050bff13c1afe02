import LanguageServerProtocol
import NeuralModel

extension CheckReport {
  /// `Schemas/check.schema.json` says what is in it.
  public var json: JSON {
    [
      "version": 1,
      "files": .array(
        files.map { file in
          [
            "path": .string(file.path),
            "diagnostics": .array(file.diagnostics.map { json($0, in: file) }),
          ]
        }),
      "errors": .integer(count(.error)),
      "warnings": .integer(count(.warning)),
    ]
  }

  private func json(_ diagnostic: Diagnostic, in file: CheckedFile) -> JSON {
    [
      "code": .string(diagnostic.code.rawValue),
      "category": .string(diagnostic.code.category.rawValue),
      "severity": .string(diagnostic.severity.rawValue),
      "message": .string(diagnostic.message),
      "range": file.tree.jsonRange(diagnostic.range),
      "related": .array(
        diagnostic.related.compactMap { place in
          self.file(place.file).map { other in
            [
              "message": .string(place.message), "path": .string(other.path),
              "range": other.tree.jsonRange(place.range),
            ]
          }
        }),
      "fixes": .array(
        diagnostic.fixes.map { fix in
          ["title": .string(fix.title), "edits": .array(fix.edits.compactMap(json))]
        }),
    ]
  }

  private func json(_ edit: TextEdit) -> JSON? {
    file(edit.file).map { file in
      [
        "path": .string(file.path), "range": file.tree.jsonRange(edit.range),
        "text": .string(edit.text),
      ]
    }
  }
}
