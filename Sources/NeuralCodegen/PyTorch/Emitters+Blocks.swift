import NeuralDimension
import NeuralModel
import NeuralSchema

// Capsules, attention along axes and images that are sampled anew.
extension PyTorchEmitters {
  private static func requireSquash(_ use: LayerUse) {
    use.writer.module.require(
      "squash",
      """
      def squash(x: Tensor) -> Tensor:
          \"""Shorten vectors to lengths below 1.\"""
          squared = x.square().sum(dim=-1, keepdim=True)
          return x * squared / (1 + squared) * (squared + 1e-7).rsqrt()
      """)
  }

  /// A convolution whose channels, place by place, are vectors.
  static func primaryCapsules(_ use: LayerUse) throws(EmissionError) -> Emission {
    requireSquash(use)
    use.writer.module.require(
      "primary_capsules",
      """
      def primary_capsules(x: Tensor, dim: int) -> Tensor:
          \"""The channels of each place as vectors.\"""
          return squash(x.movedim(1, -1).flatten(1).unflatten(1, (-1, dim)))
      """)
    let size = try use.expression("dim").text
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
    return Emission(.call("CapsuleLayer", arguments), layouts: [.declared], output: .declared)
  }

  private static let capsuleClass = """
    class CapsuleLayer(nn.Module):
        \"""Capsules that earlier capsules agree on, by dynamic routing.\"""

        def __init__(
            self, inputs: int, features: int, capsules: int, dim: int, routings: int = 3
        ) -> None:
            super().__init__()
            self.kernel = nn.Parameter(torch.empty(inputs, capsules, features, dim))
            nn.init.normal_(self.kernel, std=0.05)
            self.routings = routings

        def forward(self, x: Tensor) -> Tensor:
            votes = torch.einsum("bif,icfd->bicd", x, self.kernel)
            logits = votes.new_zeros(votes.shape[:3])
            for _ in range(self.routings - 1):
                capsules = self.agree(logits, votes)
                logits = logits + torch.einsum("bicd,bcd->bic", votes, capsules)
            return self.agree(logits, votes)

        def agree(self, logits: Tensor, votes: Tensor) -> Tensor:
            weights = logits.softmax(dim=2)
            return squash(torch.einsum("bic,bicd->bcd", weights, votes))
    """

  static func axialAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    requireMultiHeadAttention(use)
    use.writer.module.require("AxialAttention", axialClass)
    var arguments: [Python] = [
      .text(try use.size(0, -1, hint: "channels").text),
      .text(try use.expression("num_heads").text), .text(try use.headSize().text),
    ]
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    return Emission(.call("AxialAttention", arguments), layouts: [.declared], output: .declared)
  }

  private static let axialClass = """
    class AxialAttention(nn.Module):
        \"""Attention along each axis of an image by itself, the results added.\"""

        def __init__(
            self, channels: int, num_heads: int, key_dim: int, bias: bool = True
        ) -> None:
            super().__init__()
            sizes = (channels, channels, channels, num_heads, key_dim, key_dim)
            self.height_attention = MultiHeadAttention(*sizes, bias=bias)
            self.width_attention = MultiHeadAttention(*sizes, bias=bias)

        def forward(self, x: Tensor) -> Tensor:
            rows = x.flatten(0, 1)
            rows = self.width_attention(rows, rows, rows).view_as(x)
            x = x.transpose(1, 2)
            columns = x.flatten(0, 1)
            columns = self.height_attention(columns, columns, columns).view_as(x)
            return rows + columns.transpose(1, 2)
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
      .call("SpatialTransformer", arguments), layouts: [.declared], output: .declared)
  }

  private static let spatialTransformerClass = """
    class SpatialTransformer(nn.Module):
        \"""Sample each image by an affine map that a small network finds for it.\"""

        def __init__(
            self, features: int, units: int, size: tuple[int, int] | None = None
        ) -> None:
            super().__init__()
            self.hidden_kernel = nn.Parameter(torch.empty(features, units))
            self.hidden_bias = nn.Parameter(torch.zeros(units))
            self.affine_kernel = nn.Parameter(torch.zeros(units, 6))
            self.affine_bias = nn.Parameter(torch.eye(2, 3).flatten())
            nn.init.xavier_uniform_(self.hidden_kernel)
            self.size = size

        def forward(self, x: Tensor) -> Tensor:
            hidden = F.relu(x.flatten(1) @ self.hidden_kernel + self.hidden_bias)
            affine = (hidden @ self.affine_kernel + self.affine_bias).unflatten(1, (2, 3))
            images = x.movedim(-1, 1)
            size = (*images.shape[:2], *(self.size or images.shape[2:]))
            grid = F.affine_grid(affine, size, align_corners=False)
            return F.grid_sample(images, grid, align_corners=False).movedim(1, -1)
    """
}
