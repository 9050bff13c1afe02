import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Losses, labels and activations against each other.
extension Expander {
  /// A loss against the last activation and the size of the output, in every configuration.
  mutating func check(_ losses: Alternatives<LayerValue?>, _ output: Int, _ range: SourceRange) {
    let endings = endings(of: output)
    let types = types(of: output)
    let variables = search.variables(of: types).union(losses.variables + endings.variables)
    // Of too many configurations the default one speaks.
    guard let all = search.combinations(variables) ?? search.combinations([]) else { return }
    charge(all.entries.count)
    var cases: [(place: Int, loss: LayerValue, ending: Ending, type: TensorType)] = []
    all.forEachPlace(in: search.configuration) { place, choices in
      guard all.entries[place] != nil, case let loss?? = losses[choices],
        case let ending?? = endings[choices], case let type?? = types[choices]
      else { return }
      cases.append((place, loss, ending, search.resolved(type, in: choices)))
    }
    for (place, loss, ending, type) in cases {
      if all.isConstant {
        check(loss, ending, type, range)
      } else {
        restricted(to: all, place) { $0.check(loss, ending, type, range) }
      }
    }
  }

  private mutating func check(
    _ loss: LayerValue, _ ending: Ending, _ type: TensorType, _ range: SourceRange
  ) {
    let traits = loss.schema.traits
    let node = ending.node
    if traits.contains("sequences"), type.shape.count != 3 {
      return reportMismatch(
        "`\(loss.schema.name)` reads (batch, time, classes), but `\(node.path)` gives "
          + "\(type.description); leave the time axis in", node, type, range)
    }
    if traits.contains("distribution"), type.shape.last?.constant == 1 {
      return reportOneClass(loss, ending, type, range)
    }
    guard let activation = ending.activation else { return }
    let isRaw = activation.traits.contains("raw")
    let flag = loss.arguments.entry("from_logits")
    if flag?.value == .boolean(true) {
      let isTwice =
        traits.contains("distribution")
        && !activation.traits.isDisjoint(with: ["distribution", "log_distribution"])
        || traits.contains("binary") && activation.traits.contains("probability")
      if isTwice {
        reportDouble(
          activation, node, by: "`\(loss.schema.name)` with from_logits=true", flag, range)
      }
      return
    }
    if traits.contains("distribution"), !activation.traits.contains("distribution") {
      if isRaw { return reportLogits(loss, node, "softmax", range) }
      reportMismatch(
        "`\(loss.schema.name)` reads probabilities that sum to 1, but `\(node.path)` ends in "
          + "\(activation.name); write activation=\"softmax\"", node, type, range,
        activation: "softmax")
    } else if traits.contains("log_probabilities"), !activation.traits.contains("log_distribution")
    {
      reportMismatch(
        "`\(loss.schema.name)` reads logarithms of probabilities, but `\(node.path)` "
          + (isRaw ? "gives any number" : "ends in \(activation.name)")
          + "; write activation=\"log_softmax\" there", node, type, range,
        activation: "log_softmax")
    } else if !traits.isDisjoint(with: ["binary", "shares"]),
      activation.traits.isDisjoint(with: ["probability", "distribution"])
    {
      if isRaw { return reportLogits(loss, node, "sigmoid", range) }
      reportMismatch(
        "`\(loss.schema.name)` reads probabilities between 0 and 1, but `\(node.path)` ends in "
          + "\(activation.name); write activation=\"sigmoid\"", node, type, range,
        activation: "sigmoid")
    } else if traits.contains("binary"), activation.traits.contains("distribution"),
      type.shape.last?.constant != 1
    {
      reportMismatch(
        "`\(loss.schema.name)` reads each value as a probability of its own, but `\(node.path)` "
          + "ends in softmax; write categorical_crossentropy, or activation=\"sigmoid\"", node,
        type,
        range, loss: hasArguments(loss) ? nil : "\"categorical_crossentropy\"")
    } else if traits.contains("counts"), isRaw {
      reportMismatch(
        "`\(loss.schema.name)` takes the logarithm of what it reads, but `\(node.path)` gives any "
          + "number, below 0 too; write activation=\"softplus\" there", node, type, range,
        activation: "softplus")
    } else if traits.contains("margin"),
      !activation.traits.isDisjoint(with: ["probability", "distribution"])
    {
      reportMismatch(
        "`\(loss.schema.name)` reads scores below 0 for labels of -1, but `\(node.path)` ends in "
          + "\(activation.name), which is never below 0; write activation=\"tanh\" there, or none",
        node, type, range, activation: "tanh")
    }
  }

  private mutating func reportMismatch(
    _ message: String, _ node: GraphNode, _ type: TensorType, _ range: SourceRange,
    activation: String? = nil, loss: String? = nil
  ) {
    var finding = Finding(.lossMismatch, message, location(range))
      .relating("`\(node.path)` gives \(type.description)", node.calleeLocation)
    if let loss { finding = finding.replacing(with: loss) }
    if let activation, let edit = writing(activation, at: node) {
      finding = finding.fixing("Write `activation=\"\(activation)\"`", [edit])
    }
    add(finding)
  }

  /// A loss that compares classes reads one value: another loss is meant.
  private mutating func reportOneClass(
    _ loss: LayerValue, _ ending: Ending, _ type: TensorType, _ range: SourceRange
  ) {
    let node = ending.node
    reportedActivations.insert(node.path)
    var finding = Finding(
      .lossMismatch,
      "`\(loss.schema.name)` compares classes, but `\(node.path)` gives 1 value; one unit "
        + "takes binary_crossentropy with a sigmoid, or mean_squared_error", location(range)
    ).relating("`\(node.path)` gives \(type.description)", node.calleeLocation)
    if !hasArguments(loss), let activation = ending.activation {
      let place = location(range)
      if activation.traits.contains("probability") {
        finding = finding.replacing(with: "\"binary_crossentropy\"")
      } else if activation.traits.contains("raw") {
        finding =
          finding
          .replacing(with: "BinaryCrossentropy(from_logits=true)")
          .replacing(with: "\"mean_squared_error\"")
      } else if activation.traits.contains("distribution"), let edit = writing("sigmoid", at: node)
      {
        finding = finding.fixing(
          "Write `\"binary_crossentropy\"` and `activation=\"sigmoid\"`",
          [(place, "\"binary_crossentropy\""), edit])
      }
    }
    add(finding)
  }

  private func hasArguments(_ loss: LayerValue) -> Bool {
    loss.arguments.entries.contains(where: \.isGiven)
  }

  /// A loss on probabilities reads what no function has made probabilities.
  private mutating func reportLogits(
    _ loss: LayerValue, _ node: GraphNode, _ activation: String, _ range: SourceRange
  ) {
    let hasFlag = loss.arguments.entry("from_logits") != nil
    let wanted = "activation=\"\(activation)\""
    var finding = Finding(
      .lossMismatch,
      "`\(loss.schema.name)` reads probabilities, but `\(node.path)` gives any number: it ends in no "
        + "activation. Write "
        + (hasFlag ? "from_logits=true here, or \(wanted) there" : "\(wanted) there"),
      location(range)
    ).relating("`\(node.path)` has no activation", node.calleeLocation)
    if hasFlag, let (text, place) = withFlag(loss, range) {
      finding = finding.fixing("Write `from_logits=true`", [(location(place), text)])
    }
    if let edit = writing(activation, at: node) {
      finding = finding.fixing("Write `\(wanted)`", [edit])
    }
    add(finding)
  }

  /// The edit that gives a loss `from_logits=true`: its value, an argument, or a call for a name.
  private func withFlag(_ loss: LayerValue, _ range: SourceRange) -> (String, SourceRange)? {
    if let value = loss.arguments.entry("from_logits")?.valueRange { return ("true", value) }
    guard let text = source?.text(of: range) else { return nil }
    if text.hasSuffix(")") {
      guard let start = text.firstIndex(of: "(") else { return nil }
      let isEmpty = text[text.index(after: start)...].dropLast().allSatisfy(\.isWhitespace)
      let flag = isEmpty ? "from_logits=true" : ", from_logits=true"
      return ("\(text.dropLast())\(flag))", range)
    }
    let name = loss.schema.aliases.first ?? loss.schema.name
    return ("\(name)(from_logits=true)", range)
  }

  private mutating func reportDouble(
    _ activation: LayerSchema, _ node: GraphNode, by second: String, _ flag: BoundArgument?,
    _ range: SourceRange
  ) {
    var finding = Finding(
      .doubleSoftmax,
      "\(second) applies \(activation.name) to what `\(node.path)` has applied it to already; "
        + "leave out one of the two", location(flag?.range ?? range)
    ).relating("`\(node.path)` ends in \(activation.name)", activationLocation(node))
    if let value = flag?.valueRange {
      finding = finding.fixing("Write `from_logits=false`", [(location(value), "false")])
    }
    add(finding)
  }

  /// A metric against the loss and the one output, in every configuration.
  mutating func check(
    _ metrics: Alternatives<LayerValue?>, _ range: SourceRange, against loss: DeclaredLoss,
    _ output: Int
  ) {
    let endings = endings(of: output)
    let types = types(of: output)
    let variables = search.variables(of: types)
      .union(metrics.variables + loss.choices.variables + endings.variables)
    guard let all = search.combinations(variables) ?? search.combinations([]) else { return }
    charge(all.isConstant ? 0 : all.entries.count)
    var cases: [(place: Int, metric: LayerValue, loss: LayerValue, Ending?, TensorType?)] = []
    all.forEachPlace(in: search.configuration) { place, choices in
      guard all.entries[place] != nil, case let metric?? = metrics[choices],
        case let loss?? = loss.choices[choices]
      else { return }
      let type = (types[choices] ?? nil).map { search.resolved($0, in: choices) }
      cases.append((place, metric, loss, endings[choices] ?? nil, type))
    }
    for (place, metric, known, ending, type) in cases {
      let loss = (known, loss.range)
      if all.isConstant {
        check(metric, range, against: loss, ending, type)
      } else {
        restricted(to: all, place) { $0.check(metric, range, against: loss, ending, type) }
      }
    }
  }

  private mutating func check(
    _ metric: LayerValue, _ range: SourceRange,
    against loss: (loss: LayerValue, range: SourceRange), _ ending: Ending?, _ type: TensorType?
  ) {
    checkLabels(metric, range, against: loss, type)
    if let ending { checkMatches(metric, range, against: loss, ending) }
  }

  /// Loss and metric of one output read labels of one form.
  private mutating func checkLabels(
    _ metric: LayerValue, _ range: SourceRange,
    against loss: (loss: LayerValue, range: SourceRange), _ type: TensorType?
  ) {
    func form(_ schema: LayerSchema) -> String? {
      schema.traits.contains("index_labels")
        ? "class indices" : schema.traits.contains("vector_labels") ? "vectors of classes" : nil
    }
    if metric.schema.traits.contains("value_labels"), form(loss.loss.schema) == "class indices" {
      return checkValueLabels(metric, range, against: loss, type)
    }
    guard let here = form(metric.schema), let there = form(loss.loss.schema), here != there else {
      return
    }
    add(
      Finding(
        .labelMismatch,
        "`\(metric.schema.name)` reads labels that are \(here), but `\(loss.loss.schema.name)` reads "
          + "\(there); write \"accuracy\", which follows the loss", location(range)
      ).relating("the loss", location(loss.range)))
  }

  /// A metric that reads a label for each value, where the loss has one index for all classes.
  private mutating func checkValueLabels(
    _ metric: LayerValue, _ range: SourceRange,
    against loss: (loss: LayerValue, range: SourceRange), _ type: TensorType?
  ) {
    guard graph.outputs.count == 1, let classes = type?.shape.last?.constant, classes > 1
    else { return }
    add(
      Finding(
        .labelMismatch,
        "`\(metric.schema.name)` reads a label for each of the \(classes) values, but "
          + "`\(loss.loss.schema.name)` reads one class index for all; write \"accuracy\", or "
          + "categorical_crossentropy with labels that are vectors", location(range)
      ).relating("the loss", location(loss.range)).replacing(with: "\"accuracy\""))
  }

  /// A metric that counts labels met exactly, of an output that gives numbers.
  private mutating func checkMatches(
    _ metric: LayerValue, _ range: SourceRange,
    against loss: (loss: LayerValue, range: SourceRange), _ ending: Ending
  ) {
    let labels: Set = [
      "distribution", "binary", "margin", "index_labels", "vector_labels", "log_probabilities",
    ]
    guard metric.schema.traits.contains("matches"),
      loss.loss.schema.traits.isDisjoint(with: labels), graph.outputs.count == 1,
      ending.activation?.traits.contains("raw") ?? false
    else { return }
    add(
      Finding(
        .labelMismatch,
        "`\(metric.schema.name)` counts labels that are met exactly, but `\(loss.loss.schema.name)` "
          + "compares numbers and `\(ending.node.path)` gives any number; write \"mean_absolute_error\"",
        location(range)
      ).relating("the loss", location(loss.range))
        .replacing(with: "\"mean_absolute_error\""))
  }

  // MARK: Activations

  /// A softmax over one value, or over what a softmax gave, in every configuration. Nodes of the arms
  /// of a condition are checked where it is known what leads to them.
  mutating func checkActivations(from first: Int = 0) {
    for index in first..<max(first, graph.nodes.count)
    where graph.nodes[index].endsInDistribution && !search.checked.contains(index) {
      let node = graph.nodes[index]
      guard let output = node.outputs.first else { continue }
      if !search.restrictions.isEmpty { search.checked.insert(index) }
      let types = types(of: output)
      let before = node.inputs.first.map { endings(of: $0) } ?? Alternatives(nil)
      let own = node.arguments.entry("activation")?.alternatives
      let axis = node.arguments.entry("axis")?.alternatives
      let variables = search.variables(of: types)
        .union(before.variables + (own?.variables ?? []) + (axis?.variables ?? []))
      guard let all = search.combinations(variables) ?? search.combinations([]) else { continue }
      charge(all.isConstant ? 0 : all.entries.count)
      var cases: [(place: Int, node: GraphNode, type: TensorType, before: Ending?)] = []
      all.forEachPlace(in: search.configuration) { place, choices in
        guard all.entries[place] != nil, case let type?? = types[choices] else { return }
        var node = node
        node.arguments = resolved(node.arguments, in: choices)
        cases.append((place, node, search.resolved(type, in: choices), before[choices] ?? nil))
      }
      for (place, node, type, before) in cases {
        if all.isConstant {
          checkActivation(node, type, after: before)
        } else {
          restricted(to: all, place) { $0.checkActivation(node, type, after: before) }
        }
      }
    }
  }

  private mutating func checkActivation(
    _ node: GraphNode, _ type: TensorType, after before: Ending?
  ) {
    guard let activation = lastActivation(node),
      !activation.traits.isDisjoint(with: ["distribution", "log_distribution"])
    else { return }
    let isSoftmax = activation.traits.contains("distribution")
    let axis = softmaxAxis(node, type)
    if type.shape.indices.contains(axis), type.shape[axis] == .constant(1) {
      var finding = Finding(
        .degenerateActivation,
        "\(activation.name) over axis \(axis) of \(type.description), a single value, is always "
          + "\(isSoftmax ? "1" : "0"); write activation=\"sigmoid\", or two units",
        activationLocation(node))
      if let edit = writing("sigmoid", at: node) {
        finding = finding.fixing("Write `activation=\"sigmoid\"`", [edit])
      }
      // Where a loss speaks of it, that is enough.
      putOff(finding, activation: node.path)
    }
    // A layer that does nothing else, after one that ends in softmax.
    guard node.schema.category == "activation", let before, let earlier = before.activation,
      earlier.traits.contains("distribution")
    else { return }
    let giver = before.node
    var finding = Finding(
      .doubleSoftmax,
      "`\(node.path)` applies \(activation.name) to what `\(giver.path)` has applied "
        + "\(earlier.name) to already; leave out one of the two", node.calleeLocation
    ).relating("`\(giver.path)` ends in \(earlier.name)", activationLocation(giver))
    if let edit = removingActivation(of: giver), giver.schema.category != "activation" {
      finding = finding.fixing("Leave out `\(earlier.name)` of `\(giver.path)`", [edit])
    }
    add(finding)
  }

  private func softmaxAxis(_ node: GraphNode, _ type: TensorType) -> Int {
    if case .integer(.constant(let axis))? = node.arguments["axis"] {
      return axis < 0 ? axis + type.shape.count : axis
    }
    return graph.dataFormat == .channelsFirst && type.shape.count >= 3 ? 1 : type.shape.count - 1
  }
}
