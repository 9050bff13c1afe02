import NeuralDimension
import NeuralSyntax

/// The operators of language.md, section 5: Python's, over 64-bit integers and symbolic sizes.
enum Operators {
  static func truth(_ value: Value) -> Bool {
    switch value {
    case .none: false
    case .boolean(let value): value
    case .integer(let value): value != .constant(0)
    case .float(let value): value != 0
    case .string(let value): !value.isEmpty
    case .tuple(let values), .list(let values): !values.isEmpty
    case .layer, .tensor, .definition, .condition, .unknown: true
    }
  }

  static func unary(
    _ sign: UnaryOperator, _ operand: Value, _ range: SourceRange
  ) throws(EvaluationError) -> Value {
    if operand.isUnknown { return .unknown }
    switch (sign, operand) {
    case (.not, .condition(let condition)): return .condition(.not(condition))
    case (.not, _): return .boolean(!truth(operand))
    case (.minus, .integer(let value)):
      return .integer(
        try arithmetic(range) { () throws(DimensionError) in
          try Dimension.constant(0).subtracting(value)
        })
    case (.minus, .float(let value)): return .float(-value)
    case (.plus, .integer), (.plus, .float): return operand
    default:
      throw EvaluationError(
        .invalidArgument, "`\(sign.rawValue)` needs a number, this is \(operand.typeName)", range)
    }
  }

  static func binary(
    _ operation: BinaryOperator, _ left: Value, _ right: Value, _ range: SourceRange
  ) throws(EvaluationError) -> Value {
    if left.isUnknown || right.isUnknown { return .unknown }
    switch (left, right) {
    case (.integer(let a), .integer(let b)):
      return try integers(operation, a, b, range)
    case (.integer, .float), (.float, .integer), (.float, .float):
      return try floats(operation, number(left, range), number(right, range), range)
    case (.string(let a), .string(let b)) where operation == .add:
      if a.utf8.count + b.utf8.count > sizeLimit { throw tooLarge("string", range) }
      return .string(a + b)
    case (.tuple(let a), .tuple(let b)) where operation == .add:
      try checkSize(of: a + b, range)
      return .tuple(a + b)
    case (.list(let a), .list(let b)) where operation == .add:
      try checkSize(of: a + b, range)
      return .list(a + b)
    case (.tuple(let a), .integer(let n)) where operation == .multiply:
      return .tuple(try repeated(a, n, range))
    case (.list(let a), .integer(let n)) where operation == .multiply:
      return .list(try repeated(a, n, range))
    default:
      throw EvaluationError(
        .invalidArgument,
        "`\(operation.rawValue)` does not work on \(left.typeName) and \(right.typeName)", range)
    }
  }

  // MARK: Limits

  /// Entries of a sequence, those of sequences inside it included, and bytes of a string.
  static let sizeLimit = 100_000

  static func tooLarge(_ what: String, _ range: SourceRange) -> EvaluationError {
    EvaluationError(
      .expansionLimit, "this \(what) has more than 100,000 entries", range)
  }

  /// Sequences double with every `let` that puts one into another twice.
  static func isTooLarge(_ values: [Value]) -> Bool { size(of: values) > sizeLimit }

  private static func checkSize(
    of values: [Value], _ range: SourceRange
  ) throws(EvaluationError) {
    if isTooLarge(values) { throw tooLarge("sequence", range) }
  }

  /// The entries of all levels, counted no further than the limit.
  private static func size(of values: [Value]) -> Int {
    var total = values.count
    for value in values where total <= sizeLimit {
      if let elements = value.elements { total += size(of: elements) }
    }
    return total
  }

  private static func repeated(
    _ values: [Value], _ count: Dimension, _ range: SourceRange
  ) throws(EvaluationError) -> [Value] {
    guard let count = count.constant else {
      throw EvaluationError(.notConstant, "a length must be a constant", range)
    }
    let (total, overflow) = size(of: values).multipliedReportingOverflow(by: max(0, count))
    if overflow || total > sizeLimit { throw tooLarge("sequence", range) }
    return Array(repeatElement(values, count: max(0, count)).joined())
  }

  private static func integers(
    _ operation: BinaryOperator, _ a: Dimension, _ b: Dimension, _ range: SourceRange
  ) throws(EvaluationError) -> Value {
    switch operation {
    case .divide:
      guard let x = a.constant, let y = b.constant else {
        throw EvaluationError(
          .notConstant, "`/` gives a fraction, which a size cannot be; write `//`", range)
      }
      return try floats(.divide, Double(x), Double(y), range)
    case .power:
      guard let exponent = b.constant else {
        throw EvaluationError(.notConstant, "an exponent must be a constant", range)
      }
      if exponent < 0 {
        guard let base = a.constant else {
          throw EvaluationError(.notConstant, "a negative power of a size is no size", range)
        }
        return try floats(.power, Double(base), Double(exponent), range)
      }
      return .integer(
        try arithmetic(range) { () throws(DimensionError) in try a.raised(to: exponent) })
    default:
      return .integer(
        try arithmetic(range) { () throws(DimensionError) in
          switch operation {
          case .add: try a.adding(b)
          case .subtract: try a.subtracting(b)
          case .multiply: try a.multiplied(by: b)
          case .floorDivide: try a.floorDivided(by: b)
          default: try a.remainder(dividingBy: b)
          }
        })
    }
  }

  private static func floats(
    _ operation: BinaryOperator, _ a: Double, _ b: Double, _ range: SourceRange
  ) throws(EvaluationError) -> Value {
    switch operation {
    case .add: return .float(a + b)
    case .subtract: return .float(a - b)
    case .multiply: return .float(a * b)
    case .power: return .float(Functions.power(a, b))
    case .divide, .floorDivide, .remainder:
      if b == 0 { throw EvaluationError(.invalidArgument, "division by zero", range) }
      if operation == .divide { return .float(a / b) }
      let quotient = (a / b).rounded(.down)
      return .float(operation == .floorDivide ? quotient : a - b * quotient)
    case .and, .or: return .unknown
    }
  }

  /// Runs arithmetic on sizes; its errors are placed at `range`.
  static func arithmetic<Result>(
    _ range: SourceRange, _ body: () throws(DimensionError) -> Result
  ) throws(EvaluationError) -> Result {
    do {
      return try body()
    } catch {
      switch error {
      case .overflow:
        throw EvaluationError(.integerOverflow, "the result does not fit in 64 bits", range)
      case .divisionByZero:
        throw EvaluationError(.invalidArgument, "division by zero", range)
      case .tooComplex:
        throw EvaluationError(
          .expansionLimit, "this size has too many terms to be followed further", range)
      }
    }
  }

  static func number(_ value: Value, _ range: SourceRange) throws(EvaluationError) -> Double {
    switch value {
    case .float(let number): return number
    case .integer(let dimension):
      guard let number = dimension.constant else {
        throw EvaluationError(
          .notConstant, "`\(dimension)` is not known before running; a constant is needed", range)
      }
      return Double(number)
    case .boolean(let flag): return flag ? 1 : 0
    default:
      throw EvaluationError(
        .invalidArgument, "a number is needed, this is \(value.typeName)", range)
    }
  }

  // MARK: Comparison

  static func compare(
    _ left: Value, _ operation: ComparisonOperator, _ right: Value, _ range: SourceRange
  ) throws(EvaluationError) -> Value {
    if left.isUnknown || right.isUnknown { return .unknown }
    switch operation {
    case .equal: return equality(left, right)
    case .notEqual:
      switch equality(left, right) {
      case .boolean(let value): return .boolean(!value)
      case .condition(let condition): return .condition(.not(condition))
      default: return .unknown
      }
    case .in, .notIn:
      let found: Bool
      switch (left, right) {
      case (.string(let part), .string(let whole)):
        found = part.isEmpty || Functions.contains(whole, part)
      case (_, .tuple(let values)), (_, .list(let values)):
        found = values.contains { equality(left, $0) == .boolean(true) }
      default:
        throw EvaluationError(
          .invalidArgument, "`in` needs a tuple, a list or a string, this is \(right.typeName)",
          range)
      }
      return .boolean(found == (operation == .in))
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      return try order(left, operation, right, range)
    }
  }

  private static func order(
    _ left: Value, _ operation: ComparisonOperator, _ right: Value, _ range: SourceRange
  ) throws(EvaluationError) -> Value {
    let relation = Relation(rawValue: operation.rawValue) ?? .equal
    switch (left, right) {
    case (.integer(let a), .integer(let b)):
      if let x = a.constant, let y = b.constant { return .boolean(relation.holds(x, y)) }
      return .condition(.comparison(Facts.Constraint(a, relation, b)))
    case (.string(let a), .string(let b)):
      return .boolean(relation.holds(a < b ? -1 : a == b ? 0 : 1, 0))
    default:
      let (a, b) = (try number(left, range), try number(right, range))
      return .boolean(relation.holds(a < b ? -1 : a == b ? 0 : 1, 0))
    }
  }

  static func equality(_ left: Value, _ right: Value) -> Value {
    switch (left, right) {
    case (.unknown, _), (_, .unknown): return .unknown
    case (.integer(let a), .integer(let b)):
      if a == b { return .boolean(true) }
      if a.constant != nil, b.constant != nil { return .boolean(false) }
      return .condition(.comparison(Facts.Constraint(a, .equal, b)))
    case (.integer(let a), .float(let b)), (.float(let b), .integer(let a)):
      return .boolean(a.constant.map { Double($0) == b } ?? false)
    case (.tuple(let a), .tuple(let b)), (.list(let a), .list(let b)):
      if a.count != b.count { return .boolean(false) }
      var undecided: [Condition] = []
      for (x, y) in zip(a, b) {
        switch equality(x, y) {
        case .boolean(true): continue
        case .condition(let condition): undecided.append(condition)
        case .unknown: return .unknown
        default: return .boolean(false)
        }
      }
      return undecided.isEmpty ? .boolean(true) : .condition(.all(undecided))
    default: return .boolean(left == right)
    }
  }

  // MARK: Sequences

  static func index(
    _ base: Value, _ index: Value, _ range: SourceRange
  ) throws(EvaluationError) -> Value {
    if base == .unknown || index.isUnknown { return .unknown }
    guard let elements = base.elements else {
      throw EvaluationError(
        .invalidArgument, "\(base.typeName) cannot be indexed; tuples and lists can", range)
    }
    guard case .integer(let dimension) = index else {
      throw EvaluationError(
        .invalidArgument, "an index must be an integer, this is \(index.typeName)", range)
    }
    guard let position = dimension.constant else {
      throw EvaluationError(.notConstant, "an index must be a constant", range)
    }
    let place = position < 0 ? position + elements.count : position
    guard elements.indices.contains(place) else {
      throw EvaluationError(
        .invalidArgument, "index \(position) is outside a sequence of \(elements.count)", range)
    }
    return elements[place]
  }

  static func slice(
    _ base: Value, _ start: Value?, _ end: Value?, _ range: SourceRange
  ) throws(EvaluationError) -> Value {
    if base == .unknown { return .unknown }
    guard let elements = base.elements else {
      throw EvaluationError(
        .invalidArgument, "\(base.typeName) cannot be sliced; tuples and lists can", range)
    }
    func bound(_ value: Value?, _ fallback: Int) throws(EvaluationError) -> Int {
      guard let value else { return fallback }
      guard case .integer(let dimension) = value, let position = dimension.constant else {
        throw EvaluationError(.notConstant, "the ends of a slice must be constants", range)
      }
      return min(max(position < 0 ? position + elements.count : position, 0), elements.count)
    }
    let (from, to) = (try bound(start, 0), try bound(end, elements.count))
    let part = from < to ? Array(elements[from..<to]) : []
    if case .list = base { return .list(part) }
    return .tuple(part)
  }
}
