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
    /// How many have been taken out and not answered yet.
    var answering = 0
  }

  private struct Entry {
    var number: Int
    /// The document whose edits make the answer worthless.
    var path: String?
    var work: Work
  }

  private let state = Lock(State())

  /// Absent where a request with this id waits already.
  func add(_ id: RequestID, readsPath path: String?, _ work: Work) -> Ticket? {
    state.withLock { state in
      if state.entries[id] != nil { return nil }
      state.count += 1
      state.entries[id] = Entry(number: state.count, path: path, work: work)
      return Ticket(id: id, number: state.count)
    }
  }

  /// Has `answer` answer, if the caller is the one to do so. What was shown of the work ends before.
  func take(_ ticket: Ticket, answer: () -> Void) {
    let entry = state.withLock { state -> Entry? in
      guard state.entries[ticket.id]?.number == ticket.number else { return nil }
      state.answering += 1
      return state.entries.removeValue(forKey: ticket.id)
    }
    guard let entry else { return }
    entry.work.finish()
    answer()
    state.withLock { $0.answering -= 1 }
  }

  /// Whether the caller, who knows the id only, is the one to answer.
  func take(_ id: RequestID) -> Bool {
    let entry = state.withLock { $0.entries.removeValue(forKey: id) }
    entry?.work.finish()
    return entry != nil
  }

  func isWaiting(_ ticket: Ticket) -> Bool {
    state.withLock { $0.entries[ticket.id]?.number == ticket.number }
  }

  func contains(_ id: RequestID) -> Bool {
    state.withLock { $0.entries[id] != nil }
  }

  /// Whether everything is answered.
  var isEmpty: Bool { state.withLock { $0.entries.isEmpty && $0.answering == 0 } }

  /// The requests that read a document which has just changed.
  func takeReaders(of path: String) -> [RequestID] {
    let taken = state.withLock { state in
      let taken = state.entries.filter { $0.value.path == path }
      for id in taken.keys { state.entries[id] = nil }
      return taken
    }
    for entry in taken.values { entry.work.finish() }
    return Array(taken.keys)
  }
}
