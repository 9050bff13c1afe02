import NeuralModel
import NeuralSchema
import NeuralSyntax

/// How a network is trained, read from its graph: what the writers of all targets start from.
struct TrainingPlan {
  var network: NetworkGraph
  /// The outputs that have a loss, in the network's order.
  var losses: [NetworkLoss]
  /// `accuracy` replaced by the metric that it means for each output.
  var metrics: [OutputMetric]
  var optimizer: LayerValue?
  /// `train`, with its defaults, where the source has it.
  var settings: BoundArguments?
  /// `auto`, `cpu`, `cuda:0`, …
  var device: String
  var deviceRange: SourceRange?

  /// A metric of one output, under the name that it is shown by.
  struct OutputMetric {
    var name: String
    var output: Int
    var metric: LayerValue
    /// Whether it stands for one that follows the loss, such as `accuracy`.
    var isFollowing: Bool
  }

  /// `nil` for a network whose source says nothing of loss or optimizer.
  init?(_ network: NetworkGraph) {
    guard network.optimizer != nil || !network.losses.isEmpty else { return nil }
    self.network = network
    losses = network.losses.sorted { $0.output < $1.output }
    optimizer = network.optimizer
    settings = network.settings["train"]
    let device = network.settings["execution"]?.entry("device")
    self.device = if case .string(let name)? = device?.value { name } else { "auto" }
    deviceRange = device?.valueRange
    metrics = []
    for loss in losses {
      let prefix = losses.count > 1 ? network.outputs[loss.output].name + "_" : ""
      for metric in network.metrics {
        metrics.append(
          OutputMetric(
            name: prefix + metric.schema.snakeName, output: loss.output,
            metric: TrainingPlan.meant(metric, loss, in: network),
            isFollowing: metric.schema.traits.contains("matches")))
      }
    }
  }

  /// What the learning rate follows, where it is no number.
  var schedule: LayerValue? {
    guard case .layer(let schedule)? = optimizer?.arguments["learning_rate"] else { return nil }
    return schedule
  }

  /// Whether all that training takes is there.
  var isTrained: Bool { settings != nil && optimizer != nil && !losses.isEmpty }

  /// A metric that follows the loss and the output as the one that it means there. What is right of a
  /// score is on its own side of 0.
  private static func meant(
    _ metric: LayerValue, _ loss: NetworkLoss, in network: NetworkGraph
  ) -> LayerValue {
    guard metric.schema.traits.contains("matches") else { return metric }
    let traits = loss.loss.schema.traits
    let type = network.type(of: network.outputs[loss.output].value)
    let name: String
    if traits.contains("index_labels") {
      name = "sparse_categorical_accuracy"
    } else if traits.contains("vector_labels") {
      name = "categorical_accuracy"
    } else if traits.contains("binary") || traits.contains("margin")
      || type?.shape.last?.constant == 1
    {
      name = "binary_accuracy"
    } else {
      name = "categorical_accuracy"
    }
    guard let schema = Catalogue.builtin.declared("metric", name) else { return metric }
    var value = LayerValue(
      schema: schema, arguments: schema.defaultArguments, range: metric.range)
    let isScore =
      traits.contains("margin") || loss.loss.arguments["from_logits"] == .boolean(true)
    if isScore {
      for index in value.arguments.entries.indices
      where value.arguments.entries[index].name == "threshold" {
        value.arguments.entries[index] = BoundArgument(
          name: "threshold", value: .float(0), isGiven: true, range: nil)
      }
    }
    return value
  }

  /// Where something of the training stands: at its own place, else at the section.
  func location(_ range: SourceRange?, _ section: String) -> Location {
    let written = network.declaration.sections.first {
      $0.keyword.text == section || section == "execution" && $0.keyword.text == "execute"
    }
    return Location(
      network.file, range ?? written?.range ?? network.declaration.name.range)
  }

  /// The axis of an output that its classes stand on, as a loss or metric reads it.
  func classAxis(of value: LayerValue, output: Int) -> Int {
    let rank = network.type(of: network.outputs[output].value)?.shape.count ?? 2
    let isFirst = network.dataFormat == .channelsFirst && rank > 2
    guard let entry = value.arguments.entry("axis"),
      case .integer(let axis) = entry.value, let axis = axis.constant, entry.isGiven || !isFirst
    else { return isFirst ? 1 : -1 }
    return axis
  }

  /// Whether classes already stand where PyTorch's losses want them, right after the batch.
  func hasClassesSecond(_ value: LayerValue, output: Int) -> Bool {
    let rank = network.type(of: network.outputs[output].value)?.shape.count ?? 2
    let axis = classAxis(of: value, output: output)
    return (axis < 0 ? axis + rank : axis) == 1
  }
}

/// What the functions that train a network are called: none like a class of the module.
struct TrainingNames {
  var prefix: String
  var taken: Set<String>

  func callAsFunction(_ name: String) -> String {
    Python.numbered(prefix + name, isTaken: taken.contains)
  }
}

extension LayerValue {
  /// A metric that is the loss of its name, where the declaration of the metric says nothing itself.
  var asLoss: LayerValue? {
    guard let schema = Catalogue.builtin.declared("loss", schema.name) else { return nil }
    var loss = LayerValue(schema: schema, arguments: schema.defaultArguments, range: range)
    for index in loss.arguments.entries.indices {
      if let own = arguments.entry(loss.arguments.entries[index].name) {
        loss.arguments.entries[index] = own
      }
    }
    return loss
  }

  /// How an optimizer bounds gradients before each step, with the bound as Python writes it.
  enum Clipping {
    /// The length of each weight's gradient.
    case norm(String)
    /// The length of all gradients together.
    case globalNorm(String)
    /// Each number.
    case value(String)
  }

  /// The first that is given, in the order in which Keras asks for them.
  var clipping: Clipping? {
    func given(_ option: String) -> String? {
      guard let value = arguments[option], value != .none else { return nil }
      return Python.literal(value)
    }
    return given("clipnorm").map(Clipping.norm)
      ?? given("global_clipnorm").map(Clipping.globalNorm)
      ?? given("clipvalue").map(Clipping.value)
  }
}
