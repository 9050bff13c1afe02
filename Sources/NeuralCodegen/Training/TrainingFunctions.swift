import NeuralModel
import NeuralSchema

/// `loss` and `metrics` of one network, made of what declarations say of a framework.
struct TrainingFunctions {
  let plan: TrainingPlan
  /// What a function is called in this module.
  let name: TrainingNames
  let dialect: TrainingDialect

  private var tensor: String { dialect.tensor }
  private var tensors: String { "tuple[\(tensor), ...]" }

  // MARK: Loss

  func losses() throws(TargetProblem) -> [String] {
    let losses = plan.losses
    if losses.isEmpty { return [] }
    if losses.count == 1, plan.network.outputs.count == 1 {
      return [try lossFunction(losses[0], called: name("loss"))]
    }
    var parts: [String] = []
    var terms: [String] = []
    var lines = Python.signature(
      "def \(name("loss"))(outputs: \(tensors), targets: \(tensors)) -> \(tensor):")
    lines.append(
      "    \"\"\"The sum of the losses of the outputs, whose targets come in the same order.\"\"\"")
    for (place, loss) in losses.enumerated() {
      let own = name(Python.attribute(plan.network.outputs[loss.output].name) + "_loss")
      parts.append(try lossFunction(loss, called: own))
      terms.append("\(own)(outputs[\(loss.output)], targets[\(place)])")
    }
    let sum = "    return \(terms.joined(separator: " + "))"
    if sum.count <= Python.columns {
      lines.append(sum)
    } else {
      lines.append("    return (")
      for (place, term) in terms.enumerated() {
        lines.append("        \(place == 0 ? "" : "+ ")\(term)")
      }
      lines.append("    )")
    }
    return parts + [lines.joined(separator: "\n")]
  }

  private func lossFunction(
    _ loss: NetworkLoss, called own: String
  ) throws(TargetProblem) -> String {
    var lines = signature(own)
    lines += Python.docstringLines(lossText(loss), indent: 4)
    lines += try body(loss.loss, output: loss.output, section: "loss")
    return lines.joined(separator: "\n")
  }

  private func signature(_ own: String) -> [String] {
    Python.signature("def \(own)(outputs: \(tensor), targets: \(tensor)) -> \(tensor):")
  }

  /// What a loss compares, with the shape of its targets.
  private func lossText(_ loss: NetworkLoss) -> String {
    let title = loss.loss.schema.snakeName.split(separator: "_").joined(separator: " ")
    let traits = loss.loss.schema.traits
    let targets =
      traits.contains("index_labels")
      ? "targets are class indices" : "targets are floats of the outputs' shape"
    return title.prefix(1).uppercased() + title.dropFirst() + "; \(targets)."
  }

  // MARK: Metrics

  func metrics() throws(TargetProblem) -> [String] {
    if plan.metrics.isEmpty { return [] }
    let isOne = plan.network.outputs.count == 1
    var parts: [String] = []
    let type = isOne ? tensor : tensors
    var lines = Python.signature(
      "def \(name("metrics"))(outputs: \(type), targets: \(type)) -> dict[str, \(tensor)]:")
    lines.append("    \"\"\"Each metric by its name, over all the samples that are given.\"\"\"")
    lines.append("    return {")
    for metric in plan.metrics {
      let place = plan.losses.firstIndex { $0.output == metric.output } ?? 0
      let body = try body(metric.metric, output: metric.output, section: "metrics")
      let single = body.count == 1 ? String(body[0].dropFirst("    return ".count)) : nil
      let entry = "        \"\(metric.name)\": "
      if isOne, let single, entry.count + single.count < Python.columns {
        lines.append("\(entry)\(single),")
        continue
      }
      let own = name(metric.name + (metric.name == "loss" ? "_metric" : ""))
      parts.append((signature(own) + body).joined(separator: "\n"))
      let arguments =
        isOne
        ? ["outputs", "targets"] : ["outputs[\(metric.output)]", "targets[\(place)]"]
      lines += Python.call(own, arguments.map(Python.text)).lines(
        prefix: "\"\(metric.name)\": ", indent: 8, suffix: ",")
    }
    lines.append("    }")
    return parts + [lines.joined(separator: "\n")]
  }

  // MARK: Optimizer

  /// Refuses an optimizer that has nothing to train, and arguments that this framework's do not take.
  func check(
    _ optimizer: LayerValue, refusing options: [(name: String, instead: String)]
  ) throws(TargetProblem) {
    guard plan.network.nodes.contains(where: { $0.trainableCount != .constant(0) }) else {
      throw TargetProblem(
        "there is nothing to train in `\(plan.network.name)`; leave the optimizer out",
        at: plan.location(optimizer.range, "optimizer"))
    }
    for option in options {
      guard let entry = optimizer.arguments.entry(option.name), entry.value != .none,
        entry.value != .boolean(false)
      else { continue }
      throw TargetProblem(
        "`\(option.name)`: \(dialect.displayName)'s optimizers do not take it; \(option.instead)",
        at: plan.location(entry.valueRange ?? optimizer.range, "optimizer"))
    }
  }

  /// What the learning rate follows, as a function of the step.
  func function(of schedule: LayerValue, _ signature: String) throws(TargetProblem) -> String {
    let lines = try text(schedule, section: "optimizer") { (place) throws(TargetProblem) in
      try value(of: place, in: schedule, section: "optimizer")
    }
    let opening = [
      signature,
      "    \"\"\"The learning rate of a step, counted from 0: \(schedule.schema.name).\"\"\"",
    ]
    return (opening + TrainingFunctions.returning(lines)).joined(separator: "\n")
  }

  // MARK: Templates

  /// The statements of a loss or metric, returning its value.
  private func body(
    _ value: LayerValue, output: Int, section: String
  ) throws(TargetProblem) -> [String] {
    if let entry = value.arguments.entry("reduction"), entry.value == .none {
      throw TargetProblem(
        "`\(value.schema.name)` without a reduction is no number to train by; leave reduction out",
        at: plan.location(value.range, section))
    }
    let isSum = value.arguments["reduction"] == .string("sum")
    let classes = ClassPlace(
      axis: plan.classAxis(of: value, output: output),
      isSecond: plan.hasClassesSecond(value, output: output))
    let lines = try text(value, section: section) { (place) throws(TargetProblem) in
      if let own = dialect.place(place, value, classes) { return own }
      switch place {
      case "reduction": return isSum ? "sum" : "mean"
      case "mean": return isSum ? "mean(-1).sum()" : "mean()"
      case "axis":
        if case .integer? = value.arguments["axis"] { return String(classes.axis) }
        if value.schema.parameter(named: "axis") == nil { return String(classes.axis) }
      default: break
      }
      return try self.value(of: place, in: value, section: section)
    }
    // `F.nll_loss(…, reduction="sum")`
    return TrainingFunctions.returning(
      lines.map { $0.replacing("reduction=sum", with: "reduction=\"sum\"") })
  }

  private static func returning(_ lines: [String]) -> [String] {
    lines.dropLast().flatMap { Python.statement($0, indent: 4) }
      + Python.statement("return " + (lines.last ?? ""), indent: 4)
  }

  /// The declaration's lines for this target, filled.
  func text(
    _ value: LayerValue, section: String, _ place: (String) throws(TargetProblem) -> String
  ) throws(TargetProblem) -> [String] {
    let schema = value.schema
    switch value.text(for: dialect.entry) ?? asLossText(value) {
    case .lines(let lines)?:
      var filled: [String] = []
      for line in lines { filled.append(try TrainingTemplate.filled(line, place)) }
      return filled
    case .lacking(let reason)?:
      throw TargetProblem(
        "`\(schema.name)`: the \(dialect.displayName) target cannot say it: \(reason)",
        at: plan.location(value.range, section))
    case nil:
      throw TargetProblem(
        "`\(schema.name)`: the \(dialect.displayName) target does not know this \(schema.keyword)",
        at: plan.location(value.range, section))
    }
  }

  /// What the loss of its name says of the target, where a metric says nothing itself.
  private func asLossText(_ value: LayerValue) -> TargetText? {
    value.schema.keyword == "metric" ? value.asLoss?.text(for: dialect.entry) : nil
  }

  /// An argument as Python writes it; `-name` is its negative.
  func value(
    of place: String, in value: LayerValue, section: String
  ) throws(TargetProblem) -> String {
    if place.hasPrefix("-"), let number = value.arguments[String(place.dropFirst())]?.number {
      return Python.float(-number)
    }
    let given = value.arguments[place]
    if let entries = given?.elements, entries.contains(where: { $0.isFraction }),
      value.schema.keyword != "schedule", let text = given.flatMap(Python.literal)
    {
      guard value.schema.keyword != "metric" else {
        throw TargetProblem(
          "`\(value.schema.name)`: a metric is one number in \(dialect.displayName); give "
            + "`\(place)` one value", at: plan.location(value.range, section))
      }
      return dialect.numbers(text)
    }
    guard let given, let text = Python.literal(given) else {
      throw TargetProblem(
        "`\(value.schema.name)`: `\(place)` is no value that \(dialect.displayName) takes",
        at: plan.location(value.range, section))
    }
    return text
  }
}

extension Value {
  fileprivate var isFraction: Bool { if case .float = self { true } else { false } }
}
