import Glibc
import LanguageServerProtocol

/// Repeats a recorded session: says to a server what the client said, and compares the answers.
public struct Replay: Sendable {
  /// Why a file is no recording.
  public struct Malformed: Error, Sendable { public var message: String }

  private struct Line {
    var side: Recording.Side
    var message: JSON
  }

  private var lines: [Line] = []

  public init(_ text: [UInt8]) throws(Malformed) {
    for (index, line) in text.split(separator: 0x0A).enumerated() {
      let json: JSON
      do throws(JSONSyntaxError) {
        json = try JSON(parsing: Array(line))
      } catch {
        // A line that is no JSON is a message that was none.
        if index > 0 { continue }
        throw Malformed(message: "it begins with what is no JSON")
      }
      if index == 0, json["recording"] == nil {
        throw Malformed(message: "its first line does not say that it is one")
      }
      guard case .string(let word)? = json["from"], let side = Recording.Side(rawValue: word),
        let message = json["message"]
      else { continue }
      lines.append(Line(side: side, message: message))
    }
  }

  /// What the server answered otherwise than before, or not at all, for each such request a line.
  public func run(_ server: Server, seconds: Int = 10) -> [String] {
    var (toServer, fromServer): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard unsafe pipe(&toServer) == 0, unsafe pipe(&fromServer) == 0 else {
      return ["There are no pipes: \(StoredFile.reason())"]
    }
    let (input, output) = (Descriptor(toServer[0]), Descriptor(fromServer[1]))
    let (client, answers) = (Descriptor(toServer[1]), Descriptor(fromServer[0]))
    startThread {
      _ = server.run(input: input, output: output)
      Glibc.close(output.number)
    }
    let arrived = Queue<JSON>()
    startThread {
      var reader = FrameReader()
      while true {
        let bytes = answers.read(upTo: 1 << 16)
        if bytes.isEmpty { return arrived.close() }
        reader.append(bytes)
        while case .message(let message)? = reader.next() {
          if let json = try? JSON(parsing: message) { arrived.push(json) }
        }
      }
    }
    let differences = repeatSession(client, arrived, seconds)
    Glibc.close(client.number)
    while case .elements = arrived.popAll(milliseconds: 1000 * seconds) {}
    Glibc.close(answers.number)
    return differences
  }

  private func repeatSession(
    _ client: Descriptor, _ arrived: Queue<JSON>, _ seconds: Int
  ) -> [String] {
    var differences: [String] = []
    var methods: [RequestID: String] = [:]
    var known: [JSON] = []
    for line in lines {
      let message = line.message
      let id = message["id"]
      if line.side == .client {
        if let id = id.flatMap({ try? RequestID(json: $0) }),
          case .string(let method)? = message["method"]
        {
          methods[id] = method
        }
        let body = adjusted(message).bytes
        _ = client.write(Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body)
        continue
      }
      // What the server asks and tells comes when it comes.
      guard let id, message["method"] == nil else { continue }
      let method = (try? RequestID(json: id)).flatMap { methods[$0] }
      let name = "\(method ?? "?") (id \(String(decoding: id.bytes, as: UTF8.self)))"
      var answer = take(id, &known)
      while answer == nil {
        guard case .elements(let batch) = arrived.popAll(milliseconds: 1000 * seconds) else {
          return differences + ["\(name): no answer"]
        }
        known += batch
        answer = take(id, &known)
      }
      if answer?["result"] != message["result"] || answer?["error"] != message["error"] {
        differences.append("\(name): another answer")
      }
    }
    return differences
  }

  private func take(_ id: JSON, _ known: inout [JSON]) -> JSON? {
    known.firstIndex { $0["id"] == id && $0["method"] == nil }.map { known.remove(at: $0) }
  }

  /// The process of the client is not there any more, which would end the server.
  private func adjusted(_ message: JSON) -> JSON {
    guard message["method"] == "initialize", case .object(var object) = message,
      case .object(var params)? = message["params"]
    else { return message }
    params.append("processId", .null)
    object.append("params", .object(params))
    return .object(object)
  }
}
