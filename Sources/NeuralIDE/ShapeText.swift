import NeuralDimension
import NeuralModel
import NeuralSchema

/// How shapes and counts read where a place of the source stands for several layers.
enum ShapeText {
  /// Alternatives that are shown of one size, or one shape.
  static let limit = 4

  /// `64|128|256`: each once, in the order of the source; many are cut.
  static func alternatives(_ texts: [String], separator: String = "|") -> String {
    var distinct: [String] = []
    for text in texts where !distinct.contains(text) { distinct.append(text) }
    if distinct.count > limit { distinct = distinct.prefix(limit - 1) + ["…"] }
    return distinct.joined(separator: separator)
  }

  /// `(batch, 56|28, 56|28, 64|128)`; whole shapes side by side where they differ in rank.
  static func merged(_ shapes: [Shape]) -> String? {
    guard let first = shapes.first else { return nil }
    guard shapes.allSatisfy({ $0.count == first.count }) else {
      return alternatives(shapes.map(TensorType.text), separator: " | ")
    }
    let sizes = first.indices.map { axis in alternatives(shapes.map { $0[axis].description }) }
    return sizes.count == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
  }

  /// What flows, where there may be several values: `(batch, 20, 64), (batch, 64)`.
  static func values(_ types: [TensorType?]) -> String {
    types.isEmpty ? "?" : types.map { $0?.description ?? "?" }.joined(separator: ", ")
  }

  /// `194,688`, or the expression.
  static func count(_ dimension: Dimension) -> String {
    guard let number = dimension.constant else { return dimension.description }
    var digits = Array(String(number.magnitude))
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: place)
      place -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }

  /// `320 parameters`, with how many are trained where that is not all.
  static func parameters(_ cost: Cost) -> String {
    let all = cost.parameters
    let text = "\(count(all)) \(all == .constant(1) ? "parameter" : "parameters")"
    return cost.nonTrainable == .constant(0) ? text : text + ", \(count(cost.trainable)) trained"
  }
}
