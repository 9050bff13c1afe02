import NeuralModel
import NeuralSchema

extension Analysis {
  /// The values that are set for the parameters and search variables of one network.
  private func values(
    _ settings: [(name: String, value: String)], in graphs: [NetworkGraph]
  ) throws(GenerationError) -> NetworkSettings {
    guard let graph = graphs.first else {
      throw GenerationError("There is no network whose values could be set.")
    }
    if graphs.count > 1 {
      throw GenerationError(
        "--set needs --network: the file has \(graphs.map(\.name).joined(separator: ", ")).")
    }
    var values = NetworkSettings()
    for (name, value) in settings {
      do throws(NetworkSettings.Problem) {
        try values.set(name, to: value, in: graph)
      } catch {
        throw GenerationError("--set \(name): \(error.message)")
      }
    }
    return values
  }

  /// The totals of a network in every configuration of its search space, each worked out by itself,
  /// that of the first one first; `nil` without a search space, or where they are more than
  /// `limit`. `settings` hold in all.
  func totals(
    of graph: NetworkGraph, _ settings: NetworkSettings, imports: any ImportSource, limit: Int = 512
  ) -> [Totals]? {
    let counts = graph.searchVariables.map { $0.isContinuous ? 1 : $0.values.count }
    guard
      let configurations = Alternatives(
        Array(counts.indices), counts: counts, repeating: (), limit: limit),
      configurations.entries.count > 1
    else { return nil }
    return configurations.entries.indices.compactMap { place in
      var all = settings
      all.choose(configurations.choices(at: place), in: graph)
      let analysis = Analysis(document, imports: imports, settings: [graph.name: all])
      return analysis.networks.first { $0.name == graph.name }?.totals
    }
  }

  /// The summaries of the networks that have no errors.
  public func summaries(
    of network: String?, settings: [(name: String, value: String)], imports: any ImportSource
  ) throws(GenerationError) -> [NetworkSummary] {
    let chosen = networks.filter { network == nil || $0.name == network }
    if chosen.isEmpty, let network {
      throw GeneratedFile.unknown(network, among: networks.map(\.name))
    }
    let values = settings.isEmpty ? NetworkSettings() : try self.values(settings, in: chosen)
    let analysis =
      settings.isEmpty
      ? self
      : Analysis(document, imports: imports, settings: [chosen[0].name: values])
    return analysis.networks.filter { graph in
      graph.isComplete && chosen.contains { $0.name == graph.name }
    }.map { graph in
      NetworkSummary(
        graph, tree: document.tree,
        totals: analysis.totals(of: graph, values, imports: imports) ?? [graph.totals])
    }
  }
}
