// Field numbers are those of onnx.proto, IR version 8.

extension ONNXModel {
  /// The model without its weights, which stand among the inputs: what libonnx checks.
  public func skeleton() -> [UInt8] {
    var graph = graphHead()
    for weight in weights {
      graph.message(11) {
        ONNXValueInfo(name: weight.name, type: .float, shape: weight.shape.map(ONNXSize.value))
          .write(into: &$0)
      }
    }
    var model = head()
    model.data(7, graph.bytes)
    return model.bytes
  }

  /// What comes before the graph.
  func head() -> ProtobufWriter {
    var model = ProtobufWriter()
    model.integer(1, ONNXModel.irVersion)
    model.string(2, "neural-lsp")
    model.string(3, GeneratedHeader.programVersion)
    if let documentation { model.string(6, documentation) }
    model.message(8) {
      $0.string(1, "")
      $0.integer(2, ONNXModel.opset)
    }
    model.message(14) { $0.entry("source", source) }
    model.message(14) { $0.entry("catalogue", GeneratedHeader.catalogueVersion) }
    return model
  }

  /// The graph but for its weights.
  func graphHead() -> ProtobufWriter {
    var graph = ProtobufWriter()
    for node in nodes { graph.message(1) { node.write(into: &$0) } }
    graph.string(2, name)
    for tensor in constants { graph.message(5) { tensor.write(into: &$0) } }
    if let documentation { graph.string(10, documentation) }
    for input in inputs { graph.message(11) { input.write(into: &$0) } }
    for output in outputs { graph.message(12) { output.write(into: &$0) } }
    return graph
  }
}

extension ProtobufWriter {
  /// A `StringStringEntryProto`.
  mutating func entry(_ key: String, _ value: String) {
    string(1, key)
    string(2, value)
  }
}

extension ONNXNode {
  func write(into message: inout ProtobufWriter) {
    for input in inputs { message.string(1, input) }
    for output in outputs { message.string(2, output) }
    message.string(3, name)
    message.string(4, operation)
    for attribute in attributes {
      message.message(5) {
        $0.string(1, attribute.name)
        attribute.value.write(into: &$0)
      }
    }
    if let documentation { message.string(6, documentation) }
  }
}

extension ONNXAttribute {
  func write(into message: inout ProtobufWriter) {
    let type: Int
    switch self {
    case .float(let value):
      message.float(2, value)
      type = 1
    case .integer(let value):
      message.integer(3, value)
      type = 2
    case .string(let value):
      message.string(4, value)
      type = 3
    case .graph(let graph):
      message.message(6) { graph.write(into: &$0) }
      type = 5
    case .floats(let values):
      for value in values { message.float(7, value) }
      type = 6
    case .integers(let values):
      for value in values { message.integer(8, value) }
      type = 7
    case .strings(let values):
      for value in values { message.string(9, value) }
      type = 8
    }
    message.integer(20, type)
  }
}

extension ONNXSubgraph {
  func write(into message: inout ProtobufWriter) {
    for node in nodes { message.message(1) { node.write(into: &$0) } }
    message.string(2, name)
    for input in inputs { message.message(11) { input.write(into: &$0) } }
    for output in outputs { message.message(12) { output.write(into: &$0) } }
  }
}

extension ONNXValueInfo {
  func write(into message: inout ProtobufWriter) {
    message.string(1, name)
    message.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, self.type.rawValue)
        guard let sizes = shape else { return }
        tensor.message(2) { shape in
          for size in sizes {
            shape.message(1) {
              switch size {
              case .value(let value): $0.integer(1, value)
              case .parameter(let name): $0.string(2, name)
              }
            }
          }
        }
      }
    }
    if let documentation { message.string(3, documentation) }
  }
}

extension ONNXTensor {
  func write(into message: inout ProtobufWriter) {
    for size in shape { message.integer(1, size) }
    var data: [UInt8] = []
    switch values {
    case .floats(let values):
      message.integer(2, ONNXType.float.rawValue)
      for value in values { data.append(littleEndian: value.bitPattern) }
    case .integers(let values):
      message.integer(2, ONNXType.int64.rawValue)
      for value in values { data.append(littleEndian: UInt64(bitPattern: Int64(value))) }
    case .booleans(let values):
      message.integer(2, ONNXType.bool.rawValue)
      data = values.map { $0 ? 1 : 0 }
    }
    message.string(8, name)
    message.data(9, data)
  }
}

extension [UInt8] {
  mutating func append(littleEndian value: some FixedWidthInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
