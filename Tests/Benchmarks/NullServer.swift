import Foundation
import LanguageServerProtocol

/// A server that knows nothing and answers at once: findings without any for each change, nothing for
/// each request. What it takes is what processes, pipes and the client take.
enum NullServer {
  static func run() {
    var buffer: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = unsafe read(0, &bytes, bytes.count)
      if count <= 0 { return }
      buffer += bytes[..<count]
      while let message = take(&buffer) {
        if message["method"] == "exit" { return }
        answer(message)
      }
    }
  }

  private static func take(_ buffer: inout [UInt8]) -> JSON? {
    guard let end = buffer.firstRange(of: [13, 10, 13, 10] as [UInt8]),
      let length = Int(String(decoding: buffer[16..<end.lowerBound], as: UTF8.self)),
      buffer.count >= end.upperBound + length
    else { return nil }
    defer { buffer.removeFirst(end.upperBound + length) }
    return try? JSON(parsing: Array(buffer[end.upperBound..<end.upperBound + length]))
  }

  private static func answer(_ message: JSON) {
    if let id = message["id"] {
      send([
        "jsonrpc": "2.0", "id": id,
        "result": message["method"] == "initialize" ? ["capabilities": [:]] : .null,
      ])
    } else if let document = message["params"]?["textDocument"], let uri = document["uri"] {
      send([
        "jsonrpc": "2.0", "method": "textDocument/publishDiagnostics",
        "params": ["uri": uri, "version": document["version"] ?? .null, "diagnostics": []],
      ])
    }
  }

  private static func send(_ message: JSON) {
    let body = message.bytes
    let bytes = Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
    _ = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
  }
}
