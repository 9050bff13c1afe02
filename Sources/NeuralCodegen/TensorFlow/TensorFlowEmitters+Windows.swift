import NeuralDimension
import NeuralModel
import NeuralSchema

// Convolutions and pools. Keras pads "same" as the source means it; amounts that are stated are
// padded before the layer.
extension TensorFlowEmitters {
  static func convolution(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    var layer = KerasLayer(use, "layers.\(use.schema.name)", layout: layout)
    let isStated = use.writer.activeUses.contains {
      use.arguments[$0]?["padding"]?.elements != nil
    }
    guard isStated else { return called(try layer.call(), use, layout) }
    guard use.schema.parameter(named: "output_padding") == nil else {
      throw use.unsupported(
        "crops no stated amounts from a transposed convolution; write padding=\"same\" or "
          + "\"valid\", or a Cropping after it")
    }
    layer.replaced["padding"] = .some(nil)
    let axes = use.rank() - 2
    let padding = try stated(use)
    var emission = called(try layer.call(), use, layout)
    guard let padding else { return emission }
    emission.expression = { module, inputs in
      "\(module)(layers.ZeroPadding\(axes)D(\(padding))(\(inputs[0])))"
    }
    return emission
  }

  /// Amounts as ZeroPadding takes them; `nil` for none.
  private static func stated(_ use: LayerUse) throws(EmissionError) -> String? {
    let all = use.writer.activeUses.compactMap { use.arguments[$0]?["padding"] }
    guard let first = all.first else { return nil }
    guard Set(all).count == 1 else { return try use.expression("padding").text }
    let pairs = (first.elements ?? []).compactMap { $0.dimensions?.compactMap(\.constant) }
    guard pairs.allSatisfy({ $0.count == 2 }), let pair = pairs.first else {
      return try use.expression("padding").text
    }
    let written = try use.expression("padding")
    if Python.literal(first) != written.text { return written.text }
    if pairs.allSatisfy({ $0 == [0, 0] }) { return nil }
    if pairs.allSatisfy({ $0[0] == $0[1] }) {
      let amounts = pairs.map { String($0[0]) }
      return Set(amounts).count == 1 ? amounts[0] : "(\(amounts.joined(separator: ", ")))"
    }
    let texts = pairs.map { "(\($0[0]), \($0[1]))" }
    return pairs.count == 1 ? "(\(pair[0]), \(pair[1]))" : "(\(texts.joined(separator: ", ")))"
  }

  static func adaptivePool(_ use: LayerUse) throws(EmissionError) -> Emission {
    let sizes = try use.uniform("output_size")
    if (sizes.elements ?? [sizes]).contains(.none) {
      throw use.unsupported("keeps no size as it is; write the size instead of none")
    }
    return try own(use, "layers.\(use.schema.name)")
  }

  static func pool(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    var layer = KerasLayer(use, "layers.\(use.schema.name)", layout: layout)
    if !use.schema.name.hasPrefix("Max") { layer.required = ["pool_size"] }
    layer.replaced["ceil_mode"] = .some(nil)
    // Strides that equal the window are Keras's default too.
    let isWindow = use.writer.activeUses.allSatisfy {
      use.arguments[$0]?["strides"] == use.arguments[$0]?["pool_size"]
    }
    if isWindow { layer.replaced["strides"] = .some(nil) }
    let isStated = use.writer.activeUses.contains {
      use.arguments[$0]?["padding"]?.elements != nil
    }
    let isCeil = try use.isTrue("ceil_mode")
    guard isStated || isCeil else { return called(try layer.call(), use, layout) }
    let kind = use.schema.name.hasPrefix("Max") ? "max" : "average"
    let pads = try borders(use, isCeil: isCeil)
    use.writer.module.require("PaddedPooling", paddedPoolingClass)
    let size = try use.uniform("pool_size")
    let strides = try use.uniform("strides")
    guard let window = Python.literal(size),
      let step = Python.literal(strides == .none ? size : strides)
    else { throw use.unsupported("needs a constant window") }
    return called(
      .call(
        "PaddedPooling",
        [.text(Python.string(kind)), .text(window), .text(step), .text(pads)]), use, layout)
  }

  /// What is added on both sides of each spatial axis, the rest of the last window included.
  static func borders(_ use: LayerUse, isCeil: Bool) throws(EmissionError) -> String {
    let axes = use.rank() - 2
    var found: Set<[[Int]]> = []
    for index in use.writer.activeUses {
      let arguments = use.arguments[index]
      var pairs =
        arguments?["padding"]?.elements?.compactMap { $0.dimensions?.compactMap(\.constant) }
        ?? Array(repeating: [0, 0], count: axes)
      if isCeil {
        let isFirst = arguments?["data_format"] == .string("channels_first")
        let size = arguments?["pool_size"]?.dimensions?.compactMap(\.constant) ?? []
        let given = arguments?["strides"]?.dimensions?.compactMap(\.constant) ?? []
        let strides = given.isEmpty ? size : given
        let output = use.outputShape(use: index)
        for axis in 0..<axes {
          let place = isFirst ? axis + 2 : axis + 1
          guard size.count == axes, strides.count == axes, pairs.count == axes,
            let input = use.shape(0, use: index)[place].constant,
            output.indices.contains(place), let count = output[place].constant
          else {
            throw use.unsupported(
              "needs sizes that are known for ceil_mode; write padding=\"same\" instead")
          }
          let reach = (count - 1) * strides[axis] + size[axis]
          pairs[axis][1] = max(pairs[axis][1], reach - input - pairs[axis][0])
        }
      }
      found.insert(pairs)
    }
    guard found.count == 1, let pairs = found.first,
      pairs.allSatisfy({ $0.count == 2 })
    else {
      throw use.writer.split(use.writer.keys { use.arguments[$0]?["padding"]?.description ?? "" })
    }
    let texts = pairs.map { "(\($0[0]), \($0[1]))" }
    return pairs.count == 1 ? "(\(texts[0]),)" : "(\(texts.joined(separator: ", ")))"
  }

  private static let paddedPoolingClass = """
    class PaddedPooling(layers.Layer):
        \"""A pool with borders that do not count: minus infinity for the maximum.\"""

        def __init__(
            self,
            kind: str,
            pool_size: tuple[int, ...],
            strides: tuple[int, ...],
            borders: tuple[tuple[int, int], ...],
            **options,
        ) -> None:
            super().__init__(**options)
            self.kind = kind
            self.pool_size = pool_size
            self.strides = strides
            self.borders = ((0, 0), *borders, (0, 0))

        def call(self, x: KerasTensor) -> KerasTensor:
            if self.kind == "max":
                x = ops.pad(x, self.borders, constant_values=float("-inf"))
                return ops.max_pool(x, self.pool_size, self.strides)
            count = ops.pad(ops.ones_like(x), self.borders)
            x = ops.pad(x, self.borders)
            return ops.average_pool(x, self.pool_size, self.strides) / ops.average_pool(
                count, self.pool_size, self.strides
            )
    """
}
