import Foundation
import Testing

@testable import NeuralSyntax

/// A file of Tests/Broken, whose README explains its marks.
struct BrokenFile: Sendable, CustomTestStringConvertible {
  var name: String
  /// The text without the marks.
  var text: String
  /// `line:columns code: message`
  var errors: [String] = []
  /// A line of the mended text for each error that has a fix, by its place in `errors`.
  var fixes: [Int: String] = [:]
  var reads: [String] = []

  var testDescription: String { name }

  init(_ marked: String, name: String) {
    self.name = name
    var lines: [String] = []
    var isReading = false
    for line in marked.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line == "# reads:" { isReading = true }
      if isReading {
        if line.hasPrefix("#   ") { reads.append(String(line.dropFirst(4))) }
      } else if let mark = BrokenFile.mark(line, of: lines.count - 1) {
        errors.append(mark)
      } else if line.hasPrefix("# fix:") {
        fixes[errors.count - 1] = line.dropFirst(6).trimmingCharacters(in: .whitespaces)
      } else {
        lines.append(line)
      }
    }
    text = lines.joined(separator: "\n")
  }

  /// `#   ^^^^ code: message`, `#   | code: message`, `# 0-4 code: message`
  private static func mark(_ line: String, of number: Int) -> String? {
    let bytes = Array(line.utf8)
    guard bytes.first == 0x23, let sign = bytes.dropFirst().firstIndex(where: { $0 != 0x20 }) else {
      return nil
    }
    var end = sign
    let columns: String
    switch bytes[sign] {
    case UInt8(ascii: "^"):
      while end < bytes.count, bytes[end] == bytes[sign] { end += 1 }
      columns = "\(sign)-\(end)"
    case UInt8(ascii: "|"):
      end += 1
      columns = "\(sign)-\(sign)"
    case UInt8(ascii: "0"):
      while end < bytes.count, bytes[end] != 0x20 { end += 1 }
      columns = String(decoding: bytes[sign..<end], as: UTF8.self)
    default: return nil
    }
    return "\(number):\(columns)" + String(decoding: bytes[end...], as: UTF8.self)
  }

  /// An error as its mark; one that goes on below ends with its line.
  static func mark(_ error: SyntaxError, in tree: SyntaxTree) -> String {
    let range = tree.range(of: error.range)
    let start = tree.position(at: range.lowerBound, in: .utf8)
    var end = tree.position(at: range.upperBound, in: .utf8)
    if end.line != start.line {
      let next = tree.offset(of: TextPosition(line: start.line + 1, column: 0), in: .utf8)
      end = tree.position(at: next - 1, in: .utf8)
    }
    return "\(start.line):\(start.column)-\(end.column) \(error.code.rawValue): \(error.message)"
  }

  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Broken")

  static let all: [BrokenFile] = {
    let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "neural" }
      .sorted { $0.path < $1.path }.compactMap { file in
        (try? String(contentsOf: file, encoding: .utf8)).map {
          BrokenFile($0, name: String(file.path.dropFirst(folder.path.count + 1)))
        }
      }
  }()
}

@Suite struct BrokenFileTests {
  @Test func thereAreMany() { #expect(BrokenFile.all.count >= 300) }

  @Test(arguments: BrokenFile.all) func file(_ broken: BrokenFile) {
    let tree = check(broken.text)
    let errors = tree.errors
    #expect(errors.map { BrokenFile.mark($0, in: tree) } == broken.errors)
    #expect(Dump.file(tree.sourceFile).split(separator: "\n").map(String.init) == broken.reads)
    for (index, error) in errors.enumerated() {
      #expect((error.fix != nil) == (broken.fixes[index] != nil), "fix of \(error.message)")
      guard let fix = error.fix, let wanted = broken.fixes[index] else { continue }
      let bytes = Array(broken.text.utf8)
      let range = tree.range(of: fix.range)
      let mended = bytes[..<range.lowerBound] + Array(fix.text.utf8) + bytes[range.upperBound...]
      let lines = String(decoding: mended, as: UTF8.self).components(separatedBy: "\n")
      #expect(lines.contains { $0.trimmingCharacters(in: .whitespaces) == wanted })
      let left = check(Array(mended)).errors
      #expect(left.count == errors.count - 1, "after the fix: \(left.map(\.message))")
    }
  }
}
