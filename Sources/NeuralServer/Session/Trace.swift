import LanguageServerProtocol

/// How much of what the server does the client wants to read.
enum Trace: String {
  case off
  /// Each request and notification, by its method.
  case messages
  /// What came with it, too.
  case verbose
}

extension Session {
  mutating func setTrace(_ params: LSP.SetTraceParams) {
    trace = Trace(rawValue: params.value) ?? .off
  }

  /// Tells of a message that is about to be worked on.
  func tell(_ kind: String, _ method: String, _ params: JSON) {
    if trace == .off { return }
    var object: JSONObject = ["message": .string("\(kind) \(method)")]
    if trace == .verbose {
      object.append("verbose", .string(String(decoding: params.bytes, as: UTF8.self)))
    }
    client.notify("$/logTrace", .object(object))
  }
}
