import NeuralDevices
import NeuralIDE
import NeuralModel

/// What is wrong with the names of devices in a file.
public enum DeviceFindings {
  /// The findings of a file with those about names that are no device's on any machine.
  public static func checked(_ analysis: Analysis) -> [Diagnostic] {
    DeviceUse.adding(to: analysis.diagnostics, of: analysis) { name in
      guard case .malformed(let message, let suggestion) = nowhere.matches(name) else {
        return nil
      }
      if suggestion != nil { return (message, suggestion) }
      // What this machine has is not known here.
      return (
        "\"\(name)\" is no device. Devices are written \"auto\", \"cpu\", \"cuda:0\", \"gpu:0\", "
          + "\"mps\" or \"tpu\".", nil
      )
    }
  }

  /// What is to be said of a name on this machine, besides the above. `report` is only asked for
  /// where it matters, and may not be there yet.
  static func judge(
    _ name: String, _ report: () -> DeviceReport?
  ) -> (message: String, replacement: String?)? {
    guard case .absent = nowhere.matches(name), let report = report(),
      case .absent(let message) = report.matches(name)
    else { return nil }
    return (message, nil)
  }

  /// A machine without any device: what it says of a name holds on every machine, or is `absent`.
  private static let nowhere = DeviceReport(
    cuda: CUDAReport(status: .unavailable(reason: "there is no driver")),
    cpu: CPUDevice(
      name: "", architecture: "", physicalCores: nil, logicalCores: 1, memory: Memory(total: 0),
      features: []))
}
