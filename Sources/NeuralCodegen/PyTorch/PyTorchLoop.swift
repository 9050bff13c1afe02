import NeuralModel
import NeuralSchema

/// `train` of one network and the epoch that it is made of.
struct PyTorchLoop {
  private let plan: TrainingPlan
  private let name: TrainingNames
  private let settings: TrainingSettings
  private let inputCount: Int
  private let isSingle: Bool

  init(_ training: PyTorchTraining) {
    plan = training.plan
    name = training.name
    settings = TrainingSettings(plan.settings)
    inputCount = plan.network.inputs.count
    isSingle = inputCount == 1 && plan.network.outputs.count == 1
  }

  func functions() throws(TargetProblem) -> [String] {
    let device = try device()
    return [epoch(), train(device)]
  }

  // MARK: Settings

  /// What PyTorch calls the device; `nil` for the best there is.
  private func device() throws(TargetProblem) -> String? {
    let wanted = plan.device
    if wanted == "auto" { return nil }
    if wanted == "tpu" {
      throw TargetProblem(
        "PyTorch trains on no \"tpu\" without torch_xla; write \"auto\", \"cuda\" or \"cpu\"",
        at: plan.location(plan.deviceRange, "execution"))
    }
    return wanted.hasPrefix("gpu") ? "cuda" + wanted.dropFirst(3) : wanted
  }

  private var hasSchedule: Bool { plan.schedule != nil }
  private var hasMetrics: Bool { !plan.metrics.isEmpty }

  // MARK: An epoch

  private func epoch() -> String {
    var lines = ["def \(name("run_epoch"))("]
    lines += [
      "    model: nn.Module,", "    batches: Iterable[Sequence[Tensor]],",
      "    optimizer: torch.optim.Optimizer | None = None,",
    ]
    if hasSchedule {
      lines.append("    scheduler: torch.optim.lr_scheduler.LRScheduler | None = None,")
    }
    if settings.precision == "float16" {
      lines.append("    scaler: torch.amp.GradScaler | None = None,")
    }
    lines += [
      ") -> dict[str, float]:",
      "    \"\"\"Goes through the batches once and, with an optimizer, trains on each.",
      "",
      "    Returns the mean loss\(hasMetrics ? " and the metrics over all samples" : "").",
      "    \"\"\"",
      "    device = next(model.parameters()).device",
      "    model.train(optimizer is not None)",
      "    total, samples = 0.0, 0",
    ]
    if hasMetrics { lines.append("    results = []") }
    lines.append("    for batch in batches:")
    let x: String
    if isSingle {
      lines.append("        inputs, targets = (part.to(device) for part in batch)")
      x = "inputs"
    } else {
      lines += [
        "        parts = [part.to(device) for part in batch]",
        "        inputs, targets = parts[:\(inputCount)], parts[\(inputCount):]",
      ]
      x = "*inputs"
    }
    let target = plan.network.outputs.count == 1 && !isSingle ? "targets[0]" : "targets"
    let isOne = plan.network.outputs.count == 1
    lines.append("        with torch.set_grad_enabled(optimizer is not None):")
    if settings.precision == "float32" {
      lines.append("            outputs = model(\(x))")
    } else {
      lines += [
        "            with torch.autocast(device.type, torch.\(settings.precision)):",
        "                outputs = model(\(x))",
        isOne
          ? "            outputs = outputs.float()"
          : "            outputs = [part.float() for part in outputs]",
      ]
    }
    lines.append("            value = \(name("loss"))(outputs, \(target))")
    lines.append("        if optimizer is not None:")
    var steps = ["optimizer.zero_grad()"]
    steps +=
      settings.precision == "float16"
      ? ["scaler.scale(value).backward()", "scaler.step(optimizer)", "scaler.update()"]
      : ["value.backward()", "optimizer.step()"]
    if hasSchedule { steps.append("scheduler.step()") }
    lines += steps.map { "            " + $0 }
    lines += [
      "        count = len(\(isSingle ? "targets" : "targets[0]"))",
      "        total, samples = total + value.item() * count, samples + count",
    ]
    if hasMetrics {
      lines.append(
        isOne
          ? "        results.append((outputs.detach(), \(target)))"
          : "        results.append(([part.detach() for part in outputs], targets))")
    }
    lines.append(
      hasMetrics
        ? "    values = {\"loss\": total / samples}"
        : "    return {\"loss\": total / samples}")
    if hasMetrics {
      if isOne {
        lines.append(
          "    outputs, targets = (torch.cat(parts) for parts in zip(*results, strict=True))")
      } else {
        lines += [
          "    outputs, targets = (",
          "        tuple(torch.cat(part) for part in zip(*parts, strict=True))",
          "        for parts in zip(*results, strict=True)",
          "    )",
        ]
      }
      lines += [
        "    for name, value in \(name("metrics"))(outputs, targets).items():",
        "        values[name] = value.item()", "    return values",
      ]
    }
    return lines.joined(separator: "\n")
  }

  // MARK: Training

  private func train(_ device: String?) -> String {
    let split = settings.validationSplit
    let arrays = isSingle ? "Tensor" : "tuple[Tensor, ...]"
    let order = " (all inputs, then all targets)"
    let kept = "    The last of the arrays, \(Python.float(split)) of all, are kept for validation."
    var lines = [
      "def \(name("train"))(", "    model: nn.Module,", "    inputs: \(arrays) | DataLoader,",
      "    targets: \(arrays) | None = None,", "    validation: DataLoader | None = None,",
      "    *,", "    epochs: int = \(settings.epochs),",
      "    device: str | None = \(device.map(Python.string) ?? "None"),",
      "    weights: str | None = None,", ") -> list[dict[str, float]]:",
    ]
    lines += [
      "    \"\"\"Trains on arrays, or on a loader of batches\(isSingle ? "" : order).",
      "",
    ]
    if split > 0 { lines.append(kept) }
    lines += [
      "    `weights` names a file to save to. Returns what each epoch measured.", "    \"\"\"",
    ]
    if let seed = settings.seed { lines.append("    torch.manual_seed(\(seed))") }
    lines += batches(split)
    if device == nil {
      lines += [
        "    if device is None:",
        "        device = torch.accelerator.current_accelerator(check_available=True) or \"cpu\"",
      ]
    }
    lines.append("    model.to(device)")
    let made = hasSchedule ? "optimizer, scheduler" : "optimizer"
    lines.append("    \(made) = \(name("make_optimizer"))(model)")
    var extra = hasSchedule ? ", scheduler" : ""
    if settings.precision == "float16" {
      lines.append("    scaler = torch.amp.GradScaler(torch.device(device).type)")
      extra += ", scaler=scaler"
    }
    lines.append("    history = []")
    let first = settings.firstEpoch
    lines.append("    for \(settings.counter) in range(\(first == 0 ? "" : "\(first), ")epochs):")
    let data = settings.stepsPerEpoch.map { "islice(batches, \($0))" } ?? "batches"
    lines.append("        values = \(name("run_epoch"))(model, \(data), optimizer\(extra))")
    let often = settings.validationFrequency
    lines.append(
      "        if validation is not None\(often > 1 ? " and (epoch + 1) % \(often) == 0" : ""):")
    let tested = settings.validationSteps.map { "islice(validation, \($0))" } ?? "validation"
    lines += [
      "            tested = \(name("run_epoch"))(model, \(tested))",
      "            values |= {f\"val_{name}\": value for name, value in tested.items()}",
    ]
    if settings.isShown {
      lines += [
        "        shown = \", \".join(f\"{name} {value:.4f}\" for name, value in values.items())",
        "        print(f\"Epoch {epoch + 1}/{epochs}: {shown}\")",
      ]
    }
    lines += [
      "        history.append(values)", "    if weights is not None:",
      "        save_weights(model, weights)", "    return history",
    ]
    return lines.joined(separator: "\n")
  }

  /// Arrays as batches, the last of them kept apart where the source says so.
  private func batches(_ split: Double) -> [String] {
    let data = isSingle ? "inputs, targets" : "*inputs, *targets"
    var lines = ["    if isinstance(inputs, DataLoader):", "        batches = inputs", "    else:"]
    lines.append("        data = TensorDataset(\(data))")
    var part = "data"
    if split > 0 {
      lines += [
        "        split = int(len(data) * (1 - \(Python.float(split))))",
        "        held = Subset(data, range(split, len(data)))",
        "        validation = validation or DataLoader(held, \(settings.validationBatchSize))",
      ]
      part = "Subset(data, range(split))"
    }
    let order = settings.isShuffled ? ", shuffle=True" : ""
    lines += Python.statement(
      "batches = DataLoader(\(part), \(settings.batchSize)\(order))", indent: 8)
    return lines
  }
}
