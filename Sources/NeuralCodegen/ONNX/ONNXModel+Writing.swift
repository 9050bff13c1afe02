/// Where the values of weights come from.
public enum ONNXWeights: Sendable {
  /// A file with all of them, under their paths and in Keras's layouts.
  case file(Safetensors)
  /// Fresh, as the declarations say.
  case initial(seed: UInt64)
  /// The file has none: they are inputs of the graph, under the paths and in the layouts of a file.
  case inputs

  public var areInputs: Bool { if case .inputs = self { true } else { false } }
}

extension ONNXModel {
  /// The files that a model is.
  public enum Part: Sendable {
    case model
    /// Weights that do not fit into the model's file.
    case data
  }

  /// Past this the weights stand in a file of their own: protobuf's messages end at two gigabytes.
  public static let externalLimit = 1 << 30
  /// Weights below this stay in the model's file.
  private static let externalMinimum = 1 << 10
  /// Where weights begin in a file of their own: a page, so that it can be mapped.
  private static let alignment = 1 << 12

  /// Whether the weights stand in a file of their own.
  public var hasExternalData: Bool {
    var total = 0
    for weight in weights { total += weight.byteCount }
    return total > ONNXModel.externalLimit
  }

  /// Gives the bytes of the files one after the other; no more than one weight is in memory.
  /// - Parameters:
  ///   - dataName: what the file of the weights is called, where there is one.
  ///   - sink: takes the bytes; a part is only begun when the one before it has ended.
  /// - Throws: what the file of weights has wrong, or what `sink` throws.
  public func write<Failure: Error>(
    _ source: ONNXWeights, dataName: String,
    sink: (Part, [UInt8]) throws(Failure) -> Void,
    invalid: (Safetensors.FormatError) -> Failure
  ) throws(Failure) {
    let isExternal = hasExternalData
    var offset = 0
    if isExternal {
      for weight in weights where weight.byteCount >= ONNXModel.externalMinimum {
        let padding = (ONNXModel.alignment - offset % ONNXModel.alignment) % ONNXModel.alignment
        try sink(.data, Array(repeating: 0, count: padding))
        try sink(.data, try bytes(of: weight, source, invalid))
        offset += padding + weight.byteCount
      }
    }
    let graph = graphHead()
    // What stands before each weight's values; a weight in the other file has nothing after it.
    var headers: [(header: [UInt8], weight: ONNXWeight?)] = []
    var size = graph.bytes.count
    offset = 0
    for weight in weights {
      var tensor = ProtobufWriter()
      for size in weight.shape { tensor.integer(1, size) }
      tensor.integer(2, ONNXType.float.rawValue)
      tensor.string(8, weight.name)
      let isOutside = isExternal && weight.byteCount >= ONNXModel.externalMinimum
      if isOutside {
        let padding = (ONNXModel.alignment - offset % ONNXModel.alignment) % ONNXModel.alignment
        let start = offset + padding
        tensor.message(13) { $0.entry("location", dataName) }
        tensor.message(13) { $0.entry("offset", String(start)) }
        tensor.message(13) { $0.entry("length", String(weight.byteCount)) }
        tensor.integer(14, 1)
        offset = start + weight.byteCount
      } else {
        tensor.header(9, count: weight.byteCount)
      }
      let rest = isOutside ? 0 : weight.byteCount
      var header = ProtobufWriter()
      header.header(5, count: tensor.bytes.count + rest)
      headers.append((header.bytes + tensor.bytes, isOutside ? nil : weight))
      size += header.bytes.count + tensor.bytes.count + rest
    }
    var hash = FileHash()
    var head = head()
    head.header(7, count: size)
    let first = head.bytes + graph.bytes
    hash.add(first)
    try sink(.model, first)
    for (header, weight) in headers {
      hash.add(header)
      try sink(.model, header)
      guard let weight else { continue }
      let values = try bytes(of: weight, source, invalid)
      hash.add(values)
      try sink(.model, values)
    }
    var end = ProtobufWriter()
    end.message(14) { $0.entry(ONNXModel.hashKey, hash.text) }
    try sink(.model, end.bytes)
  }

  private func bytes<Failure: Error>(
    of weight: ONNXWeight, _ source: ONNXWeights, _ invalid: (Safetensors.FormatError) -> Failure
  ) throws(Failure) -> [UInt8] {
    let declared: [Float]
    switch source {
    case .file(let file):
      do throws(Safetensors.FormatError) {
        // What no step moves is copied as it is.
        if weight.recipe.steps.isEmpty { return try file.bytes(of: weight.weight.path) }
        declared = try file.values(of: weight.weight.path)
      } catch {
        throw invalid(error)
      }
    case .initial(let seed):
      var generator = WeightGenerator(seed: seed, path: weight.weight.path)
      declared = weight.weight.initializer.values(
        shape: weight.weight.shape, generator: &generator)
    case .inputs: declared = []
    }
    let values = weight.recipe.values(from: declared, shape: weight.weight.shape)
    return unsafe [UInt8](unsafeUninitializedCapacity: values.count * 4) { bytes, count in
      for (index, value) in values.enumerated() {
        unsafe UnsafeMutableRawBufferPointer(bytes).storeBytes(
          of: value.bitPattern.littleEndian, toByteOffset: index * 4, as: UInt32.self)
      }
      count = values.count * 4
    }
  }

  // MARK: Edited files

  /// The entry of the metadata that ends a file, by which an edit is noticed.
  static let hashKey = "hash"

  /// Whether a model file was generated and has not been edited since.
  public static func isUnedited(_ contents: [UInt8]) -> Bool {
    var end = ProtobufWriter()
    end.message(14) { $0.entry(hashKey, String(repeating: "0", count: 16)) }
    let length = end.bytes.count
    guard contents.count > length else { return false }
    var hash = FileHash()
    hash.add(Array(contents.dropLast(length)))
    var expected = ProtobufWriter()
    expected.message(14) { $0.entry(hashKey, hash.text) }
    return contents.suffix(length).elementsEqual(expected.bytes)
  }
}

/// 64-bit FNV-1a over words of eight bytes, for files of hundreds of megabytes. It tells edits, not attacks.
struct FileHash {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
  private var rest: [UInt8] = []

  mutating func add(_ bytes: [UInt8]) {
    var next = 0
    if !rest.isEmpty {
      next = min(8 - rest.count, bytes.count)
      rest += bytes[..<next]
      guard rest.count == 8 else { return }
      mix(rest.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
      rest = []
    }
    let whole = next + (bytes.count - next) / 8 * 8
    unsafe bytes.withUnsafeBytes { raw in
      while next < whole {
        unsafe mix(UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: next, as: UInt64.self)))
        next += 8
      }
    }
    rest = Array(bytes[whole...])
  }

  private mutating func mix(_ word: UInt64) {
    hash = (hash ^ word) &* 0x0000_0100_0000_01b3
  }

  var text: String {
    var copy = self
    for byte in rest { copy.mix(UInt64(byte)) }
    let digits = String(copy.hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
