import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralThreads

/// What layers make of the value that flows at a place, with no arguments but their defaults.
struct LayerFits {
  enum Fit: Sendable {
    /// It depends on arguments.
    case unknown
    case gives(String?)
    /// Why no arguments would help, or none are missing.
    case fails(String)
  }

  private let value: FlowingValue?
  private let catalogue: Catalogue
  private let memory: Memory?
  private var known: [ObjectIdentifier: Fit] = [:]
  private var isNew = false

  init(_ value: FlowingValue?, _ catalogue: Catalogue) {
    self.value = value
    self.catalogue = catalogue
    memory = value.flatMap { Memory(of: $0.type) }
    known = memory?.fits ?? [:]
  }

  subscript(schema: LayerSchema) -> Fit {
    mutating get {
      guard let value, schema.blockMode == .follows else { return .unknown }
      let isKept = memory != nil && schema.file.catalogueFile != nil
      if isKept, let fit = known[ObjectIdentifier(schema)] { return fit }
      let fit = fit(of: schema, value)
      if isKept {
        known[ObjectIdentifier(schema)] = fit
        isNew = true
      }
      return fit
    }
  }

  /// Keeps what was found out for the next completion.
  func keep() { if isNew { memory?.keep(known) } }

  private func fit(of schema: LayerSchema, _ value: FlowingValue) -> Fit {
    let labels = ["the value here"]
    guard schema.body == nil, schema.parameters.allSatisfy({ $0.defaultValue != nil }) else {
      let failure = ShapeRule.misfit(
        schema, schema.defaultArguments, inputs: [value.type], labels: labels,
        facts: value.facts, catalogue: catalogue)
      return failure.map { .fails($0.message) } ?? .unknown
    }
    do throws(RuleFailure) {
      let result = try ShapeRule.evaluate(
        schema, schema.defaultArguments, inputs: [value.type], labels: labels,
        facts: value.facts, catalogue: catalogue)
      return .gives(result.outputs.first?.description)
    } catch {
      return .fails(error.message)
    }
  }

  /// Of values whose sizes are numbers, built-in layers make the same in every network.
  private struct Memory {
    private static let kept = Lock<[TensorType: [ObjectIdentifier: Fit]]>([:])
    /// Types that are kept; past that all are forgotten.
    private static let limit = 32

    private let type: TensorType

    init?(of type: TensorType) {
      guard type.shape.dropFirst().allSatisfy({ $0.constant != nil }) else { return nil }
      self.type = type
    }

    var fits: [ObjectIdentifier: Fit] { Self.kept.withLock { $0[type] ?? [:] } }

    func keep(_ fits: [ObjectIdentifier: Fit]) {
      Self.kept.withLock { kept in
        if kept.count >= Self.limit { kept.removeAll() }
        kept[type] = fits
      }
    }
  }
}
