import Glibc
import LanguageServerProtocol
import NeuralDevices

/// What the executable gives the server.
public struct ServerHooks: Sendable {
  /// The program's version, for `initialize`.
  public var version: String
  /// Finds out what can be computed on here; may take seconds.
  public var probeDevices: @Sendable () -> DeviceReport
  /// What is compiled in, as files that an editor can open.
  public var library: Library

  public init(
    version: String, library: Library = Library(),
    probeDevices: @escaping @Sendable () -> DeviceReport
  ) {
    self.version = version
    self.library = library
    self.probeDevices = probeDevices
  }
}

/// The language server on a pair of file descriptors.
///
/// One thread reads messages, one owns the session and applies changes in order, one writes; the
/// rest run requests on snapshots.
public struct Server: Sendable {
  public var service: any LanguageService
  public var hooks: ServerHooks
  /// How often it is asked whether the client's process is still there.
  public var parentInterval = 1000
  /// How long, after `exit` or the end of input, answers are waited for, in milliseconds.
  public var patience = 2000
  /// What is told of every message.
  public var recording: Recording?
  /// How many bytes may wait for a client that does not read.
  public var outputLimit = 512 << 20

  public init(service: any LanguageService, hooks: ServerHooks) {
    self.service = service
    self.hooks = hooks
  }

  /// Serves until the client is done. The exit status of the process: 0 after `shutdown`, else 1.
  public func run(input: Descriptor, output: Descriptor) -> Int32 {
    run(input: input, output: output) {}
  }

  /// Serves one client of many until it is done, and closes the connection.
  func run(connection: Descriptor) {
    let isRead = Queue<Void>()
    _ = run(input: connection, output: connection) { isRead.close() }
    // Wakes the thread that reads, whose descriptor may not be another one suddenly.
    shutdown(connection.number, Int32(SHUT_RDWR))
    _ = isRead.pop()
    close(connection.number)
  }

  private func run(
    input: Descriptor, output: Descriptor, whenRead: @escaping @Sendable () -> Void
  ) -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    let inbox = Queue<Event>()
    let outbox = Outbox(output, limit: outputLimit, recording: recording) {
      inbox.push(.lost($0))
    }
    startThread { [recording] in
      Self.read(from: input, into: inbox, recording)
      whenRead()
    }
    let finished = Queue<Int32>()
    // Not on this thread: its stack is what the caller's environment made it.
    startThread { finished.push(serve(inbox, outbox)) }
    return finished.pop() ?? 1
  }

  private func serve(_ inbox: Queue<Event>, _ outbox: Outbox) -> Int32 {
    var session = Session(
      service: service, hooks: hooks, client: Client(outbox: outbox), inbox: inbox)
    var status: Int32?
    while status == nil {
      switch inbox.popAll(milliseconds: wait(session)) {
      case .elements(let events): for event in events { session.handle(event) }
      case .timeout:
        if session.parent?.isAlive == false {
          Descriptor.log("The client's process is gone.")
          session.phase = .ended(status: 1)
        }
      case .closed: session.phase = .ended(status: 1)
      }
      session.publishDiagnostics()
      session.showWork()
      if case .ended(let code) = session.phase { status = code }
    }
    // What was asked before the end is still answered, within reason.
    let deadline = ContinuousClock.now + .milliseconds(patience)
    while !session.isIdle, ContinuousClock.now < deadline {
      if case .elements(let events) = inbox.popAll(milliseconds: 5) {
        for event in events { session.handle(event) }
        session.publishDiagnostics()
      }
    }
    inbox.close()
    session.pool.close()
    session.background.close()
    outbox.close(milliseconds: self.patience)
    return status ?? 1
  }

  /// How long nothing has to be done where nothing comes, in milliseconds.
  private func wait(_ session: Session) -> Int? {
    let parent = session.parent == nil ? nil : parentInterval
    guard let deadline = session.nextDeadline else { return parent }
    let left = (deadline - .now) / .milliseconds(1)
    let milliseconds = max(Int(left.rounded(.up)), 0)
    return min(milliseconds, parent ?? .max)
  }

  private static func read(
    from input: Descriptor, into inbox: Queue<Event>, _ recording: Recording?
  ) {
    var reader = FrameReader()
    while true {
      let bytes = input.read(upTo: 1 << 16)
      if bytes.isEmpty {
        if reader.isInsideMessage { Descriptor.log("The input ends inside a message.") }
        return inbox.push(.endOfInput)
      }
      reader.append(bytes)
      while let frame = reader.next() {
        switch frame {
        case .problem(let problem):
          inbox.push(.malformed(.init(id: nil, error: ResponseError(.parseError, problem))))
        case .message(let bytes):
          recording?.add(bytes, from: .client)
          // Nothing may follow it, and whoever waits for the stream's end waits in vain.
          if receive(bytes, into: inbox) == .exit { return }
        }
      }
    }
  }

  private enum Next { case message, exit }

  private static func receive(_ bytes: [UInt8], into inbox: Queue<Event>) -> Next {
    let json: JSON
    do throws(JSONSyntaxError) {
      json = try JSON(parsing: bytes)
    } catch {
      inbox.push(
        .malformed(.init(id: nil, error: ResponseError(.parseError, error.description))))
      return .message
    }
    // JSON-RPC's batches are no part of the protocol, but each message in one is clear enough.
    if case .array(let batch) = json, !batch.isEmpty {
      return batch.reduce(.message) { next, json in
        receive(json, into: inbox) == .exit ? .exit : next
      }
    }
    return receive(json, into: inbox)
  }

  private static func receive(_ json: JSON, into inbox: Queue<Event>) -> Next {
    do throws(Message.Malformed) {
      let message = try Message(json: json)
      inbox.push(.message(message))
      if case .notification("exit", _) = message { return .exit }
    } catch {
      inbox.push(.malformed(error))
    }
    return .message
  }
}
