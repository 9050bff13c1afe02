import NeuralDimension
import NeuralSyntax

/// One parameter's value in one use.
public struct BoundArgument: Sendable, Hashable {
  public var name: String
  public var value: Value
  /// Written in the call; otherwise it is the default.
  public var isGiven: Bool
  /// Absent for most: arrays of defaults are copied with every use.
  private var origin: Origin?

  /// How the argument is written, and what it is elsewhere.
  private final class Origin: Sendable {
    let range: SourceRange?
    let valueRange: SourceRange?
    let expression: Expression?
    let alternatives: Alternatives<Value>?

    init(
      _ range: SourceRange?, _ valueRange: SourceRange?, _ expression: Expression?,
      _ alternatives: Alternatives<Value>?
    ) {
      self.range = range
      self.valueRange = valueRange
      self.expression = expression
      self.alternatives = alternatives
    }
  }

  public init(
    name: String, value: Value, isGiven: Bool, range: SourceRange?, valueRange: SourceRange? = nil,
    expression: Expression? = nil
  ) {
    self.name = name
    self.value = value
    self.isGiven = isGiven
    if range != nil || valueRange != nil || expression != nil {
      origin = Origin(range, valueRange ?? range, expression, nil)
    }
  }

  /// Where the argument is written, its name included.
  public var range: SourceRange? { origin?.range }

  /// Where its value is written.
  public var valueRange: SourceRange? { origin?.valueRange }

  /// The value as it is written.
  public var expression: Expression? { origin?.expression }

  /// The values in all configurations, where they differ (language.md, section 7); `value` is that
  /// of the configuration at hand.
  public var alternatives: Alternatives<Value>? {
    get { origin?.alternatives }
    set {
      if newValue == nil, origin?.alternatives == nil { return }
      origin = Origin(origin?.range, origin?.valueRange, origin?.expression, newValue)
    }
  }

  public static func == (left: BoundArgument, right: BoundArgument) -> Bool {
    left.name == right.name && left.value == right.value
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(value)
  }
}

/// The values of all parameters in one use, in the order of declaration.
public struct BoundArguments: Sendable, Hashable {
  public var entries: [BoundArgument]
  /// Sizes that the call states and the input must have, as PyTorch's `in_channels`.
  public var expectations: [Expectation] = []
  /// The numbers of axes that the call allows, where it says so: PyTorch's `BatchNorm2d` reads four.
  public var ranks: [Int] = []

  public init(entries: [BoundArgument] = []) { self.entries = entries }

  public subscript(name: String) -> Value? { entries.first { $0.name == name }?.value }

  /// The argument of this name: a parameter's, or one that states a size.
  public func entry(_ name: String) -> BoundArgument? {
    entries.first { $0.name == name }
      ?? expectations.first { $0.argument.name == name }?.argument
  }
}

/// A size that a call states although the layer could read it from its input.
public struct Expectation: Sendable, Hashable {
  /// The name of the size in the layer's rule: `channels`.
  public var size: String
  /// What states it: `in_channels=3`.
  public var argument: BoundArgument
}
