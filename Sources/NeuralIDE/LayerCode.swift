import NeuralCodegen
import NeuralModel
import NeuralThreads

/// PyTorch of the networks of an analysis, layer by layer: written when it is first asked for.
final class LayerCode: Sendable {
  /// The most layers of a network whose code is waited for; that of larger ones is written while the
  /// user goes on.
  static let patience = 200
  /// The most that it is written for.
  static let limit = 5_000

  /// What is known of a layer.
  enum Entry: Equatable {
    case known(LayerLines.Entry)
    case isBeingWritten
  }

  private enum State {
    case isBeingWritten
    case written(LayerLines)
  }

  private let networks = Lock<[Int: State]>([:])
  private let later: @Sendable (@escaping @Sendable () -> Void) -> Void

  /// `later` does what may take long, if it can on another thread.
  init(later: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void) { self.later = later }

  func entry(_ item: GraphScope.Item, of network: Int, in analysis: Analysis) -> Entry? {
    let (state, isNew) = networks.withLock { known -> (State, Bool) in
      if let state = known[network] { return (state, false) }
      if analysis.networks[network].nodes.count > Self.patience {
        known[network] = .isBeingWritten
        return (.isBeingWritten, true)
      }
      let lines = State.written(Self.lines(of: network, in: analysis))
      known[network] = lines
      return (lines, false)
    }
    if isNew {
      later { [self] in
        let lines = Self.lines(of: network, in: analysis)
        networks.withLock { $0[network] = .written(lines) }
      }
    }
    switch state {
    case .isBeingWritten: return .isBeingWritten
    case .written(let lines): return lines[item].map(Entry.known)
    }
  }

  /// Nothing of a network with an error: what it means is not known.
  private static func lines(of network: Int, in analysis: Analysis) -> LayerLines {
    let graph = analysis.networks[network]
    guard graph.isComplete, graph.nodes.count <= limit,
      analysis.errors(against: [graph]).isEmpty
    else { return LayerLines() }
    return Generator.layerLines(of: graph, definitions: analysis.definitions, target: .pytorch)
  }
}

extension EditorSnapshot {
  /// What a layer, a call of a definition or a layer made of others is in PyTorch.
  func pytorch(_ use: StepUse) -> LayerCode.Entry? {
    guard let item = use.node.map(GraphScope.Item.node) ?? use.scope.map(GraphScope.Item.scope)
    else { return nil }
    return code.entry(item, of: use.network, in: analysis)
  }
}
