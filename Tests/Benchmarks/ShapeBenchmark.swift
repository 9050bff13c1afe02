import NeuralModel
import NeuralSyntax

/// Measures what it takes to know every shape, parameter and multiply-accumulate of a file.
enum ShapeBenchmark {
  static func run(_ text: [UInt8]) {
    let first = Benchmarks.time { _ = totals(text) }
    print("first_us \(first)")
    var times: [Double] = []
    var spent = 0.0
    while times.count < 5 || times.count < 1000 && spent < 2e6 {
      let time = Benchmarks.time { _ = totals(text) }
      times.append(time)
      spent += time
    }
    print("analyse_us \(times.min() ?? 0)")
    let parse = (0..<20).map { _ in Benchmarks.time { _ = SyntaxTree.parse(text) } }.min() ?? 0
    print("parse_us \(parse)")
    let tree = SyntaxTree.parse(text)
    let read = (0..<20).map { _ in Benchmarks.time { _ = tree.sourceFile } }.min() ?? 0
    print("read_us \(read)")
    let analysis = totals(text)
    for graph in analysis.networks {
      print("nodes \(graph.nodes.count)")
    }
    print("findings \(analysis.diagnostics.count)")
  }

  private static func totals(_ text: [UInt8]) -> Analysis {
    let analysis = Analysis(Document(id: FileID(rawValue: 0), path: "shapes.neural", text: text))
    for graph in analysis.networks { _ = graph.totals }
    return analysis
  }
}
