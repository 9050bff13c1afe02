import NeuralSchema
import NeuralSyntax

// Loss, optimizer, metrics, `train` and `execution`: names and settings are the catalogue's.
extension Expander {
  mutating func checkTraining(_ sections: [String: Section]) {
    if let section = sections["optimizer"] {
      for expression in section.expressions {
        graph.optimizer = declaredValue(expression, "optimizer", .unknownOptimizer)
      }
    }
    if let section = sections["loss"] { checkLosses(section) }
    if let section = sections["metrics"] {
      for expression in section.expressions {
        let entries: [Expression] =
          if case .list(let entries) = expression.kind { entries } else { [expression] }
        for entry in entries { _ = declaredValue(entry, "metric", .unknownMetric) }
      }
    }
    for word in ["train", "execution"] {
      if let section = sections[word] { checkSettings(section, of: word) }
    }
  }

  // MARK: Declared names

  /// An optimizer, loss or metric: by name in quotes, bare, or called.
  private mutating func declaredValue(
    _ expression: Expression, _ keyword: String, _ code: DiagnosticCode
  ) -> LayerValue? {
    switch expression.kind {
    case .string(let text):
      if let open = text.firstIndex(of: "(") {
        // `"Adam(learning_rate=1e-4)"`, an older form: the call belongs outside the quotes.
        let name = String(text[..<open])
        add(
          Finding(
            .oldForm, "the call needs no quotes: `\(text)`", location(expression.range)
          ).replacing(with: text))
        return named(name, keyword, code, expression.range, quotes: false)
      }
      return named(text, keyword, code, expression.range, quotes: true)
    case .name(let name) where names.find(name) == nil:
      let schema = named(name, keyword, code, expression.range, quotes: false)
      if let schema {
        add(
          Finding(
            .oldForm,
            "\(keyword == "optimizer" ? "an" : "a") \(keyword) is called: "
              + "`\(schema.schema.name)()`", location(expression.range)
          ).replacing(with: "\(schema.schema.name)()"))
      }
      return schema
    case .call(let call):
      guard let schema = catalogue.declared(keyword, call.name.text) else {
        return named(call.name.text, keyword, code, call.name.range, quotes: false)
      }
      let binding = bind(call, to: schema)
      return binding.isBroken ? nil : LayerValue(schema: schema, arguments: binding.arguments)
    case .missing: return nil
    default:
      let value = value(expression)
      if case .layer(let layer) = value, layer.schema.keyword == keyword { return layer }
      if !value.isUnknown {
        report(
          .invalidSetting,
          "\(keyword == "optimizer" ? "an" : "a") \(keyword) is needed, this is "
            + value.typeName, expression.range)
      }
      return nil
    }
  }

  private mutating func named(
    _ name: String, _ keyword: String, _ code: DiagnosticCode, _ range: SourceRange, quotes: Bool
  ) -> LayerValue? {
    if let schema = catalogue.declared(keyword, name) {
      return LayerValue(schema: schema, arguments: schema.defaultArguments)
    }
    let near = nearest(to: name, among: catalogue.names(of: keyword))
    report(
      code,
      near.map { "there is no \(keyword) `\(name)`; did you mean `\($0)`?" }
        ?? "there is no \(keyword) `\(name)`; there are "
        + catalogue.names(of: keyword).joined(separator: ", "),
      range, replacement: near.map { quotes ? Value.quoted($0) : $0 })
    return nil
  }

  // MARK: Losses

  private mutating func checkLosses(_ section: Section) {
    switch section.value {
    case .expressions(let expressions):
      for expression in expressions {
        guard let loss = declaredValue(expression, "loss", .unknownLoss) else { continue }
        if graph.outputs.count == 1 { check(loss, graph.outputs[0], expression.range) }
      }
    case .settings(let settings):
      for setting in settings {
        guard let output = graph.outputs.first(where: { $0.name == setting.name.text }) else {
          let near = nearest(to: setting.name.text, among: graph.outputs.map(\.name))
          report(
            .invalidSetting,
            "this network has no output `\(setting.name.text)`; its outputs are "
              + graph.outputs.map { "`\($0.name)`" }.joined(separator: ", "),
            setting.name.range, replacement: near)
          continue
        }
        guard case .expression(let expression) = setting.value,
          let loss = declaredValue(expression, "loss", .unknownLoss)
        else { continue }
        check(loss, output, expression.range)
      }
    default: return
    }
  }

  /// A loss against the last activation and the size of the output.
  private mutating func check(_ loss: LayerValue, _ output: NetworkOutput, _ range: SourceRange) {
    guard let type = graph.type(of: output.value), case .node(let index, _)? = producer(of: output)
    else { return }
    let node = graph.nodes[index]
    let activation = lastActivation(node)
    let units = type.shape.last?.constant
    let traits = loss.schema.traits
    let producer = Location(node.location.file, node.calleeRange)
    let isFromLogits = loss.arguments["from_logits"] == .boolean(true)
    var message: String?
    if traits.contains("distribution") {
      if units == 1 {
        message =
          "`\(loss.schema.name)` compares classes, but `\(node.path)` gives 1 value; one unit "
          + "takes binary_crossentropy with a sigmoid, or mean_squared_error"
      } else if let activation, !isFromLogits, !activation.traits.contains("distribution"),
        activation.name != "linear"
      {
        message =
          "`\(loss.schema.name)` reads probabilities that sum to 1, but `\(node.path)` ends in "
          + "\(activation.name); write activation=\"softmax\""
      }
    } else if traits.contains("binary"), let activation, activation.traits.contains("distribution")
    {
      message =
        "`\(loss.schema.name)` reads each value as a probability of its own, but `\(node.path)` "
        + "ends in softmax; write categorical_crossentropy, or activation=\"sigmoid\""
    }
    guard let message else { return }
    add(
      Finding(.lossMismatch, message, location(range))
        .relating("`\(node.path)` gives \(type.description)", producer))
  }

  private func producer(of output: NetworkOutput) -> GraphValue.Producer? {
    guard graph.values.indices.contains(output.value) else { return nil }
    return graph.values[output.value].producer
  }

  /// The activation that a node ends in, as its own layer or as an argument.
  private func lastActivation(_ node: GraphNode) -> LayerSchema? {
    for name in ["activation", "function"] {
      if case .layer(let layer)? = node.arguments[name] { return layer.schema }
    }
    if node.schema.category == "activation" {
      return catalogue.declared("activation", node.schema.name)
    }
    return node.arguments["activation"] == nil ? nil : catalogue.declared("activation", "linear")
  }

  // MARK: Settings

  private mutating func checkSettings(_ section: Section, of word: String) {
    guard case .settings(let settings) = section.value,
      let schema = catalogue.declared("settings", word)
    else { return }
    var given: [EvaluatedArgument] = []
    for setting in settings {
      guard case .expression(let expression) = setting.value else {
        report(
          .invalidSetting, "`\(setting.name.text)` is one value, not a group",
          setting.name.range)
        continue
      }
      given.append(
        EvaluatedArgument(
          name: setting.name, value: value(expression), range: setting.range,
          valueRange: expression.range))
    }
    let binding = Binding(
      given, to: schema, calleeRange: section.keyword.range, catalogue: catalogue)
    for finding in binding.findings {
      let code: DiagnosticCode =
        switch finding.code {
        case .unknownArgument, .invalidArgument, .duplicateArgument: .invalidSetting
        default: finding.code
        }
      var finding = finding
      if finding.code == .unknownArgument {
        finding.message = finding.message.replacingFirst("argument", with: "setting")
      }
      report(finding, as: code)
    }
    graph.settings[word] = binding.arguments
  }
}

extension String {
  fileprivate func replacingFirst(_ word: String, with replacement: String) -> String {
    var parts = split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    if let index = parts.firstIndex(of: word) { parts[index] = replacement }
    return parts.joined(separator: " ")
  }
}

extension Section {
  /// The expressions of `optimizer:`, `metrics:` and the like.
  var expressions: [Expression] {
    if case .expressions(let expressions) = value { expressions } else { [] }
  }
}
