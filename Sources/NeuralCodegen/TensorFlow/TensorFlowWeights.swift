/// Reading and writing a model's weights under the paths of the source. Keras's own paths are those,
/// but that layers' names have no slashes and that some weights are called otherwise.
enum TensorFlowWeights {
  /// The functions of a module, whose `body` is known.
  static func functions(renamed: [String: String], body: String) -> String {
    // Keras's Normalization computes with constants that it makes of its weights.
    let constants =
      body.contains("layers.Normalization(")
      ? """

          for layer in model._flatten_layers():
              if isinstance(layer, layers.Normalization):
                  layer.finalize_state()
      """ : ""
    let replaced = renamed.sorted { $0.key < $1.key }
      .map { "        path = path.replace(\"\($0.key)\", \"\($0.value)\")\n" }.joined()
    return """
      def weights_by_path(model: keras.Model) -> dict[str, keras.Variable]:
          \"""The weights of a model by their paths in a weights file.\"""
          weights = {}
          for weight in model.weights:
              path = weight.path.replace("\(BlockWriter.separator)", "/")
      \(replaced)        weights[path] = weight
          return weights


      def load_weights(model: keras.Model, path: str) -> None:
          \"""Read the weights of a model from a safetensors file.\"""
          tensors = load_file(path)
          weights = weights_by_path(model)
          if different := tensors.keys() ^ weights.keys():
              raise ValueError(f"{path} is of another model: {min(different)}")
          for name, weight in weights.items():
              weight.assign(tensors[name])\(constants)


      def save_weights(model: keras.Model, path: str) -> None:
          \"""Write the weights of a model to a safetensors file.\"""
          weights = weights_by_path(model)
          save_file({name: weight.numpy() for name, weight in weights.items()}, path)

      """
  }
}
