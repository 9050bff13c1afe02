import NeuralDimension
import NeuralModel
import NeuralSchema

// Layers that Keras has none of: the generated file brings a small one, with the weights of the
// declaration.
extension TensorFlowEmitters {
  /// A layer of the module's own, by its class.
  static func brought(
    _ use: LayerUse, _ text: String, _ arguments: [Python], layout: Layout = .declared
  ) -> Emission {
    use.writer.module.require(use.schema.name, text)
    return called(.call(use.schema.name, arguments), use, layout)
  }

  /// The arguments off their defaults, by name where they have one.
  static func given(
    _ use: LayerUse, _ names: [String]
  ) throws(EmissionError) -> [Python] {
    let defaults = use.schema.defaultArguments
    var arguments: [Python] = []
    for name in names {
      let text = try use.expression(name).text
      guard let fallback = defaults[name] else {
        arguments.append(.text(text))
        continue
      }
      if Python.literal(fallback) != text { arguments.append(.keyword(name, .text(text))) }
    }
    return arguments
  }

  static func classToken(_ use: LayerUse) throws(EmissionError) -> Emission {
    brought(use, classTokenClass, [])
  }

  private static let classTokenClass = """
    class ClassToken(layers.Layer):
        \"""One learned vector in front of a sequence.\"""

        def build(self, input_shape: tuple[int | None, ...]) -> None:
            self.token = self.add_weight(
                shape=(1, 1, input_shape[-1]), initializer="zeros", name="token"
            )

        def call(self, x: KerasTensor) -> KerasTensor:
            token = ops.repeat(self.token, ops.shape(x)[0], axis=0)
            return ops.concatenate([token, x], axis=1)
    """

  static func positionEmbedding(_ use: LayerUse) throws(EmissionError) -> Emission {
    let length = try use.uniform("max_length")
    let isOpen = length == .none && use.shape(0, use: use.writer.firstActive)[1].constant == nil
    if isOpen {
      throw use.unsupported("needs max_length where the length of the sequence is open")
    }
    return brought(use, positionEmbeddingClass, try given(use, ["max_length"]))
  }

  private static let positionEmbeddingClass = """
    class PositionEmbedding(layers.Layer):
        \"""A learned vector for each place of a sequence, added to what stands there.\"""

        def __init__(self, max_length: int | None = None, **options) -> None:
            super().__init__(**options)
            self.max_length = max_length

        def build(self, input_shape: tuple[int | None, ...]) -> None:
            self.embeddings = self.add_weight(
                shape=(self.max_length or input_shape[1], input_shape[-1]),
                initializer=initializers.RandomNormal(stddev=0.02),
                name="embeddings",
            )

        def call(self, x: KerasTensor) -> KerasTensor:
            return x + self.embeddings[: ops.shape(x)[1]]
    """

  static func stochasticDepth(_ use: LayerUse) throws(EmissionError) -> Emission {
    // Dropout of one decision for a sample, or for all.
    let layout = try use.followedLayout()
    let rate = try use.expression("rate").text
    let isRow = try use.uniform("mode") == .string("row")
    let entries = [isRow ? "None" : "1"] + Array(repeating: "1", count: use.rank() - 1)
    return called(
      .call(
        "layers.Dropout",
        [
          .text(rate), .keyword("noise_shape", .text("(\(entries.joined(separator: ", ")))")),
        ]), use, layout)
  }

  static func layerScale(_ use: LayerUse) throws(EmissionError) -> Emission {
    brought(use, layerScaleClass, try given(use, ["init_values", "axis"]))
  }

  private static let layerScaleClass = """
    class LayerScale(layers.Layer):
        \"""A learned factor for each channel, small at first.\"""

        def __init__(self, init_values: float = 1e-05, axis: int = -1, **options) -> None:
            super().__init__(**options)
            self.init_values = init_values
            self.axis = axis

        def build(self, input_shape: tuple[int | None, ...]) -> None:
            self.gamma = self.add_weight(
                shape=(input_shape[self.axis],),
                initializer=initializers.Constant(self.init_values),
                name="gamma",
            )

        def call(self, x: KerasTensor) -> KerasTensor:
            shape = [1] * len(x.shape)
            shape[self.axis] = -1
            return x * ops.reshape(self.gamma, shape)
    """

  static func selfAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    brought(use, selfAttentionClass, try given(use, ["units", "use_bias", "causal"]))
  }

  private static let selfAttentionClass = """
    class SelfAttention(layers.Layer):
        \"""Dot-product attention of a sequence to itself, over three projections.\"""

        def __init__(
            self,
            units: int | None = None,
            use_bias: bool = True,
            causal: bool = False,
            **options,
        ) -> None:
            super().__init__(**options)
            self.units = units
            self.use_bias = use_bias
            self.causal = causal

        def build(self, input_shape: tuple[int | None, ...]) -> None:
            units = self.units or input_shape[-1]
            self.kernels = []
            self.biases = []
            for part in ("query", "key", "value"):
                shape = (input_shape[-1], units)
                self.kernels.append(self.add_weight(shape=shape, name=f"{part}_kernel"))
                if self.use_bias:
                    bias = self.add_weight(
                        shape=(units,), initializer="zeros", name=f"{part}_bias"
                    )
                    self.biases.append(bias)

        def call(self, x: KerasTensor) -> KerasTensor:
            parts = [ops.matmul(x, kernel) for kernel in self.kernels]
            if self.use_bias:
                parts = [x + bias for x, bias in zip(parts, self.biases, strict=True)]
            query, key, value = (ops.expand_dims(x, 2) for x in parts)
            x = ops.dot_product_attention(query, key, value, is_causal=self.causal)
            return ops.squeeze(x, 2)
    """

  static func sinusoidalPositions(_ use: LayerUse) throws(EmissionError) -> Emission {
    brought(use, sinusoidalClass, try given(use, ["max_wavelength"]))
  }

  private static let sinusoidalClass = """
    class SinusoidalPositionEncoding(layers.Layer):
        \"""Sines and cosines of the position, added to each place of a sequence.\"""

        def __init__(self, max_wavelength: float = 10000.0, **options) -> None:
            super().__init__(**options)
            self.max_wavelength = max_wavelength

        def call(self, x: KerasTensor) -> KerasTensor:
            width = x.shape[-1]
            index = ops.arange(width)
            powers = ops.cast(index - index % 2, x.dtype) / width
            position = ops.cast(ops.arange(ops.shape(x)[1])[:, None], x.dtype)
            angle = position * self.max_wavelength**-powers
            return x + ops.where(index % 2 == 0, ops.sin(angle), ops.cos(angle))
    """

  static func rotaryEmbedding(_ use: LayerUse) throws(EmissionError) -> Emission {
    brought(use, rotaryClass, try given(use, ["max_wavelength"]))
  }

  private static let rotaryClass = """
    class RotaryEmbedding(layers.Layer):
        \"""Pairs of features, turned by angles that grow with the position.\"""

        def __init__(self, max_wavelength: float = 10000.0, **options) -> None:
            super().__init__(**options)
            self.max_wavelength = max_wavelength

        def call(self, x: KerasTensor) -> KerasTensor:
            width = x.shape[-1]
            powers = ops.arange(0, width, 2, dtype=x.dtype) / width
            position = ops.arange(ops.shape(x)[1], dtype=x.dtype)
            angle = position[:, None] * self.max_wavelength**-powers
            shape = (-1, *[1] * (len(x.shape) - 3), width // 2)
            sin, cos = (ops.reshape(f(angle), shape) for f in (ops.sin, ops.cos))
            even, odd = x[..., ::2], x[..., 1::2]
            pairs = [even * cos - odd * sin, even * sin + odd * cos]
            return ops.reshape(ops.stack(pairs, axis=-1), ops.shape(x))
    """

  /// Groups of one channel.
  static func instanceNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    let axis = layout.text(of: try IndexEmitters.constantAxis(use), rank: use.rank())
    var arguments: [Python] = [.text("-1")]
    if axis != "-1" { arguments.append(.keyword("axis", .text(axis))) }
    arguments.append(.keyword("epsilon", .text(try use.expression("epsilon").text)))
    if try !use.isTrue("affine") {
      arguments += [.keyword("center", .text("False")), .keyword("scale", .text("False"))]
    }
    return called(.call("layers.GroupNormalization", arguments), use, layout)
  }

  static func localResponse(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let arguments = try given(use, ["size", "alpha", "beta", "k"])
    return brought(use, localResponseClass, arguments, layout: layout)
  }

  private static let localResponseClass = """
    class LocalResponseNormalization(layers.Layer):
        \"""Divide by a sum of squares over neighbouring channels.\"""

        def __init__(
            self,
            size: int,
            alpha: float = 0.0001,
            beta: float = 0.75,
            k: float = 1.0,
            **options,
        ) -> None:
            super().__init__(**options)
            self.size = size
            self.alpha = alpha
            self.beta = beta
            self.k = k

        def call(self, x: KerasTensor) -> KerasTensor:
            channels = x.shape[-1]
            borders = (self.size // 2, (self.size - 1) // 2)
            pads = [(0, 0)] * (len(x.shape) - 1) + [borders]
            squares = ops.pad(ops.square(x), pads)
            total = sum(squares[..., i : i + channels] for i in range(self.size))
            return x / (self.k + self.alpha / self.size * total) ** self.beta
    """

  // MARK: Shapes

  /// Keras's own leaves images as they are in evaluation, which is another shape.
  static func randomCrop(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    return brought(
      use, randomCropClass, try given(use, ["height", "width", "seed"]), layout: layout)
  }

  private static let randomCropClass = """
    class RandomCrop(layers.Layer):
        \"""A random part of images in training, the middle in evaluation.\"""

        def __init__(
            self, height: int, width: int, seed: int | None = None, **options
        ) -> None:
            super().__init__(**options)
            self.part = layers.RandomCrop(height, width, seed=seed)
            self.middle = layers.CenterCrop(height, width)

        def build(self, input_shape: tuple[int | None, ...]) -> None:
            self.part.build(input_shape)
            self.middle.build(input_shape)

        def call(self, x: KerasTensor, training: bool = False) -> KerasTensor:
            return self.part(x) if training else self.middle(x)
    """

  static func split(_ use: LayerUse) throws(EmissionError) -> Emission {
    let axis = try IndexEmitters.constantAxis(use)
    let layout = try use.followedLayout()
    let place = layout.text(of: axis, rank: use.rank())
    let parts: String
    switch try use.uniform("sections") {
    case .integer(.constant(let count)): parts = "\(count)"
    case let sizes:
      guard let list = sizes.dimensions?.compactMap(\.constant), !list.isEmpty else {
        throw use.unsupported("needs constant sections")
      }
      var total = 0
      let ends = list.dropLast().map { size in
        total += size
        return String(total)
      }
      parts = "[\(ends.joined(separator: ", "))]"
    }
    var emission = Emission(layouts: [layout], output: layout) {
      "ops.split(\($0[0]), \(parts), axis=\(place))"
    }
    emission.statements = { _, inputs, outputs in
      let names = outputs.joined(separator: ", ") + (outputs.count == 1 ? "," : "")
      return ["\(names) = ops.split(\(inputs[0]), \(parts), axis=\(place))"]
    }
    return emission
  }

  static func channelShuffle(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    return brought(use, channelShuffleClass, try given(use, ["groups"]), layout: layout)
  }

  private static let channelShuffleClass = """
    class ChannelShuffle(layers.Layer):
        \"""Deal the channels of the groups out in turn.\"""

        def __init__(self, groups: int, **options) -> None:
            super().__init__(**options)
            self.groups = groups

        def call(self, x: KerasTensor) -> KerasTensor:
            size = ops.shape(x)
            x = ops.reshape(x, (*size[:-1], self.groups, x.shape[-1] // self.groups))
            return ops.reshape(ops.swapaxes(x, -1, -2), size)
    """

  static func depthToSpace(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    return brought(use, depthToSpaceClass, try given(use, ["block_size"]), layout: layout)
  }

  private static let depthToSpaceClass = """
    class DepthToSpace(layers.Layer):
        \"""Turn groups of channels into squares of pixels, in PyTorch's order.\"""

        def __init__(self, block_size: int, **options) -> None:
            super().__init__(**options)
            self.block_size = block_size

        def call(self, x: KerasTensor) -> KerasTensor:
            batch, height, width = ops.shape(x)[:3]
            block = self.block_size
            channels = x.shape[-1] // block**2
            x = ops.reshape(x, (batch, height, width, channels, block, block))
            x = ops.transpose(x, (0, 1, 4, 2, 5, 3))
            return ops.reshape(x, (batch, height * block, width * block, channels))
    """

  static func spaceToDepth(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    return brought(use, spaceToDepthClass, try given(use, ["block_size"]), layout: layout)
  }

  private static let spaceToDepthClass = """
    class SpaceToDepth(layers.Layer):
        \"""Turn squares of pixels into channels, in PyTorch's order.\"""

        def __init__(self, block_size: int, **options) -> None:
            super().__init__(**options)
            self.block_size = block_size

        def call(self, x: KerasTensor) -> KerasTensor:
            batch, height, width = ops.shape(x)[:3]
            block, channels = self.block_size, x.shape[-1]
            height, width = height // block, width // block
            x = ops.reshape(x, (batch, height, block, width, block, channels))
            x = ops.transpose(x, (0, 1, 3, 5, 2, 4))
            return ops.reshape(x, (batch, height, width, channels * block**2))
    """
}
