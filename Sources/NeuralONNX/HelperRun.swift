import Glibc

/// A process that reads what it is given, answers and ends.
enum HelperRun {
  /// More than a helper says of any model.
  private static let limit = 1 << 28

  /// Runs a program on an input. Its standard error goes nowhere; it is ended when its time is spent.
  /// - Returns: what it wrote, and in words how it ended.
  static func run(
    _ executable: String, input: [UInt8], timeout: Duration
  ) -> (output: [UInt8], ending: String) {
    // A file and no pipe: nobody waits for the other to read, and nothing breaks where it does not.
    guard let given = temporaryFile(input) else { return ([], "its input was not written") }
    defer { close(given) }
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return ([], reason()) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let started = start(executable, input: given, output: ends[1])
    close(ends[1])
    guard let child = started else { return ([], "it did not start: \(reason())") }
    let deadline = ContinuousClock.now + timeout
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    var isLate = false
    while output.count < limit {
      let left = deadline - ContinuousClock.now
      guard left > .zero else {
        isLate = true
        break
      }
      let milliseconds =
        left.components.seconds * 1000 + left.components.attoseconds
        / 1_000_000_000_000_000 + 1
      var entry = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
      let ready = unsafe poll(&entry, 1, Int32(clamping: milliseconds))
      if ready == 0 || (ready < 0 && errno == EINTR) { continue }
      let count = unsafe piece.withUnsafeMutableBytes {
        unsafe read(ends[0], $0.baseAddress, $0.count)
      }
      if count <= 0 { break }
      output += piece[..<count]
    }
    // Whoever still writes would wait for a reader.
    if isLate || output.count >= limit { kill(child, SIGKILL) }
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7f
    if isLate { return (output, "it took longer than \(timeout)") }
    return (
      output,
      signal == 0 ? "it ended with status \(status >> 8 & 0xff)" : "signal \(signal) ended it"
    )
  }

  private static func start(_ executable: String, input: Int32, output: Int32) -> pid_t? {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
    unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup(executable), nil]
    // A crash is expected here; Swift's backtrace of it would take seconds.
    var environment: [UnsafeMutablePointer<CChar>?] = unsafe [
      strdup("SWIFT_BACKTRACE=enable=no"), nil,
    ]
    defer {
      unsafe free(arguments[0])
      unsafe free(environment[0])
    }
    var child: pid_t = 0
    let code = unsafe posix_spawn(&child, executable, &actions, nil, &arguments, &environment)
    if code != 0 { errno = code }
    return code == 0 ? child : nil
  }

  /// A file without a name that holds bytes, to be read from its start.
  private static func temporaryFile(_ bytes: [UInt8]) -> Int32? {
    var path = Array("/tmp/neural-onnx-XXXXXX".utf8CString)
    let number = unsafe mkstemp(&path)
    guard number >= 0 else { return nil }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    unsafe unlink(path)
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(number, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 {
        close(number)
        return nil
      }
      rest = rest.dropFirst(count)
    }
    guard lseek(number, 0, SEEK_SET) == 0 else {
      close(number)
      return nil
    }
    return number
  }

  private static func reason() -> String { unsafe String(cString: strerror(errno)) }
}
