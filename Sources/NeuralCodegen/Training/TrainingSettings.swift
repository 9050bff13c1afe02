import NeuralModel
import NeuralSchema
import NeuralSyntax

/// What `train` says, for loops that are written out.
struct TrainingSettings {
  private let arguments: BoundArguments?

  init(_ arguments: BoundArguments?) { self.arguments = arguments }

  var epochs: Int { number("epochs") ?? 1 }
  var firstEpoch: Int { number("initial_epoch") ?? 0 }
  var batchSize: Int { number("batch_size") ?? 32 }
  var validationBatchSize: Int { number("validation_batch_size") ?? batchSize }
  /// The share of arrays, at their end, that is kept for validation.
  var validationSplit: Double { arguments?["validation_split"]?.number ?? 0 }
  var validationFrequency: Int { number("validation_freq") ?? 1 }
  var stepsPerEpoch: Int? { number("steps_per_epoch") }
  var validationSteps: Int? { number("validation_steps") }
  var seed: Int? { number("seed") }
  var isShuffled: Bool { arguments?["shuffle"] != .boolean(false) }

  var precision: String {
    if case .string(let text)? = arguments?["precision"] { text } else { "float32" }
  }

  /// Whether each epoch is printed.
  var isShown: Bool {
    switch arguments?["verbose"] {
    case .boolean(let flag)?: flag
    case .integer(let level)?: level != .constant(0)
    default: true
    }
  }

  /// What counts the epochs of a loop, where anything in it asks for that.
  var counter: String { isShown || validationFrequency > 1 ? "epoch" : "_" }

  func range(of setting: String) -> SourceRange? { arguments?.entry(setting)?.valueRange }

  private func number(_ name: String) -> Int? {
    if case .integer(let number)? = arguments?[name] { number.constant } else { nil }
  }
}
