import NeuralDimension
import NeuralModel
import NeuralSchema

// Convolutions and pools. XLA pads "SAME" as the source means it; Flax takes amounts as they are.
extension JAXEmitters {
  /// `"SAME"`, `"VALID"`, `"CAUSAL"`, or a pair for each axis.
  private static func padding(_ use: LayerUse) throws(EmissionError) -> String {
    let given = use.writer.activeUses.compactMap { use.arguments[$0]?["padding"] }
    guard given.contains(where: { $0.elements != nil }) else {
      guard case .string(let word) = try use.uniform("padding") else {
        throw use.unsupported("needs a constant padding")
      }
      return Python.string(word.uppercased())
    }
    let value = try use.expression("padding").text
    if Set(given).count == 1, let pairs = given[0].elements?.compactMap(\.dimensions),
      Python.literal(given[0]) == value
    {
      if pairs.allSatisfy({ $0.allSatisfy { $0 == .constant(0) } }) { return "\"VALID\"" }
      // A pair for each axis, which one number or one for each stands for where both sides agree.
      if pairs.allSatisfy({ Set($0).count == 1 }), let first = pairs.first?.first,
        pairs.allSatisfy({ $0[0] == first })
      {
        return first.description
      }
      return value
    }
    return value
  }

  /// A tuple of as many entries as there are axes, which Flax wants for windows.
  static func window(_ use: LayerUse, _ name: String, _ axes: Int) throws(EmissionError) -> String {
    let value = try use.expression(name)
    if !value.standsForAll { return value.text }
    let entries = Array(repeating: value.text, count: axes).joined(separator: ", ")
    return axes == 1 ? "(\(entries),)" : "(\(entries))"
  }

  /// How the kernel steps over its input, where that is not one by one and padded to its size.
  private static func steps(_ use: LayerUse) throws(EmissionError) -> [Python] {
    var arguments: [Python] = []
    let strides = try use.tuple("strides").text
    if strides != "1" { arguments.append(.keyword("strides", .text(strides))) }
    let padding = try padding(use)
    if padding != "\"SAME\"" { arguments.append(.keyword("padding", .text(padding))) }
    let dilation = try use.tuple("dilation_rate").text
    if dilation != "1" { arguments.append(.keyword("kernel_dilation", .text(dilation))) }
    return arguments
  }

  static func convolution(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let (rank, axis) = (use.rank(), try use.channelAxis())
    let channels = try use.size(0, axis, hint: "in_channels")
    let filters = try use.expression("filters")
    var arguments: [Python] = [
      .text(channels.text), .text(filters.text),
      .text(try window(use, "kernel_size", rank - 2)),
    ]
    arguments += try steps(use)
    let groups = try use.expression("groups").text
    if groups != "1" { arguments.append(.keyword("feature_group_count", .text(groups))) }
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    arguments += try initializers(use, kernel: "kernel", name: "kernel_init")
    var emission = Emission(
      .call("nnx.Conv", arguments + [rngs]), layouts: [layout], output: layout)
    emission.sizes[axis] = filters
    return try activated(emission, use, layout)
  }

  static func depthwise(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let (rank, axis) = (use.rank(), try use.channelAxis())
    let channels = try use.size(0, axis, hint: "in_channels")
    use.writer.module.require("DepthwiseConv", depthwiseClass)
    var arguments: [Python] = [
      .text(channels.text), .text(try window(use, "kernel_size", rank - 2)),
    ]
    let multiplier = try use.expression("depth_multiplier")
    if multiplier.text != "1" {
      arguments.append(.keyword("depth_multiplier", .text(multiplier.text)))
    }
    arguments += try steps(use)
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    arguments += try initializers(
      use, kernel: "depthwise", name: "kernel_init", usual: "kernel")
    var emission = Emission(
      .call("DepthwiseConv", arguments + [rngs]), layouts: [layout], output: layout)
    if multiplier.text == "1" { emission.sizes[axis] = channels }
    return try activated(emission, use, layout)
  }

  private static let depthwiseClass = """
    class DepthwiseConv(nnx.Conv):
        \"""A convolution of each channel on its own, its filters an axis of the kernel.\"""

        def __init__(
            self,
            channels: int,
            kernel_size: tuple[int, ...],
            *,
            depth_multiplier: int = 1,
            kernel_init: nnx.Initializer = glorot_uniform,
            rngs: nnx.Rngs,
            **options,
        ) -> None:
            super().__init__(
                channels,
                channels * depth_multiplier,
                kernel_size,
                feature_group_count=channels,
                conv_general_dilated=self.convolve,
                rngs=rngs,
                **options,
            )
            shape = (*kernel_size, channels, depth_multiplier)
            self.kernel = nnx.Param(kernel_init(rngs.params(), shape))

        @staticmethod
        def convolve(x: jax.Array, kernel: jax.Array, *sizes, **options) -> jax.Array:
            kernel = kernel.reshape(*kernel.shape[:-2], 1, -1)
            return jax.lax.conv_general_dilated(x, kernel, *sizes, **options)
    """

  // MARK: Transposed

  static func transposed(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let (rank, axis) = (use.rank(), try use.channelAxis())
    let channels = try use.size(0, axis, hint: "in_channels")
    let filters = try use.expression("filters")
    var arguments: [Python] = [
      .text(channels.text), .text(filters.text),
      .text(try window(use, "kernel_size", rank - 2)),
    ]
    let strides = try use.tuple("strides").text
    if strides != "1" {
      arguments.append(.keyword("strides", .text(try window(use, "strides", rank - 2))))
    }
    arguments.append(.keyword("padding", .text(try transposedPadding(use))))
    let dilation = try use.tuple("dilation_rate").text
    if dilation != "1" {
      arguments.append(
        .keyword("kernel_dilation", .text(try window(use, "dilation_rate", rank - 2))))
    }
    arguments.append(.keyword("transpose_kernel", .text("True")))
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    arguments += try initializers(use, kernel: "kernel", name: "kernel_init")
    var emission = Emission(
      .call("nnx.ConvTranspose", arguments + [rngs]), layouts: [layout], output: layout)
    emission.sizes[axis] = filters
    return try activated(emission, use, layout)
  }

  /// What is added around the spread input, in pairs, so that the result has Keras's size: without
  /// padding max(kernel, stride) for one place more, with "same" the input's size times the stride.
  private static func transposedPadding(_ use: LayerUse) throws(EmissionError) -> String {
    guard case .string(let word) = try use.uniform("padding") else {
      throw use.unsupported(
        "crops no stated amounts from a transposed convolution; write padding=\"same\" or "
          + "\"valid\", or a Cropping after it")
    }
    func numbers(_ name: String) throws(EmissionError) -> [Int]? {
      let value = try use.uniform(name)
      if value == .none { return nil }
      guard let sizes = value.dimensions?.compactMap(\.constant), !sizes.isEmpty else {
        throw use.unsupported("needs a constant \(name)")
      }
      return sizes
    }
    let axes = use.rank() - 2
    guard let kernel = try numbers("kernel_size"), let strides = try numbers("strides"),
      let dilation = try numbers("dilation_rate"), kernel.count == axes, strides.count == axes,
      dilation.count == axes
    else { throw use.unsupported("needs a constant kernel_size") }
    let extra = try numbers("output_padding")
    let pairs = (0..<axes).map { axis in
      let reach = (kernel[axis] - 1) * dilation[axis] + 1
      let more = extra?[axis]
      if word == "valid" {
        return (reach - 1, reach - 1 + (more ?? max(reach, strides[axis]) - reach))
      }
      let total = more.map { reach + reach % 2 - 2 + $0 } ?? strides[axis] + reach - 2
      let before = min(total / 2 + total % 2, reach - 1)
      return (before, total - before)
    }
    let texts = pairs.map { "(\($0.0), \($0.1))" }
    return axes == 1 ? "(\(texts[0]),)" : "(\(texts.joined(separator: ", ")))"
  }

  // MARK: Pools

  static func maxPool(_ use: LayerUse) throws(EmissionError) -> Emission {
    try pool(use, "nnx.max_pool", "")
  }

  static func averagePool(_ use: LayerUse) throws(EmissionError) -> Emission {
    try pool(use, "nnx.avg_pool", ", count_include_pad=False")
  }

  private static func pool(
    _ use: LayerUse, _ function: String, _ last: String
  ) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let axes = use.rank() - 2
    let size = try window(use, "pool_size", axes)
    let strides =
      try use.uniform("strides") == .none ? size : try window(use, "strides", axes)
    let isCeil = try use.isTrue("ceil_mode")
    let isStated = use.writer.activeUses.contains {
      use.arguments[$0]?["padding"]?.elements != nil
    }
    let padding =
      isCeil || isStated
      ? try TensorFlowEmitters.borders(use, isCeil: isCeil) : try padding(use)
    var arguments = size
    if strides != "(\(Array(repeating: "1", count: axes).joined(separator: ", ")))" {
      arguments += ", strides=\(strides)"
    }
    let isPlain = padding == "\"VALID\""
    if !isPlain { arguments += ", padding=\(padding)" }
    let counted = isPlain ? "" : last
    return Emission(layouts: [layout], output: layout) { inputs in
      "\(function)(\(inputs[0]), \(arguments)\(counted))"
    }
  }

  /// Keras's windows, which may overlap; the axes one after the other.
  static func adaptivePool(_ use: LayerUse) throws(EmissionError) -> Emission {
    let value = try use.uniform("output_size")
    let axes = use.rank() - 2
    let given = value.elements ?? Array(repeating: value, count: axes)
    if given.allSatisfy({ $0 == .none }) {
      let layout = try use.followedLayout()
      return Emission(layouts: [layout], output: layout) { $0[0] }
    }
    let layout = try use.channelLayout()
    guard given.count == axes, given.allSatisfy({ $0 == .none || Python.literal($0) != nil }) else {
      throw use.unsupported("needs a constant output_size")
    }
    use.writer.module.require(
      "adaptive_pool",
      """
      def adaptive_pool(
          x: jax.Array, sizes: tuple[int, ...], reduce: Callable[..., jax.Array]
      ) -> jax.Array:
          \"""Reduce as many windows of each axis as are wanted, which may overlap.\"""
          for axis, count in enumerate(sizes, start=1):
              size = x.shape[axis]
              windows = [
                  jax.lax.slice_in_dim(
                      x, i * size // count, -(-(i + 1) * size // count), axis=axis
                  )
                  for i in range(count)
              ]
              windows = [reduce(w, axis=axis, keepdims=True) for w in windows]
              x = jnp.concatenate(windows, axis=axis)
          return x
      """)
    let reduce = use.schema.name.hasPrefix("AdaptiveMax") ? "jnp.max" : "jnp.mean"
    return Emission(layouts: [layout], output: layout) { inputs in
      // A size that is kept is the input's.
      let sizes = given.enumerated().map { axis, size in
        Python.literal(size).flatMap { $0 == "None" ? nil : $0 }
          ?? "\(inputs[0]).shape[\(axis + 1)]"
      }
      let list = axes == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
      return "adaptive_pool(\(inputs[0]), \(list), \(reduce))"
    }
  }
}
