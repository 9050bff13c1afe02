import NeuralDimension
import NeuralModel
import NeuralSchema

// Layers inside others, which are called on each step of a sequence.
extension LayerUse {
  /// A layer that `outer` calls on each step of its input, the axis after the batch.
  init(_ layer: LayerValue, eachStepOf outer: LayerUse, below part: String) throws(EmissionError) {
    writer = outer.writer
    nodes = outer.nodes
    schema = layer.schema
    arguments = outer.arguments.map { $0.map { _ in layer.arguments } }
    inputs = outer.inputs
    outputs = outer.outputs
    owners = outer.owners
    composites = outer.composites
    tied = outer.tied.map { _ in nil }
    self.part = part
    weightOptions = layer.universal.filter { !ParameterSchema.universal.contains($0.key) }
      .map(\.value).sorted { $0.name < $1.name }
    scopes = outer.scopes
    paths = outer.paths
    locations = outer.locations
    trainable = outer.trainable
    device = nil
    dtype = outer.dtype
    var bindings: [[String: Value]] = []
    for use in outer.writer.uses.indices {
      guard outer.writer.active[use] else {
        bindings.append([:])
        continue
      }
      bindings.append(try outer.bindings(ofEachStep: layer, use: use))
    }
    self.bindings = bindings
    if layer.universal["trainable"]?.value == .boolean(false) {
      throw outer.unsupported(
        "trains the layer inside as it trains this one; write trainable=false here instead")
    }
  }

  /// What the rule of a layer inside says of one step.
  private func bindings(
    ofEachStep layer: LayerValue, use: Int
  ) throws(EmissionError) -> [String: Value] {
    var shape = shape(0, use: use)
    if shape.count > 1 { shape.remove(at: 1) }
    do throws(RuleFailure) {
      return try ShapeRule.evaluate(
        layer.schema, layer.arguments, inputs: [TensorType(shape: shape)],
        facts: writer.graph(use).facts, catalogue: .builtin
      ).bindings(with: layer.arguments)
    } catch {
      throw unsupported("cannot put \(layer.schema.name) here: \(error.message)")
    }
  }

  /// The cells of `RNN`, from the lowest up, which all calls of it share.
  func cells() throws(EmissionError) -> [LayerValue] {
    let value = try uniform("cell")
    var cells: [LayerValue] = []
    for entry in value.elements ?? [value] {
      guard case .layer(let cell) = entry,
        ["LSTMCell", "GRUCell", "SimpleRNNCell"].contains(cell.schema.name),
        cell.arguments["units"].flatMap(Python.literal) != nil
      else { throw unsupported("runs LSTMCell, GRUCell and SimpleRNNCell of known units") }
      if cell.universal["trainable"]?.value == .boolean(false) {
        throw unsupported(
          "trains the cells as it trains this layer; write trainable=false here instead")
      }
      cells.append(cell)
    }
    return cells
  }

  /// A mask that a later layer would read is not left out silently.
  func refuseMaskReaders() throws(EmissionError) {
    for use in writer.activeUses {
      guard let node = nodes[use], let reader = writer.graph(use).maskReader(of: node) else {
        continue
      }
      throw unsupported(
        "passes no mask on to \(reader.path), which would leave the padding out; "
          + "the TensorFlow target does")
    }
  }

  /// The same use as one of another layer of the catalogue that computes a part of it.
  private init(_ other: LayerUse, as schema: LayerSchema, _ arguments: [BoundArguments?]) {
    self = other
    self.schema = schema
    self.arguments = arguments
  }

  /// The convolution of PrimaryCapsules, whose filters are the values of all capsules.
  func capsuleConvolution() throws(EmissionError) -> LayerUse {
    guard let schema = Catalogue.builtin.layers.first(where: { $0.name == "Conv2D" }) else {
      throw unsupported("finds no Conv2D")
    }
    let filters = writer.uses.indices.map { use -> Value? in
      guard case .integer(let capsules)? = arguments[use]?["capsules"],
        case .integer(let size)? = arguments[use]?["dim"],
        let total = try? capsules.multiplied(by: size)
      else { return nil }
      return .integer(total)
    }
    let defaults = schema.defaultArguments
    let made = writer.uses.indices.map { use -> BoundArguments? in
      guard let own = arguments[use], let filters = filters[use] else { return nil }
      var entries = [BoundArgument(name: "filters", value: filters, isGiven: true, range: nil)]
      entries += own.entries.filter { ["kernel_size", "strides", "padding"].contains($0.name) }
      entries.append(
        BoundArgument(
          name: "dilation_rate", value: .tuple([.int(1), .int(1)]), isGiven: false, range: nil))
      let known = Set(entries.map(\.name))
      entries += defaults.entries.filter { !known.contains($0.name) }
      return BoundArguments(entries: entries)
    }
    return LayerUse(self, as: schema, made)
  }

  /// The width of each head, by `key_dim` or by dividing the channels among the heads.
  func headSize() throws(EmissionError) -> PythonValue {
    if try uniform("key_dim") != .none { return try expression("key_dim") }
    let sizes = writer.uses.indices.map { use -> Value? in
      guard case .integer(let heads)? = arguments[use]?["num_heads"],
        let width = shape(0, use: use).last, let size = try? width.floorDivided(by: heads)
      else { return nil }
      return .integer(size)
    }
    return try writer.infer(sizes, hint: "key_dim")
  }

  /// An activation as a function to pass on; `nil` for the usual one.
  func functionArgument(_ name: String, usual: String) throws(EmissionError) -> String? {
    guard case .layer(let layer) = try uniform(name), layer.schema.name != usual else {
      return nil
    }
    return functionText(try function(of: layer, layout: .declared)("x"))
  }

  /// What a call on `x` calls, where that is all there is to it.
  func functionText(_ called: String) -> String {
    let isBare = called.hasSuffix("(x)") && called.filter { $0 == "(" }.count == 1
    return isBare ? String(called.dropLast(3)) : "lambda x: \(called)"
  }

  /// What is added before and after the height and the width of frames in time, as Keras pads "same".
  func framePadding() throws(EmissionError) -> [[Int]] {
    func numbers(_ name: String) throws(EmissionError) -> [Int] {
      guard let sizes = try uniform(name).dimensions?.compactMap(\.constant), sizes.count == 2
      else { throw unsupported("needs a constant \(name)") }
      return sizes
    }
    guard try uniform("padding") == .string("same") else { return [[0, 0], [0, 0]] }
    let (kernel, strides) = (try numbers("kernel_size"), try numbers("strides"))
    let dilations = try numbers("dilation_rate")
    let first = try uniform("data_format") == .string("channels_first") ? 3 : 2
    var found: Set<[[Int]]> = []
    for use in writer.activeUses {
      var pairs: [[Int]] = []
      for axis in 0..<2 {
        let reach = (kernel[axis] - 1) * dilations[axis] + 1
        var total = reach - 1
        if strides[axis] > 1 {
          guard let size = shape(0, use: use)[first + axis].constant else {
            throw unsupported("needs frames of a known size where strides pad \"same\"")
          }
          let count = (size + strides[axis] - 1) / strides[axis]
          total = max((count - 1) * strides[axis] + reach - size, 0)
        }
        pairs.append([total / 2, total - total / 2])
      }
      found.insert(pairs)
    }
    guard found.count == 1, let pairs = found.first else {
      throw writer.split(writer.keys { TensorType.text(shape(0, use: $0)) })
    }
    return pairs
  }
}
