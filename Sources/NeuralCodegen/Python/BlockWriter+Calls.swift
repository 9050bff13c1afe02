import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

/// Calls of the classes and functions that definitions become.
extension BlockWriter {
  /// A call of a definition, or of a composite layer without a module of PyTorch's own.
  func emitCall(_ scopes: [Int?]) throws(EmissionError) {
    if let layer = LayerUse(self, composite: scopes), layer.hasEmitter {
      return try emit(layer: layer)
    }
    let (constructor, written, inner, sizes) = try callConstructor(scopes)
    if target.form == .functions {
      return try callFunction(constructor, written, scopes, inner)
    }
    let use = firstActive
    let path = entry(scopes, use)?.path ?? ""
    if let owner = entry(scopes, use)?.sharedWith {
      guard let shared = moduleOfScope[use][owner] else {
        throw isOutOfReach(path, at: entry(scopes, use)?.location ?? root(use).location)
      }
      return try callModule("self.\(shared)", written, scopes, inner, sizes)
    }
    let attribute = attribute(for: path, use: use)
    initialize("self.\(attribute)", constructor)
    for index in activeUses {
      if let scope = scopes[index] {
        moduleOfScope[index][scope] = attribute
        places[index].append(BlockPlace(name: attribute, item: .scope(scope)))
      }
    }
    try callModule("self.\(attribute)", written, scopes, inner, sizes)
  }

  /// Passes the inputs of a written class and binds its results.
  private func callModule(
    _ name: String, _ written: WrittenBlock, _ scopes: [Int?], _ boundary: [[Int]?],
    _ sizes: [[Int: PythonValue]]
  ) throws(EmissionError) {
    let texts = try passedValues(written, boundary)
    let passed = texts.count == 1 ? Python.bare(texts[0]) : texts.joined(separator: ", ")
    bindCall(written, scopes, sizes) { "\(name)(\(passed))" }
  }

  /// The texts of what a block is called on, in the layouts that it wants.
  func passedValues(
    _ written: WrittenBlock, _ boundary: [[Int]?]
  ) throws(EmissionError) -> [String] {
    var texts: [String] = []
    for (position, layout) in written.inputLayouts.enumerated() {
      let values = uses.indices.map { boundary[$0]?[position] }
      texts.append(convert(try variable(values), to: layout, values))
    }
    for position in written.inputLayouts.indices {
      consume(uses.indices.map { boundary[$0]?[position] })
    }
    return texts
  }

  /// Names the results of a call and writes it.
  func bindCall(
    _ written: WrittenBlock, _ scopes: [Int?], _ sizes: [[Int: PythonValue]], _ call: () -> String
  ) {
    let count = entry(scopes, firstActive)?.outputs.count ?? 1
    let outputs = (0..<count).map { index in
      uses.indices.map { entry(scopes, $0)?.outputs[index] }
    }
    var names: [String] = []
    for output in outputs {
      var result = newName(for: output)
      while names.contains(result) { result += "_" }
      names.append(result)
    }
    forward("\(names.joined(separator: ", ")) = \(call())")
    for (index, output) in outputs.enumerated() {
      define(
        output, name: names[index],
        layout: written.outputLayouts.indices.contains(index)
          ? written.outputLayouts[index] : .declared,
        sizes: sizes.indices.contains(index) ? agreeing(sizes[index], output) : [:], like: [])
    }
  }

  /// Those of the sizes that the values really have.
  func agreeing(_ sizes: [Int: PythonValue], _ values: [Int?]) -> [Int: PythonValue] {
    isNetwork ? [:] : sizes.filter { $0.value.agrees(with: self.sizes(of: values, axis: $0.key)) }
  }

  /// `Bottleneck(64, 256, strides=2)`, the class that it names, and the values that it takes.
  func callConstructor(
    _ scopes: [Int?]
  ) throws(EmissionError) -> (Python, WrittenBlock, [[Int]?], [[Int: PythonValue]]) {
    let use = firstActive
    guard let first = entry(scopes, use) else { throw problem("nothing is called here", use: use) }
    try writeBlock(scopes, first)
    var classes: [String] = []
    var written: WrittenBlock?
    for use in uses.indices {
      guard active[use], let scope = scopes[use] else {
        classes.append("")
        continue
      }
      let found = module.writtenBlock(
        for: ScopeUse(network: uses[use].network, scope: scope))
      written = written ?? found
      classes.append(found?.name ?? "")
    }
    guard let written, Set(activeUses.map { classes[$0] }).count == 1 else { throw split(classes) }
    let inner = uses.indices.map { use in
      active[use] ? scopes[use].map { boundary(graph(use), $0) } : nil
    }
    var positional: [Python] = []
    var passed: [String: PythonValue] = [:]
    for parameter in written.parameters {
      let values = uses.indices.map { use -> Value? in
        guard active[use], let scope = scopes[use],
          let index = written.uses.firstIndex(
            of: ScopeUse(network: uses[use].network, scope: scope))
        else { return nil }
        return parameter.values[index]
      }
      let value = try argument(parameter, values, scopes, inner)
      passed[parameter.name] = value
      if let fallback = parameter.defaultText {
        if value.text != fallback { positional.append(.keyword(parameter.name, .text(value.text))) }
      } else {
        positional.append(.text(value.text))
      }
    }
    // What the class says of its results' sizes, in terms of what is passed here.
    let outputs = (0..<written.outputSizes.count).map { index in
      uses.indices.map { entry(scopes, $0)?.outputs[index] }
    }
    let sizes = written.outputSizes.enumerated().map { index, sizes in
      var known: [Int: PythonValue] = [:]
      for (axis, size) in sizes {
        guard let text = size.replacing(passed) else { continue }
        known[axis] = PythonValue(
          text: text, values: self.sizes(of: outputs[index], axis: axis),
          isOperation: text.contains(" "))
      }
      return known
    }
    if written.drawsNumbers, let source = target.classes?.source?.name {
      positional.append(.keyword(source, .text(source)))
    }
    return (.call(written.name, positional), written, inner, sizes)
  }

  /// What is passed for one parameter of a class.
  private func argument(
    _ parameter: BlockParameter, _ values: [Value?], _ scopes: [Int?], _ inner: [[Int]?]
  ) throws(EmissionError) -> PythonValue {
    // What no use of this call reaches is as the class has it.
    if let fallback = parameter.defaultText, values.allSatisfy({ $0 == nil }) {
      return PythonValue(text: fallback, values: values)
    }
    switch parameter.source {
    case .size(let input, let axis):
      let ids = uses.indices.map { inner[$0]?[input] }
      return try size(of: ids, axis: axis, hint: parameter.name)
    case .argument(let name):
      let expressions = uses.indices.map { use -> Expression? in
        switch entry(scopes, use)?.kind {
        case .definition(_, let arguments), .composite(_, let arguments):
          arguments.entry(name)?.expression
        default: Expression(.name(name), SourceRange(startChunk: 0, start: 0, endChunk: 0, end: 0))
        }
      }
      let place = place(of: scopes)
      if let expression = expressions[firstActive], BlockWriter.hasNames(expression), !isNetwork,
        let translated = translate(expression, at: place, values: values)
      {
        return translated
      }
      return try infer(values, hint: name)
    case .derived: return try infer(values, hint: parameter.name)
    }
  }

  /// A scope with those that repeat it.
  private func repetitions(of scope: Int?, _ use: Int) -> [Int] {
    guard let scope else { return [] }
    guard let parent = graph(use).scopes[scope].parent,
      case .repetition = graph(use).scopes[parent].kind
    else { return [scope] }
    return graph(use).scopes[parent].items.compactMap { item in
      if case .scope(let index) = item { index } else { nil }
    }
  }

  /// Writes the class for a scope, together with all other uses that can share it.
  private func writeBlock(_ scopes: [Int?], _ first: GraphScope) throws(EmissionError) {
    do throws(TargetProblem) {
      switch first.kind {
      case .definition(let index, _):
        let definition = module.definitions[index]
        try module.classes(
          for: module.uses(ofDefinition: index), name: module.className(of: definition),
          kind: .definition(index), documentation: definition.schema.documentation)
      case .composite(let schema, _):
        try module.classes(
          for: module.uses(of: schema),
          name: target.form == .functions ? schema.snakeName : schema.name,
          kind: .composite(schema),
          documentation: schema.documentation)
      default:
        // All repetitions share the class, wherever they stand in the loop.
        let own = activeUses.flatMap { use in
          repetitions(of: scopes[use], use).map {
            ScopeUse(network: uses[use].network, scope: $0)
          }
        }
        let step = firstPath(scopes[firstActive].map { .scope($0) })
        try module.classes(
          for: own, name: Python.camelCase(withoutNumber(step)) + "Block", kind: .group,
          documentation: nil)
      }
    } catch {
      throw .problem(error)
    }
  }
}
