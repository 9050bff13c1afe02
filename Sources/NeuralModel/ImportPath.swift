/// Paths of imported files: relative to the file that imports them, whatever the spelling.
public enum ImportPath {
  /// The path of the file that `path` means in an import of `file`; `nil` where that has no place
  /// from which it could be found (`untitled:`), or nothing is named.
  public static func resolve(_ path: String, from file: String) -> String? {
    if path.isEmpty || path.contains("\0") { return nil }
    if path.hasPrefix("/") { return normalized(path) }
    if file.hasPrefix("untitled:") { return nil }
    return normalized(folder(of: file) + path)
  }

  /// The folder of a file, with its slash; empty for one that is named without a folder.
  public static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(path[...slash])
  }

  /// The name of a file without its folder.
  public static func name(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.index(after: slash)...])
  }

  /// One spelling for each path: no `.`, no `..` after a folder, no slash twice.
  public static func normalized(_ path: String) -> String {
    if path.hasPrefix("untitled:") { return path }
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." {
        parts.removeLast()
      } else if part != ".." || !path.hasPrefix("/") {
        parts.append(part)
      }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// How `file` would be named in an import of `other`: without the folders that they share.
  public static func relative(_ file: String, to other: String) -> String {
    let target = normalized(file).split(separator: "/")
    let base = normalized(folder(of: other)).split(separator: "/")
    guard file.hasPrefix("/") == other.hasPrefix("/") else { return file }
    var shared = 0
    while shared < min(base.count, target.count - 1), base[shared] == target[shared] { shared += 1 }
    if base[shared...].contains("..") { return file }
    let up = base[shared...].map { _ in Substring("..") }
    return (up + target[shared...]).joined(separator: "/")
  }
}

/// Where an analysis finds the files that imports name. Paths are those of `ImportPath.resolve`.
public protocol ImportSource: Sendable {
  /// The file of this path at its newest version, always under the same number.
  func document(at path: String) -> Document?

  /// The paths of the source files that are near it, for what a missing one was meant to be.
  func files(near path: String) -> [String]
}

/// For texts that stand alone: no import finds a file.
public struct NoImports: ImportSource {
  public init() {}

  public func document(at path: String) -> Document? { nil }

  public func files(near path: String) -> [String] { [] }
}
