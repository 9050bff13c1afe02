import NeuralModel
import NeuralSchema

// Arguments of the constructor beyond it: those that `forward` reads, and those that some uses do not.
extension BlockWriter {
  /// The emission with its expressions in terms of attributes: a function that is called in `forward`
  /// does not see the constructor's arguments.
  func keeping(_ emission: Emission) -> Emission {
    var copy = emission
    let (expression, statements) = (emission.expression, emission.statements)
    copy.expression = { [self] module, inputs in
      let marks = Mark.of(inputs)
      return Mark.filled(keep(expression(module, marks)), marks, inputs)
    }
    if let statements {
      copy.statements = { [self] module, inputs, outputs in
        let texts = inputs + outputs
        let marks = Mark.of(texts)
        return statements(
          module, Array(marks.prefix(inputs.count)), Array(marks.dropFirst(inputs.count))
        ).map { Mark.filled(keep($0), marks, texts) }
      }
    }
    return copy
  }

  /// Places for variables in a text, whose names may be those of arguments.
  private enum Mark {
    static func of(_ texts: [String]) -> [String] {
      texts.indices.map { "\u{1}\($0)\u{1}" }
    }

    static func filled(_ text: String, _ marks: [String], _ texts: [String]) -> String {
      zip(marks, texts).reduce(text) { $0.replacing($1.0, with: $1.1) }
    }
  }

  /// `F.max_pool2d(x, size)` as `F.max_pool2d(x, self.size)`: each name that is an argument of the
  /// constructor, and neither an attribute, a keyword nor inside a string.
  private func keep(_ text: String) -> String {
    guard !parameters.isEmpty else { return text }
    var result = ""
    var rest = text[...]
    var quote: Character?
    while let first = rest.first {
      guard quote == nil, first.isLetter || first == "_", result.last?.isNumber != true else {
        if first == quote {
          quote = nil
        } else if quote == nil, first == "\"" {
          quote = first
        }
        result.append(rest.removeFirst())
        continue
      }
      let word = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      rest = rest.dropFirst(word.count)
      let isKeyword = rest.first == "=" && !rest.hasPrefix("==")
      guard result.last != ".", !isKeyword, parameters.contains(where: { $0.name == word }) else {
        result += word
        continue
      }
      result += "self.\(attribute(keeping: word))"
    }
    return result
  }

  private func attribute(keeping parameter: String) -> String {
    if let kept = keptParameters.first(where: { $0.parameter == parameter }) {
      return kept.attribute
    }
    let attribute = uniqueAttribute(parameter)
    keptParameters.append((parameter, attribute))
    return attribute
  }

  /// A value that the source does not name and only some uses reach, such as one inside a condition,
  /// can be left out by the others.
  func giveUnreachedDefaults() {
    for index in parameters.indices
    where parameters[index].source == .derived && parameters[index].values.contains(nil) {
      parameters[index].defaultText = BlockWriter.neutral(parameters[index].annotation)
    }
  }

  /// What stands for a value of a type that is never read.
  private static func neutral(_ annotation: String) -> String? {
    switch annotation {
    case "int": "0"
    case "float": "0.0"
    case "bool": "False"
    default:
      annotation.hasPrefix("tuple[")
        ? "(\(Array(repeating: "0", count: annotation.split(separator: ",").count).joined(separator: ", ")))"
        : nil
    }
  }
}
