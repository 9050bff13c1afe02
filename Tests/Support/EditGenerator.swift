import NeuralSyntax

/// Draws texts and edits: half of them by token or line, so that much stays as the language has it.
public struct EditGenerator: Sendable {
  public var random: SplitMix64
  private let bases: [[UInt8]]

  /// `bases` are files that texts are cut from.
  public init(seed: UInt64, bases: [[UInt8]]) {
    random = SplitMix64(seed: seed)
    self.bases = bases.isEmpty ? [[]] : bases
  }

  private static let pieces = [
    "network A {", "}", "{", "(", ")", "[", "]", "layers:", "input:", "->", "x", "Dense(", "64",
    ",", "\n", "  ", "let", "=", "if", "else", "for", "in", "* 3", "@", "\"s", "\"", "# c\n",
    "## d\n", "require", "weights {", "a: ", "layer B(", "int >= 1", "|", "...", ":", ";", "not",
    "as", "when", "train {", "define C", "import", "-", "**", "1e", ".", "é", "\u{1F600}", "\r",
    "loss: {", "body {", "research {", "where", "if x {", "} else {", "} else if", "\r\n", "\n}\n",
    "define D {\n", "# neural: allow(a)\n", "Dense(10) -> x\n", "output: (n)\n", "\u{0}", "##",
  ].map { Array($0.utf8) }

  public mutating func chunkSize() -> Int { random.pick([16, 32, 64, 256, 1024]) }

  /// Some lines of a file, or pieces in no order; now and then on one line, longer than what the
  /// parser takes into one chunk.
  public mutating func text() -> [UInt8] {
    if random.below(64) > 0 { return lines() }
    var line: [UInt8] = []
    while line.count < 5000 {
      let more = random.below(8) == 0 ? random.pick(Self.pieces) : Array(lines().prefix(1000))
      line += more.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 } + [0x20]
    }
    return line
  }

  private mutating func lines() -> [UInt8] {
    if random.below(8) == 0 {
      return (0..<random.below(60)).flatMap { _ in random.pick(Self.pieces) + [0x20] }
    }
    let base = random.pick(bases)
    let lines = Self.lines(base)
    if lines.isEmpty { return base }
    let first = random.below(3) == 0 ? random.below(lines.count) : 0
    let last = min(first + 1 + random.below(1 + random.below(60)), lines.count)
    return Array(base[lines[first].lowerBound..<lines[last - 1].upperBound])
  }

  /// An edit of `text`, whose tokens stand at `tokens`.
  public mutating func edit(_ text: [UInt8], tokens: [Range<Int>]) -> Edit {
    switch random.below(4) {
    case 0 where !tokens.isEmpty: return edit(text, by: tokens, separator: [0x20])
    case 1:
      let lines = Self.lines(text)
      if !lines.isEmpty { return edit(text, by: lines, separator: []) }
      return Edit(0..<0, random.pick(Self.pieces))
    default: return byteEdit(text)
    }
  }

  private mutating func byteEdit(_ text: [UInt8]) -> Edit {
    let start = random.below(text.count + 1)
    let end = min(start + (random.below(8) == 0 ? random.below(200) : random.below(4)), text.count)
    switch random.below(5) {
    case 0: return Edit(start..<start, [UInt8(random.below(random.below(4) == 0 ? 256 : 128))])
    case 1: return Edit(start..<end, [])
    case 2: return Edit(start..<start, random.pick(Self.pieces))
    case 3:
      let from = random.below(text.count + 1)
      let to = min(from + random.below(random.below(4) == 0 ? 300 : 20), text.count)
      return Edit(start..<end, Array(text[from..<to]))
    default: return Edit(start..<end, random.pick(Self.pieces))
    }
  }

  /// Deletes, duplicates, swaps or inserts one of `parts`.
  private mutating func edit(
    _ text: [UInt8], by parts: [Range<Int>], separator: [UInt8]
  ) -> Edit {
    let index = random.below(parts.count)
    let part = parts[index]
    switch random.below(4) {
    case 0: return Edit(part, [])
    case 1: return Edit(part.upperBound..<part.upperBound, separator + text[part])
    case 2:
      let next = parts[min(index + 1, parts.count - 1)]
      guard part.upperBound <= next.lowerBound else { return Edit(part, []) }
      return Edit(
        part.lowerBound..<next.upperBound,
        Array(text[next]) + text[part.upperBound..<next.lowerBound] + text[part])
    default:
      let other = random.pick(parts)
      return Edit(part.lowerBound..<part.lowerBound, text[other] + separator)
    }
  }

  private static func lines(_ text: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for index in text.indices where text[index] == 0x0A {
      lines.append(start..<index + 1)
      start = index + 1
    }
    if start < text.count { lines.append(start..<text.count) }
    return lines
  }

  /// A text and up to 200 edits of it, each compared; the sequence up to one that differs.
  public mutating func run(edits count: inout Int) -> (failure: EditSequence, difference: String)? {
    var sequence = EditSequence(text(), [], chunkSize: chunkSize())
    var text = sequence.text
    var tree = SyntaxTree.parse(text, chunkSize: sequence.chunkSize)
    if let difference = TreeDifference.between(tree, text) { return (sequence, difference) }
    for _ in 0...random.below(200) {
      let outline = tree.outline
      let tokens = outline.compactMap { node -> Range<Int>? in
        if case .token(_, let range) = node { range } else { nil }
      }
      let edit = edit(text, tokens: tokens)
      sequence.edits.append(edit)
      tree = tree.replacing(edit.range, with: edit.text)
      text.replaceSubrange(edit.range, with: edit.text)
      count += 1
      if let difference = TreeDifference.between(tree, text)
        ?? Self.badChunk(in: tree, sequence.chunkSize)
      {
        return (sequence, difference)
      }
      // Nothing is learnt from texts that only grow.
      if text.count > max(5000, 2 * sequence.text.count) { return nil }
    }
    return nil
  }

  /// A chunk that is shorter than chunks may be.
  private static func badChunk(in tree: SyntaxTree, _ size: Int) -> String? {
    let lengths = tree.chunkLengths
    return lengths.dropLast().contains { $0 < size / 2 } ? "a chunk is too short: \(lengths)" : nil
  }
}
