/// The difference of two texts as `diff -u` writes it.
enum UnifiedDiff {
  private static let context = 3

  private struct Line {
    /// ` `, `-` or `+`.
    var mark: Character
    var text: Substring
  }

  /// Empty where the texts are equal.
  static func text(
    from old: [UInt8], to new: [UInt8], path: String, new label: String = "generated"
  ) -> String {
    let lines = compare(split(old), split(new))
    var text = ""
    // Line numbers from 1 of the next line on each side.
    var (oldNumber, newNumber) = (1, 1)
    var index = 0
    while index < lines.count {
      guard let first = lines[index...].firstIndex(where: { $0.mark != " " }) else { break }
      let start = max(index, first - context)
      oldNumber += start - index
      newNumber += start - index
      var end = first
      var lastChange = first
      while end < lines.count, end - lastChange <= 2 * context {
        if lines[end].mark != " " { lastChange = end }
        end += 1
      }
      end = min(lines.count, lastChange + context + 1)
      let hunk = lines[start..<end]
      let (oldCount, newCount) = (hunk.count { $0.mark != "+" }, hunk.count { $0.mark != "-" })
      text += "@@ -\(place(oldNumber, oldCount)) +\(place(newNumber, newCount)) @@\n"
      for line in hunk {
        text += "\(line.mark)\(line.text)"
        if !line.text.hasSuffix("\n") { text += "\n\\ No newline at end of file\n" }
      }
      oldNumber += oldCount
      newNumber += newCount
      index = end
    }
    return text.isEmpty ? "" : "--- \(path)\n+++ \(path) (\(label))\n" + text
  }

  private static func place(_ number: Int, _ count: Int) -> String {
    // An empty side is named by the line before it.
    count == 1 ? "\(number)" : "\(count == 0 ? number - 1 : number),\(count)"
  }

  /// Lines with their ends.
  private static func split(_ bytes: [UInt8]) -> [Substring] {
    let text = String(decoding: bytes, as: UTF8.self)
    var lines: [Substring] = []
    var start = text.startIndex
    while let end = text.utf8[start...].firstIndex(of: 0x0A) {
      let next = text.utf8.index(after: end)
      lines.append(text[start..<next])
      start = next
    }
    if start < text.endIndex { lines.append(text[start...]) }
    return lines
  }

  private static func compare(_ old: [Substring], _ new: [Substring]) -> [Line] {
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var lines: [Line] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if left < old.count, removed.contains(left) {
        lines.append(Line(mark: "-", text: old[left]))
        left += 1
      } else if right < new.count, inserted.contains(right) {
        lines.append(Line(mark: "+", text: new[right]))
        right += 1
      } else if left < old.count {
        lines.append(Line(mark: " ", text: old[left]))
        left += 1
        right += 1
      } else {
        break
      }
    }
    return lines
  }
}
