import LanguageServerProtocol
import NeuralDevices
import NeuralThreads

/// What this machine can compute on. A driver may take seconds to answer, so it is asked in the
/// background, when something first wants to know.
final class Devices: Sendable {
  private enum State {
    case unasked
    case asking
    case known(DeviceReport)
  }

  private let state = Lock(State.unasked)
  private let probe: @Sendable () -> DeviceReport
  /// Called on another thread when there is a new answer.
  private let arrived: @Sendable () -> Void

  init(probe: @escaping @Sendable () -> DeviceReport, arrived: @escaping @Sendable () -> Void) {
    self.probe = probe
    self.arrived = arrived
  }

  /// What was learnt; absent, for a while, at first. Never waits.
  var report: DeviceReport? {
    let (report, asks) = state.withLock { state -> (DeviceReport?, Bool) in
      switch state {
      case .known(let report): return (report, false)
      case .asking: return (nil, false)
      case .unasked:
        state = .asking
        return (nil, true)
      }
    }
    if asks {
      startThread { _ = self.refresh() }
    }
    return report
  }

  /// What was learnt so far; asks nobody.
  var known: DeviceReport? {
    state.withLock { if case .known(let report) = $0 { report } else { nil } }
  }

  /// Asks anew, and waits for the answer.
  func refresh() -> DeviceReport {
    let report = probe()
    state.withLock { $0 = .known(report) }
    arrived()
    return report
  }

  /// A device and the ones that are here, for a hover on its name.
  func markdown(_ name: String) -> String {
    guard let report else { return "`\(name)`: this machine's devices are being asked for." }
    let verdict =
      switch report.matches(name) {
      case .present:
        report.device(named: name).map { "`\(name)` is `\($0.id)` here, \($0.name)." }
          ?? "`\(name)` is here."
      case .absent(let message), .malformed(let message, _), .unknown(let message): message
      }
    return "\(verdict)\n\n\(report.markdown())"
  }
}

extension DeviceReport {
  /// The same as `devices --format json`, for `neural/devices`.
  var protocolJSON: JSON { (try? JSON(parsing: Array(json().utf8))) ?? .null }
}
