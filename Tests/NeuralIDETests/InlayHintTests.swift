import NeuralIDE
import NeuralModel
import Testing

@Suite struct InlayHintTests {
  /// The hints, each written into the text between `‹` and `›` where it stands.
  private func check(
    _ expected: String, _ change: (inout InlayHintOptions) -> Void = { _ in },
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var options = InlayHintOptions()
    change(&options)
    var source = ""
    var isHint = false
    for character in expected {
      if character == "‹" { isHint = true }
      if !isHint { source.append(character) }
      if character == "›" { isHint = false }
    }
    let fixture = Fixture(source)
    let hints = InlayHint.all(
      in: 0..<fixture.text.count, of: fixture.snapshot, options: options)
    var text = fixture.text
    for hint in hints.reversed() {
      text.insert(contentsOf: Array("‹\(hint.label)›".utf8), at: hint.offset)
    }
    #expect(
      String(decoding: text.dropLast(), as: UTF8.self) == expected, sourceLocation: sourceLocation)
  }

  private func network(_ layers: String, input: String = "(28, 28, 1)") -> String {
    "network N {\n  input: \(input)\n  layers:\n    \(layers)\n}"
  }

  @Test func shapesAndParameters() {
    check(
      network(
        """
        Conv2D(‹filters:›32, ‹kernel_size:›3, activation="relu")‹(batch, 26, 26, 32)›
            MaxPooling2D(‹pool_size:›2)‹(batch, 13, 13, 32)›
            BatchNormalization()
            Flatten() -> Dense(‹units:›10)‹(batch, 10)› -> logits
            logits -> ReLU() -> Output(
              ‹units:›5)‹(batch, 5)›
        """))
  }

  @Test func everyStep() {
    check(
      network(
        """
        Conv2D(1, 1)‹(batch, 28, 28, 1)› -> ReLU()‹(batch, 28, 28, 1)›
            Flatten()‹(batch, 784)›
        """)
    ) {
      $0.parameters = false
      $0.everyStep = true
    }
  }

  @Test func switches() {
    check(network("Conv2D(‹filters:›32, ‹kernel_size:›3)")) { $0.shapes = false }
    check(network("Conv2D(32, 3)‹(batch, 26, 26, 32)›")) { $0.parameters = false }
    check(network("Conv2D(‹filt…›32, ‹kern…›3)‹(bat…›")) { $0.maximumLength = 5 }
    // Each kind has its own limit, and its own switch.
    check(network("Conv2D(‹fil…›32, ‹ker…›3)‹(batch, 2…›‹32…›")) {
      $0.counts = true
      $0.maximumLength = 10
      $0.maximumParameterLength = 4
      $0.maximumCountLength = 3
    }
    check(network("Conv2D(32, 3)‹(b…›‹320 parameters›")) {
      ($0.counts, $0.parameters) = (true, false)
      $0.maximumShapeLength = 3
    }
    check(network("Conv2D(32, 3)‹320 parameters›")) {
      ($0.counts, $0.parameters, $0.shapes) = (true, false, false)
    }
  }

  @Test func alternatives() {
    check(
      """
      define Stage(filters) {
        Conv2D(filters, ‹kernel_size:›3, strides=2, padding="same")‹(batch, 32|16|8, 32|16|8, 8|16|32)›
        ReLU()
      }
      network N {
        input: (64, 64, 3)
        layers:
          for n in (1, 2, 3, 4, 5) { Conv2D(‹filters:›n, ‹kernel_size:›1)‹(batch, 64, 64, 1|2|3|…)› }
          Stage(‹filters:›8) -> Stage(‹filters:›16)‹(batch, 16, 16, 16)›
          Stage(‹filters:›32)‹(batch, 8, 8, 32)›
      }
      """)
  }

  @Test func longAlternativesAreCut() {
    check(
      """
      network N {
        input: (height, width, 1)
        layers:
          for i in range(3) { MaxPooling2D(‹pool_size:›2)‹(batch, height//2|…, width//2|…, 1)› }
      }
      """)
  }

  @Test func repetitionsTogether() {
    check(network("Conv2D(‹filters:›4, ‹kernel_size:›3) * 3‹(batch, 22, 22, 4)›"))
  }

  @Test func merges() {
    check(
      network(
        """
        Conv2D(‹filters:›4, ‹kernel_size:›3) -> a
            Conv2D(‹filters:›4, ‹kernel_size:›1) -> b
            Concatenate(a)‹(batch, 26, 26, 8)›
            (a, b) -> Add() -> c
            Concatenate {
              branch { c -> Conv2D(‹filters:›2, ‹kernel_size:›1)‹(batch, 26, 26, 2)› }
              branch { }
            }‹(batch, 26, 26, 10)›
        """
      ).replacing("3) -> a", with: "3)‹(batch, 26, 26, 4)› -> a"))
  }

  @Test func callsInExpressions() {
    check(
      network("Bidirectional(‹layer:›LSTM(‹units:›4))‹(batch, 8)›", input: "(20, 3)")
        .replacing(
          "\n}", with: "\n  optimizer: Adam(‹learning_rate:›0.1)\n  loss: Huber(‹delta:›2.0)\n}"))
  }

  @Test func whatIsBrokenHasNone() {
    check(network("Desne(3)\n    Dense(‹units:›4)"))
    check(network("Conv2D(‹filters:›4, ‹kernel_size:›3)‹(batch, 26, 26, 4)›\n    Conv2D("))
  }

  @Test func onlyInTheRange() {
    let fixture = Fixture(network("Conv2D(32, 3)\n    Flatten()\n    Dense(2)"))
    let text = String(decoding: fixture.text, as: UTF8.self)
    let start = text.utf8.distance(
      from: text.startIndex, to: text.range(of: "Flatten")!.lowerBound)
    let hints = InlayHint.all(
      in: start..<start + 9, of: fixture.snapshot, options: InlayHintOptions())
    #expect(hints.map(\.label) == ["(batch, 21632)"])
    for range in [0..<0, -5..<(-1), 9999..<99999, -9..<Int.max] {
      _ = InlayHint.all(in: range, of: fixture.snapshot, options: InlayHintOptions())
    }
  }
}
