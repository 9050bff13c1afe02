import NeuralDimension
import NeuralModel
import NeuralSchema

// Layers of graph networks, those that choose where values go, and frames in time.
extension JAXEmitters {
  /// A module that reads nodes and their adjacency.
  private static func overGraph(
    _ use: LayerUse, _ name: String, _ arguments: [Python]
  ) throws(EmissionError) -> Emission {
    var emission = Emission(
      .call(name, arguments + [rngs]), layouts: [.declared, .declared], output: .declared)
    emission.isPlain = false
    return try activated(emission, use, .declared)
  }

  static func graphConvolution(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("GraphConv", graphConvolutionClass)
    var arguments: [Python] = [
      .text(try use.size(0, -1, hint: "features").text), .text(try use.expression("units").text),
    ]
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    return try overGraph(use, "GraphConv", arguments)
  }

  private static let graphConvolutionClass = """
    class GraphConv(nnx.Module):
        \"""Features through one kernel, summed over the neighbours of each node.\"""

        def __init__(
            self, features: int, units: int, *, use_bias: bool = True, rngs: nnx.Rngs
        ) -> None:
            self.kernel = nnx.Param(glorot_uniform(rngs.params(), (features, units)))
            self.bias = nnx.Param(jnp.zeros(units)) if use_bias else None

        def __call__(self, x: jax.Array, adjacency: jax.Array) -> jax.Array:
            x = adjacency @ (x @ self.kernel)
            return x if self.bias is None else x + self.bias
    """

  static func graphAttention(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("GraphAttention", graphAttentionClass)
    var arguments: [Python] = [
      .text(try use.size(0, -1, hint: "features").text), .text(try use.expression("units").text),
    ]
    for (name, usual) in [
      ("heads", "1"), ("concat", "True"), ("dropout", "0.0"), ("negative_slope", "0.2"),
      ("use_bias", "True"),
    ] {
      let text = try use.expression(name).text
      if text != usual { arguments.append(.keyword(name, .text(text))) }
    }
    return try overGraph(use, "GraphAttention", arguments)
  }

  private static let graphAttentionClass = """
    class GraphAttention(nnx.Module):
        \"""Features of the neighbours of each node, with learned weights in heads.\"""

        def __init__(
            self,
            features: int,
            units: int,
            *,
            heads: int = 1,
            concat: bool = True,
            dropout: float = 0.0,
            negative_slope: float = 0.2,
            use_bias: bool = True,
            rngs: nnx.Rngs,
        ) -> None:
            def weight(*shape: int) -> nnx.Param:
                return nnx.Param(glorot_uniform(rngs.params(), shape))

            self.kernel = weight(features, heads, units)
            self.attention_source = weight(heads, units)
            self.attention_target = weight(heads, units)
            width = heads * units if concat else units
            self.bias = nnx.Param(jnp.zeros(width)) if use_bias else None
            self.dropout = nnx.Dropout(dropout, rngs=rngs)
            self.concat = concat
            self.negative_slope = negative_slope

        def __call__(self, x: jax.Array, adjacency: jax.Array) -> jax.Array:
            x = jnp.einsum("bnf,fhu->bhnu", x, self.kernel[...])
            source = jnp.einsum("bhnu,hu->bhn", x, self.attention_source[...])
            target = jnp.einsum("bhnu,hu->bhn", x, self.attention_target[...])
            sums = source[..., None] + target[:, :, None]
            scores = jax.nn.leaky_relu(sums, self.negative_slope)
            scores = jnp.where(adjacency[:, None] == 0, -1e9, scores)
            weights = self.dropout(jax.nn.softmax(scores, axis=-1))
            x = jnp.swapaxes(weights @ x, 1, 2)
            x = x.reshape(*x.shape[:2], -1) if self.concat else x.mean(axis=2)
            return x if self.bias is None else x + self.bias
    """

  /// A linear map scores the branches, by the mean of what stands between batch and features.
  static func dynamicLayer(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require(
      "pick",
      """
      def pick(scores: jax.Array, *values: jax.Array) -> jax.Array:
          \"""For each sample the value with the largest score.\"""
          picked = jnp.argmax(scores, axis=-1)
          return jnp.stack(values, axis=1)[jnp.arange(len(picked)), picked]
      """)
    let arguments: [Python] = [
      .text(try use.size(0, -1, hint: "features").text), .text(String(use.inputs.count - 1)),
      .keyword("kernel_init", .text("glorot_uniform")), rngs,
    ]
    let rank = use.rank()
    let places = (1..<max(rank - 1, 1)).map(String.init)
    let axis = places.count == 1 ? places[0] : "(\(places.joined(separator: ", ")))"
    var emission = Emission(
      .call("nnx.Linear", arguments), layouts: use.inputs.map { _ in .declared },
      output: .declared)
    emission.isPlain = false
    emission.expression = { module, inputs in
      let read = places.isEmpty ? inputs[0] : "\(inputs[0]).mean(axis=\(axis))"
      return "pick(\((["\(module)(\(read))"] + inputs.dropFirst()).joined(separator: ", ")))"
    }
    return emission
  }

  static func mixtureOfExperts(_ use: LayerUse) throws(EmissionError) -> Emission {
    use.writer.module.require("MixtureOfExperts", mixtureClass)
    var arguments: [Python] = [
      .text(try use.size(0, -1, hint: "width").text), .text(try use.expression("experts").text),
      .text(try use.writer.infer(use.bindings.map { $0["hidden"] }, hint: "hidden").text),
    ]
    let picked = try use.expression("top_k").text
    if picked != "2" { arguments.append(.keyword("top_k", .text(picked))) }
    if let function = try use.functionArgument("activation", usual: "relu") {
      arguments.append(.keyword("activation", .text(function)))
    }
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    return Emission(
      .call("MixtureOfExperts", arguments + [rngs]), layouts: [.declared], output: .declared)
  }

  private static let mixtureClass = """
    class MixtureOfExperts(nnx.Module):
        \"""Feed-forward experts of which a router picks some for each place.\"""

        def __init__(
            self,
            width: int,
            experts: int,
            hidden: int,
            *,
            top_k: int = 2,
            activation: Callable[[jax.Array], jax.Array] = jax.nn.relu,
            use_bias: bool = True,
            rngs: nnx.Rngs,
        ) -> None:
            each = nnx.initializers.glorot_uniform(batch_axis=0)
            router = glorot_uniform(rngs.params(), (width, experts))
            self.router_kernel = nnx.Param(router)
            kernel = each(rngs.params(), (experts, width, hidden))
            self.expert_in_kernel = nnx.Param(kernel)
            kernel = each(rngs.params(), (experts, hidden, width))
            self.expert_out_kernel = nnx.Param(kernel)

            def bias(size: int) -> nnx.Param | None:
                return nnx.Param(jnp.zeros((experts, size))) if use_bias else None

            self.expert_in_bias = bias(hidden)
            self.expert_out_bias = bias(width)
            self.top_k = top_k
            self.activation = activation

        def __call__(self, x: jax.Array) -> jax.Array:
            scores, picked = jax.lax.top_k(x @ self.router_kernel, self.top_k)
            # Weights of the experts; 0 for those that are not picked.
            chosen = jax.nn.one_hot(picked, self.router_kernel.shape[1])
            weights = (jax.nn.softmax(scores, axis=-1)[..., None] * chosen).sum(axis=-2)
            values = jnp.einsum("...w,ewh->...eh", x, self.expert_in_kernel[...])
            if self.expert_in_bias is not None:
                values = values + self.expert_in_bias
            values = self.activation(values)
            values = jnp.einsum("...eh,ehw->...ew", values, self.expert_out_kernel[...])
            if self.expert_out_bias is not None:
                values = values + self.expert_out_bias
            return jnp.einsum("...e,...ew->...w", weights, values)
    """

  static func convolutionalGRU(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["seed"])
    use.writer.module.require("ConvGRU2D", convolutionalGRUClass)
    let isFirst = try use.uniform("data_format") == .string("channels_first")
    var arguments: [Python] = [
      .text(try use.size(0, isFirst ? 2 : -1, hint: "channels").text),
      .text(try use.expression("filters").text), .text(try use.expression("kernel_size").text),
    ]
    for name in ["strides", "dilation_rate"] where try use.tuple(name).text != "1" {
      arguments.append(.keyword(name, .text(try use.expression(name).text)))
    }
    if try use.uniform("padding") == .string("same") {
      arguments.append(.keyword("padding", .text("\"SAME\"")))
    }
    for (name, usual) in [("activation", "tanh"), ("recurrent_activation", "sigmoid")] {
      if let function = try use.functionArgument(name, usual: usual) {
        arguments.append(.keyword(name, .text(function)))
      }
    }
    for name in ["dropout", "recurrent_dropout"] {
      let rate = try use.expression(name).text
      if rate != "0.0" { arguments.append(.keyword(name, .text(rate))) }
    }
    if try !use.isTrue("use_bias") { arguments.append(.keyword("use_bias", .text("False"))) }
    return try framed(use, .call("ConvGRU2D", arguments + [rngs]), isFirst: isFirst)
  }

  /// A module over frames with their channels last, called on those that have them where it is stated.
  private static func framed(
    _ use: LayerUse, _ constructor: Python, isFirst: Bool
  ) throws(EmissionError) -> Emission {
    let isBackwards = try use.isTrue("go_backwards")
    let returnsSequences = try use.isTrue("return_sequences")
    var emission = Emission(constructor, layouts: [.declared], output: .declared)
    emission.isPlain = false
    func called(_ module: String, _ inputs: [String]) -> String {
      let turned = isBackwards ? "\(inputs[0])[:, ::-1]" : inputs[0]
      return "\(module)(\(isFirst ? "jnp.moveaxis(\(turned), 2, -1)" : turned))"
    }
    func back(_ value: String, _ axis: Int) -> String {
      isFirst ? "jnp.moveaxis(\(value), -1, \(axis))" : value
    }
    guard try use.isTrue("return_state") else {
      emission.expression = { module, inputs in
        let all = called(module, inputs)
        return returnsSequences ? back("\(all)[0]", 2) : back("\(all)[1]", 1)
      }
      return emission
    }
    emission.statements = { module, inputs, outputs in
      let state = outputs[1] == "_" ? "state" : outputs[1]
      var lines = ["\(outputs[0]), \(state) = \(called(module, inputs))"]
      if returnsSequences, isFirst { lines.append("\(outputs[0]) = \(back(outputs[0], 2))") }
      if isFirst { lines.append("\(state) = \(back(state, 1))") }
      if !returnsSequences { lines.append("\(outputs[0]) = \(state)") }
      return lines
    }
    return emission
  }

  private static let convolutionalGRUClass = """
    class ConvGRU2D(nnx.Module):
        \"""A GRU whose products are convolutions of frames with their channels last.\"""

        def __init__(
            self,
            channels: int,
            filters: int,
            kernel_size: tuple[int, int],
            *,
            strides: tuple[int, int] = (1, 1),
            dilation_rate: tuple[int, int] = (1, 1),
            padding: str = "VALID",
            activation: Callable[[jax.Array], jax.Array] = jnp.tanh,
            recurrent_activation: Callable[[jax.Array], jax.Array] = jax.nn.sigmoid,
            dropout: float = 0.0,
            recurrent_dropout: float = 0.0,
            use_bias: bool = True,
            rngs: nnx.Rngs,
        ) -> None:
            shape = (*kernel_size, channels, 3 * filters)
            self.kernel = nnx.Param(glorot_uniform(rngs.params(), shape))
            shape = (*kernel_size, filters, 3 * filters)
            self.recurrent_kernel = nnx.Param(glorot_uniform(rngs.params(), shape))
            self.bias = nnx.Param(jnp.zeros(3 * filters)) if use_bias else None
            self.strides = strides
            self.dilation_rate = dilation_rate
            self.padding = padding
            self.activation = activation
            self.recurrent_activation = recurrent_activation
            # One mask for all steps.
            self.dropout = nnx.Dropout(dropout, broadcast_dims=(1,), rngs=rngs)
            self.recurrent_dropout = nnx.Dropout(recurrent_dropout, rngs=rngs)

        def __call__(self, x: jax.Array) -> tuple[jax.Array, jax.Array]:
            x = self.dropout(x)
            frames = jax.lax.conv_general_dilated(
                x.reshape(-1, *x.shape[2:]),
                self.kernel[...],
                self.strides,
                self.padding,
                rhs_dilation=self.dilation_rate,
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
            )
            if self.bias is not None:
                frames = frames + self.bias
            frames = frames.reshape(*x.shape[:2], *frames.shape[1:])
            filters = self.recurrent_kernel.shape[2]
            kernel = self.recurrent_kernel[...]
            start = jnp.zeros_like(frames[:, 0, ..., :filters])
            keep = self.recurrent_dropout(jnp.ones_like(start))

            def product(state: jax.Array, kernel: jax.Array) -> jax.Array:
                return jax.lax.conv_general_dilated(
                    state,
                    kernel,
                    (1, 1),
                    "SAME",
                    dimension_numbers=("NHWC", "HWIO", "NHWC"),
                )

            def step(h: jax.Array, frame: jax.Array) -> tuple[jax.Array, jax.Array]:
                kept = h * keep
                inner = product(kept, kernel[..., : 2 * filters])
                gates = self.recurrent_activation(frame[..., : 2 * filters] + inner)
                z, r = jnp.split(gates, 2, axis=-1)
                new = product(r * kept, kernel[..., 2 * filters :])
                new = self.activation(frame[..., 2 * filters :] + new)
                h = z * h + (1 - z) * new
                return h, h

            state, steps = jax.lax.scan(step, start, jnp.swapaxes(frames, 0, 1))
            return jnp.swapaxes(steps, 0, 1), state
    """
}
