import NeuralDimension
import NeuralModel

/// Emitters of what is said with arrays alone, alike in all frameworks whose blocks are classes: only
/// the words differ.
struct ArrayEmitters: Sendable {
  /// Functions of two arrays, value by value.
  var maximum: String
  var minimum: String
  /// The function that puts a tuple of arrays side by side.
  var concatenation: String
  /// The keyword of an axis, and of keeping it as one of size 1.
  var axis: String
  var keepsAxes: String
  /// Methods of an array: the highest value over axes, and its axes in another order.
  var highest: String
  var permutation: String

  /// By the layer that they write.
  var all: [String: PythonTarget.Emitter] {
    [
      "Add": sum, "Subtract": difference, "Multiply": product, "Average": average,
      "Maximum": { use throws(EmissionError) in try pairwise(use, maximum) },
      "Minimum": { use throws(EmissionError) in try pairwise(use, minimum) },
      "Concatenate": concatenate, "Residual": residual, "Reshape": reshape, "Permute": permute,
      "GlobalAveragePooling1D": globalAverage, "GlobalAveragePooling2D": globalAverage,
      "GlobalAveragePooling3D": globalAverage, "GlobalMaxPooling1D": globalMaximum,
      "GlobalMaxPooling2D": globalMaximum, "GlobalMaxPooling3D": globalMaximum,
    ]
  }

  // MARK: Merges

  /// A function of operands that share a layout.
  private func merge(
    _ use: LayerUse, _ expression: @escaping ([String]) -> String
  ) throws(EmissionError) -> Emission {
    let layout = try use.followedLayout()
    return Emission(layouts: use.inputs.map { _ in layout }, output: layout, expression)
  }

  private func sum(_ use: LayerUse) throws(EmissionError) -> Emission {
    try merge(use) { $0.joined(separator: " + ") }
  }

  private func difference(_ use: LayerUse) throws(EmissionError) -> Emission {
    try merge(use) { $0.joined(separator: " - ") }
  }

  private func product(_ use: LayerUse) throws(EmissionError) -> Emission {
    try merge(use) { $0.joined(separator: " * ") }
  }

  private func average(_ use: LayerUse) throws(EmissionError) -> Emission {
    try merge(use) { "(\($0.joined(separator: " + "))) / \($0.count)" }
  }

  private func pairwise(_ use: LayerUse, _ function: String) throws(EmissionError) -> Emission {
    try merge(use) { operands in
      guard let first = operands.first else { return "" }
      return operands.dropFirst().reduce(first) { "\(function)(\($0), \($1))" }
    }
  }

  /// The block's result plus the input or its shortcut.
  private func residual(_ use: LayerUse) throws(EmissionError) -> Emission {
    try merge(use) { "\($0.last ?? "") + \($0.first ?? "")" }
  }

  private func concatenate(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard case .integer(.constant(let axis)) = try use.uniform("axis") else {
      throw use.unsupported("needs a constant axis")
    }
    let layout = try use.followedLayout()
    let rank = use.rank()
    let place = layout.text(of: axis, rank: rank)
    var emission = Emission(layouts: use.inputs.map { _ in layout }, output: layout) { inputs in
      "\(concatenation)((\(inputs.joined(separator: ", "))), \(self.axis)=\(place))"
    }
    // The size of the result is the sum of what the parts' sizes are written as.
    let declared = axis < 0 ? axis + rank : axis
    let total = use.writer.sizes(of: use.outputs[0], axis: declared)
    if Set(total.compactMap { $0 }).count > 1 {
      var parts: [String] = []
      for index in use.inputs.indices {
        parts.append(try use.size(index, declared, hint: "in_channels").operand)
      }
      emission.sizes[declared] = PythonValue(
        text: parts.joined(separator: " + "), values: total, isOperation: true)
    }
    return emission
  }

  // MARK: Global pools

  private func globalAverage(_ use: LayerUse) throws(EmissionError) -> Emission {
    try globalPool(use, "mean")
  }

  private func globalMaximum(_ use: LayerUse) throws(EmissionError) -> Emission {
    try globalPool(use, highest)
  }

  /// Works in either layout: only the axes it reduces are renamed.
  private func globalPool(_ use: LayerUse, _ method: String) throws(EmissionError) -> Emission {
    let channels = try use.channelAxis()
    let input = try use.variable(0)
    let (layout, rank) = (input.layout, use.rank())
    let axes = (1..<rank).filter { $0 != channels }.map { layout.place(of: $0, rank: rank) }
      .sorted()
    let numbers = axes.map(String.init).joined(separator: ", ")
    let list = axes.count == 1 ? numbers : "(\(numbers))"
    let keeps = try use.isTrue("keepdims") ? ", \(keepsAxes)=True" : ""
    var emission = Emission(layouts: [layout], output: keeps.isEmpty ? .declared : layout) {
      inputs in "\(inputs[0]).\(method)(\(axis)=\(list)\(keeps))"
    }
    if keeps.isEmpty { emission.sizes[1] = input.sizes[channels] }
    return emission
  }

  // MARK: Shapes

  private func reshape(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard let target = try use.uniform("target_shape").dimensions else {
      throw use.unsupported("needs a constant target_shape")
    }
    let inputShape = use.shape(0, use: use.writer.firstActive)
    var entries: [String] = []
    var open = 0
    for size in target {
      if let constant = size.constant {
        entries.append(String(constant))
        if constant == -1 { open += 1 }
      } else if let axis = inputShape.firstIndex(of: size) {
        entries.append("{x}.shape[\(axis)]")
      } else {
        entries.append("-1")
        open += 1
      }
    }
    guard open <= 1 else {
      throw use.unsupported("cannot say more than one size that is not known before running")
    }
    let list = ([open == 0 ? "-1" : "{x}.shape[0]"] + entries).joined(separator: ", ")
    return Emission(layouts: [.declared], output: .declared) { inputs in
      "{x}.reshape(\(list))".replacing("{x}", with: inputs[0])
    }
  }

  private func permute(_ use: LayerUse) throws(EmissionError) -> Emission {
    guard let order = try use.uniform("dims").dimensions else {
      throw use.unsupported("needs constant positions")
    }
    let list = (["0"] + order.map(\.description)).joined(separator: ", ")
    return Emission(layouts: [.declared], output: .declared) { inputs in
      "\(inputs[0]).\(permutation)(\(list))"
    }
  }
}
