import Testing

@testable import NeuralModel

/// One mistake, one finding, at its cause; each beside what must stay silent.
@Suite struct FindingsTests {
  @Test func whatFollowsFromAMistakeStaysSilent() {
    check(
      """
      network A {
        input: { left: (8), right: (8) }
        layers:
          if 1 < 2 {
            Dense(4)
      #     ^^^^^ no-current-value: left
          }
          Dense(4)
          for n in missing { Dense(n) }
      #            ^^^^^^^ undefined-name: missing
          Dnse(3) -> x
      #   ^^^^ unknown-layer: Dense
          (x, right, left) -> Concatenate() -> Output(2)
      }

      network NoInput {
      #       ^^^^^^^ missing-section: input
        layers:
          image -> Conv2D(3, 3) -> x
          x -> Flatten()
          Conv2D(3)
      #   ^^^^^^ missing-argument: kernel_size
      }
      """)
  }

  /// The layers that have no room are no mistakes of their own; the network is broken all the same.
  @Test func channelsAtTheWrongEndAreTheErrorOfWhatDoesNotFit() {
    let analysis = check(
      """
      network A {
        input: (3, 32, 32)
      #        ^^^^^^^^^^^ channel-order: 3 channels seem to stand first
        layers:
          Conv2D(8, 5)
          MaxPooling2D(2)
          Flatten()
          Output(2)
      }

      network B {
        input: (3, 32, 32)
      #        ^^^^^^^^^^^ channel-order: 3 channels seem to stand first
        layers:
          Conv2D(8, 3)
          Flatten()
          Output(2)
      }
      """)
    #expect(analysis.diagnostics.map(\.severity) == [.error, .warning])
  }

  @Test func aMisspeltArgumentCountsAsGiven() {
    check(
      """
      network A {
        input: (28, 28, 1)
        layers:
          Conv2D(8, kernel_sise=30)
      #             ^^^^^^^^^^^^^^ unknown-argument: kernel_size
      #             ^^^^^^^^^^^^^^ size-too-small: 28
          Flatten()
          Output(2)
      }
      """)
  }

  @Test func namesThatOnlyCodeNotTakenReadsAreUsed() {
    check(
      """
      define Never(n) { Dense(n) }
      network A {
        input: (8)
        layers:
          let width = 4
          let other = 5
          let spare = 6
      #       ^^^^^ unused-value: spare
          let wide = false
          if wide { Never(width) } else { ReLU() }
          Dense(other if wide else 3)
          for i in range(2) { Dense(3) }
          Output(2)
      }
      """)
  }

  @Test func aNameUsedInOneExpansionIsUsed() {
    check(
      """
      define Maybe(use) {
        Dense(4) -> kept
        Dense(4) -> never
      #             ^^^^^ unused-value: never
        if use { (kept, input) -> Concatenate() }
      }
      network A {
        input: (8)
        layers:
          Maybe(false)
          Maybe(true)
          Output(2)
      }
      """)
  }

  @Test func aDefinitionReportsItsMistakeOnceWithItsFirstUse() {
    check(
      """
      define Block(n) { Dense(n) -> LSTM(4) }
      #                 ^^^^^ related: block_1/dense_1
      #                             ^^^^ rank-mismatch: (batch, 3)
      network A {
        input: (8)
        layers:
          Block(3)
      #   ^^^^^ related: in this use
          Block(5)
          Output(2)
      }
      """)
  }

  @Test func unusedDefinitions() {
    check("define Block(n) { Dense(n) }")
    check(
      """
      define Inner() { Dense(3) }
      define Block(n) { Inner() Dense(n) }
      #      ^^^^^ unused-definition: Block
      network A { input: (8) layers: Output(2) }
      """)
    check(
      """
      define Block(n) { Dense(m) Dnese(2) }
      #                       ^ undefined-name: n
      #                          ^^^^^ unknown-layer: Dense
      """)
  }

  @Test func inputsAndTargets() {
    check(
      """
      network A {
        input: { a: (8), b: (8), unread: (3) }
      #                          ^^^^^^ unused-value: unread
        layers:
          a -> x
          (a, b) -> (m, m)
      #              ^ related
      #                 ^ duplicate-name: m
          (x, m) -> Add() -> Output(2)
      #             ^^^ self-merge: `a`
      }
      network B {
        input: (4, 8)
        layers:
          LSTM(4, return_state=true) -> (_s, h)
      #                                 ^^^^^^^ input-count: 3 values
          h -> Output(2)
      }
      """)
  }

  @Test func theWayOutOfARankMismatchMayBeFurtherUp() {
    check(
      """
      network A {
        input: (20, 8)
        layers:
          Bidirectional(LSTM(4))
      #   ^^^^^^^^^^^^^ related: bidirectional_1
          Dropout(0.5)
          LSTM(3)
      #   ^^^^ rank-mismatch: return_sequences is false in `bidirectional_1` on line 4
      #   fix: Bidirectional(LSTM(4, return_sequences=true))
          Output(2)
      }
      network B {
        input: (20, 8)
        layers:
          GRU(4, return_sequences=false) -> LSTM(3)
      #                                     ^^^^ rank-mismatch: return_sequences=true
      #   fix: GRU(4, return_sequences=true) -> LSTM(3)
          Output(2)
      }
      """)
  }

  @Test func batchReading() {
    check(
      """
      network A {
        input: (none, 512)
      #        ^^^^^^^^^^^ batch-reading: (none, none, 512)
        layers:
          LSTM(64)
      #   ^^^^ rank-mismatch: (batch, 512)
          Output(2)
      }
      network B { input: (none, 512) layers: Output(2) }
      network C { input: (none, 20, 512) layers: LSTM(64) Output(2) }
      """)
  }

  @Test func unprovableBounds() {
    check(
      """
      network A {
        input: (height, width, 3)
        layers:
          Conv2D(8, (3, 5))
      #             ^^^^^^ unprovable-shape: height >= 3, width >= 5
      #   fix: (height, width, 3) where height >= 3, width >= 5
          GlobalAveragePooling2D()
          Output(2)
      }
      network B {
        input: (height, 30, 3) where height <= 4
        layers:
          Conv2D(8, 5)
      #             ^ size-too-small: height
          GlobalAveragePooling2D()
          Output(2)
      }
      network C {
        input: (height, 30, 3) where height >= 4
        layers:
          MaxPooling2D(2)
          Conv2D(8, 2)
          GlobalAveragePooling2D()
          Output(2)
      }
      """)
  }

  @Test func weightsNeedSizes() {
    check(
      """
      network A {
        input: (8, 8, channels)
        layers:
          Conv2D(4, 3)
      #   ^^^^^^ not-constant: channels
          Flatten()
          Output(2)
      }
      network B {
        input: (rows, columns)
        layers:
          Flatten()
          Output(2)
      #   ^^^^^^ not-constant: kernel
      }
      """)
  }

  @Test func activationsAndLosses() {
    check(
      """
      network A {
        input: (8)
        layers:
          Dense(8, activation="softmax")
      #            ^^^^^^^^^^^^^^^^^^^^ related: ends in softmax
          Dropout(0.5)
          Softmax()
      #   ^^^^^^^ double-softmax: dense_1
          Output(1, activation="softmax")
      #             ^^^^^^^^^^^^^^^^^^^^ degenerate-activation: always 1
        loss: "binary_crossentropy"
      }
      network B {
        input: (8)
        layers:
          Output(3, activation="softmax")
        loss: SparseCategoricalCrossentropy(from_logits=true)
      #                                     ^^^^^^^^^^^^^^^^ double-softmax: output_1
      #   fix: from_logits=false
        metrics: ["accuracy", "top_k_categorical_accuracy"]
      #                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^ label-mismatch: class indices
      }
      network C {
        input: (8)
        layers:
          Output(3, activation="sigmoid")
        loss: "categorical_crossentropy"
      #       ^^^^^^^^^^^^^^^^^^^^^^^^^^ loss-mismatch: softmax
      }
      """)
  }

  @Test func searchSpaces() {
    check(
      """
      network A {
        input: (8)
        layers:
          Dense(HPO(choice(8, 16)))
          Dense(HPO(range(64, 16)))
      #             ^^^^^^^^^^^^^ empty-search-space: range(16, 64)
          HPO(choice(Dense(3), Dense(4)))
          Output(2)
        optimizer: HPO(choice(Adam(HPO(log_range(1e-4, 1e-2))), SGD()))
        train {
          batch_size: HPO(choice(32, "many"))
      #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ search-space-error: fails for batch_size = "many", 1 of 2 configurations
          epochs: HPO(choice())
      #               ^^^^^^^^ empty-search-space
          validation_split: HPO(range(0.1, 0.3, step=0))
      #                         ^^^^^^^^^^^^^^^^^^^^^^^ invalid-argument: above 0
        }
      }
      network B {
        input: (8)
        layers: Output(2)
        train { search_method: "random" }
      #         ^^^^^^^^^^^^^^^^^^^^^^^ unused-search-method
      }
      """)
  }

  @Test func olderForms() {
    check(
      """
      network A {
        input: (28, 28, 1)
        layers:
          Conv2D(filters: 8, kernel_size: 3)
      #          ^^^^^^^^^^ old-form: filters=8
      #                      ^^^^^^^^^^^^^^ old-form: kernel_size=3
          BatchNorm()
      #   ^^^^^^^^^ layer-spelling: BatchNormalization
          ReLU
      #   ^^^^ old-form: ReLU()
          Flatten()
          Output(2)
        optimizer: "sgd"
      #            ^^^^^ old-form: SGD()
      }
      """)
  }

  @Test func allowances() {
    check(
      """
      # neural: allow(unused-value)
      define Block(n) { Dense(n) -> x }
      network A {
        input: (8)
        layers:
          Block(4)
          Dense(4.0)  # neural: allow(implicit-conversion)
          Dense(4)  # neural: allow(implicit-conversion)
      #                             ^^^^^^^^^^^^^^^^^^^ unused-allow: remove
          Output(2)  # neural: allow(no-such-code)
      #                              ^^^^^^^^^^^^ unused-allow: no-such-code
      }
      """)
  }

  @Test func mistakesOfADeclarationStandThere() {
    check(
      """
      layer Bad(units: int, other: int = unts) {
      #                                  ^^^^ undefined-name: units
        input: (batch, features)
        output: (batch, size)
      #                 ^^^^ undefined-name: Bad
      }
      layer Odd(units: int) {
        input: (batch, features)
        require units % 2 == 1, "units = {units} must be odd for {features}"
        output: (batch, units)
      }
      network A {
        input: (8)
        layers:
          Bad(3, 4)
      #   ^^^ related: in this use
      }
      network B {
        input: (8)
        layers:
          Odd(3)
          Odd(4)
      #       ^ invalid-argument: units = 4 must be odd for 3
      }
      """)
  }

  @Test func argumentsOfEveryKind() {
    check(
      """
      layer Take(size: int | (int, int), share | p: float in [0, 1) = 0.5, mode: "a" | "b" = "a",
                 axes: (int >= 1, int >= 1) = 1) {
        input: (batch, ...dims)
        output: (batch, ...dims)
      }
      network A {
        input: (8)
        layers:
          Take((1, 2), p=0.25, axes=3)
          Take(1, 1.0)
      #           ^^^ invalid-argument: out of range
          Take(1, mode="c")
      #           ^^^^^^^^ invalid-argument: "b"
          Take(1, mode="B")
      #           ^^^^^^^^ implicit-conversion: "b"
      #   fix: mode="b"
          Take(1, axes=(1, 2, 3))
      #           ^^^^^^^^^^^^^^ invalid-argument: 3 entries
          Take(1, axes=(1, 0))
      #           ^^^^^^^^^^^ invalid-argument: out of range
          Take(1, p=0.5, share=0.5)
      #                  ^^^^^^^^^ duplicate-argument: share
          Take(1, name="t", name="u")
      #                     ^^^^^^^^ duplicate-argument: name
          Output(2)
      }
      """)
  }
}
