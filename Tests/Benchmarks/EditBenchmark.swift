import NeuralModel
import NeuralSyntax
import Support

/// Measures what an edit takes until everything is known again: the tree, what is declared, the graph
/// and all findings.
enum EditBenchmark {
  /// A network of so many layers; at random places a digit is written behind a size and taken away.
  static func run(layers count: Int) {
    var random = SplitMix64(seed: 7)
    let layers = (0..<count).map { "    Dense(\(16 + $0 % 7))" }
    let text = "network Deep {\n  input: (16)\n  layers:\n\(layers.joined(separator: "\n"))\n}\n"
    var document = Document(id: FileID(rawValue: 0), path: "a.neural", text: Array(text.utf8))
    var analysis = Analysis(document)
    var times: [Double] = []
    for _ in 0..<500 {
      let bytes = document.tree.text
      var place = random.below(bytes.count)
      while bytes[place] != 0x29 { place = (place + 1) % bytes.count }
      for (range, new) in [(place..<place, [UInt8(0x31)]), (place..<place + 1, [])] {
        times.append(
          Benchmarks.time {
            document = Document(document, tree: document.tree.replacing(range, with: new))
            analysis = Analysis(document, after: analysis)
          })
      }
    }
    times.sort()
    print("edit_median_us \(times[times.count / 2])")
    print("edit_p99_us \(times[times.count * 99 / 100])")
    let whole = (0..<5).map { _ in Benchmarks.time { _ = Analysis(document) } }.min() ?? 0
    print("analyse_us \(whole)")
    print("findings \(analysis.diagnostics.count)")
  }
}
