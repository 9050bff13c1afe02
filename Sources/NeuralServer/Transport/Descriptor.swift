import Glibc

/// A file descriptor that bytes are read from or written to.
public struct Descriptor: Sendable, Equatable {
  public var number: Int32

  public init(_ number: Int32) { self.number = number }

  /// Up to `count` bytes as soon as there are any; none at the end or where reading fails.
  func read(upTo count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while true {
        let result = unsafe Glibc.read(number, buffer.baseAddress, count)
        if result < 0, errno == EINTR { continue }
        initialized = max(result, 0)
        return
      }
    }
  }

  /// Writes all bytes, waiting as long as it takes; false where the other end is gone.
  @discardableResult
  public func write(_ bytes: [UInt8]) -> Bool {
    var written = 0
    while written < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(
          number, buffer.baseAddress.map { unsafe $0 + written }, bytes.count - written)
      }
      if result < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          var poll = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
          unsafe Glibc.poll(&poll, 1, -1)
          continue
        }
        return false
      }
      written += result
    }
    return true
  }

  /// Takes standard output away from everyone else: the protocol gets a duplicate, and what a stray
  /// print writes goes to standard error.
  public static func claimStandardOutput() -> Descriptor? {
    let duplicate = dup(STDOUT_FILENO)
    guard duplicate >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else { return nil }
    return Descriptor(duplicate)
  }

  public static let standardOutput = Descriptor(STDOUT_FILENO)
  public static let standardInput = Descriptor(STDIN_FILENO)
  public static let standardError = Descriptor(STDERR_FILENO)

  /// One line for whoever reads the server's log.
  static func log(_ message: String) {
    _ = standardError.write(Array("neural-lsp: \(message)\n".utf8))
  }
}
