import Glibc
import NeuralDimension
import NeuralSyntax

/// The functions that every expression can call (language.md, section 5).
enum Functions: String, CaseIterable {
  case min, max, abs, len, range, sum, ceil, floor, round, int

  static func named(_ name: String) -> Functions? {
    // No name is longer, and most calls are of layers.
    name.utf8.count > 5 ? nil : Functions(rawValue: name)
  }

  /// Entries that `range` may make.
  static let rangeLimit = 100_000

  func apply(_ values: [Value], _ range: SourceRange) throws(EvaluationError) -> Value {
    if values.contains(where: \.isUnknown) { return .unknown }
    switch self {
    case .min, .max:
      let operands = values.count == 1 ? values[0].elements ?? values : values
      guard var best = operands.first else { throw wants("at least one value", range) }
      for operand in operands.dropFirst() { best = try extreme(best, operand, range) }
      return best
    case .sum:
      guard values.count == 1, let elements = values[0].elements else {
        throw wants("one tuple or list", range)
      }
      var total = Value.int(0)
      for element in elements { total = try Operators.binary(.add, total, element, range) }
      return total
    case .len:
      guard values.count == 1 else { throw wants("one tuple, list or string", range) }
      if case .string(let text) = values[0] { return .int(text.unicodeScalars.count) }
      guard let elements = values[0].elements else {
        throw wants("one tuple, list or string", range)
      }
      return .int(elements.count)
    case .range: return try sequence(values, range)
    case .abs:
      switch values.first {
      case .integer(let value) where values.count == 1:
        let negative = try Operators.unary(.minus, .integer(value), range)
        return try Functions.max.extreme(.integer(value), negative, range)
      case .float(let value) where values.count == 1: return .float(Swift.abs(value))
      default: throw wants("one number", range)
      }
    case .ceil, .floor, .round, .int:
      guard values.count == 1 else { throw wants("one number", range) }
      if case .integer = values[0] { return values[0] }
      if self == .int, case .string(let text) = values[0], let number = Int(text) {
        return .int(number)
      }
      let number = try Operators.number(values[0], range)
      let rule: FloatingPointRoundingRule =
        switch self {
        case .ceil: .up
        case .floor: .down
        case .round: .toNearestOrEven
        default: .towardZero
        }
      guard let whole = Int(exactly: number.rounded(rule)) else {
        throw EvaluationError(.integerOverflow, "the result does not fit in 64 bits", range)
      }
      return .int(whole)
    }
  }

  private func wants(_ what: String, _ range: SourceRange) -> EvaluationError {
    EvaluationError(.invalidArgument, "`\(rawValue)` takes \(what)", range)
  }

  private func extreme(
    _ left: Value, _ right: Value, _ range: SourceRange
  ) throws(EvaluationError) -> Value {
    if case .integer(let a) = left, case .integer(let b) = right {
      return .integer(
        try Operators.arithmetic(range) { () throws(DimensionError) in
          self == .min ? try Dimension.minimum(a, b) : try Dimension.maximum(a, b)
        })
    }
    let (a, b) = (try Operators.number(left, range), try Operators.number(right, range))
    return (self == .min) == (a <= b) ? left : right
  }

  private func sequence(_ values: [Value], _ range: SourceRange) throws(EvaluationError) -> Value {
    var bounds: [Int] = []
    for value in values {
      guard case .integer(let dimension) = value else { throw wants("integers", range) }
      guard let number = dimension.constant else {
        throw EvaluationError(
          .notConstant, "`\(dimension)` is not known before running; a loop needs a constant",
          range)
      }
      bounds.append(number)
    }
    guard (1...3).contains(bounds.count) else { throw wants("one to three integers", range) }
    let start = bounds.count == 1 ? 0 : bounds[0]
    let end = bounds.count == 1 ? bounds[0] : bounds[1]
    let step = bounds.count == 3 ? bounds[2] : 1
    if step == 0 { throw EvaluationError(.invalidArgument, "a step of 0 never ends", range) }
    var entries: [Value] = []
    var next = start
    while step > 0 ? next < end : next > end {
      if entries.count == Functions.rangeLimit {
        throw EvaluationError(
          .expansionLimit, "this range has more than \(Functions.rangeLimit) entries", range)
      }
      entries.append(.int(next))
      let (sum, overflow) = next.addingReportingOverflow(step)
      if overflow { break }
      next = sum
    }
    return .tuple(entries)
  }

  static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

  /// Whether `part`, not empty, occurs in `whole`.
  static func contains(_ whole: String, _ part: String) -> Bool {
    let (text, pattern) = (Array(whole.utf8), Array(part.utf8))
    guard text.count >= pattern.count else { return false }
    return (0...(text.count - pattern.count)).contains { start in
      text[start..<(start + pattern.count)].elementsEqual(pattern)
    }
  }
}

/// Whether expressions can call a function of this name; rules of layers have more of them.
public func isFunction(_ name: String, inRule: Bool) -> Bool {
  Functions(rawValue: name) != nil || inRule && RuleFunction(rawValue: name) != nil
}
