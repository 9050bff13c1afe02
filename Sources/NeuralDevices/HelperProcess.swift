import CCuda
import Glibc
import Synchronization

/// A process that is asked for one text and then ended, whatever it does.
struct HelperProcess {
  enum Outcome: Equatable {
    /// It wrote the last line that was expected of it.
    case ended
    /// It ended on its own before that; the status is nil if something else reaped it.
    case exited(status: Int32?)
    case signalled(Int32)
    case timedOut
    case notStarted(reason: String)
  }

  /// Where the helper writes: drivers print what they like on standard output.
  static let descriptor: Int32 = 3

  /// More than any sane driver tells; what goes on writing is ended.
  private static let limit = 1 << 20

  /// Helpers that not even SIGKILL has ended yet, since a driver holds them in the kernel: reaped when they let go.
  private static let stragglers = Mutex<[pid_t]>([])
  /// Read before the mutex is taken: there are hardly ever any, and the thread sanitizer does not know Swift's mutex,
  /// which it reports as a race wherever two threads meet there.
  private static let hasStragglers = Atomic<Bool>(false)

  /// Runs a program until it has written `lastLine` on descriptor 3, ended or spent its time.
  /// - Parameter environment: set besides the variables of this process, or instead of them.
  static func run(
    executable: String, arguments: [String], environment: [String: String], lastLine: [UInt8],
    timeout: Duration
  ) -> (output: [UInt8], outcome: Outcome) {
    reapStragglers()
    let deadline = ContinuousClock.now + timeout
    let child: pid_t
    let pipe: Int32
    switch start(executable, arguments, environment) {
    case .success(let started): (child, pipe) = started
    case .failure(let failure): return ([], .notStarted(reason: errorText(failure.code)))
    }
    defer { close(pipe) }

    var output: [UInt8] = []
    var expected = false
    while !expected, output.count < limit, wait(for: pipe, until: deadline) {
      guard let more = readSome(pipe, atMost: 65_536), !more.isEmpty else {
        // It closed its end, which is mostly its own end.
        while ContinuousClock.now < deadline {
          if let status = reap(child) { return (output, outcome(status)) }
          usleep(500)
        }
        break
      }
      output += more
      expected = output.suffix(lastLine.count + 1).elementsEqual([0x0a] + lastLine)
    }
    let status = end(child)
    if expected { return (output, .ended) }
    // It may have ended in time while a process of its own kept the pipe open.
    if let status, status != unknownStatus, status & 0x7f != SIGKILL {
      return (output, Self.outcome(status))
    }
    return (output, .timedOut)
  }

  private struct StartFailure: Error { var code: Int32 }

  private static func start(
    _ executable: String, _ arguments: [String], _ added: [String: String]
  ) -> Result<(pid_t, Int32), StartFailure> {
    let arguments = unsafe ([executable] + arguments).map { unsafe strdup($0) } + [nil]
    let environment = unsafe environmentEntries(added).map { unsafe strdup($0) } + [nil]
    defer {
      unsafe arguments.forEach { unsafe free($0) }
      unsafe environment.forEach { unsafe free($0) }
    }
    var child: pid_t = 0
    var pipe: Int32 = -1
    let code = unsafe ccuda_start_helper(executable, arguments, environment, &child, &pipe)
    return code == 0 ? .success((child, pipe)) : .failure(StartFailure(code: code))
  }

  /// `name=value` for each variable.
  private static func environmentEntries(_ added: [String: String]) -> [String] {
    var entries = added.map { "\($0.key)=\($0.value)" }
    guard var next = unsafe ccuda_environment() else { return entries }
    while let entry = unsafe next.pointee {
      let text = unsafe String(cString: entry)
      if !added.keys.contains(where: { text.hasPrefix($0 + "=") }) { entries.append(text) }
      unsafe next += 1
    }
    return entries
  }

  /// True once there is something to read, or the other end is closed; false when the time is up.
  private static func wait(for descriptor: Int32, until deadline: ContinuousClock.Instant) -> Bool {
    while true {
      let left = deadline - ContinuousClock.now
      guard left > .zero else { return false }
      // Rounded up, so that the last part of a millisecond is not spent in a busy loop.
      let (seconds, attoseconds) = left.components
      let milliseconds = Int64(clamping: seconds).multipliedReportingOverflow(by: 1000)
      let time =
        milliseconds.overflow
        ? Int32.max
        : Int32(clamping: milliseconds.partialValue + attoseconds / 1_000_000_000_000_000 + 1)
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = unsafe poll(&entry, 1, time)
      if ready > 0 { return true }
      if ready < 0 && errno != EINTR && errno != EAGAIN { return false }
    }
  }

  /// Ends the process and all of its group, and reaps it. Nil if the kernel does not let go of it now.
  private static func end(_ child: pid_t) -> Int32? {
    kill(-child, SIGKILL)
    kill(child, SIGKILL)
    for _ in 0..<400 {
      if let status = reap(child) { return status }
      usleep(500)
    }
    stragglers.withLock {
      $0.append(child)
      hasStragglers.store(true, ordering: .relaxed)
    }
    return nil
  }

  /// Of a process that something else reaped, as where SIGCHLD is ignored: gone, and nobody knows how.
  private static let unknownStatus: Int32 = -1

  /// The status of a process that has ended, which is gone after this; nil while it runs.
  private static func reap(_ child: pid_t) -> Int32? {
    var status: Int32 = 0
    while true {
      let reaped = unsafe waitpid(child, &status, WNOHANG)
      if reaped == child { return status }
      if reaped == 0 { return nil }
      if errno != EINTR { return unknownStatus }
    }
  }

  private static func reapStragglers() {
    guard hasStragglers.load(ordering: .relaxed) else { return }
    stragglers.withLock { waiting in
      waiting.removeAll { reap($0) != nil }
      hasStragglers.store(!waiting.isEmpty, ordering: .relaxed)
    }
  }

  /// As WIFSIGNALED, WTERMSIG and WEXITSTATUS read it, macros that Swift does not see.
  private static func outcome(_ status: Int32) -> Outcome {
    if status == unknownStatus { return .exited(status: nil) }
    let signal = status & 0x7f
    return signal == 0 ? .exited(status: status >> 8 & 0xff) : .signalled(signal)
  }
}

/// `No such file or directory` for ENOENT.
func errorText(_ code: Int32) -> String {
  guard let text = unsafe ccuda_error_description(code) else { return "error \(code)" }
  return unsafe String(cString: text)
}

/// `SIGSEGV` for 11.
func signalName(_ signal: Int32) -> String {
  guard let name = unsafe ccuda_signal_abbreviation(signal) else { return "signal \(signal)" }
  return unsafe "SIG" + String(cString: name)
}
