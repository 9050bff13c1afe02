import Testing

@testable import NeuralSyntax

/// Parses a text and checks what holds for every tree: it has every byte of the text, chunks and
/// nodes nest and follow one another, and ranges lie in the text.
@discardableResult
func check(_ text: [UInt8], at location: Testing.SourceLocation = #_sourceLocation) -> SyntaxTree {
  let tree = SyntaxTree.parse(text)
  check(tree, text, at: location)
  return tree
}

/// What holds for every tree of `text`.
func check(
  _ tree: SyntaxTree, _ text: [UInt8], at location: Testing.SourceLocation = #_sourceLocation
) {
  if tree.text != text || tree.byteCount != text.count {
    Issue.record("the tree does not hold the text", sourceLocation: location)
  }
  if let mistake = mistake(in: tree) {
    Issue.record("\(mistake)", sourceLocation: location)
  }
  for error in tree.errors {
    let range = tree.range(of: error.range)
    let places =
      [range] + [error.fix?.range, error.related?.range].compactMap { $0 }.map(tree.range)
    if places.contains(where: { $0.upperBound > text.count }) {
      Issue.record("an error lies outside the text: \(error)", sourceLocation: location)
    }
    if error.message.isEmpty { Issue.record("an error without words", sourceLocation: location) }
  }
}

@discardableResult
func check(_ text: String, at location: Testing.SourceLocation = #_sourceLocation) -> SyntaxTree {
  check(Array(text.utf8), at: location)
}

/// What is wrong with the nodes of a tree, if anything.
private func mistake(in tree: SyntaxTree) -> String? {
  var entries: [ChunkTree.Entry] = []
  tree.chunks.forEach { entries.append($0) }
  if zip(entries, entries.dropFirst()).contains(where: { $0.identity >= $1.identity }) {
    return "identities are not ordered like the chunks"
  }
  let chunks = entries.map(\.chunk)
  if chunks.reduce(ChunkSummary(), { $0 + $1.summary }) != tree.chunks.summary {
    return "the tree's sums are wrong"
  }
  var open: [SyntaxKind] = []
  for (place, chunk) in chunks.enumerated() {
    if chunk.start.open.map(\.kind) != open {
      return "chunk \(place) starts with other open nodes than the ones before it leave"
    }
    if chunk.nodes.first?.kind == .close { return "chunk \(place) starts with the end of a node" }
    if chunk.summary.closes != chunk.nodes.count(where: { $0.kind == .close })
      || chunk.summary.opens != chunk.nodes.count(where: \.isOpen)
      || chunk.summary.errors != chunk.errors.count
    {
      return "what chunk \(place) has is counted wrong"
    }
    if chunk.summary.text.bytes != chunk.text.count { return "a chunk's sum is wrong" }
    if place + 1 < chunks.count, chunk.text.last == 0x0D, chunks[place + 1].text.first == 0x0A {
      return "a line break is cut in two"
    }
    var ends: [Int] = []
    var last = 0
    for (index, node) in chunk.nodes.enumerated() {
      while let end = ends.last, end <= index { ends.removeLast() }
      if node.offset < last {
        return "node \(index) (\(node.kind)) starts before the end of another"
      }
      if node.kind == .close {
        if !ends.isEmpty || open.popLast() == nil { return "a close that closes nothing" }
        continue
      }
      if node.kind.isToken {
        last = node.offset + Int(node.extent)
        if last > chunk.text.count { return "a token outside its chunk" }
        continue
      }
      last = node.offset
      let end = index + 1 + Int(node.extent)
      if end > chunk.nodes.count || end > ends.last ?? .max { return "nodes overlap" }
      if node.isOpen {
        if end != chunk.nodes.count { return "an open node ends inside its chunk" }
        open.append(node.kind)
      }
      ends.append(end)
    }
    // What is neither token nor comment is blank.
    var covered = 0
    for node in chunk.nodes where node.kind.isToken {
      let gap = chunk.text[min(covered, node.offset)..<node.offset]
      if !gap.allSatisfy({
        Lexer.isBlank($0) || $0 == 0x0A || $0 == 0x0D || $0 >= 0x80 && place == 0
      }) {
        return "text between tokens: \(String(decoding: gap, as: UTF8.self))"
      }
      covered = node.offset + Int(node.extent)
    }
    let rest = chunk.text[min(covered, chunk.text.count)...]
    if !rest.allSatisfy({
      Lexer.isBlank($0) || $0 == 0x0A || $0 == 0x0D || $0 >= 0x80 && place == 0
    }) {
      return "text after the last token: \(String(decoding: rest, as: UTF8.self))"
    }
  }
  return open.isEmpty ? nil : "nodes are open at the end: \(open)"
}

/// The errors of a text, as `code from..<to message`.
func errors(_ tree: SyntaxTree) -> [String] {
  tree.errors.map { error in
    let range = tree.range(of: error.range)
    return "\(error.code.rawValue) \(range.lowerBound)..<\(range.upperBound) \(error.message)"
  }
}
