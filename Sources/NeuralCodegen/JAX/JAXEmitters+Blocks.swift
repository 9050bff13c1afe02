import NeuralDimension
import NeuralModel
import NeuralSchema

// Capsules, attention along axes, images that are sampled anew, graphs and experts.
extension JAXEmitters {
  private static func requireSquash(_ use: LayerUse) {
    use.writer.module.require(
      "squash",
      """
      def squash(x: jax.Array) -> jax.Array:
          \"""Shorten vectors to lengths below 1.\"""
          squared = jnp.sum(x**2, axis=-1, keepdims=True)
          return x * squared / (1 + squared) * jax.lax.rsqrt(squared + 1e-7)
      """)
  }

  /// A convolution whose channels, place by place, are vectors.
  static func primaryCapsules(_ use: LayerUse) throws(EmissionError) -> Emission {
    requireSquash(use)
    let size = try use.expression("dim").text
    use.writer.module.require(
      "primary_capsules",
      """
      def primary_capsules(x: jax.Array, dim: int) -> jax.Array:
          \"""The channels of each place as vectors.\"""
          return squash(x.reshape(x.shape[0], -1, dim))
      """)
    var emission = try convolution(try use.capsuleConvolution())
    emission.sizes = [:]
    emission.outputLayout = .declared
    return emission.wrapped { "primary_capsules(\($0), \(size))" }
  }

  static func capsuleLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    requireSquash(use)
    use.writer.module.require("CapsuleLayer", capsuleClass)
    var arguments: [Python] = [
      .text(try use.size(0, 1, hint: "inputs").text),
      .text(try use.size(0, -1, hint: "features").text),
      .text(try use.expression("capsules").text), .text(try use.expression("dim").text),
    ]
    let routings = try use.expression("routings").text
    if routings != "3" { arguments.append(.keyword("routings", .text(routings))) }
    return Emission(
      .call("CapsuleLayer", arguments + [rngs]), layouts: [.declared], output: .declared)
  }

  private static let capsuleClass = """
    class CapsuleLayer(nnx.Module):
        \"""Capsules that earlier capsules agree on, by dynamic routing.\"""

        def __init__(
            self,
            inputs: int,
            features: int,
            capsules: int,
            dim: int,
            *,
            routings: int = 3,
            rngs: nnx.Rngs,
        ) -> None:
            normal = nnx.initializers.normal(0.05)
            shape = (inputs, capsules, features, dim)
            self.kernel = nnx.Param(normal(rngs.params(), shape))
            self.routings = routings

        def __call__(self, x: jax.Array) -> jax.Array:
            votes = jnp.einsum("bif,icfd->bicd", x, self.kernel[...])
            logits = jnp.zeros(votes.shape[:3])
            for _ in range(self.routings - 1):
                capsules = self.agree(logits, votes)
                logits = logits + jnp.einsum("bicd,bcd->bic", votes, capsules)
            return self.agree(logits, votes)

        def agree(self, logits: jax.Array, votes: jax.Array) -> jax.Array:
            weights = jax.nn.softmax(logits, axis=2)
            return squash(jnp.einsum("bic,bicd->bcd", weights, votes))
    """

  static func axialAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("AxialAttention", axialClass)
    var arguments: [Python] = [
      .text(try use.size(0, -1, hint: "channels").text),
      .text(try use.expression("num_heads").text), .text(try use.headSize().text),
    ]
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    return Emission(
      .call("AxialAttention", arguments + [rngs]), layouts: [.declared], output: .declared)
  }

  private static let axialClass = """
    class AxialAttention(nnx.Module):
        \"""Attention along each axis of an image by itself, the results added.\"""

        def __init__(
            self,
            channels: int,
            num_heads: int,
            key_dim: int,
            *,
            use_bias: bool = True,
            rngs: nnx.Rngs,
        ) -> None:
            def attention() -> nnx.MultiHeadAttention:
                return nnx.MultiHeadAttention(
                    num_heads,
                    channels,
                    qkv_features=num_heads * key_dim,
                    use_bias=use_bias,
                    kernel_init=glorot_uniform,
                    decode=False,
                    rngs=rngs,
                )

            self.height_attention = attention()
            self.width_attention = attention()

        def __call__(self, x: jax.Array) -> jax.Array:
            columns = self.height_attention(jnp.swapaxes(x, 1, 2))
            return self.width_attention(x) + jnp.swapaxes(columns, 1, 2)
    """

  static func spatialTransformer(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("SpatialTransformer", spatialTransformerClass)
    var arguments: [Python] = [
      .text(try use.writer.infer(use.bindings.map { $0["features"] }, hint: "features").text),
      .text(try use.expression("localization_units").text),
    ]
    if try use.uniform("output_size") != .none {
      arguments.append(.text(try use.expression("output_size").text))
    }
    return Emission(
      .call("SpatialTransformer", arguments + [rngs]), layouts: [.declared], output: .declared)
  }

  private static let spatialTransformerClass = """
    class SpatialTransformer(nnx.Module):
        \"""Sample each image by an affine map that a small network finds for it.\"""

        def __init__(
            self,
            features: int,
            units: int,
            size: tuple[int, int] | None = None,
            *,
            rngs: nnx.Rngs,
        ) -> None:
            kernel = glorot_uniform(rngs.params(), (features, units))
            self.hidden_kernel = nnx.Param(kernel)
            self.hidden_bias = nnx.Param(jnp.zeros(units))
            self.affine_kernel = nnx.Param(jnp.zeros((units, 6)))
            self.affine_bias = nnx.Param(jnp.eye(2, 3).reshape(-1))
            self.size = size

        def __call__(self, x: jax.Array) -> jax.Array:
            flat = x.reshape(x.shape[0], -1)
            hidden = jax.nn.relu(flat @ self.hidden_kernel + self.hidden_bias)
            affine = (hidden @ self.affine_kernel + self.affine_bias).reshape(-1, 2, 3)
            sizes = self.size or x.shape[1:3]
            # The middles of the pixels, from -1 to 1.
            middles = [(2 * jnp.arange(size) + 1) / size - 1 for size in sizes]
            rows, columns = jnp.meshgrid(*middles, indexing="ij")
            grid = jnp.stack((columns, rows, jnp.ones_like(rows)), axis=-1)
            places = jnp.einsum("hwk,bjk->bjhw", grid, affine)
            height, width = x.shape[1:3]
            rows = ((places[:, 1] + 1) * height - 1) / 2
            columns = ((places[:, 0] + 1) * width - 1) / 2

            def sample(image: jax.Array, *places: jax.Array) -> jax.Array:
                return jax.scipy.ndimage.map_coordinates(image, places, order=1)

            channels = jax.vmap(sample, in_axes=(-1, None, None), out_axes=-1)
            return jax.vmap(channels)(x, rows, columns)
    """
}
