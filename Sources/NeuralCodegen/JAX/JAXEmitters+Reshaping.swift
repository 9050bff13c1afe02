import NeuralDimension
import NeuralModel
import NeuralSchema

extension JAXEmitters {
  /// A value that is moved first has a statement of its own, so that it is not moved twice.
  static func flatten(_ use: LayerUse) throws(EmissionError) -> Emission {
    let isMoved = try use.variable(0).layout != .declared
    var emission = Emission(layouts: [.declared], output: .declared) { inputs in
      "\(inputs[0]).reshape(\(inputs[0]).shape[0], -1)"
    }
    if isMoved {
      emission.statements = { _, inputs, outputs in
        let name = outputs[0]
        return ["\(name) = \(inputs[0])", "\(name) = \(name).reshape(\(name).shape[0], -1)"]
      }
    }
    return emission
  }

  /// The axis of an argument, from the front.
  private static func axis(_ use: LayerUse, _ layout: Layout) throws(EmissionError) -> Int {
    guard case .integer(.constant(let axis)) = try use.uniform("axis") else {
      throw use.unsupported("needs a constant axis")
    }
    return layout.place(of: axis, rank: use.rank())
  }

  static func split(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    let axis = try axis(use, layout)
    let sections = try use.uniform("sections")
    var places = try use.expression("sections").text
    if let sizes = sections.dimensions?.compactMap(\.constant), sizes.count > 1 {
      // JAX wants where to cut.
      var sum = 0
      let cuts = sizes.dropLast().map { size in
        sum += size
        return String(sum)
      }
      places = cuts.count == 1 ? "(\(cuts[0]),)" : "(\(cuts.joined(separator: ", ")))"
    }
    var emission = Emission(layouts: [layout], output: layout) { $0[0] }
    emission.statements = { _, inputs, outputs in
      ["\(outputs.joined(separator: ", ")) = jnp.split(\(inputs[0]), \(places), axis=\(axis))"]
    }
    if use.outputs.count == 1 {
      emission.statements = nil
      emission.expression = { _, inputs in inputs[0] }
    }
    return emission
  }

  /// Pairs of amounts, one for each axis between the batch and the channels.
  private static func pairs(_ use: LayerUse, _ name: String) throws(EmissionError) -> [[Int]] {
    let axes = use.rank() - 2
    let value = try use.uniform(name)
    var pairs = value.elements?.compactMap { $0.dimensions?.compactMap(\.constant) } ?? []
    if axes == 1, pairs.count != 1, let pair = value.dimensions?.compactMap(\.constant) {
      pairs = [pair]
    }
    guard pairs.count == axes, pairs.allSatisfy({ $0.count == 2 }) else {
      throw use.unsupported("needs a constant \(name)")
    }
    return pairs
  }

  static func zeroPadding(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try windowLayout(use)
    let amounts = try pairs(use, "padding").map { "(\($0[0]), \($0[1]))" }
    let list = (["(0, 0)"] + amounts + ["(0, 0)"]).joined(separator: ", ")
    return Emission(layouts: [layout], output: layout) { inputs in
      "jnp.pad(\(inputs[0]), (\(list)))"
    }
  }

  static func cropping(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try windowLayout(use)
    let ranges = try pairs(use, "cropping").map { pair in
      (pair[0] == 0 ? "" : String(pair[0])) + ":" + (pair[1] == 0 ? "" : String(-pair[1]))
    }
    return Emission(layouts: [layout], output: layout) { inputs in
      "\(inputs[0])[:, \(ranges.joined(separator: ", "))]"
    }
  }

  /// Layers over space without `data_format` have the channels last.
  private static func windowLayout(_ use: LayerUse) throws(EmissionError) -> Layout {
    use.schema.parameter(named: "data_format") == nil ? .declared : try use.channelLayout()
  }

  static func upSampling(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try windowLayout(use)
    let axes = use.rank() - 2
    let value = try use.uniform("size")
    var factors = value.dimensions ?? []
    if case .integer(let factor) = value { factors = Array(repeating: factor, count: axes) }
    guard factors.count == axes else { throw use.unsupported("needs a constant size") }
    let interpolation =
      use.schema.parameter(named: "interpolation") == nil
      ? Value.string("nearest") : try use.uniform("interpolation")
    if interpolation == .string("nearest") {
      return Emission(layouts: [layout], output: layout) { inputs in
        factors.enumerated().filter { $0.element != .constant(1) }.reduce(inputs[0]) {
          "jnp.repeat(\($0), \($1.element), axis=\($1.offset + 1))"
        }
      }
    }
    guard interpolation == .string("bilinear") else {
      throw use.unsupported("interpolates nearest or bilinear here")
    }
    use.writer.module.require(
      "enlarge",
      """
      def enlarge(x: jax.Array, factors: tuple[int, ...]) -> jax.Array:
          \"""Interpolate between the places of the middle axes.\"""
          sizes = [n * factor for n, factor in zip(x.shape[1:-1], factors, strict=True)]
          return jax.image.resize(x, (x.shape[0], *sizes, x.shape[-1]), "bilinear")
      """)
    let list = factors.map(\.description).joined(separator: ", ")
    return Emission(layouts: [layout], output: layout) { inputs in
      "enlarge(\(inputs[0]), (\(list)))"
    }
  }

  static func channelShuffle(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let groups = try use.expression("groups").text
    use.writer.module.require(
      "channel_shuffle",
      """
      def channel_shuffle(x: jax.Array, groups: int) -> jax.Array:
          \"""Mix the channels of groups: one of each in turn.\"""
          grouped = x.reshape(*x.shape[:-1], groups, -1)
          return jnp.swapaxes(grouped, -1, -2).reshape(x.shape)
      """)
    return Emission(layouts: [layout], output: layout) { inputs in
      "channel_shuffle(\(inputs[0]), \(groups))"
    }
  }

  static func depthToSpace(_ use: LayerUse) throws(EmissionError) -> Emission {
    try blocks(
      use, "depth_to_space",
      """
      def depth_to_space(x: jax.Array, block: int) -> jax.Array:
          \"""Turn groups of channels into squares of pixels, in PyTorch's order.\"""
          batch, height, width, _ = x.shape
          x = x.reshape(batch, height, width, -1, block, block)
          x = x.transpose(0, 1, 4, 2, 5, 3)
          return x.reshape(batch, height * block, width * block, -1)
      """)
  }

  static func spaceToDepth(_ use: LayerUse) throws(EmissionError) -> Emission {
    try blocks(
      use, "space_to_depth",
      """
      def space_to_depth(x: jax.Array, block: int) -> jax.Array:
          \"""Turn squares of pixels into channels, in PyTorch's order.\"""
          batch, height, width, channels = x.shape
          x = x.reshape(batch, height // block, block, width // block, block, channels)
          x = x.transpose(0, 1, 3, 5, 2, 4)
          return x.reshape(batch, height // block, width // block, -1)
      """)
  }

  private static func blocks(
    _ use: LayerUse, _ name: String, _ text: String
  ) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let block = try use.expression("block_size").text
    use.writer.module.require(name, text)
    return Emission(layouts: [layout], output: layout) { "\(name)(\($0[0]), \(block))" }
  }

  /// Padding is set to zero; what would leave it out is refused.
  static func masking(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuseMaskReaders()
    let value = try use.expression("mask_value").text
    return Emission(layouts: [.declared], output: .declared) { inputs in
      "\(inputs[0]) * (\(inputs[0]) != \(value)).any(axis=-1, keepdims=True)"
    }
  }

  // MARK: Learned vectors

  static func classToken(_ use: LayerUse) throws(EmissionError) -> Emission {
    let width = try use.size(0, -1, hint: "width")
    use.writer.module.require(
      "ClassToken",
      """
      class ClassToken(nnx.Module):
          \"""One learned vector in front of a sequence.\"""

          def __init__(self, width: int) -> None:
              self.token = nnx.Param(jnp.zeros((1, 1, width)))

          def __call__(self, x: jax.Array) -> jax.Array:
              token = jnp.broadcast_to(self.token[...], (x.shape[0], 1, x.shape[-1]))
              return jnp.concatenate((token, x), axis=1)
      """)
    return Emission(
      .call("ClassToken", [.text(width.text)]), layouts: [.declared], output: .declared)
  }

  static func positionEmbedding(_ use: LayerUse) throws(EmissionError) -> Emission {
    try refuseOptions(use)
    let given = try use.uniform("max_length")
    let length =
      given == .none
      ? try use.size(0, 1, hint: "max_length") : try use.expression("max_length")
    let width = try use.size(0, -1, hint: "width")
    let weight = try use.uniformWeights().first?.name ?? "embeddings"
    use.writer.module.require(
      "PositionEmbedding",
      """
      class PositionEmbedding(nnx.Module):
          \"""A learned vector for each place of a sequence, added to what stands there.\"""

          def __init__(self, max_length: int, width: int, *, rngs: nnx.Rngs) -> None:
              normal = nnx.initializers.normal(0.02)
              self.\(weight) = nnx.Param(normal(rngs.params(), (max_length, width)))

          def __call__(self, x: jax.Array) -> jax.Array:
              return x + self.\(weight)[: x.shape[1]]
      """)
    return Emission(
      .call("PositionEmbedding", [.text(length.text), .text(width.text), rngs]),
      layouts: [.declared], output: .declared)
  }

  static func layerScale(_ use: LayerUse) throws(EmissionError) -> Emission {
    try refuseOptions(use)
    let axis = try axis(use, .declared)
    guard axis == use.rank() - 1 else {
      throw use.unsupported("scales the last axis; write Permute around it for another")
    }
    let width = try use.size(0, -1, hint: "width")
    use.writer.module.require(
      "LayerScale",
      """
      class LayerScale(nnx.Module):
          \"""A learned factor for each channel.\"""

          def __init__(self, width: int, init_values: float = 1e-05) -> None:
              self.gamma = nnx.Param(jnp.full(width, init_values))

          def __call__(self, x: jax.Array) -> jax.Array:
              return x * self.gamma
      """)
    var arguments: [Python] = [.text(width.text)]
    let initial = try use.expression("init_values").text
    if initial != "1e-05" { arguments.append(.keyword("init_values", .text(initial))) }
    return Emission(.call("LayerScale", arguments), layouts: [.declared], output: .declared)
  }
}
