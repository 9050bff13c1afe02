import Glibc

/// The process that started the server. When it dies without a word the server must not stay.
struct Parent: Sendable {
  private var identifier: pid_t

  /// Absent for a process that cannot be seen: the client may live in a container of its own.
  init?(_ identifier: Int) {
    guard let identifier = pid_t(exactly: identifier), identifier > 1,
      Self.exists(identifier)
    else { return nil }
    self.identifier = identifier
  }

  var isAlive: Bool { Self.exists(identifier) }

  private static func exists(_ identifier: pid_t) -> Bool {
    kill(identifier, 0) == 0 || errno != ESRCH
  }
}
