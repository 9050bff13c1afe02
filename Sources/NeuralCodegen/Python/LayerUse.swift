import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// One layer of a class, with what it is in each use of the class.
struct LayerUse {
  let writer: BlockWriter
  let schema: LayerSchema
  /// By use; `nil` where a use does not reach it.
  let nodes: [Int?]
  let arguments: [BoundArguments?]
  let bindings: [[String: Value]]
  /// The values read, by input and use.
  let inputs: [[Int?]]
  let outputs: [[Int?]]
  /// The node that owns the weights, where this is a further use of a shared instance; of a composite
  /// layer, the scope.
  let owners: [Int?]
  /// The scopes of a composite layer that is written as a whole.
  let composites: [Int?]
  /// The node whose kernel this one uses, transposed.
  let tied: [Int?]
  private let scopes: [Int?]
  private let paths: [String]
  private let locations: [Location]
  private let trainable: [Bool]
  private let device: String?
  private let dtype: DType?

  /// A layer of the graph.
  init(_ writer: BlockWriter, nodes: [Int?]) throws(EmissionError) {
    self.writer = writer
    self.nodes = nodes
    let entries = writer.uses.indices.map { use in
      nodes[use].map { writer.graph(use).nodes[$0] }
    }
    guard let first = entries[writer.firstActive] else {
      throw writer.problem("nothing stands here", use: writer.firstActive)
    }
    let names = writer.keys { entries[$0]?.schema.name ?? "" }
    guard Set(writer.activeUses.map { names[$0] }).count == 1 else { throw writer.split(names) }
    let counts = writer.keys { entries[$0].map { "\($0.inputs.count) \($0.outputs.count)" } ?? "" }
    guard Set(writer.activeUses.map { counts[$0] }).count == 1 else { throw writer.split(counts) }
    schema = first.schema
    arguments = entries.map { $0?.arguments }
    bindings = entries.map { $0?.bindings ?? [:] }
    inputs = first.inputs.indices.map { index in entries.map { $0?.inputs[index] } }
    outputs = first.outputs.indices.map { index in entries.map { $0?.outputs[index] } }
    owners = entries.map { $0?.sharedWith }
    composites = entries.map { _ in nil }
    tied = entries.map { $0?.tiedTo }
    dtype = first.dtype
    scopes = entries.map { $0?.scope }
    paths = entries.map { $0?.path ?? "" }
    locations = entries.map { $0?.location ?? first.location }
    trainable = entries.map { $0?.isTrainable ?? true }
    device = first.device
  }

  /// A composite layer as a whole.
  init?(_ writer: BlockWriter, composite: [Int?]) {
    self.writer = writer
    nodes = composite.map { _ in nil }
    let entries = writer.uses.indices.map { writer.entry(composite, $0) }
    guard let first = entries[writer.firstActive],
      case .composite(let schema, _) = first.kind
    else { return nil }
    self.schema = schema
    arguments = entries.map { entry in
      if case .composite(_, let arguments)? = entry?.kind { arguments } else { nil }
    }
    bindings = entries.map { _ in [:] }
    let boundaries = writer.uses.indices.map { use in
      composite[use].map { writer.boundary(writer.graph(use), $0) }
    }
    inputs = (boundaries[writer.firstActive] ?? []).indices.map { index in
      boundaries.map { $0?[index] }
    }
    outputs = first.outputs.indices.map { index in entries.map { $0?.outputs[index] } }
    owners = entries.map { $0?.sharedWith }
    composites = composite
    tied = composite.map { _ in nil }
    let parts = entries.enumerated().map { use, entry in
      writer.graph(use).nodes.filter { node in
        entry.map { node.path.hasPrefix($0.path + "/") } ?? false
      }
    }
    dtype = parts[writer.firstActive].lazy.compactMap(\.dtype).first
    scopes = entries.map { $0?.parent }
    paths = entries.map { $0?.path ?? "" }
    locations = entries.map { $0?.location ?? first.location }
    trainable = parts.map { parts in
      let weighted = parts.filter { !$0.weights.isEmpty }
      return weighted.isEmpty || weighted.contains(where: \.isTrainable)
    }
    device = nil
  }

  func path(_ use: Int) -> String { paths[use] }
  func location(_ use: Int) -> Location { locations[use] }
  func isTrainable(_ use: Int) -> Bool { trainable[use] }

  var target: PythonTarget { writer.module.target }

  /// Where this convolution or pool wants the channels, in all uses.
  func channelLayout() throws(EmissionError) -> Layout {
    _ = try uniform("data_format")
    return target.channelLayout(arguments[writer.firstActive])
  }

  /// Where the channels are in the declared layout of its first input.
  func channelAxis() throws(EmissionError) -> Int {
    try uniform("data_format") == .string("channels_first") ? 1 : rank() - 1
  }

  /// Whether the declaration says how the target writes it as a whole.
  var hasEmitter: Bool { schema.targets[target.entry] != nil }

  // MARK: Emission

  func emission() throws(EmissionError) -> Emission {
    if let device {
      throw unsupported(
        "places this layer on \(Value.quoted(device)); this version leaves placement to the "
          + "caller, so remove the `@`")
    }
    if !target.takesOptions, let option = options.first {
      throw unsupported("does not write `\(option)` yet; leave it out")
    }
    if let dtype, dtype != .float32 {
      throw unsupported(
        "computes in float32; this version writes no layer in \(dtype.rawValue), so leave out `dtype`"
      )
    }
    switch schema.targets[target.entry] {
    case .builtin:
      guard let emitter = target.emitters[schema.name] else {
        throw unsupported("has no emitter for this layer")
      }
      return try emitter(self)
    case .template(let text):
      if let own = target.own, let constructor = Template.own(text) {
        return try own(self, constructor)
      }
      return try template(text)
    case nil:
      throw unsupported(
        "does not know this layer; add `\(target.entry): \"…\"` to the declaration of `\(schema.name)`"
      )
    }
  }

  /// Initializers, regularizers and constraints, of layers that are its arguments too.
  private var options: [String] {
    let own = node?.options.map(\.name) ?? []
    let inner = (arguments[writer.firstActive]?.entries ?? []).flatMap { entry -> [String] in
      guard case .layer(let layer) = entry.value else { return [] }
      return layer.universal.keys.filter { !ParameterSchema.universal.contains($0) }.sorted()
    }
    return own + inner
  }

  func unsupported(_ what: String) -> EmissionError {
    .problem(
      TargetProblem(
        "`\(schema.name)`: the \(target.displayName) target \(what)",
        at: locations[writer.firstActive]))
  }

  /// A template of the declaration: a function of `{x}`, or a module's constructor.
  private func template(_ text: String) throws(EmissionError) -> Emission {
    let template = Template(text)
    if case .template(let line)? = schema.targets["import_\(target.entry)"] {
      writer.module.addImport(line)
    }
    try refuseUnread(by: template)
    let layout = try followedLayout()
    var failure: EmissionError?
    var filled: [Template.Part] = []
    var isFunction = false
    for part in template.parts {
      guard case .place(let name) = part else {
        filled.append(part)
        continue
      }
      if name == "x" || name.hasPrefix("x") && Int(name.dropFirst()) != nil {
        isFunction = true
        filled.append(part)
        continue
      }
      do throws(EmissionError) {
        filled.append(.text(try placeholder(name, layout)))
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
    let layouts = inputs.map { _ in layout }
    if !isFunction {
      return Emission(
        .text(filled.map(\.text).joined()), layouts: layouts, output: layout)
    }
    return Emission(layouts: layouts, output: layout) { inputs in
      filled.map { part in
        guard case .place(let name) = part else { return part.text }
        let index = (Int(name.dropFirst()) ?? 1) - 1
        return inputs.indices.contains(index) ? inputs[index] : "None"
      }.joined()
    }
  }

  /// An argument off its default that the template does not read is not left out silently.
  private func refuseUnread(by template: Template) throws(EmissionError) {
    let places = Set(
      template.parts.compactMap { if case .place(let name) = $0 { name } else { nil } })
    let unread = schema.parameters.map(\.name).filter {
      !places.contains($0) && $0 != "data_format"
    }
    try refuse(unread)
  }

  /// Arguments that the target cannot say, where they are given and not the default.
  func refuse(_ names: [String]) throws(EmissionError) {
    if let arguments = arguments[writer.firstActive] {
      try refuse(names, among: arguments, of: schema, called: "this layer")
    }
  }

  /// The same of a layer that is an argument.
  func refuse(_ names: [String], of layer: LayerValue) throws(EmissionError) {
    try refuse(names, among: layer.arguments, of: layer.schema, called: layer.schema.name)
  }

  private func refuse(
    _ names: [String], among given: BoundArguments, of schema: LayerSchema, called what: String
  ) throws(EmissionError) {
    let defaults = schema.defaultArguments
    for name in names {
      guard let entry = given.entry(name), entry.isGiven, entry.value != defaults[name] else {
        continue
      }
      throw unsupported("has no `\(name)` for \(what); leave it out")
    }
  }

  private func placeholder(_ name: String, _ layout: Layout) throws(EmissionError) -> String {
    let rank = inputs.first.map { writer.rank($0) } ?? 0
    switch name {
    case "last_axis": return layout.text(of: -1, rank: rank)
    case "axis":
      if case .integer(.constant(let axis)) = try uniform("axis") {
        return layout.text(of: axis, rank: rank)
      }
      return try expression("axis").text
    default:
      if arguments[writer.firstActive]?.entry(name) != nil { return try expression(name).text }
      let values = bindings.map { $0[name] }
      guard values[writer.firstActive] != nil else {
        throw unsupported("finds no `\(name)` for the template of `\(schema.name)`")
      }
      return try writer.infer(values, hint: name).text
    }
  }

  /// The layout of a layer that works in any: the one that an input already has.
  func followedLayout() throws(EmissionError) -> Layout {
    if schema.layout == .channels { return try channelLayout() }
    // Where the channels are last or wherever they are declared, an axis is only renamed.
    guard schema.layout == .any || schema.layout == .axis && target.channels == .channelsLast
    else { return .declared }
    for values in inputs {
      let layout = try writer.variable(values).layout
      if layout != .declared { return layout }
    }
    return .declared
  }

  /// The inputs' texts in the layouts that the emission wants.
  func inputTexts(_ emission: Emission) throws(EmissionError) -> [String] {
    var texts: [String] = []
    for (index, values) in inputs.enumerated() {
      let layout =
        emission.inputLayouts.indices.contains(index)
        ? emission.inputLayouts[index] : emission.inputLayouts.last ?? .declared
      texts.append(writer.convert(try writer.variable(values), to: layout, values))
    }
    return texts
  }

  // MARK: Arguments

  /// An argument that must be the same in all uses, since it decides what is written.
  func uniform(_ name: String) throws(EmissionError) -> Value {
    let values = arguments.map { $0?[name] }
    let known = Set(values.compactMap { $0 })
    guard let first = known.first else { return .none }
    if known.count > 1 { throw writer.split(writer.keys { values[$0]?.description ?? "" }) }
    return first
  }

  func isTrue(_ name: String) throws(EmissionError) -> Bool {
    try uniform(name) == .boolean(true)
  }

  /// An argument as Python writes it: as the source does, where that says more than a literal.
  func expression(_ name: String) throws(EmissionError) -> PythonValue {
    let values = arguments.map { $0?[name] }
    let use = writer.firstActive
    if !writer.isNetwork, let written = arguments[use]?.entry(name)?.expression,
      BlockWriter.hasNames(written),
      let translated = writer.translate(
        written,
        at: BlockWriter.Place(
          scopes: scopes,
          inputs: writer.uses.indices.map { index in
            inputs.first.flatMap { $0[index] }.map { [$0] }
          }), values: values)
    {
      return translated
    }
    return try writer.infer(values, hint: name)
  }

  /// A pair or triple, as one number where all entries are equal.
  func tuple(_ name: String) throws(EmissionError) -> PythonValue {
    var value = try expression(name)
    let known = Set(arguments.compactMap { $0?[name] })
    if known.count == 1, let entries = known.first?.elements, let first = entries.first,
      entries.allSatisfy({ $0 == first }), Python.literal(known.first ?? .none) == value.text
    {
      value.text = Python.literal(first) ?? value.text
    }
    return value
  }

  /// A declared size of an input.
  func size(_ input: Int, _ axis: Int, hint: String) throws(EmissionError) -> PythonValue {
    try writer.size(of: inputs[input], axis: axis, hint: hint)
  }

  func rank(_ input: Int = 0) -> Int { writer.rank(inputs[input]) }

  /// The shape of an input in one use.
  func shape(_ input: Int, use: Int) -> [Dimension] {
    inputs[input][use].flatMap { writer.graph(use).type(of: $0)?.shape } ?? []
  }

  /// The node in the first active use.
  var node: GraphNode? {
    nodes[writer.firstActive].map { writer.graph(writer.firstActive).nodes[$0] }
  }

  // MARK: Activations

  /// The function that an activation argument applies, `nil` for none and linear.
  func activation(
    _ name: String = "activation", layout: Layout
  ) throws(EmissionError) -> ((String) -> String)? {
    guard case .layer(let layer) = try uniform(name) else { return nil }
    if layer.schema.name == "linear" { return nil }
    return try function(of: layer, layout: layout)
  }

  func function(
    of layer: LayerValue, layout: Layout
  ) throws(EmissionError) -> (String) -> String {
    if layer.schema.name == "ReLU" {
      return try target.relu(layer.arguments)
    }
    guard case .template(let text)? = layer.schema.targets[target.entry] else {
      throw unsupported("cannot apply `\(layer.schema.name)` as an activation")
    }
    let template = Template(text)
    let lastAxis = layout.text(of: -1, rank: rank())
    return { x in
      template.filled { name in
        switch name {
        case "x": x
        case "last_axis": lastAxis
        case "axis": layout == .declared ? layer.arguments[name].flatMap(Python.literal) : lastAxis
        default: layer.arguments[name].flatMap(Python.literal)
        }
      }
    }
  }
}

extension Template {
  /// `layers.Conv2D` of the entry `layers.Conv2D(...)`: a class with the declared arguments.
  static func own(_ text: String) -> String? {
    text.hasSuffix("(...)") ? String(text.dropLast("(...)".count)) : nil
  }
}

extension Template.Part {
  fileprivate var text: String {
    switch self {
    case .text(let text), .place(let text): text
    }
  }
}
