/// Reads a tree's declarations in one walk over its nodes.
///
/// The nodes of all chunks, one after the other, are the tree in preorder; the reader is a place
/// in that order. Nothing recurses deeper than blocks and expressions are allowed to nest.
struct DeclarationReader {
  private let chunks: [ChunkTree.Entry]
  private var place = 0
  private(set) var chunk: Chunk?
  /// The name of the chunk in its document.
  private var identity: UInt64 = 0
  private var nodes = NodeList([], byteCount: 0)
  private var index = 0
  private var documentation: [String] = []
  /// The comment at the top of the file that a blank line parts from the next one.
  private var fileDocumentation: String?
  private var allowances: [Allowance] = []
  /// The declaration that a comment would stand above; absent inside declarations.
  private var nextDeclaration: Int?
  /// What need not be read again.
  private var reusable: ReusableStatements?

  init(_ tree: SyntaxTree, reusing reusable: ReusableStatements? = nil) {
    chunks = tree.chunks.all
    self.reusable = reusable
    begin()
  }

  private mutating func begin() {
    guard chunks.indices.contains(place) else { return }
    chunk = chunks[place].chunk
    identity = chunks[place].identity
    nodes = chunks[place].chunk.nodes
    index = 0
  }

  mutating func sourceFile() -> SourceFile {
    var declarations: [Declaration] = []
    while true {
      nextDeclaration = declarations.count
      guard let kind = next(in: nil) else { break }
      nextDeclaration = nil
      switch kind {
      case .importDeclaration: declarations.append(.import(importDeclaration()))
      case .definition: declarations.append(.definition(definition()))
      case .network: declarations.append(.network(network()))
      case .layerDeclaration: declarations.append(.layer(layerDeclaration()))
      case .research: declarations.append(.research(research()))
      default: skip()
      }
    }
    let count = declarations.count
    for index in allowances.indices where allowances[index].declaration.map({ $0 >= count }) == true
    {
      allowances[index].declaration = nil
    }
    return SourceFile(
      declarations: declarations, allowances: allowances, documentation: fileDocumentation)
  }

  // MARK: Walking

  /// Calls `body` at each child of the node here, comments and skipped text excepted; it must move
  /// past it. Afterwards the place is behind the node.
  @discardableResult
  mutating func children(_ body: (inout DeclarationReader, SyntaxKind) -> Void) -> SourceRange {
    guard let chunk, index < nodes.count else { return DeclarationReader.nowhere }
    let node = nodes[index]
    if node.isOpen {
      let start = UInt32(truncatingIfNeeded: node.offset)
      let startChunk = identity
      index += 1
      while let kind = next(in: -1) { body(&self, kind) }
      return SourceRange(
        startChunk: startChunk, start: start, endChunk: closed.chunk, end: closed.offset)
    }
    let range = chunk.range(of: index, in: identity)
    let end = index + Int(node.extent) + 1
    index += 1
    while let kind = next(in: end) { body(&self, kind) }
    index = end
    return range
  }

  private var closed: (chunk: UInt64, offset: UInt32) = (0, 0)
  private static let nowhere = SourceRange(startChunk: 0, start: 0, endChunk: 0, end: 0)

  /// The kind of the next child in a node that ends before node `end` of the chunk, in an open node
  /// (-1), or at the top of the file (nil).
  private mutating func next(in end: Int?) -> SyntaxKind? {
    while true {
      if let end, end >= 0 {
        if index >= min(end, nodes.count) { return nil }
      } else {
        while index >= nodes.count {
          guard place + 1 < chunks.count else {
            closed = (identity, UInt32(truncatingIfNeeded: chunk?.text.count ?? 0))
            return nil
          }
          place += 1
          begin()
        }
      }
      let node = nodes[index]
      switch node.kind {
      case .comment, .documentation: comment(node)
      case .skipped: break
      case .close:
        index += 1
        closed = (identity, UInt32(truncatingIfNeeded: node.offset))
        return nil
      default: return node.kind
      }
      index += 1
    }
  }

  /// Moves past the node here.
  mutating func skip() {
    guard index < nodes.count else { return }
    let node = nodes[index]
    if node.kind.isToken {
      index += 1
    } else if node.isOpen {
      children { reader, _ in reader.skip() }
    } else {
      index += Int(node.extent) + 1
    }
  }

  /// The kind of the node here.
  var kind: SyntaxKind { index < nodes.count ? nodes[index].kind : .endOfFile }

  /// The range of the node here, which must not be open.
  var range: SourceRange {
    guard let chunk, index < nodes.count else { return DeclarationReader.nowhere }
    return chunk.range(of: index, in: identity)
  }

  /// The bytes of the token here.
  var bytes: ArraySlice<UInt8> {
    guard let chunk, index < nodes.count else { return [] }
    let node = nodes[index]
    let start = min(node.offset, chunk.text.count)
    return chunk.text[start..<min(start + Int(node.extent), chunk.text.count)]
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Reads the token here as a name.
  mutating func name() -> Name {
    let name = Name(text, range)
    skip()
    return name
  }

  // MARK: Reuse

  /// The statement here, an outermost one of a network or definition: as it was read before where
  /// that is known to be the same.
  mutating func outerStatement(_ kind: SyntaxKind) -> Statement? {
    reusedStatement() ?? statement(kind)
  }

  private mutating func reusedStatement() -> Statement? {
    guard index < nodes.count, !nodes[index].isOpen,
      let known = reusable?.statement(at: identity, nodes[index].offset),
      known.documentation
        == (documentation.isEmpty ? nil : documentation.joined(separator: "\n"))
    else { return nil }
    let end = min(index + Int(nodes[index].extent) + 1, nodes.count)
    // Documentation inside belongs to statements inside, or to what follows: reading tells which.
    for place in index..<end where nodes[place].kind == .documentation { return nil }
    documentation.removeAll()
    for place in index..<end where nodes[place].kind == .comment { comment(nodes[place]) }
    index = end
    return known
  }

  // MARK: Comments

  private mutating func comment(_ node: FlatNode) {
    guard let chunk else { return }
    let start = min(node.offset, chunk.text.count)
    let end = min(start + Int(node.extent), chunk.text.count)
    if node.kind == .documentation {
      if !documentation.isEmpty, hasBlankLine(before: start) {
        // A comment that stands by itself belongs to nothing below; the first is the file's.
        fileDocumentation = fileDocumentation ?? documentation.joined(separator: "\n")
        documentation.removeAll()
      }
      let text = chunk.text[min(start + 2, end)..<end]
      documentation.append(
        String(decoding: text.first == 0x20 ? text.dropFirst() : text, as: UTF8.self))
    } else if let codes = Allowance.codes(chunk.text, start, end) {
      var before = start
      while before > 0, Lexer.isBlank(chunk.text[before - 1]) { before -= 1 }
      let isAlone =
        before == 0 && chunk.start.startsLine || before > 0 && isLineBreak(chunk.text[before - 1])
      for code in codes {
        let range = SourceRange(
          startChunk: identity, start: UInt32(truncatingIfNeeded: code.lowerBound),
          endChunk: identity, end: UInt32(truncatingIfNeeded: code.upperBound))
        allowances.append(
          Allowance(
            code: Name(String(decoding: chunk.text[code], as: UTF8.self), range),
            declaration: isAlone ? nextDeclaration : nil))
      }
    }
  }

  private func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  /// Whether an empty line stands directly before `offset` of the chunk here.
  private func hasBlankLine(before offset: Int) -> Bool {
    var breaks = 0
    var following: UInt8 = 0
    for number in (0...place).reversed() {
      let text = chunks[number].chunk.text
      for byte in text[..<(number == place ? min(offset, text.count) : text.count)].reversed() {
        if byte == 0x0A || byte == 0x0D && following != 0x0A {
          breaks += 1
          if breaks > 1 { return true }
        } else if !Lexer.isBlank(byte), byte != 0x0D {
          return false
        }
        following = byte
      }
    }
    return false
  }

  /// The documentation that stands before the node here, which takes it.
  mutating func takeDocumentation() -> String? {
    guard !documentation.isEmpty else { return nil }
    defer { documentation.removeAll() }
    return documentation.joined(separator: "\n")
  }
}

extension Allowance {
  /// The codes of a `# neural: allow(a, b)` comment, if this is one.
  static func codes(_ text: [UInt8], _ start: Int, _ end: Int) -> [Range<Int>]? {
    var index = start + 1
    func blanks() { while index < end, Lexer.isBlank(text[index]) { index += 1 } }
    func take(_ word: StaticString) -> Bool {
      for (place, byte) in "\(word)".utf8.enumerated() {
        guard index + place < end, text[index + place] == byte else { return false }
      }
      index += word.utf8CodeUnitCount
      return true
    }
    blanks()
    guard take("neural") else { return nil }
    blanks()
    guard take(":") else { return nil }
    blanks()
    guard take("allow") else { return nil }
    blanks()
    guard take("(") else { return nil }
    var codes: [Range<Int>] = []
    while index < end, text[index] != 0x29 {
      let first = index
      while index < end, Lexer.isNamePart(text[index]) || text[index] == 0x2D { index += 1 }
      if index > first { codes.append(first..<index) } else { index += 1 }
    }
    return codes
  }
}
