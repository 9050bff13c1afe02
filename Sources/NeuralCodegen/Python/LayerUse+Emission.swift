import NeuralDimension
import NeuralModel
import NeuralSchema

// What is written for a layer: by its emitter, or by the template of its declaration.
extension LayerUse {
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
    let own = weightOptions.map(\.name)
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
    let rank = inputs.isEmpty ? 0 : rank()
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
