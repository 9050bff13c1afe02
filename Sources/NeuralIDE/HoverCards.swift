import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// The texts of hovers: what is known of a layer, a definition, a network, a parameter.
struct HoverCards {
  let snapshot: EditorSnapshot
  let offset: Int

  /// What every layer takes.
  static let universal = [
    "name": "the layer's own name, the last part of its path.",
    "trainable": "whether training changes the layer's weights.",
    "dtype": "the type of the values that it computes with.",
  ]

  /// What an option of a layer's weights says.
  static func meaning(of option: WeightOption) -> String {
    let what = option.name.dropLast(option.keyword.count + 1)
    return switch option.keyword {
    case "initializer": "how `\(what)` begins."
    case "regularizer": "a penalty on `\(what)` in the loss."
    default: "what `\(what)` must satisfy after each step of training."
    }
  }

  private func code(_ text: String) -> String { "```neural\n\(text)\n```" }

  private func joined(_ parts: [String?]) -> String {
    parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  // MARK: Steps

  /// A layer, definition or container where it is used, or another thing that is called.
  func callee(
    _ call: Call, _ step: Step?, expecting keyword: String?, documentation: String?
  ) -> String? {
    let uses = step.map(snapshot.uses) ?? []
    let nodes = uses.compactMap(snapshot.node)
    if let part = BlockPart.named(call.name.text), call.block != nil,
      snapshot.schema(named: call.name.text) == nil
    {
      return joined(["**\(part.name)**: \(part.documentation)", documentation, flow(uses)])
    }
    // A definition's parameter may stand for different layers.
    let schemas = nodes.map(\.schema)
    let schema =
      schemas.first.flatMap { first in schemas.allSatisfy { $0 === first } ? first : nil }
      ?? snapshot.schema(of: call.name, expecting: keyword)
    guard let schema else {
      return uses.isEmpty ? nil : joined([documentation, path(uses), flow(uses), totals(uses)])
    }
    return joined([
      code(schema.signature), kind(schema), documentation, path(uses), flow(uses), totals(uses),
      weights(nodes), formulas(nodes), pytorch(uses), documentation == nil ? nil : "---",
      schema.documentation,
    ])
  }

  private func path(_ uses: [StepUse]) -> String? {
    if uses.isEmpty { return nil }
    let paths = uses.map { "`\($0.path)`" }
    let text = ShapeText.alternatives(paths.filter { $0 != "``" }, separator: ", ")
    let shared = uses.compactMap { use -> String? in
      let graph = snapshot.graph(use)
      guard let owner = snapshot.node(use)?.sharedWith, graph.nodes.indices.contains(owner) else {
        return nil
      }
      let location = graph.nodes[owner].location
      return location.file == snapshot.analysis.document.id
        ? "shares the weights of its use on line \(snapshot.line(location.range))"
        : "shares the weights of `\(graph.nodes[owner].path)`"
    }
    let parts = [text, uses.count > 1 ? "in \(uses.count) uses" : nil, shared.first]
    return parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// `(batch, 28, 28, 1) → (batch, 26, 26, 32)`, alternatives side by side.
  private func flow(_ uses: [StepUse]) -> String? {
    if uses.isEmpty { return nil }
    let inputs = uses.map { ShapeText.values($0.inputs, of: snapshot.graph($0)) }
    let outputs = uses.map { ShapeText.values($0.outputs, of: snapshot.graph($0)) }
    // What follows from an error elsewhere is not known.
    if (inputs + outputs).allSatisfy({ $0 == "?" }) { return nil }
    return "`\(ShapeText.alternatives(inputs, separator: " | ")) → "
      + "\(ShapeText.alternatives(outputs, separator: " | "))`"
  }

  private func totals(_ uses: [StepUse]) -> String? {
    if uses.isEmpty { return nil }
    let each = uses.map { $0.cost(in: snapshot.graph($0)) }
    var all = Cost()
    for cost in each { all.add(cost) }
    guard uses.contains(where: { snapshot.outputs(of: $0).contains { $0 != nil } }) else {
      return nil
    }
    if uses.count == 1, let searched = uses[0].searchedCosts(in: snapshot.graph(uses[0])) {
      let macs = ShapeText.range(searched.map(\.macs))
      return ShapeText.parameters(searched) + (macs == "0" ? "" : " · \(macs) MACs")
    }
    var parameters = ShapeText.parameters(each)
    if uses.count > 1, all.parameters != .constant(0) {
      parameters += ", \(ShapeText.count(all.parameters)) in all"
    }
    let macs = ShapeText.alternatives(each.map { ShapeText.count($0.macs) }, separator: " | ")
    return parameters + (macs == "0" ? "" : " · \(macs) MACs")
  }

  private func weights(_ nodes: [GraphNode]) -> String? {
    guard let first = nodes.first, nodes.allSatisfy({ $0.weights == first.weights }),
      !first.weights.isEmpty, first.weights.count <= 6
    else { return nil }
    return first.weights.map { "`\($0.name) \(TensorType.text($0.shape))`" }.joined(separator: ", ")
  }

  /// The statements that it is in PyTorch, or why it is none.
  private func pytorch(_ uses: [StepUse]) -> String? {
    let entries = uses.compactMap(snapshot.pytorch)
    switch entries.first {
    case .known(.lines(let lines)):
      if lines.isEmpty { return "PyTorch needs no statement for it." }
      let code = "```python\n\(lines.joined(separator: "\n"))\n```"
      return entries.allSatisfy { $0 == entries[0] } ? code : "In the first use:\n\n\(code)"
    case .known(.refusal(let reason)): return "Not written for PyTorch: \(reason)"
    case .isBeingWritten: return "Its PyTorch is being written; it stands here in a moment."
    case nil: return nil
    }
  }

  private func formulas(_ nodes: [GraphNode]) -> String? {
    guard let first = nodes.first, !first.formulas.isEmpty else { return nil }
    let isSame = nodes.allSatisfy { $0.formulas == first.formulas }
    let lines = first.formulas.prefix(8).map { "- `\($0)`" }.joined(separator: "\n")
    return isSame ? lines : "In the first use:\n\n\(lines)"
  }

  // MARK: Declarations

  /// Something of the catalogue, away from any use.
  func declaration(_ schema: LayerSchema) -> String {
    joined([code(schema.signature), kind(schema), schema.documentation])
  }

  private func kind(_ schema: LayerSchema) -> String? {
    schema.isStep ? imported(schema) : "*\(schema.keyword)*"
  }

  /// Where an imported declaration stands.
  private func imported(_ schema: LayerSchema) -> String? {
    snapshot.analysis.imported[schema.file].map { document in
      "From `\(ImportPath.relative(document.path, to: snapshot.analysis.document.path))`"
    }
  }

  func definition(named name: String) -> String {
    guard let index = snapshot.analysis.definitionsByName[name] else { return "" }
    let schema = snapshot.analysis.definitions[index].schema
    let uses = uses(ofDefinition: index)
    return joined([
      code("define " + schema.signature), schema.documentation,
      uses.isEmpty ? "Not used." : path(uses), flow(uses), totals(uses),
    ])
  }

  private func uses(ofDefinition index: Int) -> [StepUse] {
    var uses: [StepUse] = []
    for (network, graph) in snapshot.analysis.networks.enumerated() {
      for (number, scope) in graph.scopes.enumerated() {
        guard case .definition(index, _) = scope.kind else { continue }
        uses.append(
          StepUse(
            network: network, path: scope.path, inputs: scope.inputs, outputs: scope.outputs,
            scope: number, definition: index))
      }
    }
    return uses
  }

  func network(_ network: NetworkDeclaration) -> String {
    let parameters = network.parameters.map { parameter in
      parameter.defaultValue.map { "\(parameter.name.text)=\(snapshot.text($0.range))" }
        ?? parameter.name.text
    }
    let signature =
      network.name.text
      + (parameters.isEmpty ? "" : "(\(parameters.joined(separator: ", ")))")
    guard
      let graph = snapshot.analysis.networks.first(where: {
        $0.declaration.name.range == network.name.range
      })
    else { return joined([code("network " + signature), network.documentation]) }
    var rows = "| | |\n| --- | --- |\n"
    func row(_ name: String, _ type: TensorType?) {
      let dtype = type.map { $0.dtype == .float32 ? "" : " \($0.dtype.rawValue)" } ?? ""
      rows += "| \(name) | `\(type?.description ?? "?")`\(dtype) |\n"
    }
    for input in graph.inputs { row("input `\(input.name)`", graph.type(of: input.value)) }
    for output in graph.outputs { row("output `\(output.name)`", graph.type(of: output.value)) }
    if let range = graph.totalsRange {
      rows += "| parameters | \(ShapeText.range(range.parameters)) |\n"
      if range.nonTrainable != 0...0 {
        rows += "| trained | \(ShapeText.range(range.trainable)) |\n"
      }
      rows += "| MACs for one sample | \(ShapeText.range(range.macs)) |\n"
    } else {
      let totals = graph.totals
      rows += "| parameters | \(ShapeText.count(totals.parameters ?? totals.trainable)) |\n"
      if totals.nonTrainable != .constant(0) {
        rows += "| trained | \(ShapeText.count(totals.trainable)) |\n"
      }
      rows += "| MACs for one sample | \(ShapeText.count(totals.macs)) |\n"
    }
    let memory = graph.memory
    if let training = memory.training {
      rows += "| memory in training, batch size \(memory.batchSize) | "
      rows += "\(ShapeText.bytes(training)) |\n"
    }
    if let inference = memory.inference {
      rows += "| memory for one sample | \(ShapeText.bytes(inference)) |\n"
    }
    rows += "| layers | \(graph.nodes.count) |"
    return joined([
      code("network " + signature), network.documentation, rows,
      graph.isComplete ? nil : "It has errors or open parameters; what is known is counted.",
      ShapeText.searchNote(graph, hasRange: graph.totalsRange != nil),
    ])
  }

  /// A parameter, as it is declared.
  func parameter(_ parameter: ParameterSchema, of schema: LayerSchema) -> String {
    var text = "**\(parameter.name)**"
    if let type = parameter.type { text += ": \(type.description)" }
    if let value = parameter.defaultValue {
      text += "\n\nDefault: `\(LayerSchema.text(value))`"
    } else {
      text += "\n\nRequired."
    }
    let owner =
      schema.keyword == "settings" ? "Setting of `\(schema.name)`" : "Parameter of `\(schema.name)`"
    var also = ""
    if !parameter.aliases.isEmpty {
      also = ", also written \(parameter.aliases.map { "`\($0)`" }.joined(separator: ", "))"
    }
    return joined([text, schema.documentation(of: parameter.name), owner + also + "."])
  }

  // MARK: Names

  /// A value, a size, a constant or a parameter, by the name that is visible here.
  func name(_ name: String, pieces: [Piece]) -> String? {
    guard let visible = snapshot.visibleNames(at: offset).last(where: { $0.name == name }) else {
      return name == "input" ? flowingIn(pieces) : nil
    }
    let heading = "`\(name)`"
    switch visible.meaning {
    case .input(let input): return self.input(input, name, pieces)
    case .dimension: return dimension(name, pieces)
    case .target:
      guard let origin = snapshot.origin(of: visible) else { return nil }
      let source =
        switch origin.source {
        case .step(let step): "`\(step.call.name.text)` on line \(snapshot.line(step.range))"
        case .input(let name): "the input `\(name)`"
        }
      return joined([
        "\(heading): `\(origin.text)`",
        "From \(source), named on line \(snapshot.line(visible.range)).",
      ])
    case .constant(let value):
      var text = code("let \(name) = \(snapshot.text(value.range))")
      if case .call(let call) = value.kind, let schema = snapshot.schema(of: call.name) {
        text = joined([
          text, schema.keyword == "layer" ? "One layer: each `\(name)()` shares its weights." : nil,
          schema.documentation,
        ])
      } else {
        let known = LayerSchema.text(value)
        if known != "…", known != snapshot.text(value.range) { text += "\n\nIt is `\(known)`." }
      }
      return text
    case .loopVariable(let sequence):
      return "\(heading): each of `\(snapshot.text(sequence.range))` in turn"
    case .parameter(let parameter, let owner):
      let value = parameter.defaultValue.map { "Default: `\(snapshot.text($0.range))`" }
      return joined([
        "\(heading): parameter of `\(owner.text)`", value, arguments(parameter.name.text, owner),
      ])
    }
  }

  /// The values that a definition's parameter has in its uses.
  private func arguments(_ parameter: String, _ owner: Name) -> String? {
    guard let index = snapshot.ownDefinition(at: owner.range) else { return nil }
    var values: [String] = []
    for graph in snapshot.analysis.networks {
      for scope in graph.scopes {
        guard case .definition(index, let arguments) = scope.kind,
          let value = arguments[parameter], !value.isUnknown
        else { continue }
        values.append(value.description)
      }
    }
    if values.isEmpty { return nil }
    let uses = values.count == 1 ? "its use" : "\(values.count) uses"
    return "`\(ShapeText.alternatives(values, separator: " | "))` in \(uses)"
  }

  private func graph(_ pieces: [Piece]) -> NetworkGraph? {
    guard case .network(let network)? = pieces.first else { return nil }
    return snapshot.analysis.networks.first { $0.declaration.name.range == network.name.range }
  }

  private func input(_ input: Input, _ name: String, _ pieces: [Piece]) -> String? {
    guard let graph = graph(pieces), let found = graph.inputs.first(where: { $0.name == name })
    else { return nil }
    let type = graph.type(of: found.value)
    let dtype = type.map { $0.dtype == .float32 ? "" : ", \($0.dtype.rawValue)" } ?? ""
    return "`\(name)`: `\(type?.description ?? "?")`\(dtype), input of `\(graph.name)`"
  }

  /// `input` inside a definition.
  private func flowingIn(_ pieces: [Piece]) -> String? {
    guard case .definition(let definition)? = pieces.first,
      let index = snapshot.ownDefinition(at: definition.name.range)
    else { return nil }
    let inputs = uses(ofDefinition: index).map { ShapeText.values(snapshot.inputs(of: $0)) }
    let shapes =
      inputs.isEmpty ? "" : ": `\(ShapeText.alternatives(inputs, separator: " | "))`"
    return "`input`\(shapes), what flows into `\(definition.name.text)`"
  }

  private func dimension(_ name: String, _ pieces: [Piece]) -> String? {
    guard let graph = graph(pieces) else { return nil }
    let sources = graph.inputs.filter { input in
      graph.type(of: input.value)?.shape.contains { $0.symbols.contains { $0.name == name } }
        ?? false
    }
    var conditions: [String] = []
    for section in graph.declaration.sections {
      guard case .inputs(_, let declared) = section.value else { continue }
      for condition in declared {
        var isNamed = false
        condition.forEachName { if $0 == name { isNamed = true } }
        if isNamed { conditions.append(snapshot.text(condition.range)) }
      }
    }
    let needed = graph.facts.constraints.filter { constraint in
      constraint.isLowerBound
        && constraint.left.symbols.contains { $0.name == name }
    }.map(\.text).filter { !conditions.contains($0) }
    let origin = sources.map {
      "`\($0.name)`: `\(graph.type(of: $0.value)?.description ?? "?")`"
    }
    return joined([
      "`\(name)`: a size of \(origin.joined(separator: ", ")), known only when it runs",
      conditions.isEmpty ? nil : "Given: \(conditions.map { "`\($0)`" }.joined(separator: ", "))",
      needed.isEmpty
        ? nil
        : "The layers need: \(ShapeText.alternatives(needed.map { "`\($0)`" }, separator: ", "))",
    ])
  }
}

extension LayerSchema {
  /// What the documentation says of one parameter, in a list item that begins with its name.
  func documentation(of parameter: String) -> String? {
    guard let documentation else { return nil }
    for line in documentation.split(separator: "\n") {
      for opening in ["- `\(parameter)`:", "- \(parameter):", "* `\(parameter)`:"] {
        if line.hasPrefix(opening) {
          return String(line.dropFirst(opening.count).drop { $0 == " " })
        }
      }
    }
    return nil
  }
}

/// The parts of a container's block.
struct BlockPart: Sendable {
  var name: String
  /// How the layer reads its block.
  var container: BlockMode
  var documentation: String

  static let all: [BlockPart] = [
    BlockPart(
      name: "branch", container: .branches,
      documentation: "one operand of the merge around it, made from the same input as the others; "
        + "an empty one is the input itself."),
    BlockPart(
      name: "shortcut", container: .residual,
      documentation: "what is added to the result of the block around it, instead of its input."),
  ]

  static func named(_ name: String) -> BlockPart? { all.first { $0.name == name } }
}
