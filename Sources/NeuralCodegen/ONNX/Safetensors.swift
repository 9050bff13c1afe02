import NeuralSchema

/// The header of a safetensors file (github.com/huggingface/safetensors, "Format"): the names, shapes and
/// places of its tensors. The tensors themselves are read one by one.
public struct Safetensors: Sendable {
  public struct Entry: Sendable, Equatable {
    public var dtype: String
    public var shape: [Int]
    /// Where its bytes stand in the file.
    public var bytes: Range<Int>
  }

  public struct FormatError: Error, Equatable {
    public var message: String
  }

  public private(set) var entries: [String: Entry] = [:]
  /// Reads bytes of the file.
  private let read: @Sendable (Range<Int>) -> [UInt8]?

  /// Headers past this are refused, as the reference implementation refuses them.
  private static let headerLimit = 100_000_000

  /// - Parameters:
  ///   - size: the bytes of the file.
  ///   - read: gives bytes of it, `nil` where they cannot be read.
  public init(
    size: Int, read: @escaping @Sendable (Range<Int>) -> [UInt8]?
  ) throws(FormatError) {
    self.read = read
    guard size >= 8, let first = read(0..<8), first.count == 8 else {
      throw FormatError(message: "it is no safetensors file: it is too short")
    }
    var length: UInt64 = 0
    for byte in first.reversed() { length = length << 8 | UInt64(byte) }
    guard length <= UInt64(min(size - 8, Safetensors.headerLimit)),
      let header = read(8..<8 + Int(length)), header.count == Int(length)
    else { throw FormatError(message: "it is no safetensors file: its header does not fit in it") }
    var parser = SafetensorsHeader(header)
    let start = 8 + Int(length)
    for (name, dtype, shape, begin, end) in try parser.tensors() {
      guard begin >= 0, begin <= end, end <= size - start else {
        throw FormatError(message: "the bytes of \(name) lie outside of it")
      }
      entries[name] = Entry(dtype: dtype, shape: shape, bytes: start + begin..<start + end)
    }
  }

  /// The bytes of a tensor, the lowest of each number first.
  func bytes(of name: String) throws(FormatError) -> [UInt8] {
    guard let entry = entries[name], let bytes = read(entry.bytes),
      bytes.count == entry.bytes.count
    else { throw FormatError(message: "\(name) cannot be read") }
    return bytes
  }

  /// The values of a tensor of 32-bit floats.
  func values(of name: String) throws(FormatError) -> [Float] {
    let bytes = try bytes(of: name)
    return unsafe [Float](unsafeUninitializedCapacity: bytes.count / 4) { floats, count in
      unsafe bytes.withUnsafeBytes { raw in
        for index in 0..<bytes.count / 4 {
          let bits = unsafe raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
          unsafe floats.initializeElement(
            at: index, to: Float(bitPattern: UInt32(littleEndian: bits)))
        }
      }
      count = bytes.count / 4
    }
  }

  /// What does not fit between the file and the weights of a network, by name; `nil` where all fits.
  public func mismatch(with weights: [DeclaredWeight]) -> String? {
    var rest = entries
    for weight in weights {
      guard let entry = rest.removeValue(forKey: weight.path) else {
        let near = nearest(to: weight.path, among: Array(rest.keys))
        return "it has no \(weight.path)" + (near.map { "; it has \($0)" } ?? "")
      }
      guard entry.shape == weight.shape else {
        return "\(weight.path) is \(text(entry.shape)) there and \(text(weight.shape)) here"
      }
      guard entry.dtype == "F32" else {
        return "\(weight.path) is \(entry.dtype) there; weights are F32"
      }
      guard entry.bytes.count == weight.shape.reduce(4, *) else {
        return "\(weight.path) has \(entry.bytes.count) bytes there"
      }
    }
    if let extra = rest.keys.min() { return "it has \(extra), which the network has not" }
    return nil
  }

  private func text(_ shape: [Int]) -> String {
    shape.count == 1 ? "(\(shape[0]),)" : "(\(shape.map(String.init).joined(separator: ", ")))"
  }
}

/// The JSON of the header: objects of strings, and lists of numbers, which is all that the format allows.
private struct SafetensorsHeader {
  typealias Tensor = (name: String, dtype: String, shape: [Int], begin: Int, end: Int)

  private let bytes: [UInt8]
  private var next = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private static let failure = Safetensors.FormatError(
    message: "it is no safetensors file: its header is not the JSON that the format asks for")

  private mutating func skipSpace() {
    while next < bytes.count, [0x20, 0x0a, 0x0d, 0x09].contains(bytes[next]) { next += 1 }
  }

  private mutating func takes(_ character: Character) -> Bool {
    skipSpace()
    guard next < bytes.count, bytes[next] == character.asciiValue else { return false }
    next += 1
    return true
  }

  private mutating func take(_ character: Character) throws(Safetensors.FormatError) {
    guard takes(character) else { throw SafetensorsHeader.failure }
  }

  private mutating func string() throws(Safetensors.FormatError) -> String {
    try take("\"")
    let start = next
    while next < bytes.count, bytes[next] != UInt8(ascii: "\"") {
      next += bytes[next] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard next < bytes.count else { throw SafetensorsHeader.failure }
    next += 1
    return String(decoding: bytes[start..<next - 1], as: UTF8.self)
      .replacing("\\/", with: "/").replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
  }

  private mutating func integers() throws(Safetensors.FormatError) -> [Int] {
    try take("[")
    var numbers: [Int] = []
    while !takes("]") {
      if !numbers.isEmpty { try take(",") }
      skipSpace()
      var number = 0
      let start = next
      while next < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[next]) {
        let (scaled, over) = number.multipliedReportingOverflow(by: 10)
        let (sum, carry) = scaled.addingReportingOverflow(Int(bytes[next] - UInt8(ascii: "0")))
        if over || carry { throw SafetensorsHeader.failure }
        number = sum
        next += 1
      }
      if next == start { throw SafetensorsHeader.failure }
      numbers.append(number)
    }
    return numbers
  }

  mutating func tensors() throws(Safetensors.FormatError) -> [Tensor] {
    var tensors: [Tensor] = []
    try take("{")
    var isFirst = true
    while !takes("}") {
      if !isFirst { try take(",") }
      isFirst = false
      let name = try string()
      try take(":")
      try take("{")
      var tensor: Tensor = (name, "", [], -1, -1)
      var isFirstField = true
      while !takes("}") {
        if !isFirstField { try take(",") }
        isFirstField = false
        let field = try string()
        try take(":")
        switch field {
        case "dtype" where name != "__metadata__": tensor.dtype = try string()
        case "shape" where name != "__metadata__": tensor.shape = try integers()
        case "data_offsets" where name != "__metadata__":
          let offsets = try integers()
          guard offsets.count == 2 else { throw SafetensorsHeader.failure }
          (tensor.begin, tensor.end) = (offsets[0], offsets[1])
        default: _ = try string()
        }
      }
      if name != "__metadata__" { tensors.append(tensor) }
    }
    return tensors
  }
}
