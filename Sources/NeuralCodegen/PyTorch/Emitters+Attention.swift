import NeuralDimension
import NeuralModel
import NeuralSchema

extension PyTorchEmitters {
  /// True where a step must not look: later ones.
  private static func causalMask(_ query: String, _ key: String) -> String {
    "torch.triu(torch.ones(\(query).shape[1], \(key).shape[1], dtype=torch.bool, "
      + "device=\(query).device), diagonal=1)"
  }

  /// Inputs come in Keras's order (query, value, key); PyTorch's is (query, key, value).
  static func multiHeadAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["output_shape", "use_gate"])
    let width = try use.size(0, -1, hint: "embed_dim")
    let heads = try use.expression("num_heads")
    let isCausal = try use.isTrue("causal")
    let hasBias = try use.isTrue("use_bias")
    let valueInput = use.inputs.count > 1 ? 1 : 0
    let keyInput = use.inputs.count > 2 ? 2 : valueInput
    let dropout = try use.expression("dropout")
    let isStandard = use.writer.activeUses.allSatisfy { index in
      let bindings = use.bindings[index]
      guard case .integer(.constant(let size))? = bindings["size"],
        case .integer(.constant(let valueSize))? = bindings["vsize"],
        case .integer(.constant(let count))? = use.arguments[index]?["num_heads"],
        case .integer(.constant(let query))? = bindings["dq"]
      else { return false }
      return size == valueSize && size.multipliedReportingOverflow(by: count) == (query, false)
    }
    func order(_ inputs: [String]) -> [String] {
      let value = inputs.count > 1 ? inputs[1] : inputs[0]
      return [inputs[0], inputs.count > 2 ? inputs[2] : value, value]
    }
    func mask(_ inputs: [String]) -> String {
      let ordered = order(inputs)
      return causalMask(ordered[0], ordered[1])
    }
    guard isStandard else {
      return try generalAttention(
        use, width: width, heads: heads, dropout: dropout, hasBias: hasBias, isCausal: isCausal,
        valueInput: valueInput, keyInput: keyInput, order)
    }
    var arguments: [Python] = [.text(width.text), .text(heads.text)]
    if dropout.text != "0.0" { arguments.append(.keyword("dropout", .text(dropout.text))) }
    if !hasBias { arguments.append(.keyword("bias", .text("False"))) }
    for (name, input) in [("kdim", keyInput), ("vdim", valueInput)] where input > 0 {
      let size = try use.size(input, -1, hint: name)
      if size.text != width.text { arguments.append(.keyword(name, .text(size.text))) }
    }
    arguments.append(.keyword("batch_first", .text("True")))
    var emission = Emission(
      .call("nn.MultiheadAttention", arguments), layouts: use.inputs.map { _ in .declared },
      output: .declared)
    emission.isPlain = false
    emission.expression = { module, inputs in
      var passed = order(inputs) + ["need_weights=False"]
      if isCausal { passed.append("attn_mask=\(mask(inputs))") }
      return "\(module)(\(passed.joined(separator: ", ")))[0]"
    }
    return emission
  }

  /// Heads whose width is not width / num_heads: PyTorch has no module for them.
  private static func generalAttention(
    _ use: LayerUse, width: PythonValue, heads: PythonValue, dropout: PythonValue, hasBias: Bool,
    isCausal: Bool, valueInput: Int, keyInput: Int, _ order: @escaping ([String]) -> [String]
  ) throws(EmissionError) -> Emission {
    requireMultiHeadAttention(use)
    let sizes = use.bindings.map { $0["size"] }
    let valueSizes = use.bindings.map { $0["vsize"] }
    var arguments: [Python] = [
      .text(width.text), .text(try use.size(keyInput, -1, hint: "key_features").text),
      .text(try use.size(valueInput, -1, hint: "value_features").text), .text(heads.text),
      .text(try use.writer.infer(sizes, hint: "key_dim").text),
      .text(try use.writer.infer(valueSizes, hint: "value_dim").text),
    ]
    if dropout.text != "0.0" { arguments.append(.keyword("dropout", .text(dropout.text))) }
    if !hasBias { arguments.append(.keyword("bias", .text("False"))) }
    if isCausal { arguments.append(.keyword("causal", .text("True"))) }
    var emission = Emission(
      .call("MultiHeadAttention", arguments), layouts: use.inputs.map { _ in .declared },
      output: .declared)
    emission.isPlain = false
    emission.expression = { module, inputs in
      "\(module)(\(order(inputs).joined(separator: ", ")))"
    }
    return emission
  }

  static func requireMultiHeadAttention(_ use: LayerUse) {
    use.writer.module.require("MultiHeadAttention", multiHeadAttentionClass)
  }

  private static let multiHeadAttentionClass = """
    class MultiHeadAttention(nn.Module):
        \"\"\"Scaled dot-product attention in heads of any width.\"\"\"

        def __init__(
            self,
            query_features: int,
            key_features: int,
            value_features: int,
            num_heads: int,
            key_dim: int,
            value_dim: int,
            dropout: float = 0.0,
            bias: bool = True,
            causal: bool = False,
        ) -> None:
            super().__init__()
            self.num_heads = num_heads
            self.dropout = dropout
            self.causal = causal
            self.query = nn.Linear(query_features, num_heads * key_dim, bias=bias)
            self.key = nn.Linear(key_features, num_heads * key_dim, bias=bias)
            self.value = nn.Linear(value_features, num_heads * value_dim, bias=bias)
            self.output = nn.Linear(num_heads * value_dim, query_features, bias=bias)

        def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            q, k, v = (
                layer(x).unflatten(-1, (self.num_heads, -1)).transpose(1, 2)
                for layer, x in (
                    (self.query, query),
                    (self.key, key),
                    (self.value, value),
                )
            )
            x = F.scaled_dot_product_attention(
                q,
                k,
                v,
                dropout_p=self.dropout if self.training else 0.0,
                is_causal=self.causal,
            )
            return self.output(x.transpose(1, 2).flatten(2))
    """

  static func transformerEncoder(_ use: LayerUse) throws(EmissionError) -> Emission {
    let width = try use.size(0, -1, hint: "d_model")
    var arguments: [Python] = [
      .text(width.text), .text(try use.expression("num_heads").text),
    ]
    let hidden = try use.expression("ff_dim")
    if hidden.text != "2048" {
      arguments.append(.keyword("dim_feedforward", .text(hidden.text)))
    }
    let dropout = try use.expression("dropout")
    if dropout.text != "0.1" { arguments.append(.keyword("dropout", .text(dropout.text))) }
    if case .layer(let layer) = try use.uniform("activation"), layer.schema.name != "relu" {
      let called = try use.function(of: layer, layout: .declared)("{x}")
      guard called.hasSuffix("({x})") else {
        throw use.unsupported("takes an activation without arguments here")
      }
      let function = layer.schema.name == "gelu" ? "\"gelu\"" : String(called.dropLast(5))
      arguments.append(.keyword("activation", .text(function)))
    }
    let epsilon = try use.expression("epsilon")
    if epsilon.text != "1e-05" { arguments.append(.keyword("layer_norm_eps", .text(epsilon.text))) }
    arguments.append(.keyword("batch_first", .text("True")))
    if try use.isTrue("norm_first") { arguments.append(.keyword("norm_first", .text("True"))) }
    var emission = Emission(
      .call("nn.TransformerEncoderLayer", arguments), layouts: [.declared], output: .declared)
    if try use.isTrue("causal") {
      emission.isPlain = false
      emission.expression = { module, inputs in
        let x = inputs[0]
        return "\(module)(\(x), src_mask=\(causalMask(x, x)))"
      }
    }
    return emission
  }
}
