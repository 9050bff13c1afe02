import Glibc
import NeuralModel
import NeuralServer

/// The files that a call names.
enum SourcePaths {
  /// Folders become the files in them, in order; everything else stays as it is given.
  static func expand(_ operands: [String]) throws(UsageError) -> [String] {
    var paths: [String] = []
    for operand in operands {
      if operand == "-" {
        paths.append(operand)
        continue
      }
      guard let kind = kind(of: operand, followingLinks: true) else { throw unreadable(operand) }
      if kind == .folder {
        try collect(operand, into: &paths)
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
    guard let kind = kind(of: path, followingLinks: true) else {
      return UsageError("\(path): there is no such file or folder.")
    }
    return UsageError(
      kind == .folder ? "\(path) is a folder; name a file." : "\(path) cannot be read.")
  }

  private enum Kind { case file, folder }

  private static func kind(of path: String, followingLinks: Bool) -> Kind? {
    var status = stat()
    let result = unsafe followingLinks ? stat(path, &status) : lstat(path, &status)
    guard result == 0 else { return nil }
    return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
  }

  /// Links to folders are not followed, so that there is no way round in a circle.
  private static func collect(_ folder: String, into paths: inout [String]) throws(UsageError) {
    var waiting = [folder]
    var found: [String] = []
    while let folder = waiting.popLast() {
      guard let stream = unsafe opendir(folder) else {
        throw UsageError("\(folder) cannot be read.")
      }
      defer { unsafe closedir(stream) }
      while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        // Hidden folders hold what tools keep there, not sources.
        if name.hasPrefix(".") { continue }
        let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
        if kind(of: path, followingLinks: false) == .folder {
          waiting.append(path)
        } else if StoredFile.sourceExtensions.contains(where: name.hasSuffix) {
          found.append(path)
        }
      }
    }
    paths += found.sorted()
  }
}
