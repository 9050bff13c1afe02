import NeuralDimension

/// A computation of a shape rule with the numbers of one use: kept as numbers, since hardly any is
/// ever shown, and put into words where one is.
public enum Formula: Sendable {
  /// ⌈size / stride⌉.
  case strides(String, Dimension, Dimension, Dimension)
  /// ⌊(size + padding − reach) / stride⌋ + 1, rounded up where that is asked for.
  case window(
    String, Dimension, padding: (before: Dimension, after: Dimension)?, reach: Dimension,
    stride: Dimension, roundsUp: Bool, Dimension)
  /// A size by its name.
  case size(String, Dimension)
  /// Sizes that are joined on one axis.
  case sum(axis: Int, [Dimension], Dimension)
  /// The values that a reshaped tensor holds.
  case volume(Dimension)
  /// The letters of an equation's kernel.
  case kernel([String])
}

extension Formula: CustomStringConvertible {
  public var description: String {
    switch self {
    case .strides(let name, let size, let stride, let result):
      return "\(name): ⌈\(size) / \(stride)⌉ = \(result)"
    case .window(let name, let size, let padding, let reach, let stride, let roundsUp, let result):
      let added = padding.map { " + \(Formula.sum($0.before, $0.after))" } ?? ""
      let brackets = roundsUp ? ("⌈", "⌉") : ("⌊", "⌋")
      return "\(name): \(brackets.0)(\(size)\(added) − \(reach)) / \(stride)\(brackets.1)"
        + " + 1 = \(result)"
    case .size(let name, let size): return "\(name): \(size)"
    case .sum(let axis, let sizes, let result):
      return "axis \(axis): \(sizes.map(\.description).joined(separator: " + ")) = \(result)"
    case .volume(let volume): return "\(volume) values in and out"
    case .kernel(let letters): return "kernel (\(letters.joined(separator: ", ")))"
    }
  }

  private static func sum(_ a: Dimension, _ b: Dimension) -> String {
    (try? a.adding(b)).map(\.description) ?? "\(a) + \(b)"
  }
}
