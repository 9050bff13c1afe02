import NeuralSyntax

/// An argument that a layer takes by name for one of its weights, as Keras's layers do:
/// `kernel_initializer`, `recurrent_regularizer`, `gamma_constraint`.
public struct WeightOption: Sendable, Hashable {
  public var name: String
  /// `initializer`, `regularizer` or `constraint`: what the catalogue must declare.
  public var keyword: String

  /// The type of its value; `none` leaves the framework's own choice.
  var type: ParameterType { .union([.declared(keyword), .none]) }

  /// The options of weights by the words that their names begin with.
  static func all(_ stems: [String]) -> [WeightOption] {
    var options = stems.flatMap { stem in
      ["initializer", "regularizer", "constraint"].map {
        WeightOption(name: "\(stem)_\($0)", keyword: $0)
      }
    }
    if !options.isEmpty {
      options.append(WeightOption(name: "activity_regularizer", keyword: "regularizer"))
    }
    return options
  }

  /// What Keras calls the weights of a declaration in its options: `recurrent` for
  /// `recurrent_kernel`, else their names. Where it says otherwise, `weight_options` does.
  static func stems(of items: [LayerItem]) -> [String] {
    var stems: [String] = []
    func read(_ items: [LayerItem]) {
      for item in items {
        switch item {
        case .weights(let entries, _):
          for entry in entries {
            let stem = entry.name.text.removingSuffix("_kernel")
            if !stems.contains(stem) { stems.append(stem) }
          }
        case .conditional(let arms, let otherwise):
          for arm in arms { read(arm.items) }
          read(otherwise)
        default: continue
        }
      }
    }
    read(items)
    return stems
  }
}

extension String {
  fileprivate func removingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
