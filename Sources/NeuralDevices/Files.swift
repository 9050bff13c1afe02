import Glibc

/// The beginning of a file, at most `limit` bytes, or nil where it cannot be read. Made for /proc and /sys, whose
/// files do not know their size.
func contents(of path: String, limit: Int = 1 << 20) -> [UInt8]? {
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  var bytes: [UInt8] = []
  while bytes.count < limit {
    guard let more = readSome(descriptor, atMost: min(65_536, limit - bytes.count)) else {
      return nil
    }
    if more.isEmpty { break }
    bytes += more
  }
  return bytes
}

/// What one `read` gives, empty at the end; nil on an error.
func readSome(_ descriptor: Int32, atMost capacity: Int) -> [UInt8]? {
  var failed = false
  let bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
    while true {
      let got = unsafe read(descriptor, buffer.baseAddress, buffer.count)
      if got < 0 && errno == EINTR { continue }
      failed = got < 0
      count = max(got, 0)
      return
    }
  }
  return failed ? nil : bytes
}

/// Writes all of it, or answers false.
func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  var rest = bytes[...]
  while !rest.isEmpty {
    let put = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    if put < 0 && errno == EINTR { continue }
    guard put > 0 else { return false }
    rest = rest.dropFirst(put)
  }
  return true
}

/// The value of a variable of the environment.
public func environmentValue(_ name: String) -> String? {
  guard let value = unsafe getenv(name) else { return nil }
  return unsafe String(cString: value)
}

extension Sequence<UInt8> {
  /// As UTF-8, repaired, without white space at either end.
  var trimmedText: String {
    let text = Array(self)
    let start = text.firstIndex { $0 > 0x20 } ?? text.endIndex
    let end = text.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? start
    return String(decoding: text[start..<end], as: UTF8.self)
  }
}
