import NeuralDimension
import NeuralModel
import NeuralSchema

// Attention whose scores Flax has no module for. Inputs come in Keras's order, (query, value, key).
extension JAXEmitters {
  private static func queryKeyValue(_ inputs: [String]) -> [String] {
    let value = inputs.count > 1 ? inputs[1] : inputs[0]
    return [inputs[0], inputs.count > 2 ? inputs[2] : value, value]
  }

  /// A module called on (query, key, value).
  private static func attending(_ use: LayerUse, _ constructor: Python) -> Emission {
    var emission = Emission(
      constructor, layouts: use.inputs.map { _ in .declared }, output: .declared)
    emission.isPlain = false
    emission.expression = { module, inputs in
      "\(module)(\(queryKeyValue(inputs).joined(separator: ", ")))"
    }
    return emission
  }

  static func attention(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["seed"])
    let isScaled = try use.isTrue("use_scale")
    let isConcatenated = try use.uniform("score_mode") == .string("concat")
    let isCausal = try use.isTrue("causal")
    let dropout = try use.expression("dropout").text
    guard isScaled || isConcatenated || dropout != "0.0" else {
      use.writer.module.require("attend", attendFunction)
      let options = isCausal ? ", causal=True" : ""
      return Emission(layouts: use.inputs.map { _ in .declared }, output: .declared) { inputs in
        "attend(\(queryKeyValue(inputs).joined(separator: ", "))\(options))"
      }
    }
    use.writer.module.require("Attention", attentionClass)
    var arguments: [Python] = []
    if isScaled { arguments.append(.keyword("use_scale", .text("True"))) }
    if isConcatenated { arguments.append(.keyword("concat", .text("True"))) }
    if dropout != "0.0" { arguments.append(.keyword("dropout", .text(dropout))) }
    if isCausal { arguments.append(.keyword("causal", .text("True"))) }
    return attending(use, .call("Attention", arguments + [rngs]))
  }

  private static let attendFunction = """
    def attend(
        query: jax.Array, key: jax.Array, value: jax.Array, causal: bool = False
    ) -> jax.Array:
        \"""Dot-product attention without weights of its own.\"""
        scores = query @ jnp.swapaxes(key, 1, 2)
        if causal:
            earlier = jnp.tri(*scores.shape[1:], dtype=bool)
            scores = jnp.where(earlier, scores, -jnp.inf)
        return jax.nn.softmax(scores, axis=-1) @ value
    """

  private static let attentionClass = """
    class Attention(nnx.Module):
        \"""Dot-product attention with a learned factor, or scored by tanh of a sum.\"""

        def __init__(
            self,
            *,
            use_scale: bool = False,
            concat: bool = False,
            dropout: float = 0.0,
            causal: bool = False,
            rngs: nnx.Rngs,
        ) -> None:
            self.scale = nnx.Param(jnp.ones(())) if use_scale else None
            self.concat_score_weight = nnx.Param(jnp.ones(())) if concat else None
            self.dropout = nnx.Dropout(dropout, rngs=rngs)
            self.causal = causal

        def __call__(self, query: jax.Array, key: jax.Array, value: jax.Array) -> jax.Array:
            scale = 1.0 if self.scale is None else self.scale[...]
            if self.concat_score_weight is None:
                scores = scale * (query @ jnp.swapaxes(key, 1, 2))
            else:
                sums = jnp.tanh(scale * (query[:, :, None] + key[:, None])).sum(axis=-1)
                scores = self.concat_score_weight * sums
            if self.causal:
                earlier = jnp.tri(*scores.shape[-2:], dtype=bool)
                scores = jnp.where(earlier, scores, -jnp.inf)
            return self.dropout(jax.nn.softmax(scores, axis=-1)) @ value
    """

  static func additiveAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("AdditiveAttention", additiveClass)
    var arguments: [Python] = []
    if try use.isTrue("use_scale") {
      arguments.append(.text(try use.size(0, -1, hint: "features").text))
    }
    let dropout = try use.expression("dropout").text
    if dropout != "0.0" { arguments.append(.keyword("dropout", .text(dropout))) }
    if try use.isTrue("causal") { arguments.append(.keyword("causal", .text("True"))) }
    return attending(use, .call("AdditiveAttention", arguments + [rngs]))
  }

  private static let additiveClass = """
    class AdditiveAttention(nnx.Module):
        \"""Attention scored by tanh of a sum, whose features have learned weights.\"""

        def __init__(
            self,
            features: int | None = None,
            *,
            dropout: float = 0.0,
            causal: bool = False,
            rngs: nnx.Rngs,
        ) -> None:
            if features is None:
                self.scale = None
            else:
                limit = (3 / features) ** 0.5
                draw = jax.random.uniform(rngs.params(), (features,))
                self.scale = nnx.Param(limit * (2 * draw - 1))
            self.dropout = nnx.Dropout(dropout, rngs=rngs)
            self.causal = causal

        def __call__(self, query: jax.Array, key: jax.Array, value: jax.Array) -> jax.Array:
            scores = jnp.tanh(query[:, :, None] + key[:, None])
            if self.scale is not None:
                scores = scores * self.scale
            scores = scores.sum(axis=-1)
            if self.causal:
                earlier = jnp.tri(*scores.shape[-2:], dtype=bool)
                scores = jnp.where(earlier, scores, -jnp.inf)
            return self.dropout(jax.nn.softmax(scores, axis=-1)) @ value
    """

  static func groupedQueryAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["use_gate", "seed"])
    try refuseOptions(use)
    use.writer.module.require("GroupedQueryAttention", groupedClass)
    let valueInput = use.inputs.count > 1 ? 1 : 0
    let keyInput = use.inputs.count > 2 ? 2 : valueInput
    var arguments: [Python] = []
    for (input, hint) in [(0, "width"), (keyInput, "key_width"), (valueInput, "value_width")] {
      arguments.append(.text(try use.size(input, -1, hint: hint).text))
    }
    for name in ["head_dim", "num_query_heads", "num_key_value_heads"] {
      arguments.append(.text(try use.expression(name).text))
    }
    let dropout = try use.expression("dropout").text
    if dropout != "0.0" { arguments.append(.keyword("dropout", .text(dropout))) }
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    if try use.isTrue("causal") { arguments.append(.keyword("causal", .text("True"))) }
    return attending(use, .call("GroupedQueryAttention", arguments + [rngs]))
  }

  private static let groupedClass = """
    class GroupedQueryAttention(nnx.Module):
        \"""Attention whose query heads share fewer heads of keys and values.\"""

        def __init__(
            self,
            query_features: int,
            key_features: int,
            value_features: int,
            head_dim: int,
            num_query_heads: int,
            num_key_value_heads: int,
            *,
            dropout: float = 0.0,
            use_bias: bool = True,
            causal: bool = False,
            rngs: nnx.Rngs,
        ) -> None:
            options = {"use_bias": use_bias, "kernel_init": glorot_uniform, "rngs": rngs}
            heads = (num_query_heads, head_dim)
            shared = (num_key_value_heads, head_dim)
            self.query = nnx.LinearGeneral(query_features, heads, **options)
            self.key = nnx.LinearGeneral(key_features, shared, **options)
            self.value = nnx.LinearGeneral(value_features, shared, **options)
            self.attention_output = nnx.LinearGeneral(
                heads, query_features, axis=(-2, -1), **options
            )
            self.dropout = nnx.Dropout(dropout, rngs=rngs)
            self.causal = causal

        def __call__(self, query: jax.Array, key: jax.Array, value: jax.Array) -> jax.Array:
            q, k, v = self.query(query), self.key(key), self.value(value)
            k, v = (jnp.repeat(x, q.shape[2] // k.shape[2], axis=2) for x in (k, v))
            scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / q.shape[-1] ** 0.5
            if self.causal:
                earlier = jnp.tri(*scores.shape[-2:], dtype=bool)
                scores = jnp.where(earlier, scores, -jnp.inf)
            weights = self.dropout(jax.nn.softmax(scores, axis=-1))
            return self.attention_output(jnp.einsum("bhqk,bkhd->bqhd", weights, v))
    """

  static func selfAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("SelfAttention", selfAttentionClass)
    let features = try use.size(0, -1, hint: "features").text
    let units =
      try use.uniform("units") == .none ? features : use.expression("units").text
    var arguments: [Python] = [.text(features), .text(units)]
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    if try use.isTrue("causal") { arguments.append(.keyword("causal", .text("True"))) }
    return Emission(
      .call("SelfAttention", arguments + [rngs]), layouts: [.declared], output: .declared)
  }

  private static let selfAttentionClass = """
    class SelfAttention(nnx.Module):
        \"""Dot-product attention of a sequence to itself, over three projections.\"""

        def __init__(
            self,
            features: int,
            units: int,
            *,
            use_bias: bool = True,
            causal: bool = False,
            rngs: nnx.Rngs,
        ) -> None:
            options = {"use_bias": use_bias, "kernel_init": glorot_uniform, "rngs": rngs}
            self.query = nnx.Linear(features, units, **options)
            self.key = nnx.Linear(features, units, **options)
            self.value = nnx.Linear(features, units, **options)
            self.causal = causal

        def __call__(self, x: jax.Array) -> jax.Array:
            q, k, v = self.query(x), self.key(x), self.value(x)
            scores = q @ jnp.swapaxes(k, 1, 2) / q.shape[-1] ** 0.5
            if self.causal:
                earlier = jnp.tri(*scores.shape[-2:], dtype=bool)
                scores = jnp.where(earlier, scores, -jnp.inf)
            return jax.nn.softmax(scores, axis=-1) @ v
    """
}
