import NeuralModel
import NeuralSchema
import NeuralSyntax

/// The parameters of the call around a place, and which of them is given there.
public struct SignatureHelp: Sendable, Equatable {
  public struct Parameter: Sendable, Equatable {
    /// Its bytes in the label.
    public var range: Range<Int>
    public var documentation: String?
  }

  /// `Conv2D(filters, kernel_size, strides = 1, …)`
  public var label: String
  public var documentation: String?
  public var parameters: [Parameter]
  /// Its place in `parameters`; absent where what is written is none of them.
  public var active: Int?

  /// Absent outside the parentheses of a call, and where nothing of that name is known.
  public static func at(_ offset: Int, in snapshot: EditorSnapshot) -> SignatureHelp? {
    guard offset > 0, offset <= snapshot.tree.byteCount,
      let list = argumentList(around: offset, in: snapshot.tree),
      let callee = list.parent?.children.first(where: { $0.kind == .name })
    else { return nil }
    let section = callee.ancestors.first { $0.kind == .section }
    let word = section?.children.first { $0.kind == .keyword }
    let keyword = word.flatMap { SectionWord.named($0.text)?.keyword }
    guard let schema = snapshot.schema(named: callee.text, expecting: keyword) else { return nil }
    var help = SignatureHelp(schema)
    help.active = active(at: offset, in: list, of: schema)
    return help
  }

  private init(_ schema: LayerSchema) {
    label = schema.name + "("
    documentation = schema.documentation
    parameters = []
    for parameter in schema.parameters {
      if !parameters.isEmpty { label += ", " }
      let start = label.utf8.count
      label += parameter.name
      if let value = parameter.defaultValue { label += " = \(LayerSchema.text(value))" }
      let documentation = [parameter.type?.description, schema.documentation(of: parameter.name)]
        .compactMap { $0 }.joined(separator: "\n\n")
      parameters.append(
        Parameter(
          range: start..<label.utf8.count,
          documentation: documentation.isEmpty ? nil : documentation))
    }
    label += ")"
  }

  /// The innermost parentheses of a call that `offset` stands in, closed or not.
  private static func argumentList(around offset: Int, in tree: SyntaxTree) -> SyntaxNode? {
    if let token = tree.token(at: offset - 1), token.kind.isComment { return nil }
    guard let token = tree.token(before: offset) ?? tree.token(at: offset) else { return nil }
    return token.ancestors.first { node in
      guard node.kind == .argumentList else {
        return false
      }
      let isClosed = node.children.last?.kind == .rightParen
      return node.range.lowerBound < offset && (!isClosed || offset < node.range.upperBound)
    }
  }

  private static func active(
    at offset: Int, in list: SyntaxNode, of schema: LayerSchema
  ) -> Int? {
    let children = list.children
    let before = children.filter { $0.kind == .comma && $0.range.upperBound <= offset }
    let start = before.last?.range.upperBound ?? list.range.lowerBound
    let argument = children.first {
      $0.kind == .argument && $0.range.lowerBound >= start
    }
    let parts = argument?.children ?? []
    if parts.count > 1, let name = parts.first, name.kind == .name {
      return schema.parameters.firstIndex {
        $0.name == name.text || $0.aliases.contains(name.text)
      }
    }
    return schema.parameters.indices.contains(before.count) ? before.count : nil
  }
}
