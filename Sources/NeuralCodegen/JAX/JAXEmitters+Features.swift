import NeuralDimension
import NeuralModel
import NeuralSchema

// Positions, moments and noise that Flax has no module for.
extension JAXEmitters {
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
    def add_sinusoids(x: jax.Array, max_wavelength: float = 10000.0) -> jax.Array:
        \"""Add sines and cosines of the position to each place of a sequence.\"""
        index = jnp.arange(x.shape[-1])
        powers = (index - index % 2) / x.shape[-1]
        angle = jnp.arange(x.shape[1])[:, None] * max_wavelength**-powers
        return x + jnp.where(index % 2 == 0, jnp.sin(angle), jnp.cos(angle))
    """

  static func rotaryEmbedding(_ use: LayerUse) throws(EmissionError) -> Emission {
    try positions(use, "rotate_pairs", rotateFunction)
  }

  private static let rotateFunction = """
    def rotate_pairs(x: jax.Array, max_wavelength: float = 10000.0) -> jax.Array:
        \"""Turn pairs of features by angles that grow with the position.\"""
        width = x.shape[-1]
        powers = jnp.arange(0, width, 2) / width
        angle = jnp.arange(x.shape[1])[:, None] * max_wavelength**-powers
        angle = angle.reshape(-1, *[1] * (x.ndim - 3), width // 2)
        sin, cos = jnp.sin(angle), jnp.cos(angle)
        even, odd = x[..., ::2], x[..., 1::2]
        pairs = (even * cos - odd * sin, even * sin + odd * cos)
        return jnp.stack(pairs, axis=-1).reshape(x.shape)
    """

  static func normalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("Normalization", normalizationClass)
    return try moments.normalization(use)
  }

  private static let moments = MomentEmitters(
    array: "jnp.array", zeros: { "jnp.zeros(\(shape($0)))" }, ones: { "jnp.ones(\(shape($0)))" })

  private static func shape(_ sizes: [String]) -> String {
    sizes.count == 1 ? sizes[0] : "(\(sizes.joined(separator: ", ")))"
  }

  private static let normalizationClass = """
    class Normalization(nnx.Module):
        \"""Take away a mean and divide by the root of a variance, which data say.\"""

        def __init__(
            self,
            mean: jax.Array,
            variance: jax.Array,
            *,
            places: tuple[int, ...] | None = None,
            fixed: bool = False,
            invert: bool = False,
        ) -> None:
            self.mean = mean if fixed else nnx.BatchStat(mean)
            self.variance = variance if fixed else nnx.BatchStat(variance)
            if not fixed:
                self.count = nnx.BatchStat(jnp.zeros(()))
            self.places = mean.shape if places is None else places
            self.invert = invert

        def __call__(self, x: jax.Array) -> jax.Array:
            mean = self.mean[...].reshape(self.places)
            variance = self.variance[...].reshape(self.places)
            deviation = jnp.maximum(jnp.sqrt(variance), 1e-7)
            if self.invert:
                return mean + x * deviation
            return (x - mean) / deviation
    """

  static func localResponse(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    use.writer.module.require("normalize_neighbours", neighboursFunction)
    var options = try use.expression("size").text
    for (name, usual) in [("alpha", "0.0001"), ("beta", "0.75"), ("k", "1.0")] {
      let text = try use.expression(name).text
      if text != usual { options += ", \(name)=\(text)" }
    }
    return Emission(layouts: [layout], output: layout) {
      "normalize_neighbours(\($0[0]), \(options))"
    }
  }

  private static let neighboursFunction = """
    def normalize_neighbours(
        x: jax.Array, size: int, alpha: float = 0.0001, beta: float = 0.75, k: float = 1.0
    ) -> jax.Array:
        \"""Divide by a sum of squares over neighbouring channels.\"""
        borders = (size // 2, (size - 1) // 2)
        squares = jnp.pad(x**2, [(0, 0)] * (x.ndim - 1) + [borders])
        total = sum(squares[..., i : i + x.shape[-1]] for i in range(size))
        return x / (k + alpha / size * total) ** beta
    """

  // MARK: Noise

  /// A module of the module's own that acts in training, of one number.
  private static func noise(
    _ use: LayerUse, _ parameter: String, _ text: String
  ) throws(EmissionError) -> Emission {
    try use.refuse(["seed", "noise_shape"])
    let layout = try use.followedLayout()
    let name = use.schema.name
    use.writer.module.require(name, text)
    return Emission(
      .call(name, [.text(try use.expression(parameter).text), rngs]), layouts: [layout],
      output: layout)
  }

  static func alphaDropout(_ use: LayerUse) throws(EmissionError) -> Emission {
    try noise(use, "rate", alphaDropoutClass)
  }

  private static let alphaDropoutClass = """
    class AlphaDropout(nnx.Module):
        \"""Give dropped values SELU's lowest in training, so that mean and variance stay.\"""

        def __init__(self, rate: float, *, rngs: nnx.Rngs) -> None:
            self.rate = rate
            self.deterministic = False
            self.rngs = rngs.dropout.fork()

        def __call__(self, x: jax.Array) -> jax.Array:
            if self.deterministic or self.rate == 0:
                return x
            lowest = -1.7580993408473766
            scale = ((1 - self.rate) * (1 + self.rate * lowest**2)) ** -0.5
            kept = jax.random.bernoulli(self.rngs(), 1 - self.rate, x.shape)
            return scale * (jnp.where(kept, x, lowest) - lowest * self.rate)
    """

  static func gaussianDropout(_ use: LayerUse) throws(EmissionError) -> Emission {
    try noise(use, "rate", gaussianDropoutClass)
  }

  private static let gaussianDropoutClass = """
    class GaussianDropout(nnx.Module):
        \"""Multiply by noise around 1 in training, of the variance rate / (1 - rate).\"""

        def __init__(self, rate: float, *, rngs: nnx.Rngs) -> None:
            self.deviation = (rate / (1 - rate)) ** 0.5
            self.deterministic = False
            self.rngs = rngs.dropout.fork()

        def __call__(self, x: jax.Array) -> jax.Array:
            if self.deterministic:
                return x
            return x * (1 + self.deviation * jax.random.normal(self.rngs(), x.shape))
    """

  static func gaussianNoise(_ use: LayerUse) throws(EmissionError) -> Emission {
    try noise(use, "stddev", gaussianNoiseClass)
  }

  private static let gaussianNoiseClass = """
    class GaussianNoise(nnx.Module):
        \"""Add noise around 0 in training.\"""

        def __init__(self, deviation: float, *, rngs: nnx.Rngs) -> None:
            self.deviation = deviation
            self.deterministic = False
            self.rngs = rngs.dropout.fork()

        def __call__(self, x: jax.Array) -> jax.Array:
            if self.deterministic:
                return x
            return x + self.deviation * jax.random.normal(self.rngs(), x.shape)
    """
}
