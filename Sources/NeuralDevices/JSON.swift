/// As much of JSON as the report needs, written on one line.
enum JSON {
  case string(String)
  case integer(Int64)
  case array([JSON])
  /// In this order; entries that are nil are left out.
  case object([(String, JSON?)])

  static func bytes(_ count: UInt64) -> JSON { .integer(Int64(clamping: count)) }

  var text: String {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(to bytes: inout [UInt8]) {
    switch self {
    case .string(let text): Self.write(text, to: &bytes)
    case .integer(let number): bytes += String(number).utf8
    case .array(let items):
      bytes.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { bytes += ", ".utf8 }
        item.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .object(let entries):
      bytes.append(UInt8(ascii: "{"))
      var first = true
      for case (let key, let value?) in entries {
        if !first { bytes += ", ".utf8 }
        first = false
        Self.write(key, to: &bytes)
        bytes += ": ".utf8
        value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): bytes += #"\n"#.utf8
      case UInt8(ascii: "\t"): bytes += #"\t"#.utf8
      case 0..<0x20, 0x7f:
        bytes += #"\u00"#.utf8
        bytes += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

extension DeviceReport {
  /// On one line, as Schemas/devices.schema.json describes it.
  public func json() -> String {
    JSON.object([
      ("version", .integer(1)), ("devices", .array(devices.map(\.json))), ("cuda", cuda.json),
    ]).text
  }
}

extension Device {
  fileprivate var json: JSON {
    switch self {
    case .cuda(let device):
      .object([
        ("id", .string(id)), ("kind", .string("cuda")), ("name", .string(name)),
        ("uuid", device.uuid.map(JSON.string)),
        ("compute_capability", .string(device.capability.description)), ("memory", memory.json),
        ("multiprocessors", .integer(Int64(device.multiprocessors))),
        ("bus_id", device.busID.map(JSON.string)),
      ])
    case .cpu(let device):
      .object([
        ("id", .string(id)), ("kind", .string("cpu")), ("name", .string(name)),
        ("architecture", .string(device.architecture)),
        (
          "cores",
          .object([
            ("physical", device.physicalCores.map { .integer(Int64($0)) }),
            ("logical", .integer(Int64(device.logicalCores))),
          ])
        ),
        ("memory", memory.json), ("features", .array(device.features.map(JSON.string))),
      ])
    }
  }
}

extension Memory {
  fileprivate var json: JSON {
    .object([("total", .bytes(total)), ("free", free.map(JSON.bytes))])
  }
}

extension CUDAReport {
  fileprivate var json: JSON {
    .object([
      ("status", .string(status.word)), ("driver_version", driverVersion.map(JSON.string)),
      ("cuda_version", cudaVersion.map(JSON.string)),
      ("visible_devices", visibleDevices.map(JSON.string)), ("message", message.map(JSON.string)),
      ("looked_for", lookedFor.isEmpty ? nil : .array(lookedFor.map(JSON.string))),
    ])
  }
}

extension CUDAReport.Status {
  /// The word for it in JSON.
  public var word: String {
    switch self {
    case .available: "available"
    case .unavailable: "unavailable"
    case .failed: "error"
    case .timedOut: "timeout"
    case .crashed: "crash"
    }
  }
}
