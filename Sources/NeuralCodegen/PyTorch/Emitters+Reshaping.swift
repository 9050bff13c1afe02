import NeuralDimension
import NeuralModel
import NeuralSchema

// Cuts and orders.
extension PyTorchEmitters {
  static func take(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard case .integer(.constant(let axis)) = try use.uniform("axis") else {
      throw use.unsupported("needs a constant axis")
    }
    let index = try use.expression("index")
    return Emission(layouts: [.declared], output: .declared) { inputs in
      axis == 1 && index.text.allSatisfy(\.isNumber)
        ? "\(inputs[0])[:, \(index.text)]" : "\(inputs[0]).select(\(axis), \(index.text))"
    }
  }

  /// Equal parts by `chunk`, parts of given sizes by `split`.
  static func split(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard case .integer(.constant(let axis)) = try use.uniform("axis") else {
      throw use.unsupported("needs a constant axis")
    }
    let layout = try use.followedLayout()
    let place =
      layout == .channelsSecond ? layout.place(of: axis, rank: use.rank()) : axis
    let call: String
    switch try use.uniform("sections") {
    case .integer(.constant(let count)): call = "chunk(\(count), dim=\(place))"
    case let sizes:
      guard let list = sizes.dimensions?.compactMap(\.constant), !list.isEmpty else {
        throw use.unsupported("needs constant sections")
      }
      call = "split((\(list.map(String.init).joined(separator: ", "))), dim=\(place))"
    }
    var emission = Emission(layouts: [layout], output: layout) { "\($0[0]).\(call)" }
    emission.statements = { _, inputs, outputs in
      let names = outputs.joined(separator: ", ") + (outputs.count == 1 ? "," : "")
      return ["\(names) = \(inputs[0]).\(call)"]
    }
    return emission
  }

  static func channelShuffle(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard use.rank() > 2 else {
      throw use.unsupported("shuffles channels beside other axes; here are only channels")
    }
    let layout = try use.channelLayout()
    let groups = try use.expression("groups")
    return Emission(
      .call("nn.ChannelShuffle", [.text(groups.text)]), layouts: [layout], output: layout)
  }

  /// Slices of the axes between batch and channels.
  static func cropping(_ use: LayerUse) throws(EmissionError) -> Emission {
    let isOrdered = use.schema.parameter(named: "data_format") != nil
    let layout = isOrdered ? try use.channelLayout() : .declared
    let slices = try pairs(use, "cropping").map { pair in
      let start = pair[0] == .constant(0) ? "" : pair[0].description
      let end = pair[1] == .constant(0) ? "" : "-\(pair[1])"
      return "\(start):\(end)"
    }
    let list = slices.joined(separator: ", ")
    let before = isOrdered ? ":, :" : ":"
    return Emission(layouts: [layout], output: layout) { "\($0[0])[\(before), \(list)]" }
  }

  /// Amounts before and after each axis; one axis has them alone.
  static func pairs(_ use: LayerUse, _ name: String) throws(EmissionError) -> [[Dimension]] {
    let value = try use.uniform(name)
    let pairs = value.dimensions.map { [$0] } ?? value.elements?.compactMap(\.dimensions) ?? []
    guard !pairs.isEmpty, pairs.count == value.elements?.count || pairs.count == 1,
      pairs.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.constant != nil } })
    else { throw use.unsupported("needs a constant \(name)") }
    return pairs
  }

  static func pixelShuffle(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    let block = try use.expression("block_size").text
    let function =
      use.schema.name == "DepthToSpace" ? "F.pixel_shuffle" : "F.pixel_unshuffle"
    return Emission(layouts: [layout], output: layout) { "\(function)(\($0[0]), \(block))" }
  }

  static func adaptivePool(_ use: LayerUse) throws(EmissionError) -> Emission {
    // Sizes that are all kept leave the input as it is, which PyTorch does not take as an argument.
    let sizes = try use.uniform("output_size")
    if (sizes.elements ?? [sizes]).allSatisfy({ $0 == .none }) {
      let layout = try use.followedLayout()
      return Emission(layouts: [layout], output: layout) { $0[0] }
    }
    let layout = try use.channelLayout()
    let size = try use.tuple("output_size").text
    let kind = use.schema.name.hasPrefix("AdaptiveMax") ? "max" : "avg"
    let function = "F.adaptive_\(kind)_pool\(use.rank() - 2)d"
    return Emission(layouts: [layout], output: layout) { "\(function)(\($0[0]), \(size))" }
  }

  /// Padding is set to zero; what would leave it out is refused.
  static func masking(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuseMaskReaders()
    let value = try use.expression("mask_value").text
    return Emission(layouts: [.declared], output: .declared) { inputs in
      "\(inputs[0]) * (\(inputs[0]) != \(value)).any(dim=-1, keepdim=True)"
    }
  }
}
