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

  /// Slices of height and width.
  static func cropping(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    guard let pairs = try use.uniform("cropping").elements?.compactMap(\.dimensions),
      pairs.count == 2, pairs.allSatisfy({ $0.count == 2 && $0.allSatisfy { $0.constant != nil } })
    else { throw use.unsupported("needs a constant cropping") }
    let slices = pairs.map { pair in
      let start = pair[0] == .constant(0) ? "" : pair[0].description
      let end = pair[1] == .constant(0) ? "" : "-\(pair[1])"
      return "\(start):\(end)"
    }
    let list = slices.joined(separator: ", ")
    return Emission(layouts: [layout], output: layout) { "\($0[0])[:, :, \(list)]" }
  }
}
