import LanguageServerProtocol
import Synchronization

/// Writes messages on a thread of its own, so that a client which does not read stops nobody.
final class Outbox: Sendable {
  /// How many bytes may wait for a client before it counts as gone.
  static let limit = 512 << 20

  private enum Item: Sendable {
    case message([UInt8])
    /// The newest diagnostics of a document, found under its URI when its turn comes.
    case diagnostics(uri: String)
  }

  private let items = Queue<Item>()
  private let finished = Queue<Void>()
  private let waiting = Atomic<Int>(0)
  private let diagnostics = Lock<[String: [UInt8]]>([:])
  private let limit: Int
  private let isBroken = Atomic<Bool>(false)
  private let onBreak: @Sendable (String) -> Void
  private let recording: Recording?

  /// `onBreak` is called once, when nothing can be written any more.
  init(
    _ descriptor: Descriptor, limit: Int = Outbox.limit, recording: Recording? = nil,
    onBreak: @escaping @Sendable (String) -> Void
  ) {
    self.limit = limit
    self.onBreak = onBreak
    self.recording = recording
    startThread { [self] in
      writeAll(to: descriptor)
      finished.close()
    }
  }

  func send(_ message: Message) {
    let bytes = Self.frame(message)
    add(bytes.count)
    items.push(.message(bytes))
  }

  /// Sends the diagnostics of a document in the place of older ones that still wait.
  func publish(_ params: LSP.PublishDiagnosticsParams) {
    let bytes = Self.frame(
      .notification(method: "textDocument/publishDiagnostics", params: params.json))
    let replaced = diagnostics.withLock { $0.updateValue(bytes, forKey: params.uri) }
    add(bytes.count - (replaced?.count ?? 0))
    if replaced == nil { items.push(.diagnostics(uri: params.uri)) }
  }

  /// Waits until everything is written, but not for a client that does not read.
  func close(milliseconds: Int) {
    items.close()
    _ = finished.popAll(milliseconds: milliseconds)
  }

  private func add(_ count: Int) {
    let now = waiting.wrappingAdd(count, ordering: .relaxed).newValue
    if now > limit { fail("The client does not read: \(now) bytes wait for it.") }
  }

  private func fail(_ reason: String) {
    items.close()
    if !isBroken.exchange(true, ordering: .relaxed) { onBreak(reason) }
  }

  private func writeAll(to descriptor: Descriptor) {
    while case .elements(let batch) = items.popAll() {
      var bytes: [UInt8] = []
      for item in batch {
        switch item {
        case .message(let message):
          record(message)
          bytes += message
        case .diagnostics(let uri):
          if let message = diagnostics.withLock({ $0.removeValue(forKey: uri) }) {
            record(message)
            bytes += message
          }
        }
        // Many small messages are one write; a large one does not wait for the rest.
        if bytes.count > 1 << 16 {
          guard write(&bytes, to: descriptor) else { return }
        }
      }
      guard write(&bytes, to: descriptor) else { return }
    }
  }

  /// What stands behind the header, which ends with an empty line.
  private func record(_ message: [UInt8]) {
    guard let recording, let end = message.firstIndex(of: 0x0A) else { return }
    recording.add(message[min(end + 3, message.count)...], from: .server)
  }

  private func write(_ bytes: inout [UInt8], to descriptor: Descriptor) -> Bool {
    guard descriptor.write(bytes) else {
      fail("The client has closed its end.")
      return false
    }
    waiting.wrappingSubtract(bytes.count, ordering: .relaxed)
    bytes.removeAll(keepingCapacity: bytes.count < 1 << 20)
    return true
  }

  private static func frame(_ message: Message) -> [UInt8] {
    let body = message.json.bytes
    return Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
  }
}
