import NeuralDevices
import NeuralIDE
import NeuralModel

/// What is wrong with the devices that a file names.
public enum DeviceFindings {
  /// The findings of a file with those about names that are no device's on any machine, and what is
  /// to be said on the machine of this report.
  public static func checked(
    _ analysis: Analysis, on report: DeviceReport? = nil
  ) -> [Diagnostic] {
    DeviceUse.adding(to: analysis.diagnostics, of: analysis) { use, network in
      guard case .malformed(let message, let suggestion) = nowhere.matches(use.name) else {
        return judge(use, network) { report }
      }
      // What this machine has is not known here.
      let other =
        "\"\(use.name)\" is no device. Devices are written \"auto\", \"cpu\", \"cuda:0\", \"gpu:0\", "
        + "\"mps\" or \"tpu\"."
      return DeviceRemark(
        .unknownDevice, suggestion == nil ? other : message, replacement: suggestion)
    }
  }

  /// What is to be said of a device on this machine, besides what holds on every one: it is not here,
  /// or the network does not fit into its memory. `report` is only asked for where it matters, and may
  /// not be there yet.
  static func judge(
    _ use: DeviceUse, _ network: NetworkGraph?, _ report: () -> DeviceReport?
  ) -> DeviceRemark? {
    guard case .absent = nowhere.matches(use.name), let report = report() else { return nil }
    if case .absent(let message) = report.matches(use.name) {
      return DeviceRemark(.unknownDevice, message)
    }
    guard let network, let device = report.device(named: use.name) else { return nil }
    return excess(network, on: device)
  }

  /// A network that needs more than all of the device's memory, what others hold of it left out.
  private static func excess(_ network: NetworkGraph, on device: Device) -> DeviceRemark? {
    guard network.isComplete else { return nil }
    func text(_ bytes: Int) -> String { NetworkSummary.Size.fixed(bytes).bytes }
    let total = Int(clamping: device.memory.total)
    let memory = network.memory
    let end = "and \"\(device.id)\", \(device.name), has \(text(total))"
    guard network.optimizer != nil || network.settings["train"] != nil else {
      guard let needed = memory.inference?.constant, needed > total else { return nil }
      return DeviceRemark(
        .deviceMemory,
        "running one sample of `\(network.name)` needs about \(text(needed)), \(end)")
    }
    guard let needed = memory.training?.constant, needed > total,
      let largest = network.largestBatch(within: total)
    else { return nil }
    let parts = [
      (memory.weights, "weights"), (memory.gradients, "gradients"),
      (memory.optimizer, "optimizer state"), (memory.activations, "activations"),
    ].compactMap { size, name in
      size?.constant.flatMap { $0 > 0 ? "\(text($0)) of \(name)" : nil }
    }
    let way =
      largest == 0
      ? "not even one sample fits"
      : "batch_size: \(largest) fits, or a lower precision may"
    return DeviceRemark(
      .deviceMemory,
      "training `\(network.name)` at batch size \(memory.batchSize) needs about \(text(needed)) "
        + "(\(parts.joined(separator: ", "))), \(end); \(way)")
  }

  /// A machine without any device: what it says of a name holds on every machine, or is `absent`.
  private static let nowhere = DeviceReport(
    cuda: CUDAReport(status: .unavailable(reason: "there is no driver")),
    cpu: CPUDevice(
      name: "", architecture: "", physicalCores: nil, logicalCores: 1, memory: Memory(total: 0),
      features: []))
}
