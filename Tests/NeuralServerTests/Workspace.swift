import Foundation
import LanguageServerProtocol
import NeuralServer
import Testing

/// A folder of its own with source files, gone with the test.
final class Workspace {
  let folder: URL

  init(_ files: [String: String] = [:]) throws {
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "neural-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files { try write(name, text) }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path() }
  func uri(_ name: String) -> String { DocumentURI.uri(ofPath: path(name)) }

  func write(_ name: String, _ text: String) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
  }

  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  /// Starts a session in this folder.
  func client(_ capabilities: JSON = Client.everything, library: Library = Library()) -> Client {
    let client = Client(ModelService(), library: library)
    client.initialize(
      capabilities: capabilities,
      more: ["workspaceFolders": [["uri": .string(uri("")), "name": "w"]]])
    return client
  }

  /// The document and position of the first `$0` in a text, which is left out of what is opened.
  func open(_ name: String, _ marked: String, in client: Client) -> JSON {
    let before = marked.components(separatedBy: "$0")[0]
    let lines = before.components(separatedBy: "\n")
    client.open(marked.replacing("$0", with: ""), uri: uri(name))
    return document(
      uri(name), ["position": position(lines.count - 1, lines[lines.count - 1].utf8.count)])
  }

  /// Locations as `name line:character-character`.
  func places(_ json: JSON?) -> [String] {
    guard case .array(let places)? = json else { return [] }
    return places.map { place in
      guard case .string(let uri)? = place["uri"], let range = place["range"],
        case .integer(let line)? = range["start"]?["line"],
        case .integer(let start)? = range["start"]?["character"],
        case .integer(let end)? = range["end"]?["character"]
      else { return "?" }
      return "\(uri.replacing(self.uri(""), with: "")) \(line):\(start)-\(end)"
    }
  }
}
