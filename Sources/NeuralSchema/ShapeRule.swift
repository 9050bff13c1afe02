import NeuralDimension
import NeuralSyntax

/// A variable of a layer: trained, or state that training updates by other means.
public struct Weight: Sendable, Hashable {
  /// Below the layer's own path: `kernel`, `forward/kernel`.
  public var name: String
  public var shape: [Dimension]
  public var isTrainable: Bool
}

/// What a shape rule says of one use of a layer.
public struct RuleResult: Sendable {
  /// What it was asked about.
  var arguments = BoundArguments()
  public var outputs: [TensorType] = []
  public var weights: [Weight] = []
  /// Multiply-accumulates for one sample.
  public var macs = Dimension.constant(0)
  /// Dimensions and `let` names in the order in which they were bound, the last one counts; beside
  /// them stand the arguments.
  public var names: [(name: String, value: Value)] = []
  /// The computations of windows and the like with this use's numbers, for hover.
  public var formulas: [Formula] = []
  /// Lower bounds that hold from here on.
  public var facts: [Facts.Constraint] = []
  public var notes: [RuleNote] = []
  /// Claims that some allowed sizes break, where a condition on the inputs would mend it; the rest
  /// of the result is as if they held.
  public var unmet: [UnmetClaim] = []
  /// What the backward pass keeps, where the declaration says it.
  public var backward: BackwardNeed?
  /// What it keeps of layers inside this one.
  var innerBackward: BackwardNeed?
  /// Steps of evaluation that it took.
  public var steps = 0

  /// Parameters, dimensions and `let` names by name, for templates and composite layers.
  public var bindings: [String: Value] { bindings(with: arguments) }

  /// The same with the arguments of another use that says as much.
  public func bindings(with arguments: BoundArguments) -> [String: Value] {
    var bindings: [String: Value] = [:]
    for entry in arguments.entries { bindings[entry.name] = entry.value }
    for (name, value) in names { bindings[name] = value }
    return bindings
  }
}

/// Something that is worth saying and no error.
public struct RuleNote: Sendable, Hashable {
  public var code: DiagnosticCode
  public var message: String
  public var parameter: String?
  /// Lower bounds that are taken for granted from here on; `message` is why.
  public var bounds: [Facts.Constraint] = []
}

/// What must hold here, holds for some sizes only, and would hold under conditions.
public struct UnmetClaim: Sendable {
  public var failure: RuleFailure
  public var claims: [Facts.Constraint]
  /// What the source can state so that all claims hold.
  public var conditions: [Facts.Constraint]
}

/// Why a layer cannot be used like this.
public struct RuleFailure: Error, Sendable {
  public var code: DiagnosticCode
  public var message: String
  /// The parameter that is at fault, if one is.
  public var parameter: String?
  /// The input that is at fault, if one is.
  public var input: Int?
  /// Sizes that the source allows and that break the rule.
  public var counterexample: [Symbol: Int] = [:]
  /// The place in the declaration that failed.
  public var declarationRange: SourceRange?
  /// Whether the declaration is wrong, not its use.
  public var isDeclarationFault = false
}

/// Reads a layer's declaration from top to bottom for one use of it.
public struct ShapeRule: EvaluationContext {
  public internal(set) var facts: Facts
  let schema: LayerSchema
  let arguments: BoundArguments
  let inputs: [TensorType]
  /// How messages name each input: `conv2d_1 on line 5`.
  let labels: [String]
  let catalogue: Catalogue
  var names: [(name: String, value: Value)] = []
  var result = RuleResult()
  /// What the declaration of another framework's signature says so far.
  var translation: Translation?
  var expectations: [Expectation] = []
  var ranks: [Int] = []
  var depth: Int

  /// Steps that one use of a declaration may take.
  private static let stepLimit = 200_000

  /// Layers inside layers inside layers.
  private static let depthLimit = 32

  init(
    _ schema: LayerSchema, _ arguments: BoundArguments, _ inputs: [TensorType],
    labels: [String], facts: Facts, catalogue: Catalogue, depth: Int
  ) {
    self.schema = schema
    self.arguments = arguments
    self.inputs = inputs
    self.labels = labels
    self.facts = facts
    self.catalogue = catalogue
    self.depth = depth
  }

  /// Outputs, weights and costs of `schema` used with `arguments` on `inputs`.
  public static func evaluate(
    _ schema: LayerSchema, _ arguments: BoundArguments, inputs: [TensorType],
    labels: [String] = [], facts: Facts = Facts(), catalogue: Catalogue, depth: Int = 0
  ) throws(RuleFailure) -> RuleResult {
    guard depth < depthLimit else {
      throw RuleFailure(code: .expansionLimit, message: "layers are nested too deeply here")
    }
    var rule = ShapeRule(
      schema, arguments, inputs, labels: labels, facts: facts, catalogue: catalogue, depth: depth)
    do throws(RuleFailure) {
      try rule.run(schema.items)
    } catch {
      // A size that the call states wrongly is the cause of what the rule finds.
      try rule.checkExpectations()
      throw error
    }
    try rule.checkExpectations()
    if schema.hasBuiltinRule, let builtin = BuiltinRules.all[schema.name] {
      do throws(RuleFailure) {
        try builtin(arguments, inputs, rule.facts, &rule.result)
      } catch {
        var failure = error
        if let name = failure.parameter, arguments.entry(name)?.isGiven != true {
          failure.parameter = nil
        }
        throw failure
      }
    }
    rule.result.backward = rule.result.backward ?? rule.result.innerBackward
    rule.result.arguments = arguments
    rule.result.names = rule.names
    return rule.result
  }

  /// Why no further arguments make a layer read what it is given: the ranks and types of its
  /// inputs, as far as `arguments` decide them.
  public static func misfit(
    _ schema: LayerSchema, _ arguments: BoundArguments, inputs: [TensorType], labels: [String],
    facts: Facts, catalogue: Catalogue
  ) -> RuleFailure? {
    var rule = ShapeRule(
      schema, arguments, inputs, labels: labels, facts: facts, catalogue: catalogue, depth: 0)
    let items = schema.items.filter { item in
      switch item {
      case .input, .binding, .conditional: true
      default: false
      }
    }
    do throws(RuleFailure) {
      try rule.run(items)
      return nil
    } catch {
      // All else may be for want of the arguments.
      return error.code == .rankMismatch || error.code == .dtypeMismatch ? error : nil
    }
  }

  // MARK: Items

  mutating func run(_ items: [LayerItem]) throws(RuleFailure) {
    for item in items {
      switch item {
      case .input(let patterns, _): try match(patterns)
      case .output(let expressions, _):
        for expression in expressions { try output(value(expression), expression.range) }
      case .binding(let name, let expression): bind(name.text, try value(expression))
      case .require(let condition, let message, let code, _):
        try require(condition, message, code)
      case .conditional(let arms, let otherwise):
        try run(try chosen(arms) ?? otherwise)
      case .weights(let entries, _): try variables(entries, isTrainable: true)
      case .state(let entries, _): try variables(entries, isTrainable: false)
      case .macs(let expression): try addMACs(expression)
      case .entry(let key, let expressions) where key.text == "backward":
        try keep(expressions)
      case .entry(let key, let values): try readTranslation(key, values)
      case .body: continue
      }
    }
  }

  mutating func chosen(
    _ arms: [(condition: Expression, items: [LayerItem])]
  ) throws(RuleFailure) -> [LayerItem]? {
    for arm in arms where try holds(arm.condition) { return arm.items }
    return nil
  }

  /// Runs an evaluation of the declaration's own text; its errors are the rule's.
  mutating func value(_ expression: Expression) throws(RuleFailure) -> Value {
    do {
      return try evaluate(expression)
    } catch {
      if let whole = pendingFailure {
        pendingFailure = nil
        throw whole
      }
      throw failure(error, in: expression)
    }
  }

  mutating func holds(_ condition: Expression) throws(RuleFailure) -> Bool {
    do {
      return try decide(condition) ?? false
    } catch {
      throw failure(error, in: condition)
    }
  }

  func failure(_ error: EvaluationError, in expression: Expression) -> RuleFailure {
    RuleFailure(
      code: error.code, message: error.message, parameter: blamed(expression),
      declarationRange: error.range)
  }

  mutating func bind(_ name: String, _ value: Value) { names.append((name, value)) }

  mutating func output(_ value: Value, _ range: SourceRange) throws(RuleFailure) {
    let dtype =
      inputs.first.map { $0.dtype.isFloatingPoint ? $0.dtype : .float32 } ?? .float32
    if case .tensor(let tensor) = value, let type = tensor.type {
      result.outputs.append(type)
    } else if let shape = value.dimensions {
      result.outputs.append(
        TensorType(
          shape: shape,
          dtype: schema.traits.contains("keeps_dtype")
            ? inputs.first?.dtype ?? dtype : dtype))
    } else if case .tuple(let values) = value, !values.isEmpty,
      values.allSatisfy({ $0.dimensions != nil })
    {
      for value in values { try output(value, range) }
    } else {
      throw RuleFailure(
        code: .invalidArgument,
        message: "the output of `\(schema.name)` is \(value.typeName), not a shape",
        declarationRange: range, isDeclarationFault: true)
    }
  }

  mutating func variables(
    _ entries: [WeightEntry], isTrainable: Bool
  ) throws(RuleFailure) {
    for entry in entries {
      if let condition = entry.condition, try !holds(condition) { continue }
      let shape = try value(entry.shape)
      let dimensions: [Dimension]
      if let sizes = shape.dimensions {
        dimensions = sizes
      } else if case .integer(let size) = shape {
        dimensions = [size]
      } else {
        throw RuleFailure(
          code: .invalidArgument,
          message: "the shape of `\(entry.name.text)` is \(shape.typeName), not a tuple of sizes",
          declarationRange: entry.shape.range, isDeclarationFault: true)
      }
      // The smallest, so that the message is the same each time; sets have no order.
      if let symbol = dimensions.flatMap(\.symbols).filter({ !$0.isSearched }).min() {
        throw RuleFailure(
          code: .notConstant,
          message: "`\(entry.name.text)` of `\(schema.name)` would have the shape "
            + "\(TensorType.text(dimensions)), but `\(symbol.name)` is not known before running; "
            + "a weight needs sizes that are")
      }
      result.weights.append(
        Weight(name: entry.name.text, shape: dimensions, isTrainable: isTrainable))
    }
  }

  mutating func addMACs(_ expression: Expression) throws(RuleFailure) {
    guard case .integer(let count) = try value(expression) else { return }
    result.macs = try size(expression.range) { () throws(DimensionError) in
      try result.macs.adding(count)
    }
  }

  func size<Result>(
    _ range: SourceRange, _ body: () throws(DimensionError) -> Result
  ) throws(RuleFailure) -> Result {
    do {
      return try Operators.arithmetic(range, body)
    } catch {
      throw RuleFailure(code: error.code, message: error.message, declarationRange: range)
    }
  }

  // MARK: Requirements

  mutating func require(
    _ condition: Expression, _ message: Expression?, _ code: Name?
  ) throws(RuleFailure) {
    let value = try value(condition)
    let verdict: Verdict
    var claims: [Facts.Constraint] = []
    switch value {
    case .condition(let condition):
      verdict = condition.verdict(facts)
      claims = condition.claims
    case .unknown: return
    default: verdict = Operators.truth(value) ? .proved : .refuted([:])
    }
    switch verdict {
    case .proved: return
    case .unknown:
      result.notes.append(
        RuleNote(
          code: .unprovableShape,
          message: "cannot be shown for every size: \(try text(message, condition))"))
    case .refuted(let sizes):
      let failure = RuleFailure(
        code: code.flatMap { DiagnosticCode(rawValue: $0.text) } ?? .invalidArgument,
        message: try text(message, condition), parameter: blamed(condition),
        counterexample: sizes)
      guard let unmet = UnmetClaim(failure, claims: claims, facts) else { throw failure }
      if claims.allSatisfy(\.isLowerBound), unmet.conditions.allSatisfy(\.isLowerBound) {
        // What only small sizes break is taken for granted, as a window that fits is.
        result.notes.append(
          RuleNote(
            code: .unprovableShape,
            message: failure.message, bounds: unmet.conditions))
        for condition in unmet.conditions {
          facts.add(condition)
          result.facts.append(condition)
        }
        return
      }
      result.unmet.append(unmet)
    }
  }

  mutating func text(
    _ message: Expression?, _ condition: Expression
  ) throws(RuleFailure) -> String {
    guard let message, case .string(let template) = message.kind else {
      return "`\(schema.name)` does not allow these arguments"
    }
    return Template(template).filled { name in
      name == "producer" ? label(0) : lookup(name).map(\.description)
    }
  }

  // MARK: Expectations

  /// Sizes that the call states and the input has.
  func checkExpectations() throws(RuleFailure) {
    if let input = inputs.first, !arguments.ranks.isEmpty,
      !arguments.ranks.contains(input.shape.count)
    {
      let ranks = arguments.ranks.map(String.init).joined(separator: " or ")
      throw RuleFailure(
        code: .rankMismatch,
        message: "this reads \(ranks) axes, the batch included; \(label(0)) gives "
          + input.description, input: 0)
    }
    for expectation in arguments.expectations {
      guard let known = lookup(expectation.size) else { continue }
      let stated = expectation.argument.value
      let sizes: [Symbol: Int]
      switch Operators.equality(known.asTuple, stated.asTuple) {
      case .boolean(false): sizes = [:]
      case .condition(let condition):
        guard case .refuted(let example) = condition.verdict(facts) else { continue }
        sizes = example
      default: continue
      }
      throw RuleFailure(
        code: .shapeMismatch,
        message: "`\(expectation.argument.name)` is \(stated), but \(label(0)) gives "
          + "\(inputs.first?.description ?? "nothing") with \(expectation.size) = \(known)"
          + ShapeRule.suffix(sizes),
        parameter: expectation.argument.name, input: 0, counterexample: sizes)
    }
  }

  /// The first parameter that the expression names, itself or by a `let`, and the call gives.
  func blamed(_ expression: Expression) -> String? {
    ShapeRule.blamed(expression, schema, arguments)
  }

  static func blamed(
    _ expression: Expression, _ schema: LayerSchema, _ arguments: BoundArguments
  ) -> String? {
    var found: String?
    expression.forEachName { name in
      if found != nil { return }
      if let entry = arguments.entry(name) {
        found = entry.isGiven ? name : nil
      } else if let source = binding(of: name, in: schema.items) {
        // A declaration cannot name what it binds before it does, so this ends.
        if source.range != expression.range { found = blamed(source, schema, arguments) }
      }
    }
    return found
  }

  /// What a `let` of the declaration binds to a name.
  private static func binding(of name: String, in items: [LayerItem]) -> Expression? {
    for item in items {
      switch item {
      case .binding(let bound, let expression) where bound.text == name: return expression
      case .conditional(let arms, let otherwise):
        for arm in arms {
          if let found = binding(of: name, in: arm.items) { return found }
        }
        if let found = binding(of: name, in: otherwise) { return found }
      default: continue
      }
    }
    return nil
  }

  // MARK: EvaluationContext

  public mutating func spend(_ steps: Int) throws(EvaluationError) {
    result.steps += steps
    if result.steps > ShapeRule.stepLimit {
      throw EvaluationError(
        .expansionLimit, "the declaration of `\(schema.name)` takes too long to evaluate",
        schema.nameRange)
    }
  }

  public func lookup(_ name: String) -> Value? {
    for bound in names.reversed() where bound.name == name { return bound.value }
    return arguments[name]
  }

  public func undefined(_ name: String, _ range: SourceRange) -> EvaluationError {
    EvaluationError(
      .undefinedName, "the declaration of `\(schema.name)` does not define `\(name)`", range)
  }

  public mutating func evaluate(call: Call) throws(EvaluationError) -> Value {
    if let function = RuleFunction.named(call.name.text) {
      return try apply(function, call)
    }
    guard let match = catalogue.layer(named: call.name.text, in: schema.file) else {
      throw EvaluationError(
        .unknownLayer, "`\(call.name.text)` is neither a function nor a layer", call.name.range)
    }
    var given: [EvaluatedArgument] = []
    for argument in call.arguments ?? [] {
      given.append(
        EvaluatedArgument(
          name: argument.name, value: try evaluate(argument.value), range: argument.range))
    }
    let binding = Binding(
      given, to: match.schema, calleeRange: call.name.range, catalogue: catalogue)
    if let finding = binding.findings.first(where: { $0.code.severity == .error }) {
      throw EvaluationError(finding.code, finding.message, finding.range)
    }
    return .layer(LayerValue(schema: match.schema, arguments: binding.arguments))
  }

  mutating func apply(
    _ function: RuleFunction, _ call: Call
  ) throws(EvaluationError) -> Value {
    var values: [Value] = []
    for argument in call.arguments ?? [] { values.append(try evaluate(argument.value)) }
    if function != .apply, values.contains(where: \.isUnknown) { return .unknown }
    do {
      switch function {
      case .apply: return try applyLayer(values, call)
      case .weights_of:
        return try weights(of: values.first, call)
      case .kernel_of: return try kernel(of: values.first, call)
      case .kernel_for: return try kernel(for: values.first, call)
      default:
        var computation = ShapeFunctions(
          call, of: schema, arguments, facts: facts, labels: labels)
        let value = try computation.apply(function, values)
        result.formulas += computation.formulas
        result.notes += computation.notes
        result.unmet += computation.unmet
        for fact in computation.newFacts {
          facts.add(fact)
          result.facts.append(fact)
        }
        return value
      }
    } catch {
      pendingFailure = error
      throw EvaluationError(error.code, error.message, call.range)
    }
  }

  /// A failure of a function, kept whole while the expression around it unwinds.
  var pendingFailure: RuleFailure?
}

extension Value {
  /// A list as a tuple and a tuple of one as its entry: how sizes are compared.
  fileprivate var asTuple: Value {
    guard let elements else { return self }
    return elements.count == 1 ? elements[0] : .tuple(elements)
  }
}
