import NeuralDimension
import NeuralSyntax

/// The element type of a tensor.
public enum DType: String, Sendable, CaseIterable {
  case float32, float64, float16, bfloat16, int8, int16, int32, int64, uint8, bool

  public var isFloatingPoint: Bool {
    switch self {
    case .float32, .float64, .float16, .bfloat16: true
    case .int8, .int16, .int32, .int64, .uint8, .bool: false
    }
  }
}

/// The dimensions of a tensor, the batch first.
public typealias Shape = [Dimension]

public struct TensorType: Hashable, Sendable {
  public var shape: Shape
  public var dtype: DType

  public init(shape: Shape, dtype: DType = .float32) {
    self.shape = shape
    self.dtype = dtype
  }

  /// `(batch, 26, 26, 32)`, as shapes are shown everywhere.
  public var description: String { TensorType.text(shape) }

  public static func text(_ shape: [Dimension]) -> String {
    let sizes = shape.map(\.description)
    return sizes.count == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
  }
}

/// A tensor of the graph as an expression sees it.
public struct TensorValue: Hashable, Sendable {
  /// Its place in `NetworkGraph.values`; -1 inside shape rules, which know only types.
  public var id: Int
  /// `nil` where an error, reported elsewhere, left it unknown.
  public var type: TensorType?

  public init(id: Int, type: TensorType?) {
    self.id = id
    self.type = type
  }
}

/// What an expression is worth.
public enum Value: Sendable, Hashable {
  case none
  case boolean(Bool)
  /// A whole number or a size that is not known yet.
  case integer(Dimension)
  case float(Double)
  case string(String)
  case tuple([Value])
  case list([Value])
  indirect case layer(LayerValue)
  case tensor(TensorValue)
  /// A definition or a network named as a value, by its place in the workspace.
  case definition(Int)
  /// A comparison of sizes that not every allowed size decides alike.
  case condition(Condition)
  /// The result of something that has been reported: passes everywhere, silently.
  case unknown

  public static func int(_ value: Int) -> Value { .integer(.constant(value)) }

  /// What the type of this value is called in messages.
  public var typeName: String {
    switch self {
    case .none: "none"
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .float: "a float"
    case .string: "a string"
    case .tuple: "a tuple"
    case .list: "a list"
    case .layer(let layer):
      layer.schema.keyword == "layer" ? "a layer" : "a \(layer.schema.keyword)"
    case .tensor: "a tensor"
    case .definition: "a definition"
    case .condition: "a condition"
    case .unknown: "unknown"
    }
  }

  /// The elements of a tuple or a list.
  public var elements: [Value]? {
    switch self {
    case .tuple(let values), .list(let values): values
    default: nil
    }
  }

  public var isUnknown: Bool {
    switch self {
    case .unknown: true
    case .tuple(let values), .list(let values): values.contains { $0.isUnknown }
    case .tensor(let tensor): tensor.type == nil
    default: false
    }
  }

  /// The sizes of a tuple of integers.
  public var dimensions: [Dimension]? {
    guard let elements else { return nil }
    var dimensions: [Dimension] = []
    for case .integer(let dimension) in elements { dimensions.append(dimension) }
    return dimensions.count == elements.count ? dimensions : nil
  }
}

extension Value: CustomStringConvertible {
  /// The value as the language writes it.
  public var description: String {
    switch self {
    case .none: "none"
    case .boolean(let value): value ? "true" : "false"
    case .integer(let value): value.description
    case .float(let value): Value.text(value)
    case .string(let value): Value.quoted(value)
    case .tuple(let values):
      values.count == 1
        ? "(\(values[0]),)" : "(\(values.map(\.description).joined(separator: ", ")))"
    case .list(let values): "[\(values.map(\.description).joined(separator: ", "))]"
    case .layer(let layer): layer.description
    case .tensor(let tensor): tensor.type?.description ?? "?"
    case .definition: "definition"
    case .condition: "condition"
    case .unknown: "?"
    }
  }

  /// The shortest text that reads back as the same number, always with a point or an exponent.
  public static func text(_ value: Double) -> String {
    let text = value.description
    return text.hasSuffix(".0") || text.contains(".") || text.contains("e") ? text : text + ".0"
  }

  /// A double-quoted literal; control characters escaped.
  public static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case let control where control.value < 0x20:
        result += "\\u{\(String(control.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// A boolean over sizes that are not all known.
public indirect enum Condition: Sendable, Hashable {
  case constant(Bool)
  case comparison(Facts.Constraint)
  case all([Condition])
  case any([Condition])
  case not(Condition)

  /// The verdict under `facts`; a refutation names sizes.
  public func verdict(_ facts: Facts) -> Verdict {
    switch self {
    case .constant(let value): return value ? .proved : .refuted([:])
    case .comparison(let constraint):
      return facts.verdict(constraint.left, constraint.relation, constraint.right)
    case .all(let conditions):
      var result = Verdict.proved
      for condition in conditions {
        switch condition.verdict(facts) {
        case .proved: continue
        case .refuted(let sizes): return .refuted(sizes)
        case .unknown: result = .unknown
        }
      }
      return result
    case .any(let conditions):
      var refutation: Verdict?
      for condition in conditions {
        switch condition.verdict(facts) {
        case .proved: return .proved
        case .refuted(let sizes): refutation = refutation ?? .refuted(sizes)
        case .unknown: return .unknown
        }
      }
      return conditions.count == 1 ? refutation ?? .unknown : .unknown
    case .not(let condition):
      guard case .comparison(let constraint) = condition else {
        // De Morgan.
        switch condition {
        case .constant(let value): return Condition.constant(!value).verdict(facts)
        case .not(let inner): return inner.verdict(facts)
        case .all(let inner): return Condition.any(inner.map { .not($0) }).verdict(facts)
        case .any(let inner): return Condition.all(inner.map { .not($0) }).verdict(facts)
        case .comparison: return .unknown
        }
      }
      return Condition.comparison(constraint.negated).verdict(facts)
    }
  }
}
