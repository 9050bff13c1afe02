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
  static func values(_ values: [Int], of graph: NetworkGraph) -> String {
    if values.isEmpty { return "?" }
    return values.map { merged(graph.types(of: $0).map(\.shape)) ?? "?" }.joined(separator: ", ")
  }

  /// The same of types that are known one by one.
  static func values(_ types: [TensorType?]) -> String {
    types.isEmpty ? "?" : types.map { $0?.description ?? "?" }.joined(separator: ", ")
  }

  /// `320|640`, or `320…1,280` of more than a few numbers.
  static func range(_ sizes: [Dimension]) -> String {
    let numbers = Set(sizes.compactMap(\.constant)).sorted()
    guard numbers.count > limit, let least = numbers.first, let most = numbers.last else {
      return alternatives(sizes.map(count))
    }
    return "\(count(.constant(least)))…\(count(.constant(most)))"
  }

  /// `1,280`, or `320…1,280` where configurations differ.
  static func range(_ range: ClosedRange<Int>) -> String {
    let (least, most) = (Dimension.constant(range.lowerBound), Dimension.constant(range.upperBound))
    return least == most ? count(least) : "\(count(least))…\(count(most))"
  }

  /// `1,000 configurations`, of a network with a search space.
  static func configurations(_ graph: NetworkGraph) -> String? {
    if graph.searchVariables.isEmpty || graph.configurationCount == 1 { return nil }
    let number = graph.configurationCount.map { count(.constant($0)) } ?? "more than 2^63"
    return "\(number) configurations"
  }

  /// Of which configurations the totals of a network are.
  static func searchNote(_ graph: NetworkGraph, hasRange: Bool) -> String? {
    guard let configurations = configurations(graph) else { return nil }
    return hasRange
      ? "Parameters and MACs are those of all \(configurations), memory is that of the first."
      : "Parameters, MACs and memory are those of the first of \(configurations); of the others they "
        + "may differ."
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
      ShapeText.merged(uses.flatMap { graph($0).types(of: $0.outputs[place]) }.map(\.shape))
    }
    return places.isEmpty ? nil : (places.joined(separator: ", "), uses.count)
  }
}
