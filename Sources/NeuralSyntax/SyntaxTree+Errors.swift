extension SyntaxTree {
  /// In the order of the text. Only chunks that have errors are visited.
  public var errors: [SyntaxError] {
    guard chunks.summary.errors > 0 else { return [] }
    var found: [(start: Int, error: SyntaxError)] = []
    found.reserveCapacity(chunks.summary.errors)
    chunks.forEachWithErrors { place in
      for error in place.chunk.errors {
        let error = read(error, in: place)
        found.append((range(of: error.range).lowerBound, error))
      }
    }
    // Some stand at the end of an earlier chunk than the one that notes them.
    return found.enumerated()
      .sorted { ($0.element.start, $0.offset) < ($1.element.start, $1.offset) }
      .map(\.element.error)
  }

  /// An error with its words and places, as everything outside the tree knows them.
  private func read(_ noted: ChunkError, in place: ChunkPlace) -> SyntaxError {
    var error = noted.error
    error.range = anchored(error.range, in: place)
    if let fix = error.fix { error.fix?.range = anchored(fix.range, in: place) }
    if let related = error.related { error.related?.range = anchored(related.range, in: place) }
    guard let unclosed = noted.unclosed else { return error }
    let found: (block: Suspicion.Block, place: ChunkPlace)? =
      switch unclosed {
      case .block(let block): (block, place)
      case .suspected: suspicion(before: place).map { ($0.suspicion.block, $0.place) }
      }
    let brace = found.flatMap { node($0.block.place, in: $0.place)?.openingBrace }
    let owner = found.flatMap { node($0.block.owner, in: $0.place) }
    error.message = "expected '}' to close \(owner?.description ?? "this block")\(error.message)"
    if let brace {
      error.related = SyntaxError.Related(
        message: "this '{' is never closed", range: brace.sourceRange)
    }
    return error
  }

  private func anchored(_ range: SourceRange, in place: ChunkPlace) -> SourceRange {
    if range == .gapBefore {
      guard let earlier = chunks.last(before: place.number, counting: \.withTokens),
        let end = earlier.chunk.lastTokenEnd.map({ UInt32(truncatingIfNeeded: $0) })
      else {
        let first = chunks.chunk(at: 0)?.identity ?? 0
        return SourceRange(startChunk: first, start: 0, endChunk: first, end: 0)
      }
      return SourceRange(
        startChunk: earlier.identity, start: end, endChunk: earlier.identity, end: end)
    }
    if range == .suspectedGap {
      guard let found = suspicion(before: place) else { return anchored(.gapBefore, in: place) }
      return anchored(found.suspicion.gap, in: found.place)
    }
    return SourceRange(
      startChunk: place.identity, start: range.start, endChunk: place.identity, end: range.end)
  }

  private func suspicion(before place: ChunkPlace) -> (suspicion: Suspicion, place: ChunkPlace)? {
    guard let place = chunks.last(before: place.number, counting: \.suspicions),
      let suspicion = place.chunk.suspicion
    else { return nil }
    return (suspicion, place)
  }

  private func node(_ place: NodePlace, in chunk: ChunkPlace) -> SyntaxNode? {
    switch place {
    case .here(let index): SyntaxNode(tree: self, place: chunk, index: index)
    case .level(let level): openNode(level, before: chunk)
    }
  }
}

extension SyntaxNode {
  /// The brace that opens this block or the braces of this declaration. It stands in the chunk in
  /// which the node begins.
  fileprivate var openingBrace: SyntaxNode? {
    guard let place else { return nil }
    let nodes = place.chunk.nodes
    var index = index + 1
    while index < nodes.count, !nodes[index].isOpen {
      if nodes[index].kind == .leftBrace {
        return SyntaxNode(tree: tree, place: place, index: index)
      }
      index += nodes[index].kind.isToken ? 1 : Int(nodes[index].extent) + 1
    }
    return nil
  }

  /// What a brace belongs to, in words.
  fileprivate var description: String {
    switch kind {
    case .network: "network \(secondName)"
    case .definition: "definition \(secondName)"
    case .layerDeclaration: "the declaration of \(secondName)"
    case .research: "the research notes"
    case .step: "the block of \(firstName)"
    case .forStatement: "the block of this 'for'"
    case .ifStatement, .layerIf: "the block of this 'if'"
    case .weightsItem: "'weights'"
    case .stateItem: "'state'"
    case .bodyItem: "'body'"
    case .section, .setting: "'\(firstName)'"
    default: "this block"
    }
  }

  private var firstName: String {
    guard let nodes = place?.chunk.nodes else { return "this" }
    let first = nodes.indices.dropFirst(index + 1).first { !nodes[$0].kind.isComment }
    guard let first, nodes[first].kind.isToken else { return "this" }
    return shortText(of: first)
  }

  private var secondName: String {
    guard let nodes = place?.chunk.nodes else { return "this" }
    // Behind the keyword, or before everything where that is missing.
    let near = (index + 1)..<max(index + 1, min(index + 4, nodes.count))
    return near.first { nodes[$0].kind == .name }.map(shortText) ?? "this"
  }

  private func shortText(of index: Int) -> String {
    guard let chunk = place?.chunk else { return "this" }
    let start = chunk.nodes[index].offset
    return String(
      decoding: chunk.text[start..<min(chunk.end(of: index), start + 80)], as: UTF8.self)
  }
}
