import NeuralModel
import NeuralSchema
import Testing

@testable import NeuralCodegen

/// The module for a source without findings; what it says follows the imports.
private func generate(
  _ source: String, sourceLocation: SourceLocation = #_sourceLocation
) -> String {
  let document = Document(id: FileID(rawValue: 0), path: "model.neural", text: Array(source.utf8))
  let analysis = Analysis(document)
  let errors = analysis.diagnostics.filter { $0.severity == .error }
  #expect(errors.isEmpty, "\(errors.map(\.message))", sourceLocation: sourceLocation)
  switch Generator.generate(
    analysis.networks, definitions: analysis.definitions, target: .pytorch, source: "model.neural")
  {
  case .code(let code): return code
  case .model: return "a model, and no code"
  case .problems(let problems):
    return problems.map { "problem: \($0.message)" }.joined(separator: "\n")
  }
}

/// Checks that the generated module contains each of the pieces, in this order.
private func check(
  _ source: String, _ pieces: String..., absent: [String] = [],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let code = generate(source, sourceLocation: sourceLocation)
  var rest = Substring(code)
  for piece in pieces {
    guard let found = rest.firstRange(of: piece) else {
      Issue.record(
        "missing, or out of order:\n\(piece)\nin\n\(code)", sourceLocation: sourceLocation)
      return
    }
    rest = rest[found.upperBound...]
  }
  for text in absent {
    #expect(!code.contains(text), "\(text) stands in\n\(code)", sourceLocation: sourceLocation)
  }
}

@Suite struct PyTorchTests {
  @Test func declarationsAndEmittersFitTogether() {
    for target in [PythonTarget.pytorch, .tensorflow, .jax] {
      let declared = Catalogue.builtin.layers.filter { $0.targets[target.entry] == .builtin }
      #expect(Set(target.emitters.keys) == Set(declared.map(\.name)), "\(target.entry)")
    }
  }

  @Test func aNetworkTakesAndReturnsTheDeclaredLayout() {
    check(
      """
      network Net {
        input: (8, 6, 3)
        layers: Conv2D(4, 3, activation="relu") MaxPooling2D() Flatten() Output(2)
      }
      """,
      """
          def __init__(self) -> None:
              super().__init__()
              self.conv2d_1 = nn.Conv2d(3, 4, 3)
              self.output_1 = nn.Linear(24, 2)

          def forward(self, x: Tensor) -> Tensor:
              x = F.relu(self.conv2d_1(x.movedim(-1, 1)))
              x = F.max_pool2d(x, 2)
              x = x.movedim(1, -1).flatten(1)
              x = self.output_1(x)
              return x
      """)
    check(
      """
      network Net {
        input: (8, 6, 3)
        layers: Conv2D(4, 3)
      }
      """, "x = self.conv2d_1(x.movedim(-1, 1))", "return x.movedim(1, -1)")
    check(
      """
      network Net {
        input: (3, 8, 6)
        data_format: "channels_first"
        layers: Conv2D(4, 3) BatchNormalization() Softmax() Flatten() Output(2)
      }
      """, "x = self.conv2d_1(x)", "F.softmax(x, dim=1)", "x.flatten(1)", absent: ["movedim"])
  }

  @Test func callsOnDifferentRanksDoNotShareAClass() {
    check(
      """
      define Norm() { LayerNormalization() }
      network One {
        input: (8, 6, 3)
        layers: Norm()
      }
      network Two {
        input: (8, 5)
        layers: Norm()
      }
      """, "class Norm(nn.Module)", "class Norm2(nn.Module)", "self.norm_1 = Norm(3)",
      "self.norm_1 = Norm2(5)")
  }

  @Test func samePaddingIsWrittenOut() {
    let source = { (size: String, layer: String) in
      "network Net {\n  input: (\(size), \(size), 3)\n  layers: \(layer)\n}"
    }
    check(source("8", #"Conv2D(4, 3, padding="same")"#), "nn.Conv2d(3, 4, 3, padding=1)")
    check(source("8", #"Conv2D(4, 4, padding="same")"#), #"nn.Conv2d(3, 4, 4, padding="same")"#)
    check(
      source("8", #"Conv2D(4, 3, strides=2, padding="same")"#),
      "self.conv2d_1(F.pad(x.movedim(-1, 1), (0, 1, 0, 1)))")
    check(source("7", #"Conv2D(4, 3, strides=2, padding="same")"#), "stride=2, padding=1)")
    check(
      "network Net {\n  input: (n, 2)\n  layers: Conv1D(4, 3, strides=2, padding=\"same\")\n}",
      "def pad_same(", "pad_same(x.movedim(-1, 1), self.conv1d_1.kernel_size")
    check(
      "network Net {\n  input: (n, 2) where n % 2 == 0\n"
        + "  layers: Conv1D(4, 3, strides=2, padding=\"same\")\n}",
      "F.pad(x.movedim(-1, 1), (0, 1))", absent: ["pad_same"])
    check(
      source("7", #"MaxPooling2D(2, padding="same")"#),
      #"F.max_pool2d(F.pad(x.movedim(-1, 1), (0, 1, 0, 1), value=float("-inf")), 2)"#)
  }

  @Test func aDefinitionIsOneClass() {
    check(
      """
      ## Two convolutions.
      define Block(filters, strides=1) {
        Conv2D(filters, 3, strides=strides, padding=1)
        Conv2D(2 * filters, 1)
      }
      network Net {
        input: (8, 8, 3)
        layers: Block(4) Block(8, strides=2)
      }
      """,
      """
      class Block(nn.Module):
          \"""Two convolutions.\"""

          def __init__(self, in_channels: int, filters: int, strides: int = 1) -> None:
              super().__init__()
              self.conv2d_1 = nn.Conv2d(in_channels, filters, 3, stride=strides, padding=1)
              self.conv2d_2 = nn.Conv2d(filters, 2 * filters, 1)

          def forward(self, x: Tensor) -> Tensor:
              x = self.conv2d_1(x)
              x = self.conv2d_2(x)
              return x
      """, "self.block_1 = Block(3, 4)", "self.block_2 = Block(8, 8, strides=2)",
      absent: ["class Block2"])
  }

  @Test func whatAUseCallsItsResultStaysThere() {
    check(
      """
      define Block(n) { Dense(n) -> inner Dense(n) }
      define Named(n) { Dense(n) Dense(n) -> kept Add(input) -> sum }
      network Net {
        input: (8)
        layers:
          Block(8) -> outside
          Block(8) -> other
          (outside, other) -> Add() -> sum
          Named(8) -> product
          Concatenate(sum)
      }
      """,
      """
          def forward(self, x: Tensor) -> Tensor:
              inner = self.inner(x)
              x = self.dense_1(inner)
              return x
      """, "return sum_", "outside = self.outside(x)", "other = self.other(outside)",
      "sum_ = outside + other", "product = self.product(other)", absent: ["return product"])
  }

  @Test func aSingleCallKeepsItsParameters() {
    check(
      """
      define Head(classes) {
        let hidden = 2 * classes
        Dense(hidden) Dense(classes)
      }
      network Net { input: (16)  layers: Head(10) }
      """, "def __init__(self, in_features: int, classes: int) -> None:",
      "nn.Linear(in_features, 2 * classes)", "nn.Linear(2 * classes, classes)",
      "self.head_1 = Head(16, 10)")
  }

  @Test func whatUsesDecideDifferentlyIsDecidedInTheConstructor() {
    check(
      """
      define Block(filters, strides=1) {
        Residual {
          shortcut {
            if strides != 1 or dim(-1) != filters { Conv2D(filters, 1, strides=strides) }
          }
          Conv2D(filters, 3, strides=strides, padding=1)
        }
      }
      network Net {
        input: (8, 8, 4)
        layers: Block(4) Block(8, strides=2)
      }
      """, "self.has_shortcut = strides != 1 or in_channels != filters", "if self.has_shortcut:",
      "self.shortcut_conv2d_1 = nn.Conv2d(in_channels, filters, 1, stride=strides)")
  }

  @Test func whatForwardReadsOfTheConstructorsArgumentsIsKept() {
    check(
      """
      define Down(size, slope) {
        LeakyReLU(slope) -> MaxPooling2D(size) -> Conv2D(8, size)
      }
      network A {
        input: (64, 64, 3)
        layers:
          Down(2, 0.1)
          Down(3, 0.2)
      }
      """,
      "def __init__(self, in_channels: int, size: int, slope: float) -> None:",
      """
              super().__init__()
              self.slope = slope
              self.size = size
              self.conv2d_1 = nn.Conv2d(in_channels, 8, size)
      """,
      "x = F.leaky_relu(x, self.slope)", "x = F.max_pool2d(x, self.size)")
  }

  @Test func anArgumentThatSomeUsesDoNotReachCanBeLeftOut() {
    check(
      """
      define Gate() {
        let eights = dim(-1) // 8 * 8
        SqueezeExcitation(reduced=eights if eights > 8 else 8)
      }
      define Block(filters, gated) {
        Conv2D(filters, 3)
        if gated {
          Gate()
        }
      }
      network A {
        input: (64, 64, 3)
        layers:
          Block(20, false)
          Block(30, true)
          Block(50, true)
      }
      """,
      "class Block", "self.gate_1 = Gate(filters, ", "class A",
      "self.block_1 = Block(3, 20, False)", "self.block_2 = Block(20, 30, True, ", "=24)",
      "self.block_3 = Block(30, 50, True, ", "=48)")
  }

  @Test func bothArmsOfAConditionReadOneArgument() {
    check(
      """
      define Gated(filters) {
        Conv2D(filters, 1)
        SqueezeExcitation(reduced=max(2, dim(-1) - 6))
      }
      define Block(filters) {
        let reduced = dim(-1)
        if dim(-1) == filters {
          Residual { Conv2D(filters, 1) -> SqueezeExcitation(reduced=reduced // 2) }
        } else {
          Conv2D(filters, 1) -> SqueezeExcitation(reduced=reduced // 2)
        }
      }
      network A {
        input: (64, 64, 8)
        layers:
          Block(8)
          Block(16)
          Block(16)
          Block(20)
          Gated(9)
      }
      """,
      "class Block",
      "def __init__(self, in_channels: int, filters_2: int, filters: int) -> None:",
      "self.block_1 = Block(8, 4, 8)", "self.block_2 = Block(8, 4, 16)",
      "self.block_3 = Block(16, 8, 16)", "self.block_4 = Block(16, 8, 20)")
  }

  @Test func conditionsThatAllUsesDecideAlikeLeaveNoTrace() {
    check(
      """
      define Block(filters, wide=false) {
        if wide { Dense(2 * filters) } else { Dense(filters) }
      }
      network Net { input: (4)  layers: Block(3) Block(5) }
      """, "nn.Linear(in_features, filters)", absent: ["if self", "wide", "2 * filters"])
  }

  @Test func usesThatNoConstructorCoversGetTheirOwnClass() {
    check(
      """
      define Block(units, activation="relu") { Dense(units, activation=activation) }
      network Net { input: (4)  layers: Block(3) Block(5) Block(2, "tanh") }
      """, "class Block(nn.Module)", "F.relu(", "class Block2(nn.Module)", "torch.tanh(",
      "Block(4, 3)", "Block(3, 5)", "Block2(5, 2)")
  }

  @Test func repetitionIsALoop() {
    check(
      "network Net { input: (seq, 8)  layers: TransformerEncoder(2, ff_dim=16) * 3 }",
      "self.transformer_encoder_layers = nn.Sequential(",
      "nn.TransformerEncoderLayer(8, 2, dim_feedforward=16, batch_first=True)",
      "for _ in range(3)", "x = self.transformer_encoder_layers(x)")
    check(
      "network Net { input: (4)  layers: Dense(8, activation=\"relu\") * 3 }",
      "nn.ModuleList(", "[nn.Linear(4, 8), *(nn.Linear(8, 8) for _ in range(2))]",
      "for layer in self.dense_layers:", "    x = F.relu(layer(x))")
    check(
      """
      define Block(filters) { Conv2D(filters, 3, padding=1) }
      define Stage(filters, blocks) { Block(filters)  Block(filters) * (blocks - 1) }
      network Net { input: (8, 8, 3)  layers: Stage(4, 2) Stage(8, 3) }
      """, "*(Block(filters, filters) for _ in range(blocks - 1))", "Stage(3, 4, 2)",
      "Stage(4, 8, 3)")
    check(
      "network Net { input: (16, 16, 3)  layers: MaxPooling2D() * 3 }",
      "for _ in range(3):", "    x = F.max_pool2d(x, 2)")
    check(
      "network Net { input: (4)  layers: Dense(8) { Dropout(0.5) } * 2 }",
      "class DenseBlock(nn.Module)", "def __init__(self, in_features: int)",
      "nn.Sequential(DenseBlock(4), DenseBlock(8))")
    check(
      """
      network Net {
        input: (8, 8, 4)
        layers: Residual { Conv2D(4, 3, padding=1) ReLU() } * 2
      }
      """, "class ResidualBlock(nn.Module)", "identity = x", "x = x + identity",
      "self.residual_layers = nn.Sequential(*(ResidualBlock(4) for _ in range(2)))")
  }

  @Test func whatIsRepeatedIsTrainedAsOneIs() {
    check(
      "network Net { input: (6)  layers: LayerNormalization(center=false) * 3 }",
      "for layer in self.layer_normalization_layers:",
      #"    layer.register_parameter("bias", None)"#)
    check(
      "network Net { input: (6)  layers: Dense(6, trainable=false) * 3 }",
      "for layer in self.dense_layers:", "    layer.requires_grad_(False)")
  }

  @Test func parametersThatForwardReadsAreKept() {
    check(
      """
      define Shrink(n) { MaxPooling2D(n, strides=(4, 2)) }
      network Net { input: (8, 6, 3)  layers: Shrink(2) }
      """, "self.n = n", "F.max_pool2d(x, self.n, stride=(4, 2))")
    check(
      """
      define Again(n) { RepeatVector(n) }
      network Net { input: (8)  layers: Again(2) }
      """, "self.n = n", "x.unsqueeze(1).repeat(1, self.n, 1)")
    check(
      """
      define Norm(x=1) { LayerNormalization() * x }
      network Net { input: (8)  layers: Norm(2) Norm(3) }
      """, "for _ in range(x - 1)", "x = self.layer_normalization_layers(x)")
  }

  @Test func oneTuplesStayWholeInLongLines() {
    check(
      """
      network Net {
        input: (s, 2)
        layers: MaxPooling1D(3, strides=6, padding="same")
      }
      """, #"pad_same(x.movedim(-1, 1), (3,), (6,), float("-inf"))"#)
  }

  @Test func whatIsRepeatedMovesTheChannelsEachTime() {
    check(
      """
      network Net {
        input: (8, 8, 4)
        layers:
          Conv2D(4, 3, padding="same") { LayerNormalization() } * 2
          Conv2D(2, 1)
      }
      """, "for layer in self.conv2d_layers:", "    x = layer(x.movedim(-1, 1))",
      "x = self.conv2d_3(x.movedim(-1, 1))")
  }

  @Test func aShortcutBesideWhatIsStillToBeReadHasItsOwnName() {
    check(
      """
      network Net {
        input: (8, 8, 4)
        layers:
          Residual {
            shortcut { Conv2D(6, 1) }
            Conv2D(6, 3, padding="same")
          }
      }
      """, "shortcut = self.shortcut_conv2d_1(identity.movedim(-1, 1))",
      "x = self.conv2d_1(identity.movedim(-1, 1))", "x = x + shortcut")
  }

  @Test func valuesThatAreReadAgainKeepTheirNames() {
    check(
      """
      network Net {
        input: { image: (8, 8, 3), question: int32 (5) }
        layers:
          image -> Conv2D(4, 3) -> GlobalAveragePooling2D() -> seen
          question -> Embedding(100, 4) -> LSTM(4) -> asked
          (seen, asked) -> Concatenate() -> Dense(2) -> answer
          seen -> Dense(1) -> score
        outputs: answer, score
      }
      """, "def forward(self, image: Tensor, question: Tensor) -> tuple[Tensor, Tensor]:",
      "seen = x.mean(dim=(2, 3))", "asked = self.asked(x)[0][:, -1]",
      "torch.cat((seen, asked), dim=-1)", "return answer, score")
  }

  @Test func sharedLayersAreOneModule() {
    check(
      """
      network Net {
        input: (4), (4)
        layers:
          let project = Dense(8)
          input_1 -> project() -> a
          input_2 -> project() -> b
          (a, b) -> Add()
      }
      """, "self.project = nn.Linear(4, 8)", "a = self.project(input_1)",
      "b = self.project(input_2)", "x = a + b", absent: ["project_2"])
  }

  @Test func statesAndFrozenLayers() {
    check(
      """
      network Net {
        input: (steps, 4)
        layers:
          LSTM(8, return_sequences=true, return_state=true) -> (sequence, h, c)
          (sequence, h, c) -> LSTM(8) -> Dense(2, trainable=false)
      }
      """, "nn.init.zeros_(self.lstm_1.bias_hh_l0).requires_grad_(False)",
      "self.dense_1.requires_grad_(False)", "sequence, (h, c) = self.lstm_1(x)", "h = h[0]",
      "c = c[0]", "(h.unsqueeze(0), c.unsqueeze(0))")
  }

  @Test func recurrentLayersThatPyTorchLacksAreWrittenOut() {
    check(
      "network Net { input: (steps, 4)  layers: LSTM(8, activation=\"relu\", dropout=0.1) }",
      "from collections.abc import Callable\n\nimport torch\n", "class LSTM(nn.Module):",
      "self.lstm_1 = LSTM(4, 8, activation=F.relu, dropout=0.1)")
    check(
      "network Net { input: (steps, 4)  layers: GRU(8, reset_after=false, activation=\"elu\") }",
      "self.gru_1 = GRU(4, 8, activation=lambda x: F.elu(x, 1.0), reset_after=False)")
  }

  @Test func branchesAreNamedForTheirPlace() {
    check(
      """
      network Net {
        input: (8, 8, 3)
        layers:
          Concatenate {
            branch { Conv2D(4, 1) }
            branch { Conv2D(4, 1) -> Conv2D(6, 3, padding=1) }
            branch { }
          }
      }
      """, "branch_1 = self.conv2d_1(x.movedim(-1, 1))",
      "torch.cat((branch_1, branch_2, x.movedim(-1, 1)), dim=1)", "return x.movedim(1, -1)")
  }

  @Test func namesThatPythonTakesAreChanged() {
    check(
      """
      network lambda {
        input: (4)
        layers: Dense(3, name="forward") -> class -> Dense(2, name="train")
      }
      """, "class lambdaModule(nn.Module)", "self.forward_ = nn.Linear(4, 3)",
      "self.train_ = nn.Linear(3, 2)", "class_ = self.forward_(x)")
  }

  @Test func whatPyTorchCannotSayIsAProblemAtItsPlace() {
    let problem = { (layers: String) in
      generate("network Net {\n  input: (steps, 4)\n  layers: \(layers)\n}")
    }
    #expect(
      problem(#"Bidirectional(LSTM(3, activation="relu"))"#)
        == "problem: `Bidirectional`: the PyTorch target reads both directions only with PyTorch's "
        + "own LSTM: leave activation at the default")
    #expect(problem(#"Dense(3) @ "cuda:0""#).contains("leaves placement to the caller"))
    #expect(
      generate(
        """
        layer Mine(units: int) { input: (batch, n)  output: (batch, units) }
        network Net { input: (4)  layers: Mine(3) }
        """
      ).contains("add `pytorch: \"…\"` to the declaration of `Mine`"))
  }

  @Test func trainingThatIsNotWrittenIsMentioned() {
    let note = "# The network alone: loss, optimizer and training are left to the caller."
    check(
      "network Net { input: (4)  layers: Dense(2)  train { epochs: 3 } }",
      "never overwritten.\n\(note)\n")
    check("network Net { input: (4)  layers: Dense(2) }", "class Net", absent: [note])
    check(
      "network Net { input: (4)  layers: Dense(2)  loss: \"mse\"  train { epochs: 3 } }",
      "never overwritten.\n# No train() for Net: it has no optimizer.\n",
      absent: [note, "def train"])
  }

  @Test func lossMetricsAndOptimizerAreFunctions() {
    check(
      """
      network Net {
        input: (4)
        layers: Output(3, activation="softmax")
        loss: "sparse_categorical_crossentropy"
        optimizer: Adam(weight_decay=0.1, clipnorm=1.0)
        metrics: ["accuracy"]
      }
      """,
      """
      def loss(outputs: Tensor, targets: Tensor) -> Tensor:
          \"\"\"Sparse categorical crossentropy; targets are class indices.\"\"\"
          scores = outputs.clamp(min=1e-07).log()
          return F.nll_loss(scores, targets)
      """,
      "\"accuracy\": (outputs.argmax(-1) == targets).float().mean(),",
      """
          optimizer = torch.optim.AdamW(
              model.parameters(), lr=0.001, eps=1e-07, weight_decay=0.1
          )

          def clip(*_) -> None:
              for parameter in model.parameters():
                  nn.utils.clip_grad_norm_(parameter, 1.0)

          optimizer.register_step_pre_hook(clip)
          return optimizer
      """,
      absent: ["def train(", "The network alone", "torch.utils.data"])
  }

  @Test func aScheduleIsAFunctionOfTheStep() {
    check(
      """
      network Net {
        input: (4)
        layers: Output(3)
        optimizer: SGD(CosineDecay(0.1, 1000), momentum=0.9)
      }
      """,
      "import math\n",
      """
      def learning_rate(step: int) -> float:
          \"\"\"The learning rate of a step, counted from 0: CosineDecay.\"\"\"
          cosine = 0.5 * (1 + math.cos(math.pi * min(step / 1000, 1)))
          return 0.1 * cosine
      """,
      "torch.optim.SGD(model.parameters(), lr=1.0, momentum=0.9)",
      "LambdaLR(optimizer, learning_rate)", "return optimizer, scheduler")
  }

  @Test func trainFollowsTheSettings() {
    let net = """
      network Net {
        input: (4)
        layers: Output(3)
        loss: "mse"
        optimizer: SGD()
        train { epochs: 7  batch_size: 16  validation_split: 0.25  seed: 5 }
        execution { device: "gpu:1" }
      }
      """
    check(
      net, "from torch.utils.data import DataLoader, Subset, TensorDataset", "epochs: int = 7,",
      "device: str | None = \"cuda:1\",", "torch.manual_seed(5)",
      "split = int(len(data) * (1 - 0.25))", "DataLoader(held, 16)",
      "DataLoader(Subset(data, range(split)), 16, shuffle=True)", "save_weights(model, weights)",
      absent: ["current_accelerator", "metrics"])
  }

  @Test func networksThatAreTrainedHaveFunctionsOfTheirOwn() {
    check(
      """
      network First { input: (4)  layers: Output(3)  loss: "mse" }
      network SecondOne { input: (4)  layers: Output(3)  loss: "mae" }
      """, "def first_loss(", "def second_one_loss(", absent: ["def loss("])
    // A class keeps its name.
    check(
      "network loss { input: (4)  layers: Output(3)  loss: \"mse\" }", "class loss(nn.Module)",
      "def loss_2(")
  }

  @Test func whatTrainingCannotSayIsAProblem() {
    func problem(_ sections: String, _ text: String) {
      let code = generate("network Net { input: (4)  layers: Output(3) \(sections) }")
      #expect(code.hasPrefix("problem: ") && code.contains(text), "\(code)")
    }
    problem("optimizer: Lion()", "torch.optim has no Lion; write AdamW")
    problem("optimizer: Adam(use_ema=true)", "AveragedModel")
    problem("loss: Huber(reduction=none)", "leave reduction out")
  }

  @Test func usersLayersAreWrittenByTheirTemplates() {
    check(
      """
      layer Gated(units: int >= 1) {
        input: (batch, features)
        output: (batch, units)
        weights { kernel: (features, 2 * units) }
        import_pytorch: "from blocks import Gated"
        pytorch: "Gated({features}, {units})"
      }
      network Net { input: (4)  layers: Gated(3) }
      """, "from torch import Tensor, nn\n\nfrom blocks import Gated\n",
      "self.gated_1 = Gated(4, 3)")
  }

  @Test func anEditIsNoticed() {
    let code = generate("network Net { input: (4)  layers: Dense(2) }")
    #expect(GeneratedHeader.isUnedited(Array(code.utf8)))
    #expect(!GeneratedHeader.isUnedited(Array(code.replacing("Linear", with: "Bilinear").utf8)))
    #expect(!GeneratedHeader.isUnedited(Array("print(1)\n".utf8)))
    #expect(!GeneratedHeader.isUnedited([]))
  }
}
