import LanguageServerProtocol

/// The requests that wait for their answer. Whoever takes a request out answers it, so that each is
/// answered exactly once, however many would like to.
final class Pending: Sendable {
  /// One asking. A client may use an id again once it is answered; tickets are never used again.
  struct Ticket: Sendable, Equatable {
    var id: RequestID
    fileprivate var number: Int
  }

  private struct State {
    var count = 0
    var entries: [RequestID: Entry] = [:]
  }

  private struct Entry {
    var number: Int
    /// The document whose edits make the answer worthless.
    var path: String?
  }

  private let state = Lock(State())

  /// Absent where a request with this id waits already.
  func add(_ id: RequestID, readsPath path: String?) -> Ticket? {
    state.withLock { state in
      if state.entries[id] != nil { return nil }
      state.count += 1
      state.entries[id] = Entry(number: state.count, path: path)
      return Ticket(id: id, number: state.count)
    }
  }

  /// Whether the caller is the one to answer.
  func take(_ ticket: Ticket) -> Bool {
    state.withLock { state in
      guard state.entries[ticket.id]?.number == ticket.number else { return false }
      state.entries[ticket.id] = nil
      return true
    }
  }

  /// The same for whoever knows the id only.
  func take(_ id: RequestID) -> Bool {
    state.withLock { $0.entries.removeValue(forKey: id) != nil }
  }

  func isWaiting(_ ticket: Ticket) -> Bool {
    state.withLock { $0.entries[ticket.id]?.number == ticket.number }
  }

  func contains(_ id: RequestID) -> Bool {
    state.withLock { $0.entries[id] != nil }
  }

  var isEmpty: Bool { state.withLock { $0.entries.isEmpty } }

  /// The requests that read a document which has just changed.
  func takeReaders(of path: String) -> [RequestID] {
    state.withLock { state in
      let ids = state.entries.filter { $0.value.path == path }.map(\.key)
      for id in ids { state.entries[id] = nil }
      return ids
    }
  }
}
