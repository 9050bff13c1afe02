import NeuralModel
import NeuralSchema

/// `compile_model` and `train` of one network: Keras's own optimizers, losses and metrics, with the
/// arguments of the source.
struct TensorFlowTraining {
  let plan: TrainingPlan
  let name: TrainingNames

  func functions() throws(TargetProblem) -> [String] {
    if !plan.losses.isEmpty, plan.losses.count < plan.network.outputs.count {
      throw TargetProblem(
        "Keras trains networks whose outputs all have a loss; give each one, or leave it out of "
          + "`outputs`", at: plan.location(nil, "loss"))
    }
    let compiled = try compileFunction()
    return plan.isTrained ? [compiled, try trainFunction()] : [compiled]
  }

  // MARK: Compiling

  private func compileFunction() throws(TargetProblem) -> String {
    var arguments: [Python] = []
    if let optimizer = plan.optimizer {
      arguments.append(
        .keyword("optimizer", try call(optimizer, output: nil, section: "optimizer")))
    }
    var losses: [Python] = []
    var metrics: [Python] = []
    for loss in plan.losses {
      losses.append(try call(loss.loss, output: loss.output, section: "loss"))
      var own: [Python] = []
      for metric in plan.metrics where metric.output == loss.output {
        own.append(try metricCall(metric))
      }
      metrics.append(.list(own))
    }
    if let first = losses.first {
      arguments.append(.keyword("loss", losses.count == 1 ? first : .list(losses)))
    }
    if !plan.metrics.isEmpty, let first = metrics.first {
      arguments.append(.keyword("metrics", metrics.count == 1 ? first : .list(metrics)))
    }
    let lines =
      [
        "def \(name("compile_model"))(model: keras.Model) -> None:",
        "    \"\"\"Gives a model what the source trains it by.\"\"\"",
      ] + Python.call("model.compile", arguments).lines(prefix: "", indent: 4)
    return lines.joined(separator: "\n")
  }

  private func metricCall(
    _ metric: TrainingPlan.OutputMetric
  ) throws(TargetProblem) -> Python {
    let rank = plan.network.type(of: plan.network.outputs[metric.output].value)?.shape.count ?? 2
    let isAboutClasses = !metric.metric.schema.traits.isDisjoint(
      with: ["index_labels", "vector_labels"])
    if isAboutClasses, plan.network.dataFormat == .channelsFirst, rank > 2,
      metric.metric.schema.parameter(named: "axis") == nil
    {
      throw TargetProblem(
        "Keras's `\(metric.metric.schema.name)` reads classes on the last axis; leave "
          + "data_format out, or the metric", at: plan.location(metric.metric.range, "metrics"))
    }
    let call = try call(metric.metric, output: metric.output, section: "metrics")
    // What stands for "accuracy" is shown as such.
    return metric.isFollowing ? call.adding([.keyword("name", .text("\"accuracy\""))]) : call
  }

  /// A call of Keras's: `keras.losses.Huber(...)` with what the source gives.
  private func call(
    _ value: LayerValue, output: Int?, section: String
  ) throws(TargetProblem) -> Python {
    if let entry = value.arguments.entry("reduction"), entry.value == .none {
      throw TargetProblem(
        "`\(value.schema.name)` without a reduction is no number to train by; leave reduction out",
        at: plan.location(value.range, section))
    }
    switch value.text(for: "tensorflow") {
    case .lines(let lines)?:
      let text = lines.joined(separator: "\n")
      guard text.hasSuffix("(...)") else {
        let filled = try TrainingTemplate.filled(text) { (place) throws(TargetProblem) in
          try self.argument(value.arguments[place] ?? .none, of: value, place, section).flat
        }
        return Python.parsed(filled).0
      }
      var arguments: [Python] = []
      for entry in value.arguments.entries {
        var given = entry.value
        if entry.name == "axis", let output, !entry.isGiven {
          let axis = plan.classAxis(of: value, output: output)
          guard axis != -1, given != .none else { continue }
          given = .int(axis)
        } else if !entry.isGiven {
          continue
        }
        arguments.append(
          .keyword(entry.name, try argument(given, of: value, entry.name, section)))
      }
      return .call(String(text.dropLast(5)), arguments)
    case .lacking(let reason)?:
      throw TargetProblem(
        "`\(value.schema.name)`: the TensorFlow target cannot say it: \(reason)",
        at: plan.location(value.range, section))
    case nil:
      throw TargetProblem(
        "`\(value.schema.name)`: the TensorFlow target does not know this \(value.schema.keyword)",
        at: plan.location(value.range, section))
    }
  }

  private func argument(
    _ given: Value, of value: LayerValue, _ name: String, _ section: String
  ) throws(TargetProblem) -> Python {
    if case .layer(var inner) = given {
      inner.range = value.range
      return try call(inner, output: nil, section: section)
    }
    guard let text = Python.literal(given) else {
      throw TargetProblem(
        "`\(value.schema.name)`: `\(name)` is no value that Keras takes",
        at: plan.location(value.range, section))
    }
    return .text(text)
  }

  // MARK: Training

  /// Where Keras trains; `nil` for the best there is.
  private func device() throws(TargetProblem) -> String? {
    let wanted = plan.device
    switch wanted {
    case "auto": return nil
    case "cpu", "tpu", "gpu": return wanted + ":0"
    case "cuda": return "gpu:0"
    case "mps":
      throw TargetProblem(
        "TensorFlow names no device \"mps\"; write \"auto\" or \"gpu\"",
        at: plan.location(plan.deviceRange, "execution"))
    default: return wanted.hasPrefix("cuda") ? "gpu" + wanted.dropFirst(4) : wanted
    }
  }

  private func trainFunction() throws(TargetProblem) -> String {
    guard let settings = plan.settings else { return "" }
    if let entry = settings.entry("precision"), entry.value != .string("float32") {
      throw TargetProblem(
        "Keras's layers take their precision when they are made; leave it out and call "
          + "keras.config.set_dtype_policy before the model is made",
        at: plan.location(entry.valueRange, "train"))
    }
    let place = try device()
    let epochs = settings["epochs"].flatMap(Python.literal) ?? "1"
    var lines = [
      "def \(name("train"))(", "    model: keras.Model,", "    inputs,", "    targets=None,",
      "    validation=None,", "    *,", "    epochs: int = \(epochs),",
      "    weights: str | None = None,", ") -> dict[str, list[float]]:",
      "    \"\"\"Trains on arrays, or on a dataset or loader of batches.", "",
      "    `weights` names a file to save to. Returns what each epoch measured.", "    \"\"\"",
    ]
    if let seed = settings["seed"], seed != .none, let text = Python.literal(seed) {
      lines.append("    keras.utils.set_random_seed(\(text))")
    }
    lines.append("    \(name("compile_model"))(model)")
    var arguments = ["inputs", "targets"].map(Python.text)
    arguments.append(.keyword("epochs", .text("epochs")))
    arguments.append(.keyword("validation_data", .text("validation")))
    let batch = settings["batch_size"].flatMap(Python.literal) ?? "32"
    arguments.append(
      .keyword("batch_size", .text("None if targets is None else \(batch)")))
    if let split = settings["validation_split"]?.number, split > 0 {
      let arrays = "0.0 if targets is None else \(Python.float(split))"
      arguments.append(.keyword("validation_split", .text(arrays)))
    }
    let own: Set = [
      "epochs", "batch_size", "validation_split", "seed", "precision", "search_method",
    ]
    for entry in settings.entries where entry.isGiven && !own.contains(entry.name) {
      guard let text = Python.literal(entry.value) else { continue }
      let isFlag = entry.name == "verbose" && entry.value == .boolean(false)
      if entry.name == "verbose", entry.value == .boolean(true) { continue }
      arguments.append(.keyword(entry.name, .text(isFlag ? "0" : text)))
    }
    if let place { lines.append("    with keras.device(\(Python.string(place))):") }
    lines += Python.call("model.fit", arguments).lines(
      prefix: "history = ", indent: place == nil ? 4 : 8)
    lines += [
      "    if weights is not None:", "        save_weights(model, weights)",
      "    return history.history",
    ]
    return lines.joined(separator: "\n")
  }
}
