/// What documents are called: a path for `file:`, the URI itself for `untitled:`.
public enum DocumentURI {
  /// The name under which the service knows a document; absent for other schemes and for URIs that
  /// are none.
  public static func path(of uri: String) -> String? {
    guard let colon = uri.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    let rest = Array(uri.utf8[uri.utf8.index(after: colon)...])
    switch uri[..<colon].lowercased() {
    case "untitled": return uri
    case "file":
      var path = rest[...]
      if path.starts(with: "//".utf8) {
        // An authority; only this machine's files can be read.
        path = path.dropFirst(2)
        let host = path.prefix { $0 != UInt8(ascii: "/") }
        guard host.isEmpty || String(decoding: host, as: UTF8.self).lowercased() == "localhost"
        else { return nil }
        path = path.dropFirst(host.count)
      }
      guard path.first == UInt8(ascii: "/"), let bytes = decode(path), !bytes.contains(0)
      else { return nil }
      return String(decoding: bytes, as: UTF8.self)
    default: return nil
    }
  }

  /// The URI of a path.
  public static func uri(ofPath path: String) -> String {
    if path.hasPrefix("untitled:") { return path }
    var uri = Array("file://".utf8)
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
        uri.append(byte)
      default:
        uri.append(UInt8(ascii: "%"))
        uri.append(digit(byte >> 4))
        uri.append(digit(byte & 15))
      }
    }
    return String(decoding: uri, as: UTF8.self)
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  private static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var index = text.startIndex
    while index < text.endIndex {
      if text[index] == UInt8(ascii: "%") {
        guard index + 2 < text.endIndex, let high = value(text[index + 1]),
          let low = value(text[index + 2])
        else { return nil }
        bytes.append(high << 4 | low)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
