import NeuralSchema
import NeuralSyntax

extension InlayHint {
  /// The hints of a range, in the order of the text.
  public static func all(
    in range: Range<Int>, of snapshot: EditorSnapshot, options: InlayHintOptions
  ) -> [InlayHint] {
    // A range that is empty is still a place.
    let wanted = range.lowerBound..<max(range.upperBound, range.lowerBound + 1)
    let pieces = snapshot.source.pieces(in: wanted, of: snapshot.tree)
    var hints: [InlayHint] = []
    if options.shapes { hints += shapes(pieces, snapshot, options) }
    if options.counts { hints += counts(pieces, snapshot) }
    if options.parameters { hints += parameters(pieces, snapshot) }
    for index in hints.indices {
      let length = options.maximumLength(of: hints[index].kind)
      if length > 0 { hints[index].label = shortened(hints[index].label, to: length) }
    }
    return hints.filter { wanted.lowerBound <= $0.offset && $0.offset <= wanted.upperBound }
      .sorted { ($0.offset, $0.kind) < ($1.offset, $1.kind) }
  }

  private static func shortened(_ label: String, to length: Int) -> String {
    label.count <= length ? label : label.prefix(max(0, length - 1)) + "…"
  }

  // MARK: Shapes

  /// The shape behind the last step of each line of a flow, where the line changes it; behind
  /// every step if that is wanted.
  private static func shapes(
    _ pieces: [Piece], _ snapshot: EditorSnapshot, _ options: InlayHintOptions
  ) -> [InlayHint] {
    var hints: [InlayHint] = []
    for case .flow(let flow) in pieces {
      let steps = flow.elements.compactMap { element -> Step? in
        guard case .step(let step) = element else { return nil }
        let uses = snapshot.flows(through: step)
        return uses.isEmpty || uses.contains(where: \.isGroup) ? nil : step
      }
      func line(_ offset: Int) -> Int { snapshot.tree.position(at: offset, in: .utf8).line }
      // The first step since the end of the line before.
      var first: Step?
      for (index, step) in steps.enumerated() {
        let end = snapshot.range(step.range).upperBound
        let start = first ?? step
        if options.everyStep {
          hints += shape(step, from: nil, at: end, snapshot)
          continue
        }
        let isLast =
          index + 1 == steps.count
          || line(snapshot.range(steps[index + 1].range).lowerBound) != line(end)
        first = isLast ? nil : start
        if isLast { hints += shape(step, from: start, at: end, snapshot) }
      }
    }
    return hints
  }

  /// The shape behind a step; none where it is what flows into `start`, in all uses.
  private static func shape(
    _ step: Step, from start: Step?, at offset: Int, _ snapshot: EditorSnapshot
  ) -> [InlayHint] {
    let uses = snapshot.flows(through: step)
    let outputs = uses.map { snapshot.outputs(of: $0) }
    if let start {
      let inputs = snapshot.flows(through: start).map { snapshot.inputs(of: $0).first ?? nil }
      let before = inputs.map { $0?.shape }
      if before == outputs.map({ $0.first??.shape }), outputs.allSatisfy({ $0.count == 1 }) {
        return []
      }
    }
    guard let shapes = snapshot.shapes(behind: step) else { return [] }
    return [
      InlayHint(
        offset: offset, label: shapes.text, kind: .shape,
        tooltip: shapes.uses > 1 ? "In \(shapes.uses) uses" : nil,
        subject: snapshot.range(step.call.name.range).lowerBound)
    ]
  }

  // MARK: Counts

  /// The parameters of each layer, behind it.
  private static func counts(_ pieces: [Piece], _ snapshot: EditorSnapshot) -> [InlayHint] {
    var hints: [InlayHint] = []
    for case .step(let step) in pieces {
      let costs = snapshot.uses(of: step).map { $0.cost(in: snapshot.graph($0)) }
      guard costs.contains(where: { $0.parameters != .constant(0) }) else { continue }
      hints.append(
        InlayHint(
          offset: snapshot.range(step.range).upperBound, label: ShapeText.parameters(costs),
          kind: .count, subject: snapshot.range(step.call.name.range).lowerBound))
    }
    return hints
  }
}
