import NeuralDimension
import NeuralSyntax

/// One parameter's value in one use.
public struct BoundArgument: Sendable, Hashable {
  public var name: String
  public var value: Value
  /// Written in the call; otherwise it is the default.
  public var isGiven: Bool
  /// Where the argument is written, its name included.
  public var range: SourceRange?
  /// Where its value is written.
  public var valueRange: SourceRange?
  /// The value as it is written.
  public var expression: Expression?
  /// The values in all configurations, where they differ (language.md, section 7); `value` is that
  /// of the configuration at hand.
  public var alternatives: Alternatives<Value>?

  public init(
    name: String, value: Value, isGiven: Bool, range: SourceRange?, valueRange: SourceRange? = nil,
    expression: Expression? = nil
  ) {
    self.name = name
    self.value = value
    self.isGiven = isGiven
    self.range = range
    self.valueRange = valueRange ?? range
    self.expression = expression
  }

  public static func == (left: BoundArgument, right: BoundArgument) -> Bool {
    left.name == right.name && left.value == right.value
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(value)
  }
}

/// The values of all parameters in one use, in the order of declaration.
public struct BoundArguments: Sendable, Hashable {
  public var entries: [BoundArgument]
  /// Sizes that the call states and the input must have, as PyTorch's `in_channels`.
  public var expectations: [Expectation] = []
  /// The numbers of axes that the call allows, where it says so: PyTorch's `BatchNorm2d` reads four.
  public var ranks: [Int] = []

  public init(entries: [BoundArgument] = []) { self.entries = entries }

  public subscript(name: String) -> Value? { entries.first { $0.name == name }?.value }

  /// The argument of this name: a parameter's, or one that states a size.
  public func entry(_ name: String) -> BoundArgument? {
    entries.first { $0.name == name }
      ?? expectations.first { $0.argument.name == name }?.argument
  }
}

/// A size that a call states although the layer could read it from its input.
public struct Expectation: Sendable, Hashable {
  /// The name of the size in the layer's rule: `channels`.
  public var size: String
  /// What states it: `in_channels=3`.
  public var argument: BoundArgument
}

/// An argument of a call, evaluated.
public struct EvaluatedArgument: Sendable {
  public var name: Name?
  public var value: Value
  /// The whole argument, its name included: where findings about it stand.
  public var range: SourceRange
  public var valueRange: SourceRange
  /// The value as it is written.
  public var expression: Expression?

  public init(
    name: Name?, value: Value, range: SourceRange, valueRange: SourceRange? = nil,
    expression: Expression? = nil
  ) {
    self.expression = expression
    self.name = name
    self.value = value
    self.range = range
    self.valueRange = valueRange ?? range
  }
}

/// Something wrong with an argument, at the argument.
public struct ArgumentFinding: Sendable {
  public var code: DiagnosticCode
  public var message: String
  public var range: SourceRange
  /// What should stand instead, and where.
  public var replacement: (text: String, range: SourceRange)?

  public init(
    code: DiagnosticCode, message: String, range: SourceRange,
    replacement: (text: String, range: SourceRange)? = nil
  ) {
    self.code = code
    self.message = message
    self.range = range
    self.replacement = replacement
  }
}

/// Arguments assigned to parameters.
public struct Binding: Sendable {
  public var arguments = BoundArguments()
  /// Positional tensors that are no parameter's: operands of merges.
  public var operands: [(value: Value, range: SourceRange)] = []
  /// `name`, `trainable` and `dtype`, which every layer takes, and the options of its weights.
  public var universal: [String: BoundArgument] = [:]
  public var findings: [ArgumentFinding] = []
  /// Whether a parameter that needs a value is left without one: the use has no meaning then.
  public var isBroken = false

  /// Arguments that are bound already, as those of a layer value.
  public init(arguments: BoundArguments, universal: [String: BoundArgument] = [:]) {
    self.arguments = arguments
    self.universal = universal
  }

  /// Assigns positional arguments first, then named ones, and fits each to its type; every
  /// mistake is its own finding.
  public init(
    _ given: [EvaluatedArgument], to schema: LayerSchema, calleeRange: SourceRange,
    catalogue: Catalogue
  ) {
    var values: [EvaluatedArgument?] = Array(
      repeating: nil, count: schema.parameters.count)
    var misspelt: [(parameter: String, argument: EvaluatedArgument)] = []
    var position = 0
    for argument in given {
      guard let name = argument.name else {
        bindPositional(argument, schema, &values, &position)
        continue
      }
      if let index = schema.parameters.firstIndex(where: {
        $0.name == name.text || $0.aliases.contains(name.text)
      }) {
        if values[index] != nil {
          fail(
            .duplicateArgument, "`\(schema.parameters[index].name)` is already given",
            argument.range)
        } else {
          values[index] = argument
        }
      } else if schema.universal.contains(name.text) {
        bindUniversal(name, argument)
      } else if let option = schema.weightOptions.first(where: { $0.name == name.text }) {
        bindOption(option, argument, catalogue)
      } else {
        let known = schema.parameters.map(\.name)
        let near = nearest(
          to: name.text,
          among: known + schema.universal + schema.weightOptions.map(\.name))
        if let near { misspelt.append((near, argument)) }
        let message =
          near.map { "`\(schema.name)` has no argument `\(name.text)`; did you mean `\($0)`?" }
          ?? "`\(schema.name)` has no argument `\(name.text)`; "
          + (known.isEmpty
            ? "it takes none"
            : "it takes \(known.map { "`\($0)`" }.joined(separator: ", "))")
        fail(.unknownArgument, message, argument.range, replacement: near.map { ($0, name.range) })
      }
    }
    // What a misspelt name was meant for counts as given: that it is missing is no other mistake.
    for (name, argument) in misspelt {
      if let index = schema.parameters.firstIndex(where: { $0.name == name }), values[index] == nil
      {
        values[index] = argument
      }
    }
    var context = ArgumentContext(arguments: BoundArguments())
    for (index, parameter) in schema.parameters.enumerated() {
      if let argument = values[index] {
        let fitted = fit(argument, parameter, catalogue)
        context.arguments.entries.append(
          BoundArgument(
            name: parameter.name, value: fitted, isGiven: true, range: argument.range,
            valueRange: argument.valueRange, expression: argument.expression))
      } else if let expression = parameter.defaultValue {
        var value = (try? context.evaluate(expression)) ?? .unknown
        if let type = parameter.type {
          switch type.coerce(value, catalogue) {
          case .fits(let fitted), .converts(let fitted, _): value = fitted
          case .fails: break
          }
        }
        context.arguments.entries.append(
          BoundArgument(name: parameter.name, value: value, isGiven: false, range: nil))
      } else {
        let missing = "`\(schema.name)` needs `\(parameter.name)`"
        isBroken = true
        fail(
          .missingArgument,
          parameter.type.map { "\(missing), \($0.description)" } ?? missing, calleeRange)
        context.arguments.entries.append(
          BoundArgument(name: parameter.name, value: .unknown, isGiven: false, range: nil))
      }
    }
    arguments = context.arguments
  }

  private mutating func bindPositional(
    _ argument: EvaluatedArgument, _ schema: LayerSchema,
    _ values: inout [EvaluatedArgument?], _ position: inout Int
  ) {
    // What is unknown after an error may have been an operand: nothing follows from it.
    if argument.value == .unknown, position >= schema.parameters.count, schema.takesOperands {
      operands.append((argument.value, argument.range))
      return
    }
    if case .tensor = argument.value {
      let takesIt =
        position < schema.parameters.count
        && schema.parameters[position].type?.takesTensors ?? true
      if !takesIt {
        operands.append((argument.value, argument.range))
        return
      }
    }
    guard position < schema.parameters.count else {
      if position == schema.parameters.count {
        let count = schema.parameters.count
        fail(
          .tooManyArguments,
          count == 0
            ? "`\(schema.name)` takes no arguments"
            : "`\(schema.name)` takes \(count) argument\(count == 1 ? "" : "s"), this is one more",
          argument.range)
      }
      position += 1
      return
    }
    if values[position] == nil {
      values[position] = argument
    } else {
      fail(
        .duplicateArgument, "`\(schema.parameters[position].name)` is already given by its name",
        argument.range)
    }
    position += 1
  }

  private mutating func bindUniversal(_ name: Name, _ argument: EvaluatedArgument) {
    if universal[name.text] != nil {
      fail(.duplicateArgument, "`\(name.text)` is already given", argument.range)
      return
    }
    switch (name.text, argument.value) {
    case (_, .unknown): break
    case ("name", .string), ("trainable", .boolean): break
    case ("name", _): fail(.invalidArgument, "`name` is a string", argument.range)
    case ("trainable", _): fail(.invalidArgument, "`trainable` is true or false", argument.range)
    case (_, .string(let name)) where DType(rawValue: name)?.isFloatingPoint == true: break
    default:
      let names = DType.allCases.filter(\.isFloatingPoint).map(\.rawValue)
      var near: String?
      if case .string(let name) = argument.value { near = nearest(to: name, among: names) }
      fail(
        .invalidArgument,
        "`dtype` is the type that the layer computes in, one of "
          + names.map(Value.quoted).joined(separator: ", "), argument.range,
        replacement: near.map { (Value.quoted($0), argument.valueRange) })
    }
    universal[name.text] = BoundArgument(
      name: name.text, value: argument.value, isGiven: true, range: argument.range,
      valueRange: argument.valueRange)
  }

  private mutating func bindOption(
    _ option: WeightOption, _ argument: EvaluatedArgument, _ catalogue: Catalogue
  ) {
    if universal[option.name] != nil {
      fail(.duplicateArgument, "`\(option.name)` is already given", argument.range)
      return
    }
    let value = fit(argument, option.name, option.type, catalogue)
    // What leaves the choice to the framework need not be kept.
    if value == .none { return }
    universal[option.name] = BoundArgument(
      name: option.name, value: value, isGiven: true, range: argument.range,
      valueRange: argument.valueRange)
  }

  private mutating func fit(
    _ argument: EvaluatedArgument, _ parameter: ParameterSchema, _ catalogue: Catalogue
  ) -> Value {
    guard let type = parameter.type else { return argument.value }
    return fit(argument, parameter.name, type, catalogue)
  }

  private mutating func fit(
    _ argument: EvaluatedArgument, _ name: String, _ type: ParameterType, _ catalogue: Catalogue
  ) -> Value {
    let value = argument.value
    switch type.coerce(value, catalogue) {
    case .fits(let fitted): return fitted
    case .converts(let fitted, let replacement):
      findings.append(
        ArgumentFinding(
          code: .implicitConversion,
          message: "`\(name)` expects \(type.description); "
            + "\(value) is read as \(replacement)",
          range: argument.range,
          replacement: argument.expression?.isSearched ?? false
            ? nil : (replacement, argument.valueRange)))
      return fitted
    case .fails(let failure):
      let reason = failure.reason ?? "this is \(value.typeName)"
      fail(
        .invalidArgument, "`\(name)` expects \(type.description); \(reason)", argument.range,
        replacement: argument.expression?.isSearched ?? false
          ? nil : failure.replacement.map { ($0, argument.valueRange) })
      return .unknown
    }
  }

  private mutating func fail(
    _ code: DiagnosticCode, _ message: String, _ range: SourceRange,
    replacement: (text: String, range: SourceRange)? = nil
  ) {
    findings.append(
      ArgumentFinding(code: code, message: message, range: range, replacement: replacement))
  }
}

extension Expression {
  /// Whether it is a search variable itself: a value that does not fit is not to be written over.
  fileprivate var isSearched: Bool {
    if case .call(let call) = kind { call.name.text == "HPO" } else { false }
  }
}

/// Defaults may use earlier parameters.
struct ArgumentContext: EvaluationContext {
  var arguments: BoundArguments
  var facts: Facts { Facts() }

  func lookup(_ name: String) -> Value? { arguments[name] }

  func undefined(_ name: String, _ range: SourceRange) -> EvaluationError {
    EvaluationError(.undefinedName, "`\(name)` is not an earlier parameter", range)
  }

  mutating func evaluate(call: Call) throws(EvaluationError) -> Value {
    throw EvaluationError(.notConstant, "a default cannot call `\(call.name.text)`", call.range)
  }
}
