@testable import NeuralDevices

/// Reports to test with, one of each kind.
enum Reports {
  static let cpu = CPUDevice(
    name: "Test CPU", architecture: "x86_64", physicalCores: 8, logicalCores: 16,
    memory: Memory(total: 32 << 30, free: 24 << 30), features: ["avx2", "fma"])

  static let two = DeviceReport(
    cuda: CUDAReport(
      status: .available(note: nil), driverVersion: "535.129.03", cudaVersion: "12.2",
      devices: [device(0, "Stand-in A100"), device(1, "Stand-in H100")],
      lookedFor: ["libcuda.so.1"]), cpu: cpu)

  static let none = with(.unavailable(reason: "no CUDA driver (libcuda) was found"))
  static let failed = with(.failed(message: "CUDA_ERROR_UNKNOWN: unknown error (cuInit)"))
  static let timedOut = with(
    .timedOut(message: "the CUDA driver did not answer within 2 s (cuInit)"))
  static let crashed = with(
    .crashed(signal: 11, message: "the CUDA driver crashed with SIGSEGV (cuInit)"))

  static func with(_ status: CUDAReport.Status) -> DeviceReport {
    DeviceReport(
      cuda: CUDAReport(status: status, lookedFor: ["libcuda.so.1", "libcuda.so"]), cpu: cpu)
  }

  static func device(_ ordinal: Int, _ name: String) -> CUDADevice {
    CUDADevice(
      ordinal: ordinal, name: name, uuid: "GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaea\(ordinal)",
      capability: .init(major: 9, minor: 0), memory: Memory(total: 80 << 30, free: 79 << 30),
      multiprocessors: 132, busID: "0000:0\(ordinal):00.0")
  }
}
