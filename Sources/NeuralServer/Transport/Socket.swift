import Glibc

extension Descriptor {
  /// A connection to a port of this machine; absent where nobody listens.
  public static func connect(toLoopbackPort port: UInt16) -> Descriptor? {
    connect(domain: AF_INET, to: loopback(port))
  }

  fileprivate static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  /// A connection to a Unix domain socket; absent where nobody listens.
  public static func connect(toSocketAt path: String) -> Descriptor? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
      guard path.utf8.count < bytes.count else { return false }
      unsafe bytes.copyBytes(from: path.utf8)
      return true
    }
    return fits ? connect(domain: AF_UNIX, to: address) : nil
  }

  private static func connect<Address>(domain: Int32, to address: Address) -> Descriptor? {
    let number = socket(domain, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { return nil }
    let status = unsafe withUnsafeBytes(of: address) { bytes in
      guard let start = bytes.baseAddress else { return Int32(-1) }
      return unsafe Glibc.connect(
        number, start.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard status == 0 else {
      close(number)
      return nil
    }
    return Descriptor(number)
  }
}

extension Server {
  /// Waits for clients on a port of this machine, which nobody else can reach, and serves each in a
  /// session of its own; does not return. What went wrong, if it cannot.
  public func serve(onLoopbackPort port: UInt16) -> ListenFailure {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { return .other(StoredFile.reason()) }
    var address = Descriptor.loopback(port)
    // A port that was just served may be served again.
    var yes: Int32 = 1
    unsafe setsockopt(
      number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let status = unsafe withUnsafeBytes(of: &address) { bytes in
      guard let start = bytes.baseAddress else { return Int32(-1) }
      return unsafe bind(
        number, start.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard status == 0, listen(number, 16) == 0 else {
      let isTaken = errno == EADDRINUSE
      let reason = StoredFile.reason()
      close(number)
      return isTaken ? .isTaken : .other(reason)
    }
    Descriptor.log("Waiting for clients on port \(port) of the loopback.")
    while true {
      let connection = accept(number, nil, nil)
      if connection < 0 {
        if errno == EINTR || errno == ECONNABORTED { continue }
        return .other(StoredFile.reason())
      }
      startThread { run(connection: Descriptor(connection)) }
    }
  }

  /// Why nobody can be waited for.
  public enum ListenFailure: Sendable {
    /// Somebody waits there already.
    case isTaken
    case other(String)
  }
}
