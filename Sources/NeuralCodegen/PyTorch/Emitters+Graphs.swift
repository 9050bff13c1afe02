import NeuralDimension
import NeuralModel
import NeuralSchema

// Layers of graph networks, and those that choose where values go.
extension PyTorchEmitters {
  /// A module that reads nodes and their adjacency.
  private static func overGraph(
    _ use: LayerUse, _ constructor: Python
  ) throws(EmissionError) -> Emission {
    var emission = Emission(constructor, layouts: [.declared, .declared], output: .declared)
    emission.isPlain = false
    guard let activation = try use.activation(layout: .declared) else { return emission }
    return emission.wrapped(activation)
  }

  static func graphConvolution(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("GraphConv", graphConvolutionClass)
    var arguments: [Python] = [
      .text(try use.size(0, -1, hint: "features").text), .text(try use.expression("units").text),
    ]
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    return try overGraph(use, .call("GraphConv", arguments))
  }

  private static let graphConvolutionClass = """
    class GraphConv(nn.Module):
        \"""Features through one kernel, summed over the neighbours of each node.\"""

        def __init__(self, features: int, units: int, bias: bool = True) -> None:
            super().__init__()
            self.kernel = nn.Parameter(torch.empty(features, units))
            self.bias = nn.Parameter(torch.zeros(units)) if bias else None
            nn.init.xavier_uniform_(self.kernel)

        def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
            x = adjacency @ (x @ self.kernel)
            return x if self.bias is None else x + self.bias
    """

  static func graphAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("GraphAttention", graphAttentionClass)
    var arguments: [Python] = [
      .text(try use.size(0, -1, hint: "features").text), .text(try use.expression("units").text),
    ]
    for (name, usual) in [
      ("heads", "1"), ("concat", "True"), ("dropout", "0.0"), ("negative_slope", "0.2"),
    ] {
      let text = try use.expression(name).text
      if text != usual { arguments.append(.keyword(name, .text(text))) }
    }
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    return try overGraph(use, .call("GraphAttention", arguments))
  }

  private static let graphAttentionClass = """
    class GraphAttention(nn.Module):
        \"""Features of the neighbours of each node, with learned weights in heads.\"""

        def __init__(
            self,
            features: int,
            units: int,
            heads: int = 1,
            concat: bool = True,
            dropout: float = 0.0,
            negative_slope: float = 0.2,
            bias: bool = True,
        ) -> None:
            super().__init__()
            self.kernel = nn.Parameter(torch.empty(features, heads, units))
            self.attention_source = nn.Parameter(torch.empty(heads, units))
            self.attention_target = nn.Parameter(torch.empty(heads, units))
            width = heads * units if concat else units
            self.bias = nn.Parameter(torch.zeros(width)) if bias else None
            for weight in (self.kernel, self.attention_source, self.attention_target):
                nn.init.xavier_uniform_(weight)
            self.concat = concat
            self.dropout = dropout
            self.negative_slope = negative_slope

        def forward(self, x: Tensor, adjacency: Tensor) -> Tensor:
            heads = self.kernel.shape[1:]
            x = (x @ self.kernel.flatten(1)).unflatten(-1, heads).transpose(1, 2)
            source = x @ self.attention_source.unsqueeze(-1)
            target = x @ self.attention_target.unsqueeze(-1)
            scores = F.leaky_relu(source + target.transpose(2, 3), self.negative_slope)
            scores = scores.masked_fill(adjacency.unsqueeze(1) == 0, -1e9)
            weights = F.dropout(scores.softmax(dim=-1), self.dropout, self.training)
            x = weights @ x
            x = x.transpose(1, 2).flatten(2) if self.concat else x.mean(dim=1)
            return x if self.bias is None else x + self.bias
    """

  /// A linear map scores the branches, by the mean of what stands between batch and features.
  static func dynamicLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require(
      "pick",
      """
      def pick(scores: Tensor, *values: Tensor) -> Tensor:
          \"""For each sample the value with the largest score.\"""
          picked = scores.argmax(dim=-1)
          return torch.stack(values, dim=1)[torch.arange(len(picked)), picked]
      """)
    let features = try use.size(0, -1, hint: "features").text
    let count = String(use.inputs.count - 1)
    let hasPlaces = use.rank() > 2
    var emission = Emission(
      .call("nn.Linear", [.text(features), .text(count)]),
      layouts: use.inputs.map { _ in .declared }, output: .declared)
    emission.isPlain = false
    emission.expression = { module, inputs in
      let read = hasPlaces ? "\(inputs[0]).flatten(1, -2).mean(dim=1)" : inputs[0]
      return "pick(\(([module + "(\(read))"] + inputs.dropFirst()).joined(separator: ", ")))"
    }
    return emission
  }

  static func mixtureOfExperts(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("MixtureOfExperts", mixtureClass)
    var arguments: [Python] = [
      .text(try use.size(0, -1, hint: "width").text), .text(try use.expression("experts").text),
      .text(try use.writer.infer(use.bindings.map { $0["hidden"] }, hint: "hidden").text),
    ]
    let picked = try use.expression("top_k").text
    if picked != "2" { arguments.append(.keyword("top_k", .text(picked))) }
    if let function = try use.functionArgument("activation", usual: "relu") {
      arguments.append(.keyword("activation", .text(function)))
    }
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    return Emission(.call("MixtureOfExperts", arguments), layouts: [.declared], output: .declared)
  }

  private static let mixtureClass = """
    class MixtureOfExperts(nn.Module):
        \"""Feed-forward experts of which a router picks some for each place.\"""

        def __init__(
            self,
            width: int,
            experts: int,
            hidden: int,
            top_k: int = 2,
            activation: Callable[[Tensor], Tensor] = F.relu,
            bias: bool = True,
        ) -> None:
            super().__init__()
            self.router_kernel = nn.Parameter(torch.empty(width, experts))
            self.expert_in_kernel = nn.Parameter(torch.empty(experts, width, hidden))
            self.expert_in_bias = None
            self.expert_out_kernel = nn.Parameter(torch.empty(experts, hidden, width))
            self.expert_out_bias = None
            if bias:
                self.expert_in_bias = nn.Parameter(torch.zeros(experts, hidden))
                self.expert_out_bias = nn.Parameter(torch.zeros(experts, width))
            kernels = (*self.expert_in_kernel, *self.expert_out_kernel)
            for kernel in (self.router_kernel, *kernels):
                nn.init.xavier_uniform_(kernel)
            self.top_k = top_k
            self.activation = activation

        def forward(self, x: Tensor) -> Tensor:
            places = x.flatten(0, -2)
            scores, picked = (places @ self.router_kernel).topk(self.top_k, dim=-1)
            weights = scores.softmax(dim=-1)
            result = torch.zeros_like(places)
            for expert in range(self.router_kernel.shape[1]):
                place, rank = (picked == expert).nonzero(as_tuple=True)
                value = places[place] @ self.expert_in_kernel[expert]
                if self.expert_in_bias is not None:
                    value = value + self.expert_in_bias[expert]
                value = self.activation(value) @ self.expert_out_kernel[expert]
                if self.expert_out_bias is not None:
                    value = value + self.expert_out_bias[expert]
                result = result.index_add(0, place, value * weights[place, rank, None])
            return result.view_as(x)
    """
}
