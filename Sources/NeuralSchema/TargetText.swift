import NeuralSyntax

/// What the declaration of an optimizer, schedule, loss or metric says of a target.
public enum TargetText: Sendable, Equatable {
  /// Statements with `{name}` places, and the value last.
  case lines([String])
  /// What the target lacks, and what would do instead.
  case lacking(String)
}

extension LayerValue {
  /// What its declaration says of a target with these arguments: the entries `pytorch` and
  /// `lacks_pytorch` from top to bottom, those in an `if` where it holds. `nil` where there is none.
  public func text(for target: String) -> TargetText? {
    var lines: [String] = []
    var context = ArgumentContext(arguments: arguments)
    if let lacking = collect(schema.items, target, &context, into: &lines) {
      return .lacking(lacking)
    }
    return lines.isEmpty ? nil : .lines(lines)
  }

  private func collect(
    _ items: [LayerItem], _ target: String, _ context: inout ArgumentContext,
    into lines: inout [String]
  ) -> String? {
    for item in items {
      switch item {
      case .entry(let key, let values) where key.text == target:
        lines += values.compactMap(\.text)
      case .entry(let key, let values) where key.text == "lacks_\(target)":
        return values.compactMap(\.text).joined()
      case .conditional(let arms, let otherwise):
        let chosen = arms.first { arm in
          (try? context.evaluate(arm.condition)) == .boolean(true)
        }
        let inner = chosen?.items ?? otherwise
        if let lacking = collect(inner, target, &context, into: &lines) { return lacking }
      default: continue
      }
    }
    return nil
  }
}

extension Expression {
  fileprivate var text: String? {
    if case .string(let text) = kind { text } else { nil }
  }
}
