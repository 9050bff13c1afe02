import Testing

@testable import NeuralModel

/// Losses and metrics as a graph keeps them, for what generates code.
@Suite struct TrainingTests {
  private func graph(_ training: String) throws -> NetworkGraph {
    let analysis = check(
      """
      network A {
        input: (8)
        layers:
          Dense(4, activation="relu") -> x
          x -> Dense(3, activation="softmax") -> kind
          x -> Dense(1) -> size
        outputs: kind, size
        \(training)
      }
      """)
    return try #require(analysis.networks.last)
  }

  private func losses(_ graph: NetworkGraph) -> [String] {
    graph.losses.map { "\(graph.outputs[$0.output].name): \($0.loss)" }
  }

  @Test func lossesAreOfTheOutputsThatTheyName() throws {
    let graph = try graph(
      #"loss: { size: Huber(delta=2.0), kind: "sparse_categorical_crossentropy" }"#)
    #expect(losses(graph) == ["size: huber(delta=2.0)", "kind: sparse_categorical_crossentropy"])
  }

  @Test func aLossWithoutANameIsOfEveryOutput() throws {
    let graph = try graph(#"loss: "mse""#)
    #expect(losses(graph) == ["kind: mean_squared_error", "size: mean_squared_error"])
  }

  @Test func metricsKeepTheirOrder() throws {
    let graph = try graph(#"metrics: ["rmse", top_k_categorical_accuracy(k=2)]"#)
    #expect(
      graph.metrics.map(\.description) == [
        "root_mean_squared_error", "top_k_categorical_accuracy(k=2)",
      ])
    #expect(graph.losses.isEmpty)
  }
}
