import NeuralModel
import NeuralSchema

/// The weights of recurrent layers, and the order of a GRU's gates, which is another in a file.
extension PyTorchWeights {
  /// LSTM, RNN and GRU, in one direction or both.
  func recurrent(_ kind: String) -> String {
    let type = "dict[str, \(hasGRU ? "Weight" : "Tensor") | None]"
    let name = "\(kind.lowercased())_weights"
    let made = nodes.flatMap { node in
      recurrent(node, kind).map { (node.schema.name == "Bidirectional", $0) }
    }
    let both = made.contains { $0.0 }
    let one = made.contains { !$0.0 }
    let hasBias = made.allSatisfy { $0.1["use_bias"] != .boolean(false) }
    func view(_ weight: String) -> String { kind == "GRU" ? "gates(\(weight))" : weight }
    func lines(_ own: (String) -> String) -> (kernel: String, recurrent: String, bias: String) {
      let biases = kind == "GRU" ? [own("bias_ih"), own("bias_hh")] : [own("bias_ih")]
      return (
        view(own("weight_ih") + ".t()"), view(own("weight_hh") + ".t()"),
        view(biases.joined(separator: ", "))
      )
    }
    var text = [
      "def \(name)(layer: nn.\(kind)) -> \(type):",
      "    \"\"\"The weights of \(kind == "GRU" ? "a GRU" : "an \(kind)"), whose "
        + (kind == "GRU"
          ? "gates have another order in a file.\"\"\"" : "second bias is not used.\"\"\""),
    ]
    if one {
      let margin = both ? "        " : "    "
      let views = lines { "layer.\($0)_l0" }
      let bias = hasBias ? views.bias : "\(views.bias) if layer.bias else None"
      if both { text.append("    if not layer.bidirectional:") }
      text += [
        margin + "return {", "\(margin)    \"kernel\": \(views.kernel),",
        "\(margin)    \"recurrent_kernel\": \(views.recurrent),", "\(margin)    \"bias\": \(bias),",
        margin + "}",
      ]
    }
    if both {
      let views = lines { $0 }
      text += [
        "    weights = {}",
        "    for side, suffix in ((\"forward_layer\", \"\"), (\"backward_layer\", \"_reverse\")):",
        "        weight_ih = getattr(layer, f\"weight_ih_l0{suffix}\")",
        "        weight_hh = getattr(layer, f\"weight_hh_l0{suffix}\")",
        "        weights[f\"{side}/kernel\"] = \(views.kernel)",
        "        weights[f\"{side}/recurrent_kernel\"] = \(views.recurrent)",
      ]
      let margin = hasBias ? "        " : "            "
      if !hasBias { text.append("        if layer.bias:") }
      text.append(margin + "bias_ih = getattr(layer, f\"bias_ih_l0{suffix}\")")
      if kind == "GRU" {
        text.append(margin + "bias_hh = getattr(layer, f\"bias_hh_l0{suffix}\")")
      }
      text += [margin + "weights[f\"{side}/bias\"] = \(views.bias)", "    return weights"]
    }
    return text.joined(separator: "\n")
  }

  /// The arguments of each layer of this kind that a node is or has inside.
  private func recurrent(_ node: GraphNode, _ kind: String) -> [BoundArguments] {
    let name = kind == "RNN" ? "SimpleRNN" : kind
    if node.schema.name == name { return [node.arguments] }
    let inside = ["layer", "cell"].compactMap { node.arguments[$0] }.flatMap { $0.elements ?? [$0] }
    return inside.compactMap { value in
      guard case .layer(let layer) = value, [name, name + "Cell"].contains(layer.schema.name)
      else { return nil }
      return layer.arguments
    }
  }

  static let gates = """
    # A weight, or the views of a GRU's gates by row of the weight in a file.
    Weight = Tensor | list[list[Tensor]]


    def gates(*rows: Tensor) -> list[list[Tensor]]:
        \"""Views of a GRU's gates as a file orders them: update, reset, new.\"""
        chunks = (row.chunk(3, dim=-1) for row in rows)
        return [[update, reset, new] for reset, update, new in chunks]
    """

  static let gateByGate = """
    def joined(weight: Weight) -> Tensor:
        \"""A weight as a file has it.\"""
        if isinstance(weight, Tensor):
            return weight
        rows = [torch.cat(row, dim=-1) for row in weight]
        return rows[0] if len(rows) == 1 else torch.stack(rows)


    def assign(weight: Weight, value: Tensor) -> None:
        \"""Give a weight the value that a file has for it.\"""
        if isinstance(weight, Tensor):
            weight.copy_(value)
            return
        for row, views in zip([value] if len(weight) == 1 else value, weight, strict=True):
            for view, gate in zip(views, row.chunk(3, dim=-1), strict=True):
                view.copy_(gate)
    """
}
