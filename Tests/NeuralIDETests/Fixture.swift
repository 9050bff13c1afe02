import Foundation
import NeuralIDE
import NeuralModel
import Testing

/// A text with a cursor, written `$0`, and marks: a comment line of `^^^` speaks of the line above
/// it, `# ^^^ what is expected`.
struct Fixture {
  var text: [UInt8]
  /// The byte of each `$0`.
  var cursors: [Int] = []
  var marks: [(range: Range<Int>, text: String)] = []

  init(_ source: String) {
    var bytes: [UInt8] = []
    var lineStart = 0
    var previous = 0
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      let carets = trimmed.dropFirst().drop { $0 == " " }
      if trimmed.hasPrefix("#"), carets.hasPrefix("^") {
        let column = line.utf8.distance(from: line.startIndex, to: carets.startIndex)
        let count = carets.prefix { $0 == "^" }.count
        marks.append(
          (
            previous + column..<previous + column + count,
            String(carets.dropFirst(count).drop { $0 == " " })
          ))
        continue
      }
      previous = lineStart
      var rest = Array(line.utf8)
      while let place = rest.indices.first(where: { rest[$0...].starts(with: "$0".utf8) }) {
        cursors.append(lineStart + place)
        rest.removeSubrange(place..<place + 2)
      }
      previous = lineStart
      bytes += rest + [0x0A]
      lineStart = bytes.count
    }
    text = bytes
  }

  var snapshot: EditorSnapshot {
    EditorSnapshot(
      Analysis(Document(id: FileID(rawValue: 0), path: "/w/a.neural", text: text)))
  }

  func string(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }
}
