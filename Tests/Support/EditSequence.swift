import NeuralSyntax

/// The bytes of `range` become `text`.
public struct Edit: Equatable, Sendable {
  public var range: Range<Int>
  public var text: [UInt8]

  public init(_ range: Range<Int>, _ text: [UInt8]) {
    self.range = range
    self.text = text
  }
}

/// A text and what is done to it.
public struct EditSequence: Equatable, Sendable {
  public var text: [UInt8]
  public var edits: [Edit]
  public var chunkSize: Int

  public init(_ text: [UInt8], _ edits: [Edit], chunkSize: Int) {
    self.text = text
    self.edits = edits
    self.chunkSize = chunkSize
  }

  /// The text after the first `count` edits.
  public func text(after count: Int) -> [UInt8] {
    var text = text
    for edit in edits.prefix(count) {
      text.replaceSubrange(edit.range.clamped(to: 0..<text.count), with: edit.text)
    }
    return text
  }

  /// Edits the tree of the text; what first differs from a text read from its start, if anything.
  public func difference() -> String? {
    var tree = SyntaxTree.parse(text, chunkSize: chunkSize)
    var text = text
    if let difference = TreeDifference.between(tree, text) { return "unedited: \(difference)" }
    for (number, edit) in edits.enumerated() {
      tree = tree.replacing(edit.range, with: edit.text)
      text.replaceSubrange(edit.range.clamped(to: 0..<text.count), with: edit.text)
      if let difference = TreeDifference.between(tree, text) {
        return "after edit \(number): \(difference)"
      }
    }
    return nil
  }

  /// A sequence that still differs, as short as taking things away makes it.
  public func minimized() -> EditSequence {
    var best = self
    // Start as late as possible.
    for count in stride(from: edits.count - 1, through: 0, by: -1) {
      let later = EditSequence(
        text(after: count), Array(edits[count...]), chunkSize: chunkSize)
      if later.difference() != nil {
        best = later
        break
      }
    }
    var size = max(best.text.count / 2, 1)
    while true {
      var start = 0
      var hasShrunk = false
      while start < best.text.count {
        let removed = start..<min(start + size, best.text.count)
        if let smaller = best.without(removed), smaller.difference() != nil {
          best = smaller
          hasShrunk = true
        } else {
          start += size
        }
      }
      if size == 1, !hasShrunk { return best }
      size = max(size / 2, 1)
    }
  }

  /// The sequence without a part of the text, where only one edit is made and not in that part.
  private func without(_ removed: Range<Int>) -> EditSequence? {
    guard edits.count == 1, let edit = edits.first else { return nil }
    var text = text
    text.removeSubrange(removed)
    if removed.upperBound <= edit.range.lowerBound {
      let range =
        edit.range.lowerBound - removed.count..<edit.range.upperBound - removed.count
      return EditSequence(text, [Edit(range, edit.text)], chunkSize: chunkSize)
    }
    guard removed.lowerBound >= edit.range.upperBound else { return nil }
    return EditSequence(text, edits, chunkSize: chunkSize)
  }
}

// MARK: - As a file

extension EditSequence: CustomStringConvertible {
  /// `chunk 16`, `text …` and a line `edit 3 5 …` for each edit, bytes escaped.
  public var description: String {
    "chunk \(chunkSize)\ntext \(EditSequence.escape(text))\n"
      + edits.map {
        "edit \($0.range.lowerBound) \($0.range.upperBound) \(EditSequence.escape($0.text))\n"
      }.joined()
  }

  /// Absent where the text is no such file.
  public init?(_ file: String) {
    self.init([], [], chunkSize: SyntaxTree.usualChunkSize)
    for line in file.split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)
      switch fields[0] {
      case "chunk" where fields.count == 2: chunkSize = Int(fields[1]) ?? chunkSize
      case "text": text = EditSequence.unescape(line.dropFirst(5))
      case "edit":
        guard fields.count == 4, let low = Int(fields[1]), let high = Int(fields[2]), low <= high
        else { return nil }
        edits.append(Edit(low..<high, EditSequence.unescape(fields[3])))
      default: return nil
      }
    }
  }

  private static func escape(_ bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes {
      switch byte {
      case 0x0A: text += "\\n"
      case 0x5C: text += "\\\\"
      case 0x20..<0x7F: text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return text
  }

  private static func unescape(_ text: some StringProtocol) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == 0x5C, let kind = rest.popFirst() else {
        bytes.append(byte)
        continue
      }
      switch kind {
      case 0x6E: bytes.append(0x0A)
      case 0x78:
        bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
        rest = rest.dropFirst(2)
      default: bytes.append(kind)
      }
    }
    return bytes
  }
}
