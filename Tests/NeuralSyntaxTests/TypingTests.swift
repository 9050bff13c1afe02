import Testing

@testable import NeuralSyntax

/// A line is written key by key in the middle of a good file: what stands around it stays.
@Suite struct TypingTests {
  static let file = """
    define Block(filters, strides=1) {
      Conv2D(filters, 3, strides=strides, padding="same") -> x
      Residual {
        Conv2D(filters, (3, 3), activation="relu")
        shortcut { Conv2D(filters, 1) }
      } * 3
      Dense(filters * 2)
    }
    network Net(classes=1000) {
      input: (224, 224, 3) where classes % 2 == 0
      layers:
        let width = HPO(choice(32, 64))
        Block(width, strides=(2 if width > 32 else 1)) -> skips[0]
        for (f, n) in [(64, 3), (128, 4)] {
          Conv2D(f) * n
          MaxPooling2D(2)
        }
        if classes > 10 and width in [1, 2] {
          Dense(1)
        } else {
          Dense(2, name="two")
        }
        (x, skips[0]) -> Add() -> y
        Output(classes, activation="softmax")
      loss: { a: "mse", b: Huber(delta=1.0) }
      optimizer: Adam(learning_rate=1e-3)
      metrics: ["accuracy", "loss"]
      train {
        epochs: 15
        batch_size: [32, 64]
      }
      execution { device: "auto" }
    }
    layer Gated(units: int >= 1, rate: float in [0, 1) = 0.5) {
      input: (batch, ...leading, features), int32 ids (batch, n) = none
      require units % 2 == 0, "units must be even" as not-divisible
      output: (batch, units)
      weights {
        kernel: (features, units) = zeros when rate > 0
        bias: (units)
      }
      macs: product(leading) * features
    }
    """

  /// What stands in the file, and how it is read.
  private static let pieces = [
    ("Dense(filters * 2)", "Dense((filters * 2))"), ("shortcut", "shortcut {Conv2D"),
    ("let width", "let width = HPO"), ("MaxPooling2D(2)", "MaxPooling2D(2)"),
    ("-> Add() -> y", "(x, skips[0]) -> Add() -> y"), ("Output(classes", "Output(classes"),
    ("optimizer:", "optimizer: Adam"), ("epochs: 15", "epochs: 15"),
    ("execution", "execution: {device: 'auto'}"), ("input: (batch", "input: (batch, ...leading"),
    ("kernel:", "kernel: (features, units)"), ("bias:", "bias: <units>"),
    ("macs:", "macs: (product(leading) * features)"), ("require", "require ((units % 2) == 0)"),
  ]

  @Test func everyPrefixOfEveryLine() {
    let lines = Self.file.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (number, line) in lines.enumerated() {
      let indent = line.prefix { $0 == " " }.count
      // Whoever opens or closes a block changes what stands around it.
      if line.hasSuffix("{") || line.dropFirst(indent).hasPrefix("}") { continue }
      for length in indent..<line.count {
        var lines = lines
        lines[number] = String(line.prefix(length))
        let tree = check(lines.joined(separator: "\n"))
        let dump = Dump.file(tree.sourceFile)
        for (source, read) in Self.pieces where !line.contains(source) && !dump.contains(read) {
          Issue.record("\(lines[number]) loses \(read): \(errors(tree))")
        }
        // Between brackets that are left open, one value more can lack its comma.
        if tree.errors.count > 1 {
          Issue.record("\(lines[number]) has errors: \(errors(tree))")
        }
      }
    }
  }
}
