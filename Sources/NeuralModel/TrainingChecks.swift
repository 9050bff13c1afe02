import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Losses, labels and activations against each other.
extension Expander {
  /// A loss against the last activation and the size of the output.
  mutating func check(_ loss: LayerValue, _ output: NetworkOutput, _ range: SourceRange) {
    guard let type = graph.type(of: output.value), let node = lastNode(of: output.value) else {
      return
    }
    let activation = lastActivation(node)
    let traits = loss.schema.traits
    let ending = activation?.traits ?? []
    let flag = loss.arguments.entry("from_logits")
    if flag?.value == .boolean(true), let activation {
      let isTwice =
        traits.contains("distribution")
        && !ending.isDisjoint(with: ["distribution", "log_distribution"])
        || traits.contains("binary") && ending.contains("probability")
      if isTwice {
        reportDouble(
          activation, node, by: "`\(loss.schema.name)` with from_logits=true", flag, range)
        return
      }
    }
    var message: String?
    if traits.contains("distribution") {
      if type.shape.last?.constant == 1 {
        reportedActivations.insert(node.path)
        message =
          "`\(loss.schema.name)` compares classes, but `\(node.path)` gives 1 value; one unit "
          + "takes binary_crossentropy with a sigmoid, or mean_squared_error"
      } else if let activation, flag?.value != .boolean(true), !ending.contains("distribution") {
        if activation.traits.contains("raw") {
          return reportLogits(loss, node, "softmax", range)
        }
        message =
          "`\(loss.schema.name)` reads probabilities that sum to 1, but `\(node.path)` ends in "
          + "\(activation.name); write activation=\"softmax\""
      }
    } else if traits.contains("binary"), let activation, flag?.value != .boolean(true),
      ending.isDisjoint(with: ["probability", "distribution"])
    {
      if activation.traits.contains("raw") { return reportLogits(loss, node, "sigmoid", range) }
      message =
        "`\(loss.schema.name)` reads probabilities between 0 and 1, but `\(node.path)` ends in "
        + "\(activation.name); write activation=\"sigmoid\""
    } else if traits.contains("binary"), ending.contains("distribution"),
      type.shape.last?.constant != 1
    {
      message =
        "`\(loss.schema.name)` reads each value as a probability of its own, but `\(node.path)` "
        + "ends in softmax; write categorical_crossentropy, or activation=\"sigmoid\""
    }
    guard let message else { return }
    add(
      Finding(.lossMismatch, message, location(range))
        .relating("`\(node.path)` gives \(type.description)", node.calleeLocation))
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
    if node.location.file == graph.file {
      if let written = node.arguments.entry("activation"), let value = written.valueRange {
        finding = finding.fixing(
          "Write `\(wanted)`", [(Location(graph.file, value), Value.quoted(activation))])
      } else if let end = node.argumentsEnd {
        let separator = node.arguments.entries.contains(where: \.isGiven) ? ", " : ""
        finding = finding.fixing(
          "Write `\(wanted)`", [(Location(graph.file, end), separator + wanted)])
      }
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

  /// Loss and metric of one output read labels of one form.
  mutating func checkLabels(
    _ metric: LayerValue, _ range: SourceRange, against loss: (loss: LayerValue, range: SourceRange)
  ) {
    func form(_ schema: LayerSchema) -> String? {
      schema.traits.contains("index_labels")
        ? "class indices" : schema.traits.contains("vector_labels") ? "vectors of classes" : nil
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

  /// A metric that counts labels met exactly, of an output that gives numbers.
  mutating func checkMatches(
    _ metric: LayerValue, _ range: SourceRange, against loss: (loss: LayerValue, range: SourceRange)
  ) {
    let labels: Set = [
      "distribution", "binary", "margin", "index_labels", "vector_labels", "log_probabilities",
    ]
    guard metric.schema.traits.contains("matches"),
      loss.loss.schema.traits.isDisjoint(with: labels), graph.outputs.count == 1,
      let node = lastNode(of: graph.outputs[0].value), let activation = lastActivation(node),
      activation.traits.contains("raw")
    else { return }
    add(
      Finding(
        .labelMismatch,
        "`\(metric.schema.name)` counts labels that are met exactly, but `\(loss.loss.schema.name)` "
          + "compares numbers and `\(node.path)` gives any number; write \"mean_absolute_error\"",
        location(range)
      ).relating("the loss", location(loss.range))
        .replacing(with: "\"mean_absolute_error\""))
  }

  // MARK: Activations

  /// A softmax over one value, or over what a softmax gave.
  mutating func checkActivations() {
    for node in graph.nodes {
      guard let activation = lastActivation(node), let output = node.outputs.first,
        let type = graph.type(of: output)
      else { continue }
      let isSoftmax = activation.traits.contains("distribution")
      guard isSoftmax || activation.traits.contains("log_distribution") else { continue }
      let axis = softmaxAxis(node, type)
      if type.shape.indices.contains(axis), type.shape[axis] == .constant(1),
        !reportedActivations.contains(node.path)
      {
        add(
          Finding(
            .degenerateActivation,
            "\(activation.name) over axis \(axis) of \(type.description), a single value, is always "
              + "\(isSoftmax ? "1" : "0"); write activation=\"sigmoid\", or two units",
            activationLocation(node)))
      }
      // A layer that does nothing else, after one that ends in softmax.
      guard node.schema.category == "activation", let input = node.inputs.first,
        let before = lastNode(of: input), let earlier = lastActivation(before),
        earlier.traits.contains("distribution")
      else { continue }
      add(
        Finding(
          .doubleSoftmax,
          "`\(node.path)` applies \(activation.name) to what `\(before.path)` has applied "
            + "\(earlier.name) to already; leave out one of the two", node.calleeLocation
        ).relating("`\(before.path)` ends in \(earlier.name)", activationLocation(before)))
    }
  }

  private func softmaxAxis(_ node: GraphNode, _ type: TensorType) -> Int {
    if case .integer(.constant(let axis))? = node.arguments["axis"] {
      return axis < 0 ? axis + type.shape.count : axis
    }
    return graph.dataFormat == .channelsFirst && type.shape.count >= 3 ? 1 : type.shape.count - 1
  }

  /// Where the activation of a node is written.
  private func activationLocation(_ node: GraphNode) -> Location {
    if let range = node.arguments.entry("activation")?.range, node.location.file == graph.file {
      return Location(graph.file, range)
    }
    return node.calleeLocation
  }

  /// The node that a value comes from; what acts in training only is passed over.
  private func lastNode(of value: Int) -> GraphNode? {
    var node = producer(value)
    for _ in 0..<16 {
      guard let found = node, found.schema.category == "regularization",
        let input = found.inputs.first
      else { break }
      node = producer(input)
    }
    return node
  }

  /// The activation that a node ends in, as its own layer or as an argument.
  private func lastActivation(_ node: GraphNode) -> LayerSchema? {
    if let entry = node.arguments.entry("activation") {
      if case .layer(let layer) = entry.value { return layer.schema }
      return catalogue.declared("activation", "linear")
    }
    return node.schema.category == "activation"
      ? catalogue.declared("activation", node.schema.name) : nil
  }
}
