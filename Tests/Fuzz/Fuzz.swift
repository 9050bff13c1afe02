import Foundation
import ModelSupport
import NeuralSyntax
import Support

/// `neural-fuzz [MODE…] [--seed N] [--seconds N | --cases N] [--save FOLDER] [--replay FILE…]`
///
/// Runs each mode, or those named, with one random case after another until the time is over, the
/// number is reached or a case fails. What fails is printed with its seed; a sequence of edits is
/// made small and, where a folder is named, saved there: files in `corpus` are replayed by the unit
/// tests.
@main
struct Fuzz {
  /// One random case.
  struct Mode: Sendable {
    var name: String
    /// Runs the case of a seed: how many checks it made, and what went wrong.
    var run: @Sendable (_ seed: UInt64, _ bases: [[UInt8]]) -> (checks: Int, failure: Failure?)
  }

  struct Failure {
    var message: String
    var sequence: EditSequence?
  }

  /// To be fuzzed in another way, something needs a line here.
  static let modes = [
    Mode(name: "edits", run: edits),
    Mode(name: "bytes", run: bytes),
    Mode(name: "format", run: format),
    Mode(name: "long", run: long),
    Mode(name: "session", run: session),
    Mode(name: "analysis", run: analysis),
  ]

  static func main() throws {
    var arguments = CommandLine.arguments.dropFirst()
    var names: [String] = []
    var seed: UInt64 = 1
    var seconds = 10.0
    var limit: Int?
    var folder: String?
    while let argument = arguments.popFirst() {
      switch argument {
      case "--seed": seed = arguments.popFirst().flatMap(UInt64.init) ?? seed
      case "--seconds": seconds = arguments.popFirst().flatMap(Double.init) ?? seconds
      case "--cases": limit = arguments.popFirst().flatMap(Int.init) ?? limit
      case "--save": folder = arguments.popFirst()
      case "--replay":
        try replay(Array(arguments))
        return
      default: names.append(argument)
      }
    }
    let bases = try bases()
    for name in names where !modes.contains(where: { $0.name == name }) {
      print("neural-fuzz: there is no mode \(name); there are \(modes.map(\.name))")
      exit(2)
    }
    let chosen = names.isEmpty ? modes : modes.filter { names.contains($0.name) }
    var hasFailed = false
    for mode in chosen {
      let end = Date.now + seconds / Double(chosen.count)
      var (cases, checks) = (0, 0)
      while limit.map({ cases < $0 }) ?? (Date.now < end) {
        let result = mode.run(seed &+ UInt64(cases), bases)
        (cases, checks) = (cases + 1, checks + result.checks)
        guard let failure = result.failure else { continue }
        report(failure, mode.name, seed &+ UInt64(cases - 1), folder)
        hasFailed = true
        break
      }
      print("\(mode.name): \(cases) cases, \(checks) checks, seeds from \(seed)")
    }
    exit(hasFailed ? 1 : 0)
  }

  private static func report(_ failure: Failure, _ mode: String, _ seed: UInt64, _ folder: String?)
  {
    print("\(mode), seed \(seed): \(failure.message)")
    guard let small = failure.sequence?.minimized() else { return }
    print("\(small)\(small.difference() ?? "no difference")")
    guard let folder else { return }
    let url = URL(fileURLWithPath: folder).appendingPathComponent("\(mode)-\(seed)")
    do {
      try "\(small)".write(to: url, atomically: true, encoding: .utf8)
    } catch {
      print("neural-fuzz: \(url.path) is not written: \(error)")
    }
  }

  private static func replay(_ files: [String]) throws {
    for file in files {
      let text = try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8)
      print(
        "\(file): \(EditSequence(text).map { $0.difference() ?? "as it should be" } ?? "no sequence")"
      )
    }
  }

  /// The files that texts are cut from: the examples and the catalogue.
  private static func bases() throws -> [[UInt8]] {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    var bases: [[UInt8]] = []
    for folder in ["Docs/examples", "Schemas/layers"] {
      let url = root.appendingPathComponent(folder)
      let names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
      for name in names where name.hasSuffix(".neural") {
        bases.append([UInt8](try Data(contentsOf: url.appendingPathComponent(name))))
      }
    }
    return bases
  }

  // MARK: Modes

  /// After each edit, the tree is that of the text read from its start.
  static func edits(_ seed: UInt64, _ bases: [[UInt8]]) -> (checks: Int, failure: Failure?) {
    var generator = EditGenerator(seed: seed, bases: bases)
    var checks = 0
    let result = generator.run(edits: &checks)
    return (checks, result.map { Failure(message: $0.difference, sequence: $0.failure) })
  }

  /// After each edit, an analysis that goes on from an earlier one is that of the text alone.
  static func analysis(_ seed: UInt64, _ bases: [[UInt8]]) -> (checks: Int, failure: Failure?) {
    var edits = AnalysisEdits(seed: seed, bases: bases)
    let difference = edits.run(edits: 100)
    return (edits.checks, difference.map { Failure(message: $0) })
  }

  /// Any bytes can be read, the tree has all of them, and how they are cut makes no difference.
  static func bytes(_ seed: UInt64, _ bases: [[UInt8]]) -> (checks: Int, failure: Failure?) {
    var generator = EditGenerator(seed: seed, bases: bases)
    var text = generator.text()
    let isNoise = generator.random.below(2) == 0
    for _ in 0..<generator.random.below(isNoise ? 300 : 10) {
      let place = generator.random.below(text.count + 1)
      text.insert(UInt8(generator.random.below(256)), at: place)
    }
    // With an edit that changes nothing, so that what fails can be made small.
    let sequence = EditSequence(text, [Edit(0..<0, [])], chunkSize: generator.chunkSize())
    let tree = SyntaxTree.parse(text, chunkSize: sequence.chunkSize)
    _ = tree.sourceFile
    let difference = TreeDifference.between(tree, text)
    return (1, difference.map { Failure(message: $0, sequence: sequence) })
  }

  /// A text that is laid out says the same as before, and is laid out once and for all; broken text
  /// too.
  static func format(_ seed: UInt64, _ bases: [[UInt8]]) -> (checks: Int, failure: Failure?) {
    var generator = EditGenerator(seed: seed, bases: bases)
    var text = generator.text()
    let pieces = [
      "", " ", "\n", "\n\n\t", "  # c \n", "\n  ## d\n", ";", ",", "\r\n", "(", "}", "->",
    ]
    for _ in 0..<generator.random.below(10) {
      let tokens = SyntaxTree.parse(text).tokens(in: 0..<text.count)
      guard tokens.count > 1 else { break }
      let index = 1 + generator.random.below(tokens.count - 1)
      text.replaceSubrange(
        tokens[index - 1].range.upperBound..<tokens[index].range.lowerBound,
        with: Array(generator.random.pick(pieces).utf8))
    }
    let result = SyntaxTree.formatted(text)
    let difference = SyntaxTree.parse(text).layoutDifference(from: .parse(result))
    let sequence = EditSequence(text, [], chunkSize: SyntaxTree.usualChunkSize)
    if let difference { return (2, Failure(message: "\(difference) in \(sequence)")) }
    let isStable = SyntaxTree.formatted(result) == result
    return (2, isStable ? nil : Failure(message: "laid out again, it changes: \(sequence)"))
  }
}
