import NeuralModel
import NeuralSchema

/// Reading and writing a model's weights under the paths of the source, in Keras's layouts. A weight is
/// a view of the module's own parameter, so that one table serves reading and writing.
struct PyTorchWeights {
  let body: String
  let nodes: [GraphNode]
  private let paths: [PathTable]
  private let grouped: [String]

  init(_ frame: PythonFrame) {
    body = frame.body
    nodes = frame.networks.flatMap(\.nodes)
    grouped = PyTorchWeights.groupedPaths(nodes)
    var tables = frame.paths
    if body.contains("nn.TransformerEncoderLayer(") {
      let parts = [
        ("self_attn", "attention"), ("linear1", "ff_1"), ("linear2", "ff_2"),
        ("norm1", "norm_1"), ("norm2", "norm_2"),
      ]
      tables.append(
        PathTable(block: "nn.TransformerEncoderLayer", entries: parts.map { .one($0, $1) }))
    }
    // What these hold is read as a part of them, each head by itself.
    if body.contains("nn.TransformerEncoderLayer(") || body.contains("nn.MultiheadAttention(") {
      tables.append(
        PathTable(
          block: "nn.MultiheadAttention", entries: [.one("out_proj", "attention_output")]))
    }
    if body.contains("class MultiHeadAttention(") {
      tables.append(
        PathTable(block: "MultiHeadAttention", entries: [.one("output", "attention_output")]))
    }
    if body.contains("class GroupedQueryAttention(") {
      tables.append(
        PathTable(block: "GroupedQueryAttention", entries: [.one("output", "attention_output")]))
    }
    paths = tables
  }

  /// Whether a module of the framework's, or one of the file's own, is made somewhere.
  private func makes(_ name: String) -> Bool {
    body.contains(" \(name)(") || body.contains("(\(name)(") || body.contains("[\(name)(")
  }

  var hasGRU: Bool { makes("nn.GRU") }
  private var isTied: Bool {
    nodes.contains { $0.tiedTo != nil && makes("nn.Embedding") }
  }
  private var hasAttention: Bool {
    makes("nn.MultiheadAttention") || makes("nn.TransformerEncoderLayer")
  }

  /// All that a module ends with.
  func functions() -> String {
    var parts: [String] = []
    if !paths.isEmpty { parts.append(PathTable.text(paths)) }
    if !grouped.isEmpty { parts.append(groupedTable) }
    if hasGRU { parts.append(PyTorchWeights.gates) }
    if hasAttention { parts.append(attention) }
    if makes("MultiHeadAttention") { parts.append(PyTorchWeights.generalAttention) }
    if makes("GroupedQueryAttention") { parts.append(PyTorchWeights.groupedAttention) }
    if makes("nn.LSTM") { parts.append(recurrent("LSTM")) }
    if makes("nn.RNN") { parts.append(recurrent("RNN")) }
    if hasGRU { parts.append(recurrent("GRU")) }
    parts += [layerWeights, weightsByPath]
    if hasGRU { parts.append(PyTorchWeights.gateByGate) }
    parts += [load, save]
    return parts.joined(separator: "\n\n\n")
  }

  // MARK: Views

  private struct Case {
    var pattern: String
    var weights: [(name: String, view: String)] = []
    /// What the kernel's view is taken of, where that is long.
    var kernel: String?
    /// A whole expression instead.
    var expression: String?
  }

  private static let plain: [(module: String, weights: [(String, String)])] = [
    ("nn.Linear", [("kernel", "weight.t()"), ("bias", "bias")]),
    ("nn.Conv1d", [("kernel", "weight.permute(2, 1, 0)"), ("bias", "bias")]),
    ("nn.Conv2d", [("kernel", "weight.permute(2, 3, 1, 0)"), ("bias", "bias")]),
    ("nn.Conv3d", [("kernel", "weight.permute(2, 3, 4, 1, 0)"), ("bias", "bias")]),
    ("nn.ConvTranspose1d", [("kernel", "weight.permute(2, 1, 0)"), ("bias", "bias")]),
    ("nn.ConvTranspose2d", [("kernel", "weight.permute(2, 3, 1, 0)"), ("bias", "bias")]),
    ("nn.ConvTranspose3d", [("kernel", "weight.permute(2, 3, 4, 1, 0)"), ("bias", "bias")]),
    ("nn.LayerNorm", [("gamma", "weight"), ("beta", "bias")]),
    ("nn.GroupNorm", [("gamma", "weight"), ("beta", "bias")]),
    ("nn.InstanceNorm1d", [("gamma", "weight"), ("beta", "bias")]),
    ("nn.InstanceNorm2d", [("gamma", "weight"), ("beta", "bias")]),
    ("nn.InstanceNorm3d", [("gamma", "weight"), ("beta", "bias")]),
    ("nn.RMSNorm", [("scale", "weight")]),
    ("nn.Embedding", [("embeddings", "weight")]),
  ]

  private var cases: [Case] {
    var cases: [Case] = []
    for (axes, order) in [(1, "2, 0, 1"), (2, "2, 3, 0, 1")] where hasDepthwise(axes) {
      cases.append(
        Case(
          pattern: "nn.Conv\(axes)d() if layer.groups == layer.in_channels > 1"
            + (grouped.isEmpty ? "" : " and path not in GROUPED"),
          weights: [("kernel", "permute(\(order))"), ("bias", "bias")],
          kernel: "layer.weight[:, 0].unflatten(0, (layer.groups, -1))"))
    }
    for (module, weights) in PyTorchWeights.plain
    where makes(module) || module == "nn.Linear" && hasAttention
      || module == "nn.LayerNorm" && makes("nn.TransformerEncoderLayer")
    {
      cases.append(Case(pattern: "\(module)()", weights: weights))
    }
    for dimensions in 1...3 where makes("nn.BatchNorm\(dimensions)d") {
      cases.append(
        Case(
          pattern: "nn.BatchNorm\(dimensions)d()",
          weights: [
            ("gamma", "weight"), ("beta", "bias"), ("moving_mean", "running_mean"),
            ("moving_variance", "running_var"),
          ]))
    }
    if hasAttention {
      cases.append(
        Case(
          pattern: "nn.MultiheadAttention()", expression: "attention_weights(layer)"))
    }
    if makes("MultiHeadAttention") {
      cases.append(
        Case(pattern: "MultiHeadAttention()", expression: "attention_weights_of(layer)"))
    }
    if makes("GroupedQueryAttention") {
      cases.append(
        Case(
          pattern: "GroupedQueryAttention()", expression: "grouped_attention_weights(layer)"))
    }
    for kind in ["LSTM", "RNN", "GRU"] where makes("nn.\(kind)") {
      cases.append(Case(pattern: "nn.\(kind)()", expression: "\(kind.lowercased())_weights(layer)"))
    }
    if makes("TransposedLinear") {
      cases.append(Case(pattern: "TransposedLinear()", weights: [("bias", "bias")]))
    }
    if makes("Normalization"), body.contains("torch.zeros(") {
      cases.append(
        Case(
          pattern: "Normalization()", expression: "layer.state_dict()"))
    }
    if hasOwnParameters {
      cases.append(
        Case(pattern: "_", expression: "dict(layer.named_parameters(recurse=False))"))
    }
    return cases
  }

  private func hasDepthwise(_ axes: Int) -> Bool {
    nodes.contains {
      $0.schema.parameter(named: "depth_multiplier") != nil
        && $0.schema.name.hasSuffix("\(axes)D") && !$0.weights.isEmpty
    }
  }

  /// The paths of convolutions with a group for each channel beside depthwise ones, whose module is the
  /// same and whose kernel is not.
  private static func groupedPaths(_ nodes: [GraphNode]) -> [String] {
    let isDepthwise = { (node: GraphNode) in node.schema.parameter(named: "depth_multiplier") != nil
    }
    guard nodes.contains(where: isDepthwise) else { return [] }
    let paths = nodes.filter { node in
      guard let groups = node.arguments["groups"], !isDepthwise(node) else { return false }
      return groups != .int(1) && groups == node.bindings["channels"]
    }.map(\.path)
    return Set(paths).sorted()
  }

  private var groupedTable: String {
    let entries = Python.list(grouped.map { .text(Python.string($0)) })
      .lines(prefix: "GROUPED = ", indent: 0)
    return (["# Convolutions with a group for each channel that are not depthwise."] + entries)
      .joined(separator: "\n")
  }

  /// Modules of the file or of a user's package that keep their weights as a file has them.
  private var hasOwnParameters: Bool {
    let known: Set = [
      "nn.Linear", "nn.Embedding", "nn.LSTM", "nn.GRU", "nn.MultiheadAttention",
    ]
    // A transposed kernel's owner has it.
    let own = body.replacing("nn.Parameter(torch.zeros(other.in_features))", with: "")
    return own.contains("nn.Parameter(")
      || nodes.contains { node in
        guard !node.weights.isEmpty, case .template(let text)? = node.schema.targets["pytorch"]
        else { return false }
        return !known.contains(String(text.prefix { $0 != "(" }))
      }
  }

  private var layerWeights: String {
    let place = grouped.isEmpty ? "layer: nn.Module" : "layer: nn.Module, path: str"
    var lines = [
      "def layer_weights(\(place)) -> dict[str, \(hasGRU ? "Weight" : "Tensor") | None]:",
      "    \"\"\"The weights of a layer as views in the layouts of a weights file.\"\"\"",
      "    match layer:",
    ]
    let all = cases
    for entry in all {
      let line = "        case \(entry.pattern):"
      if line.count > Python.columns, let place = entry.pattern.firstRange(of: " if ") {
        lines += [
          "        case \(entry.pattern[..<place.lowerBound]) if (",
          "            \(entry.pattern[place.upperBound...])", "        ):",
        ]
      } else {
        lines.append(line)
      }
      if let kernel = entry.kernel { lines.append("            kernel = \(kernel)") }
      let views = entry.weights.map { weight in
        let owner = weight.name == "kernel" && entry.kernel != nil ? "kernel" : "layer"
        return "\"\(weight.name)\": \(owner).\(weight.view)"
      }
      let flat = entry.expression ?? "{\(views.joined(separator: ", "))}"
      if "            return \(flat)".count <= Python.columns {
        lines.append("            return \(flat)")
      } else {
        lines.append("            return {")
        lines += views.map { "                \($0)," }
        lines.append("            }")
      }
    }
    if all.last?.pattern != "_" {
      lines += ["        case _:", "            return {}"]
    }
    return lines.joined(separator: "\n")
  }

  // MARK: Files

  private var weightsByPath: String {
    let type = hasGRU ? "Weight" : "Tensor"
    let read = grouped.isEmpty ? "layer" : "layer, path"
    let made = [isTied ? "seen = set()" : nil, paths.isEmpty ? nil : "paths = {\"\": \"\"}"]
    var lines =
      [
        "def weights_by_path(model: nn.Module) -> dict[str, \(type)]:",
        "    \"\"\"The weights of a model by their paths in a weights file.\"\"\"",
        "    weights = {}",
      ] + made.compactMap { $0.map { "    \($0)" } }
    if paths.isEmpty {
      lines += [
        "    for name, layer in model.named_modules():",
        "        path = name.replace(\".\", \"/\")",
        "        for weight, view in layer_weights(\(read)).items():",
      ]
    } else {
      lines += [
        "    for name, layer in model.named_modules():",
        "        parent, _, own = name.rpartition(\".\")",
        "        path = paths.setdefault(name, f\"{paths[parent]}/{own}\".lstrip(\"/\"))",
        "        for inner, place in PATHS.get(type(layer), {}).items():",
        "            inner = f\"{name}.{inner}\".lstrip(\".\")",
        "            paths.setdefault(inner, f\"{path}/{place}\".lstrip(\"/\"))",
        "        for weight, view in layer_weights(\(read)).items():",
      ]
    }
    let key = "f\"{path}/{weight}\""
    if isTied {
      // One parameter is one weight, under the path of the layer that owns it.
      lines += [
        "            if view is not None and view.data_ptr() not in seen:",
        "                seen.add(view.data_ptr())",
        "                weights.setdefault(\(key), view)",
      ]
    } else {
      lines += [
        "            if view is not None:",
        "                weights.setdefault(\(key), view)",
      ]
    }
    return (lines + ["    return weights"]).joined(separator: "\n")
  }

  private var load: String {
    let shape = hasGRU ? "joined(weight).shape" : "weight.shape"
    return """
      def load_weights(model: nn.Module, path: str) -> None:
          \"""Read the weights of a model from a safetensors file.\"""
          tensors, weights = load_file(path), weights_by_path(model)
          stored = {(name, tensor.shape) for name, tensor in tensors.items()}
          wanted = {(name, \(shape)) for name, weight in weights.items()}
          if different := stored ^ wanted:
              raise ValueError(f"{path} is of another model: {min(different)[0]}")
          with torch.no_grad():
              for name, weight in weights.items():
                  \(hasGRU ? "assign(weight, tensors[name])" : "weight.copy_(tensors[name])")
      """
  }

  private var save: String {
    let value = hasGRU ? "joined(weight)" : "weight"
    return """
      def save_weights(model: nn.Module, path: str) -> None:
          \"""Write the weights of a model to a safetensors file.\"""
          weights = weights_by_path(model).items()
          save_file({name: \(value).contiguous() for name, weight in weights}, path)

      """
  }
}
