extension SyntaxTree {
  /// All that the nodes of a tree say, in order and without chunks: two trees are the same where
  /// this is, and their errors are.
  package var outline: [Outline] {
    var outline: [Outline] = []
    var position = 0
    var ends: [(index: Int, offset: Int)] = []
    chunks.forEach { entry in
      let chunk = entry.chunk
      for (index, node) in chunk.nodes.enumerated() {
        while let end = ends.last, end.index <= index {
          outline.append(.end(end.offset))
          ends.removeLast()
        }
        let start = position + node.offset
        if node.kind == .close {
          outline.append(.end(start))
        } else if node.kind.isToken {
          outline.append(.token(node.kind, start..<start + Int(node.extent)))
        } else {
          outline.append(.start(node.kind, start))
          if !node.isOpen {
            ends.append((index + Int(node.extent) + 1, position + chunk.end(of: index)))
          }
        }
      }
      while let end = ends.popLast() { outline.append(.end(end.offset)) }
      position += chunk.text.count
    }
    return outline
  }

  package enum Outline: Equatable, Sendable {
    case start(SyntaxKind, Int)
    case end(Int)
    case token(SyntaxKind, Range<Int>)
  }

  /// How long each chunk is, in order.
  package var chunkLengths: [Int] {
    var lengths: [Int] = []
    chunks.forEach { lengths.append($0.chunk.text.count) }
    return lengths
  }
}
