import NeuralDimension
import NeuralModel
import NeuralSchema

extension JAXEmitters {
  /// The one axis that is normalized, where it stands in the layout.
  private static func axis(
    _ use: LayerUse, _ layout: Layout
  ) throws(EmissionError) -> (declared: Int, place: Int) {
    var value = try use.uniform("axis")
    if let entries = value.elements, entries.count == 1 { value = entries[0] }
    guard case .integer(.constant(let axis)) = value else {
      throw use.unsupported("normalizes one axis; write Reshape around it for several")
    }
    let rank = use.rank()
    return (axis < 0 ? axis + rank : axis, layout.place(of: axis, rank: rank))
  }

  private static func switches(_ use: LayerUse) throws(EmissionError) -> [Python] {
    var arguments: [Python] = []
    for (name, flag) in [("center", "use_bias"), ("scale", "use_scale")]
    where use.schema.parameter(named: name) != nil {
      if try !use.isTrue(name) { arguments.append(.keyword(flag, .text("False"))) }
    }
    return arguments
  }

  static func batchNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    try refuseOptions(use)
    let layout = try use.followedLayout()
    let (axis, place) = try axis(use, layout)
    var arguments: [Python] = [.text(try use.size(0, axis, hint: "num_features").text)]
    if place != use.rank() - 1 { arguments.append(.keyword("axis", .text(String(place)))) }
    let momentum = try use.expression("momentum").text
    if momentum != "0.99" { arguments.append(.keyword("momentum", .text(momentum))) }
    let epsilon = try use.expression("epsilon").text
    if epsilon != "1e-05" { arguments.append(.keyword("epsilon", .text(epsilon))) }
    arguments += try switches(use)
    return Emission(
      .call("nnx.BatchNorm", arguments + [rngs]), layouts: [layout], output: layout)
  }

  /// Over one axis, which Flax's modules with weights for it want last.
  private static func overLast(
    _ use: LayerUse, _ module: String, _ arguments: [Python] = []
  ) throws(EmissionError) -> Emission {
    try refuseOptions(use)
    let (axis, _) = try axis(use, .declared)
    let features = try use.size(0, axis, hint: "num_features")
    let epsilon = try use.expression("epsilon").text
    var given: [Python] = [.text(features.text)] + arguments
    if epsilon != "1e-06" { given.append(.keyword("epsilon", .text(epsilon))) }
    var emission = Emission(
      .call(module, given + (try switches(use)) + [rngs]), layouts: [.declared], output: .declared)
    if axis != use.rank() - 1 {
      emission.isPlain = false
      emission.expression = { module, inputs in
        "jnp.moveaxis(\(module)(jnp.moveaxis(\(inputs[0]), \(axis), -1)), -1, \(axis))"
      }
    }
    return emission
  }

  static func layerNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    try overLast(use, "nnx.LayerNorm")
  }

  static func rmsNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    try overLast(use, "nnx.RMSNorm")
  }

  static func groupNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let groups = try use.expression("groups").text
    // As many groups as channels have one channel each.
    return try overLast(
      use, "nnx.GroupNorm",
      groups == "-1"
        ? [.keyword("num_groups", .text("None")), .keyword("group_size", .text("1"))]
        : groups == "32" ? [] : [.keyword("num_groups", .text(groups))])
  }

  /// Groups of one channel, without weights unless they are wanted.
  static func instanceNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    var arguments: [Python] = [
      .keyword("num_groups", .text("None")), .keyword("group_size", .text("1")),
    ]
    if try !use.isTrue("affine") {
      arguments += [.keyword("use_bias", .text("False")), .keyword("use_scale", .text("False"))]
    }
    return try overLast(use, "nnx.GroupNorm", arguments)
  }

  static func unitNormalization(_ use: LayerUse) throws(EmissionError) -> Emission {
    let (axis, _) = try axis(use, .declared)
    requireNormalize(use)
    let place = axis == use.rank() - 1 ? -1 : axis
    return Emission(layouts: [.declared], output: .declared) { inputs in
      "normalize(\(inputs[0]), axis=\(place))"
    }
  }

  static func requireNormalize(_ use: LayerUse) {
    use.writer.module.require(
      "normalize",
      """
      def normalize(x: jax.Array, axis: int) -> jax.Array:
          \"""Scale the vectors along an axis to length 1.\"""
          return x * jax.lax.rsqrt(jnp.maximum(jnp.sum(x**2, axis, keepdims=True), 1e-12))
      """)
  }

  // MARK: Dropout

  /// One number for a whole map of a channel, or for each place.
  static func dropout(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["seed", "noise_shape"])
    let isSpatial = use.schema.name.hasPrefix("Spatial")
    let rank = use.rank()
    let hasFormat = use.schema.parameter(named: "data_format") != nil
    let layout = isSpatial && hasFormat ? try use.channelLayout() : try use.followedLayout()
    var arguments: [Python] = [.text(try use.expression("rate").text)]
    if isSpatial {
      let places = (1..<(rank - 1)).map(String.init).joined(separator: ", ")
      arguments.append(
        .keyword("broadcast_dims", .text(rank == 3 ? "(\(places),)" : "(\(places))")))
    }
    return Emission(
      .call("nnx.Dropout", arguments + [rngs]), layouts: [layout], output: layout)
  }

  static func stochasticDepth(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    let isBatch = try use.uniform("mode") == .string("batch")
    let places = ((isBatch ? 0 : 1)..<use.rank()).map(String.init)
    let list = places.count == 1 ? "(\(places[0]),)" : "(\(places.joined(separator: ", ")))"
    return Emission(
      .call(
        "nnx.Dropout",
        [.text(try use.expression("rate").text), .keyword("broadcast_dims", .text(list)), rngs]),
      layouts: [layout], output: layout)
  }
}
