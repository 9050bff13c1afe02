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

  /// What is given is written into the module; else it begins neutral, for the data to say.
  static func normalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let invert = try use.isTrue("invert")
    let rank = use.rank()
    var arguments: [Python] = []
    if let mean = try constants(use, "mean"), let variance = try constants(use, "variance") {
      let axis = try use.uniform("axis")
      guard mean.isScalar && variance.isScalar || axis == .int(-1) || axis == .int(rank - 1)
      else { throw use.unsupported("takes a mean and variance of the last axis, or one for all") }
      arguments = [
        .text("torch.tensor(\(mean.text))"), .text("torch.tensor(\(variance.text))"),
        .keyword("fixed", .text("True")),
      ]
    } else {
      guard let axes = axes(try use.uniform("axis"), rank) else {
        throw use.unsupported("needs constant axes")
      }
      // Broadcast from the last axis on: what is not kept has one place.
      var kept: [String] = []
      var places: [String] = []
      for axis in (axes.min() ?? rank)..<rank {
        let size = axes.contains(axis) ? try use.size(0, axis, hint: "features").text : nil
        if let size { kept.append(size) }
        places.append(size ?? "1")
      }
      let list = kept.isEmpty ? "()" : kept.joined(separator: ", ")
      arguments = [.text("torch.zeros(\(list))"), .text("torch.ones(\(list))")]
      if places != kept {
        arguments.append(.keyword("places", .text("(\(places.joined(separator: ", ")))")))
      }
    }
    if invert { arguments.append(.keyword("invert", .text("True"))) }
    use.writer.module.require("Normalization", normalizationClass)
    return Emission(.call("Normalization", arguments), layouts: [.declared], output: .declared)
  }

  private static func axes(_ value: Value, _ rank: Int) -> [Int]? {
    let entries: [Dimension]
    switch value {
    case .none: return []
    case .integer(let axis): entries = [axis]
    default:
      guard let list = value.dimensions else { return nil }
      entries = list
    }
    let constants = entries.compactMap(\.constant)
    guard constants.count == entries.count else { return nil }
    return constants.map { $0 < 0 ? $0 + rank : $0 }
  }

  /// A number or a list of them; `nil` for none.
  private static func constants(
    _ use: LayerUse, _ name: String
  ) throws(EmissionError) -> (text: String, isScalar: Bool)? {
    func number(_ value: Value) -> String? {
      switch value {
      case .float(let value): Python.float(value)
      case .integer(.constant(let value)): "\(value).0"
      default: nil
      }
    }
    let value = try use.uniform(name)
    if value == .none { return nil }
    if let text = number(value) { return (text, true) }
    guard let entries = value.elements, case let texts = entries.compactMap(number),
      texts.count == entries.count
    else { throw use.unsupported("needs a constant \(name)") }
    return ("[\(texts.joined(separator: ", "))]", false)
  }

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
