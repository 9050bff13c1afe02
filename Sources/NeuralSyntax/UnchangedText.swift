/// What two versions of a document share: the chunks at the start and at the end that both have.
///
/// Everything that was read from such a chunk alone reads the same from either version.
public struct UnchangedText: Sendable {
  /// The last of the chunks at the start.
  private var lastBefore: UInt64 = 0
  /// The first of those at the end.
  private var firstAfter: UInt64 = .max

  /// Whether a range of either version lies in what both share.
  public func contains(_ range: SourceRange) -> Bool {
    range.endChunk <= lastBefore || range.startChunk >= firstAfter
  }

  /// Whether a range lies in the part at the start, where nothing before it has changed.
  public func isBeforeChange(_ range: SourceRange) -> Bool { range.endChunk <= lastBefore }

  init(_ earlier: [ChunkTree.Entry], _ later: [ChunkTree.Entry]) {
    // Names alone do not do: texts that are each read from nothing give their chunks the same.
    func isSame(_ left: ChunkTree.Entry, _ right: ChunkTree.Entry) -> Bool {
      left.chunk === right.chunk && left.identity == right.identity
    }
    let shorter = min(earlier.count, later.count)
    var start = 0
    while start < shorter, isSame(earlier[start], later[start]) { start += 1 }
    if start > 0 { lastBefore = later[start - 1].identity }
    var end = 0
    while end < shorter - start,
      isSame(earlier[earlier.count - 1 - end], later[later.count - 1 - end])
    {
      end += 1
    }
    if end > 0 { firstAfter = later[later.count - end].identity }
  }
}

extension SyntaxTree {
  /// What this version shares with an earlier one of its document.
  public func unchanged(since earlier: SyntaxTree) -> UnchangedText {
    UnchangedText(earlier.chunks.all, chunks.all)
  }

  /// Whether both are one version of one document.
  public func isSame(as other: SyntaxTree) -> Bool { chunks === other.chunks }

  /// What the file declares, with the statements of an earlier version where they stand in what both
  /// share. Only the others are read.
  public func sourceFile(reusing earlier: SourceFile, _ unchanged: UnchangedText) -> SourceFile {
    var reader = DeclarationReader(self, reusing: ReusableStatements(earlier, unchanged))
    return reader.sourceFile()
  }
}

extension ChunkTree {
  var all: [Entry] {
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    forEach { entries.append($0) }
    return entries
  }
}

/// The statements of an earlier version, handed out as a reader comes by their places.
struct ReusableStatements {
  /// Those of networks and definitions, the outermost ones, in the order of the text.
  private var blocks: [[Statement]] = []
  private let unchanged: UnchangedText
  private var block = 0
  private var place = 0

  init(_ source: SourceFile, _ unchanged: UnchangedText) {
    self.unchanged = unchanged
    for declaration in source.declarations {
      switch declaration {
      case .definition(let definition): blocks.append(definition.body.statements)
      case .network(let network):
        for case .statements(let block) in network.sections.map(\.value) {
          blocks.append(block.statements)
        }
      case .import, .layer, .research: continue
      }
    }
  }

  /// The statement that starts at a place, where it reads the same. Never asked for an earlier place
  /// again.
  mutating func statement(at chunk: UInt64, _ offset: Int) -> Statement? {
    while block < blocks.count {
      guard place < blocks[block].count else {
        (block, place) = (block + 1, 0)
        continue
      }
      let range = blocks[block][place].range
      if (range.startChunk, Int(range.start)) < (chunk, offset) {
        place += 1
        continue
      }
      guard range.startChunk == chunk, Int(range.start) == offset, range.endChunk == chunk,
        unchanged.contains(range)
      else { return nil }
      return blocks[block][place]
    }
    return nil
  }
}
