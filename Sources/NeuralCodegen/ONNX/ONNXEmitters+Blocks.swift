import NeuralDimension
import NeuralModel
import NeuralSchema

// Graphs and capsules: products that are summed.
extension ONNXEmitters {
  static func graphConvolution(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let features = builder.node(
      "MatMul", [builder.tensor(layer.inputs[0]), try builder.weight("kernel", of: layer)])
    var sum = builder.node("MatMul", [builder.tensor(layer.inputs[1]), features])
    if layer.isTrue("use_bias") {
      sum = builder.node("Add", [sum, try builder.weight("bias", of: layer)])
    }
    return try builder.activated(ONNXValue(name: sum, order: .declared(3)), layer)
  }

  /// Dynamic routing, each round written out.
  static func capsuleLayer(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let votes = builder.node(
      "Einsum", [builder.tensor(layer.inputs[0]), try builder.weight("kernel", of: layer)],
      ["equation": .string("bif,icfd->bicd")])
    /// The capsules that votes with these weights give.
    func agree(_ weights: String, _ builder: inout ONNXGraphBuilder) -> String {
      let sum = builder.node(
        "Einsum", [weights, votes], ["equation": .string("bic,bicd->bcd")])
      let squared = builder.node(
        "ReduceSum", [builder.node("Mul", [sum, sum]), builder.integers([2])])
      let share = builder.node(
        "Div", [squared, builder.node("Add", [squared, builder.scalar(1)])])
      let length = builder.node(
        "Sqrt", [builder.node("Add", [squared, builder.scalar(1e-7)])])
      return builder.node(
        "Mul", [sum, builder.node("Div", [share, length])])
    }
    // Without scores all weigh the same.
    let first = builder.node(
      "Mul",
      [
        builder.node("ReduceSum", [votes, builder.integers([3])], ["keepdims": .integer(0)]),
        builder.scalar(0),
      ])
    var logits = first
    for round in 0..<(layer.integer("routings") ?? 3) {
      let weights = builder.node("Softmax", [logits], ["axis": .integer(2)])
      let capsules = agree(weights, &builder)
      if round + 1 == layer.integer("routings") ?? 3 {
        return [ONNXValue(name: capsules, order: .declared(3))]
      }
      let agreement = builder.node(
        "Einsum", [votes, capsules], ["equation": .string("bicd,bcd->bic")])
      logits = builder.node("Add", [logits, agreement])
    }
    return []
  }

  static func graphAttention(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    guard let kernel = layer.weights.first(where: { $0.name == "kernel" }),
      case let sizes = kernel.shape.compactMap(\.constant), sizes.count == 3
    else { throw builder.problem(layer, "needs features of a known number") }
    let (heads, units) = (sizes[1], sizes[2])
    let flat = builder.node(
      "MatMul",
      [
        builder.tensor(layer.inputs[0]),
        try builder.weight("kernel", of: layer, [.reshape([sizes[0], heads * units])]),
      ])
    let parted = builder.node("Reshape", [flat, builder.integers([0, 0, heads, units])])
    let features = builder.node("Transpose", [parted], ["perm": .integers([0, 2, 1, 3])])
    func score(
      _ weight: String, _ builder: inout ONNXGraphBuilder
    ) throws(TargetProblem) -> String {
      let vector = try builder.weight(weight, of: layer, [.reshape([heads, units, 1])])
      return builder.node("MatMul", [features, vector])
    }
    let source = try score("attention_source", &builder)
    let target = builder.node(
      "Transpose", [try score("attention_target", &builder)],
      ["perm": .integers([0, 1, 3, 2])])
    let scores = builder.node(
      "LeakyRelu", [builder.node("Add", [source, target])],
      ["alpha": .float(Float(layer.number("negative_slope") ?? 0.2))])
    let isNone = builder.node(
      "Equal", [builder.tensor(layer.inputs[1]), builder.scalar(0)])
    let hidden = builder.node("Unsqueeze", [isNone, builder.integers([1])])
    let weights = builder.node(
      "Softmax", [builder.node("Where", [hidden, builder.scalar(-1e9), scores])],
      ["axis": .integer(-1)])
    let attended = builder.node("MatMul", [weights, features])
    var result: String
    if layer.isTrue("concat") {
      let back = builder.node("Transpose", [attended], ["perm": .integers([0, 2, 1, 3])])
      result = builder.node("Reshape", [back, builder.integers([0, 0, heads * units])])
    } else {
      result = builder.node(
        "ReduceMean", [attended], ["axes": .integers([1]), "keepdims": .integer(0)])
    }
    if layer.isTrue("use_bias") {
      result = builder.node("Add", [result, try builder.weight("bias", of: layer)])
    }
    return try builder.activated(ONNXValue(name: result, order: .declared(3)), layer)
  }

  /// The branch with the largest score, by the mean of what stands between batch and features.
  static func dynamicLayer(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    var x = builder.tensor(layer.inputs[0])
    if layer.rank > 2 {
      x = builder.node(
        "ReduceMean", [x],
        ["axes": .integers(Array(1..<layer.rank - 1)), "keepdims": .integer(0)])
    }
    let scores = builder.node(
      "Gemm", [x, try builder.weight("kernel", of: layer), try builder.weight("bias", of: layer)])
    var picked = builder.node(
      "ArgMax", [scores], ["axis": .integer(1), "keepdims": .integer(1)])
    let rank = layer.outputs[0].shape.count
    if rank > 2 {
      picked = builder.node("Unsqueeze", [picked, builder.integers(Array(2..<rank))])
    }
    var result = builder.tensor(layer.inputs[1])
    for (index, value) in layer.inputs.dropFirst(2).enumerated() {
      let number = builder.constant(.integers([index + 1]), shape: [])
      let isThis = builder.node("Equal", [picked, number])
      result = builder.node("Where", [isThis, builder.tensor(value), result])
    }
    return [ONNXValue(name: result, order: .declared(rank))]
  }

  /// All experts, whose results count as much as the router says: 0 for those that it does not pick.
  static func mixtureOfExperts(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let rank = layer.rank
    guard let kernel = layer.weights.first(where: { $0.name == "expert_in_kernel" }),
      case let sizes = kernel.shape.compactMap(\.constant), sizes.count == 3
    else { throw builder.problem(layer, "needs inputs of a known width") }
    let (experts, width, inner) = (sizes[0], sizes[1], sizes[2])
    let x = builder.tensor(layer.inputs[0])
    let scores = builder.node("MatMul", [x, try builder.weight("router_kernel", of: layer)])
    let top = builder.nodes(
      "TopK", [scores, builder.integers([layer.integer("top_k") ?? 2])], results: 2)
    let shares = builder.node("Softmax", [top[0]], ["axis": .integer(-1)])
    let depth = builder.constant(.integers([experts]), shape: [])
    let range = builder.constant(.floats([0, 1]), shape: [2])
    let chosen = builder.node("OneHot", [top[1], depth, range])
    let weighed = builder.node(
      "Mul", [builder.node("Unsqueeze", [shares, builder.integers([rank])]), chosen])
    let weights = builder.node(
      "ReduceSum", [weighed, builder.integers([rank - 1])], ["keepdims": .integer(0)])
    func layered(
      _ value: String, _ part: String, _ size: Int, _ builder: inout ONNXGraphBuilder
    ) throws(TargetProblem) -> String {
      let product = builder.node(
        "MatMul", [value, try builder.weight("\(part)_kernel", of: layer)])
      guard layer.isTrue("use_bias") else { return product }
      let bias = try builder.weight("\(part)_bias", of: layer, [.reshape([experts, 1, size])])
      return builder.node("Add", [product, bias])
    }
    let places = builder.node("Unsqueeze", [x, builder.integers([rank - 1, rank])])
    let first = try layered(places, "expert_in", inner, &builder)
    let shape = layer.inputTypes[0].shape.dropLast() + [experts, 1, inner].map(Dimension.constant)
    let active = try builder.activate(
      ONNXValue(name: first, order: .declared(rank + 2)), layer.arguments["activation"],
      TensorType(shape: Array(shape)), layer
    ).name
    let second = try layered(active, "expert_out", width, &builder)
    let values = builder.node("Squeeze", [second, builder.integers([rank])])
    let shared = builder.node(
      "Mul", [builder.node("Unsqueeze", [weights, builder.integers([rank])]), values])
    let result = builder.node(
      "ReduceSum", [shared, builder.integers([rank - 1])], ["keepdims": .integer(0)])
    return [ONNXValue(name: result, order: .declared(rank))]
  }
}
