import NeuralModel
import NeuralSchema
import Testing

@testable import NeuralCodegen

private func result(of text: String, weightsAreInputs: Bool = false) -> GenerationResult {
  let document = Document(id: FileID(rawValue: 0), path: "a.neural", text: Array(text.utf8))
  let analysis = Analysis(document)
  let errors = analysis.diagnostics.filter { $0.severity == .error }
  #expect(errors.isEmpty, "\(errors)")
  return Generator.generate(
    analysis.networks, definitions: analysis.definitions, target: .onnx, source: "a.neural",
    weightsAreInputs: weightsAreInputs)
}

/// The operators of a network of one input, in their order, with the names of what they make.
private func check(
  input: String, _ layers: String, _ operators: String...,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard case .model(let model) = result(of: "network N { input: \(input) layers: \(layers) }")
  else {
    Issue.record("there is no model", sourceLocation: sourceLocation)
    return
  }
  #expect(
    model.nodes.map { "\($0.outputs[0]) = \($0.operation)" } == operators,
    sourceLocation: sourceLocation)
}

private func check(
  problem: String, input: String = "(8, 6)", _ layers: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard case .problems(let problems) = result(of: "network N { input: \(input) layers: \(layers) }")
  else {
    Issue.record("there is a model", sourceLocation: sourceLocation)
    return
  }
  #expect(problems.map(\.message) == [problem], sourceLocation: sourceLocation)
}

@Suite struct ONNXTests {
  @Test func declarationsAndEmittersFitTogether() {
    let declared = Catalogue.builtin.declarations.filter { $0.targets["onnx"] == .builtin }
    let (initializers, layers) = (
      declared.filter { $0.keyword == "initializer" },
      declared.filter { $0.keyword != "initializer" }
    )
    #expect(Set(ONNXEmitters.all.keys) == Set(layers.map(\.name)))
    #expect(Set(WeightInitializer.all.keys) == Set(initializers.map(\.name)))
    for declaration in Catalogue.builtin.declarations {
      guard case .template(let text)? = declaration.targets["onnx"] else { continue }
      #expect(throws: Never.self, "\(declaration.name)") { try ONNXText(text) }
    }
  }

  @Test func channelsAreMovedOnceAndBackWhereTheyMustBe() {
    check(
      input: "(8, 6, 3)",
      #"Conv2D(4, 3, activation="relu") BatchNormalization() MaxPooling2D() Flatten() Dense(2)"#,
      "conv2d_1/Transpose = Transpose", "conv2d_1/Conv = Conv", "conv2d_1 = Relu",
      "batch_normalization_1 = BatchNormalization", "max_pooling2d_1 = MaxPool",
      "flatten_1/Transpose = Transpose", "flatten_1 = Flatten", "output = Gemm")
  }

  @Test func stackedRecurrentLayersKeepTimeFirst() {
    check(
      input: "(8, 3)", "LSTM(4, return_sequences=true) LSTM(2)",
      "lstm_1/Transpose = Transpose", "lstm_1/LSTM = LSTM", "lstm_1 = Squeeze",
      "lstm_2/LSTM = LSTM", "output = Squeeze")
  }

  @Test func whatActsInTrainingOnlyIsGone() {
    check(input: "(8)", "Dense(4) Dropout(0.5) Dense(2)", "dense_1 = Gemm", "output = Gemm")
  }

  @Test func sharedLayersReadOneWeight() {
    guard
      case .model(let model) = result(
        of: "network N { input: (8) layers: let d = Dense(8) d() -> d() }")
    else {
      Issue.record("there is no model")
      return
    }
    #expect(model.weights.count == 2)
    #expect(Set(model.nodes.map { $0.inputs[1] }).count == 1)
  }

  @Test func whatOnnxCannotSayIsRefusedAtTheLayer() {
    check(
      problem:
        "`Masking`: the ONNX target passes no mask on to lstm_1, which would leave the padding out; "
        + "the TensorFlow target does", "Masking() LSTM(2)")
    check(
      problem:
        "`Dense`: the ONNX target names no devices: remove the `@ \"cpu\"`; whoever runs it chooses",
      #"Dense(2) @ "cpu""#)
    check(
      problem:
        "`UpSampling2D`: the ONNX target interpolates by \"nearest\" and \"bilinear\" only, not by \"bicubic\"",
      input: "(4, 6, 3)", #"UpSampling2D(2, interpolation="bicubic")"#)
  }

  @Test func theWireFormatIsProtobufs() {
    var message = ProtobufWriter()
    message.integer(1, 300)
    message.string(2, "ab")
    message.float(3, 1)
    message.message(4) { $0.integer(1, -1) }
    #expect(
      message.bytes == [
        0x08, 0xac, 0x02, 0x12, 2, 0x61, 0x62, 0x1d, 0, 0, 0x80, 0x3f, 0x22, 11, 0x08,
      ] + Array(repeating: 0xff, count: 9) + [1])
  }

  @Test func recipesMoveValuesAndComputeNothing() {
    let numbers = (0..<6).map(Float.init)
    func values(_ steps: WeightRecipe.Step...) -> [Float] {
      WeightRecipe(path: "w", steps: steps).values(from: numbers, shape: [2, 3])
    }
    #expect(values(.transpose([1, 0])) == [0, 3, 1, 4, 2, 5])
    #expect(values(.blocks(axis: 1, order: [2, 0, 1])) == [2, 0, 1, 5, 3, 4])
    #expect(values(.zeros(after: 1)) == [0, 1, 2, 0, 3, 4, 5, 0])
    #expect(
      WeightRecipe(path: "w", steps: [.transpose([1, 0]), .reshape([1, 6])]).shape(from: [2, 3])
        == [1, 6])
  }

  @Test func orthogonalWeightsAreAtRightAngles() {
    var generator = WeightGenerator(seed: 1, path: "w")
    let values = WeightInitializer.orthogonal(gain: 1).values(
      shape: [3, 5], generator: &generator)
    for row in 0..<3 {
      for other in 0..<3 {
        let product = (0..<5).reduce(Float(0)) {
          $0 + values[row * 5 + $1] * values[other * 5 + $1]
        }
        #expect(abs(product - (row == other ? 1 : 0)) < 1e-5)
      }
    }
  }

  @Test func anEditIsNoticed() throws {
    guard case .model(let model) = result(of: "network N { input: (8) layers: Dense(2) }") else {
      Issue.record("there is no model")
      return
    }
    func bytes(_ seed: UInt64) throws(Safetensors.FormatError) -> [UInt8] {
      var bytes: [UInt8] = []
      try model.write(.initial(seed: seed), dataName: "a.onnx.data") {
        (_, piece) throws(Safetensors.FormatError) in
        bytes += piece
      } invalid: {
        $0
      }
      return bytes
    }
    var file = try bytes(0)
    #expect(try bytes(0) == file)
    #expect(try bytes(1) != file)
    #expect(ONNXModel.isUnedited(file))
    file[file.count / 2] ^= 1
    #expect(!ONNXModel.isUnedited(file))
    #expect(!ONNXModel.isUnedited([]))
  }

  @Test(arguments: ["", "{", "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,400]}}"])
  func aFileThatIsNoSafetensorsIsRefused(header: String) {
    let bytes = [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8)
    #expect(throws: Safetensors.FormatError.self) {
      _ = try Safetensors(size: bytes.count) { Array(bytes[$0]) }
    }
  }
}
