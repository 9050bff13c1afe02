import LanguageServerProtocol
import NeuralThreads
import Synchronization

/// Something that is being worked on. What takes longer than people wait without wondering is shown
/// by the client, if it can.
final class Work: Sendable {
  /// How long is short, in milliseconds.
  static let patience = 300

  private enum Stage {
    case quiet
    /// The client was asked for a place to show it.
    case announced
    case shown
    case finished
  }

  private struct State {
    var stage = Stage.quiet
    var message: String?
  }

  let title: String
  let started = ContinuousClock.now
  /// The request that it answers, if it does.
  let request: RequestID?
  /// Under what the client hears of it.
  let token: JSON
  private let isTokenOfClient: Bool
  private let client: Client
  private let state = Lock(State())
  private let hasEnough = Atomic(false)

  /// `token` is the client's own, where it has given one with the request.
  init(_ title: String, request: RequestID? = nil, token: JSON? = nil, client: Client) {
    self.title = title
    self.request = request
    self.client = client
    isTokenOfClient = token != nil
    self.token = token ?? client.newToken()
  }

  var isQuiet: Bool { state.withLock { $0.stage == .quiet } }
  var isFinished: Bool { state.withLock { $0.stage == .finished } }

  /// When it is to be shown.
  var deadline: ContinuousClock.Instant { started + .milliseconds(Work.patience) }

  /// It takes long. `asks` is whether the client makes places to show progress when it is asked.
  func announce(asks: Bool) {
    let isNew = state.withLock { state in
      guard state.stage == .quiet else { return false }
      state.stage = .announced
      return true
    }
    if !isNew { return }
    if isTokenOfClient { return show() }
    guard asks else { return }
    client.request("window/workDoneProgress/create", ["token": token]) { [self] _, answer in
      if case .success = answer { show() }
    }
  }

  private func show() {
    state.withLock { state in
      guard state.stage == .announced else { return }
      state.stage = .shown
      var value: JSONObject = [
        "kind": "begin", "title": .string(title), "cancellable": true,
      ]
      value.append("message", state.message.map(JSON.string))
      send(value)
    }
  }

  /// How far it is, in words.
  func report(_ message: String) {
    state.withLock { state in
      state.message = message
      if state.stage == .shown { send(["kind": "report", "message": .string(message)]) }
    }
  }

  /// Nothing is said of it any more.
  func finish() {
    state.withLock { state in
      if state.stage == .shown { send(["kind": "end"]) }
      state.stage = .finished
    }
  }

  /// The user wants no more of it: what answers no request looks here now and then.
  func cancel() { hasEnough.store(true, ordering: .relaxed) }

  var isCancelled: Bool { hasEnough.load(ordering: .relaxed) }

  private func send(_ value: JSONObject) {
    client.notify("$/progress", ["token": token, "value": .object(value)])
  }
}

extension Session {
  /// When something that is being done has to be shown.
  var nextDeadline: ContinuousClock.Instant? {
    works.lazy.filter(\.isQuiet).map(\.deadline).min()
  }

  /// Shows what has taken long by now and forgets what is done.
  mutating func showWork() {
    works.removeAll(where: \.isFinished)
    let now = ContinuousClock.now
    for work in works where work.isQuiet && work.deadline <= now {
      work.announce(asks: capabilities.showsProgress)
    }
  }

  /// The user has had enough of something that is shown.
  mutating func cancelWork(_ params: LSP.ProgressParams) {
    guard let work = works.first(where: { $0.token == params.token }) else { return }
    work.cancel()
    if let id = work.request { cancel(id) }
  }

  /// Does something that answers no request, on the thread for what may take long.
  mutating func runInBackground(_ title: String, _ body: @escaping @Sendable (Work) -> Void) {
    let work = Work(title, client: client)
    works.append(work)
    background.run {
      body(work)
      work.finish()
    }
  }
}
