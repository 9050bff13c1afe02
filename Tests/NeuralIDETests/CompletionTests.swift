import NeuralIDE
import NeuralModel
import Testing

@Suite struct CompletionTests {
  private func items(_ source: String, devices: [String] = []) -> [CompletionItem] {
    let fixture = Fixture(source)
    return CompletionItem.all(at: fixture.cursors[0], in: fixture.snapshot, devices: devices)
  }

  /// What is offered at `$0` has these labels and none of the others; `all` says that these are all.
  private func check(
    _ source: String, _ labels: [String], not others: [String] = [], all: Bool = false,
    devices: [String] = [], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = items(source, devices: devices).map(\.label)
    for label in labels where !found.contains(label) {
      Issue.record("\(label) is not among \(found)", sourceLocation: sourceLocation)
    }
    for label in others where found.contains(label) {
      Issue.record("\(label) is among \(found)", sourceLocation: sourceLocation)
    }
    if all { #expect(Set(found) == Set(labels), sourceLocation: sourceLocation) }
    #expect(Set(found).count == found.count, sourceLocation: sourceLocation)
  }

  private func network(_ layers: String, _ more: String = "") -> String {
    "define Block(filters) {\n  Conv2D(filters, 3)\n}\nnetwork N(classes=10) {\n"
      + "  input: (28, 28, 1)\n  layers:\n    Conv2D(8, 3) -> kept\n    \(layers)\n\(more)\n}\n"
  }

  /// The text after the item with this label is chosen, `|` where the first tab stop is.
  private func choose(
    _ label: String, _ source: String, _ expected: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let fixture = Fixture(source)
    let items = CompletionItem.all(at: fixture.cursors[0], in: fixture.snapshot)
    guard let item = items.first(where: { $0.label == label }) else {
      Issue.record("\(label) is not among \(items.map(\.label))", sourceLocation: sourceLocation)
      return
    }
    var text = fixture.text
    text.replaceSubrange(item.replaceRange, with: Array(item.insertText.utf8))
    #expect(
      String(decoding: text, as: UTF8.self)
        == Fixture(expected.replacing("$0", with: "§")).text
        .string.replacing("§", with: "$0"), sourceLocation: sourceLocation)
  }

  @Test func statements() {
    for text in ["$0", "Con$0", "Flatten()\n    $0", "Flatten() -> $0", "Flatten() -> De$0"] {
      check(network(text), ["Conv2D", "Dense", "Block"])
    }
    check(network("$0"), ["kept", "for", "if", "let", "loss", "optimizer"], not: ["layers"])
    check(network("Flatten() -> $0"), [], not: ["kept", "for", "loss"])
    check(
      network("$0").replacing("Conv2D(filters", with: "$0"), ["input", "Conv2D"], not: ["Block"])
  }

  @Test func containers() {
    check(network("Residual { $0 }"), ["shortcut", "Dense"], not: ["branch", "loss"])
    check(network("Add { $0 }"), ["branch"], not: ["shortcut"])
    check(network("Add { if true { bra$0 } }"), ["branch"])
    check(network("Add { branch { $0 } }"), ["Dense"], not: ["branch"])
  }

  @Test func snippets() {
    choose("Dense", network("Den$0"), network("Dense(${1:units})$0"))
    choose("Conv2D", network("$0"), network("Conv2D(${1:filters}, ${2:kernel_size})$0"))
    choose("Flatten", network("Fla$0"), network("Flatten()$0"))
    choose("Dense", network("De$0n(8)"), network("Dense(8)"))
    choose("Residual", network("R$0"), network("Residual {\n  $0\n}"))
    choose("Block", network("Bl$0"), network("Block(${1:filters})$0"))
    choose("kernel_size=", network("Conv2D(8, k$0)"), network("Conv2D(8, kernel_size=)"))
    choose("kernel_size=", network("Conv2D(8, k$0=3)"), network("Conv2D(8, kernel_size=3)"))
    choose(
      "\"same\"", network("Conv2D(8, 3, padding=$0)"), network("Conv2D(8, 3, padding=\"same\")"))
    choose(
      "same", network("Conv2D(8, 3, padding=\"$0\")"), network("Conv2D(8, 3, padding=\"same\")"))
    choose("relu", network("Dense(8, activation=\"r$0"), network("Dense(8, activation=\"relu\""))
    choose("epochs", network("", "  train { ep$0 }"), network("", "  train { epochs:  }"))
  }

  @Test func arguments() {
    check(network("Conv2D($0)"), ["filters=", "kernel_size=", "activation=", "name="])
    check(network("Conv2D($0"), ["filters="])
    check(network("Conv2D(32, $0"), ["kernel_size="], not: ["filters=", "Dense", "for"])
    check(network("Conv2D(32, $0\n    Dense(10)"), ["kernel_size="], not: ["filters="])
    check(network("Conv2D(32, \n    $0Dense(10)"), ["Dense"])
    check(network("Conv2D(32, ker$0"), ["kernel_size="], not: ["filters="])
    check(
      network("Conv2D(filters=8, $0, padding=\"same\")"), ["kernel_size=", "strides="],
      not: ["filters=", "padding="])
    check(network("Block($0)"), ["filters=", "name=", "trainable="], not: ["dtype="])
    check(network("Bidirectional($0)"), ["LSTM", "layer="])
    check(network("Bidirectional(LSTM($0))"), ["units="], not: ["layer="])
    check(network("Bidirectional(L$0)"), ["LSTM", "GRU"], not: ["Dense"])
    check(network("Add($0)"), ["kept"])
    check(network("Dense($0)"), ["classes", "dim"], not: ["kept"])
    check(network("nonsense($0)"), [], not: ["filters="])
  }

  @Test func values() {
    check(
      network("Conv2D(8, 3, padding=$0)"), ["\"same\"", "\"valid\""], not: ["\"relu\"", "filters="])
    check(network("Conv2D(8, 3, padding=\"s$0\")"), ["same", "valid"], all: true)
    check(network("Dense(8, activation=$0)"), ["\"relu\"", "\"softmax\"", "none"])
    check(network("Dense(8, activation=\"$0)"), ["relu"], not: ["\"relu\"", "none", "units="])
    check(network("Dense(8, \"$0\")"), ["relu"])
    check(network("Dense(8, use_bias=$0)"), ["true", "false"])
    check(network("Dense(8, trainable=$0)"), ["true", "false"])
    check(network("Dense(8) * $0"), ["classes"], not: ["Dense"])
    check(network("let a = $0"), ["classes"])
    check(network("if $0"), ["classes"])
  }

  @Test func training() {
    check(network("", "  loss: $0"), ["\"mean_squared_error\"", "huber"], not: ["\"accuracy\""])
    check(network("", "  loss: \"mean$0\""), ["mean_squared_error"], not: ["accuracy", "Dense"])
    check(network("Dense(2) -> a", "  outputs: a\n  loss: { $0 }"), ["a"])
    check(network("Dense(2) -> a", "  outputs: a\n  loss: { a: $0 }"), ["\"mean_squared_error\""])
    check(network("", "  metrics: [$0]"), ["\"accuracy\""], not: ["\"mape\""])
    check(network("", "  metrics: [\"accuracy\", \"$0\"]"), ["auc"])
    check(network("", "  optimizer: $0"), ["Adam", "SGD"])
    check(network("", "  optimizer: Ad$0"), ["Adam"])
    check(network("", "  optimizer: Adam($0)"), ["learning_rate="], not: ["name="])
    check(network("", "  optimizer: Adam(learning_rate=$0)"), ["ExponentialDecay"])
    check(network("", "  outputs: $0"), ["kept"], not: ["Dense"])
    check(network("", "  data_format: \"$0\""), ["channels_first", "channels_last"], all: true)
    check(
      network("", "  train {\n    epochs: 3\n    $0\n  }"), ["batch_size", "validation_split"],
      not: ["epochs", "loss", "Dense"])
    check(network("", "  train {\n    ba$0\n  }"), ["batch_size"])
    check(network("", "  train { precision: $0 }"), ["\"float16\""])
    check(network("", "  train { precision: \"$0\" }"), ["float16"], not: ["none"])
    check(network("", "  execution { $0 }"), ["device"], all: true)
    check(
      network("", "  execution { device: \"$0\" }"), ["auto", "cpu", "cuda:0", "cuda:1"], all: true,
      devices: ["cuda:0", "cuda:1", "cpu"])
    check(network("Dense(8) @ $0"), ["\"cpu\"", "\"auto\""])
  }

  @Test func sectionsAndDeclarations() {
    check("$0", ["network", "define", "layer", "import", "research"], all: true)
    check("net$0", ["network"])
    check("network N { input: (8) layers: Dense(2) }\n\nde$0", ["define"])
    check(
      "network N {\n  $0\n}",
      [
        "input", "data_format", "layers", "outputs", "loss", "optimizer", "metrics", "train",
        "execution",
      ], all: true)
    check("network N {\n  input: (8)\n  $0\n}", ["layers"], not: ["input", "Dense"])
    check("network N {\n  in$0\n}", ["input"])
    check(
      "network N {\n  input: (8)\n  layers: Dense(2)\n  loss: \"mse\"\n  opt$0\n}", ["optimizer"],
      not: ["loss"])
    check("network N {\n  input: ($0)\n}", [], all: true)
    check("network $0", [], all: true)
    check("define A($0) { }", [], all: true)
    check("network N { # $0\n}", [], all: true)
  }

  @Test func whatFitsComesFirst() {
    let items = items(network("$0"))
    func rank(_ label: String) -> String { items.first { $0.label == label }?.sortText ?? "" }
    // (batch, 26, 26, 8) flows.
    #expect(rank("Flatten") < rank("Conv2D"))
    let flatten = items.first { $0.label == "Flatten" }
    #expect(flatten?.detail?.hasSuffix("→ (batch, 5408)") == true)
    #expect(flatten?.documentation?.isEmpty == false)
    let behind = self.items(network("Flatten() -> $0"))
    let labels = behind.sorted { $0.sortText! < $1.sortText! }.map(\.label)
    #expect(labels.firstIndex(of: "ReLU")! < labels.firstIndex(of: "Dense")!)
    #expect(labels.firstIndex(of: "Dense")! < labels.firstIndex(of: "GlobalAveragePooling2D")!)
  }

  /// What cannot read the value that flows here, whatever its arguments, says why.
  @Test func whatDoesNotFit() {
    func detail(_ label: String, _ layers: String) -> String? {
      items(network(layers)).first { $0.label == label }?.detail
    }
    #expect(
      detail("Conv2D", "Flatten() -> $0")
        == "does not fit: `Conv2D` expects (batch, height, width, channels), the value here gives "
        + "(batch, 5408)")
    #expect(detail("Conv2D", "$0")?.hasPrefix("(filters, kernel_size") == true)
    #expect(detail("LSTM", "$0")?.hasPrefix("does not fit: `LSTM` expects (batch, ") == true)
    #expect(
      detail("Embedding", "Flatten() -> $0")?.hasPrefix("does not fit: `Embedding` reads int")
        == true)
    let all = items(network("Flatten() -> $0"))
    let last = all.filter { $0.detail?.hasPrefix("does not fit") == true }.compactMap(\.sortText)
    let others = all.filter { $0.detail?.hasPrefix("does not fit") != true }
    #expect(last.min()! > others.filter { $0.kind == .layer }.compactMap(\.sortText).max()!)
  }

  /// Names that stand for values are chosen by what ends their place; what inserts more is not.
  @Test func commitCharacters() {
    func characters(_ label: String, _ layers: String) -> [String]? {
      items(network(layers)).first { $0.label == label }?.commitCharacters
    }
    #expect(characters("classes", "Dense($0)") == [",", ")", "]"])
    #expect(characters("kept", "Add($0)") == [",", ")", "]"])
    #expect(characters("true", "Dense(8, use_bias=$0)") == [",", ")", "]"])
    #expect(characters("units=", "Dense($0)") == [])
    #expect(characters("Dense", "$0") == [])
    #expect(characters("relu", "Dense(8, activation=\"$0\")") == [])
    #expect(characters("min", "Dense($0)") == [])
  }

  @Test func imports() {
    let folders = [
      "/w/": FolderContents(files: ["a.neural", "blocks.neural", "old.nr"], folders: ["parts"]),
      "/w/parts/": FolderContents(files: ["conv.neural"], folders: ["deep"]),
      "/": FolderContents(folders: ["w"]),
    ]
    func check(
      _ source: String, _ expected: [String], choosing label: String? = nil, _ text: String = "",
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let fixture = Fixture(source)
      let found = CompletionItem.all(at: fixture.cursors[0], in: fixture.snapshot) {
        folders[$0] ?? FolderContents()
      }
      let sorted = found.sorted { ($0.sortText ?? "") < ($1.sortText ?? "") }
      #expect(sorted.map(\.label) == expected, sourceLocation: sourceLocation)
      guard let label, let item = found.first(where: { $0.label == label }) else { return }
      var bytes = fixture.text
      bytes.replaceSubrange(item.replaceRange, with: Array(item.insertText.utf8))
      #expect(bytes.string == text + "\n", sourceLocation: sourceLocation)
    }
    let here = ["blocks.neural", "old.nr", "parts/", "../"]
    check("import \"$0\"", here, choosing: "blocks.neural", "import \"blocks.neural\"")
    check("import \"bl$0", here, choosing: "blocks.neural", "import \"blocks.neural\"")
    check("import \"bl$0ocks.nr\"", here, choosing: "old.nr", "import \"old.nr\"")
    check("import A from \"$0\"", here, choosing: "parts/", "import A from \"parts/\"")
    check(
      "import \"parts/$0\"", ["conv.neural", "deep/"], choosing: "conv.neural",
      "import \"parts/conv.neural\"")
    check("import \"pa$0/conv.neural\"", here, choosing: "parts/", "import \"parts/conv.neural\"")
    check("import \"../$0\"", ["w/", "../"], choosing: "w/", "import \"../w/\"")
    check("import \"/$0\"", ["w/"])
    check("import \"../w/$0\"", ["blocks.neural", "old.nr", "parts/"])
    let quoted = here.map { "\"\($0)\"" }
    check("import $0", quoted, choosing: "\"old.nr\"", "import \"old.nr\"")
    check("import A from $0", quoted, choosing: "\"parts/\"", "import A from \"parts/$0\"")
    check("import A$0 from \"old.nr\"", [])
    let declarations = ["network", "define", "layer", "import", "research"]
    check("import \"old.nr\" $0", declarations)
    check("import A from\n$0", declarations)
    check("import A$0", [])
  }

  /// At every place of broken and whole texts: nothing traps, and what is replaced holds the cursor
  /// or ends before it.
  @Test func everywhere() {
    let texts = [
      network("Residual { Dense(8, activation=\"re\") -> x shortcut { Dense(3 } } * 3 @ \"cpu\""),
      network(
        "for (a, b) in [(1, 2), { if a == 1 and { let c = (a + Conv2D(\"",
        "loss: { x: [ \n train { a: {"),
      "import \"a\nlayer L(a: int >= 1 | (int,) = 3) { input: (batch, ...x) weights { k: (a) when a }",
      "network N { input: { a: (b, c) where b % 2 == 0, } layers outputs: é \"\\u{1F600} -> -> }",
    ]
    for text in texts {
      let fixture = Fixture(text)
      for count in stride(from: 0, through: fixture.text.count, by: 1) {
        var cut = fixture
        cut.text = Array(fixture.text.prefix(count))
        for snapshot in count % 7 == 0 ? [fixture.snapshot, cut.snapshot] : [cut.snapshot] {
          for item in CompletionItem.all(at: count, in: snapshot) {
            #expect(item.replaceRange.lowerBound <= count && item.replaceRange.upperBound >= count)
          }
          _ = Hover.at(count, in: snapshot)
        }
      }
      _ = CompletionItem.all(at: -1, in: fixture.snapshot)
      _ = CompletionItem.all(at: 99999, in: fixture.snapshot)
      _ = Hover.at(-1, in: fixture.snapshot)
      _ = Hover.at(.max, in: fixture.snapshot)
    }
  }
}

extension [UInt8] {
  var string: String { String(decoding: self, as: UTF8.self) }
}
