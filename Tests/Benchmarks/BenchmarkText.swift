import Foundation
import NeuralSyntax
import Support

/// A large valid file, the same for the same seed: the examples of the documentation, again and
/// again and in a random order. What a copy declares has the copy's number in its name.
enum BenchmarkText {
  static func make(bytes count: Int, seed: UInt64) throws -> [UInt8] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
        "Docs/examples")
    let examples = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      .filter { $0.hasSuffix(".neural") }
      .map { [UInt8](try Data(contentsOf: folder.appendingPathComponent($0))) }
    var random = SplitMix64(seed: seed)
    var text: [UInt8] = []
    var number = 0
    while text.count < count {
      text += copy(of: random.pick(examples), number)
      text.append(0x0A)
      number += 1
    }
    return text
  }

  private static func copy(of example: [UInt8], _ number: Int) -> [UInt8] {
    let tree = SyntaxTree.parse(example)
    let tokens = tree.tokens(in: 0..<example.count)
    let declared = Set(
      zip(tokens, tokens.dropFirst()).filter { word, _ in
        word.kind == .keyword && (word.text == "define" || word.text == "network")
      }.map(\.1.text))
    var text: [UInt8] = []
    var end = 0
    for token in tokens where token.kind == .name && declared.contains(token.text) {
      text += example[end..<token.range.upperBound]
      text += Array("\(number)".utf8)
      end = token.range.upperBound
    }
    return text + example[end...]
  }
}
