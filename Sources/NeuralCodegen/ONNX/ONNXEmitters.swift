import NeuralDimension
import NeuralModel
import NeuralSchema

/// The emitters that declarations name with `onnx: builtin`. A layer that is a few operators has them in
/// its declaration instead, as text.
enum ONNXEmitters {
  typealias Emitter =
    @Sendable (inout ONNXGraphBuilder, ONNXLayer) throws(TargetProblem) -> [ONNXValue]

  static let all: [String: Emitter] = [
    "Dense": dense, "Output": dense, "EinsumDense": einsumDense, "Embedding": embedding,
    "CustomShape": passed, "LayerScale": layerScale, "ClassToken": classToken, "Take": take,
    "Slice": slice, "Split": split, "Activation": activation, "ReLU": relu, "GELU": gelu,
    "PReLU": prelu, "GLU": glu, "sparsemax": sparsemax,
    "Conv1D": convolution, "Conv2D": convolution, "Conv3D": convolution,
    "DepthwiseConv1D": convolution, "DepthwiseConv2D": convolution,
    "Conv1DTranspose": transposedConvolution, "Conv2DTranspose": transposedConvolution,
    "Conv3DTranspose": transposedConvolution,
    "MaxPooling1D": pool, "MaxPooling2D": pool, "MaxPooling3D": pool,
    "AveragePooling1D": pool, "AveragePooling2D": pool, "AveragePooling3D": pool,
    "GlobalMaxPooling1D": globalPool, "GlobalMaxPooling2D": globalPool,
    "GlobalMaxPooling3D": globalPool, "GlobalAveragePooling1D": globalPool,
    "GlobalAveragePooling2D": globalPool, "GlobalAveragePooling3D": globalPool,
    "AdaptiveMaxPooling1D": adaptivePool, "AdaptiveMaxPooling2D": adaptivePool,
    "AdaptiveMaxPooling3D": adaptivePool, "AdaptiveAveragePooling1D": adaptivePool,
    "AdaptiveAveragePooling2D": adaptivePool, "AdaptiveAveragePooling3D": adaptivePool,
    "BatchNormalization": batchNormalization, "LayerNormalization": layerNormalization,
    "GroupNormalization": groupNormalization, "InstanceNormalization": instanceNormalization,
    "RMSNormalization": rmsNormalization, "UnitNormalization": unitNormalization,
    "SpectralNormalization": spectralNormalization,
    "LocalResponseNormalization": localResponseNormalization, "Normalization": normalization,
    "LSTM": recurrent, "GRU": recurrent, "SimpleRNN": recurrent, "RNN": cells,
    "Bidirectional": bidirectional, "TimeDistributed": timeDistributed,
    "ConvLSTM1D": convolutionalLSTM, "ConvLSTM2D": convolutionalLSTM,
    "ConvLSTM3D": convolutionalLSTM,
    "Attention": attention, "AdditiveAttention": attention,
    "MultiHeadAttention": multiHeadAttention, "GroupedQueryAttention": multiHeadAttention,
    "GraphConv": graphConvolution, "GraphAttention": graphAttention,
    "CapsuleLayer": capsuleLayer, "DynamicLayer": dynamicLayer,
    "MixtureOfExperts": mixtureOfExperts,
    "SelfAttention": selfAttention, "PositionEmbedding": positionEmbedding,
    "SinusoidalPositionEncoding": sinusoidalPositions, "RotaryEmbedding": rotaryEmbedding,
    "Add": merged, "Subtract": merged, "Multiply": merged, "Average": merged,
    "Maximum": merged, "Minimum": merged, "Residual": residual, "Concatenate": concatenate,
    "Dot": dot,
    "Flatten": flatten, "Reshape": reshape, "Permute": permute, "RepeatVector": repeatVector,
    "Cropping1D": cropping, "Cropping2D": cropping, "Cropping3D": cropping,
    "ZeroPadding1D": zeroPadding, "ZeroPadding2D": zeroPadding, "ZeroPadding3D": zeroPadding,
    "UpSampling1D": upSampling, "UpSampling2D": upSampling, "UpSampling3D": upSampling,
    "DepthToSpace": depthToSpace, "SpaceToDepth": spaceToDepth,
    "ChannelShuffle": channelShuffle, "Masking": masking, "Resizing": resizing,
    "CenterCrop": centerCrop, "RandomCrop": centerCrop,
  ]

  // MARK: Core

  /// The input itself, in the order that it has.
  static func passed(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = builder.order(of: layer.inputs[0])
    return [ONNXValue(name: builder.tensor(layer.inputs[0], order), order: order)]
  }

  static func dense(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = AxisOrder.declared(layer.rank)
    let x = builder.tensor(layer.inputs[0])
    let hasBias = layer.isTrue("use_bias")
    var kernel: String
    if let owner = layer.tied {
      // A further use of a shared layer has its owner's weights.
      let owned = owner.sharedWith.map { builder.network.nodes[$0] } ?? owner
      guard owned.tiedTo == nil, let name = owned.weights.first?.name,
        owned.weights[0].shape.count == 2
      else { throw builder.problem(layer, "shares the kernels of Dense and Embedding only") }
      kernel = try builder.weight(at: "\(owned.path)/\(name)")
    } else {
      kernel = try builder.weight("kernel", of: layer)
    }
    var result: String
    if layer.rank == 2, hasBias {
      let bias = try builder.weight("bias", of: layer)
      result =
        layer.tied == nil
        ? builder.node("Gemm", [x, kernel, bias])
        : builder.node("Gemm", [x, kernel, bias], ["transB": .integer(1)])
    } else {
      if layer.tied != nil {
        kernel = builder.node("Transpose", [kernel], ["perm": .integers([1, 0])])
      }
      result = builder.node("MatMul", [x, kernel])
      if hasBias { result = builder.node("Add", [result, try builder.weight("bias", of: layer)]) }
    }
    return try builder.activated(ONNXValue(name: result, order: order), layer)
  }

  static func einsumDense(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let x = builder.tensor(layer.inputs[0])
    var result = builder.node(
      "Einsum", [x, try builder.weight("kernel", of: layer)],
      ["equation": .string(layer.word("equation") ?? "")])
    if layer.weights.contains(where: { $0.name == "bias" }) {
      result = builder.node("Add", [result, try builder.weight("bias", of: layer)])
    }
    return try builder.activated(
      ONNXValue(name: result, order: .declared(layer.outputs[0].shape.count)), layer)
  }

  static func embedding(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    if layer.isTrue("mask_zero") { try refuseReaders(&builder, layer) }
    let indices = builder.tensor(layer.inputs[0])
    let result = builder.node("Gather", [try builder.weight("embeddings", of: layer), indices])
    return [ONNXValue(name: result, order: .declared(layer.outputs[0].shape.count))]
  }

  static func layerScale(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = builder.order(of: layer.inputs[0])
    let axis = layer.axes()[0]
    let gamma = try builder.weight(
      "gamma", of: layer, broadcast(layer, axis: axis, in: order))
    let x = builder.tensor(layer.inputs[0], order)
    return [ONNXValue(name: builder.node("Mul", [x, gamma]), order: order)]
  }

  /// The steps that bring a vector along a declared axis to where it meets a tensor in an order.
  static func broadcast(
    _ layer: ONNXLayer, axis: Int, in order: AxisOrder
  ) -> [WeightRecipe.Step] {
    let after = order.rank - 1 - order.place(of: axis)
    guard after > 0, let size = layer.inputTypes[0].shape[axis].constant else { return [] }
    return [.reshape([size] + Array(repeating: 1, count: after))]
  }

  static func classToken(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let type = layer.inputTypes[0].shape
    let x = builder.tensor(layer.inputs[0])
    let shape = try builder.shape([type[0], .constant(1), type[2]])
    let token = builder.node("Expand", [try builder.weight("token", of: layer), shape])
    let result = builder.node("Concat", [token, x], ["axis": .integer(1)])
    return [ONNXValue(name: result, order: .declared(3))]
  }

  static func positionEmbedding(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let time = layer.inputTypes[0].shape[1]
    let x = builder.tensor(layer.inputs[0])
    var table = try builder.weight("embeddings", of: layer)
    if layer.weights.first?.shape.first != time {
      table = builder.node(
        "Slice",
        [table, builder.integers([0]), try builder.size(time), builder.integers([0])])
    }
    return [ONNXValue(name: builder.node("Add", [x, table]), order: .declared(3))]
  }

  // MARK: Cuts

  static func take(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = builder.order(of: layer.inputs[0])
    let axis = layer.axes()[0]
    let index = builder.constant(.integers([layer.integer("index") ?? 0]), shape: [])
    let x = builder.tensor(layer.inputs[0], order)
    let result = builder.node("Gather", [x, index], ["axis": .integer(order.place(of: axis))])
    return [ONNXValue(name: result, order: without([axis], order))]
  }

  /// An order without some declared axes.
  static func without(_ axes: [Int], _ order: AxisOrder) -> AxisOrder {
    AxisOrder(
      order.axes.filter { !axes.contains($0) }.map { kept in
        kept - axes.filter { $0 < kept }.count
      })
  }

  static func slice(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = builder.order(of: layer.inputs[0])
    let place = order.place(of: layer.axes()[0])
    let x = builder.tensor(layer.inputs[0], order)
    let result = builder.node(
      "Slice",
      [
        x, builder.integers([layer.integer("start") ?? 0]),
        builder.integers([layer.integer("end") ?? Int(Int32.max)]), builder.integers([place]),
        builder.integers([layer.integer("step") ?? 1]),
      ])
    return [ONNXValue(name: result, order: order)]
  }

  static func split(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let order = builder.order(of: layer.inputs[0])
    let axis = layer.axes()[0]
    let sizes = layer.outputs.compactMap { $0.shape[axis].constant }
    guard sizes.count == layer.outputs.count else {
      throw builder.problem(layer, "splits an axis of a known size only; use Slice")
    }
    let x = builder.tensor(layer.inputs[0], order)
    return builder.nodes(
      "Split", [x, builder.integers(sizes)], ["axis": .integer(order.place(of: axis))],
      results: sizes.count
    ).map { ONNXValue(name: $0, order: order) }
  }

  // MARK: Activations

  static func activation(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let x = try passed(&builder, layer)[0]
    return try builder.activated(x, layer)
  }

  /// Max(x, 0); below `threshold` it is `negative_slope` · (x − threshold), above `max_value` that.
  static func relu(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let x = try passed(&builder, layer)[0]
    let slope = layer.number("negative_slope") ?? 0
    let threshold = layer.number("threshold") ?? 0
    let limit = layer.number("max_value")
    var name = x.name
    if threshold == 0 {
      if slope != 0 {
        name = builder.node("LeakyRelu", [name], ["alpha": .float(Float(slope))])
      } else if let limit {
        let bounds = [builder.scalar(0), builder.scalar(limit)]
        return [ONNXValue(name: builder.node("Clip", [name] + bounds), order: x.order)]
      } else {
        name = builder.node("Relu", [name])
      }
    } else {
      let bound = builder.scalar(threshold)
      let isBelow = builder.node("Less", [x.name, bound])
      let below = builder.node(
        "Mul", [builder.node("Sub", [x.name, bound]), builder.scalar(slope)])
      name = builder.node("Where", [isBelow, below, x.name])
    }
    if let limit { name = builder.node("Min", [name, builder.scalar(limit)]) }
    return [ONNXValue(name: name, order: x.order)]
  }

  static func gelu(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let name = layer.isTrue("approximate") ? "gelu_tanh" : "gelu"
    guard
      case .template(let text)? = Catalogue.builtin.declared("activation", name)?.targets["onnx"]
    else { throw builder.problem(layer, "has no text for \(name)") }
    var inner = layer
    inner.arguments = BoundArguments()
    return try builder.text(text, inner)
  }

  static func prelu(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let x = try passed(&builder, layer)[0]
    // The slopes' axes are the input's but for the batch.
    let moved = x.order.axes.dropFirst().map { $0 - 1 }
    let isMoved = moved != Array(0..<moved.count)
    guard x.order.axes.first == 0 else {
      let declared = builder.tensor(layer.inputs[0])
      let slopes = try builder.weight("alpha", of: layer)
      return [
        ONNXValue(
          name: builder.node("PRelu", [declared, slopes]), order: .declared(layer.rank))
      ]
    }
    let slopes = try builder.weight("alpha", of: layer, isMoved ? [.transpose(moved)] : [])
    return [ONNXValue(name: builder.node("PRelu", [x.name, slopes]), order: x.order)]
  }

  static func glu(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let x = try passed(&builder, layer)[0]
    let axis = layer.axes()[0]
    let size = layer.inputTypes[0].shape[axis].constant ?? 0
    guard size > 0 else { throw builder.problem(layer, "needs an axis of a known size") }
    let halves = builder.nodes(
      "Split", [x.name, builder.integers([size / 2, size / 2])],
      ["axis": .integer(x.order.place(of: axis))], results: 2)
    let gate = builder.node("Sigmoid", [halves[1]])
    return [ONNXValue(name: builder.node("Mul", [halves[0], gate]), order: x.order)]
  }

  /// Martins 2016, algorithm 1: the values sorted, and the largest support whose sum stays above 1.
  static func sparsemax(
    _ builder: inout ONNXGraphBuilder, _ layer: ONNXLayer
  ) throws(TargetProblem) -> [ONNXValue] {
    let rank = layer.rank
    guard let size = layer.inputTypes[0].shape.last?.constant else {
      throw builder.problem(layer, "needs a last axis of a known size")
    }
    let x = builder.tensor(layer.inputs[0])
    let last = builder.constant(.integers([rank - 1]), shape: [])
    let sorted = builder.nodes("TopK", [x, builder.integers([size])], results: 2)[0]
    let sums = builder.node("CumSum", [sorted, last])
    let counts = builder.constant(.floats((1...size).map(Float.init)), shape: [size])
    let reached = builder.node(
      "Add", [builder.node("Mul", [sorted, counts]), builder.scalar(1)])
    let isKept = builder.node("Greater", [reached, sums])
    let kept = builder.node("Cast", [isKept], ["to": .integer(ONNXType.float.rawValue)])
    let axes = builder.integers([rank - 1])
    let count = builder.node("ReduceSum", [kept, axes])
    let sum = builder.node("ReduceSum", [builder.node("Mul", [sorted, kept]), axes])
    let excess = builder.node("Sub", [sum, builder.scalar(1)])
    let threshold = builder.node("Div", [excess, count])
    let result = builder.node("Relu", [builder.node("Sub", [x, threshold])])
    return [ONNXValue(name: result, order: .declared(rank))]
  }
}
