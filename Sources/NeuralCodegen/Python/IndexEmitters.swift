import NeuralDimension
import NeuralModel
import NeuralSchema

/// Layers that pick entries of one axis, which is written alike wherever tensors are indexed as arrays.
enum IndexEmitters {
  static func take(_ use: LayerUse) throws(EmissionError) -> Emission {
    let axis = try constantAxis(use)
    let index = try use.expression("index")
    return indexed(use, axis, index.text)
  }

  /// `x[:, 10:50:2]`.
  static func slice(_ use: LayerUse) throws(EmissionError) -> Emission {
    let axis = try constantAxis(use)
    let start = try use.expression("start").text
    let end = try use.expression("end").text
    let step = try use.expression("step").text
    var text = (start == "0" ? "" : start) + ":" + (end == "None" ? "" : end)
    if step != "1" { text += ":\(step)" }
    return indexed(use, axis, text)
  }

  static func constantAxis(_ use: LayerUse) throws(EmissionError) -> Int {
    guard case .integer(.constant(let axis)) = try use.uniform("axis") else {
      throw use.unsupported("needs a constant axis")
    }
    return axis
  }

  private static func indexed(_ use: LayerUse, _ axis: Int, _ entry: String) -> Emission {
    let before: [String]
    let after: [String]
    if axis >= 0 {
      (before, after) = (Array(repeating: ":", count: axis), [])
    } else {
      (before, after) = (["..."], Array(repeating: ":", count: -axis - 1))
    }
    let list = (before + [entry] + after).joined(separator: ", ")
    return Emission(layouts: [.declared], output: .declared) { "\($0[0])[\(list)]" }
  }
}
