import Testing

@testable import NeuralDevices

@Suite struct DeviceNameTests {
  @Test(arguments: ["auto", "cpu", "cuda", "gpu", "cuda:0", "cuda:1", "gpu:0", "gpu:1"])
  func present(name: String) {
    #expect(Reports.two.matches(name) == .present)
  }

  @Test(arguments: ["auto", "cpu"]) func alwaysPresent(name: String) {
    for report in [Reports.none, Reports.failed, Reports.timedOut, Reports.crashed] {
      #expect(report.matches(name) == .present)
    }
  }

  @Test func absent() {
    #expect(
      Reports.two.matches("cuda:7")
        == .absent(
          message: #"This machine has no "cuda:7". It has "cuda:0", "cuda:1" and "cpu"."#))
    #expect(
      Reports.none.matches("cuda")
        == .absent(
          message:
            #"This machine has no "cuda": no CUDA driver (libcuda) was found. It has only "cpu"."#))
    #expect(
      Reports.failed.matches("gpu:0")
        == .absent(
          message:
            #"This machine cannot use "gpu:0", its CUDA driver fails: CUDA_ERROR_UNKNOWN: unknown error (cuInit). It has only "cpu"."#
        ))
    #expect(
      Reports.two.matches("mps")
        == .absent(
          message:
            #""mps" is the GPU of Apple's machines, and this is Linux. It has "cuda:0", "cuda:1" and "cpu"."#
        ))
    guard case .absent = Reports.two.matches("cuda:99999999999999999999999") else {
      Issue.record("a large number is still a number")
      return
    }
  }

  @Test func hiddenDevicesAreMentioned() {
    var report = Reports.two
    report.cuda.devices.removeLast()
    report.cuda.visibleDevices = "1"
    #expect(
      report.matches("cuda:1")
        == .absent(
          message:
            #"This machine has no "cuda:1". It has "cuda:0" and "cpu". CUDA_VISIBLE_DEVICES is "1", and devices are counted from 0 among those."#
        ))
  }

  @Test func notKnown() {
    // A driver that says nothing is no reason to warn of a document.
    for report in [Reports.timedOut, Reports.crashed] {
      guard case .unknown = report.matches("cuda:0") else {
        Issue.record("\(report.matches("cuda:0"))")
        return
      }
    }
    guard case .unknown = Reports.two.matches("tpu") else {
      Issue.record("\(Reports.two.matches("tpu"))")
      return
    }
  }

  @Test(
    arguments: [
      ("cuda:x", "cuda"), ("cuda:", "cuda"), ("cuda:-1", "cuda"), ("gpuu", "gpu"),
      ("CUDA:0", "cuda:0"),
      ("Cuda", "cuda"), ("cuda0", "cuda:0"), ("cuda 1", "cuda:1"), ("cuda-1", "cuda:1"),
      ("cuda:01", "cuda:1"), ("cuda:00", "cuda:0"), ("GPU:0", "gpu:0"), ("/GPU:0", "gpu:0"),
      ("/device:GPU:1", "gpu:1"), ("cpu:0", "cpu"), ("cdua:0", "cuda:0"), ("cud", "cuda"),
      ("atuo", "auto"), ("nvidia", "cuda"), ("metal", "mps"), ("cuda:0:0", "cuda"), (" cpu", nil),
      ("banana", nil), ("", nil), ("x", nil), ("cuda:\u{661}", "cuda"), ("\u{1F600}", nil),
      (String(repeating: "cuda", count: 100_000), nil),
    ] as [(String, String?)])
  func malformed(name: String, expected: String?) {
    guard case .malformed(let message, let suggestion) = Reports.two.matches(name) else {
      Issue.record("\(name): \(Reports.two.matches(name))")
      return
    }
    #expect(suggestion == expected)
    #expect(message.hasPrefix("\"\(name)\" is no device."))
    if let expected { #expect(message.hasSuffix("Did you mean \"\(expected)\"?")) }
  }

  @Test func whatANameStandsFor() {
    #expect(Reports.two.device(named: "auto")?.id == "cuda:0")
    #expect(Reports.none.device(named: "auto")?.id == "cpu")
    #expect(Reports.two.device(named: "gpu:1")?.id == "cuda:1")
    #expect(Reports.two.device(named: "gpu")?.id == "cuda:0")
    #expect(Reports.two.device(named: "cuda:2") == nil)
    #expect(Reports.none.device(named: "cuda") == nil)
    #expect(Reports.two.device(named: "nonsense") == nil)
    #expect(Reports.two.device(named: "cpu")?.memory.total == 32 << 30)
  }
}
