import NeuralDimension
import NeuralSyntax

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
    // The place among `given` of what each parameter is given.
    var places = [Int?](repeating: nil, count: schema.parameters.count)
    var misspelt: [(parameter: String, place: Int)] = []
    var position = 0
    var isNamed = false
    var late: [(index: Int, place: Int)] = []
    for (place, argument) in given.enumerated() {
      guard let name = argument.name else {
        let index = position
        bindPositional(argument, at: place, schema, &places, &position)
        if isNamed, position > index { late.append((index, place)) }
        continue
      }
      isNamed = true
      if let index = schema.parameters.firstIndex(where: {
        $0.name == name.text || $0.aliases.contains(name.text)
      }) {
        if places[index] != nil {
          fail(
            .duplicateArgument, "`\(schema.parameters[index].name)` is already given",
            argument.range)
        } else {
          places[index] = place
        }
      } else if schema.universal.contains(name.text) {
        bindUniversal(name, argument)
      } else if let option = schema.weightOptions.first(where: { $0.name == name.text }) {
        bindOption(option, argument, catalogue)
      } else {
        let near = reportUnknown(name, argument, schema, calleeRange, catalogue)
        if let near { misspelt.append((near, place)) }
      }
    }
    // What a misspelt name was meant for counts as given: that it is missing is no other mistake.
    for (name, place) in misspelt {
      if let index = schema.parameters.firstIndex(where: { $0.name == name }), places[index] == nil
      {
        places[index] = place
      }
    }
    // From the last: it may stand where an earlier one is meant to.
    for index in places.indices.reversed() {
      moveMisplaced(index, given, schema, &places, catalogue)
    }
    for (index, place) in late where places.indices.contains(index) && places[index] == place {
      let name = schema.parameters[index].name
      fail(
        .invalidArgument,
        "arguments without a name come before those with one; write `\(name)=` before this",
        given[place].range, replacement: ("\(name)=", given[place].valueRange.startPoint))
    }
    let defaults = schema.defaults(catalogue)
    var entries = defaults.entries
    for (index, parameter) in schema.parameters.enumerated() {
      if let place = places[index] {
        let argument = given[place]
        entries[index] = BoundArgument(
          name: parameter.name, value: fit(argument, parameter, catalogue), isGiven: true,
          range: argument.range, valueRange: argument.valueRange, expression: argument.expression)
      } else if defaults.isConstant[index] {
        continue
      } else if let expression = parameter.defaultValue {
        var context = ArgumentContext(arguments: BoundArguments(entries: Array(entries[..<index])))
        let value = (try? context.evaluate(expression)) ?? .unknown
        entries[index].value = parameter.fitted(default: value, catalogue)
      } else {
        let missing = "`\(schema.name)` needs `\(parameter.name)`"
        isBroken = true
        fail(
          .missingArgument,
          parameter.type.map { "\(missing), \($0.description)" } ?? missing, calleeRange)
      }
    }
    arguments = BoundArguments(entries: entries)
  }

  /// Says that there is no such argument; returns the parameter that was probably meant.
  private mutating func reportUnknown(
    _ name: Name, _ argument: EvaluatedArgument, _ schema: LayerSchema,
    _ calleeRange: SourceRange, _ catalogue: Catalogue
  ) -> String? {
    let known = schema.parameters.map(\.name)
    let near =
      nearest(
        to: name.text, among: known + schema.universal + schema.weightOptions.map(\.name))
      ?? known.first { name.text.utf8.count > 2 && $0.hasPrefix(name.text) }
    // PyTorch's layer of the same name, which has such an argument.
    if near == nil, let other = catalogue.layer(named: "nn.\(schema.name)")?.schema,
      other.parameters.contains(where: { $0.name == name.text })
    {
      fail(
        .unknownArgument,
        "`\(schema.name)` has no argument `\(name.text)`; PyTorch's has: write "
          + "`nn.\(schema.name)`", argument.range,
        replacement: ("nn.\(schema.name)", calleeRange))
      return nil
    }
    let message =
      near.map { "`\(schema.name)` has no argument `\(name.text)`; did you mean `\($0)`?" }
      ?? "`\(schema.name)` has no argument `\(name.text)`; "
      + (known.isEmpty
        ? "it takes none"
        : "it takes \(known.map { "`\($0)`" }.joined(separator: ", "))")
    fail(.unknownArgument, message, argument.range, replacement: near.map { ($0, name.range) })
    return near
  }

  private mutating func bindPositional(
    _ argument: EvaluatedArgument, at place: Int, _ schema: LayerSchema, _ places: inout [Int?],
    _ position: inout Int
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
    let parameter = schema.parameters[position].name
    if places[position] != nil {
      fail(.duplicateArgument, "`\(parameter)` is already given", argument.range)
    } else {
      places[position] = place
    }
    position += 1
  }

  /// A word, a flag or a call at a place that cannot take it is meant for the first parameter that
  /// can, as in `Conv2D(32, 3, "relu")`: there it counts as given.
  private mutating func moveMisplaced(
    _ index: Int, _ given: [EvaluatedArgument], _ schema: LayerSchema, _ places: inout [Int?],
    _ catalogue: Catalogue
  ) {
    guard let place = places[index], case let argument = given[place], argument.name == nil,
      argument.value.isWord,
      let type = schema.parameters[index].type,
      case .fails = type.coerce(argument.value, catalogue)
    else { return }
    let fitting = schema.parameters.indices.filter { other in
      guard places[other] == nil, let type = schema.parameters[other].type,
        case .fits = type.coerce(argument.value, catalogue)
      else { return false }
      return true
    }
    // Which of several flags is meant, nobody can say.
    guard let other = fitting.first, fitting.count == 1 || argument.value.isName else { return }
    let name = schema.parameters[other].name
    fail(
      .invalidArgument,
      "`\(schema.parameters[index].name)` expects \(type.description); this is "
        + "\(argument.value.typeName); did you mean `\(name)=\(argument.value)`?", argument.range,
      replacement: ("\(name)=", argument.valueRange.startPoint))
    places[index] = nil
    places[other] = place
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

extension Value {
  fileprivate var isName: Bool { if case .string = self { true } else { false } }

  /// Whether it says by its kind what it is for, as numbers do not.
  fileprivate var isWord: Bool {
    switch self {
    case .string, .boolean, .layer: true
    default: false
    }
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
