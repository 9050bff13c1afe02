import NeuralDimension
import NeuralModel
import NeuralSchema

// Factors, positions and noise that PyTorch has no module for: the generated file brings a small one,
// with the weights of the declaration.
extension PyTorchEmitters {
  static func layerScale(_ use: LayerUse) throws(EmissionError) -> Emission {
    let axis = try IndexEmitters.constantAxis(use)
    let features = try use.size(0, axis, hint: "features")
    let initial = try use.expression("init_values").text
    use.writer.module.require("LayerScale", layerScaleClass)
    var arguments: [Python] = [.text(features.text)]
    if initial != "1e-05" { arguments.append(.keyword("init_values", .text(initial))) }
    var emission = Emission(
      .call("LayerScale", arguments), layouts: [.declared], output: .declared)
    if axis != -1, axis != use.rank() - 1 {
      emission.isPlain = false
      emission.expression = { module, inputs in
        "\(module)(\(inputs[0]).movedim(\(axis), -1)).movedim(-1, \(axis))"
      }
    }
    return emission
  }

  private static let layerScaleClass = """
    class LayerScale(nn.Module):
        \"""A learned factor for each channel, small at first.\"""

        def __init__(self, features: int, init_values: float = 1e-05) -> None:
            super().__init__()
            self.gamma = nn.Parameter(torch.full((features,), init_values))

        def forward(self, x: Tensor) -> Tensor:
            return x * self.gamma
    """

  /// A function of the module's own, of the input and a wavelength.
  private static func positions(
    _ use: LayerUse, _ name: String, _ text: String
  ) throws(EmissionError) -> Emission {
    let wavelength = try use.expression("max_wavelength").text
    use.writer.module.require(name, text)
    let rest = wavelength == "10000.0" ? "" : ", \(wavelength)"
    return Emission(layouts: [.declared], output: .declared) { "\(name)(\($0[0])\(rest))" }
  }

  static func sinusoidalPositions(_ use: LayerUse) throws(EmissionError) -> Emission {
    try positions(use, "add_sinusoids", sinusoidsFunction)
  }

  private static let sinusoidsFunction = """
    def add_sinusoids(x: Tensor, max_wavelength: float = 10000.0) -> Tensor:
        \"""Add sines and cosines of the position to each place of a sequence.\"""
        index = torch.arange(x.shape[-1], device=x.device)
        position = torch.arange(x.shape[1], dtype=x.dtype, device=x.device)
        powers = (index - index % 2) / x.shape[-1]
        angle = position[:, None] * max_wavelength**-powers
        return x + torch.where(index % 2 == 0, angle.sin(), angle.cos())
    """

  static func rotaryEmbedding(_ use: LayerUse) throws(EmissionError) -> Emission {
    try positions(use, "rotate_pairs", rotateFunction)
  }

  private static let rotateFunction = """
    def rotate_pairs(x: Tensor, max_wavelength: float = 10000.0) -> Tensor:
        \"""Turn pairs of features by angles that grow with the position.\"""
        width = x.shape[-1]
        powers = torch.arange(0, width, 2, dtype=x.dtype, device=x.device) / width
        position = torch.arange(x.shape[1], dtype=x.dtype, device=x.device)
        angle = position[:, None] * max_wavelength**-powers
        angle = angle.reshape(-1, *[1] * (x.ndim - 3), width // 2)
        sin, cos = angle.sin(), angle.cos()
        even, odd = x[..., ::2], x[..., 1::2]
        pairs = (even * cos - odd * sin, even * sin + odd * cos)
        return torch.stack(pairs, dim=-1).flatten(-2)
    """

  static func pReLU(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard
      case .tuple(let sizes)? = try use.uniformWeights().first.map({
        Value.tuple($0.shape.map(Value.integer))
      }), let shape = Python.literal(.tuple(sizes))
    else { throw use.unsupported("needs slopes of a known size") }
    use.writer.module.require("PReLU", pReLUClass)
    return Emission(.call("PReLU", [.text(shape)]), layouts: [.declared], output: .declared)
  }

  private static let pReLUClass = """
    class PReLU(nn.Module):
        \"""A learned slope below 0 for each place.\"""

        def __init__(self, shape: tuple[int, ...]) -> None:
            super().__init__()
            self.alpha = nn.Parameter(torch.zeros(shape))

        def forward(self, x: Tensor) -> Tensor:
            return F.relu(x) - self.alpha * F.relu(-x)
    """

  static func gaussianDropout(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    use.writer.module.require("GaussianDropout", gaussianDropoutClass)
    let rate = try use.expression("rate").text
    return Emission(.call("GaussianDropout", [.text(rate)]), layouts: [layout], output: layout)
  }

  private static let gaussianDropoutClass = """
    class GaussianDropout(nn.Module):
        \"""Multiply by noise around 1 in training, of the variance rate / (1 - rate).\"""

        def __init__(self, rate: float) -> None:
            super().__init__()
            self.deviation = (rate / (1 - rate)) ** 0.5

        def forward(self, x: Tensor) -> Tensor:
            if not self.training:
                return x
            return x * (1 + self.deviation * torch.randn_like(x))
    """

  static func gaussianNoise(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    use.writer.module.require("GaussianNoise", gaussianNoiseClass)
    let deviation = try use.expression("stddev").text
    return Emission(.call("GaussianNoise", [.text(deviation)]), layouts: [layout], output: layout)
  }

  private static let gaussianNoiseClass = """
    class GaussianNoise(nn.Module):
        \"""Add noise around 0 in training.\"""

        def __init__(self, deviation: float) -> None:
            super().__init__()
            self.deviation = deviation

        def forward(self, x: Tensor) -> Tensor:
            if not self.training:
                return x
            return x + self.deviation * torch.randn_like(x)
    """

  /// Whole features of a sequence: PyTorch's channels.
  static func spatialDropout(_ use: LayerUse) throws(EmissionError) -> Emission {
    let rate = try use.expression("rate").text
    return Emission(
      .call("nn.Dropout1d", [.text(rate)]), layouts: [.channelsSecond], output: .channelsSecond)
  }
}
