/// JAX by Flax NNX: `nnx.Module` classes, channels last.
extension PythonTarget {
  static let jax = PythonTarget(
    entry: "jax", displayName: "JAX", form: .classes, channels: .channelsLast,
    names: [
      "jax", "jnp", "nnx", "rngs", "FrozenParam", "freeze", "glorot_uniform", "load_file",
      "save_file",
      "load_weights", "save_weights", "weights_by_path", "PATHS",
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
    frame: { frame in
      var frame = frame
      var opening: [String] = []
      if frame.body.contains("glorot_uniform") {
        frame.constants = ["glorot_uniform = nnx.initializers.glorot_uniform()"]
      }
      if frame.body.contains("freeze(") { opening.append(JAXWeights.frozen + "\n\n\n") }
      frame.body =
        opening.joined() + frame.body + "\n\n" + JAXWeights.functions(frame.paths, in: frame.body)
      if frame.body.contains("Callable[") {
        frame.standard.append("from collections.abc import Callable")
      }
      if frame.body.contains("jax.") { frame.imports.append("import jax") }
      if frame.body.contains("jnp.") { frame.imports.append("import jax.numpy as jnp") }
      frame.imports.append("from flax import nnx")
      frame.imports.append("from safetensors.flax import load_file, save_file")
      return frame
    })
}
