import NeuralDimension
import NeuralModel
import NeuralSchema

/// A tensor of the ONNX graph that holds a value of the source, with its axes in some order.
struct ONNXValue {
  var name: String
  var order: AxisOrder
}

/// Turns a network into an ONNX graph: node by node in the order of the source, everything written out.
struct ONNXGraphBuilder {
  let network: NetworkGraph
  /// Whether weights are inputs, in the layout of the declarations, or are stored as operators read them.
  let weightsAreInputs: Bool
  var model: ONNXModel
  /// The tensors that hold a value, by its number in the network; the first is how it was made. Numbers
  /// past the network's are of values inside a layer.
  var tensors: [Int: [ONNXValue]] = [:]
  /// The types of values inside a layer.
  var innerTypes: [Int: TensorType] = [:]
  /// The path of the layer that is being written.
  var path = ""
  var location: Location
  var documentation: String?
  private var taken: Set<String> = []
  private var constantNames: [ConstantKey: String] = [:]
  private var weightNames: [WeightRecipe: String] = [:]
  private var declared: [String: DeclaredWeight] = [:]
  /// Sizes that are only known when the model runs, by their symbol.
  var sizeTensors: [Dimension: String] = [:]
  /// The operators around the loop whose body is being written.
  var enclosing: [ONNXNode]?

  private struct ConstantKey: Hashable {
    var shape: [Int]
    var values: ONNXTensor.Values
  }

  init(_ network: NetworkGraph, source: String, weightsAreInputs: Bool) {
    self.network = network
    self.weightsAreInputs = weightsAreInputs
    location = Location(network.file, network.declaration.name.range)
    model = ONNXModel(
      name: network.name, documentation: network.declaration.documentation, source: source)
  }

  // MARK: The walk

  mutating func build() throws(TargetProblem) -> ONNXModel {
    for input in network.inputs { taken.insert(input.name) }
    for output in network.outputs { taken.insert(output.name) }
    for input in network.inputs {
      guard let type = network.type(of: input.value) else { continue }
      tensors[input.value] = [
        ONNXValue(name: input.name, order: .declared(type.shape.count))
      ]
      model.inputs.append(
        ONNXValueInfo(
          name: input.name, type: try onnx(type.dtype), shape: type.shape.map(ONNXSize.init)))
    }
    try declareWeights()
    try emit(network.scopes[0].items)
    try emitOutputs()
    return model
  }

  private mutating func emit(_ items: [GraphScope.Item]) throws(TargetProblem) {
    for item in items {
      switch item {
      case .scope(let scope): try emit(network.scopes[scope].items)
      case .node(let node): try emit(network.nodes[node])
      }
    }
  }

  private mutating func emit(_ node: GraphNode) throws(TargetProblem) {
    (path, location, documentation) = (node.path, node.location, node.documentation)
    model.locations[path] = location
    let owner = node.sharedWith.map { network.nodes[$0] } ?? node
    let layer = ONNXLayer(
      node: node, weightPath: owner.path, weights: owner.weights,
      tied: node.tiedTo.map { network.nodes[$0] }, types: network)
    if let device = node.device {
      throw problem(
        layer, "names no devices: remove the `@ \(Value.quoted(device))`; whoever runs it chooses")
    }
    if let dtype = node.dtype, dtype != .float32 {
      throw problem(
        layer,
        "computes in float32; this version writes no layer in \(dtype.rawValue), so leave out `dtype`"
      )
    }
    let first = model.nodes.count
    var results = try emit(layer)
    for (index, output) in node.outputs.enumerated() where results.indices.contains(index) {
      let wanted = results.count == 1 ? node.path : "\(node.path):\(index)"
      let old = results[index].name
      let new = rename(old, to: wanted, after: first)
      // One tensor may be several results, as a result that is also the state.
      for place in results.indices where results[place].name == old { results[place].name = new }
      tensors[output] = [results[index]]
      note(results[index], network.type(of: output))
    }
    documentation = nil
  }

  /// What a layer gives, by the emitter or the text of its declaration.
  mutating func emit(_ layer: ONNXLayer) throws(TargetProblem) -> [ONNXValue] {
    switch layer.schema.targets["onnx"] {
    case .builtin:
      guard let emitter = ONNXEmitters.all[layer.schema.name] else {
        throw problem(layer, "has no emitter for this layer")
      }
      return try emitter(&self, layer)
    case .template(let text): return try self.text(text, layer)
    case nil:
      throw problem(
        layer,
        layer.schema.file.catalogueFile == nil
          ? "does not know this layer; add `onnx: \"…\"` to the declaration of `\(layer.schema.name)`"
          : "does not write this layer yet; another target may serve, or write it with other layers"
      )
    }
  }

  private mutating func emitOutputs() throws(TargetProblem) {
    for output in network.outputs {
      guard let type = network.type(of: output.value) else { continue }
      (path, documentation) = (output.name, nil)
      let name = tensor(output.value, .declared(type.shape.count))
      let isOwn = model.nodes.contains { $0.outputs.contains(name) }
      let isOutput = model.outputs.contains { $0.name == name }
      if isOwn, !isOutput, name != output.name {
        replace(name, by: output.name)
      } else if name != output.name {
        // An input, or a value that is an output already.
        model.nodes.append(
          ONNXNode(
            name: free(output.name + "/identity"), operation: "Identity", inputs: [name],
            outputs: [output.name], attributes: []))
      }
      note(ONNXValue(name: output.name, order: .declared(type.shape.count)), type)
      model.outputs.append(
        ONNXValueInfo(
          name: output.name, type: try onnx(type.dtype), shape: type.shape.map(ONNXSize.init)))
    }
  }

  private func onnx(_ dtype: DType) throws(TargetProblem) -> ONNXType {
    switch dtype {
    case .float32: return .float
    case .int32: return .int32
    case .int64: return .int64
    default:
      throw TargetProblem(
        "The ONNX target takes float32, int32 and int64, not \(dtype.rawValue).", at: location)
    }
  }

  /// Keeps the shape that our own rules say for the comparison with libonnx's.
  private mutating func note(_ value: ONNXValue, _ type: TensorType?) {
    guard let type, type.shape.count == value.order.rank else { return }
    model.shapes[value.name] = value.order.applied(to: type.shape).map(ONNXSize.init)
  }

  func problem(_ layer: ONNXLayer, _ what: String) -> TargetProblem {
    TargetProblem("`\(layer.schema.name)`: the ONNX target \(what)", at: location)
  }

  // MARK: Names

  /// A name that nothing has yet.
  mutating func free(_ wanted: String) -> String {
    if taken.insert(wanted).inserted { return wanted }
    var number = 2
    while !taken.insert("\(wanted)_\(number)").inserted { number += 1 }
    return "\(wanted)_\(number)"
  }

  /// Calls what a layer's nodes made by the layer's path.
  private mutating func rename(_ name: String, to path: String, after first: Int) -> String {
    guard let index = model.nodes[first...].firstIndex(where: { $0.outputs.contains(name) })
    else { return name }
    let new = free(path)
    replace(name, by: new, after: first)
    if model.nodes[index].outputs.first == new { model.nodes[index].name = new }
    return new
  }

  private mutating func replace(_ name: String, by new: String, after first: Int = 0) {
    for index in model.nodes.indices[first...] {
      for place in model.nodes[index].inputs.indices
      where model.nodes[index].inputs[place] == name {
        model.nodes[index].inputs[place] = new
      }
      for place in model.nodes[index].outputs.indices
      where model.nodes[index].outputs[place] == name {
        model.nodes[index].outputs[place] = new
      }
    }
    if let shape = model.shapes.removeValue(forKey: name) { model.shapes[new] = shape }
    for (value, forms) in tensors {
      for (place, form) in forms.enumerated() where form.name == name {
        tensors[value]?[place].name = new
      }
    }
  }

  // MARK: Weights

  private mutating func declareWeights() throws(TargetProblem) {
    for node in network.nodes {
      location = node.location
      for weight in node.weights {
        let shape = weight.shape.compactMap(\.constant)
        guard shape.count == weight.shape.count else {
          throw TargetProblem(
            "The ONNX target needs weights of known sizes; \(node.path)/\(weight.name) is "
              + TensorType.text(weight.shape), at: node.location)
        }
        let declared = DeclaredWeight(
          path: "\(node.path)/\(weight.name)", shape: shape,
          initializer: initializer(of: weight.name, in: node), location: node.location)
        self.declared[declared.path] = declared
        model.declaredWeights.append(declared)
      }
    }
  }

  /// What the call says of a weight, else what its declaration or Keras does.
  private func initializer(of weight: String, in node: GraphNode) -> WeightInitializer {
    let name = weight.split(separator: "/").last.map(String.init) ?? weight
    let stem = name.hasSuffix("_kernel") ? String(name.dropLast("_kernel".count)) : name
    let inner = node.arguments.entries.compactMap { entry -> BoundArgument? in
      guard case .layer(let layer) = entry.value, weight.hasPrefix(entry.name + "/") else {
        return nil
      }
      return layer.universal["\(stem)_initializer"]
    }
    let given =
      node.options.first { $0.name == "\(stem)_initializer" || $0.name == "\(name)_initializer" }
      ?? inner.first
    if case .layer(let value)? = given?.value, let make = WeightInitializer.all[value.schema.name] {
      return make(value.arguments)
    }
    if name == "bias", node.arguments["unit_forget_bias"] == .boolean(true) { return .forgetGate }
    if name == "gamma", let start = node.arguments["init_values"]?.number {
      return .constant(start)
    }
    return .usual(for: weight)
  }

  /// A weight of a layer as an operator reads it: stored so, or made so of the input that it is.
  mutating func weight(
    _ name: String, of layer: ONNXLayer, _ steps: [WeightRecipe.Step] = []
  ) throws(TargetProblem) -> String {
    try weight(at: "\(layer.weightPath)/\(name)", steps)
  }

  mutating func weight(
    at path: String, _ steps: [WeightRecipe.Step] = []
  ) throws(TargetProblem) -> String {
    let recipe = WeightRecipe(path: path, steps: steps)
    if let known = weightNames[recipe] { return known }
    guard let declared = declared[path] else {
      throw TargetProblem("The ONNX target finds no weight \(path)", at: location)
    }
    let name: String
    if weightsAreInputs {
      name = steps.isEmpty ? weightInput(declared) : try transformed(declared, steps)
    } else {
      name = free(path)
      model.weights.append(
        ONNXWeight(
          name: name, recipe: recipe, shape: recipe.shape(from: declared.shape), weight: declared))
    }
    weightNames[recipe] = name
    return name
  }

  private mutating func weightInput(_ weight: DeclaredWeight) -> String {
    let recipe = WeightRecipe(path: weight.path)
    if let known = weightNames[recipe] { return known }
    let name = free(weight.path)
    model.inputs.append(
      ONNXValueInfo(name: name, type: .float, shape: weight.shape.map(ONNXSize.value)))
    weightNames[recipe] = name
    return name
  }

  /// The steps of a recipe as operators.
  private mutating func transformed(
    _ weight: DeclaredWeight, _ steps: [WeightRecipe.Step]
  ) throws(TargetProblem) -> String {
    var name = weightInput(weight)
    var shape = weight.shape
    // Once, and not in each step of a loop.
    let body = model.nodes
    if let enclosing { model.nodes = enclosing }
    defer {
      if enclosing != nil {
        enclosing = model.nodes
        model.nodes = body
      }
    }
    for step in steps {
      switch step {
      case .transpose(let order): name = node("Transpose", [name], ["perm": .integers(order)])
      case .reshape(let sizes): name = node("Reshape", [name, integers(sizes)])
      case .blocks(let axis, let order):
        let block = shape[axis] / order.count
        let places = order.flatMap { index in (0..<block).map { index * block + $0 } }
        name = node("Gather", [name, integers(places)], ["axis": .integer(axis)])
      case .zeros(let count):
        var amounts = Array(repeating: 0, count: 2 * shape.count)
        amounts[2 * shape.count - 1] = count
        name = node("Pad", [name, integers(amounts)])
      }
      shape = WeightRecipe(path: weight.path, steps: [step]).shape(from: shape)
    }
    return name
  }

  // MARK: Constants

  mutating func constant(_ values: ONNXTensor.Values, shape: [Int]) -> String {
    let key = ConstantKey(shape: shape, values: values)
    if let known = constantNames[key] { return known }
    let name = free("constant_\(constantNames.count + 1)")
    model.constants.append(ONNXTensor(name: name, shape: shape, values: values))
    constantNames[key] = name
    return name
  }

  /// A number of the same type as the tensors that it meets.
  mutating func scalar(_ value: Double) -> String { constant(.floats([Float(value)]), shape: []) }

  /// A list of whole numbers: a shape, axes.
  mutating func integers(_ values: [Int]) -> String {
    constant(.integers(values), shape: [values.count])
  }
}
