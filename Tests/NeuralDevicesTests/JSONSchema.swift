import Foundation

/// As much of JSON Schema 2020-12 as Schemas/devices.schema.json uses. A keyword that is not known here is itself a
/// finding, so that the schema cannot say what nobody checks.
struct JSONSchema {
  let root: [String: Any]

  init(contentsOf file: URL) throws {
    root = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
  }

  /// What is wrong with a text; empty if it is valid.
  func findings(in text: String) throws -> [String] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    return check(value, root, at: "$")
  }

  private func check(_ value: Any, _ schema: [String: Any], at path: String) -> [String] {
    var findings: [String] = []
    for (keyword, rule) in schema {
      switch keyword {
      case "$schema", "$defs", "title", "description", "then", "else": break
      case "$ref":
        let name = (rule as? String ?? "").replacing("#/$defs/", with: "")
        let target = (root["$defs"] as? [String: Any])?[name] as? [String: Any]
        findings += target.map { check(value, $0, at: path) } ?? ["\(path): no definition \(name)"]
      case "type":
        if !has(value, type: rule as? String ?? "") { findings.append("\(path): is no \(rule)") }
      case "const":
        if !equal(value, rule) { findings.append("\(path): is not \(rule)") }
      case "enum":
        if !(rule as? [Any] ?? []).contains(where: { equal($0, value) }) {
          findings.append("\(path): is none of \(rule)")
        }
      case "minimum":
        if let number = value as? NSNumber, let least = rule as? NSNumber,
          number.doubleValue < least.doubleValue
        {
          findings.append("\(path): is under \(least)")
        }
      case "pattern":
        if let text = value as? String, let pattern = rule as? String,
          text.range(of: pattern, options: .regularExpression) == nil
        {
          findings.append("\(path): does not match \(pattern)")
        }
      case "minItems":
        if let items = value as? [Any], let least = rule as? Int, items.count < least {
          findings.append("\(path): has too few items")
        }
      case "items":
        for (index, item) in (value as? [Any] ?? []).enumerated() {
          findings += check(item, rule as? [String: Any] ?? [:], at: "\(path)[\(index)]")
        }
      case "required":
        guard let object = value as? [String: Any] else { break }
        for name in rule as? [String] ?? [] where object[name] == nil {
          findings.append("\(path): lacks \(name)")
        }
      case "properties":
        let object = value as? [String: Any] ?? [:]
        for (name, rule) in rule as? [String: [String: Any]] ?? [:] {
          if let value = object[name] { findings += check(value, rule, at: "\(path).\(name)") }
        }
      case "additionalProperties":
        let known = (schema["properties"] as? [String: Any] ?? [:]).keys
        for name in (value as? [String: Any] ?? [:]).keys where !known.contains(name) {
          findings.append("\(path): has \(name)")
        }
      case "oneOf":
        let results = (rule as? [[String: Any]] ?? []).map { check(value, $0, at: path) }
        if results.count(where: \.isEmpty) != 1 {
          findings.append("\(path): fits not exactly one of \(results)")
        }
      case "if":
        let holds = check(value, rule as? [String: Any] ?? [:], at: path).isEmpty
        if let rule = schema[holds ? "then" : "else"] as? [String: Any] {
          findings += check(value, rule, at: path)
        }
      default: findings.append("\(path): \(keyword) is not checked here")
      }
    }
    return findings
  }

  private func has(_ value: Any, type: String) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "integer": (value as? NSNumber).map { $0.doubleValue.rounded() == $0.doubleValue } ?? false
    default: false
    }
  }

  private func equal(_ left: Any, _ right: Any) -> Bool {
    (left as? NSObject)?.isEqual(right) ?? false
  }
}
