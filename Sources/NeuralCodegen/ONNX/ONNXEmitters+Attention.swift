import NeuralDimension
import NeuralModel
import NeuralSchema

// Attention: products, a softmax and products.
extension ONNXEmitters {
  /// Query, value and key: what is not given is the one before.
  private static func threeInputs(_ layer: ONNXLayer) -> [Int] {
    let query = layer.inputs[0]
    let value = layer.inputs.count > 1 ? layer.inputs[1] : query
    return [query, value, layer.inputs.count > 2 ? layer.inputs[2] : value]
  }

  /// 0, 1, 2 and so on, up to a size that is known when the model runs.
  static func steps(
    _ size: Dimension, _ builder: inout ONNXGraphBuilder
  ) throws(TargetProblem) -> String {
    let zero = builder.constant(.integers([0]), shape: [])
    let one = builder.constant(.integers([1]), shape: [])
    let count = builder.node("Squeeze", [try builder.size(size), builder.integers([0])])
    return builder.node("Range", [zero, count, one])
  }

  /// Scores with those of later steps so low that nothing is left of them.
  private static func causal(
    _ scores: String, _ layer: ONNXLayer, _ builder: inout ONNXGraphBuilder
  ) throws(TargetProblem) -> String {
    guard layer.isTrue("causal") else { return scores }
    let inputs = threeInputs(layer)
    let (queries, keys) = (builder.shape(of: inputs[0])[1], builder.shape(of: inputs[2])[1])
    let hidden: String
    if let rows = queries.constant, let columns = keys.constant {
      hidden = builder.constant(
        .booleans((0..<rows * columns).map { $0 % columns > $0 / columns }),
        shape: [rows, columns])
    } else {
      let rows = builder.node(
        "Unsqueeze", [try steps(queries, &builder), builder.integers([1])])
      hidden = builder.node("Greater", [try steps(keys, &builder), rows])
    }
    return builder.node("Where", [hidden, builder.scalar(-1e9), scores])
  }

  static func attention(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let inputs = threeInputs(layer)
    let query = builder.tensor(inputs[0])
    let value = builder.tensor(inputs[1])
    let isAdditive = layer.schema.parameter(named: "score_mode") == nil
    let usesSums = isAdditive || layer.word("score_mode") == "concat"
    var scores: String
    if usesSums {
      // tanh of each query plus each key, summed over the width.
      let queries = builder.node("Unsqueeze", [query, builder.integers([2])])
      let keys = builder.node(
        "Unsqueeze", [builder.tensor(inputs[2]), builder.integers([1])])
      var sums = builder.node("Add", [queries, keys])
      let scale = layer.isTrue("use_scale") ? try builder.weight("scale", of: layer) : nil
      if let scale, !isAdditive { sums = builder.node("Mul", [sums, scale]) }
      var terms = builder.node("Tanh", [sums])
      if let scale, isAdditive { terms = builder.node("Mul", [terms, scale]) }
      scores = builder.node(
        "ReduceSum", [terms, builder.integers([3])], ["keepdims": .integer(0)])
      if !isAdditive {
        scores = builder.node(
          "Mul", [scores, try builder.weight("concat_score_weight", of: layer)])
      }
    } else {
      let keys = builder.tensor(inputs[2], AxisOrder([0, 2, 1]))
      scores = builder.node("MatMul", [query, keys])
      if layer.isTrue("use_scale") {
        scores = builder.node("Mul", [scores, try builder.weight("scale", of: layer)])
      }
    }
    let weights = builder.node(
      "Softmax", [try causal(scores, layer, &builder)], ["axis": .integer(-1)])
    return [
      ONNXValue(name: builder.node("MatMul", [weights, value]), order: .declared(3))
    ]
  }

  /// One head over three projections of its one input.
  static func selfAttention(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let x = builder.tensor(layer.inputs[0])
    func projected(
      _ part: String, _ builder: inout ONNXGraphBuilder
    ) throws(TargetProblem) -> String {
      let product = builder.node("MatMul", [x, try builder.weight("\(part)_kernel", of: layer)])
      guard layer.isTrue("use_bias") else { return product }
      return builder.node("Add", [product, try builder.weight("\(part)_bias", of: layer)])
    }
    guard let size = layer.outputs[0].shape.last?.constant else {
      throw builder.problem(layer, "needs inputs of a known width")
    }
    let query = builder.node(
      "Mul",
      [try projected("query", &builder), builder.scalar(1 / Double(size).squareRoot())])
    let keys = builder.node(
      "Transpose", [try projected("key", &builder)], ["perm": .integers([0, 2, 1])])
    let value = try projected("value", &builder)
    let scores = builder.node("MatMul", [query, keys])
    let weights = builder.node(
      "Softmax", [try causal(scores, layer, &builder)], ["axis": .integer(-1)])
    return [
      ONNXValue(name: builder.node("MatMul", [weights, value]), order: .declared(3))
    ]
  }

  /// With fewer heads of keys and values than of queries, each serves as many neighbouring ones.
  static func multiHeadAttention(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let inputs = threeInputs(layer)
    let shapes = layer.weights.reduce(into: [String: [Int]]()) { shapes, weight in
      shapes[weight.name] = weight.shape.compactMap(\.constant)
    }
    guard let queryShape = shapes["query/kernel"], let keyShape = shapes["key/kernel"],
      let valueShape = shapes["value/kernel"], let outputShape = shapes["attention_output/kernel"],
      queryShape.count == 3, keyShape.count == 3, valueShape.count == 3, outputShape.count == 3
    else { throw builder.problem(layer, "needs inputs of a known width") }
    let (heads, size) = (queryShape[1], queryShape[2])
    let served = keyShape[1]
    let repeats = heads / served
    let isGrouped = repeats > 1

    func projected(
      _ part: String, _ value: Int, _ shape: [Int], _ builder: inout ONNXGraphBuilder
    ) throws(TargetProblem) -> String {
      let width = shape[1] * shape[2]
      var result = builder.node(
        "MatMul",
        [
          builder.tensor(value),
          try builder.weight("\(part)/kernel", of: layer, [.reshape([shape[0], width])]),
        ])
      if shapes["\(part)/bias"] != nil {
        let bias = try builder.weight("\(part)/bias", of: layer, [.reshape([width])])
        result = builder.node("Add", [result, bias])
      }
      return result
    }
    /// Heads before the steps.
    func split(
      _ tensor: String, _ heads: [Int], _ size: Int, _ order: [Int],
      _ builder: inout ONNXGraphBuilder
    ) -> String {
      let parted = builder.node("Reshape", [tensor, builder.integers([0, 0] + heads + [size])])
      return builder.node("Transpose", [parted], ["perm": .integers(order)])
    }
    let query = try projected("query", inputs[0], queryShape, &builder)
    let key = try projected("key", inputs[2], keyShape, &builder)
    let value = try projected("value", inputs[1], valueShape, &builder)
    let scaled = builder.node(
      "Mul", [query, builder.scalar(1 / Double(size).squareRoot())])
    let queryHeads = isGrouped ? [served, repeats] : [heads]
    let keyHeads = isGrouped ? [served, 1] : [heads]
    let ahead = isGrouped ? [0, 2, 3, 1, 4] : [0, 2, 1, 3]
    let turned = isGrouped ? [0, 2, 3, 4, 1] : [0, 2, 3, 1]
    let queries = split(scaled, queryHeads, size, ahead, &builder)
    let keys = split(key, keyHeads, size, turned, &builder)
    let values = split(value, keyHeads, valueShape[2], ahead, &builder)
    let scores = builder.node("MatMul", [queries, keys])
    let weights = builder.node(
      "Softmax", [try causal(scores, layer, &builder)], ["axis": .integer(-1)])
    let attended = builder.node("MatMul", [weights, values])
    let back = builder.node(
      "Transpose", [attended], ["perm": .integers(isGrouped ? [0, 3, 1, 2, 4] : [0, 2, 1, 3])])
    let width = outputShape[0] * outputShape[1]
    var joined = builder.node("Reshape", [back, builder.integers([0, 0, width])])
    if let gateShape = shapes["gate/kernel"] {
      let gate = builder.node(
        "Sigmoid", [try projected("gate", inputs[0], gateShape, &builder)])
      joined = builder.node("Mul", [joined, gate])
    }
    var result = builder.node(
      "MatMul",
      [
        joined,
        try builder.weight(
          "attention_output/kernel", of: layer, [.reshape([width, outputShape[2]])]),
      ])
    if shapes["attention_output/bias"] != nil {
      result = builder.node(
        "Add", [result, try builder.weight("attention_output/bias", of: layer)])
    }
    return [ONNXValue(name: result, order: .declared(3))]
  }
}
