import NeuralDimension
import NeuralSchema
import NeuralSyntax

// Values of one argument with which a layer would fit: the nearest that divide, and the default where
// two arguments exclude each other.
extension Expander {
  typealias ValueFix = (text: String, edit: (location: Location, text: String))

  func nearestValues(
    _ failure: RuleFailure, _ schema: LayerSchema, _ arguments: BoundArguments, _ inputs: [Int]
  ) -> [ValueFix] {
    // In a search space another configuration may have other sizes.
    guard compositeLocation == nil, search.narrowings == 0 else { return [] }
    let types = inputs.compactMap { graph.type(of: $0) }
    guard types.count == inputs.count else { return [] }
    return switch failure.code {
    case .notDivisible: divisors(failure, schema, arguments, types)
    case .invalidArgument: defaults(failure, schema, arguments, types)
    default: []
    }
  }

  /// How far the nearest numbers are looked for.
  private static let reach = 64

  private func divisors(
    _ failure: RuleFailure, _ schema: LayerSchema, _ arguments: BoundArguments,
    _ types: [TensorType]
  ) -> [ValueFix] {
    guard let parameter = failure.parameter,
      let index = arguments.entries.firstIndex(where: { $0.name == parameter }),
      arguments.entries[index].alternatives == nil,
      case .integer(.constant(let value)) = arguments.entries[index].value,
      case .integer? = arguments.entries[index].expression?.kind
    else { return [] }
    guard value > 0, value < Int.max - Expander.reach else { return [] }
    let above = value + 1...value + Expander.reach
    let below = stride(from: value - 1, to: max(0, value - 1 - Expander.reach), by: -1)
    let found = [
      above.first { fits($0, at: index, schema, arguments, types) },
      below.first { fits($0, at: index, schema, arguments, types) },
    ].compactMap(\.self).sorted { abs($0 - value) < abs($1 - value) }
    return found.compactMap { change(arguments.entries[index], to: $0) }
  }

  /// An argument that a failed condition names besides another, as one leaves it out.
  private func defaults(
    _ failure: RuleFailure, _ schema: LayerSchema, _ arguments: BoundArguments,
    _ types: [TensorType]
  ) -> [ValueFix] {
    // The first is the one at fault; what the other does to sizes is less.
    arguments.entries.indices.reversed().compactMap { index in
      let entry = arguments.entries[index]
      guard entry.isGiven, entry.alternatives == nil, failure.message.contains("\(entry.name) = "),
        case .integer(let default_?)? = schema.parameter(named: entry.name)?.defaultValue?.kind,
        fits(default_, at: index, schema, arguments, types)
      else { return nil }
      return change(entry, to: default_)
    }
  }

  private func fits(
    _ number: Int, at index: Int, _ schema: LayerSchema, _ arguments: BoundArguments,
    _ types: [TensorType]
  ) -> Bool {
    var changed = arguments
    let value = changed.entries[index].value
    changed.entries[index].value =
      value.elements.map { .tuple($0.map { _ in .int(number) }) } ?? .int(number)
    return outputs(schema, changed, types) != nil
  }

  private func change(_ entry: BoundArgument, to number: Int) -> ValueFix? {
    entry.valueRange.map {
      ("\(entry.name)=\(number)", (Location(file, $0), "\(number)"))
    }
  }
}
