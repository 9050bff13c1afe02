import LanguageServerProtocol
import NeuralIDE

/// The answers, each a few lines between the protocol and a feature of the service.
enum Answers {
  static func hover(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    guard
      let hover = document.snapshot.hover(
        document.path, at: document.offset(params.position),
        devices: { [devices = document.view.devices] in devices.markdown($0) })
    else { return .null }
    return LSP.Hover(
      contents: LSP.MarkupContent(
        isMarkdown: document.view.capabilities.hoverMarkdown, value: hover.markdown),
      range: document.range(hover.range)
    ).json
  }

  static func inlayHints(_ document: DocumentView, _ params: LSP.RangeParams) -> JSON {
    let options = document.view.settings.inlayHints
    let hints = document.snapshot.inlayHints(
      document.path, in: document.bytes(params.range), options: options)
    // Whatever a service makes of the options, a kind that is switched off is not shown.
    let wanted = hints.filter { $0.kind == .shape ? options.shapes : options.parameters }
    return .array(
      wanted.map { hint in
        LSP.InlayHint(
          position: document.tree.position(at: hint.offset, in: document.view.encoding),
          label: hint.label, kind: hint.kind == .shape ? .type : .parameter, tooltip: hint.tooltip
        ).json
      })
  }

  static func completion(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    let items = document.snapshot.completions(
      document.path, at: document.offset(params.position),
      devices: document.view.devices.known?.devices.map(\.id) ?? [])
    return ["isIncomplete": false, "items": .array(items.map { document.convert($0).json })]
  }

  static func formatting(_ document: DocumentView, _ params: LSP.DocumentParams) -> JSON {
    document.convert(document.snapshot.formatting(document.path, .document))
  }

  static func rangeFormatting(_ document: DocumentView, _ params: LSP.RangeParams) -> JSON {
    document.convert(
      document.snapshot.formatting(document.path, .lines(document.bytes(params.range))))
  }

  static func onTypeFormatting(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    document.convert(
      document.snapshot.formatting(document.path, .typed(at: document.offset(params.position))))
  }
}
