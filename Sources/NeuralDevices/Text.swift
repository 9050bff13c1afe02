extension DeviceReport {
  /// A table for a terminal, and under it what is to be said about CUDA. Ends with a line feed.
  public func text() -> String {
    var rows = [["device", "name", "memory", "free", "details"]]
    for device in devices {
      rows.append([
        device.id, printable(device.name), sizeText(device.memory.total),
        device.memory.free.map(sizeText) ?? "", device.details.joined(separator: ", "),
      ])
    }
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    var text = ""
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        // Sizes stand right, words left.
        line += (column == 2 || column == 3 ? space + cell : cell + space) + "  "
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text + "\n" + cuda.sentences.map { $0 + "\n" }.joined()
  }

  /// The same as a Markdown list, for a hover.
  public func markdown() -> String {
    var text = ""
    for device in devices {
      var details = device.details
      let free = device.memory.free.map { ", \(sizeText($0)) free" } ?? ""
      details.insert(sizeText(device.memory.total) + free, at: 0)
      text +=
        "- `\(device.id)` \(escaped(device.name)): \(escaped(details.joined(separator: ", ")))\n"
    }
    return text + "\n" + cuda.sentences.map { escaped($0) + "\n" }.joined()
  }
}

extension Device {
  fileprivate var details: [String] {
    switch self {
    case .cuda(let device):
      [
        "compute capability \(device.capability)", "\(device.multiprocessors) multiprocessors",
        device.busID.map(printable), device.uuid,
      ].compactMap { $0 }
    case .cpu(let device):
      [
        device.architecture,
        device.physicalCores.map { "\($0) core\($0 == 1 ? "" : "s")" },
        "\(device.logicalCores) thread\(device.logicalCores == 1 ? "" : "s")",
        device.features.isEmpty ? nil : device.features.joined(separator: " "),
      ].compactMap { $0 }
    }
  }
}

extension CUDAReport {
  /// What a reader of the list needs to know about how it came about.
  fileprivate var sentences: [String] {
    var sentences: [String] = []
    let versions = [cudaVersion.map { "CUDA \($0)" }, driverVersion.map { "driver \($0)" }]
      .compactMap { $0 }.map(printable).joined(separator: ", ")
    if !versions.isEmpty { sentences.append(versions) }
    if let visibleDevices, !devices.isEmpty {
      sentences.append("CUDA_VISIBLE_DEVICES is \"\(printable(visibleDevices))\"")
    }
    if let message {
      let heading = if case .available = status { "note" } else { "CUDA \(status.word)" }
      sentences.append("\(heading): \(printable(message))")
    }
    if case .unavailable = status, !lookedFor.isEmpty {
      sentences.append("looked for \(lookedFor.map(printable).joined(separator: ", "))")
    }
    return sentences
  }
}

/// In GiB or MiB, with one digit after the point.
func sizeText(_ bytes: UInt64) -> String {
  let (unit, shift): (String, UInt64) = bytes >= 1 << 30 ? ("GiB", 20) : ("MiB", 10)
  let tenths = ((bytes >> shift) * 10 + 512) / 1024
  return "\(tenths / 10).\(tenths % 10) \(unit)"
}

/// Without characters that steer a terminal.
private func printable(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: result.append("\u{FFFD}")
    default: result.append(scalar)
    }
  }
  return String(result)
}

/// Without what Markdown would read as markup.
private func escaped(_ text: String) -> String {
  var result = ""
  for character in printable(text) {
    if #"\`*_[]<>#|&~"#.contains(character) { result.append("\\") }
    result.append(character)
  }
  return result
}
