import NeuralModel
import NeuralSchema

/// `train` of one network, the epoch that it is made of and the compiled steps that an epoch is made of.
struct JAXLoop {
  /// Arrays as batches; shared by all networks of a module.
  static let batches = """
    @dataclass
    class Batches:
        \"""Samples of arrays in batches, with an `rng` in a new order each time.\"""

        data: tuple
        samples: np.ndarray
        size: int
        rng: np.random.Generator | None = None

        def __iter__(self) -> Iterator[tuple]:
            samples = self.samples
            if self.rng is not None:
                samples = self.rng.permutation(samples)
            for start in range(0, len(samples), self.size):
                yield self.take(samples[start : start + self.size])

        def take(self, samples: np.ndarray) -> tuple:
            return jax.tree.map(lambda array: array[samples], self.data)
    """

  private let plan: TrainingPlan
  private let name: TrainingNames
  private let settings: TrainingSettings

  init(_ training: JAXTraining) {
    plan = training.plan
    name = training.name
    settings = TrainingSettings(plan.settings)
  }

  func functions() throws(TargetProblem) -> [String] {
    if settings.precision != "float32" {
      throw TargetProblem(
        "Flax's layers take their precision when they are made, which here is 32 bits; leave "
          + "precision out",
        at: plan.location(settings.range(of: "precision"), "train"))
    }
    let device = try device()
    return [evaluate(), trainStep(), epoch(), train(device)]
  }

  // MARK: Settings

  /// What gives the device in JAX; `nil` for the best there is, which JAX takes by itself.
  private func device() throws(TargetProblem) -> String? {
    let parts = plan.device.split(separator: ":")
    let kind = parts.first.map(String.init) ?? "auto"
    switch kind {
    case "auto": return nil
    case "mps":
      throw TargetProblem(
        "JAX names no device \"mps\"; write \"auto\" or \"cpu\"",
        at: plan.location(plan.deviceRange, "execution"))
    default: return "jax.devices(\(Python.string(kind)))[\(parts.count > 1 ? parts[1] : "0")]"
    }
  }

  private var hasMetrics: Bool { !plan.metrics.isEmpty }
  private var hasOneOutput: Bool { plan.network.outputs.count == 1 }
  private var hasOneInput: Bool { plan.network.inputs.count == 1 }

  private func type(isOne: Bool) -> String { isOne ? "jax.Array" : "tuple[jax.Array, ...]" }
  private var inputs: String { "inputs: \(type(isOne: hasOneInput))" }
  private var targets: String { "targets: \(type(isOne: hasOneOutput))" }

  // MARK: Steps

  /// A function's first lines, with its parameters on lines of their own where one is too short.
  private func opening(_ name: String, _ parameters: [String], _ result: String) -> [String] {
    let joined = parameters.joined(separator: ", ")
    let lines = Python.signature("def \(name)(\(joined)) -> \(result):")
    guard lines.count > 1, lines[1].count > Python.columns else { return lines }
    return ["def \(name)("] + parameters.map { "    \($0)," } + [") -> \(result):"]
  }

  private var measured: String { "tuple[jax.Array, \(type(isOne: hasOneOutput))]" }

  private func evaluate() -> String {
    let lines =
      opening(name("evaluate"), ["model: nnx.Module", inputs, targets], measured) + [
        "    \"\"\"The loss of a batch, and the outputs that it is the loss of.\"\"\"",
        "    outputs = model(\(hasOneInput ? "inputs" : "*inputs"))",
        "    return \(name("loss"))(outputs, targets), outputs", "", "",
        "\(name("test_step")) = nnx.jit(\(name("evaluate")))",
      ]
    return lines.joined(separator: "\n")
  }

  private func trainStep() -> String {
    let parameters = ["model: nnx.Module", "optimizer: nnx.Optimizer", inputs, targets]
    let lines =
      ["@nnx.jit"] + opening(name("train_step"), parameters, measured) + [
        "    \"\"\"Trains on a batch; its loss and its outputs before that.\"\"\"",
        "    measure = nnx.value_and_grad(\(name("evaluate")), has_aux=True)",
        "    (value, outputs), gradients = measure(model, inputs, targets)",
        "    optimizer.update(model, gradients)", "    return value, outputs",
      ]
    return lines.joined(separator: "\n")
  }

  // MARK: An epoch

  private func epoch() -> String {
    let count = "len(\(hasOneOutput ? "targets" : "targets[0]"))"
    var lines = opening(
      name("run_epoch"),
      [
        "model: nnx.Module", "batches: Iterable[tuple]", "optimizer: nnx.Optimizer | None = None",
      ], "dict[str, float]")
    lines += [
      "    \"\"\"Goes through the batches once and, with an optimizer, trains on each.", "",
      "    Returns the mean loss\(hasMetrics ? " and the metrics over all samples" : "").",
      "    \"\"\"", "    if optimizer is None:", "        model.eval()", "    else:",
      "        model.train()", "    total, samples = 0.0, 0",
    ]
    if hasMetrics { lines.append("    results = []") }
    let outputs = hasMetrics ? "outputs" : "_"
    lines += [
      "    for inputs, targets in batches:", "        if optimizer is None:",
      "            value, \(outputs) = \(name("test_step"))(model, inputs, targets)",
      "        else:",
    ]
    lines += Python.statement(
      "value, \(outputs) = \(name("train_step"))(model, optimizer, inputs, targets)", indent: 12)
    lines += [
      "        count = \(count)",
      "        total, samples = total + value * count, samples + count",
    ]
    guard hasMetrics else {
      lines.append("    return {\"loss\": float(total / samples)}")
      return lines.joined(separator: "\n")
    }
    lines += [
      "        results.append((outputs, targets))",
      "    values = {\"loss\": float(total / samples)}",
      "    outputs, targets = jax.tree.map(lambda *parts: jnp.concatenate(parts), *results)",
      "    for name, value in \(name("metrics"))(outputs, targets).items():",
      "        values[name] = float(value)", "    return values",
    ]
    return lines.joined(separator: "\n")
  }

  // MARK: Training

  private func train(_ device: String?) -> String {
    var lines = [
      "def \(name("train"))(", "    model: nnx.Module,",
      "    inputs: \(type(isOne: hasOneInput)) | Iterable[tuple],",
      "    targets: \(type(isOne: hasOneOutput)) | None = None,",
      "    validation: Iterable[tuple] | None = None,", "    *,",
      "    epochs: int = \(settings.epochs),", "    weights: str | None = None,",
      ") -> list[dict[str, float]]:",
      "    \"\"\"Trains on arrays, or on batches of inputs and targets alone.", "",
    ]
    if settings.validationSplit > 0 {
      let split = Python.float(settings.validationSplit)
      lines.append("    The last of the arrays, \(split) of all, are kept for validation.")
    }
    lines += [
      "    `weights` names a file to save to. Returns what each epoch measured.", "    \"\"\"",
    ]
    lines += batches()
    let margin = device == nil ? "" : "    "
    if let device { lines.append("    with jax.default_device(\(device)):") }
    lines += epochs().map { margin + $0 }
    lines += [
      "    if weights is not None:", "        save_weights(model, weights)", "    return history",
    ]
    return lines.joined(separator: "\n")
  }

  private func epochs() -> [String] {
    let first = settings.firstEpoch == 0 ? "" : "\(settings.firstEpoch), "
    let often = settings.validationFrequency
    func some(_ batches: String, _ count: Int?) -> String {
      count.map { "islice(\(batches), \($0))" } ?? batches
    }
    let trained = some("batches", settings.stepsPerEpoch)
    let tested = some("validation", settings.validationSteps)
    var lines = [
      "    optimizer = \(name("make_optimizer"))(model)", "    history = []",
      "    for \(settings.counter) in range(\(first)epochs):",
      "        values = \(name("run_epoch"))(model, \(trained), optimizer)",
      "        if validation is not None\(often > 1 ? " and (epoch + 1) % \(often) == 0" : ""):",
      "            tested = \(name("run_epoch"))(model, \(tested))",
      "            values |= {f\"val_{name}\": value for name, value in tested.items()}",
    ]
    if settings.isShown {
      lines += [
        "        shown = \", \".join(f\"{name} {value:.4f}\" for name, value in values.items())",
        "        print(f\"Epoch {epoch + 1}/{epochs}: {shown}\")",
      ]
    }
    return lines + ["        history.append(values)"]
  }

  /// Arrays as batches, the last of them kept apart where the source says so.
  private func batches() -> [String] {
    let count = "len(\(hasOneOutput ? "targets" : "targets[0]"))"
    var lines = ["    if targets is None:", "        batches = inputs", "    else:"]
    lines.append("        data, samples = (inputs, targets), np.arange(\(count))")
    var samples = "samples"
    if settings.validationSplit > 0 {
      let split = Python.float(settings.validationSplit)
      lines += [
        "        split = int(len(samples) * (1 - \(split)))",
        "        if validation is None:",
        "            validation = Batches(data, samples[split:], \(settings.validationBatchSize))",
      ]
      samples = "samples[:split]"
    }
    var arguments = "data, \(samples), \(settings.batchSize)"
    if settings.isShuffled {
      lines.append("        rng = np.random.default_rng(\(settings.seed.map(String.init) ?? ""))")
      arguments += ", rng"
    }
    return lines + ["        batches = Batches(\(arguments))"]
  }
}
