/// Asks the driver, in the process that runs it, which must be one that can be spared.
struct CUDAProbe {
  /// Names a libcuda to use instead of the one that the system has, for installations in unusual places.
  static let libraryVariable = "NEURAL_LIBCUDA"
  /// The same for NVML; empty for none.
  static let managementVariable = "NEURAL_LIBNVML"
  static let visibleDevicesVariable = "CUDA_VISIBLE_DEVICES"

  /// Where drivers lie that the dynamic loader does not find: WSL, containers of Google's and Colab's, NixOS, Debian's
  /// alternatives.
  private static let folders = [
    "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64", "/usr/lib64-nvidia", "/run/opengl-driver/lib",
    "/usr/lib/\(CPUDevice.currentArchitecture)-linux-gnu/nvidia/current",
  ]

  /// Told of everything, at once.
  var tell: (ProbeRecord) -> Void

  func run() {
    if let visible = environmentValue(Self.visibleDevicesVariable) {
      tell(.visibleDevices(visible))
    }
    let module = contents(of: "/sys/module/nvidia/version")?.trimmedText
    if let module, !module.isEmpty { tell(.driverVersion(module)) }
    if let driver = openDriver(kernelModule: module) {
      let devices = ask(driver)
      tell(.cudaDone)
      if !devices.isEmpty { askManagement(devices) }
    }
    tell(.end)
  }

  static func candidates(_ name: String, override: String?) -> [String] {
    if let override { return override.isEmpty ? [] : [override] }
    return [name + ".1", name] + folders.map { "\($0)/\(name).1" }
  }

  private func openDriver(kernelModule: String?) -> CUDADriver? {
    var reason: String?
    let override = environmentValue(Self.libraryVariable)
    for path in Self.candidates("libcuda.so", override: override) {
      tell(.lookedFor(path))
      tell(.calling("dlopen of \(path)"))
      switch CUDADriver.open(path) {
      case .opened(let driver): return driver
      case .refused(let message):
        // A library that is there and cannot be used is worth more words than one that is not.
        if !message.hasPrefix("\(path): cannot open shared object file: No such file") {
          reason = reason ?? message
        }
      }
    }
    if let reason {
      tell(.unavailable("the CUDA driver cannot be used: \(reason)"))
    } else if let kernelModule {
      tell(
        .unavailable(
          "no CUDA driver (libcuda) was found, though the kernel module \(kernelModule) is loaded"))
    } else {
      tell(.unavailable("no CUDA driver (libcuda) was found"))
    }
    return nil
  }

  private func ask(_ driver: CUDADriver) -> [CUDADevice] {
    tell(.calling("cuDriverGetVersion"))
    if let version = driver.cudaVersion() { tell(.cudaVersion(version)) }
    var devices: [CUDADevice] = []
    do throws(CUDAFailure) {
      tell(.calling("cuInit"))
      try driver.initialize()
      tell(.calling("cuDeviceGetCount"))
      let count = try driver.deviceCount()
      if count == 0 { tell(.unavailable("the CUDA driver has no device")) }
      for ordinal in 0..<count {
        tell(.calling("the calls about cuda:\(ordinal)"))
        // One broken device must not hide its neighbours.
        do throws(CUDAFailure) {
          let device = try driver.device(ordinal)
          devices.append(device)
          tell(.device(device))
        } catch {
          tell(.note("cuda:\(ordinal) does not answer: \(error.message)"))
        }
      }
      if count > 0 && devices.isEmpty { tell(.failed("no CUDA device answers")) }
    } catch {
      tell(
        error.meansNoDevice
          ? .unavailable("the CUDA driver has no device: \(error.message)") : .failed(error.message)
      )
    }
    return devices
  }

  /// Free memory and the driver's own version; that NVML is missing is no fault.
  private func askManagement(_ devices: [CUDADevice]) {
    let override = environmentValue(Self.managementVariable)
    for path in Self.candidates("libnvidia-ml.so", override: override) {
      tell(.calling("dlopen of \(path)"))
      guard let library = ManagementLibrary(path: path) else { continue }
      tell(.calling("nvmlInit"))
      guard library.initialize() else { return }
      tell(.calling("nvmlSystemGetDriverVersion"))
      if let version = library.driverVersion() { tell(.driverVersion(version)) }
      for device in devices {
        tell(.calling("nvmlDeviceGetMemoryInfo of \(device.id)"))
        if let free = library.freeMemory(of: device) {
          tell(.freeMemory(ordinal: device.ordinal, free))
        }
      }
      return
    }
  }
}
