import NeuralSchema

/// Where the axes of a value stand in generated code.
enum Layout: Equatable, Sendable {
  /// As the source declares them.
  case declared
  /// The last declared axis, the channels, second.
  case channelsSecond
  /// The second declared axis, the channels, last.
  case channelsLast

  /// The place of a declared axis of a tensor of `rank` axes.
  func place(of axis: Int, rank: Int) -> Int {
    let position = axis < 0 ? axis + rank : axis
    if position == 0 { return 0 }
    switch self {
    case .declared: return position
    case .channelsSecond: return position == rank - 1 ? 1 : position + 1
    case .channelsLast: return position == 1 ? rank - 1 : position - 1
    }
  }

  /// The same, as it was written where nothing moved.
  func text(of axis: Int, rank: Int) -> String {
    String(self == .declared ? axis : place(of: axis, rank: rank))
  }
}

extension Layout {
  /// Where a normalization over a declared axis that wants it second reads it; `nil` where no order of
  /// the axes serves.
  static func second(_ axis: Int, rank: Int) -> Layout? {
    let place = axis < 0 ? axis + rank : axis
    if place == 1 { return .declared }
    return place == rank - 1 ? .channelsSecond : nil
  }
}

/// A piece of Python with its value in each use of the class that it is written for.
struct PythonValue {
  var text: String
  /// `nil` where a use does not reach it.
  var values: [Value?]
  /// Whether it needs parentheses as an operand.
  var isOperation = false
  /// Whether it is one value that stands for all entries of a tuple.
  var standsForAll = false

  var operand: String { isOperation ? "(\(text))" : text }

  /// Its text with names replaced; `nil` where one is not among the replacements.
  func replacing(_ names: [String: PythonValue]) -> String? {
    var result = ""
    var word = ""
    func flush() -> Bool {
      defer { word = "" }
      guard let first = word.first else { return true }
      if first.isNumber {
        result += word
        return true
      }
      guard let replacement = names[word] else { return false }
      result += isOperation ? replacement.operand : replacement.text
      return true
    }
    for character in text {
      if character.isLetter || character.isNumber || character == "_" {
        word.append(character)
      } else {
        guard flush() else { return nil }
        result.append(character)
      }
    }
    return flush() ? result : nil
  }

  /// Whether it has the same values, where both are known.
  func agrees(with others: [Value?]) -> Bool {
    zip(values, others).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }
}

/// How one layer is written.
struct Emission {
  /// The module it constructs, if it needs one.
  var constructor: Python?
  /// Below the layer's path, where the weights of the module stand in a file.
  var below: String?
  /// Lines for `__init__` after the module is made, of its attribute.
  var preparation: (String) -> [String] = { _ in [] }
  /// The result, of the module's name and the inputs.
  var expression: (_ module: String, _ inputs: [String]) -> String = { module, inputs in
    "\(module)(\(inputs.count == 1 ? Python.bare(inputs[0]) : inputs.joined(separator: ", ")))"
  }
  /// Statements instead of one expression, for layers with several results.
  var statements: ((_ module: String, _ inputs: [String], _ outputs: [String]) -> [String])?
  /// Whether the module called on its input is all there is to it.
  var isPlain = true
  var inputLayouts: [Layout]
  var outputLayout: Layout
  /// A size of the result that is best written as this, by declared axis.
  var sizes: [Int: PythonValue] = [:]

  /// A function of its inputs, without a module.
  init(
    layouts: [Layout], output: Layout, _ expression: @escaping ([String]) -> String
  ) {
    inputLayouts = layouts
    outputLayout = output
    isPlain = false
    self.expression = { _, inputs in expression(inputs) }
  }

  /// A module called on its inputs.
  init(_ constructor: Python, layouts: [Layout], output: Layout) {
    self.constructor = constructor
    inputLayouts = layouts
    outputLayout = output
  }

  /// The result passed through a function.
  func wrapped(_ function: @escaping (String) -> String) -> Emission {
    var copy = self
    let inner = expression
    copy.expression = { function(inner($0, $1)) }
    copy.isPlain = false
    return copy
  }
}

/// Why a class cannot serve all uses: they differ in this way, and each kind gets its own.
struct BlockSplit: Error {
  var keys: [String]
}

enum EmissionError: Error {
  case split(BlockSplit)
  case problem(TargetProblem)
}
