/// PyTorch: `torch.nn.Module` classes, channels second.
extension PythonTarget {
  static let pytorch = PythonTarget(
    entry: "pytorch", displayName: "PyTorch", form: .classes, channels: .channelsSecond,
    names: [
      "torch", "nn", "F", "Tensor", "GROUPED", "PATHS", "Weight", "load_file", "save_file",
      "load_weights", "save_weights", "weights_by_path",
    ],
    emitters: PyTorchEmitters.all,
    relu: PyTorchEmitters.relu,
    classes: ClassForm(
      base: "nn.Module", method: "forward", tensor: "Tensor", opening: ["super().__init__()"],
      sequence: "nn.Sequential", list: "nn.ModuleList",
      freeze: { "\($0).requires_grad_(False)" }),
    moved: { value, layout in
      layout == .channelsSecond ? "\(value).movedim(-1, 1)" : "\(value).movedim(1, -1)"
    },
    training: { (plan, names) throws(TargetProblem) in
      try PyTorchTraining(plan: plan, name: names).functions()
    },
    frame: { frame in
      var frame = frame
      let hasWeights = frame.networks.contains { $0.nodes.contains { !$0.weights.isEmpty } }
      if hasWeights { frame.body += "\n\n" + PyTorchWeights(frame).functions() }
      if !frame.training.isEmpty {
        frame.body += "\n\n" + frame.training.joined(separator: "\n\n\n") + "\n"
      }
      let body = frame.body
      let training = frame.training.joined(separator: "\n")
      if training.contains("math.") { frame.standard.append("import math") }
      let abstract = ["Callable", "Iterable", "Sequence"].filter { body.contains("\($0)[") }
      if !abstract.isEmpty {
        frame.standard.append("from collections.abc import \(abstract.joined(separator: ", "))")
      }
      if training.contains("islice(") { frame.standard.append("from itertools import islice") }
      if body.contains("torch.") { frame.imports.append("import torch") }
      if body.contains("F.") { frame.imports.append("import torch.nn.functional as F") }
      if hasWeights { frame.imports.append("from safetensors.torch import load_file, save_file") }
      frame.imports.append("from torch import Tensor, nn")
      let data = ["DataLoader", "Subset", "TensorDataset"].filter { training.contains("\($0)(") }
      if !data.isEmpty {
        frame.imports.append("from torch.utils.data import \(data.joined(separator: ", "))")
      }
      return frame
    })
}
