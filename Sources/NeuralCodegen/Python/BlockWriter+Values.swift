import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

// Variables, sizes and constructor arguments.
extension BlockWriter {
  /// The uses that reach the code that is being written.
  var activeUses: [Int] { uses.indices.filter { active[$0] } }

  var firstActive: Int { active.firstIndex(of: true) ?? 0 }

  // MARK: Variables

  /// The variable that holds a value in every active use; where uses differ, a condition picks it.
  func variable(_ values: [Int?]) throws(EmissionError) -> Variable {
    var found: [(use: Int, variable: Variable)] = []
    for use in activeUses {
      guard let value = values[use], let variable = variables[use][value] else {
        throw problem("this value is not available here", use: use)
      }
      found.append((use, variable))
    }
    guard var result = found.first?.variable else {
      throw problem("this value is not available here", use: firstActive)
    }
    if found.contains(where: { $0.variable.layout != result.layout }) {
      throw split(keys { use in "\(found.first { $0.use == use }?.variable.layout ?? .declared)" })
    }
    // Behind a condition it is the class's input in some uses only.
    if found.contains(where: { $0.variable.input != result.input }) { result.input = nil }
    result.sizes = result.sizes.filter { axis, size in
      found.allSatisfy { $0.variable.sizes[axis]?.text == size.text }
    }
    let names = Set(found.map(\.variable.name))
    if names.count == 1 { return result }
    for flag in flags {
      let inside = Set(found.filter { flag.holds[$0.use] }.map(\.variable.name))
      let outside = Set(found.filter { !flag.holds[$0.use] }.map(\.variable.name))
      if inside.count == 1, outside.count == 1, let a = inside.first, let b = outside.first {
        result.name = "(\(a) if \(flag.text) else \(b))"
        return result
      }
    }
    throw split(keys { use in found.first { $0.use == use }?.variable.name ?? "" })
  }

  /// A key for each use, for a split.
  func keys(_ key: (Int) -> String) -> [String] { uses.indices.map(key) }

  func problem(_ message: String, use: Int) -> EmissionError {
    .problem(TargetProblem(message, at: root(use).location))
  }

  func rank(_ values: [Int?]) -> Int {
    let use = firstActive
    return values[use].flatMap { graph(use).type(of: $0)?.shape.count } ?? 0
  }

  /// A variable's text in another layout.
  func convert(_ variable: Variable, to layout: Layout, _ values: [Int?]) -> String {
    if variable.layout == layout || rank(values) < 3 { return variable.name }
    // Declared values come back from where the framework has the channels.
    let isSecond = layout == .channelsSecond || variable.layout == .channelsLast
    return target.moved(variable.name, isSecond ? .channelsSecond : .channelsLast)
  }

  /// Marks one read of a value as done.
  func consume(_ values: [Int?]) {
    for use in activeUses {
      if let value = values[use] { remaining[use][value, default: 1] -= 1 }
    }
  }

  /// A name for a new result that hides nothing that is still to be read.
  func newName(for values: [Int?]) -> String {
    let use = firstActive
    var wanted = running
    if let value = values[use], !loopResults[use].contains(value),
      let given = graph(use).name(of: value, in: uses[use].scope),
      !isGroup, target.form == .functions || !given.contains("[")
    {
      // `skips[0]` is the source's name for one of several values.
      let plain = given.replacing("[", with: "_").replacing("]", with: "")
      wanted = target.variable(plain)
    }
    let name = Python.numbered(wanted) { isUsed($0) || isLive($0, besides: values) }
    assigned.insert(name)
    return name
  }

  /// Whether a function has something else of this name: another function, a layer or a parameter.
  func isUsed(_ name: String) -> Bool {
    target.form == .functions
      && (module.isTaken(name) || attributes.contains(name)
        || parameters.contains { $0.name == name })
  }

  var isGroup: Bool { if case .group = kind { true } else { false } }

  /// Whether a variable of this name holds something that will be read.
  func isLive(_ name: String, besides values: [Int?] = []) -> Bool {
    activeUses.contains { use in
      variables[use].contains { value, variable in
        variable.name == name && (remaining[use][value] ?? 0) > 0
          && !(values.indices.contains(use) && values[use] == value)
      }
    }
  }

  /// Binds a result to a variable. Sizes that equal the input's are written as the input's are.
  func define(
    _ values: [Int?], name: String, layout: Layout, sizes: [Int: PythonValue],
    like inputs: [(variable: Variable, values: [Int?])]
  ) {
    var sizes = sizes
    let outputRank = rank(values)
    for (input, inputValues) in inputs {
      let inputRank = rank(inputValues)
      for (axis, size) in input.sizes where sizes[axis] == nil {
        let place =
          axis == inputRank - 1 ? outputRank - 1 : outputRank == inputRank ? axis : nil
        guard let place, sizes[place] == nil, place > 0 else { continue }
        if size.agrees(with: self.sizes(of: values, axis: place)) { sizes[place] = size }
      }
    }
    for use in activeUses {
      guard let value = values[use] else { continue }
      variables[use][value] = Variable(
        name: name, layout: outputRank < 3 ? .declared : layout, sizes: sizes)
    }
  }

  // MARK: Sizes

  /// The size of an axis in each use.
  func sizes(of values: [Int?], axis: Int) -> [Value?] {
    uses.indices.map { use in
      guard active[use], let value = values[use], let shape = graph(use).type(of: value)?.shape
      else { return nil }
      let place = axis < 0 ? axis + shape.count : axis
      return shape.indices.contains(place) ? .integer(shape[place]) : nil
    }
  }

  /// A size as Python writes it: as an argument of the constructor where it is the class's input's.
  func size(of values: [Int?], axis: Int, hint: String) throws(EmissionError) -> PythonValue {
    let rank = rank(values)
    let variable = try variable(values)
    // A parameter stands for an axis that has one place in all uses; a function can count from the end.
    let ranks = keys { use in
      values[use].flatMap { graph(use).type(of: $0)?.shape.count }.map(String.init) ?? ""
    }
    if Set(activeUses.map { ranks[$0] }).count > 1,
      target.form == .classes || variable.layout != .declared || axis >= 0
    {
      throw split(ranks)
    }
    let place = axis < 0 ? axis + rank : axis
    let known = sizes(of: values, axis: target.form == .classes ? place : axis)
    if target.form == .functions, !isNetwork {
      // A layer of a function knows the sizes of what it is called on.
      let isKnown = known.allSatisfy {
        if case .integer(let size)? = $0 { size.constant != nil } else { $0 == nil }
      }
      guard isKnown else { throw problem("`\(hint)` is not known", use: firstActive) }
      let index = variable.layout.text(of: axis, rank: rank)
      return PythonValue(text: "\(variable.name).shape[\(index)]", values: known)
    }
    if let text = variable.sizes[place], text.agrees(with: known) { return text }
    if let input = variable.input, !isNetwork {
      return sizeParameter(input: input, axis: place, rank: rank, variable.name, known)
    }
    return try infer(known, hint: hint)
  }

  private func sizeParameter(
    input: Int, axis: Int, rank: Int, _ variable: String, _ values: [Value?]
  ) -> PythonValue {
    if let index = parameters.firstIndex(where: { $0.source == .size(input: input, axis: axis) }) {
      parameters[index].values = merged(parameters[index].values, values)
      return PythonValue(text: parameters[index].name, values: parameters[index].values)
    }
    let isChannels = axis == rank - 1 || axis == 1 && rank >= 4
    let what = isChannels ? rank >= 4 ? "channels" : "features" : "size_\(axis)"
    let wanted = inputCount == 1 ? "in_\(what)" : "\(variable)_\(what)"
    return addParameter(
      wanted, annotation: "int", .size(input: input, axis: axis), default: nil, values)
  }

  func merged(_ left: [Value?], _ right: [Value?]) -> [Value?] {
    zip(left, right).map { $0 ?? $1 }
  }

  func addParameter(
    _ wanted: String, annotation: String, _ source: BlockParameter.Source,
    default defaultText: String?, _ values: [Value?]
  ) -> PythonValue {
    let name = Python.numbered(target.variable(wanted)) { name in
      parameters.contains { $0.name == name }
        || target.form == .functions
          && (assigned.contains(name) || attributes.contains(name) || module.isTaken(name))
    }
    parameters.append(
      BlockParameter(
        name: name, annotation: annotation, source: source, defaultText: defaultText,
        values: values))
    return PythonValue(text: name, values: values)
  }

  /// An expression for values without one in the source: a literal where all uses agree, an
  /// argument of the constructor with those values, or a new one.
  func infer(_ values: [Value?], hint: String) throws(EmissionError) -> PythonValue {
    let known = values.compactMap { $0 }
    guard let first = known.first else {
      throw problem("`\(hint)` is not known", use: firstActive)
    }
    if Set(known).count == 1 {
      guard let literal = Python.literal(first) else {
        throw problem("`\(hint)` cannot be written in Python", use: firstActive)
      }
      return PythonValue(text: literal, values: values)
    }
    if let parameter = parameter(with: values, hint: hint) {
      return PythonValue(text: parameter.name, values: values)
    }
    guard let annotation = BlockWriter.annotation(known) else {
      throw split(keys { values[$0]?.description ?? "" })
    }
    return addParameter(hint, annotation: annotation, .derived, default: nil, values)
  }

  /// A parameter that has these values. One that stands for no words of the source takes them for
  /// the uses that had not asked for it, such as those that take another arm of an `if`.
  private func parameter(with values: [Value?], hint: String) -> BlockParameter? {
    let isSame: (Value?, Value?) -> Bool = { $1 == nil || $0 == $1 }
    if let found = parameters.first(where: { zip($0.values, values).allSatisfy(isSame) }) {
      return found
    }
    guard
      let index = parameters.firstIndex(where: { parameter in
        parameter.source == .derived && Python.isNumbered(parameter.name, of: hint)
          && PythonValue(text: "", values: parameter.values).agrees(with: values)
      })
    else { return nil }
    parameters[index].values = merged(parameters[index].values, values)
    return parameters[index]
  }

  /// The Python type of values that a constructor can take.
  static func annotation(_ values: [Value]) -> String? {
    let types = Set(
      values.map { value in
        switch value {
        case .integer(let dimension): dimension.constant == nil ? "" : "int"
        case .float: "float"
        case .boolean: "bool"
        case .tuple(let entries) where !entries.isEmpty && value.dimensions != nil:
          "tuple[\(entries.map { _ in "int" }.joined(separator: ", "))]"
        default: ""
        }
      })
    return types.count == 1 && types.first != "" ? types.first : nil
  }
}
