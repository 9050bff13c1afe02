import NeuralModel
import NeuralSchema

/// Loss, metrics, optimizer, schedule and `train` of one network, as functions of the module.
struct PyTorchTraining {
  let plan: TrainingPlan
  /// What a function is called in this module.
  let name: TrainingNames

  func functions() throws(TargetProblem) -> [String] {
    var parts: [String] = []
    if !plan.losses.isEmpty { parts += try lossFunctions() }
    if !plan.metrics.isEmpty { parts += try metricFunctions() }
    if let optimizer = plan.optimizer { parts += try optimizerFunctions(optimizer) }
    if plan.isTrained { parts += try PyTorchLoop(self).functions() }
    return parts
  }

  // MARK: Loss

  private func lossFunctions() throws(TargetProblem) -> [String] {
    let losses = plan.losses
    if losses.count == 1, plan.network.outputs.count == 1 {
      return [try lossFunction(losses[0], called: name("loss"))]
    }
    var parts: [String] = []
    var terms: [String] = []
    var lines = [
      "def \(name("loss"))(outputs: tuple[Tensor, ...], targets: tuple[Tensor, ...]) -> Tensor:",
      "    \"\"\"The sum of the losses of the outputs, whose targets come in the same order.\"\"\"",
    ]
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
    var lines = ["def \(own)(outputs: Tensor, targets: Tensor) -> Tensor:"]
    lines += Python.docstringLines(lossText(loss), indent: 4)
    lines += try body(loss.loss, output: loss.output, section: "loss")
    return lines.joined(separator: "\n")
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

  private func metricFunctions() throws(TargetProblem) -> [String] {
    let isOne = plan.network.outputs.count == 1
    var parts: [String] = []
    let types = isOne ? ("Tensor", "Tensor") : ("tuple[Tensor, ...]", "tuple[Tensor, ...]")
    let parameters = "outputs: \(types.0), targets: \(types.1)"
    var lines = Python.signature("def \(name("metrics"))(\(parameters)) -> dict[str, Tensor]:")
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
      parts.append(
        (["def \(own)(outputs: Tensor, targets: Tensor) -> Tensor:"] + body)
          .joined(separator: "\n"))
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

  /// Arguments of every optimizer that say more than how its step is computed.
  private func refuseOptions(_ optimizer: LayerValue) throws(TargetProblem) {
    let instead = [
      ("use_ema", "keep an average with torch.optim.swa_utils.AveragedModel yourself"),
      ("loss_scale_factor", "write precision=\"float16\" in `train`, which scales by itself"),
      ("gradient_accumulation_steps", "write a larger batch_size in `train`"),
    ]
    for (option, way) in instead {
      guard let entry = optimizer.arguments.entry(option), entry.value != .none,
        entry.value != .boolean(false)
      else { continue }
      throw TargetProblem(
        "`\(option)`: PyTorch's optimizers do not take it; \(way)",
        at: plan.location(entry.valueRange ?? optimizer.range, "optimizer"))
    }
  }

  private func optimizerFunctions(_ optimizer: LayerValue) throws(TargetProblem) -> [String] {
    guard plan.network.nodes.contains(where: { $0.trainableCount != .constant(0) }) else {
      throw TargetProblem(
        "there is nothing to train in `\(plan.network.name)`; leave the optimizer out",
        at: plan.location(optimizer.range, "optimizer"))
    }
    try refuseOptions(optimizer)
    var parts: [String] = []
    let hasSchedule = plan.schedule != nil
    if let schedule = plan.schedule {
      let lines = try text(schedule, section: "optimizer") { (place) throws(TargetProblem) in
        try self.value(of: place, in: schedule, section: "optimizer")
      }
      parts.append(
        ([
          "def \(name("learning_rate"))(step: int) -> float:",
          "    \"\"\"The learning rate of a step, counted from 0: \(schedule.schema.name).\"\"\"",
        ] + PyTorchTraining.returning(lines)).joined(separator: "\n"))
    }
    let made = try text(optimizer, section: "optimizer") { (place) throws(TargetProblem) in
      if place == "learning_rate", hasSchedule { return "1.0" }
      return try self.value(of: place, in: optimizer, section: "optimizer")
    }
    let clipping = clipping(optimizer)
    let result =
      hasSchedule
      ? "tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]"
      : "torch.optim.Optimizer"
    var lines = Python.signature("def \(name("make_optimizer"))(model: nn.Module) -> \(result):")
    lines.append(
      hasSchedule
        ? "    \"\"\"The optimizer, and the schedule that takes a step after each of its own.\"\"\""
        : "    \"\"\"The optimizer of the model's parameters.\"\"\"")
    let call = made.joined(separator: "\n")
    if !hasSchedule, clipping.isEmpty {
      lines += Python.statement("return " + call, indent: 4)
    } else {
      lines += Python.statement("optimizer = " + call, indent: 4)
      if !clipping.isEmpty {
        lines += ["", "    def clip(*_) -> None:"] + clipping.map { "        " + $0 }
        lines += ["", "    optimizer.register_step_pre_hook(clip)"]
      }
      if hasSchedule {
        lines += Python.statement(
          "scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, \(name("learning_rate")))",
          indent: 4)
      }
      lines.append("    return optimizer\(hasSchedule ? ", scheduler" : "")")
    }
    parts.append(lines.joined(separator: "\n"))
    return parts
  }

  /// What is done to gradients before each step.
  private func clipping(_ optimizer: LayerValue) -> [String] {
    var lines: [String] = []
    func given(_ option: String) -> String? {
      guard let value = optimizer.arguments[option], value != .none else { return nil }
      return Python.literal(value)
    }
    if let norm = given("clipnorm") {
      lines += [
        "for parameter in model.parameters():", "    nn.utils.clip_grad_norm_(parameter, \(norm))",
      ]
    } else if let norm = given("global_clipnorm") {
      lines.append("nn.utils.clip_grad_norm_(model.parameters(), \(norm))")
    } else if let value = given("clipvalue") {
      lines.append("nn.utils.clip_grad_value_(model.parameters(), \(value))")
    }
    return lines
  }

  // MARK: Templates

  /// The statements of a loss or metric, returning its value.
  private func body(
    _ value: LayerValue, output: Int, section: String
  ) throws(TargetProblem) -> [String] {
    let plan = plan
    if let entry = value.arguments.entry("reduction"), entry.value == .none {
      throw TargetProblem(
        "`\(value.schema.name)` without a reduction is no number to train by; leave reduction out",
        at: plan.location(value.range, section))
    }
    let isSum = value.arguments["reduction"] == .string("sum")
    let axis = plan.classAxis(of: value, output: output)
    let isSecond = plan.hasClassesSecond(value, output: output)
    let lines = try text(value, section: section) { (place) throws(TargetProblem) in
      switch place {
      case "reduction": return isSum ? "sum" : "mean"
      case "mean": return isSum ? "mean(-1).sum()" : "mean()"
      case "classes_second": return isSecond ? "outputs" : "outputs.movedim(\(axis), 1)"
      case "axis":
        if case .integer? = value.arguments["axis"] { return String(axis) }
        if value.schema.parameter(named: "axis") == nil { return String(axis) }
      default: break
      }
      return try self.value(of: place, in: value, section: section)
    }
    // `F.nll_loss(…, reduction="sum")`
    return PyTorchTraining.returning(
      lines.map { $0.replacing("reduction=sum", with: "reduction=\"sum\"") })
  }

  private static func returning(_ lines: [String]) -> [String] {
    lines.dropLast().flatMap { Python.statement($0, indent: 4) }
      + Python.statement("return " + (lines.last ?? ""), indent: 4)
  }

  /// The declaration's lines for this target, filled.
  private func text(
    _ value: LayerValue, section: String, _ place: (String) throws(TargetProblem) -> String
  ) throws(TargetProblem) -> [String] {
    let schema = value.schema
    switch value.text(for: "pytorch") ?? value.asLossText {
    case .lines(let lines)?:
      var filled: [String] = []
      for line in lines { filled.append(try TrainingTemplate.filled(line, place)) }
      return filled
    case .lacking(let reason)?:
      throw TargetProblem(
        "`\(schema.name)`: the PyTorch target cannot say it: \(reason)",
        at: plan.location(value.range, section))
    case nil:
      throw TargetProblem(
        "`\(schema.name)`: the PyTorch target does not know this \(schema.keyword)",
        at: plan.location(value.range, section))
    }
  }

  private func value(
    of place: String, in value: LayerValue, section: String
  ) throws(TargetProblem) -> String {
    let given = value.arguments[place]
    if let entries = given?.elements, entries.contains(where: { $0.isFraction }),
      value.schema.keyword != "schedule", let text = given.flatMap(Python.literal)
    {
      guard value.schema.keyword != "metric" else {
        throw TargetProblem(
          "`\(value.schema.name)`: a metric is one number in PyTorch; give `\(place)` one value",
          at: plan.location(value.range, section))
      }
      return "outputs.new_tensor(\(text))"
    }
    guard let given, let text = Python.literal(given) else {
      throw TargetProblem(
        "`\(value.schema.name)`: `\(place)` is no value that PyTorch takes",
        at: plan.location(value.range, section))
    }
    return text
  }
}

extension LayerValue {
  /// What the loss of its name says of PyTorch, where a metric says nothing itself.
  fileprivate var asLossText: TargetText? {
    schema.keyword == "metric" ? asLoss?.text(for: "pytorch") : nil
  }
}

extension Value {
  fileprivate var isFraction: Bool { if case .float = self { true } else { false } }
}
