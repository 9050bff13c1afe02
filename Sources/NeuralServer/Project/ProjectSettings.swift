import LanguageServerProtocol
import NeuralIDE
import NeuralModel
import NeuralSchema

/// What a file `neural.json` says of the files in its folder and below.
public struct ProjectSettings: Sendable, Equatable {
  public static let fileName = "neural.json"

  /// How grave findings of a code are; absent for `off`.
  public var levels: [DiagnosticCode: Severity?] = [:]
  /// Files that are not checked, nor laid out, unless they are named.
  public var exclude: [PathPattern] = []
  /// The target of `generate` where none is named.
  public var target: String?
  /// The folder for generated files, relative to the one of `neural.json`.
  public var output: String?

  /// Something that cannot be read so.
  public struct Problem: Sendable, Equatable {
    public var code: DiagnosticCode
    public var message: String
    public var range: Range<Int>

    public func diagnostic(in file: FileID) -> Diagnostic {
      Diagnostic(code: code, severity: .error, message: message, file: file, range: range)
    }
  }

  public init() {}

  /// Reads what can be read; the rest is left at its default and becomes a problem.
  public init(parsing text: [UInt8], problems: inout [Problem]) {
    let json: LocatedJSON
    do throws(JSONSyntaxError) {
      json = try LocatedJSON(parsing: text)
    } catch {
      let start = min(error.offset, text.count)
      problems.append(
        Problem(
          code: .syntaxError, message: error.reason + ".", range: start..<min(start + 1, text.count)
        ))
      return
    }
    read(json, ProjectSetting.all, &problems)
  }

  private mutating func read(
    _ json: LocatedJSON, _ settings: [ProjectSetting], _ problems: inout [Problem]
  ) {
    guard case .object(let members) = json.content else {
      problems.append(
        Problem(
          code: .invalidSetting, message: "Expected an object, found \(json.json.kind).",
          range: json.range))
      return
    }
    for member in members where member.key != "$schema" {
      guard let setting = settings.first(where: { $0.name == member.key }) else {
        let near = nearest(to: member.key, among: settings.map(\.name))
        problems.append(
          Problem(
            code: .invalidSetting,
            message: "There is no setting `\(member.key)`"
              + (near.map { ", but `\($0)`." }
                ?? "; there are \(settings.map(\.name).joined(separator: ", "))."),
            range: member.keyRange))
        continue
      }
      switch setting.content {
      case .group(let inner): read(member.value, inner, &problems)
      case .value(let read): read(member.value, &self, &problems)
      }
    }
  }

  /// Whether a path is that of such a file.
  public static func isFile(_ path: String) -> Bool { ImportPath.name(of: path) == fileName }

  /// Findings as grave as they are to be here, without those that are off.
  public func applied(to diagnostics: [Diagnostic]) -> [Diagnostic] {
    if levels.isEmpty { return diagnostics }
    return diagnostics.compactMap { diagnostic in
      guard let level = levels[diagnostic.code] else { return diagnostic }
      guard let severity = level else { return nil }
      var changed = diagnostic
      changed.severity = severity
      return changed
    }
  }
}

/// One setting of `neural.json`. What is read, the JSON Schema and completion come from `all`.
public struct ProjectSetting: Sendable {
  enum Content: Sendable {
    case group([ProjectSetting])
    case value(
      @Sendable (LocatedJSON, inout ProjectSettings, inout [ProjectSettings.Problem]) -> Void)
  }

  var name: String
  var description: String
  /// In JSON Schema.
  var schema: JSONObject
  let content: Content

  static let levelNames = ["off", "hint", "information", "warning", "error"]

  static let all: [ProjectSetting] = [
    ProjectSetting(
      name: "levels", description: "How grave findings of a code are.", schema: [:],
      content: .group(DiagnosticCode.allCases.map(level))),
    ProjectSetting(
      name: "exclude",
      description: "Files and folders that are left alone: patterns relative to this file, with "
        + "*, ? and **.",
      schema: ["type": "array", "items": ["type": "string"]],
      content: .value { json, settings, problems in
        guard let patterns = strings(json, &problems) else { return }
        settings.exclude = patterns.map { PathPattern($0) }
      }),
    ProjectSetting(
      name: "generate", description: "What generated code is like unless a call says otherwise.",
      schema: [:],
      content: .group([
        ProjectSetting(
          name: "target", description: "The framework that code is generated for.",
          schema: ["enum": .array(GenerationTarget.names.map(JSON.string))],
          content: .value { json, settings, problems in
            settings.target = choice(json, GenerationTarget.names, &problems)
          }),
        ProjectSetting(
          name: "output",
          description: "The folder for generated files, relative to this one; beside the source "
            + "where it is absent.",
          schema: ["type": "string"],
          content: .value { json, settings, problems in
            settings.output = string(json, &problems)
          }),
      ])),
  ]

  private static func level(of code: DiagnosticCode) -> ProjectSetting {
    ProjectSetting(
      name: code.rawValue, description: "Usually \(article(code.severity)).",
      schema: ["enum": .array(levelNames.map(JSON.string))],
      content: .value { json, settings, problems in
        guard let name = choice(json, levelNames, &problems) else { return }
        settings.levels[code] = .some(Severity(rawValue: name))
      })
  }

  private static func article(_ severity: Severity) -> String {
    switch severity {
    case .error: "an error"
    case .warning: "a warning"
    case .information: "information"
    case .hint: "a hint"
    }
  }

  private static func string(
    _ json: LocatedJSON, _ problems: inout [ProjectSettings.Problem]
  ) -> String? {
    if case .scalar(.string(let text)) = json.content { return text }
    problems.append(
      .init(
        code: .invalidSetting, message: "Expected a string, found \(json.json.kind).",
        range: json.range))
    return nil
  }

  private static func strings(
    _ json: LocatedJSON, _ problems: inout [ProjectSettings.Problem]
  ) -> [String]? {
    guard case .array(let elements) = json.content else {
      problems.append(
        .init(
          code: .invalidSetting, message: "Expected an array of strings, found \(json.json.kind).",
          range: json.range))
      return nil
    }
    return elements.compactMap { string($0, &problems) }
  }

  private static func choice(
    _ json: LocatedJSON, _ names: [String], _ problems: inout [ProjectSettings.Problem]
  ) -> String? {
    guard let name = string(json, &problems) else { return nil }
    if names.contains(name) { return name }
    problems.append(
      .init(
        code: .invalidSetting,
        message:
          "Expected \(names.map { "\"\($0)\"" }.joined(separator: ", ")), found \"\(name)\".",
        range: json.range))
    return nil
  }

  /// `Schemas/project.schema.json`.
  public static var schema: JSON {
    var whole: JSONObject = [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": .string("\(ProjectSettings.fileName), the settings of a folder for neural-lsp"),
    ]
    // An editor is told of the schema by a member of the file.
    for (key, value) in schema(of: all, besides: ["$schema": ["type": "string"]]).members {
      whole.append(key, value)
    }
    return .object(whole)
  }

  private static func schema(
    of settings: [ProjectSetting], besides others: JSONObject = [:]
  ) -> JSONObject {
    var properties = others
    for setting in settings {
      var schema: JSONObject
      switch setting.content {
      case .value: schema = setting.schema
      case .group(let inner): schema = self.schema(of: inner)
      }
      schema.append("description", .string(setting.description))
      properties.append(setting.name, .object(schema))
    }
    return [
      "type": "object", "properties": .object(properties), "additionalProperties": false,
    ]
  }
}
