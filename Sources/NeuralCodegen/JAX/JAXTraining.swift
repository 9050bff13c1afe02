import NeuralModel
import NeuralSchema

/// Loss, metrics, optimizer, schedule and `train` of one network, as functions of the module: optax's,
/// by `nnx.Optimizer`.
struct JAXTraining {
  let plan: TrainingPlan
  let name: TrainingNames
  private let shared: TrainingFunctions

  init(plan: TrainingPlan, name: TrainingNames) {
    (self.plan, self.name) = (plan, name)
    shared = TrainingFunctions(plan: plan, name: name, dialect: JAXTraining.dialect)
  }

  private static let dialect = TrainingDialect(
    entry: "jax", displayName: "JAX", tensor: "jax.Array",
    numbers: { "jnp.array(\($0))" },
    place: { place, value, _ in
      // Several axes are a tuple in JAX.
      guard place == "axis", case .list(let axes)? = value.arguments[place] else { return nil }
      return Python.literal(.tuple(axes))
    })

  func functions() throws(TargetProblem) -> [String] {
    var parts = try shared.losses() + shared.metrics()
    if let optimizer = plan.optimizer { parts += try optimizerFunctions(optimizer) }
    if plan.isTrained { parts += try JAXLoop(self).functions() }
    return parts
  }

  // MARK: Optimizer

  private func optimizerFunctions(_ optimizer: LayerValue) throws(TargetProblem) -> [String] {
    try shared.check(
      optimizer,
      refusing: [
        ("use_ema", "keep an average with optax.incremental_update yourself"),
        ("loss_scale_factor", "leave it out: gradients of 32 bits need no scale"),
      ])
    var parts: [String] = []
    if let schedule = plan.schedule {
      let signature = "(step: jax.typing.ArrayLike) -> jax.typing.ArrayLike:"
      parts.append(
        try shared.function(of: schedule, "def \(name("learning_rate"))\(signature)"))
    }
    if case .norm(let norm)? = optimizer.clipping { parts.append(clipByNorm(norm)) }
    let lines =
      Python.signature("def \(name("make_optimizer"))(model: nnx.Module) -> nnx.Optimizer:")
      + ["    \"\"\"The optimizer of the model's parameters.\"\"\""]
      + (try transform(optimizer)).lines(prefix: "transform = ", indent: 4)
      + ["    return nnx.Optimizer(model, transform, wrt=nnx.Param)"]
    parts.append(lines.joined(separator: "\n"))
    return parts
  }

  /// What optax makes of gradients: clipped first, and with several batches to a step last.
  private func transform(_ optimizer: LayerValue) throws(TargetProblem) -> Python {
    let batches: Int? =
      if case .integer(let count)? = optimizer.arguments["gradient_accumulation_steps"] {
        count.constant
      } else { nil }
    let lines = try shared.text(optimizer, section: "optimizer") { (place) throws(TargetProblem) in
      switch place {
      case "learning_rate" where plan.schedule != nil:
        return batches == nil ? name("learning_rate") : "lambda step: \(rate(batches))"
      case "rate_of_step":
        if plan.schedule != nil { return rate(batches) }
        return try shared.value(of: "learning_rate", in: optimizer, section: "optimizer")
      default: return try shared.value(of: place, in: optimizer, section: "optimizer")
      }
    }
    var transform = Python.parsed(lines.joined(separator: "\n")).0
    if let clip = clip(optimizer) {
      if case .call("optax.chain", let parts) = transform {
        transform = .call("optax.chain", [clip] + parts)
      } else {
        transform = .call("optax.chain", [clip, transform])
      }
    }
    guard let batches else { return transform }
    let steps = Python.keyword("every_k_schedule", .text(String(batches)))
    return .call("optax.MultiSteps", [transform, steps])
  }

  /// The rate of `step`. Where several batches make a step, Keras's schedules count batches.
  private func rate(_ batches: Int?) -> String {
    let step = batches.map { "\($0) * step + \($0 - 1)" } ?? "step"
    return "\(name("learning_rate"))(\(step))"
  }

  private func clip(_ optimizer: LayerValue) -> Python? {
    switch optimizer.clipping {
    case .norm?:
      .call("optax.stateless_with_tree_map", [.text(name("clip_by_norm"))])
    case .globalNorm(let norm)?: .call("optax.clip_by_global_norm", [.text(norm)])
    case .value(let value)?: .call("optax.clip", [.text(value)])
    case nil: nil
    }
  }

  private func clipByNorm(_ norm: String) -> String {
    let lines =
      Python.signature(
        "def \(name("clip_by_norm"))(gradient: jax.Array, _: jax.Array) -> jax.Array:")
      + [
        "    \"\"\"The gradient of one parameter, shortened to \(norm) where it is longer.\"\"\"",
        "    return gradient * jnp.minimum(1, \(norm) / jnp.linalg.norm(gradient))",
      ]
    return lines.joined(separator: "\n")
  }
}
