import Glibc

extension Descriptor {
  /// A connection to a port of this machine; absent where nobody listens.
  public static func connect(toLoopbackPort port: UInt16) -> Descriptor? {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return connect(domain: AF_INET, to: address)
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
