/// A balanced tree over chunks: every inner node but the root has between half and all of `fanOut`
/// children, and sums what they add to a position. A changed tree shares all but a path with the
/// one before.
final class ChunkTree: Sendable {
  /// A chunk with its name in the document; names are ordered as the chunks are.
  struct Entry: Sendable {
    var chunk: Chunk
    var identity: UInt64
  }

  let summary: ChunkSummary
  /// Empty in a leaf of the tree, which holds chunks instead.
  let children: [ChunkTree]
  let entries: [Entry]
  /// The identity of the last chunk.
  let lastIdentity: UInt64

  static let fanOut = 16

  private init(children: [ChunkTree]) {
    self.children = children
    entries = []
    summary = children.reduce(ChunkSummary()) { $0 + $1.summary }
    lastIdentity = children.last?.lastIdentity ?? 0
  }

  private init(entries: [Entry]) {
    children = []
    self.entries = entries
    summary = entries.reduce(ChunkSummary()) { $0 + $1.chunk.summary }
    lastIdentity = entries.last?.identity ?? 0
  }

  var count: Int { summary.text.chunks }

  convenience init(_ entries: [Entry]) {
    let root = ChunkTree.root(of: ChunkTree.leaves(entries))
    self.init(copying: root)
  }

  private init(copying other: ChunkTree) {
    (summary, children, entries) = (other.summary, other.children, other.entries)
    lastIdentity = other.lastIdentity
  }

  // MARK: Change

  /// The tree with other chunks in place of those numbered `range`.
  func replacing(_ range: Range<Int>, with entries: [Entry]) -> ChunkTree {
    ChunkTree.root(of: spliced(range, entries))
  }

  /// Nodes of this one's height that stand in its place. Where there are several, each is full
  /// enough; a single one may have too few children.
  private func spliced(_ range: Range<Int>, _ new: [Entry]) -> [ChunkTree] {
    if children.isEmpty {
      return ChunkTree.leaves(
        Array(entries[..<range.lowerBound]) + new + entries[range.upperBound...])
    }
    var parts: [ChunkTree] = []
    parts.reserveCapacity(children.count + 1)
    var start = 0
    var isPlaced = false
    for (index, child) in children.enumerated() {
      let end = start + child.count
      let isLast = index == children.count - 1
      let isTouched =
        range.lowerBound < end && range.upperBound > start
        || !isPlaced && (range.lowerBound < end || isLast)
      if isTouched {
        let local = max(range.lowerBound - start, 0)..<min(range.upperBound - start, child.count)
        let isWhole = local.count == child.count
        if !(isWhole && (isPlaced || new.isEmpty)) {
          parts += child.spliced(local, isPlaced ? [] : new)
        }
        isPlaced = true
      } else {
        parts.append(child)
      }
      start = end
    }
    return ChunkTree.parents(ChunkTree.merged(parts))
  }

  private var width: Int { children.isEmpty ? entries.count : children.count }

  /// Joins nodes that have too few children with a neighbour.
  private static func merged(_ parts: [ChunkTree]) -> [ChunkTree] {
    var result: [ChunkTree] = []
    for part in parts where part.width > 0 {
      guard let last = result.last, min(last.width, part.width) < fanOut / 2 else {
        result.append(part)
        continue
      }
      result.removeLast()
      result +=
        last.children.isEmpty
        ? leaves(last.entries + part.entries) : parents(last.children + part.children)
    }
    return result
  }

  /// As few leaves as hold the entries, all nearly as full.
  private static func leaves(_ entries: [Entry]) -> [ChunkTree] {
    groups(entries.count).map { ChunkTree(entries: Array(entries[$0])) }
  }

  private static func parents(_ nodes: [ChunkTree]) -> [ChunkTree] {
    groups(nodes.count).map { ChunkTree(children: Array(nodes[$0])) }
  }

  private static func groups(_ count: Int) -> [Range<Int>] {
    let groups = (count + fanOut - 1) / fanOut
    return (0..<groups).map { $0 * count / groups..<($0 + 1) * count / groups }
  }

  private static func root(of nodes: [ChunkTree]) -> ChunkTree {
    var level = nodes
    while level.count > 1 { level = parents(level) }
    guard var root = level.first else { return ChunkTree(entries: []) }
    while root.children.count == 1 { root = root.children[0] }
    return root
  }

  // MARK: All chunks

  func forEach(_ body: (Entry) -> Void) {
    for child in children { child.forEach(body) }
    for entry in entries { body(entry) }
  }
}
