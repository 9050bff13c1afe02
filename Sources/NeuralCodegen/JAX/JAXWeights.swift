/// Reading and writing a model's weights under the paths of the source, and weights that are not
/// trained: those are no `nnx.Param`, so no gradient is taken of them.
enum JAXWeights {
  static let frozen = """
    class FrozenParam(nnx.Variable):
        \"""A weight that is not trained.\"""


    def freeze(module: nnx.Module) -> None:
        \"""Keep the weights of a module as they are in training.\"""
        for _, node in nnx.iter_graph(module):
            if isinstance(node, nnx.Module):
                for name, value in list(vars(node).items()):
                    if isinstance(value, nnx.Param):
                        setattr(node, name, FrozenParam(value[...]))
    """

  /// What Flax calls the weights of its own modules, where Keras has another name.
  private static let own: [(String, [(String, String)])] = [
    (
      "nnx.BatchNorm",
      [
        ("scale", "gamma"), ("bias", "beta"), ("mean", "moving_mean"), ("var", "moving_variance"),
      ]
    ),
    ("nnx.Embed", [("embedding", "embeddings")]),
    ("nnx.GroupNorm", [("scale", "gamma"), ("bias", "beta")]),
    ("nnx.LayerNorm", [("scale", "gamma"), ("bias", "beta")]),
    ("nnx.MultiHeadAttention", [("out", "attention_output")]),
    ("nnx.RMSNorm", [("scale", "scale")]),
  ]

  static func functions(_ paths: [ClassPaths], in body: String) -> String {
    var entries = own.filter { body.contains("\($0.0)(") }
      .map { (name: $0.0, entries: $0.1.filter { $0.0 != $0.1 }) }
    entries += paths.map { (name: $0.name, entries: $0.entries.map { ($0.attribute, $0.path) }) }
    entries.removeAll { $0.entries.isEmpty }
    var kinds = ["nnx.Param"]
    if body.contains("nnx.BatchNorm(") || body.contains("nnx.BatchStat(") {
      kinds.append("nnx.BatchStat")
    }
    if body.contains("freeze(") { kinds.append("FrozenParam") }
    let kept = kinds.count == 1 ? kinds[0] : "(\(kinds.joined(separator: ", ")))"
    return table(entries) + walk(kept, hasTable: !entries.isEmpty)
  }

  private static func table(_ entries: [(name: String, entries: [(String, String)])]) -> String {
    if entries.isEmpty { return "" }
    var lines = [
      "# Where weights files call something otherwise than the attribute that holds it. Of a list it",
      "# is the first that is named; the others count on.", "PATHS = {",
    ]
    for (name, renamed) in entries {
      let pairs = renamed.map { "\(Python.string($0.0)): \(Python.string($0.1))" }
      let flat = "    \(name): {\(pairs.joined(separator: ", "))},"
      if flat.count <= Python.columns {
        lines.append(flat)
      } else {
        lines += ["    \(name): {"] + pairs.map { "        \($0)," } + ["    },"]
      }
    }
    return (lines + ["}"]).joined(separator: "\n") + "\n\n\n"
  }

  private static func walk(_ kinds: String, hasTable: Bool) -> String {
    let names = hasTable ? "PATHS.get(type(module), {})" : "{}"
    return """
      def weights_by_path(model: nnx.Module) -> dict[str, nnx.Variable]:
          \"""The weights of a model by their paths in a weights file.\"""
          weights = {}

          def visit(value, path: str, paths: dict[str, str], place: str) -> None:
              if isinstance(value, nnx.Sequential):
                  value = value.layers
              if isinstance(value, nnx.Variable):
                  if isinstance(value, \(kinds)):
                      weights[path + paths.get(place, place)] = value
              elif isinstance(value, nnx.List):
                  stem, _, first = paths.get(place, "").rpartition("_")
                  for index, item in enumerate(value):
                      if first:
                          enter(item, f"{path}{stem}_{int(first) + index}/")
                      else:
                          visit(item, path, paths, f"{place}/{index}")
              elif isinstance(value, nnx.Module):
                  if "/" in place and place not in paths:
                      # Steps that are repeated as a group have no path of their own.
                      for name, part in vars(value).items():
                          visit(part, path, paths, f"{place}/{name}")
                  else:
                      enter(value, f"{path}{paths.get(place, place)}/")

          def enter(module: nnx.Module, path: str) -> None:
              paths = \(names)
              for name, value in vars(module).items():
                  visit(value, path, paths, name)

          enter(model, "")
          return weights


      def load_weights(model: nnx.Module, path: str) -> None:
          \"""Read the weights of a model from a safetensors file.\"""
          tensors = load_file(path)
          weights = weights_by_path(model)
          if different := tensors.keys() ^ weights.keys():
              raise ValueError(f"{path} is of another model: {min(different)}")
          for name, weight in weights.items():
              if weight.shape != tensors[name].shape:
                  raise ValueError(f"{path} has {name} in another shape")
              weight[...] = tensors[name]


      def save_weights(model: nnx.Module, path: str) -> None:
          \"""Write the weights of a model to a safetensors file.\"""
          weights = weights_by_path(model)
          save_file({name: weight[...] for name, weight in weights.items()}, path)

      """
  }
}
