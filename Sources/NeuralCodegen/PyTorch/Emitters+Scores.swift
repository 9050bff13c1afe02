import NeuralDimension
import NeuralModel
import NeuralSchema

// Attention whose scores PyTorch has no module for. Inputs come in Keras's order, (query, value, key).
extension PyTorchEmitters {
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
    let isScaled = try use.isTrue("use_scale")
    let isConcatenated = try use.uniform("score_mode") == .string("concat")
    let isCausal = try use.isTrue("causal")
    let dropout = try use.expression("dropout").text
    if isScaled || isConcatenated {
      use.writer.module.require("Attention", attentionClass)
      var arguments: [Python] = []
      if isScaled { arguments.append(.keyword("use_scale", .text("True"))) }
      if isConcatenated { arguments.append(.keyword("concat", .text("True"))) }
      if dropout != "0.0" { arguments.append(.keyword("dropout", .text(dropout))) }
      if isCausal { arguments.append(.keyword("causal", .text("True"))) }
      return attending(use, .call("Attention", arguments))
    }
    var options = ""
    if dropout != "0.0" { options += ", dropout_p=\(dropout) if self.training else 0.0" }
    if isCausal { options += ", is_causal=True" }
    return Emission(layouts: use.inputs.map { _ in .declared }, output: .declared) { inputs in
      let read = queryKeyValue(inputs).joined(separator: ", ")
      return "F.scaled_dot_product_attention(\(read)\(options), scale=1.0)"
    }
  }

  private static let attentionClass = """
    class Attention(nn.Module):
        \"""Dot-product attention with a learned factor, or scored by tanh of a sum.\"""

        def __init__(
            self,
            use_scale: bool = False,
            concat: bool = False,
            dropout: float = 0.0,
            causal: bool = False,
        ) -> None:
            super().__init__()
            self.scale = nn.Parameter(torch.ones(())) if use_scale else None
            self.concat_score_weight = nn.Parameter(torch.ones(())) if concat else None
            self.dropout = dropout
            self.causal = causal

        def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            if self.scale is not None:
                query = query * self.scale
            if self.concat_score_weight is None:
                scores = query @ key.transpose(1, 2)
            else:
                if self.scale is not None:
                    key = key * self.scale
                sums = query.unsqueeze(2) + key.unsqueeze(1)
                scores = self.concat_score_weight * sums.tanh().sum(dim=-1)
            if self.causal:
                later = torch.ones_like(scores, dtype=torch.bool).triu(1)
                scores = scores.masked_fill(later, float("-inf"))
            weights = F.dropout(scores.softmax(dim=-1), self.dropout, self.training)
            return weights @ value
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
    return attending(use, .call("AdditiveAttention", arguments))
  }

  private static let additiveClass = """
    class AdditiveAttention(nn.Module):
        \"""Attention scored by tanh of a sum, whose features have learned weights.\"""

        def __init__(
            self,
            features: int | None = None,
            dropout: float = 0.0,
            causal: bool = False,
        ) -> None:
            super().__init__()
            self.scale = None
            if features is not None:
                self.scale = nn.Parameter(torch.empty(features))
                nn.init.normal_(self.scale, std=features**-0.5)
            self.dropout = dropout
            self.causal = causal

        def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            scores = torch.tanh(query.unsqueeze(2) + key.unsqueeze(1))
            if self.scale is not None:
                scores = scores * self.scale
            scores = scores.sum(dim=-1)
            if self.causal:
                later = torch.ones_like(scores, dtype=torch.bool).triu(1)
                scores = scores.masked_fill(later, float("-inf"))
            weights = F.dropout(scores.softmax(dim=-1), self.dropout, self.training)
            return weights @ value
    """

  static func groupedQueryAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["use_gate", "seed"])
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
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    if try use.isTrue("causal") { arguments.append(.keyword("causal", .text("True"))) }
    return attending(use, .call("GroupedQueryAttention", arguments))
  }

  private static let groupedClass = """
    class GroupedQueryAttention(nn.Module):
        \"""Attention whose query heads share fewer heads of keys and values.\"""

        def __init__(
            self,
            query_features: int,
            key_features: int,
            value_features: int,
            head_dim: int,
            num_query_heads: int,
            num_key_value_heads: int,
            dropout: float = 0.0,
            bias: bool = True,
            causal: bool = False,
        ) -> None:
            super().__init__()
            self.head_dim = head_dim
            self.dropout = dropout
            self.causal = causal
            width, shared = num_query_heads * head_dim, num_key_value_heads * head_dim
            self.query = nn.Linear(query_features, width, bias=bias)
            self.key = nn.Linear(key_features, shared, bias=bias)
            self.value = nn.Linear(value_features, shared, bias=bias)
            self.output = nn.Linear(width, query_features, bias=bias)

        def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            q, k, v = (
                layer(x).unflatten(-1, (-1, self.head_dim)).transpose(1, 2)
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
                enable_gqa=True,
            )
            return self.output(x.transpose(1, 2).flatten(2))
    """

  static func selfAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("SelfAttention", selfAttentionClass)
    let features = try use.size(0, -1, hint: "features").text
    let units =
      try use.uniform("units") == .none ? features : use.expression("units").text
    var arguments: [Python] = [.text(features), .text(units)]
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    if try use.isTrue("causal") { arguments.append(.keyword("causal", .text("True"))) }
    return Emission(.call("SelfAttention", arguments), layouts: [.declared], output: .declared)
  }

  private static let selfAttentionClass = """
    class SelfAttention(nn.Module):
        \"""Dot-product attention of a sequence to itself, over three projections.\"""

        def __init__(
            self, features: int, units: int, bias: bool = True, causal: bool = False
        ) -> None:
            super().__init__()
            for name in ("query", "key", "value"):
                kernel = nn.Parameter(torch.empty(features, units))
                nn.init.xavier_uniform_(kernel)
                self.register_parameter(f"{name}_kernel", kernel)
                bias_of = nn.Parameter(torch.zeros(units)) if bias else None
                self.register_parameter(f"{name}_bias", bias_of)
            self.causal = causal

        def project(self, x: Tensor, name: str) -> Tensor:
            kernel, bias = (getattr(self, f"{name}_{n}") for n in ("kernel", "bias"))
            return F.linear(x, kernel.t(), bias)

        def forward(self, x: Tensor) -> Tensor:
            q, k, v = (self.project(x, name) for name in ("query", "key", "value"))
            return F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
    """
}
