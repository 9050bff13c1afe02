import NeuralDevices
import NeuralModel
import NeuralServer
import Testing

@Suite struct DeviceFindingsTests {
  /// A machine with one CUDA device of so many bytes.
  private func machine(_ bytes: UInt64) -> DeviceReport {
    let device = CUDADevice(
      ordinal: 0, name: "Small", uuid: nil, capability: .init(major: 9, minor: 0),
      memory: .init(total: bytes), multiprocessors: 1, busID: nil)
    return DeviceReport(
      cuda: CUDAReport(status: .available(note: nil), devices: [device]),
      cpu: DeviceReport.withoutCUDA.cpu)
  }

  private func findings(
    _ bytes: UInt64, training: String = "", device: String = "cuda:0"
  ) -> [String] {
    let text = """
      network N {
        input: (1000)
        layers: Dense(1000, use_bias=false)
        \(training)
        execution { device: "\(device)" }
      }
      """
    let document = Document(
      id: FileID(rawValue: 0), path: "/w/a.neural", text: Array(text.utf8))
    return DeviceFindings.checked(Analysis(document), on: machine(bytes)).map {
      "\($0.code.rawValue) \($0.severity): \($0.message)"
    }
  }

  /// 1000 × 1000 weights of 4 bytes, as many gradients, two slots of Adam, and 4000 bytes of the input
  /// for each sample.
  private func training(batch: Int) -> String {
    "loss: \"mean_squared_error\"  optimizer: Adam()  train { batch_size: \(batch) }"
  }

  @Test func trainingThatFits() {
    #expect(findings(20_000_000, training: training(batch: 1000)) == [])
  }

  @Test func trainingThatFitsInSmallerBatches() {
    #expect(
      findings(20_000_000, training: training(batch: 2000)) == [
        "device-memory warning: training `N` at batch size 2000 needs about 22.9 MiB (3.8 MiB of "
          + "weights, 3.8 MiB of gradients, 7.6 MiB of optimizer state, 7.6 MiB of activations), and "
          + "\"cuda:0\", Small, has 19.1 MiB; batch_size: 1000 fits, or a lower precision may"
      ])
  }

  @Test func trainingThatFitsInNoBatch() {
    let found = findings(16_000_000, training: training(batch: 2))
    #expect(found.first?.hasSuffix("not even one sample fits") == true)
  }

  /// Weights, and the input and output of a sample.
  @Test func runningAlone() {
    #expect(findings(4_008_000) == [])
    #expect(
      findings(4_000_000) == [
        "device-memory warning: running one sample of `N` needs about 3.8 MiB, and \"cuda:0\", Small, "
          + "has 3.8 MiB"
      ])
  }

  @Test(arguments: ["auto", "cpu"]) func devicesThatNeedNoDriver(device: String) {
    #expect(findings(1, device: device) == [])
  }

  @Test func devicesThatAreNotHere() {
    #expect(
      findings(1, device: "cuda:3").first?.hasPrefix("unknown-device warning: This machine has no")
        == true)
  }
}
