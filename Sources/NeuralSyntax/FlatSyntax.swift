/// The nodes of a tree in one array, parents before their children: for walks over all of it.
struct FlatSyntax {
  struct Entry {
    var kind: SyntaxKind
    /// How many nodes it stands in.
    var depth: UInt16
    /// Bytes of the text; a node reaches from its first token to the end of its last one.
    var start: Int
    var end: Int
    /// The entry after everything that stands in this one.
    var next: Int
  }

  let text: [UInt8]
  private(set) var entries: [Entry] = []

  init(_ tree: SyntaxTree) {
    text = tree.text
    entries.reserveCapacity(text.count / 4 + 1)
    entries.append(Entry(kind: .sourceFile, depth: 0, start: 0, end: text.count, next: 0))
    var open: [(entry: Int, end: Int)] = []
    var position = 0
    var last = 0
    tree.chunks.forEach { entry in
      let chunk = entry.chunk
      for (index, node) in chunk.nodes.enumerated() {
        while let inner = open.last, inner.end <= index {
          open.removeLast()
          close(inner.entry, at: last)
        }
        if node.kind == .close {
          if let outer = open.popLast() { close(outer.entry, at: last) }
          continue
        }
        let start = position + node.offset
        let end = node.kind.isToken ? start + Int(node.extent) : start
        let depth = UInt16(clamping: open.count + 1)
        entries.append(
          Entry(kind: node.kind, depth: depth, start: start, end: end, next: entries.count + 1))
        if node.kind.isToken {
          last = end
        } else {
          open.append(
            (entries.count - 1, node.isOpen ? .max : index + 1 + Int(node.extent)))
        }
      }
      while let inner = open.last, inner.end < .max {
        open.removeLast()
        close(inner.entry, at: last)
      }
      position += chunk.text.count
    }
    while let inner = open.popLast() { close(inner.entry, at: last) }
    entries[0].next = entries.count
  }

  private mutating func close(_ entry: Int, at end: Int) {
    entries[entry].end = max(entries[entry].start, end)
    entries[entry].next = entries.count
  }

  /// Whether a line ends between two bytes.
  func hasLineBreak(_ start: Int, _ end: Int) -> Bool {
    var index = start
    while index < end {
      if text[index] == 0x0A || text[index] == 0x0D { return true }
      index += 1
    }
    return false
  }

  func bytes(_ entry: Int) -> ArraySlice<UInt8> {
    text[entries[entry].start..<entries[entry].end]
  }

  func children(of entry: Int) -> [Int] {
    var children: [Int] = []
    var child = entry + 1
    while child < entries[entry].next {
      children.append(child)
      child = entries[child].next
    }
    return children
  }

  /// Where the text starts after its byte-order mark.
  var contentStart: Int { text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

  /// How many lines end between two bytes.
  func lineBreaks(_ start: Int, _ end: Int) -> Int {
    var count = 0
    for index in start..<max(start, end) {
      if text[index] == 0x0D || text[index] == 0x0A && (index == 0 || text[index - 1] != 0x0D) {
        count += 1
      }
    }
    return count
  }

  /// How many bytes stand before a place on its line.
  func column(of place: Int) -> Int {
    var index = place
    while index > 0, text[index - 1] != 0x0A, text[index - 1] != 0x0D { index -= 1 }
    return place - index
  }
}
