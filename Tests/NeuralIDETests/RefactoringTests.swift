import NeuralIDE
import NeuralModel
import Testing

/// Changes that leave the meaning as it is: what is offered at `$0`, or for what stands between two.
@Suite struct RefactoringTests {
  private func actions(_ source: String) -> (fixture: Fixture, actions: [CodeAction]) {
    let fixture = Fixture(source)
    let snapshot = fixture.snapshot
    let range = fixture.cursors[0]..<(fixture.cursors.last ?? fixture.cursors[0])
    return (
      fixture, Refactoring(snapshot, names: NameTable(snapshot.analysis), at: range).actions
    )
  }

  /// The text after the action whose title begins so; `none` where it is not offered.
  private func check(
    _ source: String, _ title: String, _ expected: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (fixture, actions) = actions(source)
    guard let action = actions.first(where: { $0.title.hasPrefix(title) }) else {
      #expect(
        expected == "none", "offered: \(actions.map(\.title))", sourceLocation: sourceLocation)
      return
    }
    let text = FixAll.apply(action.edits, to: fixture.text)
    #expect(
      String(decoding: text.dropLast(), as: UTF8.self) == expected, sourceLocation: sourceLocation)
  }

  private func network(_ layers: String) -> String {
    "network N { input: (28, 28, 1) layers: \(layers) }"
  }

  @Test func namesOfArguments() {
    check(
      network("Conv2D(8,$0 3, padding=\"same\")"), "Name",
      network("Conv2D(filters=8, kernel_size=3, padding=\"same\")"))
    check(
      network("Conv2D(filters=8$0, kernel_size=3, padding=\"same\")"), "Leave out",
      network("Conv2D(8, 3, padding=\"same\")"))
    // Where one is missing in between, the names behind it stay.
    check(
      network("Conv2D(filters=8$0, kernel_size=3, strides=2, padding=\"same\", use_bias=false)"),
      "Leave out", network("Conv2D(8, 3, 2, \"same\", use_bias=false)"))
    check(network("Conv2D(kernel_size=3$0, filters=8)"), "Leave out", "none")
    check(network("Flatten($0)"), "Name", "none")
    // Operands of a merge have no names.
    check(network("Conv2D(8, 3) -> x Conv2D(8, 1) -> Conv2D(8, 3) -> y Add($0x)"), "Name", "none")
    check(
      "define D(units) { Dense(units) }\nnetwork N { input: (4) layers: D($03) }", "Name",
      "define D(units) { Dense(units) }\nnetwork N { input: (4) layers: D(units=3) }")
  }

  /// Whether a kind is wanted is asked before each try: one who waits no longer is not worked for.
  @Test func tryingEndsWhenNobodyWaits() {
    final class Patience {
      var left: Int
      init(_ left: Int) { self.left = left }
    }
    let fixture = Fixture(network("Conv2D($04, 3) Flatten() Dense(3)"))
    let snapshot = fixture.snapshot
    let range = fixture.cursors[0]..<fixture.cursors[0]
    func titles(_ patience: Patience) -> [String] {
      Refactoring(snapshot, names: NameTable(snapshot.analysis), at: range) { _ in
        patience.left -= 1
        return patience.left >= 0
      }.actions.map(\.title)
    }
    let all = ["Name the arguments of `Conv2D`", "Put the channels of `N` first"]
    #expect(titles(Patience(9)) == all)
    #expect(titles(Patience(1)) == [all[0]])
    #expect(titles(Patience(0)) == [])
  }

  @Test func sectionsInOrder() {
    check(
      """
      network N {
        loss: "mse"  # why
        # The layers,
        # in order.
        layers:
          Dense$0(3)
        input: (4)
      }
      """, "Sort",
      """
      network N {
        input: (4)
        # The layers,
        # in order.
        layers:
          Dense(3)
        loss: "mse"  # why
      }
      """)
    check("network N {$0 input: (4) layers: Dense(3) }", "Sort", "none")
  }

  @Test func missingSections() {
    check(
      "network N {$0\n  layers: Dense(3)\n}", "Add `input",
      "network N {\n  input: (28, 28, 1)\n  layers: Dense(3)\n}")
    check(
      "network N {$0\n  input: (4)\n  loss: \"mse\"\n}", "Add `layers",
      "network N {\n  input: (4)\n  layers:\n    Dense(10)\n  loss: \"mse\"\n}")
    check("network N {$0}", "Add `input", "network N {\n  input: (28, 28, 1)\n}")
  }

  @Test func conditionsOfSizes() {
    check(
      "network N { input: (height$0, 8, 3) layers: Conv2D(4, 3) -> MaxPooling2D(2) }",
      "Add `where height >= ",
      "network N { input: (height, 8, 3) where height >= 4 layers: Conv2D(4, 3) -> MaxPooling2D(2) }"
    )
    check("network N { input: ($08, 8, 3) layers: Conv2D(4, 3) }", "Add `where", "none")
    check(
      "network N { input: (height$0, 8, 3) where height >= 9 layers: Conv2D(4, 3) }",
      "Add `where", "none")
  }

  @Test func channels() {
    let last =
      "network N {\n  input: (28, 30, 1)\n  layers: Conv2D(4, 3) -> Flatten() -> Dense(3)\n}"
    let first = last.replacing(
      "(28, 30, 1)", with: "(1, 28, 30)\n  data_format: \"channels_first\"")
    check(last.replacing("input", with: "$0input"), "Put the channels of `N` first", first)
    check(
      first.replacing("input", with: "$0input"), "Put the channels of `N` last",
      last.replacing("1)\n", with: "1)\n  data_format: \"channels_last\"\n"))
    // An axis that is given would be another one.
    check(
      last.replacing("Flatten()", with: "BatchNormalization(axis=3)$0 -> Flatten()"), "Put", "none")
    check("network N { input: ($04) layers: Dense(3) }", "Put", "none")
  }

  @Test func writingOutADefinition() {
    check(
      """
      define Block(units, twice=2 * units) {
        Dense(units) -> x
        x -> Dense(twice // 2)
        Add(x)
      }
      network N {
        input: (4)
        layers:
          Bl$0ock(3 + 1)
          Dense(2)
      }
      """, "Write out",
      """
      define Block(units, twice=2 * units) {
        Dense(units) -> x
        x -> Dense(twice // 2)
        Add(x)
      }
      network N {
        input: (4)
        layers:
          Dense((3 + 1)) -> x
          x -> Dense((2 * (3 + 1)) // 2)
          Add(x)
          Dense(2)
      }
      """)
    check(
      "define B(n) { Dense(n) Dense(n) }\nnetwork N { input: (4) layers: Dense(1) -> B$0(n=2) * 2 }",
      "Write out",
      "define B(n) { Dense(n) Dense(n) }\n"
        + "network N { input: (4) layers: Dense(1) -> Sequential { Dense(2) Dense(2) } * 2 }")
    // Its input has no name there, and a value is missing.
    check(
      "define B() { input -> Dense(2) }\nnetwork N { input: (4) layers: B$0() }", "Write", "none")
    check("define B(n) { Dense(n) }\nnetwork N { input: (4) layers: B$0() }", "Write", "none")
    check(network("Den$0se(3)"), "Write", "none")
  }

  @Test func makingADefinition() {
    check(
      """
      # Above.
      network N(width=8) {
        input: (4)
        layers:
          let rate = 0.5
          Dense(4) -> start
          $0Dense(width)
          Dropout(rate)
          Dense(4) -> Add(start)$0
          Dense(1)
      }
      """, "Make a definition",
      """
      define Block(width, rate, start) {
        Dense(width)
        Dropout(rate)
        Dense(4) -> Add(start)
      }

      # Above.
      network N(width=8) {
        input: (4)
        layers:
          let rate = 0.5
          Dense(4) -> start
          Block(width, rate, start)
          Dense(1)
      }
      """)
    check(
      "network N { input: (4) layers: for i in (2, 3) { $0 Dense(i) Dense(1) $0} Dense(2) }",
      "Make",
      "define Block(i) {\n  Dense(i) Dense(1)\n}\n\n"
        + "network N { input: (4) layers: for i in (2, 3) {  Block(i) } Dense(2) }")
    // Half of a statement, and a value that is read afterwards.
    check("network N { input: (4) layers: Dense(3) -> $0Dense(4)$0 }", "Make", "none")
    check("network N { input: (4) layers: $0Dense(3) -> x$0 Dense(3) Add(x) }", "Make", "none")
    check("network N { input: (4) layers: Dense($03$0) }", "Make", "none")
  }
}
