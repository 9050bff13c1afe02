extension DeviceReport {
  /// What is to be said of the name of a device in a document.
  public enum Verdict: Sendable, Equatable {
    /// It is here, or leaves the choice open.
    case present
    /// A name that the language knows, of a device that this machine does not have.
    case absent(message: String)
    /// No name of a device. The suggestion is a name that is likely meant, and may itself be absent.
    case malformed(message: String, suggestion: String?)
    /// Whether it is here could not be found out. Nothing to warn of.
    case unknown(message: String)
  }

  /// Whether this machine has what `name` asks for: `auto`, `cpu`, `cuda`, `cuda:N`, `gpu`, `gpu:N`, `mps` or `tpu`.
  public func matches(_ name: String) -> Verdict {
    guard let wanted = DeviceName(name) else {
      let suggestion = DeviceName.nearest(to: name)
      let way = suggestion.map { "Did you mean \"\($0)\"?" } ?? "\(here())."
      return .malformed(
        message:
          "\"\(name)\" is no device. Devices are written \"auto\", \"cpu\", \"cuda:0\", \"gpu:0\", "
          + "\"mps\" or \"tpu\". \(way)", suggestion: suggestion)
    }
    switch wanted {
    case .auto, .cpu: return .present
    case .mps:
      return .absent(
        message: "\"mps\" is the GPU of Apple's machines, and this is Linux. \(here()).")
    case .tpu:
      return .unknown(message: "TPUs are not looked for, so whether one is here is not known.")
    case .cuda(let ordinal):
      switch cuda.status {
      case .available:
        if ordinal == nil || cuda.devices.contains(where: { $0.ordinal == ordinal }) {
          return .present
        }
        return .absent(message: "This machine has no \"\(name)\". \(here()).\(hidden)")
      case .unavailable(let reason):
        return .absent(message: "This machine has no \"\(name)\": \(reason). \(here()).")
      case .failed(let message):
        return .absent(
          message:
            "This machine cannot use \"\(name)\", its CUDA driver fails: \(message). \(here()).")
      case .timedOut(let message), .crashed(_, let message):
        return .unknown(message: "Whether \"\(name)\" is here is not known: \(message).")
      }
    }
  }

  /// The device that a name stands for here, nil if there is none: the first CUDA device, else the CPU, for `auto`.
  public func device(named name: String) -> Device? {
    switch DeviceName(name) {
    case .auto?: devices.first
    case .cpu?: .cpu(cpu)
    case .cuda(let ordinal?)?: cuda.devices.first { $0.ordinal == ordinal }.map(Device.cuda)
    case .cuda(nil)?: cuda.devices.first.map(Device.cuda)
    case .mps?, .tpu?, nil: nil
    }
  }

  /// `It has "cuda:0" and "cpu"`
  private func here() -> String {
    let names = devices.map { "\"\($0.id)\"" }
    guard let last = names.last, names.count > 1 else { return "It has only \"\(CPUDevice.id)\"" }
    return "It has \(names.dropLast().joined(separator: ", ")) and \(last)"
  }

  private var hidden: String {
    cuda.visibleDevices.map {
      " CUDA_VISIBLE_DEVICES is \"\($0)\", and devices are counted from 0 among those."
    }
      ?? ""
  }
}

/// A device as a document writes it.
enum DeviceName: Equatable {
  case auto, cpu, mps, tpu
  /// Also written `gpu`. Nil for whichever comes first.
  case cuda(Int?)

  init?(_ name: String) {
    switch name {
    case "auto": self = .auto
    case "cpu": self = .cpu
    case "mps": self = .mps
    case "tpu": self = .tpu
    case "cuda", "gpu": self = .cuda(nil)
    default:
      let parts = name.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, parts[0] == "cuda" || parts[0] == "gpu" else { return nil }
      let digits = parts[1].utf8
      guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
        digits.count == 1 || digits.first != 0x30
      else { return nil }
      // A number too large to count with is still a number, of a device that nobody has.
      self = .cuda(Int(parts[1]) ?? .max)
    }
  }

  /// The valid name that looks most like this text, other tools' spellings (`CUDA:0`, `cuda0`, `/device:GPU:0`,
  /// `cpu:0`) included; nil if none does.
  static func nearest(to text: String) -> String? {
    // No name is longer than a few letters, and comparing takes the square of the length.
    guard text.utf8.count <= 64 else { return nil }
    var rest = Substring(text.lowercased())
    if rest.hasPrefix("/") { rest.removeFirst() }
    if rest.hasPrefix("device:") { rest.removeFirst("device:".count) }
    let letters = rest.prefix { $0.isLetter }
    rest.removeFirst(letters.count)
    if let separator = rest.first, ":-_# ".contains(separator) { rest.removeFirst() }
    var number: String?
    if !rest.isEmpty, rest.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
      let digits = rest.drop { $0 == "0" }
      number = digits.isEmpty ? "0" : String(digits)
    }
    guard let word = nearestWord(String(letters)) else { return nil }
    guard word == "cuda" || word == "gpu", let number else { return word }
    return "\(word):\(number)"
  }

  private static func nearestWord(_ text: String) -> String? {
    if text == "nvidia" { return "cuda" }
    if text == "metal" { return "mps" }
    // In this order where several are as near: what is more often meant first.
    let names = ["cuda", "cpu", "gpu", "auto", "mps", "tpu"]
    let distances = names.map { editDistance(Array(text.utf8), Array($0.utf8)) }
    guard let least = distances.min(), least <= 1 || (least == 2 && text.utf8.count >= 4),
      let index = distances.firstIndex(of: least)
    else { return nil }
    return names[index]
  }
}

/// Insertions, deletions, replacements and swaps of neighbours that make one of the other.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
  var before: [Int] = []
  var last = Array(0...right.count)
  for (row, byte) in left.enumerated() {
    var next = [row + 1]
    for (column, other) in right.enumerated() {
      var cost = min(last[column + 1], next[column]) + 1
      cost = min(cost, last[column] + (byte == other ? 0 : 1))
      if row > 0, column > 0, byte == right[column - 1], left[row - 1] == other {
        cost = min(cost, before[column - 1] + 1)
      }
      next.append(cost)
    }
    before = last
    last = next
  }
  return last[right.count]
}
