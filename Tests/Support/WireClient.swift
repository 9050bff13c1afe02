import Foundation

/// The client's end of two pipes, with the server under test on the other one. It knows how messages
/// are framed and nothing of what they say.
public final class WireClient: @unchecked Sendable {
  private let lock = NSCondition()
  private var messages: [String] = []
  private var isAtEnd = false
  private var status: Int32?
  private var isReading = true
  private var toServer: Int32
  private let fromServer: Int32

  /// `serve` gets the descriptors that the server reads from and writes to.
  public init(readsAnswers: Bool = true, serve: @escaping @Sendable (Int32, Int32) -> Int32) {
    var input: [Int32] = [0, 0]
    var output: [Int32] = [0, 0]
    precondition(pipe(&input) == 0 && pipe(&output) == 0)
    toServer = input[1]
    fromServer = output[0]
    let (serverInput, serverOutput) = (input[0], output[1])
    Thread.detachNewThread { [self] in
      let status = serve(serverInput, serverOutput)
      lock.withLock {
        self.status = status
        lock.broadcast()
      }
      close(serverOutput)
    }
    if readsAnswers { startReading() }
  }

  public func startReading() {
    Thread.detachNewThread { [self] in
      var buffer: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = read(fromServer, &chunk, chunk.count)
        if count <= 0 { break }
        buffer += chunk[..<count]
        while let message = Self.takeMessage(from: &buffer) {
          lock.withLock {
            messages.append(message)
            lock.broadcast()
          }
        }
      }
      lock.withLock {
        isAtEnd = true
        lock.broadcast()
      }
      close(fromServer)
    }
  }

  private static func takeMessage(from buffer: inout [UInt8]) -> String? {
    let text = String(decoding: buffer.prefix(64), as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { return nil }
    let header = text[..<end.lowerBound]
    guard header.hasPrefix("Content-Length: "), let length = Int(header.dropFirst(16)) else {
      preconditionFailure("The server wrote \(header)")
    }
    let start = text.utf8.distance(from: text.startIndex, to: end.upperBound)
    guard buffer.count >= start + length else { return nil }
    defer { buffer.removeFirst(start + length) }
    return String(decoding: buffer[start..<start + length], as: UTF8.self)
  }

  /// Writes bytes as they are.
  public func write(_ bytes: some Sequence<UInt8>) {
    let bytes = Array(bytes)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Foundation.write(toServer, $0.baseAddress, $0.count)
      }
      if count <= 0 { return }
      written += count
    }
  }

  /// Writes a message with its header.
  public func send(_ message: String) {
    write("Content-Length: \(message.utf8.count)\r\n\r\n\(message)".utf8)
  }

  public func closeInput() {
    if toServer >= 0 { close(toServer) }
    toServer = -1
  }

  /// The next message; absent when the server's end is closed or nothing comes in time.
  public func receive(seconds: Double = 10) -> String? {
    let deadline = Date().addingTimeInterval(seconds)
    return lock.withLock {
      while messages.isEmpty {
        if isAtEnd || !lock.wait(until: deadline) { return nil }
      }
      return messages.removeFirst()
    }
  }

  /// What `serve` returned; absent where it does not in time.
  public func exitStatus(seconds: Double = 10) -> Int32? {
    let deadline = Date().addingTimeInterval(seconds)
    return lock.withLock {
      while status == nil {
        if !lock.wait(until: deadline) { return nil }
      }
      return status
    }
  }

  deinit { closeInput() }
}
