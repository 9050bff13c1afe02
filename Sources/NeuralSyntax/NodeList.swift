/// The nodes of a chunk in the order of the text, outer ones first: 4 bytes for each in a chunk of
/// the usual size, 8 in one that is larger.
struct NodeList: RandomAccessCollection, Equatable, Sendable {
  /// Kind and openness as in a `FlatNode`, offset and extent in 12 bits each.
  private var narrow: [UInt32] = []
  private var wide: [FlatNode] = []

  private static let limit = 1 << 12

  /// `byteCount` is the length of the chunk's text.
  init(_ nodes: [FlatNode], byteCount: Int) {
    // No offset and no extent is larger than these.
    guard byteCount < NodeList.limit, nodes.count < NodeList.limit else {
      // Exactly as long as needed: the parser keeps its own buffer, chunks live long.
      wide = Array(nodes[...])
      return
    }
    narrow = nodes.map { $0.head & 0xFF00_0000 | ($0.head & 0xFFF) << 12 | $0.extent }
  }

  var startIndex: Int { 0 }
  var endIndex: Int { narrow.count + wide.count }

  subscript(index: Int) -> FlatNode {
    if !wide.isEmpty { return wide[index] }
    let bits = narrow[index]
    return FlatNode(head: bits & 0xFF00_0000 | bits >> 12 & 0xFFF, extent: bits & 0xFFF)
  }
}
