import NeuralDimension
import NeuralSchema
import NeuralSyntax

// `HPO(…)`: the values of search variables (language.md, section 7).
extension Expander {
  /// The value of `HPO(…)` in the configuration at hand. Of a choice only that value is evaluated.
  mutating func searchSpace(_ call: Call) throws(EvaluationError) -> Value {
    guard let arguments = call.arguments, arguments.count == 1, arguments[0].name == nil,
      case .call(let space) = arguments[0].value.kind
    else {
      let listed = listedValues(call).map { "HPO(choice(\($0)))" }
      throw EvaluationError(
        .invalidArgument,
        "`HPO` takes one of `choice(32, 64)`, `range(0.1, 0.5, step=0.1)` and "
          + "`log_range(1e-4, 1e-2)`" + (listed.map { "; write `\($0)`" } ?? ""), call.range,
        replacement: listed)
    }
    switch space.name.text {
    case "choice": return try choice(space, call)
    case "range", "log_range":
      return try range(space, call, isLogarithmic: space.name.text != "range")
    default:
      let near = nearest(to: space.name.text, among: ["choice", "range", "log_range"])
      throw EvaluationError(
        .invalidArgument,
        "a search space is `choice`, `range` or `log_range`, this is `\(space.name.text)`",
        space.name.range, replacement: near)
    }
  }

  /// A search space without the `HPO` around it.
  func bareSpace(_ call: Call) -> EvaluationError? {
    guard call.name.text == "choice" || call.name.text == "log_range" else { return nil }
    let text = source?.text(of: call.range) ?? "\(call.name.text)(…)"
    return EvaluationError(
      .unknownLayer, "a search space stands inside `HPO`: write `HPO(\(text))`", call.range,
      replacement: "HPO(\(text))")
  }

  /// The values that `HPO(32, 64)` or `HPO([32, 64])` lists, as they are written.
  private func listedValues(_ call: Call) -> String? {
    guard let arguments = call.arguments, !arguments.isEmpty,
      arguments.allSatisfy({ $0.name == nil })
    else { return nil }
    var values = arguments.map(\.value)
    if values.count == 1 {
      switch values[0].kind {
      case .list(let entries), .tuple(let entries): values = entries
      default: break
      }
    }
    let texts = values.compactMap { source?.text(of: $0.range) }
    return texts.count == values.count && texts.count > 1 ? texts.joined(separator: ", ") : nil
  }

  /// The variable that stands at a place, and what the configuration at hand chooses for it.
  mutating func variable(
    at range: SourceRange, _ values: [Value?], isContinuous: Bool
  ) -> Place {
    let turn = Search.Turn(
      location: Location(file, range), calls: activeCalls.map(\.call))
    let name = search.naming ?? "choice"
    let place = location(range)
    let key = search.key(turn)
    if let setting = search.fixed[key] { return .fixed(setting) }
    let number = search.number(key) {
      SearchVariable(
        name: name, path: nil, values: values, isContinuous: isContinuous, location: place,
        key: key)
    }
    search.touched.insert(number)
    return .variable(number, choice: min(search.configuration[number], values.count - 1))
  }

  enum Place {
    case variable(Int, choice: Int)
    /// A user has set it.
    case fixed(Search.Setting)
  }

  /// The value of the entry that a choice has in the configuration at hand.
  mutating func choose(
    among entries: [Expression], at range: SourceRange
  ) throws(EvaluationError) -> Value {
    switch variable(at: range, entries.map { _ in nil }, isContinuous: false) {
    case .variable(let number, let choice):
      for (index, entry) in entries.enumerated() where index != choice { skip(entry) }
      let value = try evaluate(entries[choice])
      search.note(value, of: number, at: choice)
      return value
    case .fixed(.choice(let choice)):
      for entry in entries { skip(entry) }
      return try evaluate(entries[min(choice, entries.count - 1)])
    case .fixed(.value(let value)): return value
    }
  }

  private mutating func choice(_ space: Call, _ call: Call) throws(EvaluationError) -> Value {
    let entries = space.arguments ?? []
    if let name = entries.lazy.compactMap(\.name).first {
      throw EvaluationError(
        .unknownArgument, "`choice` lists its values without names", name.range)
    }
    if entries.isEmpty {
      throw EvaluationError(
        .emptySearchSpace, "this choice has no values; list at least one", space.range)
    }
    if entries.count == 1 {
      reportSingle("this choice has one value", space, call, value: entries[0].value.range)
    } else if let first = source?.text(of: entries[0].value.range), compositeLocation == nil,
      entries.allSatisfy({ source?.text(of: $0.value.range) == first })
    {
      reportSingle(
        "this choice lists one value \(entries.count) times", space, call,
        value: entries[0].value.range)
    }
    return try choose(among: entries.map(\.value), at: call.range)
  }

  /// One value is no space: the fix writes it where the space stands.
  private mutating func reportSingle(
    _ what: String, _ space: Call, _ call: Call, value: SourceRange?
  ) {
    var finding = Finding(
      .emptySearchSpace, "\(what), so there is nothing to search; write the value itself",
      location(space.range))
    if compositeLocation == nil, let text = value.flatMap({ source?.text(of: $0) }) {
      finding = finding.fixing("Write `\(text)`", [(location(call.range), text)])
    }
    add(finding)
  }

  private mutating func range(
    _ space: Call, _ call: Call, isLogarithmic: Bool
  ) throws(EvaluationError) -> Value {
    let outer = search.touched
    search.touched = []
    let bounds = try ends(space, isLogarithmic: isLogarithmic)
    if !search.touched.isEmpty {
      throw EvaluationError(
        .notConstant, "the ends of a range cannot depend on another search variable", space.range)
    }
    search.touched = outer
    guard let (values, isContinuous) = bounds else { return .unknown }
    if values.count == 1 {
      reportSingle(
        "only \(values[0]) lies in this range", space, call,
        value: space.arguments?.first { $0.name?.text != "step" }?.value.range)
    }
    switch variable(at: call.range, values, isContinuous: isContinuous) {
    case .variable(_, let choice): return values[choice]
    case .fixed(.choice(let choice)): return values[min(choice, values.count - 1)]
    case .fixed(.value(let value)): return value
    }
  }

  /// The values of a range, or its two ends where it is continuous; `nil` where one is unknown.
  private mutating func ends(
    _ space: Call, isLogarithmic: Bool
  ) throws(EvaluationError) -> (values: [Value], isContinuous: Bool)? {
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
    if (bounds + [step ?? .int(1)]).contains(where: \.isUnknown) { return nil }
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
      let text = "\(name)(\(bounds[1]), \(bounds[0])\(step.map { ", step=\($0)" } ?? ""))"
      throw EvaluationError(
        .emptySearchSpace,
        "nothing lies between \(bounds[0]) and \(bounds[1]); the smaller end comes first: "
          + "`\(text)`", space.range, replacement: text)
    }
    return steps(bounds, step) ?? (least == most ? [bounds[0]] : bounds, least < most)
  }

  /// The values one by one, where they are whole numbers or a step parts them and they are not
  /// too many.
  private func steps(
    _ bounds: [Value], _ step: Value?
  ) -> (values: [Value], isContinuous: Bool)? {
    if case .integer(.constant(let low)) = bounds[0], case .integer(.constant(let high)) = bounds[1]
    {
      let stride: Int
      switch step {
      case nil: stride = 1
      case .integer(.constant(let number)): stride = number
      default: return fractions(Double(low), Double(high), step)
      }
      guard (high - low) / stride < Search.valueLimit else { return nil }
      return (Swift.stride(from: low, through: high, by: stride).map(Value.int), false)
    }
    guard let low = bounds[0].double, let high = bounds[1].double else { return nil }
    return fractions(low, high, step)
  }

  private func fractions(
    _ low: Double, _ high: Double, _ step: Value?
  ) -> (values: [Value], isContinuous: Bool)? {
    guard let step = step?.double else { return nil }
    // A ten-thousandth of a step is rounding: 0.3 + 4 · 0.1 is not quite 0.7.
    let count = ((high - low) / step + 1e-4).rounded(.down)
    guard count < Double(Search.valueLimit) else { return nil }
    let values = (0...Int(count)).map { index in
      let value = low + Double(index) * step
      // Twelve digits are what was meant.
      return Value.float((value * 1e12).rounded() / 1e12)
    }
    return (values, false)
  }

  private func number(_ value: Value, _ space: Call) throws(EvaluationError) -> Double {
    guard let number = value.double else {
      throw EvaluationError(
        .invalidArgument, "the ends of a range are numbers, this is \(value.typeName)", space.range)
    }
    return number
  }
}

extension Value {
  fileprivate var double: Double? {
    switch self {
    case .integer(.constant(let number)): Double(number)
    case .float(let number): number
    default: nil
    }
  }
}
