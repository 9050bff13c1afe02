import Foundation
import NeuralSyntax
import Support

/// One document over a long session: neither memory nor chunks grow with the edits.
struct ManyEdits {
  static let count = 100_000
  /// How often the session is looked at.
  static let interval = 10_000

  private var generator: EditGenerator
  private let original: [UInt8]
  private var text: [UInt8]
  private var tree: SyntaxTree
  /// Since the document was restored.
  private var edits: [Edit] = []
  /// After each interval: resident kilobytes, and the number of chunks and the bytes of the largest.
  private(set) var figures: [(memory: Int, chunks: Int, largest: Int)] = []

  init(seed: UInt64, bases: [[UInt8]]) {
    generator = EditGenerator(seed: seed, bases: bases)
    original = bases.joined().prefix(100_000) + []
    text = original
    tree = SyntaxTree.parse(text)
  }

  /// Makes the edits: what went wrong, if anything.
  mutating func run() -> Fuzz.Failure? {
    for number in 1...ManyEdits.count {
      // After a while nothing is left of what the document was.
      let edit =
        number % 1000 == 0 ? Edit(0..<text.count, original) : generator.edit(text, tokens: [])
      edits = number % 1000 == 0 ? [] : edits + [edit]
      tree = tree.replacing(edit.range, with: edit.text)
      text.replaceSubrange(edit.range, with: edit.text)
      // Before the document is restored, when it is furthest from what it was.
      guard number % ManyEdits.interval == ManyEdits.interval - 1 else { continue }
      if let difference = TreeDifference.between(tree, text) {
        let sequence = EditSequence(original, edits, chunkSize: SyntaxTree.usualChunkSize)
        return Fuzz.Failure(message: difference, sequence: sequence)
      }
      let lengths = tree.chunkLengths
      figures.append((ManyEdits.residentMemory(), lengths.count, lengths.max() ?? 0))
    }
    return growth.map { Fuzz.Failure(message: $0) }
  }

  /// In what the last figures are more than the first, which are taken after the first interval.
  private var growth: String? {
    guard let first = figures.first, let last = figures.last else { return nil }
    let fits =
      last.memory <= first.memory * 11 / 10 + 4096 && last.chunks <= first.chunks * 3 / 2
      && last.largest <= 4 * first.largest
    return fits ? nil : "from \(first) to \(last)"
  }

  /// In kilobytes; 0 where the system does not say.
  private static func residentMemory() -> Int {
    let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
  }
}

extension Fuzz {
  static func session(_ seed: UInt64, _ bases: [[UInt8]]) -> (checks: Int, failure: Failure?) {
    var session = ManyEdits(seed: seed, bases: bases)
    let failure = session.run()
    for (index, figures) in session.figures.enumerated() {
      print(
        "session: \((index + 1) * ManyEdits.interval) edits, \(figures.memory) KB, "
          + "\(figures.chunks) chunks, the largest of \(figures.largest) bytes")
    }
    return (ManyEdits.count, failure)
  }
}
