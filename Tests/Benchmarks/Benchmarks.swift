import CAllocated
import Foundation
import NeuralSyntax
import Support

/// `neural-benchmarks text BYTES` writes the text of the benchmarks; `neural-benchmarks syntax FILE`
/// measures on it and prints a line `name value` for each figure. `server` measures a language server
/// on a file of so many lines, `memory` one with the files of a folder open, and `null` is the server
/// that does nothing. `Tests/Benchmarks/run` calls them.
@main
struct Benchmarks {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    guard arguments.count >= 2 || arguments == ["null"] else { return usage() }
    switch arguments[0] {
    case "null": NullServer.run()
    case "server", "memory":
      guard arguments.count > 3, let language = ServerBenchmark.Language(rawValue: arguments[1])
      else { return usage() }
      let benchmark = ServerBenchmark(language: language, command: Array(arguments.dropFirst(3)))
      if arguments[0] == "memory" {
        return try benchmark.memory(URL(fileURLWithPath: arguments[2]), edits: 100_000)
      }
      guard let lines = Int(arguments[2]) else { return usage() }
      try benchmark.run(lines: lines, edits: 2000, seconds: 20)
    case "text":
      guard let count = Int(arguments[1]) else { return usage() }
      FileHandle.standardOutput.write(Data(try BenchmarkText.make(bytes: count, seed: 1)))
    case "syntax":
      measure([UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[1]))))
    case "shapes":
      ShapeBenchmark.run([UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[1]))))
    case "generate":
      GenerateBenchmark.run([UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[1]))))
    case "edits":
      guard let count = Int(arguments[1]) else { return usage() }
      EditBenchmark.run(layers: count)
    default: usage()
    }
  }

  private static func usage() {
    print(
      """
      neural-benchmarks text BYTES | syntax FILE | shapes FILE | generate FILE | edits LAYERS | null
        | server neural|python|cpp LINES COMMAND… | memory neural|python|cpp FOLDER COMMAND…
      """)
    exit(2)
  }

  private static func measure(_ text: [UInt8]) {
    var tree = SyntaxTree.parse([])
    let before = Int(allocatedBytes())
    // Chunks, nodes, their text and the tree over them.
    tree = SyntaxTree.parse(text)
    print("memory_bytes \(Int(allocatedBytes()) - before)")
    print("errors \(tree.errors.count)")
    let parse = (0..<10).map { _ in
      time { _ = SyntaxTree.parse(text) }
    }
    print("parse_us \(parse.min() ?? 0)")

    // A letter or digit is written twice, and the second taken away again.
    var random = SplitMix64(seed: 7)
    var times: [Double] = []
    var lexed = 0
    var reused = 1.0
    for _ in 0..<1000 {
      let place = editPlace(text, &random)
      for (range, new) in [(place..<place, [text[place]]), (place..<place + 1, [])] {
        var result: (tree: SyntaxTree, cost: EditCost)?
        times.append(time { result = tree.replacingAndCounting(range, with: new) })
        guard let result else { continue }
        lexed = max(lexed, result.cost.lexedBytes)
        let chunks = result.cost.reusedChunks + result.cost.newChunks
        reused = min(reused, Double(result.cost.reusedChunks) / Double(chunks))
        tree = result.tree
      }
    }
    times.sort()
    print("edit_median_us \(times[times.count / 2])")
    print("edit_p99_us \(times[times.count * 99 / 100])")
    print("lexed_bytes_most \(lexed)")
    print("reused_least \(reused)")
  }

  /// `tree-sitter.c` finds the same places.
  private static func editPlace(_ text: [UInt8], _ random: inout SplitMix64) -> Int {
    var place = random.below(text.count)
    while true {
      let byte = text[place]
      if byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 { return place }
      place = (place + 1) % text.count
    }
  }

  static func time(_ body: () -> Void) -> Double {
    microseconds(ContinuousClock().measure(body))
  }

  static func microseconds(_ duration: Duration) -> Double {
    let parts = duration.components
    return Double(parts.seconds) * 1e6 + Double(parts.attoseconds) / 1e12
  }
}
