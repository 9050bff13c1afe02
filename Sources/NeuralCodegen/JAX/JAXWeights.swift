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
    (
      "SelfAttention",
      ["query", "key", "value"].flatMap { part in
        ["kernel", "bias"].map { ("\(part).\($0)", "\(part)_\($0)") }
      }
    ),
  ]

  static func functions(_ paths: [PathTable], in body: String) -> String {
    let renamed = own.filter { body.contains("\($0.0)(") }.map { module, weights in
      PathTable(block: module, entries: weights.map { .one($0.0, $0.1) })
    }
    let tables = renamed + paths
    var kinds = ["nnx.Param"]
    if body.contains("nnx.BatchNorm(") || body.contains("nnx.BatchStat(") {
      kinds.append("nnx.BatchStat")
    }
    if body.contains("freeze(") { kinds.append("FrozenParam") }
    let kept = kinds.count == 1 ? kinds[0] : "(\(kinds.joined(separator: ", ")))"
    let table = tables.isEmpty ? "" : PathTable.text(tables) + "\n\n\n"
    return table + walk(kept, hasTable: !tables.isEmpty) + files
  }

  private static func walk(_ kinds: String, hasTable: Bool) -> String {
    let known =
      hasTable
      ? """
              for inner, place in PATHS.get(type(value), {}).items():
                  inner = f"{name}.{inner}".lstrip(".")
                  paths.setdefault(inner, f"{path}/{place}".lstrip("/"))

      """ : ""
    return """
      def weights_by_path(model: nnx.Module) -> dict[str, nnx.Variable]:
          \"""The weights of a model by their paths in a weights file.\"""
          weights, paths = {}, {"": ""}

          def visit(value: nnx.Pytree | nnx.Variable, name: str) -> None:
              if isinstance(value, nnx.Sequential):
                  value = value.layers
              parent, _, own = name.rpartition(".")
              path = paths.setdefault(name, f"{paths[parent]}/{own}".lstrip("/"))
              if isinstance(value, \(kinds)):
                  weights[path] = value
      \(known)        if isinstance(value, nnx.Pytree):
                  is_list = isinstance(value, nnx.List)
                  for part, inner in enumerate(value) if is_list else vars(value).items():
                      if isinstance(inner, (nnx.Pytree, nnx.Variable)):
                          visit(inner, f"{name}.{part}".lstrip("."))

          visit(model, "")
          return weights



      """
  }

  private static let files = """
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
