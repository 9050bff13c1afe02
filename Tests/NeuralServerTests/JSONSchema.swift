import Foundation
import LanguageServerProtocol

/// As much of JSON Schema 2020-12 as our schemas use. A word that it does not know is a problem too,
/// so that no schema says more than is checked.
struct JSONSchema {
  let root: JSON

  init(named name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Schemas/\(name).schema.json")
    root = try JSON(parsing: Array(Data(contentsOf: file)))
  }

  func problems(of value: JSON) -> [String] { problems(value, root, "$") }

  private func problems(_ value: JSON, _ schema: JSON, _ path: String) -> [String] {
    guard case .object(let words) = schema else { return ["\(path): the schema is no object"] }
    var found: [String] = []
    for (word, argument) in words.members {
      switch (word, argument) {
      case ("$ref", .string(let reference)):
        let target = reference.split(separator: "/").dropFirst().reduce(root as JSON?) {
          $0?[String($1)]
        }
        found += target.map { problems(value, $0, path) } ?? ["\(path): \(reference) is nowhere"]
      case ("type", .string(let type)):
        if !matches(value, type) { found.append("\(path): \(value.kind) is no \(type)") }
      case ("const", let constant):
        if value != constant { found.append("\(path): not \(constant)") }
      case ("enum", .array(let choices)):
        if !choices.contains(value) { found.append("\(path): not one of \(choices)") }
      case ("anyOf", .array(let schemas)):
        if !schemas.contains(where: { problems(value, $0, path).isEmpty }) {
          found.append("\(path): fits nothing of anyOf")
        }
      case ("minimum", .integer(let minimum)):
        if case .integer(let number) = value, number < minimum {
          found.append("\(path): less than \(minimum)")
        }
      case ("pattern", .string(let pattern)):
        if case .string(let text) = value,
          text.range(of: pattern, options: .regularExpression) == nil
        {
          found.append("\(path): does not match \(pattern)")
        }
      case ("required", .array(let keys)):
        for case .string(let key) in keys where value[key] == nil {
          found.append("\(path).\(key): missing")
        }
      case ("properties", .object(let properties)):
        for (key, schema) in properties.members {
          if let member = value[key] { found += problems(member, schema, "\(path).\(key)") }
        }
      case ("additionalProperties", false):
        guard case .object(let object) = value else { continue }
        for (key, _) in object.members where words["properties"]?[key] == nil {
          found.append("\(path).\(key): unknown")
        }
      case ("items", let schema):
        guard case .array(let elements) = value else { continue }
        for (index, element) in elements.enumerated() {
          found += problems(element, schema, "\(path)[\(index)]")
        }
      case ("$schema", _), ("$defs", _), ("title", _), ("description", _), ("default", _): continue
      default: found.append("\(path): the schema says \(word), which is not checked")
      }
    }
    return found
  }

  private func matches(_ value: JSON, _ type: String) -> Bool {
    switch (type, value) {
    case ("object", .object), ("array", .array), ("string", .string), ("integer", .integer),
      ("boolean", .boolean), ("null", .null):
      true
    default: false
    }
  }
}
