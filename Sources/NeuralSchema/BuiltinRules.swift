import NeuralDimension
import NeuralSyntax

/// Rules that the declaration form cannot say, named there by `rule: builtin`. A test fails for a
/// rule without its declaration and for a declaration without its rule.
enum BuiltinRules {
  /// Adds outputs, weights and costs to what the declaration itself says.
  typealias Rule =
    @Sendable (
      _ arguments: BoundArguments, _ inputs: [TensorType], _ facts: Facts,
      _ result: inout RuleResult
    ) throws(RuleFailure) -> Void

  static let all: [String: Rule] = [
    "EinsumDense": einsumDense, "Dot": dot, "CustomShape": customShape,
  ]

  /// Keras's EinsumDense: the kernel's sizes follow from the letters of the equation, those of the
  /// input and `output_shape`.
  private static func einsumDense(
    _ arguments: BoundArguments, _ inputs: [TensorType], _ facts: Facts, _ result: inout RuleResult
  ) throws(RuleFailure) {
    guard let input = inputs.first, case .string(let text)? = arguments["equation"],
      let wanted = arguments["output_shape"]?.elements
    else { return }
    let equation = try EinsumEquation(text)
    let elided = input.shape.count - equation.input.count
    guard equation.isElided ? elided >= 1 : elided == 0 else {
      throw RuleFailure(
        code: .rankMismatch,
        message: "the equation reads \(equation.input.count) axes"
          + "\(equation.isElided ? " after `...`" : ""), this is \(input.description)",
        parameter: "equation", input: 0)
    }
    var sizes: [Character: Dimension] = [:]
    for (letter, size) in zip(equation.input, input.shape.dropFirst(elided)) {
      sizes[letter] = size
    }
    // Without `...` the first letter is the batch, which `output_shape` leaves out.
    let letters = equation.isElided ? equation.output[...] : equation.output.dropFirst()
    guard wanted.count == letters.count else {
      throw RuleFailure(
        code: .invalidArgument,
        message: "the equation gives \(letters.count) axes beside the batch, output_shape has "
          + "\(wanted.count)", parameter: "output_shape")
    }
    var output = equation.isElided ? Array(input.shape.prefix(elided)) : [input.shape[0]]
    for (letter, value) in zip(letters, wanted) {
      switch (value, sizes[letter]) {
      case (.none, let known?): output.append(known)
      case (.none, nil):
        throw RuleFailure(
          code: .invalidArgument,
          message: "`\(letter)` is not an axis of the input, so its size must be given",
          parameter: "output_shape")
      case (.integer(let size), let known):
        if let known, known != size {
          throw RuleFailure(
            code: .shapeMismatch,
            message: "`\(letter)` is \(known) in the input and \(size) in output_shape",
            parameter: "output_shape")
        }
        sizes[letter] = size
        output.append(size)
      default: return
      }
    }
    var kernel: [Dimension] = []
    for letter in equation.kernel {
      guard let size = sizes[letter] else {
        throw RuleFailure(
          code: .invalidArgument,
          message: "`\(letter)` of the kernel stands neither in the input nor in the output",
          parameter: "equation")
      }
      kernel.append(size)
    }
    result.outputs = [TensorType(shape: output, dtype: input.dtype)]
    result.weights.append(Weight(name: "kernel", shape: kernel, isTrainable: true))
    if case .string(let axes)? = arguments["bias_axes"] {
      result.weights.append(
        Weight(
          name: "bias", shape: try bias(axes, equation, sizes), isTrainable: true))
    }
    result.macs = try macs(equation, sizes, input.shape, elided)
    result.formulas.append(.kernel(equation.kernel.map(String.init)))
  }

  /// From the first letter that has a bias on; letters without one are 1.
  private static func bias(
    _ axes: String, _ equation: EinsumEquation, _ sizes: [Character: Dimension]
  ) throws(RuleFailure) -> [Dimension] {
    for letter in axes where !equation.output.contains(letter) {
      throw RuleFailure(
        code: .invalidArgument, message: "`\(letter)` is no axis of the output",
        parameter: "bias_axes")
    }
    guard let first = equation.output.firstIndex(where: { axes.contains($0) }) else {
      throw RuleFailure(
        code: .invalidArgument, message: "bias_axes names no axis", parameter: "bias_axes")
    }
    return equation.output[first...].map { letter in
      axes.contains(letter) ? sizes[letter] ?? .constant(1) : .constant(1)
    }
  }

  /// One product for each combination of the letters, the batch left out.
  private static func macs(
    _ equation: EinsumEquation, _ sizes: [Character: Dimension], _ shape: [Dimension],
    _ elided: Int
  ) throws(RuleFailure) -> Dimension {
    var letters = Set(equation.input + equation.kernel + equation.output)
    if !equation.isElided, let batch = equation.input.first { letters.remove(batch) }
    do {
      var product = Dimension.constant(1)
      for size in shape.prefix(elided).dropFirst() { product = try product.multiplied(by: size) }
      for letter in letters.sorted() {
        product = try product.multiplied(by: sizes[letter] ?? .constant(1))
      }
      return product
    } catch {
      throw RuleFailure(code: .integerOverflow, message: "the work does not fit in 64 bits")
    }
  }
}

/// `abc,cd->abd` or `...c,cd->...d`.
private struct EinsumEquation {
  var input: [Character]
  var kernel: [Character]
  var output: [Character]
  /// Whether `...` stands before the input's and the output's letters.
  var isElided: Bool

  init(_ text: String) throws(RuleFailure) {
    let tight = String(text.filter { $0 != " " })
    let failure = RuleFailure(
      code: .invalidArgument,
      message: "an equation reads `abc,cd->abd` or `...c,cd->...d`: letters of the input, of the "
        + "kernel and of the output", parameter: "equation")
    let sides = tight.split(separator: ">", omittingEmptySubsequences: false)
    guard sides.count == 2, sides[0].hasSuffix("-") else { throw failure }
    let operands = sides[0].dropLast().split(separator: ",", omittingEmptySubsequences: false)
    guard operands.count == 2 else { throw failure }
    isElided = operands[0].hasPrefix("...")
    guard sides[1].hasPrefix("...") == isElided else { throw failure }
    input = Array(operands[0].dropFirst(isElided ? 3 : 0))
    kernel = Array(operands[1])
    output = Array(sides[1].dropFirst(isElided ? 3 : 0))
    let isSound = [input, kernel, output].allSatisfy { letters in
      !letters.isEmpty && Set(letters).count == letters.count
        && letters.allSatisfy { $0.isASCII && $0.isLetter }
    }
    // The batch goes through: the first letter of the input is the first of the output.
    guard isSound, isElided || input.first == output.first && !kernel.contains(input[0]) else {
      throw failure
    }
  }
}
