import NeuralModel
import NeuralThreads

/// The numbers of files, and what is read of them from the disk. One for all snapshots of a service
/// and for all files of a call.
public final class SourceFiles: ImportSource, Sendable {
  private struct State: Sendable {
    /// As they were given first; a file's number is its place.
    var paths: [String] = []
    var numbers: [String: FileID] = [:]
    var stored: [FileID: Stored] = [:]
  }

  /// A file as it was read, and by what a change on the disk is noticed.
  private struct Stored: Sendable {
    var document: Document
    var stamp: StoredFile.Stamp
  }

  private let state = Lock(State())

  public init() {}

  /// The number of a path, whatever its spelling.
  public func id(of path: String) -> FileID {
    let key = ImportPath.normalized(path)
    return state.withLock { state in
      if let known = state.numbers[key] { return known }
      let id = FileID(rawValue: Int32(clamping: state.paths.count))
      state.numbers[key] = id
      state.paths.append(path)
      return id
    }
  }

  public func path(of file: FileID) -> String? {
    state.withLock { state in
      state.paths.indices.contains(Int(file.rawValue)) ? state.paths[Int(file.rawValue)] : nil
    }
  }

  public func document(at path: String) -> Document? {
    let id = id(of: path)
    guard let path = self.path(of: id), let stamp = StoredFile.stamp(path) else { return nil }
    let known = state.withLock { $0.stored[id] }
    if let known, known.stamp == stamp { return known.document }
    guard let text = StoredFile.read(path) else { return nil }
    let document = Document(id: id, path: path, text: text)
    state.withLock { $0.stored[id] = Stored(document: document, stamp: stamp) }
    return document
  }

  /// What was read before, whether or not it changed since.
  func known(_ path: String) -> Document? {
    let id = id(of: path)
    return state.withLock { $0.stored[id]?.document }
  }

  public func files(near path: String) -> [String] {
    StoredFile.sources(in: ImportPath.folder(of: path))
  }
}
