import NeuralModel
import NeuralSchema
import NeuralSyntax

extension Refactoring {
  /// Name the arguments of the call at the place, or leave the names out.
  var argumentActions: [CodeAction] {
    var (call, step, section): (Call?, Step?, String?) = (nil, nil, nil)
    for piece in snapshot.pieces(at: range.lowerBound) {
      switch piece {
      case .section(let found): section = found.keyword.text
      case .step(let found): step = found
      case .call(let found): call = found
      default: continue
      }
    }
    guard let call else { return [] }
    if step?.call.range != call.range { step = nil }
    let named = snapshot.parameterNames(of: call, step, section).map { argument, name in
      let start = snapshot.range(argument.range).lowerBound
      return edit(start..<start, "\(name)=")
    }
    return [
      action("Name the arguments of `\(call.name.text)`", "refactor.rewrite", named),
      action(
        "Leave out the names of arguments of `\(call.name.text)`", "refactor.rewrite",
        unnaming(call, section)),
    ].compactMap { $0 }
  }

  /// The names of arguments that stand where their parameters would be expected.
  private func unnaming(_ call: Call, _ section: String?) -> [TextEdit] {
    let keyword = section.flatMap { SectionWord.named($0)?.keyword }
    guard let arguments = call.arguments,
      let schema = snapshot.schema(of: call.name, expecting: keyword)
    else { return [] }
    var edits: [TextEdit] = []
    for (argument, parameter) in zip(arguments, schema.parameters) {
      guard let name = argument.name else { continue }
      guard name.text == parameter.name || parameter.aliases.contains(name.text) else { break }
      let start = snapshot.range(argument.range).lowerBound
      edits.append(edit(start..<snapshot.range(argument.value.range).lowerBound, ""))
    }
    return edits
  }
}
