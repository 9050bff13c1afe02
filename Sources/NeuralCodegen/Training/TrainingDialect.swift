import NeuralSchema

/// The words of a framework in which losses and metrics are functions of outputs and targets.
struct TrainingDialect: Sendable {
  /// The entry of a declaration that is for it: `pytorch`.
  var entry: String
  var displayName: String
  /// The type of outputs, targets and losses.
  var tensor: String
  /// A list of numbers as a tensor.
  var numbers: @Sendable (String) -> String
  /// What a place of a loss or metric stands for, where this framework alone says it so.
  var place: @Sendable (String, LayerValue, ClassPlace) -> String?
}

/// Where the classes of an output stand.
struct ClassPlace {
  var axis: Int
  /// Whether that is right after the batch.
  var isSecond: Bool
}
