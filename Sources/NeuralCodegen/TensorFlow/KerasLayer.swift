import NeuralDimension
import NeuralModel
import NeuralSchema

/// A layer of Keras's own that takes the arguments of its declaration: `layers.Conv2D(...)`.
struct KerasLayer {
  let use: LayerUse
  /// `layers.Conv2D`.
  var constructor: String
  /// Parameters that are written otherwise, or not at all.
  var replaced: [String: String?] = [:]
  /// Parameters that Keras has no default for, or another one.
  var required: Set<String> = []
  var layout: Layout

  init(_ use: LayerUse, _ constructor: String, layout: Layout) {
    self.use = use
    self.constructor = constructor
    self.layout = layout
  }

  /// The constructor without the name: what is required by place, the rest by name where it is not
  /// the default.
  func call() throws(EmissionError) -> Python {
    var arguments: [Python] = []
    var isPositional = true
    for parameter in use.schema.parameters {
      if let replacement = replaced[parameter.name] {
        guard let text = replacement else { continue }
        arguments.append(
          isPositional && isRequired(parameter)
            ? .text(text) : .keyword(parameter.name, .text(text)))
        continue
      }
      if parameter.name == "data_format" { continue }
      guard let text = try argument(parameter) else {
        isPositional = false
        continue
      }
      if isPositional, isRequired(parameter) {
        arguments.append(.text(text))
      } else {
        isPositional = false
        arguments.append(.keyword(parameter.name, .text(text)))
      }
    }
    for option in use.weightOptions {
      arguments.append(.keyword(option.name, .text(try KerasLayer.text(option.value, use, layout))))
    }
    return .call(constructor, arguments)
  }

  private func isRequired(_ parameter: ParameterSchema) -> Bool {
    parameter.defaultValue == nil || required.contains(parameter.name)
  }

  /// An argument's text; `nil` for the default.
  private func argument(_ parameter: ParameterSchema) throws(EmissionError) -> String? {
    let name = parameter.name
    let known = Set(use.writer.activeUses.compactMap { use.arguments[$0]?[name] })
    if name == "axis", layout != .declared, case .integer(.constant(let axis))? = known.first {
      return layout.text(of: axis, rank: use.rank())
    }
    let isValue = known.contains { Python.literal($0) == nil }
    let fallback = use.schema.defaultArguments[name]
    if isValue {
      let value = try use.uniform(name)
      if let fallback, KerasLayer.isSame(value, fallback) { return nil }
      return try KerasLayer.text(
        value, use, layout, named: name == "backward_layer" ? "layer" : name)
    }
    let text = try isEven(parameter) ? use.tuple(name).text : use.expression(name).text
    return !isRequired(parameter) && fallback.flatMap(Python.literal) == text ? nil : text
  }

  /// Whether one number can stand for all entries: a window's sizes and strides.
  private func isEven(_ parameter: ParameterSchema) -> Bool {
    guard case .tuple(let entries)? = parameter.type else { return false }
    return use.schema.parameter(named: "data_format") != nil
      && entries.allSatisfy { if case .tuple = $0 { false } else { true } }
  }

  /// A default by its name is the same as the function that it stands for.
  private static func isSame(_ value: Value, _ fallback: Value) -> Bool {
    guard case .layer(let layer) = value, case .string(let name) = fallback else {
      return value == fallback
    }
    return layer.schema.name == name && !layer.arguments.entries.contains(where: \.isGiven)
  }

  // MARK: Values

  /// What is no literal: an activation, an initializer, a layer inside another one.
  static func text(
    _ value: Value, _ use: LayerUse, _ layout: Layout, named name: String? = nil
  ) throws(EmissionError) -> String {
    guard case .layer(let layer) = value else {
      if let entries = value.elements {
        var texts: [String] = []
        for entry in entries { texts.append(try text(entry, use, layout)) }
        return "[\(texts.joined(separator: ", "))]"
      }
      guard let literal = Python.literal(value) else {
        throw use.unsupported("cannot write \(value.description) as an argument")
      }
      return literal
    }
    switch layer.schema.keyword {
    case "activation": return try activation(layer, use, layout)
    case "initializer", "regularizer", "constraint":
      let given = layer.arguments.entries.filter(\.isGiven)
      if given.isEmpty { return Python.string(layer.schema.name) }
      let arguments = try given.map { entry throws(EmissionError) in
        "\(entry.name)=\(try text(entry.value, use, layout))"
      }
      let module = layer.schema.keyword + "s"
      return
        "\(module).\(Python.camelCase(layer.schema.name))(\(arguments.joined(separator: ", ")))"
    default: return try inner(layer, use, named: name).flat
    }
  }

  /// `"relu"`, or a function where a name would not say it.
  private static func activation(
    _ layer: LayerValue, _ use: LayerUse, _ layout: Layout
  ) throws(EmissionError) -> String {
    let name = layer.schema.name
    let called = try use.function(of: layer, layout: layout)("x")
    let isGiven = layer.arguments.entries.contains(where: \.isGiven)
    let plain = "keras.activations.\(name)("
    if called.hasPrefix(plain), !isGiven, !called.contains("axis=") || called.contains("axis=-1") {
      return Python.string(name)
    }
    return "lambda x: \(called)"
  }

  /// A layer that is an argument of another one.
  static func inner(
    _ layer: LayerValue, _ use: LayerUse, named name: String? = nil
  ) throws(EmissionError) -> Python {
    let constructor: String
    switch layer.schema.targets[use.target.entry] {
    case .template(let text): constructor = Template.own(text) ?? ""
    // Keras's names are the catalogue's.
    case .builtin: constructor = "layers.\(layer.schema.name)"
    case nil: constructor = ""
    }
    guard !constructor.isEmpty else {
      throw use.unsupported("cannot put \(layer.schema.name) inside another layer")
    }
    let defaults = layer.schema.defaultArguments
    var arguments: [Python] = []
    for entry in layer.arguments.entries where entry.name != "data_format" {
      let parameter = layer.schema.parameter(named: entry.name)
      let fallback = defaults[entry.name]
      if let fallback, entry.value == fallback || isSame(entry.value, fallback) { continue }
      if let entries = entry.value.elements, let first = entries.first, first == fallback,
        entries.allSatisfy({ $0 == first })
      {
        continue
      }
      let text = try text(entry.value, use, .declared)
      arguments.append(
        parameter?.defaultValue == nil ? .text(text) : .keyword(entry.name, .text(text)))
    }
    for (option, entry) in layer.universal.sorted(by: { $0.key < $1.key }) where option != "name" {
      arguments.append(.keyword(option, .text(try text(entry.value, use, .declared))))
    }
    if let name { arguments.append(.keyword("name", .text(Python.string(name)))) }
    return .call(constructor, arguments)
  }
}
