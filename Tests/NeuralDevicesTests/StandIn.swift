import Foundation

@testable import NeuralDevices

/// The libraries of Tests/CudaStandIn, compiled once for all tests.
struct StandIn {
  var cuda: String
  var oldCUDA: String
  var brokenCUDA: String
  var nvml: String
  /// A file that is no library.
  var text: String
  var folder: URL

  static let shared = Result { try StandIn() }

  /// The program that becomes the helper: a product of this package, beside the tests'.
  static let fixture = URL(filePath: Bundle.main.executablePath ?? CommandLine.arguments[0])
    .resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "device-probe-fixture").path

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static let temporaryFolder = FileManager.default.temporaryDirectory
    .appending(path: "neural-devices-tests-\(getpid())")

  private init() throws {
    folder = Self.temporaryFolder
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(at: StandIn.temporaryFolder) }
    let folder = folder
    func compile(_ source: String, as name: String, _ flags: [String] = []) throws -> String {
      let library = folder.appending(path: name).path
      let compiler = Process()
      compiler.executableURL = URL(filePath: "/usr/bin/env")
      compiler.arguments =
        ["cc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"] + flags + [
          "-I", Self.root.appending(path: "Sources/CCuda").path, "-o", library,
          Self.root.appending(path: "Tests/CudaStandIn/\(source)").path,
        ]
      try compiler.run()
      compiler.waitUntilExit()
      guard compiler.terminationStatus == 0 else { throw Failure.notCompiled(source) }
      return library
    }
    cuda = try compile("libcuda.c", as: "libcuda.so.1")
    oldCUDA = try compile("libcuda.c", as: "libcuda-old.so.1", ["-DOLD"])
    brokenCUDA = try compile("libcuda.c", as: "libcuda-broken.so.1", ["-DBROKEN"])
    nvml = try compile("libnvml.c", as: "libnvidia-ml.so.1")
    text = folder.appending(path: "text.so").path
    try Data("no library\n".utf8).write(to: URL(filePath: text))
  }

  enum Failure: Error { case notCompiled(String) }
}

/// Asks the stand-in that behaves as named. Variables given as nil are what they are here. The time is ample, since many
/// tests run at once and most of them are not about time.
func probe(
  _ behaviour: String = "two", nvml: String = "works", visible: String? = nil,
  library: KeyPath<StandIn, String>? = \.cuda, name: String? = nil, more: [String: String] = [:],
  timeout: Duration = .seconds(20)
) throws -> DeviceReport {
  let standIn = try StandIn.shared.get()
  var environment = more
  environment["STANDIN_CUDA"] = behaviour
  environment["STANDIN_NVML"] = nvml
  environment[CUDAProbe.managementVariable] = nvml == "absent" ? "" : standIn.nvml
  environment[CUDAProbe.libraryVariable] = library.map { standIn[keyPath: $0] }
  environment[CUDAProbe.visibleDevicesVariable] = visible
  environment["STANDIN_NAME"] = name
  return DeviceProbe.run(
    executable: StandIn.fixture, environment: environment, timeout: timeout)
}

/// Runs the fixture and gives what it wrote and its status.
func runFixture(
  _ arguments: [String], environment: [String: String] = [:]
) throws -> (output: String, errors: String, status: Int32) {
  let process = Process()
  process.executableURL = URL(filePath: StandIn.fixture)
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let output = Pipe()
  let errors = Pipe()
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  let written = output.fileHandleForReading.readDataToEndOfFile()
  let complaints = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (
    String(decoding: written, as: UTF8.self), String(decoding: complaints, as: UTF8.self),
    process.terminationStatus
  )
}
