import NeuralModel
import NeuralSchema
import NeuralSyntax

extension Refactoring {
  /// What concerns the network at the place as a whole.
  var networkActions: [CodeAction] {
    guard case .network(let network)? = snapshot.pieces(at: range.lowerBound).first else {
      return []
    }
    let missing = ["input", "layers"].filter { word in
      !network.sections.contains { $0.keyword.text == word }
    }
    return missing.compactMap { insertion(of: $0, in: network) }
      + [sorting(network), conditions(network), channels(network)].compactMap { $0 }
  }

  // MARK: Sections

  /// The sections in the usual order, each with the comments above it.
  private func sorting(_ network: NetworkDeclaration) -> CodeAction? {
    let slots = network.sections.map { whole(snapshot.range($0.range)) }
    let order = network.sections.indices.sorted {
      (place(of: network.sections[$0]), $0) < (place(of: network.sections[$1]), $1)
    }
    let edits = zip(slots, order).compactMap { slot, index -> TextEdit? in
      slot == slots[index] ? nil : edit(slot, text(slots[index]))
    }
    return action("Sort the sections of `\(network.name.text)`", "refactor.rewrite", edits)
  }

  private func place(of section: Section) -> Int {
    let word = section.keyword.text == "execute" ? "execution" : section.keyword.text
    return SectionWord.all.firstIndex { $0.name == word } ?? SectionWord.all.count
  }

  /// A section with the comment lines above it and the comment behind it.
  private func whole(_ range: Range<Int>) -> Range<Int> {
    var start = range.lowerBound
    while let comment = tree.token(before: start), isComment(comment),
      tree.text(in: comment.range.upperBound..<start).count(where: { $0 == 0x0A }) == 1,
      tree.text(in: lineStart(comment.range.lowerBound)..<comment.range.lowerBound)
        .allSatisfy({ $0 == 0x20 || $0 == 0x09 })
    {
      start = comment.range.lowerBound
    }
    var end = range.upperBound
    let behind = tree.tokens(in: end..<min(end + 200, tree.byteCount)).first
    if let behind, isComment(behind),
      !tree.text(in: end..<behind.range.lowerBound).contains(0x0A)
    {
      end = behind.range.upperBound
    }
    return start..<end
  }

  private func isComment(_ token: SyntaxNode) -> Bool {
    token.kind == .comment || token.kind == .documentation
  }

  /// A section that every network has, with something in it to start from.
  private func insertion(of word: String, in network: NetworkDeclaration) -> CodeAction? {
    let whole = snapshot.range(network.range)
    let outer = indentation(at: whole.lowerBound)
    let text = word == "input" ? "input: (28, 28, 1)" : "layers:\n\(outer)    Dense(10)"
    let earlier = network.sections.filter { self.place(of: $0) < (word == "input" ? 0 : 2) }
    let place: Int
    if let last = earlier.last {
      place = self.whole(snapshot.range(last.range)).upperBound
    } else {
      let tokens = tree.tokens(in: whole)
      guard let brace = tokens.first(where: { $0.kind == .leftBrace }) else { return nil }
      place = brace.range.upperBound
    }
    let following = tree.text(in: place..<whole.upperBound).first { $0 != 0x20 && $0 != 0x09 }
    let ending = following == 0x0A || following == 0x0D ? "" : "\n\(outer)"
    return CodeAction(
      title: "Add `\(word):`", kind: "quickfix",
      edits: [edit(place..<place, "\n\(outer)  \(text)\(ending)")],
      diagnostics: snapshot.analysis.diagnostics.filter {
        $0.code == .missingSection && $0.range == snapshot.range(network.name.range)
          && $0.message.contains("no `\(word)`")
      })
  }

  // MARK: Sizes

  private func graph(_ network: NetworkDeclaration) -> NetworkGraph? {
    snapshot.analysis.networks.first { $0.declaration.name.range == network.name.range }
  }

  /// What the layers need of the sizes that the input names, written down as its conditions.
  private func conditions(_ network: NetworkDeclaration) -> CodeAction? {
    guard let graph = graph(network) else { return nil }
    for section in network.sections {
      guard case .inputs(let inputs, let declared) = section.value, !inputs.isEmpty else {
        continue
      }
      let known = declared.map { snapshot.text($0.range) }
      let named = Set(inputs.flatMap { input in input.shape.map(Self.sizes) ?? [] })
      let needed = graph.facts.constraints.filter { constraint in
        let symbols = constraint.left.symbols.union(constraint.right.symbols)
        return [.greaterOrEqual, .greater].contains(constraint.relation) && !symbols.isEmpty
          && symbols.allSatisfy { named.contains($0.name) }
      }.map(\.text).filter { !known.contains($0) }
      if needed.isEmpty { return nil }
      let end = (declared.last.map { snapshot.range($0.range) } ?? snapshot.range(section.range))
        .upperBound
      let opening = declared.isEmpty ? " where " : ", "
      return action(
        "Add `where \(needed.joined(separator: ", "))`", "refactor.rewrite",
        [edit(end..<end, opening + needed.joined(separator: ", "))])
    }
    return nil
  }

  private static func sizes(_ shape: Expression) -> [String] {
    var names: [String] = []
    shape.forEachName { names.append($0) }
    return names
  }

  // MARK: Channels

  /// The network with the channels of its images first, or last again.
  private func channels(_ network: NetworkDeclaration) -> CodeAction? {
    guard let graph = graph(network) else { return nil }
    let isFirst = graph.dataFormat == .channelsFirst
    var edits: [TextEdit] = []
    for section in network.sections {
      guard case .inputs(let inputs, _) = section.value else { continue }
      for input in inputs {
        guard let shape = input.shape, case .tuple(let sizes) = shape.kind else { continue }
        // A stated batch stays where it is.
        let hasBatch = sizes.first.map { snapshot.text($0.range) } == "batch"
        let axes = Array(hasBatch ? sizes.dropFirst() : sizes[...])
        guard axes.count == 3 || axes.count == 4 else { continue }
        let texts = axes.map { snapshot.text($0.range) }
        let moved =
          isFirst ? texts.dropFirst() + texts.prefix(1) : texts.suffix(1) + texts.dropLast()
        for (axis, new) in zip(axes, moved) { edits.append(edit(snapshot.range(axis.range), new)) }
      }
    }
    if edits.isEmpty { return nil }
    if let section = network.sections.first(where: { $0.keyword.text == "data_format" }) {
      edits.append(
        edit(
          snapshot.range(section.range),
          "data_format: \"channels_\(isFirst ? "last" : "first")\""))
    } else if let input = network.sections.first(where: { $0.keyword.text == "input" }) {
      let place = whole(snapshot.range(input.range)).upperBound
      let blanks = indentation(at: snapshot.range(input.range).lowerBound)
      let isOwnLine = lineStart(place) != lineStart(snapshot.range(network.range).lowerBound)
      edits.append(
        edit(
          place..<place,
          (isOwnLine ? "\n\(blanks)" : "  ") + "data_format: \"channels_first\""))
    }
    // The outputs have another layout if they are images; everything else is the same.
    return action(
      "Put the channels of `\(network.name.text)` \(isFirst ? "last" : "first")",
      "refactor.rewrite", edits
    ) { old, new in
      old.errors == 0 && new.errors == 0 && old.networks.map(\.totals) == new.networks.map(\.totals)
    }
  }
}
