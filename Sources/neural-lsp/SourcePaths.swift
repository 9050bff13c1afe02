import Glibc
import NeuralModel
import NeuralServer

/// The files that a call names.
enum SourcePaths {
  /// Folders become the files in them that their `neural.json` does not leave out, in order;
  /// everything else stays as it is given.
  static func expand(
    _ operands: [String], _ projects: ProjectFiles = ProjectFiles()
  ) throws(UsageError) -> [String] {
    var paths: [String] = []
    for operand in operands {
      if operand == "-" {
        paths.append(operand)
        continue
      }
      guard let kind = kind(of: operand) else { throw unreadable(operand) }
      if kind == .folder {
        var found: [String] = []
        try collect(operand, into: &found)
        paths += found.filter { path in
          guard let absolute = ProjectFiles.absolute(path) else { return true }
          return !(projects.project(for: absolute)?.excludes(absolute) ?? false)
        }
      } else {
        paths.append(operand)
      }
    }
    // A path that is named twice is one file.
    var seen: Set<String> = []
    return paths.filter { seen.insert($0).inserted }
  }

  /// The bytes of a file, or of standard input for `-`.
  static func read(_ path: String) -> [UInt8]? {
    path == "-" ? Descriptor.standardInput.readToEnd() : StoredFile.read(path)
  }

  /// A file as it was given, or standard input for `-`.
  static func document(_ path: String, _ sources: SourceFiles) -> Document? {
    if path != "-" { return sources.document(at: path) }
    return read(path).map { Document(id: sources.id(of: path), path: path, text: $0) }
  }

  static func unreadable(_ path: String) -> UsageError {
    guard let kind = kind(of: path) else {
      return UsageError("\(path): there is no such file or folder.")
    }
    return UsageError(
      kind == .folder ? "\(path) is a folder; name a file." : "\(path) cannot be read.")
  }

  private enum Kind { case file, folder }

  private static func kind(of path: String) -> Kind? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }

  private static func collect(_ folder: String, into paths: inout [String]) throws(UsageError) {
    var unreadable: String?
    paths += StoredFile.allSources(in: folder) { unreadable = unreadable ?? $0 }
    if let unreadable { throw UsageError("\(unreadable) cannot be read.") }
  }
}
