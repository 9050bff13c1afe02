import Foundation
import Testing

@testable import NeuralModel

/// The files of Tests/Broken: the checker has nothing to add to what the parser says.
@Suite struct BrokenFileTests {
  @Test func nothingFollowsFromASyntaxError() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Broken")
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    var count = 0
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "neural" else { continue }
      count += 1
      let analysis = analyse(try String(contentsOf: file, encoding: .utf8))
      let errors = analysis.document.tree.errors.count
      let found = analysis.diagnostics.map { "\($0.code.rawValue): \($0.message)" }
      #expect(found.count == errors, "\(file.lastPathComponent): \(found)")
    }
    #expect(count >= 300)
  }
}
