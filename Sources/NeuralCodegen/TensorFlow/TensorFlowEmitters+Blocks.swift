import NeuralDimension
import NeuralModel
import NeuralSchema

// Graphs, capsules, attention along axes and experts, which Keras has no layers for.
extension TensorFlowEmitters {
  /// The arguments off their defaults, with the activation as Keras names it.
  private static func activated(
    _ use: LayerUse, _ names: [String], usual: String?
  ) throws(EmissionError) -> [Python] {
    var arguments = try given(use, names)
    let value = try use.uniform("activation")
    if case .layer(let layer) = value, layer.schema.name != usual {
      arguments.append(
        .keyword("activation", .text(try KerasLayer.text(value, use, .declared))))
    }
    return arguments
  }

  /// A layer that reads nodes and their adjacency.
  private static func overGraph(
    _ use: LayerUse, _ text: String, _ arguments: [Python]
  ) -> Emission {
    var emission = brought(use, text, arguments)
    emission.expression = { "\($0)(\($1.joined(separator: ", ")))" }
    return emission
  }

  static func graphConvolution(_ use: LayerUse) throws(EmissionError) -> Emission {
    overGraph(
      use, graphConvolutionClass, try activated(use, ["units", "use_bias"], usual: nil))
  }

  private static let graphConvolutionClass = """
    class GraphConv(layers.Layer):
        \"""Features through one kernel, summed over the neighbours of each node.\"""

        def __init__(
            self,
            units: int,
            use_bias: bool = True,
            activation: str | None = None,
            **options,
        ) -> None:
            super().__init__(**options)
            self.units = units
            self.use_bias = use_bias
            self.activation = keras.activations.get(activation)

        def build(
            self, x_shape: tuple[int | None, ...], adjacency_shape: tuple[int | None, ...]
        ) -> None:
            self.kernel = self.add_weight(shape=(x_shape[-1], self.units), name="kernel")
            if self.use_bias:
                self.bias = self.add_weight(
                    shape=(self.units,), initializer="zeros", name="bias"
                )

        def call(self, x: KerasTensor, adjacency: KerasTensor) -> KerasTensor:
            x = ops.matmul(adjacency, ops.matmul(x, self.kernel))
            return self.activation(x + self.bias if self.use_bias else x)
    """

  static func graphAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    let names = ["units", "heads", "concat", "dropout", "negative_slope", "use_bias"]
    return overGraph(use, graphAttentionClass, try activated(use, names, usual: nil))
  }

  private static let graphAttentionClass = """
    class GraphAttention(layers.Layer):
        \"""Features of the neighbours of each node, with learned weights in heads.\"""

        def __init__(
            self,
            units: int,
            heads: int = 1,
            concat: bool = True,
            dropout: float = 0.0,
            negative_slope: float = 0.2,
            use_bias: bool = True,
            activation: str | None = None,
            **options,
        ) -> None:
            super().__init__(**options)
            self.units = units
            self.heads = heads
            self.concat = concat
            self.dropout = layers.Dropout(dropout)
            self.negative_slope = negative_slope
            self.use_bias = use_bias
            self.activation = keras.activations.get(activation)

        def build(
            self, x_shape: tuple[int | None, ...], adjacency_shape: tuple[int | None, ...]
        ) -> None:
            heads = (self.heads, self.units)
            self.kernel = self.add_weight(shape=(x_shape[-1], *heads), name="kernel")
            self.source = self.add_weight(shape=heads, name="attention_source")
            self.target = self.add_weight(shape=heads, name="attention_target")
            if self.use_bias:
                width = self.heads * self.units if self.concat else self.units
                self.bias = self.add_weight(
                    shape=(width,), initializer="zeros", name="bias"
                )

        def call(self, x: KerasTensor, adjacency: KerasTensor) -> KerasTensor:
            x = ops.einsum("bnf,fhu->bhnu", x, self.kernel)
            source = ops.einsum("bhnu,hu->bhn", x, self.source)
            target = ops.einsum("bhnu,hu->bhn", x, self.target)
            sums = ops.expand_dims(source, 3) + ops.expand_dims(target, 2)
            scores = ops.leaky_relu(sums, self.negative_slope)
            is_edge = ops.expand_dims(ops.not_equal(adjacency, 0), 1)
            weights = self.dropout(ops.softmax(ops.where(is_edge, scores, -1e9)))
            x = ops.matmul(weights, x)
            if self.concat:
                nodes = ops.shape(x)[2]
                x = ops.transpose(x, (0, 2, 1, 3))
                x = ops.reshape(x, (-1, nodes, self.heads * self.units))
            else:
                x = ops.mean(x, axis=1)
            return self.activation(x + self.bias if self.use_bias else x)
    """

  /// A linear map scores the branches, by the mean of what stands between batch and features.
  static func dynamicLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require(
      "pick",
      """
      def pick(scores: KerasTensor, *values: KerasTensor) -> KerasTensor:
          \"""For each sample the value with the largest score.\"""
          shape = (-1, *[1] * (len(values[0].shape) - 1))
          picked = ops.reshape(ops.argmax(scores, axis=-1), shape)
          result = values[0]
          for index, value in enumerate(values[1:], start=1):
              result = ops.where(ops.equal(picked, index), value, result)
          return result
      """)
    let places = (1..<max(use.rank() - 1, 1)).map(String.init)
    let axis = places.count == 1 ? places[0] : "(\(places.joined(separator: ", ")))"
    var emission = called(
      .call("layers.Dense", [.text(String(use.inputs.count - 1))]), use, .declared)
    emission.expression = { module, inputs in
      let read = places.isEmpty ? inputs[0] : "ops.mean(\(inputs[0]), axis=\(axis))"
      return "pick(\((["\(module)(\(read))"] + inputs.dropFirst()).joined(separator: ", ")))"
    }
    return emission
  }

  /// A convolution whose channels, place by place, are vectors.
  static func primaryCapsules(_ use: LayerUse) throws(EmissionError) -> Emission {
    requireSquash(use)
    let size = try use.expression("dim").text
    return try convolution(try use.capsuleConvolution()).wrapped {
      "squash(layers.Reshape((-1, \(size)))(\($0)))"
    }
  }

  private static func requireSquash(_ use: LayerUse) {
    use.writer.module.require(
      "squash",
      """
      def squash(x: KerasTensor) -> KerasTensor:
          \"""Shorten vectors to lengths below 1.\"""
          squared = ops.sum(ops.square(x), axis=-1, keepdims=True)
          return x * squared / (1 + squared) * ops.rsqrt(squared + 1e-7)
      """)
  }

  static func capsuleLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    requireSquash(use)
    return brought(use, capsuleClass, try given(use, ["capsules", "dim", "routings"]))
  }

  private static let capsuleClass = """
    class CapsuleLayer(layers.Layer):
        \"""Capsules that earlier capsules agree on, by dynamic routing.\"""

        def __init__(self, capsules: int, dim: int, routings: int = 3, **options) -> None:
            super().__init__(**options)
            self.capsules = capsules
            self.dim = dim
            self.routings = routings

        def build(self, input_shape: tuple[int | None, ...]) -> None:
            _, inputs, features = input_shape
            self.kernel = self.add_weight(
                shape=(inputs, self.capsules, features, self.dim), name="kernel"
            )

        def call(self, x: KerasTensor) -> KerasTensor:
            votes = ops.einsum("bif,icfd->bicd", x, self.kernel)
            logits = ops.zeros_like(votes[..., 0])
            for _ in range(self.routings - 1):
                capsules = self.agree(logits, votes)
                logits = logits + ops.einsum("bicd,bcd->bic", votes, capsules)
            return self.agree(logits, votes)

        def agree(self, logits: KerasTensor, votes: KerasTensor) -> KerasTensor:
            weights = ops.softmax(logits, axis=2)
            return squash(ops.einsum("bic,bicd->bcd", weights, votes))
    """

  static func axialAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    brought(use, axialClass, try given(use, ["num_heads", "key_dim", "use_bias"]))
  }

  private static let axialClass = """
    class AxialAttention(layers.Layer):
        \"""Attention along each axis of an image by itself, the results added.\"""

        def __init__(
            self,
            num_heads: int,
            key_dim: int | None = None,
            use_bias: bool = True,
            **options,
        ) -> None:
            super().__init__(**options)
            self.num_heads = num_heads
            self.key_dim = key_dim
            self.use_bias = use_bias

        def build(self, input_shape: tuple[int | None, ...]) -> None:
            def attention(axis: int, name: str) -> layers.MultiHeadAttention:
                layer = layers.MultiHeadAttention(
                    self.num_heads,
                    self.key_dim or input_shape[-1] // self.num_heads,
                    use_bias=self.use_bias,
                    attention_axes=(axis,),
                    name=name,
                )
                layer.build(input_shape, input_shape)
                return layer

            self.height_attention = attention(1, "height_attention")
            self.width_attention = attention(2, "width_attention")

        def call(self, x: KerasTensor) -> KerasTensor:
            return self.height_attention(x, x) + self.width_attention(x, x)
    """

  static func mixtureOfExperts(_ use: LayerUse) throws(EmissionError) -> Emission {
    let names = ["experts", "top_k", "ff_dim", "use_bias"]
    return brought(use, mixtureClass, try activated(use, names, usual: "relu"))
  }

  private static let mixtureClass = """
    class MixtureOfExperts(layers.Layer):
        \"""Feed-forward experts of which a router picks some for each place.\"""

        def __init__(
            self,
            experts: int,
            top_k: int = 2,
            ff_dim: int | None = None,
            use_bias: bool = True,
            activation: str = "relu",
            **options,
        ) -> None:
            super().__init__(**options)
            self.experts = experts
            self.top_k = top_k
            self.ff_dim = ff_dim
            self.use_bias = use_bias
            self.activation = keras.activations.get(activation)

        def build(self, input_shape: tuple[int | None, ...]) -> None:
            width = input_shape[-1]
            hidden = self.ff_dim or 4 * width
            self.router = self.add_weight(shape=(width, self.experts), name="router_kernel")
            self.inner = self.make_experts("expert_in", width, hidden)
            self.outer = self.make_experts("expert_out", hidden, width)

        def make_experts(self, name: str, inputs: int, outputs: int) -> list:
            shape = (self.experts, inputs, outputs)
            weights = [self.add_weight(shape=shape, name=f"{name}_kernel")]
            if self.use_bias:
                bias = self.add_weight(
                    shape=(self.experts, outputs),
                    initializer="zeros",
                    name=f"{name}_bias",
                )
                weights.append(bias)
            return weights

        def call(self, x: KerasTensor) -> KerasTensor:
            scores, picked = ops.top_k(ops.matmul(x, self.router), self.top_k)
            # Weights of the experts; 0 for those that are not picked.
            chosen = ops.one_hot(picked, self.experts)
            weights = ops.einsum("...k,...ke->...e", ops.softmax(scores), chosen)
            values = ops.einsum("...w,ewh->...eh", x, self.inner[0])
            values = self.activation(values + self.inner[1] if self.use_bias else values)
            values = ops.einsum("...eh,ehw->...ew", values, self.outer[0])
            values = values + self.outer[1] if self.use_bias else values
            return ops.einsum("...e,...ew->...w", weights, values)
    """
}
