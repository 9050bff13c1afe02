import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Search variables (language.md, section 7). This version checks one configuration: they may stand
// where no shape depends on them.
extension Expander {
  /// The value of an argument or setting, and all of them where a search variable stands there.
  mutating func valueOrCandidates(
    _ expression: Expression
  ) -> (value: Value, candidates: [Value]?) {
    guard case .call(let call) = expression.kind, call.name.text == "HPO" else {
      return (value(expression), nil)
    }
    do {
      let values = try searchSpace(call)
      return (values.first ?? .unknown, values)
    } catch {
      report(error)
      return (.unknown, nil)
    }
  }

  /// The values of `HPO(choice(…))`; the ends of `HPO(range(…))` and `HPO(log_range(…))`.
  mutating func searchSpace(_ call: Call) throws(EvaluationError) -> [Value] {
    searchVariables += 1
    guard let arguments = call.arguments, arguments.count == 1, arguments[0].name == nil,
      case .call(let space) = arguments[0].value.kind
    else {
      throw EvaluationError(
        .invalidArgument,
        "`HPO` takes one of `choice(32, 64)`, `range(0.1, 0.5, step=0.1)` and "
          + "`log_range(1e-4, 1e-2)`", call.range)
    }
    let values: [Value]
    switch space.name.text {
    case "choice": values = try choices(space)
    case "range", "log_range": values = try ends(space, isLogarithmic: space.name.text != "range")
    default:
      let near = nearest(to: space.name.text, among: ["choice", "range", "log_range"])
      throw EvaluationError(
        .invalidArgument,
        "a search space is `choice`, `range` or `log_range`, this is `\(space.name.text)`",
        space.name.range, replacement: near)
    }
    if !allowsSearch {
      throw EvaluationError(
        .searchSpaceError,
        "this version searches over settings of `train` and the optimizer only, not over layers; "
          + "write one value here", call.range)
    }
    return values
  }

  private mutating func choices(_ space: Call) throws(EvaluationError) -> [Value] {
    var values: [Value] = []
    for argument in space.arguments ?? [] {
      if let name = argument.name {
        throw EvaluationError(
          .unknownArgument, "`choice` lists its values without names", name.range)
      }
      values.append(try evaluate(argument.value))
    }
    if values.isEmpty {
      throw EvaluationError(
        .emptySearchSpace, "this choice has no values; list at least one", space.range)
    }
    return values
  }

  private mutating func ends(
    _ space: Call, isLogarithmic: Bool
  ) throws(EvaluationError) -> [Value] {
    let name = space.name.text
    var bounds: [Value] = []
    var step: Value?
    for argument in space.arguments ?? [] {
      let value = try evaluate(argument.value)
      switch argument.name?.text {
      case nil where bounds.count < 2: bounds.append(value)
      case "step" where !isLogarithmic && step == nil: step = value
      default:
        throw EvaluationError(
          argument.name == nil ? .tooManyArguments : .unknownArgument,
          isLogarithmic
            ? "`log_range` takes its two ends" : "`range` takes its two ends and `step=`",
          argument.range)
      }
    }
    guard bounds.count == 2 else {
      throw EvaluationError(
        .missingArgument,
        "`\(name)` takes its two ends, such as "
          + (isLogarithmic ? "`log_range(1e-4, 1e-2)`" : "`range(16, 64, step=16)`"), space.range)
    }
    if (bounds + [step ?? .int(1)]).contains(where: \.isUnknown) { return [.unknown] }
    let least = try number(bounds[0], space)
    let most = try number(bounds[1], space)
    if let step, try number(step, space) <= 0 {
      throw EvaluationError(
        .invalidArgument, "a step is above 0, this is \(step)", space.range)
    }
    if isLogarithmic, least <= 0 {
      throw EvaluationError(
        .invalidArgument, "a logarithmic range starts above 0, this one at \(bounds[0])",
        space.range)
    }
    if most < least {
      throw EvaluationError(
        .emptySearchSpace,
        "nothing lies between \(bounds[0]) and \(bounds[1]); the smaller end comes first: "
          + "`\(name)(\(bounds[1]), \(bounds[0]))`", space.range)
    }
    return bounds
  }

  private func number(_ value: Value, _ space: Call) throws(EvaluationError) -> Double {
    switch value {
    case .integer(.constant(let number)): return Double(number)
    case .float(let number): return number
    default:
      throw EvaluationError(
        .invalidArgument, "the ends of a range are numbers, this is \(value.typeName)", space.range)
    }
  }
}
