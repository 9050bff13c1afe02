import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// One layer of a class, with what it is in each use of the class.
struct LayerUse {
  let writer: BlockWriter
  var schema: LayerSchema
  /// By use; `nil` where a use does not reach it.
  let nodes: [Int?]
  var arguments: [BoundArguments?]
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
  /// Of a layer inside another one that is called on each step, what its weights' names begin with.
  let part: String?
  /// The scopes that it stands in.
  let scopes: [Int?]
  let paths: [String]
  let locations: [Location]
  let trainable: [Bool]
  let device: String?
  let dtype: DType?
  /// Initializers, regularizers and constraints that are given.
  let weightOptions: [BoundArgument]

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
    part = nil
    weightOptions = first.options
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
    part = nil
    weightOptions = []
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

  /// The layout of a layer that works in any: the one that an input already has.
  func followedLayout() throws(EmissionError) -> Layout {
    if schema.layout == .channels { return try channelLayout() }
    // Where the channels are last or wherever they are declared, an axis is only renamed.
    guard schema.layout == .any || schema.layout == .axis && target.channels == .channelsLast
    else { return .declared }
    for index in inputs.indices {
      let layout = try variable(index).layout
      if layout != .declared { return layout }
    }
    return .declared
  }

  /// Where a normalization over its `axis` that wants it second reads it; `nil` where no order serves.
  func axisLayout() throws(EmissionError) -> Layout? {
    guard case .integer(.constant(let axis)) = try uniform("axis") else { return nil }
    return .second(axis, rank: rank())
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

  /// The variable that holds an input.
  func variable(_ input: Int) throws(EmissionError) -> BlockWriter.Variable {
    var variable = try writer.variable(inputs[input])
    guard part != nil else { return variable }
    variable.layout = .declared
    variable.sizes = [:]
    return variable
  }

  /// A declared size of an input.
  func size(_ input: Int, _ axis: Int, hint: String) throws(EmissionError) -> PythonValue {
    try writer.size(of: inputs[input], axis: part != nil && axis > 0 ? axis + 1 : axis, hint: hint)
  }

  func rank(_ input: Int = 0) -> Int { writer.rank(inputs[input]) - (part == nil ? 0 : 1) }

  /// The shape of an input in one use.
  func shape(_ input: Int, use: Int) -> [Dimension] { shape(of: inputs[input], use: use) }

  func outputShape(use: Int) -> [Dimension] { shape(of: outputs[0], use: use) }

  private func shape(of values: [Int?], use: Int) -> [Dimension] {
    var shape = values[use].flatMap { writer.graph(use).type(of: $0)?.shape } ?? []
    if part != nil, shape.count > 1 { shape.remove(at: 1) }
    return shape
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
