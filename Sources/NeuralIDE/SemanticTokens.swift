import NeuralModel
import NeuralSyntax

extension SemanticToken {
  /// The tokens that overlap `range`, or all of them, in the order of the text: what the text alone
  /// says (`HighlightTable`), refined by what the names mean. None spans lines or overlaps another.
  public static func all(
    in range: Range<Int>? = nil, of analysis: Analysis, names: NameTable
  ) -> [SemanticToken] {
    let tree = analysis.document.tree
    let range = (range ?? 0..<tree.byteCount).clamped(to: 0..<tree.byteCount)
    var syntactic = SyntacticTokens()
    tree.walk(range, &syntactic)
    var oldForms = analysis.diagnostics
      .filter { $0.code == .oldForm || $0.code == .layerSpelling }.map(\.range)[...]
    var tokens: [SemanticToken] = []
    tokens.reserveCapacity(syntactic.found.count)
    for found in syntactic.found where found.token.range.overlaps(range) {
      var token = found.token
      if let name = found.name, let occurrence = names.occurrence(at: name) {
        token.refine(names.symbols[occurrence.symbol].kind, occurrence.isDeclaration)
      }
      while let form = oldForms.first, form.upperBound <= token.range.lowerBound {
        oldForms.removeFirst()
      }
      if let form = oldForms.first, form.contains(token.range.lowerBound) {
        token.markOld()
      }
      tokens.append(token)
    }
    return tokens
  }

  private mutating func refine(_ symbol: NameTable.Symbol.Kind, _ isDeclaration: Bool) {
    // A name before `:` or `=` speaks of what it names; it is none itself.
    if kind == .property || kind == .parameter, symbol != .parameter, symbol != .weight { return }
    switch symbol {
    case .network, .layer: kind = .class
    case .definition: kind = .function
    case .imported: break
    case .builtin(let keyword):
      kind = keyword == "activation" ? .function : .class
      if !isDeclaration { modifiers.insert(.defaultLibrary) }
    case .function:
      kind = .function
      modifiers.insert(.defaultLibrary)
    case .parameter: kind = .parameter
    case .input, .target: kind = .variable
    case .dimension: kind = .typeParameter
    case .constant, .instance, .loopVariable:
      kind = .variable
      modifiers.insert(.readonly)
    case .weight: kind = .property
    }
    if isDeclaration { modifiers.insert(.declaration) }
  }

  /// Of an older form what has a name is marked; signs and numbers are the same in both.
  private mutating func markOld() {
    switch kind {
    case .number, .operator, .comment: return
    default: modifiers.insert(.deprecated)
    }
  }
}
