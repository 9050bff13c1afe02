import NeuralDimension
import NeuralModel
import NeuralSchema

/// The arguments of a generated `Normalization`, in the words of a framework. What is given is written
/// into the module; else it begins neutral, for the data to say.
struct MomentEmitters: Sendable {
  /// `torch.tensor`, which makes an array of numbers.
  var array: String
  /// Arrays of zeros and of ones, of sizes as the framework takes them.
  var zeros: @Sendable (_ sizes: [String]) -> String
  var ones: @Sendable (_ sizes: [String]) -> String

  func normalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let invert = try use.isTrue("invert")
    let rank = use.rank()
    var arguments: [Python] = []
    if let mean = try constants(use, "mean"), let variance = try constants(use, "variance") {
      let axis = try use.uniform("axis")
      guard mean.isScalar && variance.isScalar || axis == .int(-1) || axis == .int(rank - 1)
      else { throw use.unsupported("takes a mean and variance of the last axis, or one for all") }
      arguments = [
        .text("\(array)(\(mean.text))"), .text("\(array)(\(variance.text))"),
        .keyword("fixed", .text("True")),
      ]
    } else {
      guard let axes = axes(try use.uniform("axis"), rank) else {
        throw use.unsupported("needs constant axes")
      }
      // Broadcast from the last axis on: what is not kept has one place.
      var kept: [String] = []
      var places: [String] = []
      for axis in (axes.min() ?? rank)..<rank {
        let size = axes.contains(axis) ? try use.size(0, axis, hint: "features").text : nil
        if let size { kept.append(size) }
        places.append(size ?? "1")
      }
      arguments = [.text(zeros(kept)), .text(ones(kept))]
      if places != kept {
        arguments.append(.keyword("places", .text("(\(places.joined(separator: ", ")))")))
      }
    }
    if invert { arguments.append(.keyword("invert", .text("True"))) }
    return Emission(.call("Normalization", arguments), layouts: [.declared], output: .declared)
  }

  private func axes(_ value: Value, _ rank: Int) -> [Int]? {
    let entries: [Dimension]
    switch value {
    case .none: return []
    case .integer(let axis): entries = [axis]
    default:
      guard let list = value.dimensions else { return nil }
      entries = list
    }
    let constants = entries.compactMap(\.constant)
    guard constants.count == entries.count else { return nil }
    return constants.map { $0 < 0 ? $0 + rank : $0 }
  }

  /// A number or a list of them; `nil` for none.
  private func constants(
    _ use: LayerUse, _ name: String
  ) throws(EmissionError) -> (text: String, isScalar: Bool)? {
    func number(_ value: Value) -> String? {
      switch value {
      case .float(let value): Python.float(value)
      case .integer(.constant(let value)): "\(value).0"
      default: nil
      }
    }
    let value = try use.uniform(name)
    if value == .none { return nil }
    if let text = number(value) { return (text, true) }
    guard let entries = value.elements, case let texts = entries.compactMap(number),
      texts.count == entries.count
    else { throw use.unsupported("needs a constant \(name)") }
    return ("[\(texts.joined(separator: ", "))]", false)
  }
}
