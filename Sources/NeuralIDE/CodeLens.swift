import NeuralCodegen
import NeuralDimension
import NeuralModel
import NeuralSyntax

/// A line above a declaration: what it comes to, or something to be done with it.
public struct CodeLens: Sendable, Equatable {
  /// The name that it stands above.
  public var range: Range<Int>
  public var title: String
  /// Absent where there is only something to read.
  public var generation: CodeAction.Generation?

  /// For each network its totals and its targets, where it has no error.
  public static func all(of snapshot: EditorSnapshot) -> [CodeLens] {
    let analysis = snapshot.analysis
    return analysis.networks.flatMap { graph -> [CodeLens] in
      guard graph.isComplete, analysis.errors(against: [graph]).isEmpty else { return [] }
      let range = snapshot.range(graph.declaration.name.range)
      let parts = totals(of: graph)
      let lenses = Target.allCases.map { target in
        CodeLens(
          range: range, title: "Generate \(target.displayName)",
          generation: .init(network: graph.name, target: target.rawValue))
      }
      if parts.isEmpty { return lenses }
      return [CodeLens(range: range, title: parts.joined(separator: " · "))] + lenses
    }
  }

  /// Of a search space those of all configurations; it is said where they are not.
  private static func totals(of graph: NetworkGraph) -> [String] {
    if let range = graph.totalsRange {
      return [
        "\(ShapeText.range(range.parameters)) parameters",
        range.macs == 0...0 ? nil : "\(ShapeText.range(range.macs)) MACs",
        ShapeText.configurations(graph).map { "in \($0)" },
      ].compactMap { $0 }
    }
    let totals = graph.totals
    return [
      totals.parameters.map { "\(ShapeText.count($0)) parameters" },
      totals.macs == .constant(0) ? nil : "\(ShapeText.count(totals.macs)) MACs",
      ShapeText.configurations(graph).map { "the first of \($0)" },
    ].compactMap { $0 }
  }
}
