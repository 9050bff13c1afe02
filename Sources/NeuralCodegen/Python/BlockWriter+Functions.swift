import NeuralDimension
import NeuralModel
import NeuralSchema
import NeuralSyntax

// Blocks as functions, which make layers and call them at once. A layer's name is its path, below
// the name that the function is given.
extension BlockWriter {
  /// What stands between the parts of a path in a layer's name, which has no slashes.
  static let separator = "-"

  func functionLines(
    _ documentation: [String], _ inputNames: [String], _ results: [Result]
  ) -> [String] {
    let margin = "    "
    let returned = results.map(\.text).joined(separator: ", ")
    guard isNetwork else {
      let values = inputNames.map { Python.text("\($0): KerasTensor") }
      let arguments = values + parameterTexts() + [.text("*"), .text("name: str")]
      let result = Python.annotation("KerasTensor", results.count)
      return Python.call("def \(name)", arguments)
        .lines(prefix: "", indent: 0, suffix: " -> \(result):")
        + documentation + forwardLines + ["\(margin)return \(returned)"]
    }
    var lines = ["def \(name)() -> keras.Model:"] + documentation
    let inputs = graph(0).inputs
    for (variable, input) in zip(inputNames, inputs) {
      lines += inputLayer(input.value, name: input.name)
        .lines(prefix: "\(variable) = ", indent: 4)
    }
    let read = inputNames.count == 1 ? inputNames[0] : "[\(inputNames.joined(separator: ", "))]"
    let made = results.count == 1 ? returned : "[\(returned)]"
    return lines + forwardLines
      + Python.call(
        "keras.Model",
        [.text(read), .text(made), .keyword("name", .text(Python.string(graph(0).name)))]
      ).lines(prefix: "return ", indent: 4)
  }

  /// `keras.Input((224, 224, 3), name="input")`; sizes that are open are `None`.
  private func inputLayer(_ value: Int, name: String) -> Python {
    let type = graph(0).type(of: value)
    let sizes = (type?.shape.dropFirst() ?? []).map { $0.constant.map(String.init) ?? "None" }
    let shape = sizes.count == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
    var arguments = [Python.text(shape)]
    if let dtype = type?.dtype, dtype != .float32 {
      arguments.append(.keyword("dtype", .text(Python.string(dtype.rawValue))))
    }
    arguments.append(.keyword("name", .text(Python.string(name))))
    return .call("keras.Input", arguments)
  }

  // MARK: Names

  /// A layer's name in Python: its path, the same in all uses, below the function's own name.
  func nameText(_ path: (Int) -> String) throws(EmissionError) -> String {
    let locals = keys { active[$0] ? localPath(path($0), use: $0) : "" }
    let use = firstActive
    guard Set(activeUses.map { locals[$0] }).count == 1 else { throw split(locals) }
    let isPlain = locals[use].unicodeScalars.allSatisfy {
      $0 == "/" || $0 == "_" || $0.isASCII && ($0.properties.isAlphabetic || $0.isDigit)
    }
    guard isPlain else {
      throw problem(
        "the \(target.displayName) target names layers in letters, digits and underscores; "
          + "`\(locals[use])` needs another name", use: use)
    }
    var hasPlaces = !isNetwork
    let parts = locals[use].split(separator: "/").enumerated().map { index, part in
      guard let place = loops.number(of: locals[use], at: index, String(part)) else {
        return String(part)
      }
      hasPlaces = true
      return place
    }
    let text = (isNetwork ? [] : ["{name}"]) + parts
    return (hasPlaces ? "f" : "") + "\"\(text.joined(separator: BlockWriter.separator))\""
  }

  /// A variable for a layer that is called more than once.
  private func layerVariable(_ path: String, use: Int) -> String {
    let wanted = Python.attribute(Python.lastComponent(localPath(path, use: use)))
    let name = Python.numbered(target.variable(wanted)) { isUsed($0) || assigned.contains($0) }
    attributes.insert(name)
    return name
  }

  // MARK: Layers

  /// What a layer is called by: where it is made, or the variable that keeps it.
  func callable(_ layer: LayerUse, _ constructor: Python) throws(EmissionError) -> String {
    let use = firstActive
    if let owner = layer.owners[use] {
      let isComposite = layer.composites[use] != nil
      guard let shared = isComposite ? moduleOfScope[use][owner] : moduleOfNode[use][owner] else {
        throw isOutOfReach(layer.path(use), at: layer.location(use))
      }
      return shared
    }
    var last: [Python] = []
    if !layer.isTrainable(use) { last.append(.keyword("trainable", .text("False"))) }
    last.append(.keyword("name", .text(try nameText(layer.path))))
    let made = constructor.adding(last)
    let isShared = activeUses.contains { use in
      let network = uses[use].network
      return layer.nodes[use].map { module.sharedNodes[network].contains($0) } ?? false
        || layer.composites[use].map { module.sharedScopes[network].contains($0) } ?? false
    }
    guard isShared else { return made.flat }
    let variable = layerVariable(layer.path(use), use: use)
    forwardLines += made.lines(prefix: "\(variable) = ", indent: indent)
    for index in activeUses {
      if let node = layer.nodes[index] { moduleOfNode[index][node] = variable }
      if let scope = layer.composites[index] { moduleOfScope[index][scope] = variable }
    }
    return variable
  }

  /// `x = bottleneck(x, 64, name="bottleneck_1")`. A block that is called again is a model of its own,
  /// so that its layers are made once.
  func callFunction(
    _ constructor: Python, _ written: WrittenBlock, _ scopes: [Int?], _ boundary: [[Int]?]
  ) throws(EmissionError) {
    let use = firstActive
    guard let first = entry(scopes, use) else { throw problem("nothing is called here", use: use) }
    func call(_ inputs: [String], _ name: String) -> Python {
      guard case .call(let function, let arguments) = constructor else { return constructor }
      return .call(
        function, inputs.map(Python.text) + arguments + [.keyword("name", .text(name))])
    }
    func list(_ names: [String]) -> String {
      names.count == 1 ? names[0] : "[\(names.joined(separator: ", "))]"
    }
    if let owner = first.sharedWith {
      guard let shared = moduleOfScope[use][owner] else {
        throw isOutOfReach(first.path, at: first.location)
      }
      let texts = try passedValues(written, boundary)
      return bindCall(written, scopes, []) { "\(shared)(\(list(texts)))" }
    }
    let name = try nameText { entry(scopes, $0)?.path ?? "" }
    let isShared = activeUses.contains { use in
      scopes[use].map { module.sharedScopes[uses[use].network].contains($0) } ?? false
    }
    let texts = try passedValues(written, boundary)
    guard isShared else {
      return bindCall(written, scopes, []) { call(texts, name).flat }
    }
    let variable = layerVariable(first.path, use: use)
    var inputs: [String] = []
    for (position, text) in texts.enumerated() {
      let wanted = texts.count == 1 ? "\(variable)_input" : "\(variable)_input_\(position + 1)"
      let input = Python.numbered(wanted) { isUsed($0) || assigned.contains($0) }
      attributes.insert(input)
      inputs.append(input)
      let type = boundary[use].flatMap { graph(use).type(of: $0[position]) }
      let dtype =
        type.map { $0.dtype == .float32 ? "" : ", dtype=\(Python.string($0.dtype.rawValue))" } ?? ""
      forward("\(input) = keras.Input(\(text).shape[1:]\(dtype))")
    }
    forwardLines += Python.call(
      "keras.Model", [.text(list(inputs)), call(inputs, name), .keyword("name", .text(name))]
    ).lines(prefix: "\(variable) = ", indent: indent)
    for index in activeUses {
      if let scope = scopes[index] { moduleOfScope[index][scope] = variable }
    }
    bindCall(written, scopes, []) { "\(variable)(\(list(texts)))" }
  }

  // MARK: Conditions

  /// An `if` that the uses decide differently.
  func emitBranches(
    _ items: Items, _ conditions: [Expression], _ chosen: [Int?], _ arms: [Int], at place: Place
  ) throws(EmissionError) {
    let (outer, lines) = (active, forwardLines)
    let margin = String(repeating: " ", count: indent)
    defer { (active, forwardLines) = (outer, forwardLines) }
    // All conditions are read before an arm changes what they speak of.
    var texts: [String?] = []
    for arm in arms {
      guard arm < conditions.count else {
        texts.append(nil)
        continue
      }
      active = uses.indices.map { outer[$0] && (chosen[$0] ?? 0) >= arm }
      let values = uses.indices.map { active[$0] ? Value.boolean(chosen[$0] == arm) : nil }
      let text = translate(conditions[arm], at: place, values: values)
      active = outer
      guard let text else { throw split(keys { chosen[$0].map(String.init) ?? "" }) }
      texts.append(text.text)
    }
    var written: [(head: String, lines: [String])] = []
    for (arm, text) in zip(arms, texts) {
      active = uses.indices.map { outer[$0] && chosen[$0] == arm }
      forwardLines = []
      indent += 4
      defer { indent -= 4 }
      try emit(items)
      let word = written.isEmpty ? "if" : "elif"
      written.append((text.map { "\(word) \($0):" } ?? "else:", forwardLines))
      if arms.count == 2, let condition = text ?? texts[0], !condition.contains(".shape") {
        flags.append((text == nil ? "not (\(condition))" : condition, active))
      }
    }
    active = outer
    forwardLines = lines
    while written.last?.lines.isEmpty == true { written.removeLast() }
    if written.count == 2, written[0].lines.isEmpty, written[1].head == "else:",
      let condition = texts[0]
    {
      forwardLines += ["\(margin)if not (\(condition)):"] + written[1].lines
      return
    }
    for arm in written {
      forwardLines.append(margin + arm.head)
      forwardLines += arm.lines.isEmpty ? ["\(margin)    pass"] : arm.lines
    }
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
