import NeuralModel
import NeuralSyntax

/// The findings of files that are not open, kept until something changes that they depend on.
final class ClosedFiles: Sendable {
  private struct Kept {
    var diagnostics: [Diagnostic]
    /// The paths of the files that it imports, one through the other.
    var imports: Set<String>
    /// It and the imported ones, as they were on the disk.
    var stamps: [String: StoredFile.Stamp?]
  }

  private struct State {
    var revision = 0
    var kept: [String: Kept] = [:]
  }

  private let state = Lock(State())

  /// Counts the changes of open documents.
  var revision: Int { state.withLock { $0.revision } }

  /// What is known of files that import `path` counts no longer, nor what is being found out.
  func forget(importersOf path: String) {
    state.withLock { state in
      state.revision += 1
      for (other, kept) in state.kept where other == path || kept.imports.contains(path) {
        state.kept[other] = nil
      }
    }
  }

  /// The findings of a file: the kept ones, where neither it nor what it imports has changed since.
  /// What is found out anew is kept if no open document has changed since `revision`.
  func diagnostics(
    _ path: String, revision: Int,
    _ find: () -> (diagnostics: [Diagnostic], imports: Set<String>)?
  ) -> [Diagnostic] {
    if let kept = state.withLock({ $0.kept[path] }),
      kept.stamps.allSatisfy({ StoredFile.stamp($0.key) == $0.value })
    {
      return kept.diagnostics
    }
    let before = StoredFile.stamp(path)
    guard let (diagnostics, imports) = find() else { return [] }
    var stamps: [String: StoredFile.Stamp?] = [path: before]
    for other in imports { stamps[other] = StoredFile.stamp(other) }
    let kept = Kept(diagnostics: diagnostics, imports: imports, stamps: stamps)
    state.withLock { state in
      if state.revision == revision { state.kept[path] = kept }
    }
    return diagnostics
  }
}

/// The source files in the folders of a session. Folders are read again after a while, for clients
/// that do not tell what changes on the disk.
final class FolderListing: Sendable {
  private struct State {
    var folders: [String] = []
    var paths: [String] = []
    var read: ContinuousClock.Instant?
  }

  private let state = Lock(State())
  private static let lifetime = Duration.seconds(2)

  func setFolders(_ folders: [String]) {
    state.withLock { state in
      // One inside another is read with it.
      state.folders = folders.filter { folder in
        !folders.contains { $0 != folder && folder.hasPrefix($0 + "/") }
      }
      state.read = nil
    }
  }

  func forget() { state.withLock { $0.read = nil } }

  var paths: [String] {
    state.withLock { state in
      if let read = state.read, read + FolderListing.lifetime > .now { return state.paths }
      state.paths = state.folders.flatMap { StoredFile.allSources(in: $0) }
      state.read = .now
      return state.paths
    }
  }
}
