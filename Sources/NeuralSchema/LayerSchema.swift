import NeuralSyntax
import NeuralThreads

/// A parameter of a layer, with its type read.
public struct ParameterSchema: Sendable {
  public var name: String
  public var aliases: [String]
  public var type: ParameterType?
  public var defaultValue: Expression?
  public var range: SourceRange

  /// A default as its type reads it.
  func fitted(default value: Value, _ catalogue: Catalogue) -> Value {
    switch type?.coerce(value, catalogue) {
    case .fits(let fitted), .converts(let fitted, _): fitted
    case .fails, nil: value
    }
  }

  /// Every layer takes these.
  public static let universal: [String] = ["name", "trainable", "dtype"]
}

/// How a container layer reads its block.
public enum BlockMode: String, Sendable {
  /// No block of its own: the statements follow the layer.
  case follows
  /// The statements are the layer: `Sequential`.
  case sequence
  /// Its input is added to the block's result: `Residual { … shortcut { … } }`.
  case residual
  /// `branch { … }` blocks from one input are its operands.
  case branches
  /// The same, its input being the first operand: `DynamicLayer`.
  case gate
  /// The block holds one layer, which is its first argument.
  case layer
}

/// Where a layer needs the channels of an image or sequence, in targets that keep them first.
public enum LayoutNeed: String, Sendable {
  /// As declared: the layer's meaning depends on the order of the axes.
  case declared
  /// Any order will do: the layer works value by value, or along an axis that can be renamed.
  case any
  /// Channels second, wherever `data_format` says that they are declared.
  case channels
  /// The axis that `axis` names second.
  case axis
}

/// A declaration of the catalogue or of a user's file: a layer, or one of the things that are
/// declared in the same form (activations, losses, optimizers).
public final class LayerSchema: Sendable {
  public let name: String
  /// `layer`, `activation`, `optimizer`, …
  public let keyword: String
  public let parameters: [ParameterSchema]
  public let items: [LayerItem]
  public let category: String
  public let aliases: [String]
  /// Names of an earlier version of the language: accepted, with a hint that they are old forms.
  public let oldNames: [String]
  /// Properties that rules beyond its own shape ask for, such as `spatial`.
  public let traits: Set<String>
  /// Two traits that every use asks for: `merge` and `output`.
  public let isMerge: Bool
  public let isOutput: Bool
  public let blockMode: BlockMode
  public let layout: LayoutNeed
  /// Whether a part of its rule is written in Swift, under its name in `BuiltinRules`.
  public let hasBuiltinRule: Bool
  /// Whether it is a signature of another framework, which stands for a declared layer (`becomes`).
  public let isTranslation: Bool
  /// What may be given by name for each of its weights: `kernel_initializer` and the like.
  public let weightOptions: [WeightOption]
  public let documentation: String?
  /// Code templates by target, `import_…` entries included.
  public let targets: [String: TargetEntry]
  /// Statements that stand for the layer, where it is made of others.
  public let body: Block?
  public let nameRange: SourceRange
  public let range: SourceRange
  /// The file that declares it.
  public let file: FileID

  /// The path component that its instances are named by.
  public let snakeName: String

  /// Worked out when they are first asked for: most of the catalogue is not used.
  private let knownDefaults = Lock<Defaults?>(nil)

  public enum TargetEntry: Sendable, Equatable {
    case template(String)
    /// An emitter written in Swift, by the name of the layer.
    case builtin
  }

  /// Reads a declaration; what it says wrongly goes to `report`, the rest still counts.
  public init(
    _ declaration: LayerDeclaration, file: FileID,
    report: (EvaluationError) -> Void
  ) {
    name = declaration.name.text
    keyword = declaration.keyword.text
    snakeName = snakeCase(declaration.name.text)
    items = declaration.items
    documentation = declaration.documentation
    nameRange = declaration.name.range
    range = declaration.range
    self.file = file
    parameters = LayerSchema.read(declaration.parameters, report: report)
    var category = ""
    var aliases: [String] = []
    var oldNames: [String] = []
    var traits: Set<String> = []
    var mode = BlockMode.follows
    var layout = LayoutNeed.declared
    var isRuleBuiltin = false
    var optionNames: [String]?
    var targets: [String: TargetEntry] = [:]
    var body: Block?
    for item in declaration.items {
      if case .body(let block) = item { body = block }
      guard case .entry(let key, let values) = item else { continue }
      let words = values.map(LayerSchema.word)
      switch key.text {
      case "category": category = words.first ?? ""
      case "aliases": aliases = words
      case "old_names": oldNames = words
      case "traits": traits = Set(words)
      case "block":
        if let read = words.first.flatMap(BlockMode.init(rawValue:)) {
          mode = read
        } else {
          report(
            EvaluationError(
              .invalidSetting, "block is one of sequence, residual, branches, gate, layer",
              key.range))
        }
      case "rule":
        if words == ["builtin"], file.catalogueFile != nil {
          isRuleBuiltin = true
        } else {
          report(
            EvaluationError(
              .invalidSetting, "only a layer of the catalogue can have `rule: builtin`", key.range))
        }
      case "layout":
        if let read = words.first.flatMap(LayoutNeed.init(rawValue:)) {
          layout = read
        } else {
          report(
            EvaluationError(
              .invalidSetting, "layout is one of declared, any, channels, axis", key.range))
        }
      case "weight_options": optionNames = words
      case "becomes", "expects", "times", "ranks", "order", "backward", "slots": continue
      case "pytorch", "tensorflow", "jax", "onnx", "import_pytorch", "import_tensorflow",
        "import_jax", "lacks_pytorch", "lacks_tensorflow", "lacks_jax":
        if case .name("builtin")? = values.first?.kind {
          targets[key.text] = .builtin
        } else {
          targets[key.text] = .template(words.joined(separator: "\n"))
        }
      default:
        report(
          EvaluationError(
            .invalidSetting,
            "`\(key.text)` is not an entry of a layer; entries are category, aliases, old_names, "
              + "traits, block, layout, rule, weight_options, becomes, expects, times, ranks, order, "
              + "input, output, weights, state, macs, backward, body and the targets",
            key.range))
      }
    }
    self.category = category
    self.aliases = aliases
    self.oldNames = oldNames
    self.traits = traits
    isMerge = traits.contains("merge")
    isOutput = traits.contains("output")
    blockMode = mode
    self.layout = layout
    hasBuiltinRule = isRuleBuiltin
    isTranslation = LayerSchema.hasTranslation(declaration.items)
    weightOptions = WeightOption.all(
      optionNames ?? WeightOption.stems(of: declaration.items))
    self.targets = targets
    self.body = body
  }

  private static func hasTranslation(_ items: [LayerItem]) -> Bool {
    items.contains { item in
      switch item {
      case .entry(let key, _): key.text == "becomes"
      case .conditional(let arms, let otherwise):
        arms.contains { hasTranslation($0.items) } || hasTranslation(otherwise)
      default: false
      }
    }
  }

  /// A definition's name and parameters, so that arguments are bound to it as to a layer.
  public convenience init(
    definition: DefinitionDeclaration, file: FileID, report: (EvaluationError) -> Void
  ) {
    self.init(
      keyword: "define", definition.name, definition.parameters, body: definition.body,
      documentation: definition.documentation, range: definition.range, file: file, report: report)
  }

  /// A network's name and parameters: it can be used as a layer too.
  public convenience init(
    network: NetworkDeclaration, file: FileID, report: (EvaluationError) -> Void
  ) {
    self.init(
      keyword: "network", network.name, network.parameters, body: nil,
      documentation: network.documentation, range: network.range, file: file, report: report)
  }

  private init(
    keyword: String, _ name: Name, _ parameters: [Parameter], body: Block?,
    documentation: String?, range: SourceRange, file: FileID,
    report: (EvaluationError) -> Void
  ) {
    self.name = name.text
    self.keyword = keyword
    snakeName = snakeCase(name.text)
    items = []
    self.documentation = documentation
    nameRange = name.range
    self.range = range
    self.file = file
    self.parameters = LayerSchema.read(parameters, report: report)
    category = ""
    aliases = []
    oldNames = []
    traits = []
    isMerge = false
    isOutput = false
    blockMode = .follows
    layout = .declared
    hasBuiltinRule = false
    isTranslation = false
    weightOptions = []
    targets = [:]
    self.body = body
  }

  private static func read(
    _ declared: [Parameter], report: (EvaluationError) -> Void
  ) -> [ParameterSchema] {
    var parameters: [ParameterSchema] = []
    for parameter in declared {
      if parameters.contains(where: { $0.name == parameter.name.text }) {
        report(
          EvaluationError(
            .duplicateName, "`\(parameter.name.text)` is already a parameter",
            parameter.name.range))
        continue
      }
      parameters.append(
        ParameterSchema(
          name: parameter.name.text, aliases: parameter.aliases.map(\.text),
          type: parameter.type.flatMap { ParameterType($0, report: report) },
          defaultValue: parameter.defaultValue, range: parameter.range))
    }
    return parameters
  }

  private static func word(_ expression: Expression) -> String {
    switch expression.kind {
    case .name(let text), .string(let text): text
    default: ""
    }
  }

  /// Whether it reads any number of inputs: `...values`.
  var takesOperands: Bool {
    items.contains { item in
      if case .input(let patterns, _) = item {
        patterns.contains(where: \.isVariadic)
      } else {
        false
      }
    }
  }

  /// Whether it is of a category, or has a trait, that a type asks for: `layer in recurrent`.
  public func belongs(to group: String) -> Bool { category == group || traits.contains(group) }
  /// Whether it can be a step of a flow: a layer, a definition or a network.
  public var isStep: Bool { ["layer", "define", "network"].contains(keyword) }

  /// What every use takes beside the parameters. A definition and a network are no one layer, which
  /// would compute in one type.
  public var universal: [String] {
    switch keyword {
    case "layer": ParameterSchema.universal
    case "define", "network": ParameterSchema.universal.filter { $0 != "dtype" }
    default: []
    }
  }

  public func parameter(named name: String) -> ParameterSchema? {
    parameters.first { $0.name == name || $0.aliases.contains(name) }
  }

  /// The arguments of a use that gives none: defaults that need no other parameter.
  public var defaultArguments: BoundArguments {
    var context = ConstantContext()
    return BoundArguments(
      entries: parameters.compactMap { parameter in
        guard let expression = parameter.defaultValue,
          let value = try? context.evaluate(expression)
        else { return nil }
        return BoundArgument(name: parameter.name, value: value, isGiven: false, range: nil)
      })
  }

  /// What parameters are where a call does not give them.
  struct Defaults: Sendable {
    /// One for each parameter; `unknown` where there is none, or it depends on others.
    var entries: [BoundArgument]
    var isConstant: [Bool]
  }

  /// The defaults, fitted to their types.
  func defaults(_ catalogue: Catalogue) -> Defaults {
    if let known = knownDefaults.withLock({ $0 }) { return known }
    var defaults = Defaults(entries: [], isConstant: [])
    for parameter in parameters {
      var value = Value.unknown
      var isConstant = false
      if let expression = parameter.defaultValue, !expression.dependsOnNames {
        var context = ConstantContext()
        if let constant = try? context.evaluate(expression) {
          value = parameter.fitted(default: constant, catalogue)
          isConstant = true
        }
      }
      defaults.entries.append(
        BoundArgument(name: parameter.name, value: value, isGiven: false, range: nil))
      defaults.isConstant.append(isConstant)
    }
    knownDefaults.withLock { $0 = defaults }
    return defaults
  }

  /// `Conv2D(filters, kernel_size, strides=1, …)`, as hover shows it.
  public var signature: String {
    let shown = parameters.map { parameter in
      guard let value = parameter.defaultValue else { return parameter.name }
      return "\(parameter.name)=\(LayerSchema.text(value))"
    }
    return "\(name)(\(shown.joined(separator: ", ")))"
  }

  /// A default as it reads in a signature.
  public static func text(_ expression: Expression) -> String {
    if case .name(let name) = expression.kind { return name }
    var context = ConstantContext()
    return (try? context.evaluate(expression)).map(\.description) ?? "…"
  }
}
