import LanguageServerProtocol

/// The other end: what it can do, and how it is told and asked things, from any thread.
struct Client: Sendable {
  let outbox: Outbox
  private let asked = Asked()

  init(outbox: Outbox) { self.outbox = outbox }

  typealias Answer = Result<JSON, ResponseError>

  /// What happens on an answer, on the thread that owns the session.
  typealias Continuation = @Sendable (inout Session, Answer) -> Void

  func notify(_ method: String, _ params: JSON) {
    outbox.send(.notification(method: method, params: params))
  }

  /// Asks for something; `then` runs when the answer comes.
  func request(
    _ method: String, _ params: JSON, then: @escaping Continuation = { _, _ in }
  ) {
    let id = asked.add(then)
    outbox.send(.request(id, method: method, params: params))
  }

  func answer(_ id: RequestID?, _ result: Answer) {
    outbox.send(.response(id, result))
  }

  /// A name for progress, never used before.
  func newToken() -> JSON { .string("neural-work-\(asked.count())") }

  /// What waits for this answer; nothing does for an answer to nobody.
  func continuation(of id: RequestID?) -> Continuation? {
    id.flatMap(asked.take)
  }

  func show(_ type: LSP.MessageType, _ message: String) {
    notify("window/showMessage", LSP.ShowMessageParams(type: type, message: message).json)
  }

  func log(_ type: LSP.MessageType, _ message: String) {
    notify("window/logMessage", LSP.ShowMessageParams(type: type, message: message).json)
  }
}

/// The requests to the client that wait for their answer.
private final class Asked: Sendable {
  private struct State {
    var count = 0
    var waiting: [RequestID: Client.Continuation] = [:]
  }

  private let state = Lock(State())

  func add(_ then: @escaping Client.Continuation) -> RequestID {
    state.withLock { state in
      state.count += 1
      let id = RequestID.string("neural-\(state.count)")
      state.waiting[id] = then
      return id
    }
  }

  /// A number that was never used before.
  func count() -> Int {
    state.withLock { state in
      state.count += 1
      return state.count
    }
  }

  func take(_ id: RequestID) -> Client.Continuation? {
    state.withLock { $0.waiting.removeValue(forKey: id) }
  }
}
