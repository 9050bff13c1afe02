import CCuda

/// A CUDA call that did not succeed.
struct CUDAFailure: Error, Equatable {
  /// A CUresult; negative where the driver lacks the call.
  var code: Int32
  /// `CUDA_ERROR_UNKNOWN: unknown error (cuInit)`.
  var message: String

  var meansNoDevice: Bool { code == CCUDA_NO_DEVICE }
}

/// libcuda, opened. Each call may hang or end the process.
@safe struct CUDADriver {
  private let handle: OpaquePointer

  enum Opening {
    case opened(CUDADriver)
    /// The loader's message, or what the library lacks.
    case refused(String)
  }

  static func open(_ path: String) -> Opening {
    var driver: OpaquePointer?
    let (_, message) = unsafe text(capacity: 1024) { buffer, capacity in
      unsafe driver = unsafe ccuda_open(path, buffer, capacity)
      return 0
    }
    guard let driver = unsafe driver else { return .refused(message) }
    return unsafe .opened(CUDADriver(handle: driver))
  }

  func initialize() throws(CUDAFailure) { try succeed("cuInit", unsafe ccuda_init(handle)) }

  /// Such as 12.2; nil where the driver does not tell.
  func cudaVersion() -> String? {
    var version: Int32 = 0
    guard unsafe ccuda_driver_version(handle, &version) == 0 else { return nil }
    return "\(version / 1000).\(version % 1000 / 10)"
  }

  func deviceCount() throws(CUDAFailure) -> Int {
    var count: Int32 = 0
    try succeed("cuDeviceGetCount", unsafe ccuda_device_count(handle, &count))
    return Int(max(count, 0))
  }

  /// All but free memory, which CUDA tells only within a context, and a context takes memory itself.
  func device(_ ordinal: Int) throws(CUDAFailure) -> CUDADevice {
    var device: Int32 = 0
    try succeed("cuDeviceGet", unsafe ccuda_device_get(handle, Int32(ordinal), &device))
    let (named, name) = unsafe text(capacity: 256) {
      unsafe ccuda_device_name(handle, device, $0, $1)
    }
    try succeed("cuDeviceGetName", named)
    var total: UInt64 = 0
    try succeed("cuDeviceTotalMem", unsafe ccuda_device_memory(handle, device, &total))
    var major: Int32 = 0
    var minor: Int32 = 0
    var multiprocessors: Int32 = 0
    try succeed(
      "cuDeviceGetAttribute", unsafe ccuda_device_capability(handle, device, &major, &minor))
    try succeed(
      "cuDeviceGetAttribute", unsafe ccuda_device_multiprocessors(handle, device, &multiprocessors))
    let (placed, busID) = unsafe text(capacity: 64) {
      unsafe ccuda_device_bus_id(handle, device, $0, $1)
    }
    return CUDADevice(
      ordinal: ordinal, name: name, uuid: uuid(device, isInstance: name.contains(" MIG ")),
      capability: .init(major: Int(major), minor: Int(minor)), memory: Memory(total: total),
      multiprocessors: Int(multiprocessors), busID: placed == 0 ? busID : nil)
  }

  /// The driver gives 16 bytes and keeps to itself which of its two kinds they name; a MIG instance's name tells.
  private func uuid(_ device: Int32, isInstance: Bool) -> String? {
    var bytes = [UInt8](repeating: 0, count: 16)
    guard unsafe ccuda_device_uuid(handle, device, &bytes) == 0 else { return nil }
    return (isInstance ? "MIG-" : "GPU-") + uuidText(bytes)
  }

  private func succeed(_ call: String, _ code: Int32) throws(CUDAFailure) {
    guard code != 0 else { return }
    let name = unsafe ccuda_result_name(handle, code).map { unsafe String(cString: $0) }
    let text = unsafe ccuda_result_text(handle, code).map { unsafe String(cString: $0) }
    let message =
      (name ?? "CUDA error \(code)") + (text.map { ": \($0)" } ?? "") + " (\(call))"
    throw CUDAFailure(code: code, message: message)
  }
}

/// NVIDIA's management library, opened. It knows nothing of `CUDA_VISIBLE_DEVICES` and counts
/// devices in an order of its own, so it is asked by UUID or place only.
@safe struct ManagementLibrary {
  private let handle: OpaquePointer

  init?(path: String) {
    var library: OpaquePointer?
    _ = unsafe text(capacity: 1024) { buffer, capacity in
      unsafe library = unsafe cnvml_open(path, buffer, capacity)
      return 0
    }
    guard let library = unsafe library else { return nil }
    unsafe handle = library
  }

  func initialize() -> Bool { unsafe cnvml_init(handle) == 0 }

  func driverVersion() -> String? {
    let (code, version) = unsafe text(capacity: 128) {
      unsafe cnvml_driver_version(handle, $0, $1)
    }
    return code == 0 && !version.isEmpty ? version : nil
  }

  /// In bytes.
  func freeMemory(of device: CUDADevice) -> UInt64? {
    var total: UInt64 = 0
    var free: UInt64 = 0
    var code = CCUDA_MISSING
    if let uuid = device.uuid {
      code = unsafe cnvml_memory_of_uuid(handle, uuid, &total, &free)
    }
    // A MIG instance shares its place with the whole board, whose memory is not its own.
    if code != 0, let place = device.busID, device.uuid?.hasPrefix("MIG-") != true {
      code = unsafe cnvml_memory_of_bus_id(handle, place, &total, &free)
    }
    return code == 0 && free <= device.memory.total ? free : nil
  }
}

/// 8-4-4-4-12 hexadecimal digits.
func uuidText(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef")
  var text = ""
  for (index, byte) in bytes.enumerated() {
    if [4, 6, 8, 10].contains(index) { text.append("-") }
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return text
}

/// What a C function writes into a buffer, up to its zero, and the function's result. Names may hold any bytes: what is
/// not UTF-8 is replaced.
private func text(
  capacity: Int, _ fill: (UnsafeMutablePointer<CChar>, Int32) -> Int32
) -> (code: Int32, text: String) {
  unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
    unsafe buffer.initialize(repeating: 0)
    guard let start = buffer.baseAddress else { return (CCUDA_MISSING, "") }
    let code = unsafe fill(start, Int32(capacity))
    var bytes: [UInt8] = []
    for index in buffer.indices {
      let byte = unsafe buffer[index]
      if byte == 0 { break }
      bytes.append(UInt8(bitPattern: byte))
    }
    return (code, bytes.trimmedText)
  }
}
