import LanguageServerProtocol

/// The messages of a session, one a line: `{"from": "client" | "server", "message": …}`.
public struct Recording: Sendable {
  public enum Side: String, Sendable { case client, server }

  private let write: @Sendable (Side, [UInt8]) -> Void

  /// `write` is called from several threads with each message, a line without its end.
  public init(_ write: @escaping @Sendable (Side, [UInt8]) -> Void) { self.write = write }

  func add(_ message: some Collection<UInt8>, from side: Side) {
    var line = Array("{\"from\":\"\(side.rawValue)\",\"message\":".utf8)
    // Between the values of JSON a line break is a blank, and inside of one there is none.
    line += message.lazy.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
    line.append(UInt8(ascii: "}"))
    write(side, line)
  }

  /// The first line of a recording: what it is, and what is in it.
  public static func header(version: String, what: String) -> String {
    let json: JSON = [
      "recording": 1, "version": .string(version),
      "about": .string(
        "\(what) It holds the messages of a session: the paths and texts of all documents that "
          + "were open. Read it before you pass it on. neural-lsp --replay FILE repeats it."),
    ]
    return String(decoding: json.bytes, as: UTF8.self)
  }

  /// Records into a file; what is wrong, where it cannot be.
  public static func file(
    _ path: String, version: String
  ) -> Result<Recording, StoredFile.WriteFailure> {
    switch StoredFile.create(path) {
    case .failure(let failure): return .failure(failure)
    case .success(let file):
      let lock = Lock(file)
      let header = header(version: version, what: "The recording of a session.")
      _ = file.write(Array((header + "\n").utf8))
      return .success(
        Recording { _, line in
          lock.withLock { file in _ = file.write(line + [0x0A]) }
        })
    }
  }

  /// Both of two.
  public func and(_ other: Recording) -> Recording {
    Recording { side, line in
      write(side, line)
      other.write(side, line)
    }
  }
}
