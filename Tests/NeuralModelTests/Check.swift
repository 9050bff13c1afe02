import Foundation
import NeuralSyntax
import Testing

@testable import NeuralModel

/// A mark of Tests/Mistakes/README.md.
private struct Mark {
  var line: Int
  /// Bytes of the marked line; `nil` for `?` and `$`.
  var columns: Range<Int>?
  var isOpenEnded: Bool
  /// The next line of source, for `?`.
  var nextLine: Int?
  var code: String
  var text: String
  var fixes: [String] = []

  func isIn(_ message: String) -> Bool { text.isEmpty || message.contains(text) }
}

/// Checks a text in which `#   ^^^^ code: text` marks every finding, and that nothing else is found.
@discardableResult
func check(
  _ text: String, path: String = "test.neural", imports: any ImportSource = NoImports(),
  id: FileID = FileID(rawValue: 0), at location: Testing.SourceLocation = #_sourceLocation
) -> Analysis {
  let analysis = analyse(text, path: path, imports: imports, id: id)
  let tree = analysis.document.tree
  var (marks, related) = read(text)
  func place(_ range: Range<Int>) -> (line: Int, columns: Range<Int>) {
    let start = tree.position(at: range.lowerBound, in: .utf8)
    let end = tree.position(at: range.upperBound, in: .utf8)
    return (start.line, start.column..<(end.line == start.line ? end.column : start.column))
  }
  for diagnostic in analysis.diagnostics {
    let found = place(diagnostic.range)
    let index = marks.firstIndex { mark in
      guard mark.code == diagnostic.code.rawValue, mark.isIn(diagnostic.message) else {
        return false
      }
      if let columns = mark.columns { return (mark.line, columns) == found }
      return found.line >= mark.line
        && (mark.isOpenEnded || found.line <= mark.nextLine ?? found.line)
    }
    guard let index else {
      Issue.record(
        """
        not marked: line \(found.line + 1), columns \(found.columns): \
        \(diagnostic.code.rawValue): \(diagnostic.message)
        """, sourceLocation: location)
      continue
    }
    let mark = marks.remove(at: index)
    for other in diagnostic.related where other.file == analysis.document.id {
      let there = place(other.range)
      related.removeAll {
        $0.line == there.line && $0.columns == there.columns && $0.isIn(other.message)
      }
    }
    for wanted in mark.fixes {
      checkFix(diagnostic, text, wanted, location) {
        analyse($0, path: path, imports: imports, id: id)
      }
    }
  }
  for mark in marks {
    Issue.record(
      "not found: line \(mark.line + 1): \(mark.code): \(mark.text)", sourceLocation: location)
  }
  for mark in related {
    Issue.record("no related place on line \(mark.line + 1)", sourceLocation: location)
  }
  return analysis
}

func analyse(
  _ text: String, path: String = "test.neural", imports: any ImportSource = NoImports(),
  id: FileID = FileID(rawValue: 0)
) -> Analysis {
  Analysis(Document(id: id, path: path, text: Array(text.utf8)), imports: imports)
}

/// Files that exist for one test only, or on the disk.
struct Files: ImportSource {
  private var documents: [String: Document] = [:]

  init(_ texts: KeyValuePairs<String, String>) {
    for (index, (path, text)) in texts.enumerated() {
      documents[path] = Document(
        id: FileID(rawValue: Int32(index)), path: path, text: Array(text.utf8))
    }
  }

  /// All source files of a folder, under their names, numbered from 1.
  init(folder: URL) throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path()).sorted()
    for (index, name) in names.enumerated() where name.hasSuffix(".neural") {
      let text = try Data(contentsOf: folder.appending(path: name))
      documents[name] = Document(
        id: FileID(rawValue: Int32(index + 1)), path: name, text: Array(text))
    }
  }

  func document(at path: String) -> Document? { documents[path] }

  func files(near path: String) -> [String] {
    documents.keys.filter { ImportPath.folder(of: $0) == ImportPath.folder(of: path) }.sorted()
  }

  /// Checks each file against its marks.
  func check(at location: Testing.SourceLocation = #_sourceLocation) {
    for document in documents.values.sorted(by: { $0.id < $1.id }) {
      NeuralModelTests.check(
        String(decoding: document.tree.text, as: UTF8.self), path: document.path, imports: self,
        id: document.id, at: location)
    }
  }
}

/// The first fix makes `wanted` appear, and its finding and no other is gone.
private func checkFix(
  _ diagnostic: Diagnostic, _ text: String, _ wanted: String,
  _ location: Testing.SourceLocation, _ analyse: (String) -> Analysis
) {
  guard let fix = diagnostic.fixes.first else {
    Issue.record("no fix for \(diagnostic.message)", sourceLocation: location)
    return
  }
  var bytes = Array(text.utf8)
  for edit in fix.edits.filter({ $0.file == diagnostic.file }).sorted(by: {
    $0.range.lowerBound > $1.range.lowerBound
  }) {
    bytes.replaceSubrange(edit.range, with: edit.text.utf8)
  }
  let fixed = String(decoding: bytes, as: UTF8.self)
  func count(_ text: String) -> Int {
    text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
      .joined(separator: "\n").components(separatedBy: wanted).count
  }
  if count(fixed) <= count(text) {
    Issue.record("the fix gives\n\(fixed)", sourceLocation: location)
  }
  let before = analyse(text).diagnostics.map(\.code.rawValue).sorted()
  var expected = before
  if let index = expected.firstIndex(of: diagnostic.code.rawValue) { expected.remove(at: index) }
  let after = analyse(fixed).diagnostics
  if after.map(\.code.rawValue).sorted() != expected {
    Issue.record(
      "after the fix: \(after.map { "\($0.code.rawValue): \($0.message)" })",
      sourceLocation: location)
  }
}

private func read(_ text: String) -> (marks: [Mark], related: [Mark]) {
  var marks: [Mark] = []
  var related: [Mark] = []
  var source = 0
  for (number, line) in text.components(separatedBy: "\n").enumerated() {
    guard let mark = Mark(line, source) else {
      let comment = line.drop { $0 == " " }
      if comment.hasPrefix("#"), comment.dropFirst().drop(while: { $0 == " " }).hasPrefix("fix:") {
        let wanted = comment.components(separatedBy: "fix:").dropFirst().joined(separator: "fix:")
        marks[marks.count - 1].fixes.append(wanted.trimmingCharacters(in: .whitespaces))
        continue
      }
      source = number
      for index in marks.indices where marks[index].nextLine == nil {
        marks[index].nextLine = number
      }
      continue
    }
    if mark.code == "related" { related.append(mark) } else { marks.append(mark) }
  }
  return (marks, related)
}

extension Mark {
  /// Reads `#   ^^^^ code: text`, `# ? code` or `# $ code`; `nil` for any other line.
  init?(_ line: String, _ source: Int) {
    let bytes = Array(line.utf8)
    guard let hash = bytes.firstIndex(where: { $0 != 0x20 }), bytes[hash] == 0x23,
      let start = bytes[(hash + 1)...].firstIndex(where: { $0 != 0x20 }),
      let sign = "^?$".utf8.first(where: { $0 == bytes[start] })
    else { return nil }
    let end = bytes[start...].firstIndex { $0 != sign } ?? bytes.count
    let rest = String(decoding: bytes[end...], as: UTF8.self).trimmingCharacters(in: .whitespaces)
    let parts = rest.components(separatedBy: ": ")
    self.line = source
    columns = sign == UInt8(ascii: "^") ? start..<end : nil
    isOpenEnded = sign == UInt8(ascii: "$")
    code = parts[0]
    text = parts.dropFirst().joined(separator: ": ")
  }
}

// MARK: Graphs

/// `path shape` of every node of the only network in a file without findings.
func rows(
  _ text: String, at location: Testing.SourceLocation = #_sourceLocation
) -> [String] {
  let analysis = analyse(text)
  for diagnostic in analysis.diagnostics {
    Issue.record(
      "\(diagnostic.code.rawValue): \(diagnostic.message)", sourceLocation: location)
  }
  guard let graph = analysis.networks.last else { return [] }
  return graph.nodes.map { node in
    let shapes = node.outputs.map { graph.type(of: $0)?.description ?? "?" }
    return "\(node.path) \(shapes.joined(separator: " "))"
  }
}

/// A network with these statements between its first and its last line.
func network(_ statements: String, input: String = "(8)") -> String {
  "network Test {\n  input: \(input)\n  layers:\n\(statements)\n}\n"
}

@Test(arguments: ["Mistakes", "OldForms"])
func markedFiles(folder: String) throws {
  let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let files = try FileManager.default.contentsOfDirectory(
    at: tests.appending(path: folder), includingPropertiesForKeys: nil
  ).filter { $0.pathExtension == "neural" }
  #expect(files.count >= 10)
  let imports = try Files(folder: tests.appending(path: folder))
  for file in files {
    check(
      try String(contentsOf: file, encoding: .utf8), path: file.lastPathComponent, imports: imports)
  }
}
