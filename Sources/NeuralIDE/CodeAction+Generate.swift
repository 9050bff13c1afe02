import NeuralCodegen
import NeuralModel
import NeuralSyntax

extension CodeAction {
  /// Code for each target: of the network at a place, or of all where there is none. Nothing is
  /// offered that an error stands in the way of.
  public static func generations(in range: Range<Int>, of analysis: Analysis) -> [CodeAction] {
    let tree = analysis.document.tree
    func isSound(_ graph: NetworkGraph) -> Bool {
      graph.isComplete && analysis.errors(against: [graph]).isEmpty
    }
    let here = analysis.networks.first {
      let own = tree.range(of: $0.declaration.range)
      return own.lowerBound <= range.lowerBound && range.lowerBound <= own.upperBound
    }
    let isOffered = here.map(isSound) ?? analysis.networks.contains(where: isSound)
    guard isOffered else { return [] }
    let name = here?.name ?? (analysis.networks.count == 1 ? analysis.networks[0].name : nil)
    // A model file holds one network.
    let targets = Target.allCases.filter { name != nil || $0 != .onnx }
    return targets.map { target in
      CodeAction(
        title: "Generate \(target.displayName)", kind: "source.generate.\(target.rawValue)",
        generation: Generation(network: name, target: target.rawValue))
    }
  }
}
