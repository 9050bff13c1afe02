import CCuda
import Glibc

/// Finds out what this machine can compute on, without trusting its driver: a helper process does the asking.
public enum DeviceProbe {
  /// The argument that makes a program the helper, if its `main` begins with `becomeHelperIfAsked`.
  public static let helperArgument = "--probe-devices"

  /// The running program, even if its file has been replaced since it started.
  public static let ownExecutable = "/proc/self/exe"

  /// Asks through a helper process, and waits for its answer: not for a thread that answers others.
  ///
  /// The CPU is in the report whatever becomes of the helper. No process and no descriptor is left behind.
  /// - Parameters:
  ///   - executable: the program that becomes the helper.
  ///   - arguments: what makes it the helper.
  ///   - environment: variables set for the helper besides those of this process, or instead of them.
  ///   - timeout: how long the driver may take. One that has to wake several GPUs can need more than 2 s.
  public static func run(
    executable: String = ownExecutable, arguments: [String] = [helperArgument],
    environment: [String: String] = [:], timeout: Duration = .seconds(2)
  ) -> DeviceReport {
    var environment = environment
    // A crash is expected here; Swift's backtrace of it would take seconds.
    environment["SWIFT_BACKTRACE"] = "enable=no"
    let (output, outcome) = HelperProcess.run(
      executable: executable, arguments: arguments, environment: environment,
      lastLine: ProbeRecord.end.line, timeout: timeout)
    return DeviceReport(
      cuda: CUDAReport(records: ProbeRecord.all(in: output), outcome: outcome, timeout: timeout),
      cpu: .current())
  }

  /// Belongs at the beginning of `main`: if the arguments (without the program's name) ask for it, tells descriptor 3
  /// what the driver says, and ends the process.
  public static func becomeHelperIfAsked(_ arguments: some Sequence<String>) {
    guard Array(arguments) == [helperArgument] else { return }
    let descriptor = HelperProcess.descriptor
    guard ccuda_prepare_helper(descriptor, 60) else {
      _ = writeAll(
        Array(
          "\(helperArgument) is for the program itself, which reads descriptor 3; use devices\n"
            .utf8),
        to: 2)
      _exit(2)
    }
    CUDAProbe { record in
      // Whoever asked is gone.
      if !writeAll(record.line, to: descriptor) { _exit(1) }
    }.run()
    // Not exit: a driver's own clean-up may hang or crash.
    _exit(0)
  }
}

extension CUDAReport {
  /// What the helper told, read in the light of how it ended.
  init(records: [ProbeRecord], outcome: HelperProcess.Outcome, timeout: Duration) {
    self.init(status: .available(note: nil))
    var call = "no call"
    var verdict: Status?
    var notes: [String] = []
    var done = false
    for record in records {
      switch record {
      case .visibleDevices(let value): visibleDevices = value
      case .lookedFor(let path): lookedFor.append(path)
      case .calling(let next): call = next
      case .unavailable(let reason): verdict = .unavailable(reason: reason)
      case .failed(let message): verdict = .failed(message: message)
      case .cudaVersion(let version): cudaVersion = version
      case .driverVersion(let version): driverVersion = version
      case .device(let device): devices.append(device)
      case .note(let note): notes.append(note)
      case .cudaDone: done = true
      case .freeMemory(let ordinal, let bytes):
        if let index = devices.firstIndex(where: { $0.ordinal == ordinal }) {
          devices[index].memory.free = bytes
        }
      case .end: break
      }
    }
    if case .unavailable(let reason)? = verdict, let visibleDevices, done {
      // The driver's message for hidden devices is the one for none.
      verdict = .unavailable(
        reason: "\(reason); CUDA_VISIBLE_DEVICES is \"\(visibleDevices)\"")
    }
    switch outcome {
    case .ended: break
    case .exited(let status):
      let how = status.map { "with status \($0)" } ?? "early"
      interrupted("the process that asks the CUDA driver ended \(how) (\(call))") {
        .failed(message: $0)
      }
    case .signalled(let signal):
      interrupted("the CUDA driver crashed with \(signalName(signal)) (\(call))") {
        .crashed(signal: signal, message: $0)
      }
    case .timedOut:
      interrupted("the CUDA driver did not answer within \(durationText(timeout)) (\(call))") {
        .timedOut(message: $0)
      }
    case .notStarted(let reason):
      interrupted("the process that asks the CUDA driver could not be started: \(reason)") {
        .failed(message: $0)
      }
    }
    status = verdict ?? .available(note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    if case .available = status {} else { devices = [] }

    // Once CUDA has answered, what NVML does afterwards takes only its own part away.
    func interrupted(_ message: String, _ status: (String) -> Status) {
      if done { notes.append(message) } else { verdict = status(message) }
    }
  }
}

/// `2 s`, `250 ms`.
private func durationText(_ duration: Duration) -> String {
  let (seconds, attoseconds) = duration.components
  let milliseconds = attoseconds / 1_000_000_000_000_000
  if milliseconds == 0 { return "\(seconds) s" }
  if seconds == 0 { return "\(milliseconds) ms" }
  let digits = String(milliseconds)
  return "\(seconds).\(String(repeating: "0", count: 3 - digits.count))\(digits) s"
}
