import NeuralDimension
import NeuralModel
import NeuralSchema

/// One use of a layer, of the network or inside another layer, as emitters see it.
struct ONNXLayer {
  var schema: LayerSchema
  var arguments: BoundArguments
  /// Names of the rule: parameters, dimensions and `let` names.
  var bindings: [String: Value]
  /// What its weights' paths begin with.
  var weightPath: String
  var weights: [Weight]
  /// The layer whose kernel it uses, transposed.
  var tied: GraphNode?
  /// Values read.
  var inputs: [Int]
  var inputTypes: [TensorType]
  var outputs: [TensorType]

  init(
    node: GraphNode, weightPath: String, weights: [Weight], tied: GraphNode?, types: NetworkGraph
  ) {
    schema = node.schema
    arguments = node.arguments
    bindings = node.bindings
    self.weightPath = weightPath
    self.weights = weights
    self.tied = tied
    inputs = node.inputs
    inputTypes = node.inputs.compactMap { types.type(of: $0) }
    outputs = node.outputs.compactMap { types.type(of: $0) }
  }

  /// A layer, or an activation, that is an argument of `owner`.
  init(
    _ layer: LayerValue, inputs: [Int], inputTypes: [TensorType], outputs: [TensorType],
    of owner: ONNXLayer, below part: String? = nil
  ) {
    schema = layer.schema
    arguments = layer.arguments
    var bindings: [String: Value] = [:]
    for entry in layer.arguments.entries { bindings[entry.name] = entry.value }
    self.bindings = bindings
    weightPath = part.map { "\(owner.weightPath)/\($0)" } ?? owner.weightPath
    weights =
      part.map { part in
        owner.weights.compactMap { weight in
          guard weight.name.hasPrefix(part + "/") else { return nil }
          var own = weight
          own.name = String(weight.name.dropFirst(part.count + 1))
          return own
        }
      } ?? []
    self.inputs = inputs
    self.inputTypes = inputTypes
    self.outputs = outputs
  }

  /// The same with what the rule of its declaration says of its inputs.
  func evaluated(_ builder: ONNXGraphBuilder) throws(TargetProblem) -> ONNXLayer {
    var copy = self
    do throws(RuleFailure) {
      let result = try ShapeRule.evaluate(
        schema, arguments, inputs: inputTypes, facts: builder.network.facts, catalogue: .builtin)
      copy.outputs = result.outputs
      copy.bindings = result.bindings(with: arguments)
    } catch {
      throw builder.problem(self, "cannot put this layer here: \(error.message)")
    }
    return copy
  }

  // MARK: Arguments

  var rank: Int { inputTypes.first?.shape.count ?? 0 }

  func isTrue(_ name: String) -> Bool { arguments[name] == .boolean(true) }

  func integer(_ name: String) -> Int? {
    guard case .integer(let value)? = arguments[name] else { return nil }
    return value.constant
  }

  func number(_ name: String) -> Double? { arguments[name]?.number }

  func word(_ name: String) -> String? {
    if case .string(let text)? = arguments[name] { text } else { nil }
  }

  /// A tuple of constants; `nil` where the argument is none.
  func integers(_ name: String) -> [Int]? {
    guard let sizes = arguments[name]?.dimensions else { return nil }
    let known = sizes.compactMap(\.constant)
    return known.count == sizes.count ? known : nil
  }

  /// An axis, or several, counted from 0.
  func axes(_ name: String = "axis") -> [Int] {
    let given = integer(name).map { [$0] } ?? integers(name) ?? []
    return given.map { $0 < 0 ? $0 + rank : $0 }
  }

  var isChannelsFirst: Bool { word("data_format") == "channels_first" }

  /// The declared axis of the channels.
  var channelAxis: Int { isChannelsFirst ? 1 : rank - 1 }

  /// Channels right after the batch, as ONNX's windows want them.
  var channelsSecond: AxisOrder { .second(channelAxis, rank: rank) }

  /// An argument off its default that a text does not read is not left out silently.
  func refuseUnread(
    by text: String, _ builder: ONNXGraphBuilder
  ) throws(TargetProblem) {
    // What acts while training only has nothing to say here.
    if text.contains("Identity ({x})") { return }
    let defaults = schema.defaultArguments
    for entry in arguments.entries
    where entry.isGiven && entry.value != defaults[entry.name] && entry.name != "data_format" {
      if !text.contains("{\(entry.name)}") {
        throw builder.problem(self, "has no `\(entry.name)` for this layer; leave it out")
      }
    }
  }
}
