import NeuralDimension
import Testing

@testable import NeuralModel

/// What weights, training and running take, in bytes.
@Suite struct MemoryTests {
  private func memory(
    _ text: String, at location: Testing.SourceLocation = #_sourceLocation
  ) throws -> Memory {
    let analysis = analyse(text)
    for diagnostic in analysis.diagnostics {
      Issue.record("\(diagnostic.message)", sourceLocation: location)
    }
    return try #require(analysis.networks.last).memory
  }

  @Test func whatIsKeptIsKeptOnce() throws {
    let memory = try memory(
      """
      network A {
        input: (8)
        layers:
          Dense(16, activation="relu") -> Dense(4)
        train { batch_size: 10 }
      }
      """)
    // The input for the first kernel; relu's result, which the second kernel needs too.
    #expect(memory.activations == .constant(4 * 10 * (8 + 16)))
    #expect(memory.weights == .constant(4 * (8 * 16 + 16 + 16 * 4 + 4)))
    #expect(memory.gradients == memory.weights)
    #expect(memory.optimizer == .constant(0))
    #expect(memory.batchSize == 10)
    // Running one sample: the widest place holds what is read and what is made.
    #expect(memory.values == .constant(4 * (8 + 16)))
  }

  @Test func viewsMasksAndFunctionsOfTheirInput() throws {
    let memory = try memory(
      """
      network A {
        input: (4, 4)
        layers:
          Dense(3, activation="gelu") -> Flatten() -> Dropout(0.5) -> Dense(2, activation="softmax")
        train { batch_size: 1 }
      }
      """)
    // Input, what gelu reads, a mask, what the last kernel reads, and softmax's result. The flattened
    // values are gelu's, which nothing needs.
    #expect(memory.activations == .constant(4 * (16 + 12 + 12 + 12 + 2)))
  }

  @Test func withoutGradientsNothingIsKept() throws {
    let memory = try memory(
      """
      network A {
        input: (8)
        layers:
          Dense(16, activation="tanh", trainable=false) -> BatchNormalization(trainable=false)
          Dense(4)
        train { batch_size: 1 }
      }
      """)
    #expect(memory.activations == .constant(4 * 16))
    #expect(memory.gradients == .constant(4 * (16 * 4 + 4)))
  }

  @Test(arguments: [
    ("SGD()", 0), ("SGD(momentum=0.9)", 1), ("Adam()", 2), ("Adam(amsgrad=true)", 3),
    ("RMSprop(centered=true, momentum=0.1)", 3), ("Lion()", 1),
  ])
  func optimizers(call: String, slots: Int) throws {
    let memory = try memory("network A { input: (8) layers: Dense(4) optimizer: \(call) }")
    #expect(memory.optimizer == .constant(4 * 36 * slots))
    #expect(memory.batchSize == 32)
  }

  @Test func precision() throws {
    let memory = try memory(
      """
      network A {
        input: (8)
        layers: Dense(4, activation="sigmoid")
        train { precision: "float16"  batch_size: 2 }
      }
      """)
    #expect(memory.activations == .constant(2 * 2 * (8 + 4)))
    #expect(memory.weights == .constant(4 * 36))
  }

  @Test func symbols() throws {
    let memory = try memory(
      """
      network A {
        input: (seq, 8)
        layers: Dense(4) -> Dense(2)
        train { batch_size: 2 }
      }
      """)
    #expect(memory.activations?.description == "96*seq")
    #expect(memory.values?.description == "48*seq")
  }

  @Test func usersSayWhatTheirLayersKeep() throws {
    let memory = try memory(
      """
      layer Scan(units: int >= 1) {
        input: (batch, steps, features)
        output: (batch, steps, units)
        weights { kernel: (features, units) }
        backward: output, (2, batch, steps, units), indices(batch, steps)
      }
      network A {
        input: (5, 8)
        layers: Scan(4)
        train { batch_size: 1 }
      }
      """)
    #expect(memory.activations == .constant(4 * (20 + 40) + 8 * 5))
  }
}
