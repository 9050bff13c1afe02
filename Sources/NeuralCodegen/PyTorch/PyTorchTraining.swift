import NeuralModel
import NeuralSchema

/// Loss, metrics, optimizer, schedule and `train` of one network, as functions of the module.
struct PyTorchTraining {
  let plan: TrainingPlan
  let name: TrainingNames
  private let shared: TrainingFunctions

  init(plan: TrainingPlan, name: TrainingNames) {
    (self.plan, self.name) = (plan, name)
    shared = TrainingFunctions(plan: plan, name: name, dialect: PyTorchTraining.dialect)
  }

  private static let dialect = TrainingDialect(
    entry: "pytorch", displayName: "PyTorch", tensor: "Tensor",
    numbers: { "outputs.new_tensor(\($0))" },
    place: { place, _, classes in
      guard place == "classes_second" else { return nil }
      return classes.isSecond ? "outputs" : "outputs.movedim(\(classes.axis), 1)"
    })

  func functions() throws(TargetProblem) -> [String] {
    var parts = try shared.losses() + shared.metrics()
    if let optimizer = plan.optimizer { parts += try optimizerFunctions(optimizer) }
    if plan.isTrained { parts += try PyTorchLoop(self).functions() }
    return parts
  }

  // MARK: Optimizer

  private func optimizerFunctions(_ optimizer: LayerValue) throws(TargetProblem) -> [String] {
    try shared.check(
      optimizer,
      refusing: [
        ("use_ema", "keep an average with torch.optim.swa_utils.AveragedModel yourself"),
        ("loss_scale_factor", "write precision=\"float16\" in `train`, which scales by itself"),
        ("gradient_accumulation_steps", "write a larger batch_size in `train`"),
      ])
    var parts: [String] = []
    let hasSchedule = plan.schedule != nil
    if let schedule = plan.schedule {
      parts.append(
        try shared.function(
          of: schedule, "def \(name("learning_rate"))(step: int) -> float:"))
    }
    let made = try shared.text(optimizer, section: "optimizer") { (place) throws(TargetProblem) in
      if place == "learning_rate", hasSchedule { return "1.0" }
      return try shared.value(of: place, in: optimizer, section: "optimizer")
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
    switch optimizer.clipping {
    case .norm(let norm)?:
      [
        "for parameter in model.parameters():", "    nn.utils.clip_grad_norm_(parameter, \(norm))",
      ]
    case .globalNorm(let norm)?: ["nn.utils.clip_grad_norm_(model.parameters(), \(norm))"]
    case .value(let value)?: ["nn.utils.clip_grad_value_(model.parameters(), \(value))"]
    case nil: []
    }
  }
}
