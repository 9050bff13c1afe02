import NeuralDimension
import NeuralModel
import NeuralSchema

/// The emitters that declarations name with `pytorch: builtin`. A test fails for an emitter without
/// a declaration and for a declaration without its emitter.
enum PyTorchEmitters {
  static let all = arrays.all.merging(own) { _, own in own }

  private static let arrays = ArrayEmitters(
    maximum: "torch.maximum", minimum: "torch.minimum", concatenation: "torch.cat", axis: "dim",
    keepsAxes: "keepdim", highest: "amax", permutation: "permute")

  private static let products = ProductEmitters(einsum: "torch.einsum") { _, value, axis in
    "F.normalize(\(value), dim=\(axis), eps=1e-6)"
  }

  private static let steps = StepEmitters(
    support: """
      def over_time(layer: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
          \"""Apply a layer to each step of a sequence.\"""
          return layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])
      """)

  private static let own: [String: PythonTarget.Emitter] = [
    "Dense": dense, "Output": dense, "EinsumDense": einsumDense,
    "Conv1D": convolution, "Conv2D": convolution, "Conv3D": convolution,
    "DepthwiseConv1D": convolution, "DepthwiseConv2D": convolution,
    "Conv1DTranspose": transposedConvolution, "Conv2DTranspose": transposedConvolution,
    "Conv3DTranspose": transposedConvolution,
    "MaxPooling1D": maxPool, "MaxPooling2D": maxPool, "MaxPooling3D": maxPool,
    "AveragePooling1D": averagePool, "AveragePooling2D": averagePool,
    "AveragePooling3D": averagePool,
    "BatchNormalization": batchNormalization, "LayerNormalization": layerNormalization,
    "LSTM": recurrent, "GRU": recurrent, "SimpleRNN": recurrent, "Bidirectional": bidirectional,
    "MultiHeadAttention": multiHeadAttention, "TransformerEncoder": transformerEncoder,
    "ZeroPadding2D": zeroPadding,
    "UpSampling2D": upSampling, "Cropping2D": cropping, "ChannelShuffle": channelShuffle,
    "Split": split, "Take": take, "ClassToken": classToken, "PositionEmbedding": positionEmbedding,
    "Normalization": normalization, "StochasticDepth": stochasticDepth,
    "LayerScale": layerScale, "Slice": IndexEmitters.slice, "PReLU": pReLU, "Dot": products.dot,
    "SinusoidalPositionEncoding": sinusoidalPositions, "RotaryEmbedding": rotaryEmbedding,
    "GaussianDropout": gaussianDropout, "GaussianNoise": gaussianNoise,
    "SpatialDropout1D": spatialDropout, "Attention": attention,
    "AdditiveAttention": additiveAttention, "SelfAttention": selfAttention,
    "GroupedQueryAttention": groupedQueryAttention,
    "UnitNormalization": unitNormalization, "RMSNormalization": rmsNormalization,
    "GroupNormalization": groupNormalization, "InstanceNormalization": instanceNormalization,
    "LocalResponseNormalization": localResponse,
    "Cropping1D": cropping, "Cropping3D": cropping, "ZeroPadding1D": zeroPadding,
    "ZeroPadding3D": zeroPadding, "UpSampling3D": upSampling,
    "DepthToSpace": pixelShuffle, "SpaceToDepth": pixelShuffle,
    "AdaptiveAveragePooling1D": adaptivePool, "AdaptiveAveragePooling2D": adaptivePool,
    "AdaptiveAveragePooling3D": adaptivePool, "AdaptiveMaxPooling1D": adaptivePool,
    "AdaptiveMaxPooling2D": adaptivePool, "AdaptiveMaxPooling3D": adaptivePool,
    "Activation": activationLayer, "ReLU": reluLayer, "GELU": geluLayer,
    "TimeDistributed": steps.timeDistributed, "RNN": cells, "LSTMCell": cellLayer,
    "GRUCell": cellLayer, "SimpleRNNCell": cellLayer, "Masking": masking,
    "Resizing": resizing, "CenterCrop": centerCrop, "RandomCrop": randomCrop,
    "RandomFlip": randomFlip, "RandomContrast": randomContrast,
    "RandomBrightness": randomBrightness,
    "GraphConv": graphConvolution, "GraphAttention": graphAttention,
    "DynamicLayer": dynamicLayer, "MixtureOfExperts": mixtureOfExperts,
    "PrimaryCapsules": primaryCapsules, "CapsuleLayer": capsuleLayer,
    "AxialAttention": axialAttention, "SpatialTransformer": spatialTransformer,
    "ConvGRU2D": convolutionalGRU,
  ]

  // MARK: Core

  static func dense(_ use: LayerUse) throws(EmissionError) -> Emission {
    let features = try use.size(0, -1, hint: "in_features")
    let units = try use.expression("units")
    if let emission = try tiedDense(use, features, units) { return emission }
    var arguments: [Python] = [.text(features.text), .text(units.text)]
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    var emission = Emission(
      .call("nn.Linear", arguments), layouts: [.declared], output: .declared)
    emission.sizes[use.rank() - 1] = units
    guard let activation = try use.activation(layout: .declared) else { return emission }
    return emission.wrapped(activation)
  }

  /// A Dense with the transposed kernel of another layer; `nil` for one with its own. PyTorch keeps
  /// a Linear's kernel transposed, and an Embedding's not: the two are one parameter as they are.
  private static func tiedDense(
    _ use: LayerUse, _ features: PythonValue, _ units: PythonValue
  ) throws(EmissionError) -> Emission? {
    guard let (attribute, other) = try use.tiedOwner() else { return nil }
    let hasBias = try use.isTrue("use_bias")
    var emission: Emission
    switch other.schema.targets["pytorch"] {
    case .template(let text) where text.hasPrefix("nn.Embedding("):
      var arguments: [Python] = [.text(features.text), .text(units.text)]
      if !hasBias { arguments.append(.keyword("bias", .text("False"))) }
      emission = Emission(.call("nn.Linear", arguments), layouts: [.declared], output: .declared)
      emission.preparation = { ["\($0).weight = self.\(attribute).weight"] }
    case .builtin where other.schema.traits.contains("last_axis") && other.tiedTo == nil:
      use.writer.module.require("TransposedLinear", transposedLinearClass)
      var arguments: [Python] = [.text("self.\(attribute)")]
      if !hasBias { arguments.append(.keyword("bias", .text("False"))) }
      emission = Emission(
        .call("TransposedLinear", arguments), layouts: [.declared], output: .declared)
    default:
      throw use.unsupported("shares the kernels of Dense and Embedding only")
    }
    emission.sizes[use.rank() - 1] = units
    guard let activation = try use.activation(layout: .declared) else { return emission }
    return emission.wrapped(activation)
  }

  private static let transposedLinearClass = """
    class TransposedLinear(nn.Module):
        \"""A linear map by the transposed weight of another one, which it shares.\"""

        def __init__(self, other: nn.Linear, bias: bool = True) -> None:
            super().__init__()
            self.weight = other.weight
            self.bias = nn.Parameter(torch.zeros(other.in_features)) if bias else None

        def forward(self, x: Tensor) -> Tensor:
            return F.linear(x, self.weight.t(), self.bias)
    """

  /// PyTorch has `torch.einsum` and no module for it.
  static func einsumDense(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard case .string(let equation) = try use.uniform("equation") else {
      throw use.unsupported("needs a constant equation")
    }
    use.writer.module.require("EinsumDense", einsumDenseClass)
    let weights = try use.uniformWeights()
    var arguments: [Python] = [.text(Python.string(String(equation.filter { $0 != " " })))]
    for weight in weights {
      let sizes = weight.shape.map(Value.integer)
      guard let shape = Python.literal(.tuple(sizes)) else {
        throw use.unsupported("needs weights of a known size")
      }
      arguments.append(.text(shape))
    }
    let emission = Emission(
      .call("EinsumDense", arguments), layouts: [.declared], output: .declared)
    guard let activation = try use.activation(layout: .declared) else { return emission }
    return emission.wrapped(activation)
  }

  private static let einsumDenseClass = """
    class EinsumDense(nn.Module):
        \"""A linear map whose axes an Einstein summation names.\"""

        def __init__(
            self,
            equation: str,
            kernel_shape: tuple[int, ...],
            bias_shape: tuple[int, ...] | None = None,
        ) -> None:
            super().__init__()
            self.equation = equation
            self.kernel = nn.Parameter(torch.empty(kernel_shape))
            self.bias = (
                None if bias_shape is None else nn.Parameter(torch.zeros(bias_shape))
            )
            nn.init.normal_(self.kernel, std=0.02)

        def forward(self, x: Tensor) -> Tensor:
            x = torch.einsum(self.equation, x, self.kernel)
            return x if self.bias is None else x + self.bias
    """

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
      case (nil, 0): return { "F.relu(\($0))" }
      case (6, 0): return { "F.relu6(\($0))" }
      case (nil, _): return { "F.leaky_relu(\($0), \(Python.float(slope)))" }
      case (_, 0): return { "\($0).clamp(0.0, \(top ?? "None"))" }
      default: return { "F.leaky_relu(\($0), \(Python.float(slope))).clamp(max=\(top ?? "None"))" }
      }
    }
    let t = Python.float(threshold)
    let below = slope == 0 ? "0.0" : nil
    return { x in
      let upper = top.map { "\(x).clamp(max=\($0))" } ?? x
      return
        "torch.where(\(x) >= \(t), \(upper), \(below ?? "\(Python.float(slope)) * (\(x) - \(t))"))"
    }
  }

  static func geluLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    let isApproximate = try use.isTrue("approximate")
    return Emission(layouts: [layout], output: layout) { inputs in
      isApproximate ? "F.gelu(\(inputs[0]), approximate=\"tanh\")" : "F.gelu(\(inputs[0]))"
    }
  }

  // MARK: Reshaping

  static func zeroPadding(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let pairs = try pairs(use, "padding")
    let list = pairs.reversed().flatMap { $0 }.map(\.description).joined(separator: ", ")
    return Emission(layouts: [layout], output: layout) { inputs in
      "F.pad(\(inputs[0]), (\(list)))"
    }
  }

  static func upSampling(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let factors = try use.uniform("size").dimensions ?? []
    guard let first = factors.first else { throw use.unsupported("needs a constant size") }
    let isOne = factors.allSatisfy { $0 == first }
    let scale =
      isOne ? first.description : "(\(factors.map { "\($0)" }.joined(separator: ", ")))"
    // Volumes are only repeated.
    let interpolation = try use.uniform("interpolation")
    guard [.none, .string("nearest"), .string("bilinear")].contains(interpolation) else {
      throw use.unsupported("interpolates nearest or bilinear here")
    }
    let mode = interpolation == .string("bilinear") ? "bilinear" : nil
    return Emission(layouts: [layout], output: layout) { inputs in
      let arguments =
        "\(inputs[0]), scale_factor=\(scale)" + (mode.map { ", mode=\"\($0)\"" } ?? "")
      return "F.interpolate(\(arguments))"
    }
  }
}
