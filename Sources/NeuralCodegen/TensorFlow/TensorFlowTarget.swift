/// TensorFlow by Keras 3: functions that build functional models, channels last.
extension PythonTarget {
  static let tensorflow = PythonTarget(
    entry: "tensorflow", displayName: "TensorFlow", form: .functions, channels: .channelsLast,
    names: [
      "keras", "layers", "ops", "KerasTensor", "name", "load_file", "save_file", "load_weights",
      "save_weights", "weights_by_path",
    ],
    emitters: TensorFlowEmitters.all, relu: TensorFlowEmitters.relu,
    own: TensorFlowEmitters.own, takesOptions: true,
    moved: { value, layout in
      layout == .channelsLast
        ? "ops.moveaxis(\(value), 1, -1)" : "ops.moveaxis(\(value), -1, 1)"
    },
    training: { (plan, names) throws(TargetProblem) in
      try TensorFlowTraining(plan: plan, name: names).functions()
    },
    frame: { frame in
      var frame = frame
      frame.body += "\n\n" + TensorFlowWeights.functions(renamed: frame.renamed)
      if !frame.training.isEmpty {
        frame.body += "\n\n" + frame.training.joined(separator: "\n\n\n") + "\n"
      }
      var used: [String] = []
      if frame.body.contains("KerasTensor") { used.append("KerasTensor") }
      for name in ["constraints", "initializers", "layers", "ops", "regularizers"]
      where frame.body.contains("\(name).") { used.append(name) }
      frame.imports = ["import keras"]
      if !used.isEmpty { frame.imports.append("from keras import \(used.joined(separator: ", "))") }
      frame.imports.append("from safetensors.numpy import load_file, save_file")
      return frame
    })
}
