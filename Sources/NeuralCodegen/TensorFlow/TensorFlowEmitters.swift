import NeuralDimension
import NeuralModel
import NeuralSchema

/// The emitters that declarations name with `tensorflow: builtin`. A layer that Keras has with the same
/// arguments needs none: its entry is `layers.Conv2D(...)`.
enum TensorFlowEmitters {
  static let all: [String: PythonTarget.Emitter] = [
    "Dense": dense, "Output": dense,
    "Conv1D": convolution, "Conv2D": convolution, "Conv3D": convolution,
    "Conv1DTranspose": convolution, "Conv2DTranspose": convolution,
    "Conv3DTranspose": convolution,
    "DepthwiseConv1D": convolution, "DepthwiseConv2D": convolution,
    "MaxPooling1D": pool, "MaxPooling2D": pool, "MaxPooling3D": pool,
    "AveragePooling1D": pool, "AveragePooling2D": pool, "AveragePooling3D": pool,
    "AdaptiveAveragePooling1D": adaptivePool, "AdaptiveAveragePooling2D": adaptivePool,
    "AdaptiveAveragePooling3D": adaptivePool, "AdaptiveMaxPooling1D": adaptivePool,
    "AdaptiveMaxPooling2D": adaptivePool, "AdaptiveMaxPooling3D": adaptivePool,
    "MultiHeadAttention": multiHeadAttention, "GroupedQueryAttention": multiHeadAttention,
    "Attention": attention, "AdditiveAttention": attention,
    "LSTM": recurrent, "GRU": recurrent, "SimpleRNN": recurrent, "Bidirectional": recurrent,
    "RNN": recurrent, "ConvLSTM1D": recurrent, "ConvLSTM2D": recurrent, "ConvLSTM3D": recurrent,
    "Residual": residual, "Reshape": reshape, "Activation": activation, "GELU": gelu,
    "Dropout": dropout,
    "ClassToken": classToken, "PositionEmbedding": positionEmbedding,
    "StochasticDepth": stochasticDepth, "LayerScale": layerScale, "SelfAttention": selfAttention,
    "SinusoidalPositionEncoding": sinusoidalPositions, "RotaryEmbedding": rotaryEmbedding,
    "InstanceNormalization": instanceNormalization,
    "LocalResponseNormalization": localResponse, "RandomCrop": randomCrop,
    "Take": IndexEmitters.take,
    "Slice": IndexEmitters.slice, "Split": split, "ChannelShuffle": channelShuffle,
    "DepthToSpace": depthToSpace, "SpaceToDepth": spaceToDepth,
    "GraphConv": graphConvolution, "GraphAttention": graphAttention,
    "CapsuleLayer": capsuleLayer, "AxialAttention": axialAttention,
    "MixtureOfExperts": mixtureOfExperts, "DynamicLayer": dynamicLayer,
    "PrimaryCapsules": primaryCapsules,
  ]

  /// A layer of Keras's own, called on its input or on the list of its inputs.
  static func own(_ use: LayerUse, _ constructor: String) throws(EmissionError) -> Emission {
    let layer = KerasLayer(use, constructor, layout: try layout(of: use))
    return called(try layer.call(), use, layer.layout)
  }

  /// Where a layer of Keras's own wants the channels.
  static func layout(of use: LayerUse) throws(EmissionError) -> Layout {
    if use.schema.parameter(named: "data_format") != nil { return try use.channelLayout() }
    switch use.schema.layout {
    case .any, .axis: return try use.followedLayout()
    case .channels, .declared: return .declared
    }
  }

  static func called(_ constructor: Python, _ use: LayerUse, _ layout: Layout) -> Emission {
    var emission = Emission(
      constructor, layouts: use.inputs.map { _ in layout }, output: layout)
    if use.inputs.count > 1 {
      emission.expression = { "\($0)([\($1.joined(separator: ", "))])" }
    }
    return emission
  }

  // MARK: Core

  static func dense(_ use: LayerUse) throws(EmissionError) -> Emission {
    var layer = KerasLayer(use, "layers.Dense", layout: .declared)
    layer.replaced["tied_to"] = .some(nil)
    guard let (variable, weight) = try use.tiedKernel() else {
      return called(try layer.call(), use, .declared)
    }
    use.writer.module.require("TransposedDense", transposedDenseClass)
    layer.constructor = "TransposedDense"
    layer.replaced["units"] = "\(variable).\(weight)"
    return called(try layer.call(), use, .declared)
  }

  private static let transposedDenseClass = """
    class TransposedDense(layers.Layer):
        \"""A Dense with the transposed kernel of another layer, which it shares.\"""

        def __init__(
            self,
            kernel: keras.Variable,
            activation: str | None = None,
            use_bias: bool = True,
            **options,
        ) -> None:
            super().__init__(**options)
            self.kernel = kernel
            self.activation = keras.activations.get(activation)
            self.use_bias = use_bias

        def build(self, input_shape: tuple[int | None, ...]) -> None:
            if self.use_bias:
                units = self.kernel.shape[0]
                self.bias = self.add_weight(
                    shape=(units,), initializer="zeros", name="bias"
                )

        def call(self, x: KerasTensor) -> KerasTensor:
            x = ops.matmul(x, ops.transpose(self.kernel))
            return self.activation(x + self.bias if self.use_bias else x)
    """

  static func activation(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    let layer = KerasLayer(use, "layers.Activation", layout: layout)
    return called(try layer.call(), use, layout)
  }

  static func gelu(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    guard try use.isTrue("approximate") else {
      return called(.call("layers.Activation", [.text("\"gelu\"")]), use, layout)
    }
    return Emission(layouts: [layout], output: layout) { inputs in
      "keras.activations.gelu(\(inputs[0]), approximate=True)"
    }
  }

  /// Keras's ReLU with its three parameters, as a function.
  static func relu(_ arguments: BoundArguments) throws(EmissionError) -> (String) -> String {
    var text = ""
    for (name, usual) in [("negative_slope", 0.0), ("max_value", nil), ("threshold", 0.0)] {
      guard let value = arguments[name], value != .none, value != usual.map(Value.float),
        let literal = Python.literal(value)
      else { continue }
      text += ", \(name)=\(literal)"
    }
    return { "keras.activations.relu(\($0)\(text))" }
  }

  static func dropout(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    var layer = KerasLayer(use, "layers.Dropout", layout: layout)
    layer.required = ["rate"]
    return called(try layer.call(), use, layout)
  }

  // MARK: Merges and shapes

  /// The block's result plus the input or its shortcut.
  static func residual(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    var emission = called(.call("layers.Add", []), use, layout)
    emission.expression = { "\($0)([\($1.reversed().joined(separator: ", "))])" }
    return emission
  }

  static func reshape(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard let target = try use.uniform("target_shape").dimensions else {
      throw use.unsupported("needs a constant target_shape")
    }
    let entries = target.map { $0.constant ?? -1 }
    guard entries.filter({ $0 < 0 }).count <= 1 else {
      throw use.unsupported("cannot say more than one size that is not known before running")
    }
    let list = entries.map(String.init).joined(separator: ", ")
    let shape = entries.count == 1 ? "(\(list),)" : "(\(list))"
    return called(.call("layers.Reshape", [.text(shape)]), use, .declared)
  }

  // MARK: Attention

  static func attention(_ use: LayerUse) throws(EmissionError) -> Emission {
    var layer = KerasLayer(use, "layers.\(use.schema.name)", layout: .declared)
    layer.replaced["causal"] = .some(nil)
    let isCausal = try use.isTrue("causal")
    var emission = called(try layer.call(), use, .declared)
    emission.expression = { module, inputs in
      // A layer for a query and a value, which may be the same.
      let read = inputs.count == 1 ? inputs + inputs : inputs
      let list = "[\(read.joined(separator: ", "))]"
      return "\(module)(\(list)\(isCausal ? ", use_causal_mask=True" : ""))"
    }
    return emission
  }

  static func multiHeadAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    let isGrouped = use.schema.parameter(named: "num_query_heads") != nil
    var layer = KerasLayer(
      use, isGrouped ? "layers.GroupQueryAttention" : "layers.MultiHeadAttention",
      layout: .declared)
    layer.replaced["causal"] = .some(nil)
    if use.schema.parameter(named: "key_dim") != nil, try use.uniform("key_dim") == .none {
      // A width is divided among the heads where it is not given.
      let width = try use.size(0, -1, hint: "width")
      let heads = try use.expression("num_heads")
      let sizes = use.bindings.map { $0["size"] }
      let text =
        Int(width.text) == nil || Int(heads.text) == nil
        ? "\(width.operand) // \(heads.operand)" : try use.writer.infer(sizes, hint: "key_dim").text
      layer.replaced["key_dim"] = text
    }
    if isGrouped, use.inputs.count > 1 {
      let widths = [0, 1].map { use.shape($0, use: use.writer.firstActive).last }
      guard widths[0] == widths[1] else {
        throw use.unsupported(
          "reads a query and a value of one width; write Dense before one of them")
      }
    }
    layer.required = ["key_dim"]
    let isCausal = try use.isTrue("causal")
    var emission = called(try layer.call(), use, .declared)
    emission.expression = { module, inputs in
      var passed = [inputs[0], inputs.count > 1 ? inputs[1] : inputs[0]]
      if inputs.count > 2 { passed.append("key=\(inputs[2])") }
      if isCausal { passed.append("use_causal_mask=True") }
      return "\(module)(\(passed.joined(separator: ", ")))"
    }
    return emission
  }

  // MARK: Recurrent

  /// What the cells are called whose weights a layer has, its own or those of layers inside it.
  private static func cells(_ use: LayerUse) throws(EmissionError) -> [String] {
    let schemas =
      (use.arguments[use.writer.firstActive]?.entries ?? []).compactMap { entry in
        if case .layer(let layer) = entry.value { layer.schema } else { nil }
      } + [use.schema]
    return schemas.filter { $0.belongs(to: "sequence_reading") && !$0.weightOptions.isEmpty }
      .map { $0.name.hasPrefix("ConvLSTM") ? "conv_lstm" : $0.snakeName }
  }

  /// Layers over time, which may begin from states.
  static func recurrent(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try layout(of: use)
    var layer = KerasLayer(use, "layers.\(use.schema.name)", layout: .declared)
    if use.schema.name == "RNN", let list = try use.uniform("cell").elements {
      var cells: [String] = []
      for case .layer(let cell) in list {
        cells.append(try KerasLayer.inner(cell, use, named: String(cells.count)).flat)
      }
      layer.replaced["cell"] =
        "layers.StackedRNNCells([\(cells.joined(separator: ", "))], name=\"cell\")"
    }
    guard layout == .declared else {
      throw use.unsupported("reads frames with the channels last; write Permute before it")
    }
    for name in try cells(use) {
      // A layer keeps its weights in a cell of its own.
      use.writer.module.rename("/\(name)_cell/", "/")
    }
    var emission = called(try layer.call(), use, .declared)
    let counts = use.schema.name == "RNN" ? try stateCounts(use) : []
    emission.expression = { module, inputs in
      let states = grouped(inputs.dropFirst(), counts, "[", "]")
      switch states.count {
      case 0: return "\(module)(\(inputs[0]))"
      case 1: return "\(module)(\(inputs[0]), initial_state=\(states[0]))"
      default:
        return "\(module)(\(inputs[0]), initial_state=[\(states.joined(separator: ", "))])"
      }
    }
    if counts.contains(where: { $0 > 1 }), try use.isTrue("return_state") {
      let call = emission.expression
      emission.statements = { module, inputs, outputs in
        let results = [outputs[0]] + grouped(outputs.dropFirst(), counts, "(", ")")
        return ["\(results.joined(separator: ", ")) = \(call(module, inputs))"]
      }
    }
    return emission
  }

  /// How many states each of several cells has; none for one cell, whose states are not grouped.
  private static func stateCounts(_ use: LayerUse) throws(EmissionError) -> [Int] {
    (try use.uniform("cell").elements ?? []).map { value in
      if case .layer(let cell) = value, cell.schema.name == "LSTMCell" { 2 } else { 1 }
    }
  }

  /// States with those of one cell together.
  private static func grouped(
    _ states: ArraySlice<String>, _ counts: [Int], _ open: String, _ close: String
  ) -> [String] {
    if counts.isEmpty { return Array(states) }
    var rest = states
    var groups: [String] = []
    for count in counts where !rest.isEmpty {
      let group = rest.prefix(count).joined(separator: ", ")
      groups.append(count == 1 ? group : "\(open)\(group)\(close)")
      rest = rest.dropFirst(count)
    }
    return groups
  }
}
