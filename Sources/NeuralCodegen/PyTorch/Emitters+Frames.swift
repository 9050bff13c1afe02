import NeuralDimension
import NeuralModel
import NeuralSchema

// Frames in time: convolutions inside recurrent layers.
extension PyTorchEmitters {
  static func convolutionalGRU(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["seed"])
    use.writer.module.require("ConvGRU2D", convolutionalGRUClass)
    let isFirst = try use.uniform("data_format") == .string("channels_first")
    let filters = try use.expression("filters")
    var arguments: [Python] = [
      .text(try use.size(0, isFirst ? 2 : -1, hint: "channels").text), .text(filters.text),
      .text(try use.expression("kernel_size").text),
    ]
    for (name, keyword) in [("strides", "stride"), ("dilation_rate", "dilation")] {
      let text = try use.tuple(name).text
      if text != "1" { arguments.append(.keyword(keyword, .text(text))) }
    }
    let pads = try use.framePadding().reversed().flatMap { $0 }
    if pads.contains(where: { $0 > 0 }) {
      let list = pads.map(String.init).joined(separator: ", ")
      arguments.append(.keyword("pads", .text("(\(list))")))
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
    if try !use.isTrue("use_bias") { arguments.append(.keyword("bias", .text("False"))) }
    return try framed(use, .call("ConvGRU2D", arguments), isFirst: isFirst)
  }

  /// A module over frames with their channels first, called on those that have them where it is stated.
  private static func framed(
    _ use: LayerUse, _ constructor: Python, isFirst: Bool
  ) throws(EmissionError) -> Emission {
    let isBackwards = try use.isTrue("go_backwards")
    let returnsSequences = try use.isTrue("return_sequences")
    var emission = Emission(constructor, layouts: [.declared], output: .declared)
    emission.isPlain = false
    func called(_ module: String, _ inputs: [String]) -> String {
      let turned = isBackwards ? "\(inputs[0]).flip(1)" : inputs[0]
      return "\(module)(\(isFirst ? turned : "\(turned).movedim(-1, 2)"))"
    }
    func back(_ value: String, _ axis: Int) -> String {
      isFirst ? value : "\(value).movedim(\(axis), -1)"
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
      if returnsSequences, !isFirst { lines.append("\(outputs[0]) = \(back(outputs[0], 2))") }
      if !isFirst { lines.append("\(state) = \(back(state, 1))") }
      if !returnsSequences { lines.append("\(outputs[0]) = \(state)") }
      return lines
    }
    return emission
  }

  private static let convolutionalGRUClass = """
    class ConvGRU2D(nn.Module):
        \"""A GRU whose products are convolutions of frames with their channels first.\"""

        def __init__(
            self,
            channels: int,
            filters: int,
            kernel_size: tuple[int, int],
            stride: int | tuple[int, int] = 1,
            dilation: int | tuple[int, int] = 1,
            pads: tuple[int, int, int, int] = (0, 0, 0, 0),
            activation: Callable[[Tensor], Tensor] = torch.tanh,
            recurrent_activation: Callable[[Tensor], Tensor] = torch.sigmoid,
            dropout: float = 0.0,
            recurrent_dropout: float = 0.0,
            bias: bool = True,
        ) -> None:
            super().__init__()
            self.kernel = nn.Parameter(torch.empty(*kernel_size, channels, 3 * filters))
            self.recurrent_kernel = nn.Parameter(
                torch.empty(*kernel_size, filters, 3 * filters)
            )
            self.bias = nn.Parameter(torch.zeros(3 * filters)) if bias else None
            nn.init.xavier_uniform_(self.kernel.permute(3, 2, 0, 1))
            nn.init.xavier_uniform_(self.recurrent_kernel.permute(3, 2, 0, 1))
            self.stride = stride
            self.dilation = dilation
            self.pads = pads
            self.activation = activation
            self.recurrent_activation = recurrent_activation
            self.dropout = dropout
            self.recurrent_dropout = recurrent_dropout

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            x = x * F.dropout(torch.ones_like(x[:, :1]), self.dropout, self.training)
            kernel = self.kernel.permute(3, 2, 0, 1)
            frames = F.conv2d(
                F.pad(x.flatten(0, 1), self.pads),
                kernel,
                self.bias,
                self.stride,
                dilation=self.dilation,
            ).unflatten(0, x.shape[:2])
            recurrent_kernel = self.recurrent_kernel.permute(3, 2, 0, 1)
            filters = recurrent_kernel.shape[1]
            gates, candidate = recurrent_kernel.split((2 * filters, filters))
            h = torch.zeros_like(frames[:, 0, :filters])
            keep = F.dropout(torch.ones_like(h), self.recurrent_dropout, self.training)
            steps = []
            for frame in frames.unbind(1):
                outer, new = frame.split((2 * filters, filters), dim=1)
                kept = h * keep
                inner = F.conv2d(kept, gates, padding="same")
                z, r = self.recurrent_activation(outer + inner).chunk(2, dim=1)
                new = new + F.conv2d(r * kept, candidate, padding="same")
                h = z * h + (1 - z) * self.activation(new)
                steps.append(h)
            return torch.stack(steps, dim=1), h
    """
}
