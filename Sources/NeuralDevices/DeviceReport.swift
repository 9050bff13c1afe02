/// What this machine can compute on: its CPU, always, and what the CUDA driver said.
public struct DeviceReport: Sendable, Equatable {
  public var cuda: CUDAReport
  public var cpu: CPUDevice

  public init(cuda: CUDAReport, cpu: CPUDevice) {
    self.cuda = cuda
    self.cpu = cpu
  }

  /// CUDA devices in the driver's order, then the CPU.
  public var devices: [Device] { cuda.devices.map(Device.cuda) + [.cpu(cpu)] }
}

/// One device that a network or a step can be placed on.
public enum Device: Sendable, Equatable {
  case cuda(CUDADevice)
  case cpu(CPUDevice)

  /// As the language writes it: `cuda:0`, `cpu`.
  public var id: String {
    switch self {
    case .cuda(let device): device.id
    case .cpu: CPUDevice.id
    }
  }

  public var name: String {
    switch self {
    case .cuda(let device): device.name
    case .cpu(let device): device.name
    }
  }

  public var memory: Memory {
    switch self {
    case .cuda(let device): device.memory
    case .cpu(let device): device.memory
    }
  }
}

public struct Memory: Sendable, Equatable {
  /// In bytes.
  public var total: UInt64
  /// In bytes: what a program that starts now could take. Nil where nothing tells.
  public var free: UInt64?

  public init(total: UInt64, free: UInt64? = nil) {
    self.total = total
    self.free = free
  }
}

/// A CUDA device, or the part of one that MIG made a device of its own.
public struct CUDADevice: Sendable, Equatable {
  /// The driver's number for it, counted among the devices that `CUDA_VISIBLE_DEVICES` leaves visible.
  public var ordinal: Int
  /// The driver's text, repaired where it is not UTF-8.
  public var name: String
  /// `GPU-…`, or `MIG-…` for a MIG instance. Nil where the driver is too old to tell.
  public var uuid: String?
  /// Compute capability, such as 9 and 0.
  public var capability: Capability
  public var memory: Memory
  public var multiprocessors: Int
  /// `domain:bus:device.function`, hexadecimal.
  public var busID: String?

  public var id: String { "cuda:\(ordinal)" }

  public struct Capability: Sendable, Equatable, CustomStringConvertible {
    public var major: Int
    public var minor: Int

    public init(major: Int, minor: Int) {
      self.major = major
      self.minor = minor
    }

    public var description: String { "\(major).\(minor)" }
  }

  public init(
    ordinal: Int, name: String, uuid: String?, capability: Capability, memory: Memory,
    multiprocessors: Int, busID: String?
  ) {
    self.ordinal = ordinal
    self.name = name
    self.uuid = uuid
    self.capability = capability
    self.memory = memory
    self.multiprocessors = multiprocessors
    self.busID = busID
  }
}

/// How asking the CUDA driver went, and what it answered.
public struct CUDAReport: Sendable, Equatable {
  public enum Status: Sendable, Equatable {
    /// The driver answered and has at least one device. The note says what could not be learnt all the same.
    case available(note: String?)
    /// There is no driver, or it has no device.
    case unavailable(reason: String)
    /// The driver answered with an error.
    case failed(message: String)
    /// The driver did not answer in time.
    case timedOut(message: String)
    /// The driver ended the process that asked it.
    case crashed(signal: Int32, message: String)
  }

  public var status: Status
  /// NVIDIA's number of the driver, such as 535.129.03.
  public var driverVersion: String?
  /// The newest CUDA that the driver supports, such as 12.2.
  public var cudaVersion: String?
  /// Empty unless the status is `available`.
  public var devices: [CUDADevice]
  /// Names and paths of libcuda that were tried, in order; the last is the one that was used, if any was.
  public var lookedFor: [String]
  /// The value of `CUDA_VISIBLE_DEVICES`. Nil where it is not set, which makes all devices visible.
  public var visibleDevices: String?

  public init(
    status: Status, driverVersion: String? = nil, cudaVersion: String? = nil,
    devices: [CUDADevice] = [], lookedFor: [String] = [], visibleDevices: String? = nil
  ) {
    self.status = status
    self.driverVersion = driverVersion
    self.cudaVersion = cudaVersion
    self.devices = devices
    self.lookedFor = lookedFor
    self.visibleDevices = visibleDevices
  }

  /// In plain words, what went wrong or could not be learnt. Nil where nothing did.
  public var message: String? {
    switch status {
    case .available(let note): note
    case .unavailable(let message), .failed(let message), .timedOut(let message),
      .crashed(_, let message):
      message
    }
  }
}

/// The machine's processors, taken together, as one device.
public struct CPUDevice: Sendable, Equatable {
  public static let id = "cpu"

  public var name: String
  /// `x86_64`, `aarch64`.
  public var architecture: String
  /// Nil where the system does not tell, as in many virtual machines and on ARM.
  public var physicalCores: Int?
  /// What the system schedules on: hardware threads.
  public var logicalCores: Int
  /// The machine's memory, or the container's limit where that is lower.
  public var memory: Memory
  /// Vector and matrix instructions that matter to numerical code, such as `avx2`, `avx512f`, `neon`.
  public var features: [String]

  public init(
    name: String, architecture: String, physicalCores: Int?, logicalCores: Int, memory: Memory,
    features: [String]
  ) {
    self.name = name
    self.architecture = architecture
    self.physicalCores = physicalCores
    self.logicalCores = logicalCores
    self.memory = memory
    self.features = features
  }
}
