/// The chunks behind an edit, where they stand in the text that is read again: reading stops at the
/// first that is met in the state in which it was read.
struct OldChunks {
  private var places: [(position: Int, number: Int, start: ParserState)] = []
  private var next = 0

  mutating func append(_ number: Int, _ start: ParserState, at position: Int) {
    places.append((position, number, start))
  }

  /// Where the first one starts at or after `position`. Never asked for an earlier place again.
  mutating func first(from position: Int) -> Int? {
    while next < places.count, places[next].position < position { next += 1 }
    return next < places.count ? places[next].position : nil
  }

  /// The number of the one at `position`, if it was read in `state`.
  mutating func number(at position: Int, _ state: ParserState) -> Int? {
    guard first(from: position) == position, places[next].start == state else { return nil }
    return places[next].number
  }
}

/// Reads again what an edit has changed: from the first chunk that has looked at it to the first
/// old one that goes on from where reading has come to.
struct Reparse {
  private let tree: ChunkTree
  private let edit: Range<Int>
  private let inserted: [UInt8]
  private let chunkSize: Int

  /// The chunks that are replaced, and what replaces them.
  private(set) var replaced: Range<Int>
  private(set) var chunks: [Chunk] = []
  /// How many bytes were lexed, those again that were lexed twice.
  private(set) var lexedBytes = 0

  private static let maximalWindow = 1 << 20

  init(_ tree: ChunkTree, _ edit: Range<Int>, _ inserted: [UInt8], chunkSize: Int) {
    self.tree = tree
    self.edit = edit
    self.inserted = inserted
    self.chunkSize = chunkSize
    let first = tree.firstReaching(edit.lowerBound)
    replaced = (first?.number ?? 0)..<tree.count
    run(from: first)
  }

  private mutating func run(from first: ChunkPlace?) {
    // Places are those of the new text from here on.
    let byteCount = tree.summary.text.bytes - edit.count + inserted.count
    let editEnd = edit.lowerBound + inserted.count
    var start = first?.before.bytes ?? 0
    var state = first?.chunk.start ?? ParserState()
    // Enough to end the chunk that the edit is in, and to meet an old one behind it.
    var size = max(editEnd - start, 0) + 3 * chunkSize
    while true {
      let end = min(start + size, byteCount)
      var parser = Parser(
        Lexer(
          text: text(start..<end), isStart: start == 0, isEnd: end == byteCount, state: state),
        from: state, chunkSize: chunkSize)
      parser.old = oldChunks(start..<end)
      parser.run()
      chunks += parser.finished
      lexedBytes += parser.lexedBytes
      switch parser.stop {
      case .fits(let number):
        replaced = replaced.lowerBound..<number
        return
      case .needsMoreText:
        start += parser.chunkStart
        state = parser.start
        size = parser.finished.isEmpty ? size * 2 : min(size * 2, Reparse.maximalWindow)
      case .endOfText, nil:
        return
      }
    }
  }

  /// A part of the new text.
  private func text(_ range: Range<Int>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    let insertion = edit.lowerBound..<edit.lowerBound + inserted.count
    tree.copyText(range.clamped(to: 0..<edit.lowerBound), into: &text)
    let new = range.clamped(to: insertion)
    text += inserted[new.lowerBound - insertion.lowerBound..<new.upperBound - insertion.lowerBound]
    if range.upperBound > insertion.upperBound {
      let shift = edit.upperBound - insertion.upperBound
      let start = max(range.lowerBound, insertion.upperBound)
      tree.copyText(start + shift..<range.upperBound + shift, into: &text)
    }
    return text
  }

  /// The old chunks that start behind the edit in a part of the new text.
  private func oldChunks(_ range: Range<Int>) -> OldChunks {
    let shift = inserted.count - edit.count
    let low = max(range.lowerBound + 1 - shift, edit.upperBound)
    let high = range.upperBound - shift
    var chunks = OldChunks()
    guard low < high else { return chunks }
    tree.forEach(in: low - 1..<high) { place in
      if place.before.bytes >= low, place.before.bytes < high {
        chunks.append(
          place.number, place.chunk.start, at: place.before.bytes + shift - range.lowerBound)
      }
    }
    return chunks
  }
}
