import NeuralModel
import NeuralSchema

/// The weights of attentions, each head by itself.
extension PyTorchWeights {
  var attention: String {
    let isPlain = !body.contains("kdim=") && !body.contains("vdim=")
    let hasBias = nodes.allSatisfy {
      $0.schema.name != "MultiHeadAttention" || $0.arguments["use_bias"] != .boolean(false)
    }
    var lines = [
      "def attention_weights(layer: nn.MultiheadAttention) -> dict[str, Tensor | None]:",
      "    \"\"\"The weights of an attention, each head by itself.\"\"\"",
      "    heads = (layer.num_heads, -1)",
      "    weights = {",
      "        \"attention_output/kernel\": layer.out_proj.weight.t().unflatten(0, heads),",
      "        \"attention_output/bias\": layer.out_proj.bias,",
      "    }",
    ]
    if isPlain {
      lines.append("    kernels = layer.in_proj_weight.chunk(3)")
    } else {
      lines += [
        "    if layer.in_proj_weight is None:",
        "        kernels = (layer.q_proj_weight, layer.k_proj_weight, layer.v_proj_weight)",
        "    else:",
        "        kernels = layer.in_proj_weight.chunk(3)",
      ]
    }
    lines += [
      "    for name, kernel in zip((\"query\", \"key\", \"value\"), kernels, strict=True):",
      "        weights[f\"{name}/kernel\"] = kernel.t().unflatten(1, heads)",
    ]
    let margin = hasBias ? "    " : "        "
    if !hasBias { lines.append("    if layer.in_proj_bias is not None:") }
    lines += [
      margin + "biases = layer.in_proj_bias.chunk(3)",
      margin + "for name, bias in zip((\"query\", \"key\", \"value\"), biases, strict=True):",
      margin + "    weights[f\"{name}/bias\"] = bias.unflatten(0, heads)",
      "    return weights",
    ]
    return lines.joined(separator: "\n")
  }

  static let groupedAttention = """
    def grouped_attention_weights(
        layer: GroupedQueryAttention,
    ) -> dict[str, Tensor | None]:
        \"""The weights of an attention with shared heads, each head by itself.\"""
        heads = (-1, layer.head_dim)
        weights = {
            "attention_output/kernel": layer.output.weight.t().unflatten(0, heads),
            "attention_output/bias": layer.output.bias,
        }
        for name in ("query", "key", "value"):
            linear = layer.get_submodule(name)
            weights[f"{name}/kernel"] = linear.weight.t().unflatten(1, heads)
            if linear.bias is not None:
                weights[f"{name}/bias"] = linear.bias.unflatten(0, heads)
        return weights
    """

  static let generalAttention = """
    def attention_weights_of(layer: MultiHeadAttention) -> dict[str, Tensor | None]:
        \"""The weights of an attention in heads of any width, each head by itself.\"""
        heads = (layer.num_heads, -1)
        weights = {
            "attention_output/kernel": layer.output.weight.t().unflatten(0, heads),
            "attention_output/bias": layer.output.bias,
        }
        for name in ("query", "key", "value"):
            linear = layer.get_submodule(name)
            weights[f"{name}/kernel"] = linear.weight.t().unflatten(1, heads)
            if linear.bias is not None:
                weights[f"{name}/bias"] = linear.bias.unflatten(0, heads)
        return weights
    """
}
