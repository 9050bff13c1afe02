import NeuralDimension
import NeuralModel
import NeuralSchema

// Convolutions and pools. Keras pads "same" more at the end where PyTorch pads evenly, and by the
// size at hand; both are written out here.
extension PyTorchEmitters {
  /// How much is added before and after each spatial axis.
  enum Padding {
    case none
    /// The same on both sides: PyTorch's own argument.
    case even(String)
    /// PyTorch's `padding="same"`, for stride 1.
    case same
    /// Different sides: padded beforehand, the last axis first as `F.pad` wants it.
    case uneven([Int])
    /// By the size at run time.
    case running
  }

  /// The padding of a convolution or pool, from its arguments in all uses.
  private static func padding(
    _ use: LayerUse, kernel: String, strides: String, isChannelsFirst: Bool
  ) throws(EmissionError) -> Padding {
    let axes = use.rank() - 2
    let given = use.arguments.map { $0?["padding"] }
    let isExplicit = use.writer.activeUses.allSatisfy { given[$0]?.elements != nil }
    switch isExplicit ? .none : try use.uniform("padding") {
    case .string("valid"): return .none
    case .string("same"): break
    case .string("causal"):
      guard let k = constants(use, kernel), let d = constants(use, "dilation_rate") else {
        throw use.unsupported("needs a constant kernel for causal padding")
      }
      return .uneven([(k[0] - 1) * d[0], 0])
    default: return try explicitPadding(use, axes: axes)
    }
    let strideOne = use.writer.activeUses.allSatisfy { index in
      stepsIn(use, strides, kernel, index).allSatisfy { $0 == 1 }
    }
    if strideOne, kernel == "kernel_size" {
      guard let k = constants(use, kernel), let d = constants(use, "dilation_rate"),
        k.allSatisfy({ $0 % 2 == 1 })
      else { return .same }
      return padding(zip(k, d).map { [($0 - 1) * $1 / 2, ($0 - 1) * $1 / 2] })
    }
    var found: Set<[[Int]]> = []
    for index in use.writer.activeUses {
      guard
        let pairs = sameAmounts(
          use, kernel, strides, index, isChannelsFirst: isChannelsFirst)
      else { return .running }
      found.insert(pairs)
    }
    guard found.count == 1, let pairs = found.first else { return .running }
    return padding(pairs)
  }

  /// Numbers for each axis: an expression of the source where uses differ.
  private static func explicitPadding(
    _ use: LayerUse, axes: Int
  ) throws(EmissionError) -> Padding {
    let all = use.arguments.map { arguments in
      arguments?["padding"]?.elements?.compactMap { $0.dimensions?.compactMap(\.constant) }
    }
    let known = use.writer.activeUses.compactMap { all[$0] }
    guard known.allSatisfy({ $0.count == axes && $0.allSatisfy { $0.count == 2 } }) else {
      throw use.unsupported("needs a constant padding")
    }
    let isEven = known.allSatisfy { $0.allSatisfy { $0[0] == $0[1] } }
    if isEven, Set(known).count > 1 || !use.writer.isNetwork {
      let value = try use.expression("padding")
      // `((3, 3), (3, 3))` is a pair of pairs here and one number for each axis in PyTorch.
      if !value.text.hasPrefix("((") {
        return value.text == "0" ? .none : .even(value.text)
      }
    }
    guard Set(known).count == 1, let pairs = known.first else {
      throw use.writer.split(use.writer.keys { "\(all[$0] ?? [])" })
    }
    return padding(pairs)
  }

  private static func padding(_ pairs: [[Int]]) -> Padding {
    if pairs.allSatisfy({ $0[0] == $0[1] }) {
      return pairs.allSatisfy { $0[0] == 0 } ? .none : .even(one(pairs.map { $0[0] }))
    }
    return .uneven(pairs.reversed().flatMap { $0 })
  }

  /// A tuple argument, where it is constant and the same in all uses.
  private static func constants(_ use: LayerUse, _ name: String) -> [Int]? {
    guard let value = try? use.uniform(name) else { return nil }
    let numbers = value.dimensions?.compactMap(\.constant)
    return numbers?.isEmpty == false ? numbers : nil
  }

  /// The strides in one use; a pool's are its size where none are given.
  private static func stepsIn(
    _ use: LayerUse, _ strides: String, _ kernel: String, _ index: Int
  ) -> [Int] {
    let arguments = use.arguments[index]
    let value = arguments?[strides].flatMap { $0 == .none ? nil : $0 } ?? arguments?[kernel]
    return value?.dimensions?.compactMap(\.constant) ?? []
  }

  /// Keras's amounts for "same" in one use: max((⌈n/s⌉ − 1)·s + k − n, 0), the smaller half first;
  /// `nil` where they depend on a size that is not known.
  private static func sameAmounts(
    _ use: LayerUse, _ kernel: String, _ strides: String, _ index: Int, isChannelsFirst: Bool
  ) -> [[Int]]? {
    let shape = use.shape(0, use: index)
    let spatial = isChannelsFirst ? Array(shape.dropFirst(2)) : Array(shape.dropFirst().dropLast())
    let kernels = use.arguments[index]?[kernel]?.dimensions?.compactMap(\.constant) ?? []
    let steps = stepsIn(use, strides, kernel, index)
    let dilations =
      use.arguments[index]?["dilation_rate"]?.dimensions?.compactMap(\.constant)
      ?? kernels.map { _ in 1 }
    guard kernels.count == spatial.count, steps.count == spatial.count,
      dilations.count == spatial.count
    else { return nil }
    let facts = use.writer.graph(index).facts
    var pairs: [[Int]] = []
    for axis in spatial.indices {
      let reach = (kernels[axis] - 1) * dilations[axis] + 1
      let step = Dimension.constant(steps[axis])
      guard
        let wanted = try? spatial[axis].ceilDivided(by: step).subtracting(.constant(1))
          .multiplied(by: step).adding(.constant(reach)).subtracting(spatial[axis])
      else { return nil }
      let total: Int
      if let constant = wanted.constant {
        total = max(constant, 0)
      } else if let proved = (0...reach).first(where: {
        facts.verdict(wanted, .equal, .constant($0)) == .proved
      }) {
        total = proved
      } else if facts.verdict(wanted, .lessOrEqual, .constant(0)) == .proved {
        total = 0
      } else {
        return nil
      }
      pairs.append([total / 2, total - total / 2])
    }
    return pairs
  }

  private static let padSame = """
    def pad_same(
        x: Tensor, kernel: tuple[int, ...], stride: tuple[int, ...], value: float = 0.0
    ) -> Tensor:
        \"\"\"Pad so that strides divide the size evenly, more at the end, as Keras does.\"\"\"
        pads: list[int] = []
        for size, k, s in zip(x.shape[:1:-1], kernel[::-1], stride[::-1], strict=True):
            total = max((-(-size // s) - 1) * s + k - size, 0)
            pads += [total // 2, total - total // 2]
        return F.pad(x, pads, value=value)
    """

  private static let averageInside = """
    def average_inside(
        pool: Callable[..., Tensor], x: Tensor, pads: tuple[int, ...], *size, **stride
    ) -> Tensor:
        \"""The mean of each window over what lies inside: padding does not count.\"""
        share = pool(F.pad(torch.ones_like(x), pads), *size, **stride)
        return pool(F.pad(x, pads), *size, **stride) / share
    """

  private static let averageSame = """
    def average_same(
        pool: Callable[..., Tensor],
        x: Tensor,
        kernel: tuple[int, ...],
        stride: tuple[int, ...],
    ) -> Tensor:
        \"""The mean of each window over what lies inside, padded as Keras's "same" is.\"""
        share = pool(pad_same(torch.ones_like(x), kernel, stride), kernel, stride)
        return pool(pad_same(x, kernel, stride), kernel, stride) / share
    """

  private static func one(_ values: [Int]) -> String {
    Set(values).count == 1
      ? String(values[0]) : "(\(values.map(String.init).joined(separator: ", ")))"
  }

  /// A depthwise convolution is one with a group for each channel.
  static func convolution(_ use: LayerUse) throws(EmissionError) -> Emission {
    let isDepthwise = use.schema.parameter(named: "depth_multiplier") != nil
    let isFirst = try use.uniform("data_format") == .string("channels_first")
    let layout: Layout = isFirst ? .declared : .channelsSecond
    let rank = use.rank()
    let axis = try use.channelAxis()
    let channels = try use.size(0, axis, hint: "in_channels")
    let filters =
      isDepthwise
      ? try use.writer.infer(use.bindings.map { $0["filters"] }, hint: "out_channels")
      : try use.expression("filters")
    let kernel = try use.tuple("kernel_size")
    let strides = try use.tuple("strides")
    let dilation = try use.tuple("dilation_rate")
    let groups = isDepthwise ? channels : try use.expression("groups")
    let padding = try padding(
      use, kernel: "kernel_size", strides: "strides", isChannelsFirst: isFirst)
    var arguments: [Python] = [.text(channels.text), .text(filters.text), .text(kernel.text)]
    if strides.text != "1" { arguments.append(.keyword("stride", .text(strides.text))) }
    switch padding {
    case .even(let amounts): arguments.append(.keyword("padding", .text(amounts)))
    case .same: arguments.append(.keyword("padding", .text("\"same\"")))
    case .none, .uneven, .running: break
    }
    if dilation.text != "1" { arguments.append(.keyword("dilation", .text(dilation.text))) }
    if groups.text != "1" { arguments.append(.keyword("groups", .text(groups.text))) }
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    var emission = Emission(
      .call("nn.Conv\(rank - 2)d", arguments), layouts: [layout], output: layout)
    emission.sizes[axis] = filters
    switch padding {
    case .uneven(let amounts):
      let list = amounts.map(String.init).joined(separator: ", ")
      emission.expression = { module, inputs in "\(module)(F.pad(\(inputs[0]), (\(list))))" }
      emission.isPlain = false
    case .running:
      use.writer.module.require("pad_same", padSame)
      emission.expression = { module, inputs in
        "\(module)(pad_same(\(inputs[0]), \(module).kernel_size, \(module).stride))"
      }
      emission.isPlain = false
    case .none, .even, .same: break
    }
    guard let activation = try use.activation(layout: layout) else { return emission }
    return emission.wrapped(activation)
  }

  /// Without padding, or with the same amount taken from both sides: PyTorch's own arguments. An even
  /// number of values that Keras's "same" takes away falls to both sides alike, too.
  static func transposedConvolution(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let axes = use.rank() - 2
    let axis = layout == .declared ? 1 : use.rank() - 1
    guard let kernel = constants(use, "kernel_size"), let steps = constants(use, "strides"),
      let dilations = constants(use, "dilation_rate"), kernel.count == axes
    else { throw use.unsupported("needs a constant kernel_size, strides and dilation_rate") }
    let reach = zip(kernel, dilations).map { ($0 - 1) * $1 + 1 }
    let added = constants(use, "output_padding")
    var taken = kernel.map { _ in 0 }
    var extra = added ?? kernel.map { _ in 0 }
    switch try use.uniform("padding") {
    case .string("valid"):
      // A stride beyond the kernel is filled up.
      if added == nil { extra = zip(reach, steps).map { max($1 - $0, 0) } }
    case .string("same") where added == nil && dilations.allSatisfy({ $0 == 1 }):
      let rest = zip(kernel, steps).map { $0 - $1 }
      guard rest.allSatisfy({ $0 >= 0 && $0 % 2 == 0 }) else {
        throw use.unsupported(
          "takes as much from both sides with padding=\"same\": a kernel_size that differs from "
            + "strides by an even number")
      }
      taken = rest.map { $0 / 2 }
    case .string:
      throw use.unsupported(
        "combines padding=\"same\" with neither output_padding nor dilation_rate; write integers")
    case let value:
      let pairs = value.elements?.compactMap { $0.dimensions?.compactMap(\.constant) } ?? []
      guard pairs.count == axes, pairs.allSatisfy({ $0.count == 2 && $0[0] == $0[1] }) else {
        throw use.unsupported("takes as much from both sides of an axis")
      }
      taken = pairs.map { $0[0] }
    }
    let channels = try use.size(0, axis, hint: "in_channels")
    let filters = try use.expression("filters")
    var arguments: [Python] = [.text(channels.text), .text(filters.text), .text(one(kernel))]
    for (name, values, usual) in [
      ("stride", steps, 1), ("padding", taken, 0), ("output_padding", extra, 0),
      ("dilation", dilations, 1),
    ] where values.contains(where: { $0 != usual }) {
      arguments.append(.keyword(name, .text(one(values))))
    }
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    var emission = Emission(
      .call("nn.ConvTranspose\(axes)d", arguments), layouts: [layout], output: layout)
    emission.sizes[axis] = filters
    guard let activation = try use.activation(layout: layout) else { return emission }
    return emission.wrapped(activation)
  }

  // MARK: Pools

  static func maxPool(_ use: LayerUse) throws(EmissionError) -> Emission {
    let pool = try poolArguments(use, "max")
    return Emission(layouts: [pool.layout], output: pool.layout) { inputs in
      switch pool.padding {
      case .uneven(let amounts):
        let list = amounts.map(String.init).joined(separator: ", ")
        return "\(pool.function)(F.pad(\(inputs[0]), (\(list)), value=float(\"-inf\")), "
          + "\(pool.arguments))"
      case .running:
        let padded = "pad_same(\(inputs[0]), \(pool.pairs), float(\"-inf\"))"
        return "\(pool.function)(\(padded), \(pool.arguments))"
      case .even(let amounts):
        return "\(pool.function)(\(inputs[0]), \(pool.arguments), padding=\(amounts)"
          + "\(pool.ceil))"
      case .none, .same: return "\(pool.function)(\(inputs[0]), \(pool.arguments)\(pool.ceil))"
      }
    }
  }

  static func averagePool(_ use: LayerUse) throws(EmissionError) -> Emission {
    let pool = try poolArguments(use, "avg")
    switch pool.padding {
    case .uneven: use.writer.module.require("average_inside", averageInside)
    case .running: use.writer.module.require("average_same", averageSame)
    case .none, .even, .same: break
    }
    return Emission(layouts: [pool.layout], output: pool.layout) { inputs in
      let x = inputs[0]
      switch pool.padding {
      case .uneven(let amounts):
        let list = amounts.map(String.init).joined(separator: ", ")
        return "average_inside(\(pool.function), \(x), (\(list)), \(pool.arguments))"
      case .running: return "average_same(\(pool.function), \(x), \(pool.pairs))"
      case .even(let amounts):
        return "\(pool.function)(\(x), \(pool.arguments), padding=\(amounts)\(pool.ceil), "
          + "count_include_pad=False)"
      case .none, .same: return "\(pool.function)(\(x), \(pool.arguments)\(pool.ceil))"
      }
    }
  }

  private struct Pool: Sendable {
    /// `F.max_pool2d`.
    var function: String
    var layout: Layout
    var padding: Padding
    /// `3, stride=2`.
    var arguments: String
    /// The size and strides as tuples.
    var pairs: String
    var ceil: String
  }

  private static func poolArguments(
    _ use: LayerUse, _ kind: String
  ) throws(EmissionError) -> Pool {
    let isFirst = try use.uniform("data_format") == .string("channels_first")
    let size = try use.tuple("pool_size")
    let given = try use.uniform("strides")
    let strides = given == .none ? size : try use.tuple("strides")
    let padding = try padding(
      use, kernel: "pool_size", strides: "strides", isChannelsFirst: isFirst)
    let isCeil = try use.isTrue("ceil_mode")
    switch padding {
    case .uneven, .running:
      if isCeil {
        throw use.unsupported("cannot combine ceil_mode with padding that differs by side")
      }
      if case .running = padding { use.writer.module.require("pad_same", padSame) }
    case .none, .even, .same: break
    }
    let axes = use.rank() - 2
    func pair(_ text: String) -> String {
      if text.hasPrefix("(") { return text }
      let entries = Array(repeating: text, count: axes).joined(separator: ", ")
      return axes == 1 ? "(\(entries),)" : "(\(entries))"
    }
    return Pool(
      function: "F.\(kind)_pool\(axes)d",
      layout: isFirst ? .declared : .channelsSecond, padding: padding,
      arguments: size.text == strides.text ? size.text : "\(size.text), stride=\(strides.text)",
      pairs: "\(pair(size.text)), \(pair(strides.text))", ceil: isCeil ? ", ceil_mode=True" : "")
  }
}
