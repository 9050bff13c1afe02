import Glibc
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// What is compiled into the program, as read-only files that an editor can open: the pages of the
/// diagnostics and the declarations of the catalogue. Each version has a folder of its own.
public struct Library: Sendable {
  /// Absent where there is no place to write to: then nothing is linked.
  public var folder: String?
  /// The pages of the diagnostics by their code.
  public var pages: [(name: String, text: String)]

  /// `folder` is made when something is first needed of it.
  public init(folder: String? = nil, pages: [(name: String, text: String)] = []) {
    self.folder = folder.map(ImportPath.normalized)
    self.pages = pages
  }

  /// Where the files of a version are kept: in the user's folder for what can be made again.
  public static func folder(version: String) -> String? {
    func variable(_ name: String) -> String? {
      guard let value = unsafe getenv(name) else { return nil }
      let text = unsafe String(cString: value)
      return text.hasPrefix("/") ? text : nil
    }
    let caches = variable("XDG_CACHE_HOME") ?? variable("HOME").map { $0 + "/.cache" }
    return caches.map { $0 + "/neural-lsp/library-\(version)" }
  }

  /// The URI of the page of a finding, whether or not it is written yet.
  func page(of code: DiagnosticCode) -> String? {
    guard let folder, pages.contains(where: { $0.name == code.rawValue }) else { return nil }
    return DocumentURI.uri(ofPath: "\(folder)/diagnostics/\(code.rawValue).md")
  }

  /// Writes the pages that are not there.
  func writePages() {
    guard let folder else { return }
    for page in pages {
      write(Array(page.text.utf8), to: "\(folder)/diagnostics/\(page.name).md")
    }
  }

  /// The path of a file of the catalogue, which is there now; absent where it cannot be.
  func declarations(_ index: Int) -> (path: String, tree: SyntaxTree)? {
    let files = Catalogue.builtin.files
    guard let folder, files.indices.contains(index) else { return nil }
    let path = "\(folder)/layers/\(files[index].name)"
    return write(files[index].tree.text, to: path) ? (path, files[index].tree) : nil
  }

  /// Whether a file is one of these, which are not the user's to mend.
  func contains(_ path: String) -> Bool {
    folder.map { path.hasPrefix($0 + "/") } ?? false
  }

  @discardableResult
  private func write(_ bytes: [UInt8], to path: String) -> Bool {
    if StoredFile.read(path) == bytes { return true }
    StoredFile.makeFolder(ImportPath.folder(of: path))
    guard StoredFile.write(bytes, to: path) == nil else { return false }
    return unsafe chmod(path, 0o444) == 0
  }
}
