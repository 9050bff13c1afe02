import NeuralModel
import NeuralSyntax

/// Something of a file that has a name, with what it holds.
public struct DocumentSymbol: Sendable, Equatable {
  public enum Kind: Sendable {
    case network, definition, layerDeclaration, research
    /// A use of a layer or definition.
    case step
    case input, constant, setting
  }

  public var name: String
  /// The shape that a layer gives, or what stands behind a name.
  public var detail: String?
  public var kind: Kind
  public var range: Range<Int>
  /// The name itself, inside of `range`.
  public var selection: Range<Int>
  public var children: [DocumentSymbol] = []

  /// The declarations of a file, in the order of the text.
  public static func all(of snapshot: EditorSnapshot) -> [DocumentSymbol] {
    let writer = SymbolWriter(snapshot: snapshot)
    return snapshot.source.declarations.compactMap { writer.symbol($0) }
  }
}

extension Declaration {
  /// What it is called and as what it is listed; absent for imports and notes without a name.
  var symbol: (name: Name, kind: DocumentSymbol.Kind)? {
    switch self {
    case .network(let network): (network.name, .network)
    case .definition(let definition): (definition.name, .definition)
    case .layer(let layer): (layer.name, .layerDeclaration)
    case .research(let research): research.name.map { ($0, .research) }
    case .import: nil
    }
  }
}

private struct SymbolWriter {
  let snapshot: EditorSnapshot

  private func symbol(
    _ name: Name, _ kind: DocumentSymbol.Kind, _ range: SourceRange, detail: String? = nil,
    children: [DocumentSymbol] = []
  ) -> DocumentSymbol? {
    // A name that is still to be written cannot be shown.
    if name.text.isEmpty { return nil }
    let selection = snapshot.range(name.range)
    let whole = snapshot.range(range)
    return DocumentSymbol(
      name: name.text, detail: detail, kind: kind,
      range: min(
        whole.lowerBound, selection.lowerBound)..<max(
          whole.upperBound, selection.upperBound),
      selection: selection, children: children)
  }

  func symbol(_ declaration: Declaration) -> DocumentSymbol? {
    switch declaration {
    case .network(let network):
      symbol(
        network.name, .network, network.range,
        children: network.sections.flatMap { symbols($0) })
    case .definition(let definition):
      symbol(
        definition.name, .definition, definition.range,
        children: symbols(definition.body.statements))
    case .layer(let layer):
      symbol(layer.name, .layerDeclaration, layer.range, detail: layer.keyword.text)
    case .research(let research):
      symbol(
        research.name ?? Name("research", research.range.startPoint), .research, research.range,
        children: research.entries.compactMap { symbol($0) })
    case .import: nil
    }
  }

  private func symbols(_ section: Section) -> [DocumentSymbol] {
    switch section.value {
    case .inputs(let inputs, _):
      inputs.compactMap { input in
        let shape = input.shape.map { snapshot.text($0.range) }
        let name = input.name ?? Name(section.keyword.text, input.range)
        return symbol(name, .input, input.range, detail: shape)
      }
    case .statements(let block): symbols(block.statements)
    case .settings(let settings):
      [
        symbol(
          section.keyword, .setting, section.range,
          children: settings.compactMap { symbol($0) })
      ].compactMap { $0 }
    case .expressions(let values):
      [
        symbol(
          section.keyword, .setting, section.range,
          detail: values.map { snapshot.text($0.range) }.joined(separator: ", "))
      ].compactMap { $0 }
    case .missing: []
    }
  }

  private func symbol(_ setting: Setting) -> DocumentSymbol? {
    switch setting.value {
    case .expression(let value):
      symbol(setting.name, .setting, setting.range, detail: snapshot.text(value.range))
    case .group(let settings):
      symbol(
        setting.name, .setting, setting.range, children: settings.compactMap { symbol($0) })
    }
  }

  /// What loops and conditions hold stands beside what is around them, as it does in the paths of
  /// layers.
  private func symbols(_ statements: [Statement]) -> [DocumentSymbol] {
    statements.flatMap { statement -> [DocumentSymbol] in
      switch statement.kind {
      case .flow(let flow):
        flow.elements.compactMap { element in
          guard case .step(let step) = element else { return nil }
          return symbol(step)
        }
      case .binding(let name, let value):
        [symbol(name, .constant, statement.range, detail: snapshot.text(value.range))]
          .compactMap { $0 }
      case .loop(_, _, let body): symbols(body.statements)
      case .conditional(let arms, let otherwise):
        arms.flatMap { symbols($0.body.statements) } + symbols(otherwise?.statements ?? [])
      }
    }
  }

  private func symbol(_ step: Step) -> DocumentSymbol? {
    if step.isBare, !snapshot.isStepName(step.call.name.text) { return nil }
    return symbol(
      step.call.name, .step, step.range, detail: snapshot.shapes(behind: step)?.text,
      children: symbols(step.call.block?.statements ?? []))
  }
}
