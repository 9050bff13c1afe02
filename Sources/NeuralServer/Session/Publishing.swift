import LanguageServerProtocol
import NeuralModel
import Synchronization

/// Which documents' findings are to be published.
///
/// One check runs at a time. Edits that arrive meanwhile are checked together when it is done, so
/// that fast typing neither piles up checks nor puts off the first one.
struct Publishing: Sendable {
  struct Published: Sendable, Equatable {
    var version: Int
    var diagnostics: [Diagnostic]
  }

  /// The documents with a version that nothing was published for.
  private var changed: [String] = []
  private var isChanged: Set<String> = []
  private(set) var othersMayDiffer = false
  var isRunning = false
  var published: [String: Published] = [:]
  /// Counts changes, for a check to see that it is out of date.
  let changes = Counter()

  final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    func increment() { value.wrappingAdd(1, ordering: .relaxed) }
    var current: Int { value.load(ordering: .relaxed) }
  }

  var isBusy: Bool { isRunning || !changed.isEmpty || othersMayDiffer }

  mutating func mark(_ path: String) {
    changes.increment()
    if isChanged.insert(path).inserted { changed.append(path) }
    othersMayDiffer = true
  }

  /// Something changed that open documents may import.
  mutating func markOthers() {
    changes.increment()
    othersMayDiffer = true
  }

  mutating func forget(_ path: String) {
    if isChanged.remove(path) != nil { changed.removeAll { $0 == path } }
    published[path] = nil
  }

  mutating func takeChanged() -> [String] {
    defer {
      changed = []
      isChanged = []
      othersMayDiffer = false
    }
    return changed
  }
}

extension Session {
  /// Called when all messages that were there are handled: checks what they changed.
  mutating func publishDiagnostics() {
    guard publishing.isBusy, !publishing.isRunning else { return }
    let changed = publishing.takeChanged()
    // A client that pulls asks for what it wants.
    if capabilities.pullsDiagnostics { return }
    publishing.isRunning = true
    let (view, inbox, published) = (view, inbox, publishing.published)
    let (changes, start) = (publishing.changes, publishing.changes.current)
    let work = Work("Checking", client: client)
    works.append(work)
    pool.run {
      func check(_ path: String, unlike last: [Diagnostic]? = nil) {
        guard let document = view.documents[path] else { return }
        let diagnostics = view.diagnostics(path)
        if diagnostics == last { return }
        let converted = view.convert(diagnostics, in: path)
        let result = Publishing.Published(version: document.version, diagnostics: diagnostics)
        inbox.push(.perform { $0.publish(path, result, converted) })
      }
      for path in changed where !work.isCancelled { check(path) }
      let isDone = Set(changed)
      for path in view.documents.keys where !isDone.contains(path) {
        // The next check looks at them again.
        if changes.current != start || work.isCancelled { break }
        check(path, unlike: published[path]?.diagnostics)
      }
      work.finish()
      inbox.push(.perform { $0.publishing.isRunning = false })
    }
  }

  private mutating func publish(
    _ path: String, _ result: Publishing.Published, _ diagnostics: [LSP.Diagnostic]
  ) {
    // Closed meanwhile: nothing may follow the empty list that closing published.
    guard let document = documents[path] else { return }
    publishing.published[path] = result
    client.outbox.publish(
      LSP.PublishDiagnosticsParams(
        uri: document.uri, version: result.version, diagnostics: diagnostics))
  }
}
