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
    var memory: JSONObject = ["weights": network.weightsMemory.json]
    memory.append("training", network.trainingMemory?.json)
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
    var memory = "Memory: \(network.weightsMemory.bytes) of weights"
    if let training = network.trainingMemory { memory += ", \(training.bytes) in training" }
    lines.append(memory)
    return lines.joined(separator: "\n") + "\n"
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

  /// `97.8 MiB`.
  var bytes: String {
    guard case .fixed(let size) = self else { return plain + " bytes" }
    var value = Double(size)
    var unit = 0
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    if unit == 0 { return "\(size) bytes" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }
}
