import Glibc

extension CPUDevice {
  /// The architecture that this program was compiled for.
  static var currentArchitecture: String {
    #if arch(x86_64)
      "x86_64"
    #elseif arch(arm64)
      "aarch64"
    #else
      "unknown"
    #endif
  }

  /// This machine's.
  public static func current() -> CPUDevice {
    var device = CPUDevice(
      architecture: currentArchitecture,
      cpuinfo: contents(of: "/proc/cpuinfo", limit: 8 << 20) ?? [],
      meminfo: contents(of: "/proc/meminfo") ?? [])
    if device.logicalCores == 0 {
      device.logicalCores = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }
    device.memory = device.memory.limited(
      to: number(at: "/sys/fs/cgroup/memory.max"),
      used: number(at: "/sys/fs/cgroup/memory.current"),
      reclaimable: contents(of: "/sys/fs/cgroup/memory.stat").flatMap {
        field("inactive_file", of: $0)
      })
    return device
  }

  /// From the texts that Linux gives; cores are 0 where `cpuinfo` lists none.
  init(architecture: String, cpuinfo: [UInt8], meminfo: [UInt8]) {
    var name: String?
    var flags: Set<String> = []
    var implementer: String?
    var part: String?
    var logical = 0
    var socket: UInt64 = 0
    var cores: Set<[UInt64]> = []
    for line in cpuinfo.split(separator: UInt8(ascii: "\n")) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let key = line[..<colon].trimmedText
      // Flags are long and every processor repeats them.
      if key == "flags" || key == "Features", !flags.isEmpty { continue }
      let value = line[(colon + 1)...].trimmedText
      switch key {
      case "processor": logical += 1
      case "model name", "cpu model", "Processor": name = name ?? value
      case "CPU implementer": implementer = implementer ?? value
      case "CPU part": part = part ?? value
      case "physical id": socket = UInt64(value) ?? 0
      case "core id": if let core = UInt64(value) { cores.insert([socket, core]) }
      case "flags", "Features": flags = Set(value.split(separator: " ").map(String.init))
      default: break
      }
    }
    // ARM gives numbers only.
    if name == nil, let implementer, let part {
      name = "\(architecture) processor (implementer \(implementer), part \(part))"
    }
    let total = field("MemTotal", of: meminfo) ?? 0
    let free = field("MemAvailable", of: meminfo)
    self.init(
      name: name ?? "\(architecture) processor", architecture: architecture,
      physicalCores: cores.isEmpty ? nil : cores.count, logicalCores: logical,
      memory: Memory(total: total, free: free.map { min($0, total) }),
      features: Self.known.filter { flags.contains($0.flag) }.map(\.feature))
  }

  /// Linux's flags and the names that users know them by, in the order shown.
  private static let known: [(flag: String, feature: String)] = [
    ("sse4_2", "sse4.2"), ("avx", "avx"), ("avx2", "avx2"), ("fma", "fma"), ("f16c", "f16c"),
    ("avx_vnni", "avx_vnni"), ("avx512f", "avx512f"), ("avx512_vnni", "avx512_vnni"),
    ("avx512_bf16", "avx512_bf16"), ("avx512_fp16", "avx512_fp16"), ("amx_tile", "amx_tile"),
    ("amx_int8", "amx_int8"), ("amx_bf16", "amx_bf16"), ("asimd", "neon"), ("neon", "neon"),
    ("asimdhp", "fp16"), ("asimddp", "dotprod"), ("bf16", "bf16"), ("i8mm", "i8mm"),
    ("sve", "sve"), ("sve2", "sve2"), ("sme", "sme"),
  ]
}

extension Memory {
  /// What is left of it in a container: all in bytes, nil where no limit is set.
  func limited(to limit: UInt64?, used: UInt64?, reclaimable: UInt64?) -> Memory {
    guard let limit, limit < total else { return self }
    guard let free, let used else { return Memory(total: limit, free: free.map { min($0, limit) }) }
    let held = used - min(used, reclaimable ?? 0)
    return Memory(total: limit, free: min(free, limit - min(limit, held)))
  }
}

/// The number that a file consists of; nil also for `max`.
private func number(at path: String) -> UInt64? {
  contents(of: path).flatMap { UInt64($0.trimmedText) }
}

/// The value in bytes of a line such as `MemTotal:  24684084 kB` or `inactive_file 4096`.
private func field(_ name: String, of text: [UInt8]) -> UInt64? {
  for line in text.split(separator: UInt8(ascii: "\n")) where line.starts(with: name.utf8) {
    let words = line.split { $0 <= 0x20 || $0 == UInt8(ascii: ":") }.map(\.trimmedText)
    guard words.first == name, words.count >= 2, let value = UInt64(words[1]) else { continue }
    if words.count >= 3, words[2] == "kB" {
      let bytes = value.multipliedReportingOverflow(by: 1024)
      return bytes.overflow ? nil : bytes.partialValue
    }
    return value
  }
  return nil
}
