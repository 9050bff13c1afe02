import NeuralDimension
import NeuralModel
import NeuralSchema

/// Products of two values along an axis of each, by the framework's `einsum`.
struct ProductEmitters: Sendable {
  /// `torch.einsum`.
  var einsum: String
  /// A value whose vectors along an axis have length 1.
  var normalized: @Sendable (LayerUse, _ value: String, _ axis: Int) -> String

  /// Dot: the axes of each operand that go away, after the batch.
  func dot(_ use: LayerUse) throws(EmissionError) -> Emission {
    let value = try use.uniform("axes")
    let given =
      value.dimensions
      ?? [value].compactMap { entry in
        if case .integer(let axis) = entry { axis } else { nil }
      }
    let axes = given.compactMap(\.constant)
    guard let first = axes.first, let last = axes.last else {
      throw use.unsupported("needs constant axes")
    }
    let ranks = [use.rank(0), use.rank(1)]
    let places = zip([first, last], ranks).map { $0 < 0 ? $0 + $1 : $0 }
    let isNormalized = try use.isTrue("normalize")
    // Letters of the axes: the batch is shared, and the axis that goes away.
    var letters = Array("cdefghijklmnop").makeIterator()
    var names: [String] = []
    var kept = "a"
    for (rank, place) in zip(ranks, places) {
      var name = "a"
      for axis in 1..<max(rank, 1) {
        guard axis != place else {
          name += "b"
          continue
        }
        guard let letter = letters.next() else {
          throw use.unsupported("multiplies values of fewer axes")
        }
        name.append(letter)
        kept.append(letter)
      }
      names.append(name)
    }
    let equation = "\(names[0]),\(names[1])->\(kept)"
    // Two vectors give a column.
    let column = kept == "a" ? "[:, None]" : ""
    return Emission(layouts: [.declared, .declared], output: .declared) { inputs in
      let operands = zip(inputs, places).map { input, place in
        isNormalized ? normalized(use, input, place) : input
      }
      return "\(einsum)(\"\(equation)\", \(operands.joined(separator: ", ")))\(column)"
    }
  }
}
