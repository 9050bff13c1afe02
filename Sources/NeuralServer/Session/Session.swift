import LanguageServerProtocol
import NeuralModel

/// What reaches the thread that owns the session, in order.
enum Event: Sendable {
  case message(Message)
  /// Something that is no message, and how to answer it.
  case malformed(Message.Malformed)
  /// The client's end of the stream.
  case endOfInput
  /// Nothing can be written any more.
  case lost(String)
  /// The outcome of work elsewhere, brought back to the session.
  case perform(@Sendable (inout Session) -> Void)
}

/// The state of one connection. One thread owns it; everyone else gets a `View`.
struct Session: Sendable {
  enum Phase: Sendable, Equatable {
    case uninitialized
    case running
    case shutDown
    /// The process ends with this status once what was asked before is answered.
    case ended(status: Int32)
  }

  var phase = Phase.uninitialized
  let client: Client
  let hooks: ServerHooks
  let devices: Devices
  let inbox: Queue<Event>
  let pool: Pool
  let background: Pool
  let pending = Pending()
  let tokenResults = TokenResults()

  var service: any LanguageService
  /// The open documents by path.
  var documents: [String: OpenDocument] = [:]
  var encoding = LSP.PositionEncoding.utf16
  var capabilities = LSP.ClientCapabilities()
  var settings = Settings()
  /// The paths of the folders that the client has open.
  var folders: [String] = []
  /// What is being worked on, for the client to be told of what takes long.
  var works: [Work] = []
  var trace = Trace.off
  /// The process whose end is this one's.
  var parent: Parent?
  var publishing = Publishing()

  init(service: any LanguageService, hooks: ServerHooks, client: Client, inbox: Queue<Event>) {
    self.service = service
    self.hooks = hooks
    self.client = client
    self.inbox = inbox
    devices = Devices(
      probe: hooks.probeDevices,
      arrived: { inbox.push(.perform { $0.recheck() }) })
    pool = Pool(threads: 2)
    background = Pool(threads: 1)
  }

  var view: View {
    View(
      snapshot: service.snapshot(), documents: documents, encoding: encoding,
      capabilities: capabilities, settings: settings, folders: folders, devices: devices,
      tokenResults: tokenResults, library: hooks.library)
  }

  mutating func handle(_ event: Event) {
    if case .ended = phase {
      // What other threads bring back is still of use; what the client sends is not.
      if case .perform(let work) = event { work(&self) }
      return
    }
    switch event {
    case .message(.request(let id, let method, let params)):
      tell("request", method, params)
      receiveRequest(id, method, params)
    case .message(.notification(let method, let params)):
      tell("notification", method, params)
      receiveNotification(method, params)
    case .message(.response(let id, let answer)):
      client.continuation(of: id)?(&self, answer)
    case .malformed(let malformed):
      client.answer(malformed.id, .failure(malformed.error))
    case .endOfInput:
      phase = .ended(status: phase == .shutDown ? 0 : 1)
    case .lost(let reason):
      Descriptor.log(reason)
      phase = .ended(status: 1)
    case .perform(let work):
      work(&self)
    }
  }

  /// Nothing that was asked or edited waits for an answer, and nothing is half done.
  var isIdle: Bool {
    pending.isEmpty && !publishing.isBusy && works.allSatisfy(\.isFinished)
  }
}

// MARK: - Requests and notifications

extension Session {
  private mutating func receiveRequest(_ id: RequestID, _ method: String, _ params: JSON) {
    func refuse(_ code: ResponseError.Code, _ message: String) {
      client.answer(id, .failure(ResponseError(code, message)))
    }
    switch phase {
    case .uninitialized where method != "initialize":
      return refuse(.serverNotInitialized, "The first request is initialize, not \(method).")
    case .running where method == "initialize":
      return refuse(.invalidRequest, "The server is initialized already.")
    case .shutDown, .ended:
      return refuse(.invalidRequest, "The server is shut down; only exit may follow.")
    default: break
    }
    guard let request = Dispatch.requests[method], service.features.isSuperset(of: request.needs)
    else { return refuse(.methodNotFound, "There is no method \(method).") }
    if pending.contains(id) {
      return refuse(.invalidRequest, "A request with the same id waits for its answer.")
    }
    do throws(ResponseError) {
      switch request.execution {
      case .inOrder(let run):
        client.answer(id, .success(try run(&self, params)))
      case .snapshot(let decode):
        let job = try decode(params)
        start(
          job, id, work(method, id, params), on: pool, readsPath: DocumentURI.path(of: job.uri))
      case .background(let decode):
        start(try decode(params), id, work(method, id, params), on: background, readsPath: nil)
      }
    } catch {
      client.answer(id, .failure(error))
    }
  }

  private func work(_ method: String, _ id: RequestID, _ params: JSON) -> Work {
    Work(Dispatch.title(of: method), request: id, token: params["workDoneToken"], client: client)
  }

  private mutating func start(
    _ job: Dispatch.Job, _ id: RequestID, _ work: Work, on pool: Pool, readsPath path: String?
  ) {
    guard let ticket = pending.add(id, readsPath: path, work) else { return }
    works.append(work)
    let (view, client, pending) = (view, client, pending)
    pool.run {
      // Cancelled while it waited for a thread.
      guard pending.isWaiting(ticket) else { return }
      let answer: Client.Answer
      do throws(ResponseError) {
        answer = .success(
          try job.run(
            Dispatch.Context(view: view, client: client, work: work) {
              !pending.isWaiting(ticket)
            }))
      } catch {
        answer = .failure(error)
      }
      pending.take(ticket) { client.answer(id, answer) }
    }
  }

  private mutating func receiveNotification(_ method: String, _ params: JSON) {
    if method == "exit" {
      phase = .ended(status: phase == .shutDown ? 0 : 1)
      return
    }
    // Unknown ones may be ignored, and nothing may be answered.
    guard phase == .running, let notification = Dispatch.notifications[method] else { return }
    do throws(FieldError) {
      try notification(&self, params)
    } catch {
      Descriptor.log("\(method) is ignored: \(error)")
    }
  }

  func cancel(_ id: RequestID) {
    if pending.take(id) {
      client.answer(id, .failure(ResponseError(.requestCancelled, "Cancelled.")))
    }
  }

  /// Answers what reads an older version of a document that has changed.
  func refuseReaders(of path: String) {
    for id in pending.takeReaders(of: path) {
      client.answer(
        id, .failure(ResponseError(.contentModified, "The document has changed since.")))
    }
  }
}
