import NeuralSyntax

/// A layer, activation, optimizer or the like called in an expression, not yet applied.
public struct LayerValue: Sendable, Hashable {
  public var schema: LayerSchema
  public var arguments: BoundArguments
  /// `name`, `trainable`, `dtype` and the options of its weights, where they are given.
  public var universal: [String: BoundArgument]
  /// The name of the call where it was written.
  public var range: SourceRange?
  /// The `let` that names this one instance, whose uses share weights.
  public var instance: Int?
  /// The weights of that instance, once a use of it has made them.
  public var weights: [Weight]?

  public init(
    schema: LayerSchema, arguments: BoundArguments, universal: [String: BoundArgument] = [:],
    range: SourceRange? = nil, instance: Int? = nil
  ) {
    self.schema = schema
    self.arguments = arguments
    self.universal = universal
    self.range = range
    self.instance = instance
  }

  /// Whether training changes its weights: not with `trainable=false`.
  var isTrainable: Bool { universal["trainable"]?.value != .boolean(false) }

  public static func == (left: LayerValue, right: LayerValue) -> Bool {
    left.schema === right.schema && left.arguments == right.arguments
      && left.instance == right.instance && left.weights == right.weights
      && left.isTrainable == right.isTrainable
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(schema))
    hasher.combine(arguments)
  }
}

extension LayerValue: CustomStringConvertible {
  public var description: String {
    let given = arguments.entries.filter(\.isGiven).map { "\($0.name)=\($0.value)" }
    return given.isEmpty && schema.keyword != "layer"
      ? schema.name : "\(schema.name)(\(given.joined(separator: ", ")))"
  }
}
