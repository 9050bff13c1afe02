import NeuralSchema
import NeuralSyntax

// Loss, optimizer, metrics, `train` and `execution`: names and settings are the catalogue's.
extension Expander {
  /// `ends` are the outputs' values as all configurations have them.
  mutating func checkTraining(_ sections: [String: Section], _ ends: [Int]) {
    if let section = sections["optimizer"] {
      for expression in section.expressions {
        graph.optimizer = declaredValue(expression, "optimizer", .unknownOptimizer)
        graph.optimizer?.range = expression.range
      }
    }
    let losses = sections["loss"].map { checkLosses($0, ends) } ?? []
    if let section = sections["metrics"] {
      for expression in section.expressions {
        let entries: [Expression] =
          if case .list(let entries) = expression.kind { entries } else { [expression] }
        for entry in entries {
          let metrics = declaredValues(entry, "metric", .unknownMetric)
          if var metric = metrics[search.configuration] ?? nil {
            metric.range = entry.range
            graph.metrics.append(metric)
          }
          if losses.count == 1 {
            check(metrics, entry.range, against: losses[0], ends[losses[0].output])
          }
        }
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
      if text.contains("(") { return quotedCall(text, keyword, code, expression.range) }
      let found = named(text, keyword, code, expression.range, quotes: true)
      if keyword == "optimizer", let found {
        let call = "\(found.schema.name)()"
        add(
          Finding(
            .oldForm, "an optimizer is called, without quotes: `\(call)`",
            location(expression.range)
          ).replacing(with: call))
      }
      return found
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
    case .call(let call) where call.name.text == "HPO":
      return declaredValues(expression, keyword, code)[search.configuration] ?? nil
    case .call(let call):
      guard let schema = catalogue.declared(keyword, call.name.text) else {
        return named(call.name.text, keyword, code, call.name.range, quotes: false)
      }
      let binding = bind(call, to: schema)
      return binding.isBroken || binding.arguments.entries.contains { $0.value.isUnknown }
        ? nil : LayerValue(schema: schema, arguments: binding.arguments)
    case .missing: return nil
    default:
      let value = value(expression)
      if case .layer(let layer) = value, layer.schema.keyword == keyword { return layer }
      if !value.isUnknown { reportNeeded(keyword, value, expression.range) }
      return nil
    }
  }

  /// What a search space chooses among: names and calls.
  private mutating func declaredValues(
    _ expression: Expression, _ keyword: String, _ code: DiagnosticCode
  ) -> Alternatives<LayerValue?> {
    guard case .call(let call) = expression.kind, call.name.text == "HPO" else {
      return Alternatives(declaredValue(expression, keyword, code))
    }
    let table = alternatives(expression, naming: keyword)
    var chosen: Alternatives<LayerValue?> = table.map { _ in nil }
    for (place, value) in table.entries.enumerated() {
      guard let value, !value.isUnknown else { continue }
      chosen.entries[place] = restricted(to: table, place) { expander in
        switch value {
        case .layer(let layer) where layer.schema.keyword == keyword: return layer
        case .string(let name):
          return expander.named(name, keyword, code, expression.range, quotes: true)
        default:
          expander.reportNeeded(keyword, value, expression.range)
          return nil
        }
      }
    }
    return chosen
  }

  private mutating func reportNeeded(_ keyword: String, _ value: Value, _ range: SourceRange) {
    report(
      .invalidSetting,
      "\(keyword == "optimizer" ? "an" : "a") \(keyword) is needed, this is \(value.typeName)",
      range
    )
  }

  /// `"Adam(learning_rate=1e-4)"`, an older form: the call belongs outside the quotes. What is wrong
  /// inside is reported at the string.
  private mutating func quotedCall(
    _ text: String, _ keyword: String, _ code: DiagnosticCode, _ range: SourceRange
  ) -> LayerValue? {
    let tree = SyntaxTree.parse(Array("network Quoted { \(keyword): \(text)\n}".utf8))
    guard tree.errors.isEmpty,
      case .network(let network)? = tree.sourceFile.declarations.first,
      network.sections.count == 1, let call = network.sections[0].expressions.first,
      case .call = call.kind, network.sections[0].expressions.count == 1
    else {
      report(
        .invalidSetting,
        "what these quotes hold is no call of \(keyword == "optimizer" ? "an" : "a") "
          + "\(keyword), written as in `Adam(learning_rate=0.001)`", range)
      return nil
    }
    add(
      Finding(.oldForm, "the call needs no quotes: `\(text)`", location(range))
        .replacing(with: text))
    let outer = compositeLocation
    defer { compositeLocation = outer }
    compositeLocation = (location(range), location(range))
    guard var value = declaredValue(call, keyword, code) else { return nil }
    // Places inside the quotes are of another text.
    value.arguments.entries = value.arguments.entries.map {
      BoundArgument(name: $0.name, value: $0.value, isGiven: $0.isGiven, range: nil)
    }
    return value
  }

  private mutating func named(
    _ name: String, _ keyword: String, _ code: DiagnosticCode, _ range: SourceRange, quotes: Bool
  ) -> LayerValue? {
    if let schema = catalogue.declared(keyword, name) {
      return LayerValue(schema: schema, arguments: schema.defaultArguments)
    }
    let names = catalogue.names(of: keyword)
    let near = nearest(to: name, among: names)
    // Of `CrossEntropyLoss` there are several.
    let letters = name.core
    let alike = letters.isEmpty ? [] : names.filter { $0.core.contains(letters) }
    report(
      code,
      near.map { "there is no \(keyword) `\(name)`; did you mean `\($0)`?" }
        ?? "there is no \(keyword) `\(name)`; there are "
        + (alike.isEmpty ? names : alike).joined(separator: ", "),
      range, replacement: near.map { quotes ? Value.quoted($0) : $0 })
    return nil
  }

  // MARK: Losses

  /// Checks the losses, each with its output; returns those that are known.
  private mutating func checkLosses(
    _ section: Section, _ ends: [Int]
  ) -> [DeclaredLoss] {
    var losses: [DeclaredLoss] = []
    switch section.value {
    case .expressions(let expressions):
      for expression in expressions {
        let table = declaredValues(expression, "loss", .unknownLoss)
        if ends.count == 1 { check(table, ends[0], expression.range) }
        if table.entries.contains(where: { $0 ?? nil != nil }), !ends.isEmpty {
          losses.append(DeclaredLoss(choices: table, range: expression.range, output: 0))
        }
        if var loss = table[search.configuration] ?? nil {
          loss.range = expression.range
          // One loss without a name is every output's.
          graph.losses = ends.indices.map { NetworkLoss(output: $0, loss: loss) }
        }
      }
    case .settings(let settings):
      for setting in settings {
        guard let output = graph.outputs.firstIndex(where: { $0.name == setting.name.text }) else {
          let near = nearest(to: setting.name.text, among: graph.outputs.map(\.name))
          report(
            .invalidSetting,
            "this network has no output `\(setting.name.text)`; its outputs are "
              + graph.outputs.map { "`\($0.name)`" }.joined(separator: ", "),
            setting.name.range, replacement: near)
          continue
        }
        guard case .expression(let expression) = setting.value else { continue }
        let table = declaredValues(expression, "loss", .unknownLoss)
        check(table, ends[output], expression.range)
        if table.entries.contains(where: { $0 ?? nil != nil }) {
          losses.append(DeclaredLoss(choices: table, range: expression.range, output: output))
        }
        if var loss = table[search.configuration] ?? nil {
          loss.range = expression.range
          graph.losses.append(NetworkLoss(output: output, loss: loss))
        }
      }
    default: break
    }
    return losses
  }

  // MARK: Settings

  private mutating func checkSettings(_ section: Section, of word: String) {
    guard case .settings(let settings) = section.value,
      let schema = catalogue.declared("settings", word)
    else { return }
    var given: [EvaluatedArgument] = []
    var tables: [Int: Alternatives<Value>] = [:]
    for setting in settings {
      guard case .expression(let expression) = setting.value else {
        report(
          .invalidSetting, "`\(setting.name.text)` is one value, not a group",
          setting.name.range)
        continue
      }
      let table = settingValues(
        expression, schema.parameter(named: setting.name.text), of: setting.name.text)
      if !table.isConstant { tables[given.count] = table }
      given.append(
        EvaluatedArgument(
          name: setting.name, value: table[search.configuration] ?? .unknown, range: setting.range,
          valueRange: expression.range, expression: expression))
    }
    let binding = bind(given, tables, to: schema, calleeRange: section.keyword.range) {
      expander, finding in
      let code: DiagnosticCode =
        switch finding.code {
        case .unknownArgument, .invalidArgument, .duplicateArgument: .invalidSetting
        default: finding.code
        }
      var finding = finding
      if finding.code == .unknownArgument {
        finding.message = finding.message.replacingFirst("argument", with: "setting")
        expander.pointToOptimizer(&finding, settings)
      }
      expander.report(finding, as: code)
    }
    graph.settings[word] = binding.arguments
    if let method = binding.arguments.entry("search_method"), method.isGiven,
      search.variables.isEmpty,
      let range = method.range
    {
      var finding = Finding(
        .unusedSearchMethod, "there is nothing to search: no value here is an `HPO(…)`",
        location(range))
      finding.removal = ("Remove `search_method`", location(range))
      add(finding)
    }
  }

  /// A setting that is an optimizer's argument, such as `learning_rate`.
  private func pointToOptimizer(_ finding: inout ArgumentFinding, _ settings: [Setting]) {
    guard finding.replacement == nil,
      let setting = settings.first(where: { $0.range == finding.range }),
      case .expression(let expression) = setting.value,
      let known = graph.optimizer?.schema ?? catalogue.declared("optimizer", "Adam"),
      known.parameters.contains(where: { $0.name == setting.name.text })
    else { return }
    let value = source?.text(of: expression.range) ?? "…"
    finding.message +=
      "; it belongs to the optimizer: `\(known.name)(\(setting.name.text)=\(value))`"
  }

  /// The value of a setting; a list where one value belongs is an older form of a choice.
  private mutating func settingValues(
    _ expression: Expression, _ parameter: ParameterSchema?, of name: String
  ) -> Alternatives<Value> {
    guard case .list(let entries) = expression.kind, let type = parameter?.type,
      !type.takesLists
    else { return alternatives(expression, naming: name) }
    if entries.isEmpty {
      report(
        .emptySearchSpace, "this choice has no values; list at least one", expression.range)
      return Alternatives(.unknown)
    }
    let listed = source?.text(of: expression.range).dropFirst().dropLast() ?? "…"
    let text = "HPO(choice(\(listed)))"
    add(
      Finding(
        .oldForm, "a choice to search over is written `\(text)`", location(expression.range)
      ).replacing(with: text))
    return alternatives(at: expression.range, naming: name) { expander in
      do throws(EvaluationError) {
        return try expander.choose(among: entries, at: expression.range)
      } catch {
        expander.report(error)
        return .unknown
      }
    }
  }
}

/// A loss as it is written, with what each configuration chooses.
struct DeclaredLoss {
  var choices: Alternatives<LayerValue?>
  var range: SourceRange
  /// The place of its output among those of the network.
  var output: Int
}

extension String {
  /// What a name is about: in small letters, without what joins them and a closing `loss`.
  fileprivate var core: String {
    let letters = lowercased().filter(\.isLetter)
    return letters.hasSuffix("loss") ? String(letters.dropLast(4)) : letters
  }

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
