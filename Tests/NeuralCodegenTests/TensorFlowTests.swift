import NeuralModel
import NeuralSchema
import Testing

@testable import NeuralCodegen

/// The code holds `expected`, in its order, and none of `absent`.
private func check(
  _ text: String, _ expected: String..., absent: [String] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let code: String
  switch result(of: text) {
  case .code(let text): code = text
  case .model:
    Issue.record("there is a model, and no code", sourceLocation: sourceLocation)
    return
  case .problems(let problems):
    Issue.record("\(problems.map(\.message))", sourceLocation: sourceLocation)
    return
  }
  var rest = Substring(code)
  for text in expected {
    guard let found = rest.firstRange(of: text) else {
      Issue.record("\(text) is missing in\n\(rest)", sourceLocation: sourceLocation)
      return
    }
    rest = rest[found.upperBound...]
  }
  for text in absent {
    #expect(!code.contains(text), "\(text) stands in\n\(code)", sourceLocation: sourceLocation)
  }
}

private func check(
  _ text: String, problem: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard case .problems(let problems) = result(of: text) else {
    Issue.record("there is code", sourceLocation: sourceLocation)
    return
  }
  #expect(problems.map(\.message) == [problem], sourceLocation: sourceLocation)
}

private func result(of text: String) -> GenerationResult {
  let document = Document(id: FileID(rawValue: 0), path: "a.neural", text: Array(text.utf8))
  let analysis = Analysis(document)
  let errors = analysis.diagnostics.filter { $0.severity == .error }
  #expect(errors.isEmpty, "\(errors)")
  return Generator.generate(
    analysis.networks, definitions: analysis.definitions, target: .tensorflow, source: "a.neural")
}

@Suite struct TensorFlowTests {
  @Test func aNetworkIsAFunctionThatBuildsAModel() {
    check(
      """
      ## Tells digits.
      network Net {
        input: (height, 28, 1)
        layers: Conv2D(4, 3, activation="relu") GlobalAveragePooling2D() Output(2)
      }
      """,
      "def Net() -> keras.Model:\n    \"\"\"Tells digits.",
      "    inputs = keras.Input((None, 28, 1), name=\"input\")",
      "    x = layers.Conv2D(4, 3, activation=\"relu\", name=\"conv2d_1\")(inputs)",
      "    return keras.Model(inputs, x, name=\"Net\")")
  }

  @Test func aDefinitionIsOneFunctionWhoseConditionsItAsksItself() {
    check(
      """
      define Block(filters, strides=1) {
        Residual {
          Conv2D(filters, 3, strides, padding="same")
          shortcut { if strides != 1 or dim(-1) != filters { Conv2D(filters, 1, strides) } }
        }
      }
      network Net { input: (8, 8, 4) layers: Block(4) Block(8, strides=2) }
      """,
      "def block(x: KerasTensor, filters: int, strides: int = 1, *, name: str) -> KerasTensor:",
      "    if strides != 1 or identity.shape[-1] != filters:\n        identity = layers.Conv2D(",
      "    x = layers.Add(name=f\"{name}-residual_1\")([x, identity])",
      "    x = block(inputs, 4, name=\"block_1\")\n    x = block(x, 8, strides=2, name=\"block_2\")",
      absent: ["block_3", "in_channels"])
  }

  @Test func repetitionIsALoopOverNames() {
    check(
      """
      define Stack(depth) { Dense(4) Dense(4) * depth }
      network Net {
        input: (4)
        layers:
          Stack(2) Stack(3)
          Sequential { Dense(5) Dense(4) } * 3
      }
      """,
      "    for i in range(2, depth + 2):\n"
        + "        x = layers.Dense(4, name=f\"{name}-dense_{i}\")(x)",
      "    for i in range(1, 4):",
      "name=f\"sequential_{i}-dense_1\")(x)", "name=f\"sequential_{i}-dense_2\")(x)")
  }

  @Test func sharedBlocksAreModels() {
    check(
      """
      layer Gate() {
        input: (batch, ...dims)
        body {
          Activation("sigmoid") -> scale
          (input, scale) -> Multiply() -> Dense(6)
        }
      }
      network Net {
        input: (6)
        layers:
          let gate = Gate()
          let same = Dense(6)
          gate() -> same() -> gate() -> same()
      }
      """,
      "    gate_2_input = keras.Input(inputs.shape[1:])",
      "    gate_2 = keras.Model(gate_2_input, gate(gate_2_input, name=\"gate\"), name=\"gate\")",
      "    same = layers.Dense(6, name=\"same\")\n    x = same(x)\n    x = gate_2(x)\n    x = same(x)"
    )
  }

  @Test func channelsFirstMovesOnce() {
    check(
      """
      network Net {
        input: (3, 8, 9)
        data_format: "channels_first"
        layers: Conv2D(4, 3) BatchNormalization() ReLU() Conv2D(5, 3) Flatten() Dense(2)
      }
      """,
      "(ops.moveaxis(inputs, 1, -1))", "layers.BatchNormalization(axis=3,",
      "layers.Flatten(name=\"flatten_1\")(ops.moveaxis(x, -1, 1))")
  }

  @Test func weightsSayHowTheyBegin() {
    check(
      """
      network Net {
        input: (6)
        layers: Dense(
          3, kernel_initializer="he_normal", kernel_regularizer=l2(0.5), trainable=false
        )
      }
      """,
      "from keras import layers, regularizers",
      "kernel_initializer=\"he_normal\"", "kernel_regularizer=regularizers.L2(l2=0.5)",
      "trainable=False")
  }

  @Test func namesDoNotCollide() {
    check(
      """
      define Norm(x=1) { Dense(4) * x }
      define layers(units) { Dense(units) }
      network Net { input: (4) layers: Norm(2) Norm(3) -> norm_2 norm_2 -> layers(3) -> keras }
      """,
      "def norm(x: KerasTensor, x_2: int = 1, *, name: str)",
      "for i in range(1, x_2 + 1):", "def layers_(", "norm_2 = norm(x, x_2=3,",
      "keras_ = layers_(norm_2, 3, name=\"keras\")")
  }

  @Test func trainingIsKerasOwn() {
    check(
      """
      network Net {
        input: (4)
        layers: Output(3)
        loss: SparseCategoricalCrossentropy(from_logits=true)
        optimizer: SGD(StepDecay(0.1, 100), momentum=0.9)
        metrics: ["accuracy"]
        train { epochs: 7  batch_size: 16  validation_split: 0.25  seed: 5  verbose: false }
        execution { device: "cuda:1" }
      }
      """,
      """
          model.compile(
              optimizer=keras.optimizers.SGD(
      """, "learning_rate=keras.optimizers.schedules.ExponentialDecay(", "decay_rate=0.1",
      "momentum=0.9,", "loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),",
      "metrics=[keras.metrics.SparseCategoricalAccuracy(name=\"accuracy\")],",
      "epochs: int = 7,", "keras.utils.set_random_seed(5)", "with keras.device(\"gpu:1\"):",
      "batch_size=None if targets is None else 16,", "verbose=0,", "return history.history")
  }

  @Test func refusals() {
    check(
      "network N { input: (4) layers: Dense(2) @ \"cuda:0\" }",
      problem:
        "`Dense`: the TensorFlow target places this layer on \"cuda:0\"; this version leaves "
        + "placement to the caller, so remove the `@`")
    check(
      "network N { input: (8, 8, 3) layers: Conv2DTranspose(2, 3, padding=1) }",
      problem: "`Conv2DTranspose`: the TensorFlow target crops no stated amounts from a transposed "
        + "convolution; write padding=\"same\" or \"valid\", or a Cropping after it")
    check(
      "network N { input: (h, 8, 3) layers: MaxPooling2D(2, ceil_mode=true) }",
      problem: "`MaxPooling2D`: the TensorFlow target needs sizes that are known for ceil_mode; "
        + "write padding=\"same\" instead")
  }
}
