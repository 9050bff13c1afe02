import NeuralSchema

extension Verb {
  static let layers = Verb(
    name: "layers", usage: "[NAME]", summary: "list the catalogue, or show one layer of it"
  ) { (arguments) throws(UsageError) in
    let catalogue = Catalogue.builtin
    if arguments.operands.isEmpty {
      Terminal.write(list(catalogue.layers))
      return 0
    }
    let name = try arguments.single("a layer")
    guard let schema = catalogue.layer(named: name)?.schema else {
      let near = catalogue.nearestLayer(to: name).map { ", but \($0)" } ?? ""
      throw UsageError("There is no layer \(name)\(near).")
    }
    Terminal.write(page(schema))
    return 0
  }

  private static func list(_ layers: [LayerSchema]) -> String {
    var categories: [String] = []
    for layer in layers where !categories.contains(layer.category) {
      categories.append(layer.category)
    }
    return categories.map { category in
      let rows = layers.filter { $0.category == category }.map { layer in
        (layer.name, layer.documentation.map(firstLine) ?? "")
      }
      return "\(category)\n" + columns(rows)
    }.joined(separator: "\n")
  }

  private static func firstLine(_ text: String) -> String {
    text.split(separator: "\n").first.map(String.init) ?? ""
  }

  private static func page(_ schema: LayerSchema) -> String {
    var text = schema.signature + "\n"
    if let documentation = schema.documentation { text += "\n\(documentation)\n" }
    if !schema.category.isEmpty { text += "\nCategory: \(schema.category)\n" }
    if !schema.aliases.isEmpty { text += "Also: \(schema.aliases.joined(separator: ", "))\n" }
    return text
  }
}
