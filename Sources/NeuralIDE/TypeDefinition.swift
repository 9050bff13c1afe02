import NeuralModel
import NeuralSyntax

extension EditorSnapshot {
  /// Where the layer or definition is declared that makes what is named at an offset: the one that
  /// a value comes from, that a `let` names, or that is called.
  public func typeDefinitions(at offset: Int) -> [SymbolPlace] {
    let around = [tree.token(at: offset), tree.token(before: offset)].compactMap { $0 }
    guard let token = around.first(where: { $0.kind == .name && $0.range.upperBound >= offset })
    else { return [] }
    let start = token.range.lowerBound
    for case .call(let call) in pieces(at: start) where range(call.name.range) == token.range {
      if let place = place(ofCallee: call.name) { return [place] }
    }
    guard let name = visibleNames(at: start).last(where: { $0.name == token.text }) else {
      return []
    }
    if case .constant(let value) = name.meaning, case .call(let call) = value.kind {
      return place(ofCallee: call.name).map { [$0] } ?? []
    }
    guard case .step(let step)? = origin(of: name)?.source else { return [] }
    return place(ofCallee: step.call.name).map { [$0] } ?? []
  }

  private func place(ofCallee name: Name) -> SymbolPlace? {
    schema(of: name).flatMap { analysis.place(Location($0.file, $0.nameRange)) }
  }
}
