/// A chunk in its tree.
struct ChunkPlace: Sendable {
  var chunk: Chunk
  var identity: UInt64
  /// What stands before it.
  var before: TextSummary

  /// How many chunks stand before it.
  var number: Int { before.chunks }
}

/// Every search is one descent from the root.
extension ChunkTree {
  /// The first chunk for which `isBefore(sum up to its end)` is false, or the last one; absent only
  /// in a tree without chunks.
  @inline(__always)
  func descend(_ isBefore: (TextSummary) -> Bool) -> ChunkPlace? {
    var node = self
    var before = TextSummary()
    while !node.children.isEmpty {
      for (index, child) in node.children.enumerated() {
        let end = before + child.summary.text
        if index == node.children.count - 1 || !isBefore(end) {
          node = child
          break
        }
        before = end
      }
    }
    for (index, entry) in node.entries.enumerated() {
      let end = before + entry.chunk.summary.text
      if index == node.entries.count - 1 || !isBefore(end) {
        return ChunkPlace(chunk: entry.chunk, identity: entry.identity, before: before)
      }
      before = end
    }
    return nil
  }

  /// The chunk at a place in the order.
  func chunk(at index: Int) -> ChunkPlace? {
    guard index >= 0, index < count else { return nil }
    return descend { $0.chunks <= index }
  }

  func chunk(named identity: UInt64) -> ChunkPlace? {
    var node = self
    var before = TextSummary()
    while !node.children.isEmpty {
      guard let next = node.children.first(where: { $0.lastIdentity >= identity }) else {
        return nil
      }
      for child in node.children {
        if child === next { break }
        before = before + child.summary.text
      }
      node = next
    }
    for entry in node.entries {
      if entry.identity == identity {
        return ChunkPlace(chunk: entry.chunk, identity: identity, before: before)
      }
      before = before + entry.chunk.summary.text
    }
    return nil
  }

  /// The first chunk that was read by looking at the byte at `offset` or further; the last one where
  /// there is none.
  func firstReaching(_ offset: Int) -> ChunkPlace? {
    var node = self
    var before = TextSummary()
    while !node.children.isEmpty {
      for (index, child) in node.children.enumerated() {
        if index == node.children.count - 1 || before.bytes + child.summary.reach > offset {
          node = child
          break
        }
        before = before + child.summary.text
      }
    }
    for (index, entry) in node.entries.enumerated() {
      if index == node.entries.count - 1 || before.bytes + entry.chunk.summary.reach > offset {
        return ChunkPlace(chunk: entry.chunk, identity: entry.identity, before: before)
      }
      before = before + entry.chunk.summary.text
    }
    return nil
  }

  /// The last of the chunks before number `number` of those that `count` counts.
  func last(before number: Int, counting count: (ChunkSummary) -> Int) -> ChunkPlace? {
    let (place, _) = lastCounted(before: number, count, TextSummary())
    return place
  }

  private func lastCounted(
    before number: Int, _ count: (ChunkSummary) -> Int, _ before: TextSummary
  ) -> (place: ChunkPlace?, isDone: Bool) {
    guard count(summary) > 0, before.chunks < number else { return (nil, false) }
    for (index, entry) in entries.enumerated().reversed()
    where before.chunks + index < number && count(entry.chunk.summary) > 0 {
      let before = entries[..<index].reduce(before) { $0 + $1.chunk.summary.text }
      return (ChunkPlace(chunk: entry.chunk, identity: entry.identity, before: before), true)
    }
    for (index, child) in children.enumerated().reversed() where count(child.summary) > 0 {
      let before = children[..<index].reduce(before) { $0 + $1.summary.text }
      let found = child.lastCounted(before: number, count, before)
      if found.isDone { return found }
    }
    return (nil, false)
  }

  // MARK: Open nodes

  /// The chunk in which the node began that is the one at `level` of those open at the start of
  /// chunk `number`, and how many of the nodes that the chunk leaves open stand around it.
  func opening(ofLevel level: Int, before number: Int) -> (place: ChunkPlace, ordinal: Int)? {
    lastOpening(level, before: number, TextSummary(), depth: 0)
  }

  private func lastOpening(
    _ level: Int, before number: Int, _ before: TextSummary, depth: Int
  ) -> (place: ChunkPlace, ordinal: Int)? {
    guard depth - summary.closes <= level, before.chunks < number else { return nil }
    var starts: [(before: TextSummary, depth: Int)] = []
    starts.reserveCapacity(ChunkTree.fanOut)
    var (sum, open) = (before, depth)
    func pass(_ summary: ChunkSummary) {
      starts.append((sum, open))
      sum = sum + summary.text
      open += summary.opens - summary.closes
    }
    for child in children { pass(child.summary) }
    for entry in entries { pass(entry.chunk.summary) }
    for (index, start) in starts.enumerated().reversed() where start.before.chunks < number {
      if children.isEmpty {
        let entry = entries[index]
        let remaining = start.depth - entry.chunk.summary.closes
        guard remaining <= level else { continue }
        return (
          ChunkPlace(chunk: entry.chunk, identity: entry.identity, before: start.before),
          level - remaining
        )
      }
      let found = children[index].lastOpening(
        level, before: number, start.before, depth: start.depth)
      if let found { return found }
    }
    return nil
  }

  /// The first chunk after number `number` at whose end, or before, no more than `level` nodes of
  /// earlier chunks are open: the one at `level` ends in it.
  func closing(ofLevel level: Int, after number: Int) -> ChunkPlace? {
    firstClosing(level, after: number, TextSummary(), depth: 0)
  }

  private func firstClosing(
    _ level: Int, after number: Int, _ before: TextSummary, depth: Int
  ) -> ChunkPlace? {
    guard depth - summary.closes <= level, before.chunks + count > number + 1 else { return nil }
    var (sum, open) = (before, depth)
    for child in children {
      if let found = child.firstClosing(level, after: number, sum, depth: open) { return found }
      sum = sum + child.summary.text
      open += child.summary.opens - child.summary.closes
    }
    for entry in entries {
      if sum.chunks > number, open - entry.chunk.summary.closes <= level {
        return ChunkPlace(chunk: entry.chunk, identity: entry.identity, before: sum)
      }
      sum = sum + entry.chunk.summary.text
      open += entry.chunk.summary.opens - entry.chunk.summary.closes
    }
    return nil
  }
}

// MARK: - Stretches of text

extension ChunkTree {
  /// The chunks that hold a byte of `range`, in order.
  func forEach(in range: Range<Int>, _ body: (ChunkPlace) -> Void) {
    visit(range, TextSummary(), body)
  }

  private func visit(_ range: Range<Int>, _ before: TextSummary, _ body: (ChunkPlace) -> Void) {
    var before = before
    for child in children {
      let end = before + child.summary.text
      if before.bytes >= range.upperBound { return }
      if end.bytes > range.lowerBound { child.visit(range, before, body) }
      before = end
    }
    for entry in entries {
      let end = before + entry.chunk.summary.text
      if before.bytes >= range.upperBound { return }
      if end.bytes > range.lowerBound {
        body(ChunkPlace(chunk: entry.chunk, identity: entry.identity, before: before))
      }
      before = end
    }
  }

  /// The chunks that have errors, in order.
  func forEachWithErrors(_ body: (ChunkPlace) -> Void) { visitErrors(TextSummary(), body) }

  private func visitErrors(_ before: TextSummary, _ body: (ChunkPlace) -> Void) {
    guard summary.errors > 0 else { return }
    var before = before
    for child in children {
      child.visitErrors(before, body)
      before = before + child.summary.text
    }
    for entry in entries {
      if !entry.chunk.errors.isEmpty {
        body(ChunkPlace(chunk: entry.chunk, identity: entry.identity, before: before))
      }
      before = before + entry.chunk.summary.text
    }
  }

  func copyText(_ range: Range<Int>, into text: inout [UInt8]) {
    guard !range.isEmpty else { return }
    forEach(in: range) { place in
      let start = max(range.lowerBound - place.before.bytes, 0)
      let end = min(range.upperBound - place.before.bytes, place.chunk.text.count)
      text += place.chunk.text[start..<end]
    }
  }
}
