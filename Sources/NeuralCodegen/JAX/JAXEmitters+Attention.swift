import NeuralDimension
import NeuralModel
import NeuralSchema

extension JAXEmitters {
  /// Inputs come in Keras's order (query, value, key); Flax's is (query, key, value).
  static func multiHeadAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["use_gate"])
    try refuseOptions(use)
    let width = try use.size(0, -1, hint: "in_features")
    let heads = try use.expression("num_heads")
    let isCausal = try use.isTrue("causal")
    let valueInput = use.inputs.count > 1 ? 1 : 0
    let keyInput = use.inputs.count > 2 ? 2 : valueInput
    let isStandard = use.writer.activeUses.allSatisfy { index in
      let bindings = use.bindings[index]
      return bindings["size"] == bindings["vsize"] && bindings["dv"] == bindings["dk"]
        && use.arguments[index]?["output_shape"] == Value.none
    }
    var arguments: [Python]
    let module: String
    let sizes = use.bindings.map { $0["size"] }
    let totals = use.writer.uses.indices.map { index -> Value? in
      guard case .integer(let size)? = sizes[index],
        case .integer(let count)? = use.arguments[index]?["num_heads"],
        let total = try? size.multiplied(by: count)
      else { return nil }
      return .integer(total)
    }
    if isStandard {
      module = "nnx.MultiHeadAttention"
      arguments = [.text(heads.text), .text(width.text)]
      let queries = use.bindings.map { $0["dq"] }
      if !zip(totals, queries).allSatisfy({ $0 == $1 }) {
        let total = try use.writer.infer(totals, hint: "qkv_features")
        arguments.append(.keyword("qkv_features", .text(total.text)))
      }
      if keyInput > 0 {
        let features = try use.size(keyInput, -1, hint: "in_kv_features")
        if features.text != width.text {
          arguments.append(.keyword("in_kv_features", .text(features.text)))
        }
      }
    } else {
      use.writer.module.require("MultiHeadAttention", multiHeadAttentionClass)
      module = "MultiHeadAttention"
      arguments = [
        .text(heads.text), .text(width.text),
        .text(try use.size(keyInput, -1, hint: "key_features").text),
        .text(try use.size(valueInput, -1, hint: "value_features").text),
        .text(try use.writer.infer(sizes, hint: "key_dim").text),
        .text(
          try use.writer.infer(use.bindings.map { $0["vsize"] }, hint: "value_dim").text),
        .text(try use.writer.infer(use.bindings.map { $0["width"] }, hint: "out_features").text),
      ]
    }
    let dropout = try use.expression("dropout").text
    if dropout != "0.0" {
      arguments.append(.keyword("dropout_rate", .text(dropout)))
      if isStandard {
        arguments += [
          .keyword("broadcast_dropout", .text("False")),
          .keyword("deterministic", .text("False")),
        ]
      }
    }
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    if isStandard {
      arguments += [
        .keyword("kernel_init", .text("glorot_uniform")), .keyword("decode", .text("False")),
      ]
    }
    var emission = Emission(
      .call(module, arguments + [rngs]), layouts: use.inputs.map { _ in .declared },
      output: .declared)
    if isCausal {
      use.writer.module.require(
        "causal_mask",
        """
        def causal_mask(query: jax.Array, key: jax.Array) -> jax.Array:
            \"""True where a step may look: not at later ones.\"""
            return jnp.tril(jnp.ones((query.shape[1], key.shape[1]), dtype=bool))
        """)
    }
    emission.isPlain = !isCausal && use.inputs.count == 1
    emission.expression = { module, inputs in
      let value = inputs.count > 1 ? inputs[1] : inputs[0]
      let key = inputs.count > 2 ? inputs[2] : value
      var passed: [String]
      switch inputs.count {
      case 1: passed = [inputs[0]]
      case 2: passed = [inputs[0], value]
      default: passed = [inputs[0], key, value]
      }
      if isCausal { passed.append("mask=causal_mask(\(inputs[0]), \(key))") }
      return "\(module)(\(passed.joined(separator: ", ")))"
    }
    return emission
  }

  private static let multiHeadAttentionClass = """
    class MultiHeadAttention(nnx.Module):
        \"""Scaled dot-product attention in heads of any width.\"""

        def __init__(
            self,
            num_heads: int,
            in_features: int,
            key_features: int,
            value_features: int,
            key_dim: int,
            value_dim: int,
            out_features: int,
            *,
            dropout_rate: float = 0.0,
            use_bias: bool = True,
            rngs: nnx.Rngs,
        ) -> None:
            def project(
                inputs: int | tuple[int, int], outputs: int | tuple[int, int]
            ) -> nnx.LinearGeneral:
                return nnx.LinearGeneral(
                    inputs,
                    outputs,
                    axis=-1 if isinstance(inputs, int) else (-2, -1),
                    use_bias=use_bias,
                    kernel_init=glorot_uniform,
                    rngs=rngs,
                )

            self.query = project(in_features, (num_heads, key_dim))
            self.key = project(key_features, (num_heads, key_dim))
            self.value = project(value_features, (num_heads, value_dim))
            self.dropout = nnx.Dropout(dropout_rate, rngs=rngs)
            self.attention_output = project((num_heads, value_dim), out_features)

        def __call__(
            self,
            query: jax.Array,
            key: jax.Array | None = None,
            value: jax.Array | None = None,
            mask: jax.Array | None = None,
        ) -> jax.Array:
            key = query if key is None else key
            value = key if value is None else value
            q, k, v = self.query(query), self.key(key), self.value(value)
            scores = jnp.einsum("bqhd,bkhd->bhqk", q, k) / q.shape[-1] ** 0.5
            if mask is not None:
                scores = jnp.where(mask, scores, -jnp.inf)
            weights = self.dropout(jax.nn.softmax(scores, axis=-1))
            return self.attention_output(jnp.einsum("bhqk,bkhd->bqhd", weights, v))
    """
}
