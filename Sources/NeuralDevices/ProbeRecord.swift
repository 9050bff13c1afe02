/// One line of what the helper process tells. A driver may end the helper at any call, so it tells
/// each thing as soon as it knows it, and each call before making it: the lines that arrived are
/// worth what they say.
enum ProbeRecord: Equatable {
  /// The value of `CUDA_VISIBLE_DEVICES`.
  case visibleDevices(String)
  /// A library is about to be opened.
  case lookedFor(String)
  /// A call is about to be made.
  case calling(String)
  case unavailable(String)
  case failed(String)
  case cudaVersion(String)
  case driverVersion(String)
  case device(CUDADevice)
  case note(String)
  /// CUDA has answered; what follows is NVML's.
  case cudaDone
  /// In bytes.
  case freeMemory(ordinal: Int, UInt64)
  case end
}

extension ProbeRecord {
  /// A word and its values, separated by single blanks, ended by a line feed; bytes that could be
  /// mistaken for these are written as `%` and two hexadecimal digits.
  var line: [UInt8] {
    var line: [UInt8] = []
    for (index, field) in fields.enumerated() {
      if index > 0 { line.append(UInt8(ascii: " ")) }
      for byte in field.utf8 {
        if byte <= 0x20 || byte == UInt8(ascii: "%") {
          line.append(UInt8(ascii: "%"))
          line.append(hexadecimalDigits[Int(byte >> 4)])
          line.append(hexadecimalDigits[Int(byte & 15)])
        } else {
          line.append(byte)
        }
      }
    }
    line.append(UInt8(ascii: "\n"))
    return line
  }

  private var fields: [String] {
    switch self {
    case .visibleDevices(let value): ["visible", value]
    case .lookedFor(let path): ["looked", path]
    case .calling(let call): ["calling", call]
    case .unavailable(let reason): ["unavailable", reason]
    case .failed(let message): ["failed", message]
    case .cudaVersion(let version): ["cuda", version]
    case .driverVersion(let version): ["driver", version]
    case .device(let device):
      [
        "device", "\(device.ordinal)", device.name, device.uuid ?? "",
        "\(device.capability.major)", "\(device.capability.minor)", "\(device.memory.total)",
        "\(device.multiprocessors)", device.busID ?? "",
      ]
    case .note(let note): ["note", note]
    case .cudaDone: ["done"]
    case .freeMemory(let ordinal, let bytes): ["free", "\(ordinal)", "\(bytes)"]
    case .end: ["end"]
    }
  }

  /// Nil for a line that says nothing known.
  init?(line: some Sequence<UInt8>) {
    var fields: [String] = []
    for field in Array(line).split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false) {
      guard let text = unescaped(field) else { return nil }
      fields.append(text)
    }
    switch (fields.first, fields.count) {
    case ("visible", 2): self = .visibleDevices(fields[1])
    case ("looked", 2): self = .lookedFor(fields[1])
    case ("calling", 2): self = .calling(fields[1])
    case ("unavailable", 2): self = .unavailable(fields[1])
    case ("failed", 2): self = .failed(fields[1])
    case ("cuda", 2): self = .cudaVersion(fields[1])
    case ("driver", 2): self = .driverVersion(fields[1])
    case ("note", 2): self = .note(fields[1])
    case ("done", 1): self = .cudaDone
    case ("end", 1): self = .end
    case ("free", 3):
      guard let ordinal = Int(fields[1]), let bytes = UInt64(fields[2]) else { return nil }
      self = .freeMemory(ordinal: ordinal, bytes)
    case ("device", 9):
      guard let ordinal = Int(fields[1]), let major = Int(fields[4]), let minor = Int(fields[5]),
        let total = UInt64(fields[6]), let multiprocessors = Int(fields[7])
      else { return nil }
      self = .device(
        CUDADevice(
          ordinal: ordinal, name: fields[2], uuid: fields[3].isEmpty ? nil : fields[3],
          capability: .init(major: major, minor: minor), memory: Memory(total: total),
          multiprocessors: multiprocessors, busID: fields[8].isEmpty ? nil : fields[8]))
    default: return nil
    }
  }

  /// The records of all whole lines.
  static func all(in bytes: [UInt8]) -> [ProbeRecord] {
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.startIndex
    return bytes[..<end].split(separator: UInt8(ascii: "\n")).compactMap(ProbeRecord.init(line:))
  }
}

private let hexadecimalDigits = Array("0123456789abcdef".utf8)

private func unescaped(_ field: ArraySlice<UInt8>) -> String? {
  var bytes: [UInt8] = []
  var rest = field
  while let byte = rest.popFirst() {
    if byte == UInt8(ascii: "%") {
      guard let high = rest.popFirst().flatMap(hexadecimalDigits.firstIndex(of:)),
        let low = rest.popFirst().flatMap(hexadecimalDigits.firstIndex(of:))
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
    } else {
      bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}
