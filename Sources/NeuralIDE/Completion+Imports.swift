import NeuralModel
import NeuralSyntax

/// What a folder holds that can be imported, by name.
public struct FolderContents: Sendable, Equatable {
  public var files: [String]
  public var folders: [String]

  public init(files: [String] = [], folders: [String] = []) {
    self.files = files
    self.folders = folders
  }
}

// Files and what is in them.
extension Completion {
  /// The files and folders that the path could go on with.
  mutating func importPaths() {
    let path = snapshot.analysis.document.path
    var written = ""
    var hasSlash = false
    if context.isInString, let typed = context.typed {
      // What stands before the cursor; a folder further on is another part of the path.
      let start = typed.range.lowerBound + 1
      let text = snapshot.tree.text(in: start..<max(start, offset))
      let name = text.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
      written = String(decoding: text[..<name], as: UTF8.self)
      let end = context.replaceRange.upperBound
      let rest = snapshot.tree.text(in: offset..<max(offset, end))
      let next = rest.firstIndex(of: UInt8(ascii: "/")).map { offset + $0 }
      pathRange = start + name..<(next ?? end)
      hasSlash = next != nil
    }
    let folder =
      written.isEmpty ? ImportPath.folder(of: path) : ImportPath.resolve(written, from: path)
    guard let folder, !path.hasPrefix("untitled:") || written.hasPrefix("/") else { return }
    let contents = folders(folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/")
    let own = ImportPath.normalized(path)
    for file in contents.files where ImportPath.resolve(written + file, from: path) != own {
      add(part: file, .file, insert: file + context.closesString, rank: .wanted)
    }
    // Out of the folder, as long as nothing leads into another one.
    let leadsOut =
      !written.hasPrefix("/") && written.split(separator: "/").allSatisfy { $0 == ".." }
    for folder in contents.folders + (leadsOut ? [".."] : []) {
      add(
        part: folder + "/", .folder, insert: hasSlash ? folder : folder + "/",
        rank: folder == ".." ? .common : .fitting)
    }
  }

  /// A part of a path: inside the quotes, or with quotes of its own.
  private mutating func add(
    part: String, _ kind: CompletionItem.Kind, insert: String, rank: Rank
  ) {
    if context.isInString {
      add(part, kind, insert: insert, rank: rank)
    } else if kind == .folder {
      // The cursor stays inside, where the path goes on.
      add("\"\(part)\"", kind, insert: "\"\(part)$0\"", isSnippet: true, rank: rank)
    } else {
      add("\"\(part)\"", kind, rank: rank)
    }
  }

  /// What the file declares that the import names.
  mutating func importedNames() {
    let document = snapshot.analysis.document
    let here = document.source.declarations.lazy.compactMap { declaration in
      if case .import(let found) = declaration { found } else { nil }
    }.first { snapshot.range($0.range).contains(max(offset - 1, 0)) }
    guard let here, let path = ImportPath.resolve(here.path, from: document.path),
      let target = snapshot.analysis.imported.values.first(where: {
        ImportPath.normalized($0.path) == path
      })
    else { return }
    let typed = context.typed?.range
    let given = here.names.filter { snapshot.range($0.range) != typed }.map(\.text)
    for declaration in target.source.declarations {
      guard let (name, kind) = declaration.symbol, kind != .research, !given.contains(name.text)
      else { continue }
      add(
        name.text, kind == .network ? .network : kind == .definition ? .definition : .layer,
        rank: .wanted)
    }
  }
}
