import NeuralDimension
import NeuralModel
import NeuralSchema

// What emitters write with.
extension ONNXGraphBuilder {
  /// One operator with one result, whose name is given back.
  mutating func node(
    _ operation: String, _ inputs: [String],
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) -> String {
    nodes(operation, inputs, attributes, results: 1)[0]
  }

  mutating func nodes(
    _ operation: String, _ inputs: [String],
    _ attributes: KeyValuePairs<String, ONNXAttribute> = [:], results: Int
  ) -> [String] {
    append(operation, inputs, attributes.map { (name: $0.key, value: $0.value) }, results: results)
  }

  mutating func append(
    _ operation: String, _ inputs: [String], _ attributes: [(name: String, value: ONNXAttribute)],
    results: Int
  ) -> [String] {
    let name = free("\(path)/\(operation)")
    var outputs = [name]
    for index in 1..<max(results, 1) { outputs.append(free("\(name):\(index)")) }
    model.nodes.append(
      ONNXNode(
        name: name, operation: operation, inputs: inputs, outputs: outputs,
        attributes: attributes, documentation: documentation))
    // A layer's words stand at its first operator.
    documentation = nil
    return outputs
  }

  // MARK: Values

  func type(of value: Int) -> TensorType? { innerTypes[value] ?? network.type(of: value) }

  func shape(of value: Int) -> [Dimension] { type(of: value)?.shape ?? [] }

  /// The order in which a value was made.
  func order(of value: Int) -> AxisOrder {
    tensors[value]?.first?.order ?? .declared(shape(of: value).count)
  }

  /// The tensor that holds a value with its axes in an order; transposed once where none does yet.
  mutating func tensor(_ value: Int, _ order: AxisOrder) -> String {
    let forms = tensors[value] ?? []
    if let form = forms.first(where: { $0.order == order }) { return form.name }
    guard let first = forms.first, first.order.rank == order.rank else { return "" }
    let name = node(
      "Transpose", [first.name], ["perm": .integers(first.order.permutation(to: order))])
    tensors[value, default: []].append(ONNXValue(name: name, order: order))
    return name
  }

  /// The tensor with its axes as they are declared.
  mutating func tensor(_ value: Int) -> String {
    tensor(value, .declared(shape(of: value).count))
  }

  /// A value inside a layer.
  mutating func innerValue(_ tensor: ONNXValue, _ type: TensorType) -> Int {
    let number = network.values.count + innerTypes.count
    innerTypes[number] = type
    tensors[number] = [tensor]
    return number
  }

  // MARK: Shapes

  /// A tensor in another shape, by the sizes it has and those that it shall have.
  mutating func reshape(
    _ tensor: String, from old: [Dimension], to new: [Dimension]
  ) throws(TargetProblem) -> String {
    if old == new { return tensor }
    return node("Reshape", [tensor, try target(from: old, to: new)])
  }

  /// A shape for Reshape: 0 keeps a size, one may be -1.
  private mutating func target(
    from old: [Dimension], to new: [Dimension]
  ) throws(TargetProblem) -> String {
    var entries: [Int] = []
    var isOpen = false
    for (axis, size) in new.enumerated() {
      if let constant = size.constant {
        entries.append(constant)
      } else if old.indices.contains(axis), old[axis] == size {
        entries.append(0)
      } else if !isOpen {
        entries.append(-1)
        isOpen = true
      } else {
        return try self.shape(new)
      }
    }
    return integers(entries)
  }

  /// A shape as a tensor, computed where a size is only known when the model runs.
  mutating func shape(_ sizes: [Dimension]) throws(TargetProblem) -> String {
    let known = sizes.compactMap(\.constant)
    if known.count == sizes.count { return integers(known) }
    var parts: [String] = []
    for size in sizes { parts.append(try self.size(size)) }
    return parts.count == 1 ? parts[0] : node("Concat", parts, ["axis": .integer(0)])
  }

  /// One size, as a tensor of one number.
  mutating func size(_ size: Dimension) throws(TargetProblem) -> String {
    if let constant = size.constant { return integers([constant]) }
    if let known = sizeTensors[size] { return known }
    let name: String
    if let symbol = size.symbol {
      name = try self.size(of: symbol)
    } else {
      name = try self.size(size.polynomial)
    }
    sizeTensors[size] = name
    return name
  }

  private mutating func size(of symbol: Symbol) throws(TargetProblem) -> String {
    for input in network.inputs {
      let shape = network.type(of: input.value)?.shape ?? []
      guard let axis = shape.firstIndex(where: { $0.symbol == symbol }) else { continue }
      return node(
        "Shape", [input.name], ["end": .integer(axis + 1), "start": .integer(axis)])
    }
    throw TargetProblem(
      "The ONNX target reads sizes from the inputs, and none of them is \(symbol.name)",
      at: location)
  }

  private mutating func size(_ polynomial: Polynomial) throws(TargetProblem) -> String {
    var sum: String?
    for term in polynomial.terms {
      var product: String?
      if term.coefficient != 1 || term.factors.isEmpty { product = integers([term.coefficient]) }
      for factor in term.factors {
        let value = try atom(factor.atom)
        for _ in 0..<factor.power {
          product = product.map { node("Mul", [$0, value]) } ?? value
        }
      }
      if let product { sum = sum.map { node("Add", [$0, product]) } ?? product }
    }
    return sum ?? integers([0])
  }

  private mutating func atom(_ atom: Polynomial.Atom) throws(TargetProblem) -> String {
    switch atom {
    case .symbol(let symbol): return try size(Dimension(symbol))
    // Sizes are never below 0, where ONNX would round towards it.
    case .floor(let a, let b):
      return node("Div", [try size(Dimension(a)), try size(Dimension(b))])
    case .minimum(let a, let b):
      return node("Min", [try size(Dimension(a)), try size(Dimension(b))])
    case .maximum(let a, let b):
      return node("Max", [try size(Dimension(a)), try size(Dimension(b))])
    }
  }

  // MARK: Activations

  /// A layer's result with its `activation` applied.
  mutating func activated(
    _ result: ONNXValue, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    [try activate(result, layer.arguments["activation"], layer.outputs[0], layer)]
  }

  /// An activation argument applied to a tensor; nothing for none and linear.
  mutating func activate(
    _ tensor: ONNXValue, _ argument: Value?, _ type: TensorType, _ layer: ONNXLayer
  ) throws(TargetProblem) -> ONNXValue {
    guard case .layer(let activation)? = argument else { return tensor }
    let value = innerValue(tensor, type)
    let inner = ONNXLayer(
      activation, inputs: [value], inputTypes: [type], outputs: [type], of: layer)
    return try emit(inner)[0]
  }

  // MARK: Texts of declarations

  /// The operators that a declaration states in ONNX's textual syntax.
  mutating func text(_ source: String, _ layer: ONNXLayer) throws(TargetProblem) -> [ONNXValue] {
    let text: ONNXText
    do throws(ONNXText.SyntaxError) {
      text = try ONNXText(source)
    } catch {
      throw problem(layer, "cannot read `onnx:` of the declaration: \(error.message)")
    }
    try layer.refuseUnread(by: source, self)
    let order = followedOrder(layer)
    var names: [String: String] = [:]
    var results: [String] = []
    for statement in text.statements {
      if statement.operation == "Constant", let value = statement.attributes.first {
        names[statement.outputs[0]] = try constant(value.value, layer, order)
        continue
      }
      var inputs: [String] = []
      for input in statement.inputs {
        if input.isEmpty {
          inputs.append("")
        } else if input.hasPrefix("{") {
          inputs.append(try operand(String(input.dropFirst().dropLast()), layer, order))
        } else if let known = names[input] {
          inputs.append(known)
        } else {
          throw problem(layer, "finds no `\(input)` in `onnx:` of the declaration")
        }
      }
      if statement.operation == "Identity", inputs.count == 1 {
        results = inputs
        names[statement.outputs[0]] = inputs[0]
        continue
      }
      var attributes: [(name: String, value: ONNXAttribute)] = []
      for (name, isFloat, literal) in statement.attributes {
        attributes.append((name, try attribute(literal, isFloat, layer, order)))
      }
      results = append(statement.operation, inputs, attributes, results: statement.outputs.count)
      for (name, result) in zip(statement.outputs, results) { names[name] = result }
    }
    return zip(results, layer.outputs).map { result, type in
      ONNXValue(
        name: result,
        order: type.shape.count == order.rank ? order : .declared(type.shape.count))
    }
  }

  /// A layer that works in any order takes the one that an input already has.
  func followedOrder(_ layer: ONNXLayer) -> AxisOrder {
    let rank = layer.outputs.first?.shape.count ?? 0
    let follows =
      layer.schema.layout != .declared || layer.schema.keyword == "activation"
      || layer.schema.layout == .axis
    guard follows, layer.inputs.allSatisfy({ shape(of: $0).count == rank }) else {
      return .declared(layer.inputs.first.map { shape(of: $0).count } ?? rank)
    }
    return layer.inputs.map { order(of: $0) }.first { !$0.isDeclared } ?? .declared(rank)
  }

  private mutating func operand(
    _ name: String, _ layer: ONNXLayer, _ order: AxisOrder
  ) throws(TargetProblem) -> String {
    if name.hasPrefix("x"), let index = name == "x" ? 1 : Int(name.dropFirst()),
      layer.inputs.indices.contains(index - 1)
    {
      let value = layer.inputs[index - 1]
      return shape(of: value).count == order.rank ? tensor(value, order) : tensor(value)
    }
    if layer.weights.contains(where: { $0.name == name }) { return try weight(name, of: layer) }
    if let number = layer.bindings[name]?.number { return scalar(number) }
    throw problem(layer, "finds no `{\(name)}` for `onnx:` of the declaration")
  }

  private mutating func constant(
    _ literal: ONNXText.Literal, _ layer: ONNXLayer, _ order: AxisOrder
  ) throws(TargetProblem) -> String {
    switch try attribute(literal, false, layer, order) {
    case .float(let value): return constant(.floats([value]), shape: [])
    case .integer(let value): return constant(.integers([value]), shape: [])
    case .integers(let values): return integers(values)
    case .floats(let values): return constant(.floats(values), shape: [values.count])
    default: throw problem(layer, "has no such constant in `onnx:` of the declaration")
    }
  }

  private func attribute(
    _ literal: ONNXText.Literal, _ isFloat: Bool, _ layer: ONNXLayer, _ order: AxisOrder
  ) throws(TargetProblem) -> ONNXAttribute {
    switch literal {
    case .integer(let value): return isFloat ? .float(Float(value)) : .integer(value)
    case .float(let value): return .float(Float(value))
    case .string(let text): return .string(text)
    case .list(let entries):
      var numbers: [Double] = []
      var isWhole = !isFloat
      for entry in entries {
        switch try attribute(entry, false, layer, order) {
        case .integer(let value): numbers.append(Double(value))
        case .float(let value):
          numbers.append(Double(value))
          isWhole = false
        default: throw problem(layer, "takes lists of numbers only in `onnx:`")
        }
      }
      return isWhole ? .integers(numbers.map { Int($0) }) : .floats(numbers.map(Float.init))
    case .place("last_axis"): return .integer(order.place(of: -1))
    case .place("axis"):
      guard let axis = layer.integer("axis") else {
        throw problem(layer, "needs one axis")
      }
      return .integer(order.place(of: axis))
    case .place(let name):
      switch layer.bindings[name] ?? layer.arguments[name] {
      case .integer(.constant(let value))?:
        return isFloat ? .float(Float(value)) : .integer(value)
      case .float(let value)?: return .float(Float(value))
      case .boolean(let value)?: return .integer(value ? 1 : 0)
      case .string(let text)?: return .string(text)
      default: throw problem(layer, "finds no `{\(name)}` for `onnx:` of the declaration")
      }
    }
  }
}
