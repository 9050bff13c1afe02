import NeuralDimension
import NeuralSyntax

/// What the backward pass of one use of a layer keeps (`backward:` in its declaration).
public struct BackwardNeed: Sendable, Hashable {
  /// The values that it reads.
  public var inputs = false
  /// The values that it makes.
  public var outputs = false
  /// Its result is its input's values where they are: keeping one keeps the other.
  public var isView = false
  /// Further values of the type that the layer computes in, all of them together.
  public var values = Dimension.constant(0)
  /// Further indices of 64 bits each.
  public var indices = Dimension.constant(0)

  public init(inputs: Bool = false, outputs: Bool = false) {
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Sets what a word of the entry says; false for one that says nothing.
  mutating func read(_ word: String) -> Bool {
    switch word {
    case "input": inputs = true
    case "output": outputs = true
    case "view": isView = true
    default: return false
    }
    return true
  }
}

extension ShapeRule {
  /// Reads `backward: input, output, (batch, steps, 4 * units), indices(batch, ...out)`.
  mutating func keep(_ expressions: [Expression]) throws(RuleFailure) {
    var need = result.backward ?? BackwardNeed()
    for expression in expressions {
      switch expression.kind {
      case .none: continue
      case .name(let word):
        if need.read(word) { continue }
        need.values = try sum(need.values, of: value(expression), expression.range)
      case .call(let call) where call.name.text == "indices":
        let sizes = Expression(.tuple((call.arguments ?? []).map(\.value)), call.range)
        need.indices = try sum(need.indices, of: value(sizes), expression.range)
      default: need.values = try sum(need.values, of: value(expression), expression.range)
      }
    }
    result.backward = need
  }

  /// What a layer inside this one keeps, `times` over: its input is this one's.
  mutating func keep(_ inner: RuleResult, times: Dimension, _ range: SourceRange)
    throws(RuleFailure)
  {
    var need = result.innerBackward ?? BackwardNeed()
    let own = inner.backward ?? BackwardNeed(inputs: !inner.weights.isEmpty)
    need.inputs = need.inputs || own.inputs
    var values = own.values
    if own.outputs {
      for output in inner.outputs {
        values = try sum(values, of: .tuple(output.shape.map(Value.integer)), range)
      }
    }
    need.values = try size(range) { () throws(DimensionError) in
      try need.values.adding(values.multiplied(by: times))
    }
    need.indices = try size(range) { () throws(DimensionError) in
      try need.indices.adding(own.indices.multiplied(by: times))
    }
    result.innerBackward = need
  }

  private func sum(
    _ total: Dimension, of shape: Value, _ range: SourceRange
  ) throws(RuleFailure) -> Dimension {
    if shape.isUnknown { return total }
    guard let sizes = shape.dimensions else {
      throw RuleFailure(
        code: .invalidArgument,
        message: "`backward` lists input, output, view, indices(…) and shapes; this is "
          + shape.typeName, declarationRange: range, isDeclarationFault: true)
    }
    return try size(range) { () throws(DimensionError) in
      var product = Dimension.constant(1)
      for size in sizes { product = try product.multiplied(by: size) }
      return try total.adding(product)
    }
  }
}

extension LayerSchema {
  /// What a function that the catalogue declares, such as an activation, keeps for its backward
  /// pass: its result, unless its declaration says otherwise.
  public var functionBackward: BackwardNeed {
    var need: BackwardNeed?
    for case .entry(let key, let words) in items where key.text == "backward" {
      var read = need ?? BackwardNeed()
      for case .name(let word) in words.map(\.kind) { _ = read.read(word) }
      need = read
    }
    return need ?? BackwardNeed(outputs: true)
  }
}

extension LayerValue {
  /// The values that an optimizer keeps for each value that it trains (`slots:` in its declaration).
  public var slots: Int {
    for case .entry(let key, let expressions) in schema.items where key.text == "slots" {
      var context = ArgumentContext(arguments: arguments)
      guard let expression = expressions.first,
        case .integer(.constant(let count))? = try? context.evaluate(expression)
      else { return 0 }
      return count
    }
    return 0
  }
}
