import Foundation
import LanguageServerProtocol

/// A language server in a process of its own, with a client that notes when each message has come.
///
/// One thread does everything: it writes a message and reads until the awaited one is there. What the
/// server asks is answered at once, so that no server waits for its client.
final class MeasuredServer {
  struct Failure: Error, CustomStringConvertible {
    var description: String
  }

  private let process = Process()
  private let toServer: Int32
  private let fromServer: Int32
  private var buffer: [UInt8] = []
  private var lastID = 0
  let started = ContinuousClock.now

  /// A message and the moment at which its last byte was read.
  typealias Arrival = (message: JSON, at: ContinuousClock.Instant)

  init(_ command: [String]) throws {
    let input = Pipe()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: "/dev/null")
    try process.run()
    // The pipes' objects close their ends when they go.
    toServer = dup(input.fileHandleForWriting.fileDescriptor)
    fromServer = dup(output.fileHandleForReading.fileDescriptor)
  }

  func stop() {
    _ = try? request("shutdown", .null)
    try? notify("exit", .null)
    close(toServer)
    let deadline = Date().addingTimeInterval(2)
    while process.isRunning, Date() < deadline { usleep(10_000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    close(fromServer)
  }

  /// The memory that is the process's own and not shared, in bytes.
  var residentMemory: Int {
    let path = "/proc/\(process.processIdentifier)/status"
    let status = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    let number = line?.split(separator: " ").dropFirst().first { Int($0) != nil }
    return (number.flatMap { Int($0) } ?? 0) * 1024
  }

  // MARK: Messages

  func notify(_ method: String, _ params: JSON) throws {
    try send(["jsonrpc": "2.0", "method": .string(method), "params": params])
  }

  /// The result of a request and how many microseconds it took.
  func request(_ method: String, _ params: JSON) throws -> (result: JSON, time: Double) {
    lastID += 1
    let id = JSON.integer(lastID)
    let sent = ContinuousClock.now
    try send(["jsonrpc": "2.0", "id": id, "method": .string(method), "params": params])
    let (message, at) = try next { $0["id"] == id && $0["method"] == nil }
    guard let result = message["result"] else {
      throw Failure(description: "\(method): \(message["error"]?["message"] ?? "no result")")
    }
    return (result, Benchmarks.microseconds(at - sent))
  }

  func send(_ message: JSON) throws {
    let body = message.bytes
    let bytes = Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes[written...].withUnsafeBytes {
        unsafe write(toServer, $0.baseAddress, $0.count)
      }
      guard count > 0 else { throw Failure(description: "the server has closed its input") }
      written += count
    }
  }

  /// Reads until a message that `matches`; the others are dropped, and requests answered.
  func next(where matches: (JSON) -> Bool) throws -> Arrival {
    while true {
      let arrival = try read()
      let message = arrival.message
      if matches(message) { return arrival }
      if let id = message["id"], let method = message["method"] {
        var answer = JSON.null
        if method == "workspace/configuration",
          case .array(let items)? = message["params"]?["items"]
        {
          answer = .array(items.map { _ in .null })
        }
        try send(["jsonrpc": "2.0", "id": id, "result": answer])
      }
    }
  }

  private func read() throws -> Arrival {
    while true {
      if let body = takeBody() {
        let now = ContinuousClock.now
        return (try JSON(parsing: body), now)
      }
      var bytes = [UInt8](repeating: 0, count: 1 << 18)
      var ready = pollfd(fd: fromServer, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&ready, 1, 60_000) > 0 else {
        throw Failure(description: "no answer in a minute")
      }
      let count = unsafe Foundation.read(fromServer, &bytes, bytes.count)
      guard count > 0 else { throw Failure(description: "the server has ended") }
      buffer += bytes[..<count]
    }
  }

  private func takeBody() -> [UInt8]? {
    let blank: [UInt8] = [13, 10, 13, 10]
    guard let end = buffer.firstRange(of: blank) else { return nil }
    let header = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
    let length = header.split(separator: "\r\n").first { $0.hasPrefix("Content-Length:") }
      .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
    guard let length, buffer.count >= end.upperBound + length else { return nil }
    let body = Array(buffer[end.upperBound..<end.upperBound + length])
    buffer.removeFirst(end.upperBound + length)
    return body
  }
}
