import NeuralDimension
import NeuralSchema
import Synchronization

/// What a layer's declaration says of one use, with what follows from it. Uses that ask the same
/// share one.
final class Inference: Sendable {
  let result: RuleResult
  /// What the backward pass keeps.
  let backward: BackwardNeed
  /// Values in weights and state, and those of them that training changes.
  let parameters: Dimension
  let trainable: Dimension

  init(_ result: RuleResult, _ backward: BackwardNeed) {
    self.result = result
    self.backward = backward
    parameters = Inference.count(result.weights) { _ in true }
    trainable = Inference.count(result.weights, where: \.isTrainable)
  }

  private static func count(
    _ weights: [Weight], where isCounted: (Weight) -> Bool
  ) -> Dimension {
    var total = Dimension.constant(0)
    for weight in weights where isCounted(weight) {
      var product = Dimension.constant(1)
      for size in weight.shape { product = (try? product.multiplied(by: size)) ?? product }
      total = (try? total.adding(product)) ?? total
    }
    return total
  }
}

/// What the result of a shape rule depends on.
struct RuleQuestion: Hashable {
  /// Held, so that no other declaration can come to stand at its address.
  private let schema: LayerSchema
  private let arguments: BoundArguments
  private let types: [TensorType]
  /// Which facts were known.
  private let facts: Int
  private let digest: Digest

  init(_ schema: LayerSchema, _ arguments: BoundArguments, _ types: [TensorType], facts: Int) {
    self.schema = schema
    self.arguments = arguments
    self.types = types
    self.facts = facts
    var digest = Digest()
    digest.add(arguments)
    for type in types { digest.add(type) }
    self.digest = digest
  }

  /// Whether the answer is the same in every network that knows no facts: it names no sizes of this
  /// one, and speaks of built-in layers.
  var isUniversal: Bool { digest.isConcrete && schema.file.catalogueFile != nil }

  static func == (left: RuleQuestion, right: RuleQuestion) -> Bool {
    left.digest == right.digest && left.schema === right.schema && left.facts == right.facts
      && left.types == right.types && left.arguments == right.arguments
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(schema))
    hasher.combine(digest)
    hasher.combine(facts)
  }
}

/// Answers that hold in every network, kept for the next analysis.
enum RuleMemory {
  private static let answers = Mutex<[RuleQuestion: Inference]>([:])

  /// Answers that are kept; past that all are forgotten.
  private static let limit = 1 << 15

  static func answer(_ question: RuleQuestion) -> Inference? { answers.withLock { $0[question] } }

  static func keep(_ answer: Inference, for question: RuleQuestion) {
    // A layer among the names belongs to the text that gave it.
    if answer.result.names.contains(where: { if case .layer = $0.value { true } else { false } }) {
      return
    }
    answers.withLock { answers in
      if answers.count >= limit { answers.removeAll() }
      answers[question] = answer
    }
  }
}
