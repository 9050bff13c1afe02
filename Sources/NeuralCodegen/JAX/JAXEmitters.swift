import NeuralDimension
import NeuralModel
import NeuralSchema

/// The emitters that declarations name with `jax: builtin`.
enum JAXEmitters {
  static let all = arrays.all.merging(own) { _, own in own }

  private static let arrays = ArrayEmitters(
    maximum: "jnp.maximum", minimum: "jnp.minimum", concatenation: "jnp.concatenate", axis: "axis",
    keepsAxes: "keepdims", highest: "max", permutation: "transpose")

  private static let products = ProductEmitters(einsum: "jnp.einsum") { use, value, axis in
    requireNormalize(use)
    return "normalize(\(value), axis=\(axis))"
  }

  private static let steps = StepEmitters(
    support: """
      def over_time(layer: Callable[[jax.Array], jax.Array], x: jax.Array) -> jax.Array:
          \"""Apply a layer to each step of a sequence.\"""
          steps = layer(x.reshape(-1, *x.shape[2:]))
          return steps.reshape(*x.shape[:2], *steps.shape[1:])
      """)

  private static let own: [String: PythonTarget.Emitter] = [
    "Dense": dense, "Output": dense, "EinsumDense": einsumDense, "Embedding": embedding,
    "Conv1D": convolution, "Conv2D": convolution, "Conv3D": convolution,
    "DepthwiseConv1D": depthwise, "DepthwiseConv2D": depthwise,
    "Conv1DTranspose": transposed, "Conv2DTranspose": transposed, "Conv3DTranspose": transposed,
    "MaxPooling1D": maxPool, "MaxPooling2D": maxPool, "MaxPooling3D": maxPool,
    "AveragePooling1D": averagePool, "AveragePooling2D": averagePool,
    "AveragePooling3D": averagePool,
    "BatchNormalization": batchNormalization, "LayerNormalization": layerNormalization,
    "GroupNormalization": groupNormalization, "RMSNormalization": rmsNormalization,
    "UnitNormalization": unitNormalization, "Dropout": dropout, "SpatialDropout1D": dropout,
    "SpatialDropout2D": dropout, "SpatialDropout3D": dropout, "StochasticDepth": stochasticDepth,
    "LSTM": recurrent, "GRU": recurrent, "SimpleRNN": recurrent, "Bidirectional": bidirectional,
    "MultiHeadAttention": multiHeadAttention,
    "Flatten": flatten, "Take": IndexEmitters.take, "Slice": IndexEmitters.slice, "Split": split,
    "ZeroPadding1D": zeroPadding, "ZeroPadding2D": zeroPadding, "ZeroPadding3D": zeroPadding,
    "Cropping1D": cropping, "Cropping2D": cropping, "Cropping3D": cropping,
    "UpSampling1D": upSampling, "UpSampling2D": upSampling, "UpSampling3D": upSampling,
    "ChannelShuffle": channelShuffle, "ClassToken": classToken, "LayerScale": layerScale,
    "PositionEmbedding": positionEmbedding, "PReLU": prelu,
    "Activation": activationLayer, "ReLU": reluLayer, "GELU": geluLayer,
    "Attention": attention, "AdditiveAttention": additiveAttention,
    "SelfAttention": selfAttention, "GroupedQueryAttention": groupedQueryAttention,
    "SinusoidalPositionEncoding": sinusoidalPositions, "RotaryEmbedding": rotaryEmbedding,
    "Dot": products.dot, "DepthToSpace": depthToSpace, "SpaceToDepth": spaceToDepth,
    "InstanceNormalization": instanceNormalization, "LocalResponseNormalization": localResponse,
    "Normalization": normalization, "AlphaDropout": alphaDropout,
    "GaussianDropout": gaussianDropout, "GaussianNoise": gaussianNoise,
    "AdaptiveAveragePooling1D": adaptivePool, "AdaptiveAveragePooling2D": adaptivePool,
    "AdaptiveAveragePooling3D": adaptivePool, "AdaptiveMaxPooling1D": adaptivePool,
    "AdaptiveMaxPooling2D": adaptivePool, "AdaptiveMaxPooling3D": adaptivePool,
    "TimeDistributed": steps.timeDistributed, "RNN": cells, "LSTMCell": cell, "GRUCell": cell,
    "SimpleRNNCell": cell, "Masking": masking,
    "GraphConv": graphConvolution, "GraphAttention": graphAttention,
    "DynamicLayer": dynamicLayer, "MixtureOfExperts": mixtureOfExperts,
    "PrimaryCapsules": primaryCapsules, "CapsuleLayer": capsuleLayer,
    "AxialAttention": axialAttention, "SpatialTransformer": spatialTransformer,
    "ConvGRU2D": convolutionalGRU,
  ]

  static var rngs: Python { .keyword("rngs", .text("rngs")) }

  // MARK: Core

  static func dense(_ use: LayerUse) throws(EmissionError) -> Emission {
    let features = try use.size(0, -1, hint: "in_features")
    let units = try use.expression("units")
    var emission: Emission
    if let tied = try tiedDense(use, units) {
      emission = tied
    } else {
      var arguments: [Python] = [.text(features.text), .text(units.text)]
      if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
      arguments += try initializers(use, kernel: "kernel", name: "kernel_init")
      emission = Emission(
        .call("nnx.Linear", arguments + [rngs]), layouts: [.declared], output: .declared)
    }
    emission.sizes[use.rank() - 1] = units
    return try activated(emission, use, .declared)
  }

  /// A Dense with the transposed kernel of another layer; `nil` for one with its own.
  private static func tiedDense(
    _ use: LayerUse, _ units: PythonValue
  ) throws(EmissionError) -> Emission? {
    guard let (attribute, weight) = try use.tiedKernel() else { return nil }
    let kernel = "self.\(attribute).\(weight == "kernel" ? "kernel" : "embedding")"
    guard try use.isTrue("use_bias") else {
      return Emission(layouts: [.declared], output: .declared) { "\($0[0]) @ \(kernel).T" }
    }
    use.writer.module.require("TransposedLinear", transposedLinearClass)
    var emission = Emission(
      .call("TransposedLinear", [.text(units.text)]), layouts: [.declared], output: .declared)
    emission.expression = { module, inputs in "\(module)(\(inputs[0]), \(kernel))" }
    emission.isPlain = false
    return emission
  }

  private static let transposedLinearClass = """
    class TransposedLinear(nnx.Module):
        \"""A linear map by the transposed kernel of another one, with a bias of its own.\"""

        def __init__(self, out_features: int) -> None:
            self.bias = nnx.Param(jnp.zeros(out_features))

        def __call__(self, x: jax.Array, kernel: nnx.Param) -> jax.Array:
            return x @ kernel.T + self.bias
    """

  static func embedding(_ use: LayerUse) throws(EmissionError) -> Emission {
    if try use.isTrue("mask_zero") {
      throw use.unsupported("passes no masks on; leave mask_zero out")
    }
    let values = try use.expression("output_dim")
    var arguments: [Python] = [.text(try use.expression("input_dim").text), .text(values.text)]
    arguments += try initializers(
      use, kernel: "embeddings", name: "embedding_init", usual: "embeddings")
    var emission = Emission(
      .call("nnx.Embed", arguments + [rngs]), layouts: [.declared], output: .declared)
    emission.sizes[use.rank()] = values
    return emission
  }

  static func einsumDense(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard case .string(let equation) = try use.uniform("equation") else {
      throw use.unsupported("needs a constant equation")
    }
    use.writer.module.require("EinsumDense", einsumDenseClass)
    var arguments: [Python] = [.text(Python.string(String(equation.filter { $0 != " " })))]
    for weight in try use.uniformWeights() {
      guard let shape = Python.literal(.tuple(weight.shape.map(Value.integer))) else {
        throw use.unsupported("needs weights of a known size")
      }
      arguments.append(.text(shape))
    }
    arguments += try initializers(use, kernel: "kernel", name: "kernel_init", usual: "kernel")
    let emission = Emission(
      .call("EinsumDense", arguments + [rngs]), layouts: [.declared], output: .declared)
    return try activated(emission, use, .declared)
  }

  private static let einsumDenseClass = """
    class EinsumDense(nnx.Module):
        \"""A linear map whose axes an Einstein summation names.\"""

        def __init__(
            self,
            equation: str,
            kernel_shape: tuple[int, ...],
            bias_shape: tuple[int, ...] | None = None,
            *,
            kernel_init: nnx.Initializer = glorot_uniform,
            bias_init: nnx.Initializer = nnx.initializers.zeros,
            rngs: nnx.Rngs,
        ) -> None:
            self.equation = equation
            self.kernel = nnx.Param(kernel_init(rngs.params(), kernel_shape))
            self.bias = (
                None
                if bias_shape is None
                else nnx.Param(bias_init(rngs.params(), bias_shape))
            )

        def __call__(self, x: jax.Array) -> jax.Array:
            x = jnp.einsum(self.equation, x, self.kernel[...])
            return x if self.bias is None else x + self.bias
    """

  // MARK: Initial weights

  /// How the kernel and the bias begin: as the source says, else as Keras has it, which differs from
  /// Flax for kernels.
  static func initializers(
    _ use: LayerUse, kernel: String, name: String, usual: String? = nil
  ) throws(EmissionError) -> [Python] {
    var options: [String: Value] = [:]
    for option in use.weightOptions { options[option.name] = option.value }
    var arguments: [Python] = []
    if let value = options.removeValue(forKey: "\(kernel)_initializer"), value != .none {
      arguments.append(.keyword(name, .text(try initializer(value, use))))
    } else if usual == nil {
      arguments.append(.keyword(name, .text("glorot_uniform")))
    } else if usual == "embeddings" {
      arguments.append(
        .keyword(name, .text("nnx.initializers.uniform(0.05)")))
    }
    if let value = options.removeValue(forKey: "bias_initializer"), value != .none {
      arguments.append(.keyword("bias_init", .text(try initializer(value, use))))
    }
    try refuse(options, use)
    return arguments
  }

  /// Options that say more than a target can: they are not left out silently.
  static func refuse(_ options: [String: Value], _ use: LayerUse) throws(EmissionError) {
    if let name = options.filter({ $0.value != .none }).keys.min() {
      throw use.unsupported("does not write `\(name)` yet; leave it out")
    }
  }

  /// Layers that take none of the options.
  static func refuseOptions(_ use: LayerUse) throws(EmissionError) {
    var options: [String: Value] = [:]
    for option in use.weightOptions { options[option.name] = option.value }
    try refuse(options, use)
  }

  private static func initializer(
    _ value: Value, _ use: LayerUse
  ) throws(EmissionError) -> String {
    guard case .layer(let layer) = value else {
      throw use.unsupported("cannot write \(value.description) as an initializer")
    }
    func number(_ name: String) -> String {
      layer.arguments[name].flatMap(Python.literal) ?? "None"
    }
    if layer.arguments["seed"].map({ $0 != .none }) == true {
      throw use.unsupported("draws from `rngs`; leave the initializer's `seed` out")
    }
    let module = "nnx.initializers."
    switch layer.schema.name {
    case "zeros": return module + "zeros_init()"
    case "ones": return module + "ones_init()"
    case "constant": return module + "constant(\(number("value")))"
    case "glorot_uniform": return "glorot_uniform"
    case "glorot_normal", "he_normal", "he_uniform", "lecun_normal", "lecun_uniform":
      return module + "\(layer.schema.name)()"
    case "orthogonal": return module + "orthogonal(\(number("gain")))"
    case "random_normal" where number("mean") == "0.0":
      return module + "normal(\(number("stddev")))"
    case "truncated_normal" where number("mean") == "0.0":
      return module + "truncated_normal(\(number("stddev")))"
    case "variance_scaling":
      return module
        + "variance_scaling(\(number("scale")), \(number("mode")), \(number("distribution")))"
    default:
      throw use.unsupported(
        "has no initializer \(layer.schema.name) of these numbers; write glorot_uniform, he_normal or another"
      )
    }
  }

  /// The layer's own activation, after it.
  static func activated(
    _ emission: Emission, _ use: LayerUse, _ layout: Layout
  ) throws(EmissionError) -> Emission {
    guard let activation = try use.activation(layout: layout) else { return emission }
    return emission.wrapped(activation)
  }

  // MARK: Activations

  static func activationLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    let function = try use.activation(layout: layout)
    return Emission(layouts: [layout], output: layout) { inputs in
      function?(inputs[0]) ?? inputs[0]
    }
  }

  static func reluLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    var arguments = BoundArguments()
    for name in ["max_value", "negative_slope", "threshold"] {
      arguments.entries.append(
        BoundArgument(name: name, value: try use.uniform(name), isGiven: true, range: nil))
    }
    let function = try relu(arguments)
    return Emission(layouts: [layout], output: layout) { inputs in function(inputs[0]) }
  }

  /// Keras's ReLU: `max_value` from there on, x above `threshold`, else slope · (x − threshold).
  static func relu(_ arguments: BoundArguments) throws(EmissionError) -> (String) -> String {
    let most = arguments["max_value"]?.number
    let slope = arguments["negative_slope"]?.number ?? 0
    let threshold = arguments["threshold"]?.number ?? 0
    let top = most.map(Python.float)
    if threshold == 0 {
      switch (most, slope) {
      case (nil, 0): return { "jax.nn.relu(\($0))" }
      case (6, 0): return { "jax.nn.relu6(\($0))" }
      case (nil, _): return { "jax.nn.leaky_relu(\($0), \(Python.float(slope)))" }
      case (_, 0): return { "jnp.clip(\($0), 0.0, \(top ?? "None"))" }
      default:
        return {
          "jnp.minimum(jax.nn.leaky_relu(\($0), \(Python.float(slope))), \(top ?? "None"))"
        }
      }
    }
    let t = Python.float(threshold)
    return { x in
      let upper = top.map { "jnp.minimum(\(x), \($0))" } ?? x
      let lower = slope == 0 ? "0.0" : "\(Python.float(slope)) * (\(x) - \(t))"
      return "jnp.where(\(x) >= \(t), \(upper), \(lower))"
    }
  }

  static func geluLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    let isApproximate = try use.isTrue("approximate")
    return Emission(layouts: [layout], output: layout) { inputs in
      isApproximate
        ? "jax.nn.gelu(\(inputs[0]))" : "jax.nn.gelu(\(inputs[0]), approximate=False)"
    }
  }

  static func prelu(_ use: LayerUse) throws(EmissionError) -> Emission {
    try refuseOptions(use)
    guard let weight = try use.uniformWeights().first,
      let shape = Python.literal(.tuple(weight.shape.map(Value.integer)))
    else { throw use.unsupported("needs slopes of a known size") }
    use.writer.module.require("PReLU", preluClass)
    return Emission(
      .call("PReLU", [.text(shape)]), layouts: [.declared], output: .declared)
  }

  private static let preluClass = """
    class PReLU(nnx.Module):
        \"""A rectifier with a learned slope below 0 for each place.\"""

        def __init__(self, shape: tuple[int, ...]) -> None:
            self.alpha = nnx.Param(jnp.zeros(shape))

        def __call__(self, x: jax.Array) -> jax.Array:
            return jax.nn.relu(x) - self.alpha * jax.nn.relu(-x)
    """
}
