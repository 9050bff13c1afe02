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
      let totals = graph.totals
      let parts = [
        totals.parameters.map { "\(ShapeText.count($0)) parameters" },
        totals.macs == .constant(0) ? nil : "\(ShapeText.count(totals.macs)) MACs",
      ].compactMap { $0 }
      let lenses = Target.allCases.map { target in
        CodeLens(
          range: range, title: "Generate \(target.displayName)",
          generation: .init(network: graph.name, target: target.rawValue))
      }
      if parts.isEmpty { return lenses }
      return [CodeLens(range: range, title: parts.joined(separator: " · "))] + lenses
    }
  }
}
