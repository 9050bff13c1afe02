import NeuralIDE
import NeuralModel
import NeuralThreads
import Testing

@Suite struct HoverTests {
  /// The hover at `$0` contains each of the texts, in this order, and none of the others.
  private func check(
    _ source: String, _ parts: [String], not others: [String] = [],
    devices: @escaping (String) -> String? = { _ in nil },
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let fixture = Fixture(source)
    guard let cursor = fixture.cursors.first,
      let hover = Hover.at(cursor, in: fixture.snapshot, devices: devices)
    else {
      if !parts.isEmpty { Issue.record("no hover", sourceLocation: sourceLocation) }
      return
    }
    if parts.isEmpty { Issue.record("\(hover.markdown)", sourceLocation: sourceLocation) }
    var rest = hover.markdown[...]
    for part in parts {
      guard let found = rest.range(of: part) else {
        Issue.record("\(part) is not in\n\(hover.markdown)", sourceLocation: sourceLocation)
        return
      }
      rest = rest[found.upperBound...]
    }
    for other in others {
      #expect(!hover.markdown.contains(other), sourceLocation: sourceLocation)
    }
    for mark in fixture.marks {
      #expect(fixture.string(hover.range) == fixture.string(mark.range))
    }
  }

  @Test func layer() {
    check(
      """
      network N {
        input: (28, 28, 1)
        layers:
          Con$0v2D(32, 3, activation="relu")
      #   ^^^^^^
      }
      """,
      [
        "```neural\nConv2D(filters, kernel_size, strides=1", "`conv2d_1`",
        "`(batch, 28, 28, 1) → (batch, 26, 26, 32)`",
        // 3 · 3 · 1 · 32 + 32 parameters, 26 · 26 · 3 · 3 · 32 products.
        "320 parameters · 194,688 MACs", "`kernel (3, 3, 1, 32)`, `bias (32,)`",
        "`height: ⌊(28 − 3) / 1⌋ + 1 = 26`", "`width: ⌊(28 − 3) / 1⌋ + 1 = 26`",
        "Convolution over images",
      ])
  }

  /// What is generated for it, statement by statement, or why it is not.
  @Test func pytorch() {
    check(
      """
      network N {
        input: (28, 28, 1)
        layers:
          Con$0v2D(32, 3, activation="relu")
      }
      """,
      [
        "```python\nself.conv2d_1 = nn.Conv2d(1, 32, 3)\n"
          + "x = F.relu(self.conv2d_1(x.movedim(-1, 1)))\n```"
      ])
    let text = """
      layer Half(a: int = 1) { input: (batch, features) output: (batch, features) }
      define Block(n) { DENSE(n) HALF() }
      network N {
        input: (8)
        layers: BLOCK(4) Block(2) NOTHING(name="a") LAST
      }
      """
    func at(_ word: String, last: String = "Dense(1)") -> String {
      var text = text.replacing(word, with: "$0" + word)
      for (upper, name) in [
        ("DENSE", "Dense"), ("HALF", "Half"), ("BLOCK", "Block"), ("NOTHING", "Identity"),
        ("LAST", last),
      ] { text = text.replacing(upper, with: name) }
      return text
    }
    check(at("DENSE"), ["```python\nself.dense_1 = nn.Linear(in_features, n)\n"])
    check(at("BLOCK"), ["```python\nself.block_1 = Block(8, 4)\nx = self.block_1(x)\n```"])
    check(at("NOTHING"), ["PyTorch needs no statement for it."], not: ["```python"])
    check(
      at("HALF"), ["Not written for PyTorch: `Half`: the PyTorch target does not know this layer"],
      not: ["```python"])
    // What an error means is not known.
    check(at("DENSE", last: "Dense(0)"), ["Dense(units"], not: ["```python", "PyTorch"])
  }

  /// Code for a large network is not waited for: it is written meanwhile.
  @Test func pytorchOfALargeNetwork() {
    let layers = (0..<300).map { _ in "    Dense(3)\n" }.joined()
    let fixture = Fixture("network N {\n  input: (3)\n  layers:\n\(layers)    $0Dense(2)\n}\n")
    let waiting = Lock<[@Sendable () -> Void]>([])
    let snapshot = EditorSnapshot(fixture.snapshot.analysis) { job in
      waiting.withLock { $0.append(job) }
    }
    func hover() -> String { Hover.at(fixture.cursors[0], in: snapshot)?.markdown ?? "" }
    for _ in 0..<2 {
      #expect(hover().contains("Its PyTorch is being written"))
      #expect(!hover().contains("```python"))
    }
    let jobs = waiting.withLock { $0 }
    #expect(jobs.count == 1)
    for job in jobs { job() }
    #expect(hover().contains("```python\nself.dense_301 = nn.Linear(3, 2)\n"))
  }

  /// 59,049 configurations: the least and the most of all of them, or whose the numbers are.
  @Test func totalsOfASearchSpace() {
    let layers = String(repeating: "    Dense(HPO(choice(1, 2, 3)))\n", count: 10)
    check(
      "network Ma$0ny {\n  input: (4)\n  layers:\n\(layers)}\n",
      [
        // 4 + 1 + 9 · 2, and 4 · 3 + 3 + 9 · 12; 4 + 9, and 12 + 9 · 9.
        "| parameters | 23…123 |", "| MACs for one sample | 13…93 |",
        "those of all 59,049 configurations, memory is that of the first",
      ])
    check(
      "network Ma$0ny {\n  input: (seq, 4)\n  layers:\n\(layers)}\n",
      ["| parameters | 23 |", "those of the first of 59,049 configurations"])
  }

  @Test func severalUses() {
    let text = """
      define Down(filters) {
        CONV(filters, 3, strides=2, padding="same")
      }
      network N {
        input: (64, 64, 3)
        layers: Down(8) -> Down(16) -> CALL(32)
      }
      """
    check(
      text.replacing("CONV", with: "$0Conv2D").replacing("CALL", with: "Down"),
      [
        "`down_1/conv2d_1`, `down_2/conv2d_1`, `down_3/conv2d_1`, in 3 uses",
        "`(batch, 64, 64, 3) | (batch, 32, 32, 8) | (batch, 16, 16, 16)"
          + " → (batch, 32, 32, 8) | (batch, 16, 16, 16) | (batch, 8, 8, 32)`",
        // 3·3·3·8+8, 3·3·8·16+16, 3·3·16·32+32.
        "224 | 1,168 | 4,640 parameters, 6,032 in all",
        "In the first use:", "⌈64 / 2⌉ = 32",
      ])
    check(
      text.replacing("CONV", with: "Conv2D").replacing("CALL", with: "$0Down"),
      [
        "Down(filters)", "`down_3`", "`(batch, 16, 16, 16) → (batch, 8, 8, 32)`",
        "4,640 parameters",
      ])
    check(
      text.replacing("CONV", with: "Conv2D").replacing("CALL", with: "Down")
        .replacing("define Down", with: "define $0Down"),
      ["define Down(filters)", "in 3 uses", "6,032 in all"])
    check(
      text.replacing("CONV(filters", with: "Conv2D($0filters").replacing("CALL", with: "Down"),
      ["`filters`: parameter of `Down`", "`8 | 16 | 32` in 3 uses"])
  }

  @Test func manyUsesAreCut() {
    check(
      """
      network N {
        input: (8)
        layers: for n in (1, 2, 3, 4, 5, 6) { $0Dense(n) }
      }
      """,
      [
        "`dense_1`, `dense_2`, `dense_3`, …, in 6 uses",
        "→ (batch, 1) | (batch, 2) | (batch, 3) | …`",
      ])
  }

  @Test func repetitions() {
    check(
      """
      network N {
        input: (8)
        layers: $0Dense(8) * 3
      }
      """, ["in 3 uses", "`(batch, 8) → (batch, 8)`", "72 parameters, 216 in all"])
  }

  @Test func containers() {
    let text = """
      network N {
        input: (8)
        layers:
          RES {
            Dense(4) -> Dense(8)
            shortcut { Dense(8, use_bias=false) }
          }
      }
      """
    // 8·4+4, 4·8+8, 8·8.
    check(
      text.replacing("RES", with: "$0Residual"),
      ["`residual_1`", "`(batch, 8) → (batch, 8)`", "140 parameters"])
    check(
      text.replacing("RES", with: "Residual").replacing("shortcut", with: "$0shortcut"),
      ["**shortcut**", "`(batch, 8) → (batch, 8)`"])
  }

  @Test func sharedLayers() {
    let text = """
      network N {
        input: { a: (8), b: (8) }
        layers:
          let LET = Dense(4)
          a -> embed() -> x
          b -> USE() -> y
          (x, y) -> Add()
      }
      """
    check(
      text.replacing("LET", with: "embed").replacing("USE", with: "$0embed"),
      ["Dense(units", "shares the weights of its use on line 5", "No parameters"])
    check(
      text.replacing("LET", with: "$0embed").replacing("USE", with: "embed"),
      ["let embed = Dense(4)", "each `embed()` shares its weights"])
  }

  @Test func network() {
    check(
      """
      ## A small one.
      network $0Net(classes=10) {
        input: { image: (4, 4, 1), words: int32 (seq) }
        layers:
          image -> Flatten() -> BatchNormalization() -> Dense(classes) -> logits
          words -> Embedding(100, 2) -> vectors
        outputs: logits, vectors
      }
      """,
      [
        "network Net(classes=10)", "A small one.", "| input `image` | `(batch, 4, 4, 1)` |",
        "| input `words` | `(batch, seq)` int32 |", "| output `logits` | `(batch, 10)` |",
        "| output `vectors` | `(batch, seq, 2)` |",
        // 4 · 16 of the normalization, half of them moving, 16 · 10 + 10, 200.
        "| parameters | 434 |", "| trained | 402 |",
      ])
  }

  @Test func valuesAndSizes() {
    let text = """
      network N {
        input: (height, width, 3) where height % 32 == 0, height >= 64
        layers:
          Conv2D(8, 3, padding="same") -> TARGET
          Conv2D(8, 3, padding="same")
          Add(USE)
          USE -> again
          again -> Flatten()
      }
      """
    let plain = text.replacing("TARGET", with: "kept")
    check(
      text.replacing("TARGET", with: "$0kept").replacing("USE", with: "kept"),
      ["`kept`: `(batch, height, width, 8)`", "From `Conv2D` on line 4, named on line 4."])
    check(
      plain.replacing("Add(USE", with: "Add($0kept").replacing("USE", with: "kept"),
      ["`kept`: `(batch, height, width, 8)`", "From `Conv2D` on line 4"])
    check(
      plain.replacing("USE", with: "kept").replacing("again -> F", with: "$0again -> F"),
      ["`again`: `(batch, height, width, 8)`", "From `Conv2D` on line 4, named on line 7."])
    check(
      plain.replacing("USE", with: "kept").replacing("(height", with: "($0height"),
      [
        "`height`: a size of `input`: `(batch, height, width, 3)`",
        "Given: `height % 32 == 0`, `height >= 64`",
      ])
  }

  @Test func outputsOfSeveralValues() {
    check(
      """
      network N {
        input: (20, 8)
        layers:
          LSTM(16, return_sequences=true, return_state=true) -> (sequence, h, c)
          ($0h, c) -> Add()
      }
      """, ["`h`: `(batch, 16)`", "From `LSTM` on line 4"])
  }

  @Test func argumentsAndNames() {
    func network(_ layers: String, _ more: String = "") -> String {
      "network N {\n  input: (8, 8, 1)\n  layers: \(layers)\n\(more)\n}"
    }
    check(
      network("Conv2D(8, kernel$0_size=3)"),
      [
        "**kernel_size**: (an integer >= 1, an integer >= 1)", "Required.",
        "Parameter of `Conv2D`.",
      ])
    check(network("Conv2D(8, 3, pad$0ding=\"same\")"), ["**padding**", "Default: `\"valid\"`"])
    check(network("Conv2D(8, 3, padding=\"sa$0me\")"), ["**padding**"])
    check(network("Conv2D(8, 3, activation=\"re$0lu\")"), ["relu", "*activation*"])
    check(network("Dense(8, na$0me=\"a\")"), ["**name**"])
    check(network("Dense(8)", "loss: \"m$0se\""), ["mean_squared_error(reduction=", "*loss*"])
    check(network("Dense(8)", "loss: Hu$0ber(delta=2.0)"), ["huber(delta=1.0, ", "*loss*"])
    check(network("Dense(8)", "loss: Huber(de$0lta=2.0)"), ["**delta**", "Default: `1.0`"])
    check(network("Dense(8)", "metrics: [\"acc$0\"]"), ["accuracy()", "*metric*"])
    check(
      network("Dense(8)", "optimizer: Adam(l$0r=ExponentialDecay(0.1, 10, 0.9))"),
      ["**learning_rate**", "also written `lr`"])
    check(
      network("Dense(8)", "optimizer: Adam(ExponentialDec$0ay(0.1, 10, 0.9))"), ["*schedule*"])
    check(
      network("Dense(8)", "train { epo$0chs: 3 }"),
      ["**epochs**: an integer >= 1", "Setting of `train`."])
    check(network("Dense(8)", "op$0timizer: Adam()"), ["**optimizer**"])
    check(network("Bidirectional(LST$0M(8))"), ["LSTM(units", "Long short-term memory"])
  }

  @Test func devices() {
    for text in ["execution { device: \"cuda:$00\" }", "execution { de$0vice: \"cuda:0\" }"] {
      check(
        "network N {\n input: (8)\n layers: Dense(2)\n \(text)\n}", ["the list for cuda:0"],
        devices: { "the list for \($0)" })
    }
    check(
      "network N {\n input: (8)\n layers: Dense(2) @ \"cp$0u\"\n}", ["the list for cpu"],
      devices: { "the list for \($0)" })
  }

  @Test func documentationOfAStep() {
    check(
      """
      network N {
        input: (8)
        layers:
          ## The first of two.
          $0Dense(4) -> Dense(2)
      }
      """, ["Dense(units", "The first of two.", "Fully connected"])
  }

  @Test func besideErrors() {
    check(
      """
      network N {
        input: (28, 28, 1)
        layers:
          Desne(3)
          Conv2D(
      }
      network M {
        input: (28, 28, 1)
        layers:
          $0Conv2D(32, 3)
          Nope(
      }
      """, ["(batch, 28, 28, 1) → (batch, 26, 26, 32)"])
    // Where what flows is not known, the declaration is still shown.
    check(
      """
      network N {
        input: (28, 28, 1)
        layers: Desne(3) -> $0Conv2D(32, 3)
      }
      """, ["Conv2D(filters", "Convolution over images"], not: ["→", "parameters"])
  }

  @Test func nothing() {
    for text in [
      "$0", "network N $0{ }", "network N { input: (8) layers: Dense(8)$0 }",
      "network N { input: (8) layers: Dense($03) }", "# net$0work", "netw$0ork N {", "define $0",
    ] {
      check(text, [])
    }
  }
}
