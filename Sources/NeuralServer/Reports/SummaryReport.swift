import LanguageServerProtocol
import NeuralIDE
import NeuralSyntax

/// The tables of a file's networks. The formats are pure functions of it.
public struct SummaryReport: Sendable {
  public var networks: [NetworkSummary]
  public var tree: SyntaxTree

  public init(networks: [NetworkSummary], tree: SyntaxTree) {
    self.networks = networks
    self.tree = tree
  }

  /// `Schemas/summary.schema.json` says what is in it.
  public var json: JSON {
    ["version": 1, "networks": .array(networks.map(json))]
  }

  private func json(_ network: NetworkSummary) -> JSON {
    var memory = JSONObject()
    memory.append("weights", network.memory.weights?.json)
    memory.append("inference", network.memory.inference?.json)
    memory.append("gradients", network.memory.gradients?.json)
    memory.append("optimizer", network.memory.optimizer?.json)
    memory.append("activations", network.memory.activations?.json)
    memory.append("training", network.memory.training?.json)
    memory.append("batch_size", .integer(network.memory.batchSize))
    return [
      "name": .string(network.name),
      "inputs": .array(network.inputs.map(json)),
      "layers": .array(
        network.layers.map { layer in
          [
            "path": .string(layer.path), "type": .string(layer.type),
            "inputs": .array(layer.inputs.map(JSON.string)),
            "outputs": .array(layer.outputs.map { .array($0.map(\.json)) }),
            "parameters": layer.parameters.json, "trainable": layer.trainable.json,
            "macs": layer.macs.json, "range": tree.jsonRange(layer.range),
          ]
        }),
      "outputs": .array(network.outputs.map(json)),
      "parameters": network.parameters.json, "trainable": network.trainable.json,
      "non_trainable": network.nonTrainable.json, "macs": network.macs.json,
      "memory": .object(memory),
    ]
  }

  private func json(_ tensor: NetworkSummary.Tensor) -> JSON {
    [
      "name": .string(tensor.name), "shape": .array(tensor.shape.map(\.json)),
      "dtype": .string(tensor.dtype),
    ]
  }

  /// For people: a table for each network.
  public var text: String {
    networks.map(text).joined(separator: "\n")
  }

  private func text(_ network: NetworkSummary) -> String {
    var rows = [["Layer", "Type", "Output", "Parameters", "MACs"]]
    for input in network.inputs {
      rows.append([input.name, input.dtype, Self.shape(input.shape), "", ""])
    }
    for layer in network.layers {
      rows.append([
        layer.path, layer.type, layer.outputs.map(Self.shape).joined(separator: ", "),
        layer.parameters.grouped, layer.macs.grouped,
      ])
    }
    let widths = rows[0].indices.map { column in
      rows.map { $0[column].unicodeScalars.count }.max() ?? 0
    }
    var lines = [network.name]
    for (index, row) in rows.enumerated() {
      let cells = row.indices.map { column in
        let blanks = String(
          repeating: " ", count: widths[column] - row[column].unicodeScalars.count)
        // Numbers stand to the right.
        return column >= 3 && index > 0 ? blanks + row[column] : row[column] + blanks
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      lines.append(line)
      if index == 0 {
        lines.append(String(repeating: "─", count: widths.reduce(2 * (widths.count - 1), +)))
      }
    }
    lines.append("")
    lines.append(
      "Parameters: \(network.parameters.grouped) (\(network.trainable.grouped) trainable, "
        + "\(network.nonTrainable.grouped) not)")
    lines.append("MACs: \(network.macs.grouped)")
    lines += text(network.memory)
    if let note = network.searchNote { lines.append(note) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func text(_ memory: NetworkSummary.Memory) -> [String] {
    func line(_ name: String, _ total: NetworkSummary.Size?, _ parts: String) -> String? {
      total.map { "\(name): \($0.bytes)\(parts)" }
    }
    func part(_ name: String, _ size: NetworkSummary.Size?) -> String? {
      size.map { "\($0.bytes) of \(name)" }
    }
    let training = [
      part("gradients", memory.gradients), part("optimizer state", memory.optimizer),
      part("activations", memory.activations),
    ].compactMap { $0 }.joined(separator: ", ")
    return [
      line("Memory", memory.inference, part("weights", memory.weights).map { ", \($0)" } ?? ""),
      line(
        "Training", memory.training,
        training.isEmpty ? "" : " at batch size \(memory.batchSize): \(training)"),
    ].compactMap { $0 }
  }

  private static func shape(_ shape: [NetworkSummary.Size]) -> String {
    let sizes = shape.map(\.plain)
    return sizes.count == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
  }
}

extension NetworkSummary.Size {
  var json: JSON {
    switch self {
    case .fixed(let size): .integer(size)
    case .symbolic(let text): .string(text)
    case .searched(_, let first): first.json
    }
  }

  var plain: String {
    switch self {
    case .fixed(let size): String(size)
    case .symbolic(let text), .searched(let text, _): text
    }
  }

  /// `25,636,712`.
  var grouped: String {
    guard case .fixed(let size) = self else { return plain }
    var digits = Array(String(size.magnitude))
    var index = digits.count - 3
    while index > 0 {
      digits.insert(",", at: index)
      index -= 3
    }
    return (size < 0 ? "-" : "") + String(digits)
  }
}
