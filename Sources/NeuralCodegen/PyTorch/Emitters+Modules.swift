import NeuralDimension
import NeuralModel
import NeuralSchema

// Layers that PyTorch has no module for: the generated file brings a small one.
extension PyTorchEmitters {
  static func stochasticDepth(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    use.writer.module.require("StochasticDepth", stochasticDepthClass)
    var arguments: [Python] = [.text(try use.expression("rate").text)]
    if try use.uniform("mode") == .string("batch") {
      arguments.append(.keyword("per_sample", .text("False")))
    }
    return Emission(.call("StochasticDepth", arguments), layouts: [layout], output: layout)
  }

  private static let stochasticDepthClass = """
    class StochasticDepth(nn.Module):
        \"""Leave a branch out at random in training, and scale it up where it stays.\"""

        def __init__(self, rate: float, per_sample: bool = True) -> None:
            super().__init__()
            self.rate = rate
            self.per_sample = per_sample

        def forward(self, x: Tensor) -> Tensor:
            count = x.shape[0] if self.per_sample else 1
            kept = x.new_ones((count, *[1] * (x.ndim - 1)))
            return x * F.dropout(kept, self.rate, self.training)
    """

  static func classToken(_ use: LayerUse) throws(EmissionError) -> Emission {
    let width = try use.size(0, -1, hint: "width")
    use.writer.module.require("ClassToken", classTokenClass)
    return Emission(
      .call("ClassToken", [.text(width.text)]), layouts: [.declared], output: .declared)
  }

  private static let classTokenClass = """
    class ClassToken(nn.Module):
        \"""One learned vector in front of a sequence.\"""

        def __init__(self, width: int) -> None:
            super().__init__()
            self.token = nn.Parameter(torch.zeros(1, 1, width))

        def forward(self, x: Tensor) -> Tensor:
            return torch.cat((self.token.expand(x.shape[0], -1, -1), x), dim=1)
    """

  static func positionEmbedding(_ use: LayerUse) throws(EmissionError) -> Emission {
    let given = try use.uniform("max_length")
    let length =
      given == .none
      ? try use.size(0, 1, hint: "max_length") : try use.expression("max_length")
    let width = try use.size(0, -1, hint: "width")
    use.writer.module.require("PositionEmbedding", positionEmbeddingClass)
    return Emission(
      .call("PositionEmbedding", [.text(length.text), .text(width.text)]), layouts: [.declared],
      output: .declared)
  }

  private static let positionEmbeddingClass = """
    class PositionEmbedding(nn.Module):
        \"""A learned vector for each place of a sequence, added to what stands there.\"""

        def __init__(self, max_length: int, width: int) -> None:
            super().__init__()
            self.embeddings = nn.Parameter(torch.empty(max_length, width))
            nn.init.normal_(self.embeddings, std=0.02)

        def forward(self, x: Tensor) -> Tensor:
            return x + self.embeddings[: x.shape[1]]
    """

  static func normalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("Normalization", normalizationClass)
    return try moments.normalization(use)
  }

  private static let moments = MomentEmitters(
    array: "torch.tensor",
    zeros: { "torch.zeros(\($0.isEmpty ? "()" : $0.joined(separator: ", ")))" },
    ones: { "torch.ones(\($0.isEmpty ? "()" : $0.joined(separator: ", ")))" })

  private static let normalizationClass = """
    class Normalization(nn.Module):
        \"""Take away a mean and divide by the root of a variance, which data say.\"""

        def __init__(
            self,
            mean: Tensor,
            variance: Tensor,
            places: tuple[int, ...] | None = None,
            fixed: bool = False,
            invert: bool = False,
        ) -> None:
            super().__init__()
            self.register_buffer("mean", mean, persistent=not fixed)
            self.register_buffer("variance", variance, persistent=not fixed)
            if not fixed:
                self.register_buffer("count", torch.zeros(()))
            self.places = mean.shape if places is None else places
            self.invert = invert

        def forward(self, x: Tensor) -> Tensor:
            mean = self.mean.reshape(self.places)
            deviation = self.variance.sqrt().clamp(min=1e-7).reshape(self.places)
            if self.invert:
                return mean + x * deviation
            return (x - mean) / deviation
    """
}
