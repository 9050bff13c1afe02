import Glibc
import NeuralDevices
import NeuralIDE

/// Files on the disk.
public enum StoredFile {
  /// All bytes of a file; absent where it cannot be read.
  public static func read(_ path: String) -> [UInt8]? {
    let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    defer { Glibc.close(number) }
    // A folder opens too, but gives no bytes.
    var status = stat()
    guard unsafe fstat(number, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return nil }
    return Descriptor(number).readToEnd(expecting: Int(status.st_size))
  }

  /// What changes when a file's contents do.
  struct Stamp: Equatable, Sendable {
    var size: Int
    var seconds: Int
    var nanoseconds: Int
    var number: UInt
  }

  /// Absent where there is no file, or a folder.
  static func stamp(_ path: String) -> Stamp? {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return nil }
    return Stamp(
      size: Int(status.st_size), seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec, number: UInt(status.st_ino))
  }

  /// How the names of source files end.
  public static let sourceExtensions = [".neural", ".nr", ".rnr"]

  /// The paths of the source files in a folder (the current one for an empty path), in order.
  static func sources(in folder: String) -> [String] {
    guard let stream = unsafe opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { unsafe closedir(stream) }
    var found: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if sourceExtensions.contains(where: name.hasSuffix) { found.append(folder + name) }
    }
    return found.sorted()
  }

  /// The source files in a folder and the folders in it, by name and in order. Hidden ones are left
  /// out.
  static func contents(ofFolder folder: String) -> FolderContents {
    let folder = folder.isEmpty ? "./" : folder
    guard let stream = unsafe opendir(folder) else { return FolderContents() }
    defer { unsafe closedir(stream) }
    var contents = FolderContents()
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix(".") { continue }
      var status = stat()
      let isFolder =
        unsafe stat(folder + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      if isFolder {
        contents.folders.append(name)
      } else if sourceExtensions.contains(where: name.hasSuffix) {
        contents.files.append(name)
      }
    }
    return FolderContents(files: contents.files.sorted(), folders: contents.folders.sorted())
  }

  /// The paths of the source files in a folder and the folders in it, in order. Hidden folders hold
  /// what tools keep there, and links to folders are not followed, so that there is no way round in
  /// a circle. `unreadable` is told of folders that cannot be read.
  public static func allSources(
    in root: String, unreadable: (String) -> Void = { _ in }
  ) -> [String] {
    var waiting = [root]
    var found: [String] = []
    while let folder = waiting.popLast() {
      guard let stream = unsafe opendir(folder) else {
        unreadable(folder)
        continue
      }
      defer { unsafe closedir(stream) }
      while let entry = unsafe readdir(stream) {
        let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name.hasPrefix(".") { continue }
        let path = folder.hasSuffix("/") ? folder + name : folder + "/" + name
        let type = Int(unsafe entry.pointee.d_type)
        if type == Int(DT_DIR) || type == Int(DT_UNKNOWN) && isFolder(path) {
          waiting.append(path)
        } else if sourceExtensions.contains(where: name.hasSuffix) {
          found.append(path)
        }
      }
    }
    return found.sorted()
  }

  /// A link to a folder is none.
  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// This program's folder in one of the user's, which a variable names, or else by its place in
  /// their home (the XDG Base Directory Specification; what is not absolute does not count).
  static func userFolder(_ variable: String, orInHome path: String) -> String? {
    func folder(_ name: String) -> String? {
      environmentValue(name).flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    return (folder(variable) ?? folder("HOME").map { "\($0)/\(path)" }).map { "\($0)/neural-lsp" }
  }

  /// Makes a folder and those that it is in.
  public static func makeFolder(_ path: String) {
    if path.isEmpty || exists(path) { return }
    var made = ""
    for part in path.split(separator: "/") {
      made += (path.hasPrefix("/") || !made.isEmpty ? "/" : "") + part
      _ = unsafe mkdir(made, 0o777)
    }
  }

  /// Whether something has this path, readable or not.
  public static func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  /// Replaces a file as a whole, so that nobody sees half of it. What went wrong, if anything.
  public static func write(_ bytes: [UInt8], to path: String) -> String? {
    write(bytes, to: path, mode: nil)
  }

  /// Why a file cannot be written.
  public struct WriteFailure: Error, Sendable {
    public var reason: String
  }

  /// A new file, or an old one emptied, that only its owner can read.
  static func create(_ path: String) -> Result<Descriptor, WriteFailure> {
    let number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    return number < 0 ? .failure(WriteFailure(reason: reason())) : .success(Descriptor(number))
  }

  /// Replaces what is in a file that is there, as a whole: it keeps its permissions, and a link to it
  /// stays one. What went wrong, if anything.
  public static func rewrite(_ bytes: [UInt8], at path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return reason() }
    let target = unsafe String(cString: resolved)
    unsafe free(resolved)
    var status = stat()
    guard unsafe stat(target, &status) == 0, unsafe access(target, W_OK) == 0 else {
      return reason()
    }
    return write(bytes, to: target, mode: status.st_mode & 0o7777)
  }

  private static func write(_ bytes: [UInt8], to path: String, mode: mode_t?) -> String? {
    let temporary = path + ".\(getpid()).tmp"
    let number = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard number >= 0 else { return reason() }
    let isWritten =
      Descriptor(number).write(bytes) && (mode.map { fchmod(number, $0) == 0 } ?? true)
    let problem = isWritten ? nil : reason()
    let isClosed = Glibc.close(number) == 0
    if isWritten, isClosed, unsafe rename(temporary, path) == 0 { return nil }
    let late = problem ?? reason()
    _ = unsafe unlink(temporary)
    return late
  }

  /// What the last system call failed of.
  public static func reason() -> String { unsafe String(cString: strerror(errno)) }
}

extension Descriptor {
  /// All bytes up to the end.
  public func readToEnd(expecting size: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(max(size, 0), 1 << 30))
    while true {
      let piece = read(upTo: min(max(size - bytes.count + 1, 1 << 16), 1 << 24))
      if piece.isEmpty { return bytes }
      bytes += piece
    }
  }
}
