import LanguageServerProtocol
import NeuralIDE

/// What a user can set under `neural.*`.
public struct Settings: Sendable, Equatable {
  public var inlayHints = InlayHintOptions()
  /// Whether totals and actions stand above networks.
  public var codeLenses = true

  public init() {}

  /// Reads what is set, the rest at its default. What cannot be used is left at its default too, and
  /// `problems` says so.
  ///
  /// The settings may stand under `neural` or at the top, nested or with dots in their names:
  /// clients do it in each of these ways.
  public init(json: JSON, problems: inout [String]) {
    let scope = json["neural"] ?? json
    for setting in SettingDeclaration.all {
      let names = setting.name.split(separator: ".")
      let nested = names.reduce(scope as JSON?) { value, name in value?[String(name)] }
      guard let value = nested ?? scope[setting.name] ?? json["neural." + setting.name],
        value != .null
      else { continue }
      do throws(FieldError) {
        try setting.read(value, &self)
      } catch {
        problems.append("neural.\(setting.name): \(error.problem)")
      }
    }
  }
}

/// One setting. The settings that are read, `Schemas/settings.schema.json` and what editors offer
/// all come from `all`.
public struct SettingDeclaration: Sendable {
  public var name: String
  public var description: String
  /// Type, default and bounds in JSON Schema.
  public var schema: JSONObject
  let read: @Sendable (JSON, inout Settings) throws(FieldError) -> Void

  public static let all: [SettingDeclaration] = [
    boolean(
      "inlayHints.shapes", true,
      "Show the output shape behind a line's last step, where the shape changes."
    ) { $0.inlayHints.shapes = $1 },
    boolean(
      "inlayHints.everyStep", false,
      "Show the shape behind every step, also where it stays the same."
    ) { $0.inlayHints.everyStep = $1 },
    boolean(
      "inlayHints.parameters", true, "Show the parameters' names before positional arguments."
    ) { $0.inlayHints.parameters = $1 },
    boolean(
      "inlayHints.counts", false, "Show the number of parameters behind layers that have any."
    ) { $0.inlayHints.counts = $1 },
    boolean(
      "codeLenses", true, "Show the totals of a network and what can be generated of it above it."
    ) { $0.codeLenses = $1 },
    integer(
      "inlayHints.maximumLength", 0, minimum: 0,
      "The most characters of a hint; longer ones are cut. 0 means as long as they are."
    ) { $0.inlayHints.maximumLength = $1 },
    integer(
      "inlayHints.maximumShapeLength", 0, minimum: 0,
      "The most characters of a shape, where it is to be another number; 0 where it is not."
    ) { $0.inlayHints.maximumShapeLength = $1 },
    integer(
      "inlayHints.maximumParameterLength", 0, minimum: 0,
      "The most characters of a parameter's name, where it is to be another number; 0 where it is not."
    ) { $0.inlayHints.maximumParameterLength = $1 },
    integer(
      "inlayHints.maximumCountLength", 0, minimum: 0,
      "The most characters of a number of parameters, where it is to be another number; 0 where it "
        + "is not."
    ) { $0.inlayHints.maximumCountLength = $1 },
  ]

  private static func boolean(
    _ name: String, _ defaultValue: Bool, _ description: String,
    _ set: @escaping @Sendable (inout Settings, Bool) -> Void
  ) -> SettingDeclaration {
    SettingDeclaration(
      name: name, description: description,
      schema: ["type": "boolean", "default": .boolean(defaultValue)]
    ) { (json, settings) throws(FieldError) in set(&settings, try Bool(json: json)) }
  }

  private static func integer(
    _ name: String, _ defaultValue: Int, minimum: Int, _ description: String,
    _ set: @escaping @Sendable (inout Settings, Int) -> Void
  ) -> SettingDeclaration {
    SettingDeclaration(
      name: name, description: description,
      schema: ["type": "integer", "minimum": .integer(minimum), "default": .integer(defaultValue)]
    ) { (json, settings) throws(FieldError) in
      let value = try Int(json: json)
      guard value >= minimum else {
        throw FieldError(problem: "expected at least \(minimum), found \(value)")
      }
      set(&settings, value)
    }
  }

  /// `Schemas/settings.schema.json`.
  public static var schema: JSON {
    var properties = JSONObject()
    for setting in all {
      var schema = setting.schema
      schema.append("description", .string(setting.description))
      properties.append("neural." + setting.name, .object(schema))
    }
    return [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "Settings of neural-lsp",
      "type": "object",
      "properties": .object(properties),
    ]
  }
}
