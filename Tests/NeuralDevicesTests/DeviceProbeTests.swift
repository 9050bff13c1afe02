import Foundation
import Testing

@testable import NeuralDevices

@Suite struct DeviceProbeTests {
  @Test func twoDevices() throws {
    let report = try probe()
    #expect(report.cuda.status == .available(note: nil))
    #expect(report.cuda.driverVersion == "535.129.03")
    #expect(report.cuda.cudaVersion == "12.2")
    #expect(
      report.cuda.devices == [
        CUDADevice(
          ordinal: 0, name: "Stand-in A100", uuid: "GPU-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf",
          capability: .init(major: 8, minor: 0), memory: Memory(total: 42 << 30, free: 40 << 30),
          multiprocessors: 108, busID: "0000:07:00.0"),
        CUDADevice(
          ordinal: 1, name: "Stand-in H100", uuid: "GPU-b0b1b2b3-b4b5-b6b7-b8b9-babbbcbdbebf",
          capability: .init(major: 9, minor: 0), memory: Memory(total: 80 << 30, free: 79 << 30),
          multiprocessors: 132, busID: "0000:0A:00.0"),
      ])
    #expect(report.devices.map(\.id) == ["cuda:0", "cuda:1", "cpu"])
  }

  @Test func visibleDevicesKeepTheirOwnFreeMemory() throws {
    // NVML counts all devices; free memory must be the visible one's all the same.
    let second = try probe(visible: "1")
    #expect(second.cuda.visibleDevices == "1")
    #expect(second.cuda.devices.map(\.name) == ["Stand-in H100"])
    #expect(second.cuda.devices.first?.id == "cuda:0")
    #expect(second.cuda.devices.first?.memory.free == 79 << 30)
    let swapped = try probe(visible: "1,0")
    #expect(swapped.cuda.devices.map(\.name) == ["Stand-in H100", "Stand-in A100"])
    #expect(swapped.cuda.devices.map(\.memory.free) == [79 << 30, 40 << 30])
  }

  @Test(arguments: ["", "-1", "none"]) func hiddenDevices(visible: String) throws {
    let report = try probe(visible: visible)
    guard case .unavailable(let reason) = report.cuda.status else {
      Issue.record("\(report.cuda.status)")
      return
    }
    #expect(reason.contains("CUDA_ERROR_NO_DEVICE"))
    #expect(reason.contains("CUDA_VISIBLE_DEVICES is \"\(visible)\""))
    #expect(report.devices.map(\.id) == ["cpu"])
  }

  @Test func instancesOfOneBoard() throws {
    let report = try probe("mig")
    #expect(
      report.cuda.devices.map(\.uuid) == [
        "MIG-a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf", "MIG-b0b1b2b3-b4b5-b6b7-b8b9-babbbcbdbebf",
      ])
    // The first is unknown to NVML: the board's free memory is not the instance's.
    #expect(report.cuda.devices.map(\.memory.free) == [nil, 5 << 30])
  }

  @Test func noDriver() throws {
    let missing = "/nowhere/libcuda.so.1"
    let report = DeviceProbe.run(
      executable: StandIn.fixture, environment: [CUDAProbe.libraryVariable: missing])
    guard case .unavailable(let reason) = report.cuda.status else {
      Issue.record("\(report.cuda.status)")
      return
    }
    #expect(reason.hasPrefix("no CUDA driver (libcuda) was found"))
    #expect(report.cuda.lookedFor == [missing])
    #expect(report.devices.map(\.id) == ["cpu"])
    #expect(
      CUDAProbe.candidates("libcuda.so", override: nil).prefix(2) == ["libcuda.so.1", "libcuda.so"])
  }

  @Test func noLibrary() throws {
    let report = try probe(library: \.text)
    guard case .unavailable(let reason) = report.cuda.status else {
      Issue.record("\(report.cuda.status)")
      return
    }
    #expect(reason.contains("cannot be used"))
    #expect(reason.contains("text.so"))
  }

  @Test func missingSymbols() throws {
    let old = try probe(library: \.oldCUDA)
    #expect(old.cuda.status == .available(note: nil))
    #expect(old.cuda.devices.map(\.uuid) == [nil, nil])
    #expect(old.cuda.devices.map(\.busID) == [nil, nil])
    #expect(old.cuda.devices.map(\.memory.free) == [nil, nil])
    let broken = try probe(library: \.brokenCUDA)
    guard case .unavailable(let reason) = broken.cuda.status else {
      Issue.record("\(broken.cuda.status)")
      return
    }
    #expect(reason.contains("lacks cuDeviceGetCount"))
  }

  @Test func noDevice() throws {
    guard case .unavailable(let reason) = try probe("none").cuda.status else {
      Issue.record("available")
      return
    }
    #expect(reason.contains("CUDA_ERROR_NO_DEVICE"))
  }

  @Test(arguments: [
    ("error 999", "CUDA_ERROR_UNKNOWN: unknown error (cuInit)"),
    // Named by us where the driver does not know the name.
    ("silent", "CUDA_ERROR_UNKNOWN: unknown error (cuInit)"),
    (
      "error 803",
      "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH: the kernel module and libcuda differ in version (cuInit)"
    ),
    ("error 12345", "CUDA error 12345 (cuInit)"),
  ]) func errors(behaviour: String, message: String) throws {
    let report = try probe(behaviour)
    #expect(report.cuda.status == .failed(message: message))
    #expect(report.devices.map(\.id) == ["cpu"])
  }

  @Test func hang() throws {
    _ = try StandIn.shared.get()
    let start = ContinuousClock.now
    let report = try probe("hang", timeout: .seconds(2))
    #expect(ContinuousClock.now - start < .seconds(3))
    #expect(
      report.cuda.status
        == .timedOut(message: "the CUDA driver did not answer within 2 s (cuInit)"))
    #expect(report.devices.map(\.id) == ["cpu"])
    #expect(report.cpu.memory.total > 0)
  }

  @Test func crash() throws {
    let report = try probe("crash")
    #expect(
      report.cuda.status
        == .crashed(signal: SIGSEGV, message: "the CUDA driver crashed with SIGSEGV (cuInit)"))
    #expect(report.devices.map(\.id) == ["cpu"])
  }

  @Test func exit() throws {
    #expect(
      try probe("exit").cuda.status
        == .failed(message: "the process that asks the CUDA driver ended with status 7 (cuInit)"))
  }

  @Test func oneDeviceOfTwoFails() throws {
    let report = try probe("flaky")
    #expect(report.cuda.devices.map(\.id) == ["cuda:0"])
    #expect(
      report.cuda.message?.contains("cuda:1 does not answer: CUDA_ERROR_DEVICE_UNAVAILABLE") == true
    )
    let stuck = try probe("stuck", timeout: .seconds(1))
    #expect(
      stuck.cuda.status
        == .timedOut(
          message: "the CUDA driver did not answer within 1 s (the calls about cuda:1)"))
    #expect(stuck.cuda.devices.isEmpty)
  }

  @Test(arguments: ["hang", "crash"]) func managementLibraryMisbehaves(nvml: String) throws {
    // What CUDA has answered by then stays.
    let report = try probe(nvml: nvml, timeout: .seconds(2))
    #expect(report.cuda.devices.map(\.id) == ["cuda:0", "cuda:1"])
    #expect(report.cuda.devices.map(\.memory.free) == [nil, nil])
    #expect(report.cuda.message?.contains("nvmlDeviceGetMemoryInfo of cuda:0") == true)
    guard case .available = report.cuda.status else {
      Issue.record("\(report.cuda.status)")
      return
    }
  }

  @Test(arguments: ["absent", "uninit", "nonsense"]) func noFreeMemory(nvml: String) throws {
    let report = try probe(nvml: nvml)
    #expect(report.cuda.status == .available(note: nil))
    #expect(report.cuda.devices.map(\.memory.free) == [nil, nil])
  }

  @Test func placesWhereUUIDsAreUnknown() throws {
    #expect(try probe(nvml: "places").cuda.devices.map(\.memory.free) == [40 << 30, 79 << 30])
  }

  @Test func noiseOnStandardStreams() throws {
    #expect(try probe("noisy").cuda == probe("two").cuda)
    let standIn = try StandIn.shared.get()
    let run = try runFixture(
      ["--json"],
      environment: [
        CUDAProbe.libraryVariable: standIn.cuda, CUDAProbe.managementVariable: standIn.nvml,
        "STANDIN_CUDA": "noisy",
      ])
    #expect(!run.output.contains("welcome"))
    #expect(run.errors.isEmpty)
    #expect(run.output.hasPrefix("{\"version\": 1"))
  }

  @Test func nothingIsLeftBehind() throws {
    let standIn = try StandIn.shared.get()
    let run = try runFixture(
      ["--leaks"],
      environment: [
        CUDAProbe.libraryVariable: standIn.cuda, CUDAProbe.managementVariable: "",
        "STANDIN_CHILD_FILE": standIn.folder.appending(path: "leak").path,
      ])
    #expect(
      run.output == """
        two available
        hang timeout
        crash crash
        exit error
        error 999 error
        child timeout
        descriptors 0
        children none

        """)
  }

  @Test func programsThatADriverStartsEndWithIt() throws {
    let file = try StandIn.shared.get().folder.appending(path: "child").path
    _ = try probe("child", more: ["STANDIN_CHILD_FILE": file], timeout: .seconds(2))
    let child = try #require(Int32(String(contentsOfFile: file, encoding: .utf8)))
    // It is not our child, so that nobody tells when it has died, and it may stay as a zombie.
    var state = "unknown"
    for _ in 0..<200 {
      state = contents(of: "/proc/\(child)/stat").map { String(decoding: $0, as: UTF8.self) } ?? ""
      if state.isEmpty || state.contains(") Z ") { return }
      usleep(10_000)
    }
    Issue.record("still there: \(state)")
  }

  @Test func helperThatCannotBeStarted() {
    let report = DeviceProbe.run(executable: "/nowhere/at/all")
    #expect(
      report.cuda.status
        == .failed(
          message:
            "the process that asks the CUDA driver could not be started: No such file or directory")
    )
    #expect(report.devices.map(\.id) == ["cpu"])
  }

  @Test func programThatIsNoHelper() {
    let silent = DeviceProbe.run(executable: "/bin/true", arguments: [])
    #expect(
      silent.cuda.status
        == .failed(message: "the process that asks the CUDA driver ended with status 0 (no call)"))
    // Writes without end on what should be the report.
    let endless = DeviceProbe.run(
      executable: "/bin/sh", arguments: ["-c", "yes >&3"], timeout: .milliseconds(500))
    guard case .timedOut = endless.cuda.status else {
      Issue.record("\(endless.cuda.status)")
      return
    }
  }

  @Test func closedDescriptorWithoutAnEnd() {
    // The pipe ends, the process does not.
    let start = ContinuousClock.now
    let report = DeviceProbe.run(
      executable: "/bin/sh", arguments: ["-c", "exec 3>&-; sleep 60"], timeout: .milliseconds(300))
    #expect(ContinuousClock.now - start < .seconds(2))
    guard case .timedOut = report.cuda.status else {
      Issue.record("\(report.cuda.status)")
      return
    }
  }

  @Test func helperModeByHand() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "exec \(StandIn.fixture) \(DeviceProbe.helperArgument) 3>&-"]
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 2)
    let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(message.contains("--probe-devices is for the program itself"))
  }

  @Test func defaultLimitIsTwoSeconds() throws {
    let standIn = try StandIn.shared.get()
    let start = ContinuousClock.now
    let run = try runFixture(
      [], environment: [CUDAProbe.libraryVariable: standIn.cuda, "STANDIN_CUDA": "hang"])
    #expect(ContinuousClock.now - start < .seconds(3))
    #expect(run.output.contains("CUDA timeout: the CUDA driver did not answer within 2 s (cuInit)"))
    #expect(run.status == 0)
  }

  @Test func manyAtOnce() async throws {
    try await withThrowingTaskGroup { group in
      for index in 0..<8 {
        group.addTask { try probe(index % 2 == 0 ? "two" : "crash").cuda.status.word }
      }
      let words = try await group.reduce(into: []) { $0.append($1) }
      #expect(
        words.sorted() == Array(repeating: "available", count: 4)
          + Array(repeating: "crash", count: 4))
    }
  }
}
