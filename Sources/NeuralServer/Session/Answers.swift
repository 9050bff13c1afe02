import LanguageServerProtocol
import NeuralIDE

/// The answers, each a few lines between the protocol and a feature of the service.
enum Answers {
  static func hover(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    guard let hover = document.hover(at: params.position) else { return .null }
    return LSP.Hover(
      contents: LSP.MarkupContent(
        hover.markdown, asMarkdown: document.view.capabilities.hoverMarkdown),
      range: document.range(hover.range)
    ).json
  }

  static func inlayHints(_ document: DocumentView, _ params: LSP.RangeParams) -> JSON {
    let options = document.view.settings.inlayHints
    let isLazy = document.view.capabilities.resolvesInlayHints
    let hints = document.snapshot.inlayHints(
      document.path, in: document.bytes(params.range), options: options)
    // Whatever a service makes of the options, a kind that is switched off is not shown.
    let wanted = hints.filter { hint in
      switch hint.kind {
      case .shape: options.shapes
      case .parameter: options.parameters
      case .count: options.counts
      }
    }
    return .array(
      wanted.map { hint in
        let data = hint.subject.map { subject -> JSON in
          [
            "uri": .string(params.uri), "version": document.version,
            "position": document.tree.position(at: subject, in: document.view.encoding).json,
            "isParameter": .boolean(hint.kind == .parameter),
          ]
        }
        return LSP.InlayHint(
          position: document.tree.position(at: hint.offset, in: document.view.encoding),
          label: hint.label, kind: hint.kind == .parameter ? .parameter : .type,
          tooltip: hint.tooltip, data: isLazy ? data : nil
        ).json
      })
  }

  /// A hint with what hovering shows of its layer or parameter.
  static func resolveInlayHint(_ document: DocumentView, _ params: LSP.ResolveParams) -> JSON {
    guard case .object(var item) = params.item, params.data["version"] == document.version,
      let position = params.data["position"].flatMap({ try? LSP.Position(json: $0) }),
      let tooltip = params.data["isParameter"] == true
        ? document.snapshot.parameterTooltip(document.path, at: document.offset(position))
        : document.hover(at: position)?.markdown
    else { return params.item }
    item.append(
      "tooltip",
      LSP.MarkupContent(
        tooltip, asMarkdown: document.view.capabilities.hoverMarkdown
      ).json)
    return .object(item)
  }

  static func completion(_ document: DocumentView, _ params: LSP.PositionParams) -> JSON {
    let items = document.completions(at: params.position)
    let isLazy = document.view.capabilities.resolvesCompletions
    // Nearly all replace the same word.
    var ranges: [Range<Int>: LSP.Range] = [:]
    return [
      "isIncomplete": false,
      "items": .array(
        items.enumerated().map { index, item in
          let range = ranges[item.replaceRange] ?? document.range(item.replaceRange)
          ranges[item.replaceRange] = range
          let isToldLater = isLazy && item.documentation != nil
          var converted = document.convert(item, replacing: range, isToldLater: isToldLater)
          if isToldLater {
            converted.data = [
              "uri": .string(params.uri), "version": document.version,
              "position": params.position.json, "index": .integer(index),
            ]
          }
          return converted.json
        }),
    ]
  }

  /// An item with its documentation. Where the text has changed since, the item is what it is.
  static func resolveCompletion(_ document: DocumentView, _ params: LSP.ResolveParams) -> JSON {
    guard case .object(var item) = params.item, params.data["version"] == document.version,
      let position = params.data["position"].flatMap({ try? LSP.Position(json: $0) }),
      case .integer(let index)? = params.data["index"]
    else { return params.item }
    let items = document.completions(at: position)
    guard items.indices.contains(index), params.item["label"] == .string(items[index].label) else {
      return params.item
    }
    item.append("documentation", document.documentation(of: items[index])?.json)
    return .object(item)
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

extension DocumentView {
  fileprivate func hover(at position: LSP.Position) -> Hover? {
    snapshot.hover(
      path, at: offset(position), devices: { [devices = view.devices] in devices.markdown($0) })
  }

  fileprivate func completions(at position: LSP.Position) -> [CompletionItem] {
    snapshot.completions(
      path, at: offset(position), devices: view.devices.known?.devices.map(\.id) ?? [])
  }

  /// In the protocol's words.
  fileprivate var version: JSON { .integer(view.documents[path]?.version ?? 0) }
}
