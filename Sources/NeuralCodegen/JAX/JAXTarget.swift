/// JAX by Flax NNX: `nnx.Module` classes, channels last.
extension PythonTarget {
  static let jax = PythonTarget(
    entry: "jax", displayName: "JAX", form: .classes, channels: .channelsLast,
    names: [
      "jax", "jnp", "nnx", "np", "optax", "rngs", "Batches", "FrozenParam", "freeze",
      "glorot_uniform", "dataclass", "islice", "load_file", "save_file", "load_weights",
      "save_weights", "weights_by_path", "PATHS",
    ],
    emitters: JAXEmitters.all, relu: JAXEmitters.relu, takesOptions: true,
    classes: ClassForm(
      base: "nnx.Module", method: "__call__", tensor: "jax.Array",
      source: (name: "rngs", type: "nnx.Rngs"), sequence: "nnx.Sequential", list: "nnx.List",
      members: ".layers", freeze: { "freeze(\($0))" }),
    moved: { value, layout in
      layout == .channelsLast
        ? "jnp.moveaxis(\(value), 1, -1)" : "jnp.moveaxis(\(value), -1, 1)"
    },
    training: { (plan, names) throws(TargetProblem) in
      try JAXTraining(plan: plan, name: names).functions()
    },
    frame: { frame in
      var frame = frame
      var opening: [String] = []
      if frame.body.contains("glorot_uniform") {
        frame.constants = ["glorot_uniform = nnx.initializers.glorot_uniform()"]
      }
      if frame.body.contains("freeze(") { opening.append(JAXWeights.frozen + "\n\n\n") }
      frame.body =
        opening.joined() + frame.body + "\n\n" + JAXWeights.functions(frame.paths, in: frame.body)
      var training = frame.training
      if training.contains(where: { $0.contains("Batches(") }) {
        training.insert(JAXLoop.batches, at: 0)
      }
      let functions = training.joined(separator: "\n\n\n")
      if !functions.isEmpty { frame.body += "\n\n" + functions + "\n" }
      frame.standard = standardImports(frame.body, functions)
      if frame.body.contains("jax.") { frame.imports.append("import jax") }
      if frame.body.contains("jnp.") { frame.imports.append("import jax.numpy as jnp") }
      if functions.contains("np.ndarray") { frame.imports.append("import numpy as np") }
      if functions.contains("optax.") { frame.imports.append("import optax") }
      frame.imports.append("from flax import nnx")
      frame.imports.append("from safetensors.flax import load_file, save_file")
      return frame
    })

  /// The standard library's names that a body and its functions for training use.
  private static func standardImports(_ body: String, _ training: String) -> [String] {
    let abstract = ["Callable", "Iterable", "Iterator"].filter { body.contains("\($0)[") }
    var lines: [String] = []
    if !abstract.isEmpty {
      lines.append("from collections.abc import \(abstract.joined(separator: ", "))")
    }
    if training.contains("@dataclass") { lines.append("from dataclasses import dataclass") }
    if training.contains("islice(") { lines.append("from itertools import islice") }
    return lines
  }
}
