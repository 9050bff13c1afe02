import NeuralDimension
import NeuralModel
import NeuralSchema

// Images: other sizes, cuts, and changes at random in training.
extension PyTorchEmitters {
  /// The height and width of an image and of what is wanted, where they are known.
  private struct Sizes {
    var given: [Int]
    var wanted: [Int]

    /// Whether the image holds what is wanted.
    var isEnough: Bool { zip(given, wanted).allSatisfy { $0 >= $1 } }

    /// Keras's largest part of the wanted proportions.
    var part: [Int] {
      let fitting = [
        Int(Double(given[1] * wanted[0]) / Double(wanted[1])),
        Int(Double(given[0] * wanted[1]) / Double(wanted[0])),
      ]
      return zip(given, fitting).map { max(min($0, $1), 1) }
    }

    /// Keras's smallest frame of the wanted proportions, as what is added on each side.
    var borders: [Int] {
      let frame = [
        Int(Double(given[1] * wanted[0]) / Double(wanted[1])),
        Int(Double(given[0] * wanted[1]) / Double(wanted[0])),
      ]
      return zip(given, frame).map { (max($0, $1) - $0) / 2 }
    }
  }

  /// `nil` where a size of the image is open.
  private static func sizes(_ use: LayerUse) throws(EmissionError) -> Sizes? {
    let axis = try use.channelAxis() == 1 ? 2 : 1
    var wanted: [Int] = []
    for name in ["height", "width"] {
      guard case .integer(.constant(let size)) = try use.uniform(name) else {
        throw use.unsupported("needs a constant \(name)")
      }
      wanted.append(size)
    }
    let shapes = use.writer.activeUses.map { Array(use.shape(0, use: $0)[axis..<axis + 2]) }
    guard Set(shapes).count == 1 else {
      throw use.writer.split(use.writer.keys { TensorType.text(use.shape(0, use: $0)) })
    }
    let given = shapes[0].compactMap(\.constant)
    return given.count == 2 ? Sizes(given: given, wanted: wanted) : nil
  }

  /// The part of an image in its middle.
  private static func middle(_ value: String, _ given: [Int], _ part: [Int]) -> String {
    if given == part { return value }
    let ranges = zip(given, part).map { size, kept -> String in
      let start = (size - kept) / 2
      return size == kept ? ":" : "\(start == 0 ? "" : String(start)):\(start + kept)"
    }
    return "\(value)[:, :, \(ranges.joined(separator: ", "))]"
  }

  static func resizing(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    guard case .string(let method) = try use.uniform("interpolation"),
      let mode = ["bilinear": "bilinear", "nearest": "nearest-exact"][method]
    else {
      throw use.unsupported(
        "interpolates as Keras does by \"bilinear\" and \"nearest\"; write one of them")
    }
    let crops = try use.isTrue("crop_to_aspect_ratio")
    let pads = try use.isTrue("pad_to_aspect_ratio")
    let fill = try use.expression("fill_value").text
    let isSmooth = try use.isTrue("antialias") && method == "bilinear"
    let options = ", mode=\"\(mode)\"" + (isSmooth ? ", antialias=True" : "")
    let sizes = crops || pads ? try sizes(use) : nil
    if crops || pads, sizes == nil {
      throw use.unsupported(
        "keeps proportions of images of a known size; write the sizes of the input")
    }
    let height = try use.expression("height").text
    let width = try use.expression("width").text
    return Emission(layouts: [layout], output: layout) { inputs in
      var x = inputs[0]
      if let sizes, crops { x = middle(x, sizes.given, sizes.part) }
      if let sizes, pads, sizes.borders != [0, 0] {
        let (rows, columns) = (sizes.borders[0], sizes.borders[1])
        let value = fill == "0.0" ? "" : ", value=\(fill)"
        x = "F.pad(\(x), (\(columns), \(columns), \(rows), \(rows))\(value))"
      }
      return "F.interpolate(\(x), (\(height), \(width))\(options))"
    }
  }

  static func centerCrop(_ use: LayerUse) throws(EmissionError) -> Emission {
    let layout = try use.channelLayout()
    guard let sizes = try sizes(use) else {
      throw use.unsupported(
        "takes the middle of images of a known size; write the sizes of the input")
    }
    return Emission(layouts: [layout], output: layout) { inputs in
      if sizes.isEnough { return middle(inputs[0], sizes.given, sizes.wanted) }
      let part = middle(inputs[0], sizes.given, sizes.part)
      let list = sizes.wanted.map(String.init).joined(separator: ", ")
      return "F.interpolate(\(part), (\(list)), mode=\"bilinear\")"
    }
  }

  // MARK: At random

  static func randomCrop(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["seed"])
    let layout = try use.channelLayout()
    guard let sizes = try sizes(use), sizes.isEnough else {
      throw use.unsupported(
        "takes parts of images that are known to be large enough; write Resizing before it")
    }
    use.writer.module.require("RandomCrop", randomCropClass)
    let arguments = try ["height", "width"].map { name throws(EmissionError) in
      Python.text(try use.expression(name).text)
    }
    return Emission(.call("RandomCrop", arguments), layouts: [layout], output: layout)
  }

  private static let randomCropClass = """
    class RandomCrop(nn.Module):
        \"""A random part of the images in training, the middle in evaluation.\"""

        def __init__(self, height: int, width: int) -> None:
            super().__init__()
            self.size = (height, width)

        def forward(self, x: Tensor) -> Tensor:
            height, width = self.size
            rows, columns = x.shape[2] - height, x.shape[3] - width
            top, left = rows // 2, columns // 2
            if self.training and rows and columns:
                top = int(torch.randint(rows + 1, ()))
                left = int(torch.randint(columns + 1, ()))
            return x[:, :, top : top + height, left : left + width]
    """

  static func randomFlip(_ use: LayerUse) throws(EmissionError) -> Emission {
    try use.refuse(["seed"])
    let layout = try use.channelLayout()
    guard case .string(let mode) = try use.uniform("mode"),
      let axes = ["horizontal": "3", "vertical": "2", "horizontal_and_vertical": "2, 3"][mode]
    else { throw use.unsupported("needs a constant mode") }
    use.writer.module.require("RandomFlip", randomFlipClass)
    return Emission(.call("RandomFlip", [.text(axes)]), layouts: [layout], output: layout)
  }

  private static let randomFlipClass = """
    class RandomFlip(nn.Module):
        \"""Turn each image over in training, or leave it, along all axes alike.\"""

        def __init__(self, *axes: int) -> None:
            super().__init__()
            self.axes = axes

        def forward(self, x: Tensor) -> Tensor:
            if not self.training:
                return x
            flips = torch.rand(x.shape[0], 1, 1, 1, device=x.device) <= 0.5
            return torch.where(flips, x.flip(self.axes), x)
    """

  /// From and to which a factor goes: one number stands for both ways, not below `least`.
  private static func factor(
    _ use: LayerUse, least: Double
  ) throws(EmissionError) -> (lower: Double, upper: Double) {
    let value = try use.uniform("factor")
    if let number = value.number { return (max(-abs(number), least), abs(number)) }
    let numbers = (value.elements ?? []).compactMap(\.number).sorted()
    guard numbers.count == 2 else { throw use.unsupported("needs a constant factor") }
    return (numbers[0], numbers[1])
  }

  /// A layer that draws a number for each image and keeps values in their range.
  private static func randomValues(
    _ use: LayerUse, _ from: Double, _ to: Double, _ text: String
  ) throws(EmissionError) -> Emission {
    try use.refuse(["seed"])
    let range = (try use.uniform("value_range").elements ?? []).compactMap(\.number)
    guard range.count == 2 else { throw use.unsupported("needs a constant value_range") }
    use.writer.module.require(use.schema.name, text)
    let numbers = [from, to] + range
    return Emission(
      .call(use.schema.name, numbers.map { .text(Python.float($0)) }), layouts: [.declared],
      output: .declared)
  }

  static func randomContrast(_ use: LayerUse) throws(EmissionError) -> Emission {
    let (lower, upper) = try factor(use, least: 0)
    return try randomValues(use, 1 - lower, 1 + upper, randomContrastClass)
  }

  private static let randomContrastClass = """
    class RandomContrast(nn.Module):
        \"""Draw values away from the mean of their channel in training, or towards it.\"""

        def __init__(self, lower: float, upper: float, low: float, high: float) -> None:
            super().__init__()
            self.factors = (lower, upper)
            self.range = (low, high)

        def forward(self, x: Tensor) -> Tensor:
            if not self.training:
                return x
            mean = x.mean(dim=(1, 2), keepdim=True)
            factor = x.new_empty(x.shape[0], 1, 1, 1).uniform_(*self.factors)
            return ((x - mean) * factor + mean).clamp(*self.range)
    """

  static func randomBrightness(_ use: LayerUse) throws(EmissionError) -> Emission {
    let (lower, upper) = try factor(use, least: -1)
    return try randomValues(use, lower, upper, randomBrightnessClass)
  }

  private static let randomBrightnessClass = """
    class RandomBrightness(nn.Module):
        \"""Add a share of the range of values to all of an image in training.\"""

        def __init__(self, lower: float, upper: float, low: float, high: float) -> None:
            super().__init__()
            self.factors = (lower, upper)
            self.range = (low, high)

        def forward(self, x: Tensor) -> Tensor:
            if not self.training:
                return x
            low, high = self.range
            share = x.new_empty(x.shape[0], 1, 1, 1).uniform_(*self.factors)
            return (x + share * (high - low)).clamp(low, high)
    """
}
