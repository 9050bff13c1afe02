import Glibc
import NeuralModel

/// The files `neural.json`, found upwards from the files that they are for. What is found is kept
/// until something says that it may have changed: checking an edit reads no disk.
public final class ProjectFiles: Sendable {
  /// A `neural.json`.
  public struct Project: Sendable {
    public var path: String
    public var text: [UInt8]
    public var settings: ProjectSettings
    public var problems: [ProjectSettings.Problem]

    init(_ path: String, _ text: [UInt8]) {
      self.path = path
      self.text = text
      problems = []
      settings = ProjectSettings(parsing: text, problems: &problems)
    }

    var folder: String { ImportPath.folder(of: path) }

    /// Whether a file is to be left alone.
    public func excludes(_ file: String) -> Bool {
      guard file.hasPrefix(folder) else { return false }
      let path = String(file.dropFirst(folder.count))
      return settings.exclude.contains { $0.matches(path) }
    }

    /// Where a generated file belongs.
    public func place(generated path: String) -> String {
      guard let output = settings.output else { return path }
      let target = output.hasPrefix("/") ? output : folder + output
      return ImportPath.normalized(target + "/" + ImportPath.name(of: path))
    }
  }

  private struct State {
    /// Those that the client has open, by their paths.
    var open: [String: Project] = [:]
    /// By folder, with its slash; what has none remembers that.
    var found: [String: Project?] = [:]
  }

  private let state = Lock(State())

  public init() {}

  /// The text of a `neural.json` in an editor, or its end there.
  func setOpen(_ path: String, _ text: [UInt8]?) {
    let project = text.map { Project(path, $0) }
    state.withLock { state in
      state.open[path] = project
      state.found = [:]
    }
  }

  func open(_ path: String) -> Project? { state.withLock { $0.open[path] } }

  /// The disk may have changed.
  func forget() { state.withLock { $0.found = [:] } }

  /// The `neural.json` for a file: of its folder, or of the next one around it that has one.
  public func project(for file: String) -> Project? {
    guard let path = Self.absolute(file) else { return nil }
    return state.withLock { state in find(ImportPath.folder(of: path), &state) }
  }

  private func find(_ folder: String, _ state: inout State) -> Project? {
    if let known = state.found[folder] { return known }
    let path = folder + ProjectSettings.fileName
    var project = state.open[path] ?? StoredFile.read(path).map { Project(path, $0) }
    if project == nil, folder.utf8.count > 1 {
      project = find(ImportPath.folder(of: String(folder.dropLast())), &state)
    }
    state.found[folder] = .some(project)
    return project
  }

  /// From the root; absent for a text without a file.
  public static func absolute(_ path: String) -> String? {
    if path.hasPrefix("/") { return ImportPath.normalized(path) }
    if path.hasPrefix("untitled:") { return nil }
    guard let current = unsafe getcwd(nil, 0) else { return nil }
    defer { unsafe free(current) }
    return ImportPath.normalized(unsafe String(cString: current) + "/" + path)
  }
}
