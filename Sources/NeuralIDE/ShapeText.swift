import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// How shapes and counts read where a place of the source stands for several layers.
enum ShapeText {
  /// Alternatives that are shown of one size, or one shape.
  static let limit = 4
  /// Characters of a merged shape from which on it shows fewer.
  static let length = 60

  /// `64|128|256`: each once, in the order of the source; many are cut.
  static func alternatives(
    _ texts: [String], separator: String = "|", limit: Int = limit
  ) -> String {
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
    var text = ""
    for limit in [limit, 2] {
      let sizes = first.indices.map { axis in
        alternatives(shapes.map { $0[axis].description }, limit: limit)
      }
      text = sizes.count == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
      if text.count <= length { break }
    }
    return text
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

  /// `97.8 MiB`, or the expression.
  static func bytes(_ dimension: Dimension) -> String { NetworkSummary.Size(dimension).bytes }

  /// `320 parameters`, with how many are trained where that is not all; `320 | 640 parameters` of
  /// several uses.
  static func parameters(_ costs: [Cost]) -> String {
    let text = alternatives(costs.map { count($0.parameters) }, separator: " | ")
    let trained = alternatives(costs.map { count($0.trainable) }, separator: " | ")
    if text == "0" { return "No parameters" }
    return "\(text) \(text == "1" ? "parameter" : "parameters")"
      + (trained == text ? "" : " (\(trained) trained)")
  }
}

extension EditorSnapshot {
  /// What a step gives in all its uses, and how many these are; absent where nothing is known.
  func shapes(behind step: Step) -> (text: String, uses: Int)? {
    let uses = flows(through: step)
    let outputs = uses.map { self.outputs(of: $0) }
    let count = outputs.map(\.count).min() ?? 0
    // What an error left unknown is not guessed at, but other uses are still shown.
    let places = (0..<count).compactMap { place in
      ShapeText.merged(outputs.compactMap { $0[place]?.shape })
    }
    return places.isEmpty ? nil : (places.joined(separator: ", "), uses.count)
  }
}
