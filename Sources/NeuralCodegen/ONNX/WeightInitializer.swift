import Glibc
import NeuralSchema

/// How a weight begins: the formulas of Keras's initializers (keras.io, "Layer weight initializers") over
/// a generator of our own, so that one seed gives one model everywhere.
public enum WeightInitializer: Sendable, Hashable {
  case constant(Double)
  case normal(mean: Double, deviation: Double)
  /// Without what is more than two deviations off.
  case truncatedNormal(mean: Double, deviation: Double)
  case uniform(from: Double, to: Double)
  /// A variance of `scale` over a number of inputs and outputs.
  case scaled(scale: Double, mode: String, distribution: String)
  case orthogonal(gain: Double)
  case identity(gain: Double)
  /// Zeros, but ones for the second of four gates: Keras's `unit_forget_bias`.
  case forgetGate

  static let glorotUniform = scaled(scale: 1, mode: "fan_avg", distribution: "uniform")

  /// Those that declarations name with `onnx: builtin`, of their arguments.
  static let all: [String: @Sendable (BoundArguments) -> WeightInitializer] = [
    "zeros": { _ in .constant(0) },
    "ones": { _ in .constant(1) },
    "constant": { .constant($0.number("value")) },
    "random_normal": { .normal(mean: $0.number("mean"), deviation: $0.number("stddev")) },
    "random_uniform": { .uniform(from: $0.number("minval"), to: $0.number("maxval")) },
    "truncated_normal": {
      .truncatedNormal(mean: $0.number("mean"), deviation: $0.number("stddev"))
    },
    "variance_scaling": {
      .scaled(
        scale: $0.number("scale"), mode: $0.word("mode"), distribution: $0.word("distribution"))
    },
    "glorot_uniform": { _ in .glorotUniform },
    "glorot_normal": { _ in
      .scaled(scale: 1, mode: "fan_avg", distribution: "truncated_normal")
    },
    "he_uniform": { _ in .scaled(scale: 2, mode: "fan_in", distribution: "uniform") },
    "he_normal": { _ in .scaled(scale: 2, mode: "fan_in", distribution: "truncated_normal") },
    "lecun_uniform": { _ in .scaled(scale: 1, mode: "fan_in", distribution: "uniform") },
    "lecun_normal": { _ in .scaled(scale: 1, mode: "fan_in", distribution: "truncated_normal") },
    "orthogonal": { .orthogonal(gain: $0.number("gain")) },
    "identity": { .identity(gain: $0.number("gain")) },
  ]

  /// What Keras gives a weight of this name (the last part of its path) where the source says nothing.
  static func usual(for weight: String) -> WeightInitializer {
    let name = weight.split(separator: "/").last.map(String.init) ?? weight
    switch name {
    case "recurrent_kernel": return .orthogonal(gain: 1)
    case "embeddings", "token": return .uniform(from: -0.05, to: 0.05)
    case "gamma", "moving_variance", "variance": return .constant(1)
    case "concat_score_weight": return .constant(1)
    case "vector_u": return .truncatedNormal(mean: 0, deviation: 0.02)
    case "scale": return .constant(1)
    default:
      return name.hasSuffix("kernel") || name.hasPrefix("attention_") || name == "rotations"
        ? .glorotUniform : .constant(0)
    }
  }

  /// The values of a weight in the declared layout.
  public func values(shape: [Int], generator: inout WeightGenerator) -> [Float] {
    let count = shape.reduce(1, *)
    switch self {
    case .constant(let value): return Array(repeating: Float(value), count: count)
    case .forgetGate:
      return (0..<count).map { $0 / max(count / 4, 1) == 1 ? 1 : 0 }
    case .normal(let mean, let deviation):
      return (0..<count).map { _ in Float(mean + deviation * generator.normal()) }
    case .truncatedNormal(let mean, let deviation):
      return (0..<count).map { _ in Float(mean + deviation * generator.truncatedNormal()) }
    case .uniform(let from, let to):
      return (0..<count).map { _ in Float(from + (to - from) * generator.uniform()) }
    case .scaled(let scale, let mode, let distribution):
      let (inputs, outputs) = WeightInitializer.fans(shape)
      let fan =
        switch mode {
        case "fan_in": inputs
        case "fan_out": outputs
        default: (inputs + outputs) / 2
        }
      let variance = scale / max(1, fan)
      switch distribution {
      case "uniform":
        let limit = (3 * variance).squareRoot()
        return WeightInitializer.uniform(from: -limit, to: limit)
          .values(shape: shape, generator: &generator)
      case "truncated_normal":
        // The deviation of a normal distribution that is cut at two deviations.
        return WeightInitializer.truncatedNormal(
          mean: 0, deviation: variance.squareRoot() / 0.87962566103423978
        ).values(shape: shape, generator: &generator)
      default:
        return WeightInitializer.normal(mean: 0, deviation: variance.squareRoot())
          .values(shape: shape, generator: &generator)
      }
    case .orthogonal(let gain):
      return WeightInitializer.orthogonal(shape, gain, &generator)
    case .identity(let gain):
      let width = shape.last ?? 1
      return (0..<count).map { $0 / width == $0 % width ? Float(gain) : 0 }
    }
  }

  /// The numbers of inputs and outputs of a kernel, as Keras counts them.
  private static func fans(_ shape: [Int]) -> (Double, Double) {
    switch shape.count {
    case 0: return (1, 1)
    case 1: return (Double(shape[0]), Double(shape[0]))
    default:
      let field = shape.dropLast(2).reduce(1, *)
      return (
        Double(shape[shape.count - 2] * field), Double(shape[shape.count - 1] * field)
      )
    }
  }

  /// Columns, or rows where there are fewer of them, at right angles and of length 1: normal values
  /// made so one after the other (Gram & Schmidt), which is the QR decomposition with a positive R.
  private static func orthogonal(
    _ shape: [Int], _ gain: Double, _ generator: inout WeightGenerator
  ) -> [Float] {
    let columns = shape.last ?? 1
    let rows = shape.dropLast().reduce(1, *)
    let (count, length) = (min(rows, columns), max(rows, columns))
    var vectors: [[Double]] = []
    for _ in 0..<count {
      var vector = (0..<length).map { _ in generator.normal() }
      // Twice is enough for the precision of the type.
      for _ in 0..<2 {
        for other in vectors {
          var product = 0.0
          for index in 0..<length { product += vector[index] * other[index] }
          for index in 0..<length { vector[index] -= product * other[index] }
        }
      }
      let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      vectors.append(norm > 0 ? vector.map { $0 / norm } : vector)
    }
    var values = Array(repeating: Float(0), count: rows * columns)
    for (index, vector) in vectors.enumerated() {
      for (place, value) in vector.enumerated() {
        values[rows < columns ? index * columns + place : place * columns + index] =
          Float(gain * value)
      }
    }
    return values
  }
}

/// Random numbers for one weight: SplitMix64 (Steele 2014), begun from the seed and the weight's path, so
/// that a weight's values depend on no other one.
public struct WeightGenerator: Sendable {
  private var state: UInt64
  private var spare: Double?

  public init(seed: UInt64, path: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325 ^ seed &* 0x9e37_79b9_7f4a_7c15
    for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    state = hash
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }

  /// From 0 to below 1, in steps of 2⁻⁵³.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A standard normal number (Box & Muller 1958).
  mutating func normal() -> Double {
    if let ready = spare {
      spare = nil
      return ready
    }
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    spare = radius * sin(angle)
    return radius * cos(angle)
  }

  mutating func truncatedNormal() -> Double {
    while true {
      let value = normal()
      if abs(value) <= 2 { return value }
    }
  }
}

extension BoundArguments {
  fileprivate func number(_ name: String) -> Double { self[name]?.number ?? 0 }

  fileprivate func word(_ name: String) -> String {
    if case .string(let text)? = self[name] { text } else { "" }
  }
}
