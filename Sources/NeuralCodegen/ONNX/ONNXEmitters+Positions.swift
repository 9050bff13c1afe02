import Glibc
import NeuralDimension
import NeuralModel
import NeuralSchema

// Waves of the position in a sequence: tables where its length is known.
extension ONNXEmitters {
  /// The sines and cosines of each step's angles, step · wavelength^−power, one for each power, with
  /// `between` axes of one place between both.
  private static func waves(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer, powers: [Double], between: Int = 0
  ) throws(TargetProblem) -> (sines: String, cosines: String) {
    let wavelength = layer.number("max_wavelength") ?? 10_000
    let frequencies = powers.map { pow(wavelength, -$0) }
    let time = layer.inputTypes[0].shape[1]
    let ones = Array(repeating: 1, count: between)
    guard let length = time.constant else {
      let range = builder.node(
        "Cast", [try steps(time, &builder)], ["to": .integer(ONNXType.float.rawValue)])
      let column = builder.node(
        "Unsqueeze", [range, builder.integers(Array(1...(between + 1)))])
      let row = builder.constant(.floats(frequencies.map { Float($0) }), shape: [powers.count])
      let angle = builder.node("Mul", [column, row])
      return (builder.node("Sin", [angle]), builder.node("Cos", [angle]))
    }
    func table(_ wave: (Double) -> Double, _ builder: inout ONNXGraphBuilder) -> String {
      let values = (0..<length).flatMap { step in
        frequencies.map { Float(wave(Double(step) * $0)) }
      }
      return builder.constant(.floats(values), shape: [length] + ones + [powers.count])
    }
    return (table(sin, &builder), table(cos, &builder))
  }

  private static func width(
    _ builder: ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> Int {
    guard let width = layer.inputTypes[0].shape.last?.constant else {
      throw builder.problem(layer, "needs a known width")
    }
    return width
  }

  /// Sines at even places of the width, cosines at odd ones, added.
  static func sinusoidalPositions(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let width = try width(builder, layer)
    let powers = (0..<width).map { Double($0 - $0 % 2) / Double(width) }
    let (sines, cosines) = try waves(&builder, layer, powers: powers)
    let isEven = builder.constant(
      .booleans((0..<width).map { $0.isMultiple(of: 2) }), shape: [width])
    let table = builder.node("Where", [isEven, sines, cosines])
    let x = builder.tensor(layer.inputs[0])
    return [ONNXValue(name: builder.node("Add", [x, table]), order: .declared(layer.rank))]
  }

  /// Each pair of features as a point that is turned.
  static func rotaryEmbedding(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let width = try width(builder, layer)
    let rank = layer.rank
    let powers = stride(from: 0, to: width, by: 2).map { Double($0) / Double(width) }
    let (sines, cosines) = try waves(&builder, layer, powers: powers, between: rank - 3)
    let x = builder.tensor(layer.inputs[0])
    func every(_ start: Int, _ builder: inout ONNXGraphBuilder) -> String {
      builder.node(
        "Slice",
        [
          x, builder.integers([start]), builder.integers([width]), builder.integers([rank - 1]),
          builder.integers([2]),
        ])
    }
    let (even, odd) = (every(0, &builder), every(1, &builder))
    let first = builder.node(
      "Sub", [builder.node("Mul", [even, cosines]), builder.node("Mul", [odd, sines])])
    let second = builder.node(
      "Add", [builder.node("Mul", [even, sines]), builder.node("Mul", [odd, cosines])])
    let axis = builder.integers([rank])
    let pairs = builder.node(
      "Concat",
      [builder.node("Unsqueeze", [first, axis]), builder.node("Unsqueeze", [second, axis])],
      ["axis": .integer(rank)])
    let result = builder.node(
      "Reshape",
      [pairs, builder.integers(Array(repeating: 0, count: rank - 1) + [width])])
    return [ONNXValue(name: result, order: .declared(rank))]
  }
}
