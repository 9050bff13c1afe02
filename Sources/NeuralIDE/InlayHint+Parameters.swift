import NeuralSchema
import NeuralSyntax

extension InlayHint {
  /// The names of the parameters that positional arguments are for.
  static func parameters(_ pieces: [Piece], _ snapshot: EditorSnapshot) -> [InlayHint] {
    var hints: [InlayHint] = []
    var section: String?
    var step: Step?
    for piece in pieces {
      switch piece {
      case .section(let found): section = found.keyword.text
      case .step(let found): step = found
      case .call(let call):
        let own = step?.call.range == call.range ? step : nil
        hints += parameters(of: call, own, section, snapshot)
      default: continue
      }
    }
    return hints
  }

  private static func parameters(
    of call: Call, _ step: Step?, _ section: String?, _ snapshot: EditorSnapshot
  ) -> [InlayHint] {
    snapshot.parameterNames(of: call, step, section).compactMap { argument, parameter in
      if argument.value.placedName?.text == parameter { return nil }
      let place = snapshot.range(argument.range).lowerBound
      return InlayHint(
        offset: place, label: "\(parameter):", kind: .parameter, subject: place)
    }
  }

  /// What is known of the parameter that the positional argument at a place is for.
  public static func parameterTooltip(at place: Int, in snapshot: EditorSnapshot) -> String? {
    var (step, section): (Step?, String?) = (nil, nil)
    for piece in snapshot.pieces(at: place) {
      switch piece {
      case .section(let found): section = found.keyword.text
      case .step(let found): step = found
      case .call(let call):
        let own = step?.call.range == call.range ? step : nil
        let keyword = section.flatMap { SectionWord.named($0)?.keyword }
        let here = snapshot.parameterNames(of: call, own, section).first { argument, _ in
          snapshot.range(argument.range).lowerBound == place
        }
        guard let here, let schema = snapshot.schema(of: call.name, expecting: keyword),
          let parameter = schema.parameter(named: here.name)
        else { continue }
        return HoverCards(snapshot: snapshot, offset: place).parameter(parameter, of: schema)
      default: continue
      }
    }
    return nil
  }
}

extension EditorSnapshot {
  /// The positional arguments of a call that are for parameters, with the names of those. `step` is
  /// the one that the call stands in, `section` the word of the section.
  func parameterNames(
    of call: Call, _ step: Step?, _ section: String?
  ) -> [(argument: Argument, name: String)] {
    guard let arguments = call.arguments, arguments.contains(where: { $0.name == nil }) else {
      return []
    }
    let keyword = section.flatMap { SectionWord.named($0)?.keyword }
    guard let schema = schema(of: call.name, expecting: keyword) else { return [] }
    // The graph knows what each argument was taken for; a tensor may be an operand instead.
    let bound = step.flatMap { uses(of: $0).lazy.compactMap(self.node).first }?.arguments
    var names: [(argument: Argument, name: String)] = []
    var position = 0
    for argument in arguments where argument.name == nil {
      var parameter: String?
      if let bound {
        parameter = bound.entries.first { $0.isGiven && $0.range == argument.range }?.name
      } else if schema.parameters.indices.contains(position) {
        let takesTensors = schema.parameters[position].type?.takesTensors ?? true
        let mayBeTensor = schema.isMerge && argument.value.placedName != nil
        parameter = mayBeTensor && !takesTensors ? nil : schema.parameters[position].name
        position += 1
      }
      if case .missing = argument.value.kind { continue }
      if let parameter { names.append((argument, parameter)) }
    }
    return names
  }
}
