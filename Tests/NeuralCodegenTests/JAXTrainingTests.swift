import NeuralModel
import NeuralSchema
import Testing

@testable import NeuralCodegen

/// The module generated of a network for three values to a sample, or what is wrong with it.
private func generate(_ sections: String) -> String {
  let text = "network Net { input: (4)  layers: Output(3) \(sections) }"
  let document = Document(id: FileID(rawValue: 0), path: "a.neural", text: Array(text.utf8))
  let analysis = Analysis(document)
  let result = Generator.generate(
    analysis.networks, definitions: analysis.definitions, target: .jax, source: "a.neural")
  switch result {
  case .code(let code): return code
  case .model: return "a model"
  case .problems(let problems): return problems.map(\.message).joined(separator: "\n")
  }
}

/// The code holds `expected`, and none of `absent`.
private func check(
  _ sections: String, _ expected: String..., absent: [String] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let code = generate(sections)
  for text in expected {
    #expect(code.contains(text), "\(text) is missing in\n\(code)", sourceLocation: sourceLocation)
  }
  for text in absent {
    #expect(!code.contains(text), "\(text) stands in\n\(code)", sourceLocation: sourceLocation)
  }
}

@Suite struct JAXTrainingTests {
  @Test func lossAndMetricsAreFunctions() {
    check(
      """
      loss: SparseCategoricalCrossentropy(from_logits=true)
      metrics: ["accuracy", SparseTopKCategoricalAccuracy(k=2)]
      """, "import optax\n",
      """
      def loss(outputs: jax.Array, targets: jax.Array) -> jax.Array:
          \"\"\"Sparse categorical crossentropy; targets are class indices.\"\"\"
          losses = optax.softmax_cross_entropy_with_integer_labels(outputs, targets)
          return losses.mean()
      """,
      "        \"accuracy\": (outputs.argmax(-1) == targets).mean(),\n",
      """
          _, best = jax.lax.top_k(outputs, 2)
          return (best == targets[..., None]).any(-1).mean()
      """, absent: ["make_optimizer", "class Batches", "numpy as np", "left to the caller"])
  }

  @Test func axesAreTuplesAndListsOfNumbersArrays() {
    check("loss: Dice(axis=[1])", "overlap = (targets * outputs).sum((1,))")
    check(
      "loss: CategoricalFocalCrossentropy(alpha=[0.1, 0.2, 0.7])",
      "weights = jnp.array([0.1, 0.2, 0.7]) * (1 - outputs) ** 2.0")
  }

  @Test func anOptimizerIsATransformation() {
    check(
      "optimizer: AdamW(0.01, beta_1=0.8)",
      """
      def make_optimizer(model: nnx.Module) -> nnx.Optimizer:
          \"\"\"The optimizer of the model's parameters.\"\"\"
          transform = optax.adamw(0.01, b1=0.8, eps=1e-07, weight_decay=0.004)
          return nnx.Optimizer(model, transform, wrt=nnx.Param)
      """, absent: ["def loss", "def train", "dataclass"])
    check(
      "optimizer: SGD(momentum=0.9, weight_decay=0.1, clipvalue=0.5)",
      """
          transform = optax.chain(
              optax.clip(0.5),
              optax.trace(0.9),
              optax.add_decayed_weights(0.1),
              optax.scale_by_learning_rate(0.01),
          )
      """)
    check(
      "optimizer: Adam(clipnorm=2.0, gradient_accumulation_steps=4)",
      """
      def clip_by_norm(gradient: jax.Array, _: jax.Array) -> jax.Array:
          \"\"\"The gradient of one parameter, shortened to 2.0 where it is longer.\"\"\"
          return gradient * jnp.minimum(1, 2.0 / jnp.linalg.norm(gradient))
      """,
      """
          transform = optax.MultiSteps(
              optax.chain(
                  optax.stateless_with_tree_map(clip_by_norm), optax.adam(0.001, eps=1e-07)
              ),
              every_k_schedule=4,
          )
      """)
    check(
      "optimizer: Adafactor(beta_2_decay=-0.7)",
      "optax.scale_by_factored_rms(decay_rate=0.7, min_dim_size_to_factor=1)",
      "optax.scale_by_param_block_rms()",
      "lambda step: jnp.minimum(0.001, (step + 1) ** -0.5)")
  }

  @Test func aScheduleIsAFunctionOfTheStep() {
    check(
      "optimizer: SGD(CosineDecay(0.1, 1000), momentum=0.9)",
      """
          \"\"\"The learning rate of a step, counted from 0: CosineDecay.\"\"\"
          return optax.cosine_decay_schedule(0.1, 1000)(step)
      """, "optax.sgd(learning_rate, momentum=0.9)", absent: ["lambda"])
    // Where several batches make a step, the schedule counts batches.
    check(
      "optimizer: SGD(StepDecay(0.1, 100), gradient_accumulation_steps=4)",
      "optax.sgd(lambda step: learning_rate(4 * step + 3))")
  }

  @Test func trainFollowsTheSettings() {
    check(
      """
      loss: "mse"
      optimizer: SGD()
      train {
        epochs: 7  batch_size: 16  validation_split: 0.25  seed: 5  validation_freq: 2
        steps_per_epoch: 3
      }
      execution { device: "gpu:1" }
      """, "from dataclasses import dataclass\n", "from itertools import islice\n",
      "from collections.abc import Iterable, Iterator\n", "epochs: int = 7,",
      "split = int(len(samples) * (1 - 0.25))", "Batches(data, samples[split:], 16)",
      "rng = np.random.default_rng(5)", "Batches(data, samples[:split], 16, rng)",
      "    with jax.default_device(jax.devices(\"gpu\")[1]):\n        optimizer = make_optimizer",
      "islice(batches, 3), optimizer)",
      "if validation is not None and (epoch + 1) % 2 == 0:",
      "save_weights(model, weights)", absent: ["metrics", "results"])
    check(
      "loss: \"mse\"  optimizer: SGD()  train { shuffle: false  verbose: false }",
      "batches = Batches(data, samples, 32)\n", absent: ["default_rng(", "print(", "islice"])
  }

  @Test func whatTrainingCannotSayIsAProblem() {
    check("optimizer: Ftrl()", "optax has no Ftrl; write Adagrad")
    check("optimizer: Adam(use_ema=true)", "JAX's optimizers do not take it; keep an average")
    check("loss: Huber(reduction=none)", "leave reduction out")
    check(
      "loss: \"mse\"  optimizer: SGD()  train { precision: \"float16\" }",
      "Flax's layers take their precision when they are made")
  }
}
