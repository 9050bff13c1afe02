import NeuralDimension
import NeuralSchema

/// Bytes that a network needs. What depends on a size that is not known before running says how; a
/// number past 64 bits is absent.
public struct Memory: Sendable, Equatable {
  /// Of all weights, trained or not.
  public var weights: Dimension?
  public var gradients: Dimension?
  /// What the optimizer keeps beside them.
  public var optimizer: Dimension?
  /// What the backward pass of one batch keeps.
  public var activations: Dimension?
  /// The values that are needed at once to run one sample, at the most.
  public var values: Dimension?
  /// Samples in a batch.
  public var batchSize: Int

  /// All that training one batch holds.
  public var training: Dimension? { Memory.sum([weights, gradients, optimizer, activations]) }

  /// What running one sample holds.
  public var inference: Dimension? { Memory.sum([weights, values]) }

  private static func sum(_ parts: [Dimension?]) -> Dimension? {
    var total = Dimension.constant(0)
    for part in parts {
      guard let part, let sum = try? total.adding(part) else { return nil }
      total = sum
    }
    return total
  }
}

extension DType {
  /// Bytes of one value.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .bool: 1
    }
  }
}

extension NetworkGraph {
  /// At the batch size and precision of `train`. With 16 bits, weights, gradients and the optimizer's
  /// state stay in 32: only what flows is smaller (Micikevicius 2018).
  public var memory: Memory {
    let estimate = MemoryEstimate(self)
    return Memory(
      weights: estimate.weights { $0.weights.map(\.shape) },
      gradients: estimate.weights(\.trainedShapes),
      optimizer: estimate.weights(\.trainedShapes).flatMap {
        try? $0.multiplied(by: .constant(optimizer?.slots ?? 0))
      }, activations: try? estimate.activations(), values: estimate.liveValues(),
      batchSize: estimate.batchSize)
  }
}

extension NetworkGraph {
  /// The most samples that can be trained on at once in so many bytes: 0 where one is too much, absent
  /// where sizes are open. Batches as large as that of `train` are not looked at.
  public func largestBatch(within bytes: Int) -> Int? {
    let memory = memory
    guard let weights = memory.weights?.constant, let gradients = memory.gradients?.constant,
      let optimizer = memory.optimizer?.constant
    else { return nil }
    let estimate = MemoryEstimate(self)
    guard let activations = try? estimate.activationsByBatch() else { return nil }
    var (low, high) = (0, memory.batchSize)
    while low + 1 < high {
      let middle = (low + high) / 2
      guard let kept = (try? estimate.atBatch(activations, middle))?.constant else { return nil }
      let isTooMuch = kept > bytes - weights - gradients - optimizer
      if isTooMuch { high = middle } else { low = middle }
    }
    return low
  }
}

extension GraphNode {
  fileprivate var trainedShapes: [Shape] {
    isTrainable ? weights.filter(\.isTrainable).map(\.shape) : []
  }
}

private struct MemoryEstimate {
  let graph: NetworkGraph
  let batchSize: Int
  /// Bytes of a value that flows, where its layer states no type.
  let valueBytes: Int
  /// The value in whose place each value stands: itself, or what it is a view of.
  private var place: [Int]

  init(_ graph: NetworkGraph) {
    self.graph = graph
    let train = graph.settings["train"]
    if case .integer(.constant(let size))? = train?["batch_size"] {
      batchSize = size
    } else {
      // Keras's own.
      batchSize = 32
    }
    if case .string(let name)? = train?["precision"], let dtype = DType(rawValue: name) {
      valueBytes = dtype.byteCount
    } else {
      valueBytes = DType.float32.byteCount
    }
    place = Array(graph.values.indices)
    for node in graph.nodes where node.backward.isView {
      if let input = node.inputs.first, let output = node.outputs.first {
        place[output] = place[input]
      }
    }
  }

  func weights(_ shapes: (GraphNode) -> [Shape]) -> Dimension? {
    var total = Dimension.constant(0)
    for node in graph.nodes {
      let bytes = (node.dtype ?? .float32).byteCount
      for shape in shapes(node) {
        guard let size = try? product(shape, bytes), let sum = try? total.adding(size) else {
          return nil
        }
        total = sum
      }
    }
    return total
  }

  private func product(_ shape: Shape, _ bytes: Int) throws(DimensionError) -> Dimension {
    var product = Dimension.constant(bytes)
    for size in shape { product = try product.multiplied(by: size) }
    return product
  }

  private func bytes(of dtype: DType) -> Int { dtype == .float32 ? valueBytes : dtype.byteCount }

  private func bytes(of value: Int) throws(DimensionError) -> Dimension {
    guard let type = graph.type(of: value) else { return .constant(0) }
    return try product(type.shape, bytes(of: type.dtype))
  }

  // MARK: Training

  func activations() throws(DimensionError) -> Dimension {
    try atBatch(activationsByBatch(), batchSize)
  }

  /// Bytes that the backward pass keeps, each tensor once, whoever needs it.
  func activationsByBatch() throws(DimensionError) -> Dimension {
    var isTrained = Array(repeating: false, count: graph.values.count)
    var kept: Set<Int> = []
    var total = Dimension.constant(0)
    for node in graph.nodes {
      let owner = node.sharedWith.map { graph.nodes[$0] } ?? node
      let reads = node.inputs.contains { isTrained[$0] }
      // Without a gradient to pass on or to use, nothing is kept.
      guard reads || owner.isTrainable && owner.weights.contains(where: \.isTrainable) else {
        continue
      }
      for output in node.outputs { isTrained[output] = true }
      if node.backward.inputs { kept.formUnion(node.inputs.map { place[$0] }) }
      if node.backward.outputs { kept.formUnion(node.outputs.map { place[$0] }) }
      let dtype = node.outputs.first.flatMap { graph.type(of: $0)?.dtype } ?? .float32
      total = try total.adding(
        node.backward.values.multiplied(by: .constant(bytes(of: dtype))))
      total = try total.adding(
        node.backward.indices.multiplied(by: .constant(DType.int64.byteCount)))
    }
    for value in kept.sorted() { total = try total.adding(bytes(of: value)) }
    return total
  }

  func atBatch(_ size: Dimension, _ batch: Int) throws(DimensionError) -> Dimension {
    try size.substituting { $0 == .batch ? .constant(batch) : nil }
  }

  // MARK: Running

  /// The most that is needed at once when the layers run in their order: what is read later, what
  /// is read now and what is made.
  func liveValues() -> Dimension? {
    var lastRead: [Int: Int] = [:]
    for (index, node) in graph.nodes.enumerated() {
      for input in node.inputs { lastRead[place[input]] = index }
    }
    for output in graph.outputs { lastRead[place[output.value]] = graph.nodes.count }
    var live: Set<Int> = Set(graph.inputs.map { place[$0.value] })
    var most: (weight: Double, size: Dimension)?
    var current = Dimension.constant(0)
    func change(_ value: Int, _ isAdded: Bool) throws(DimensionError) {
      let size = try atBatch(bytes(of: value), 1)
      current = isAdded ? try current.adding(size) : try current.subtracting(size)
    }
    do throws(DimensionError) {
      for value in live { try change(value, true) }
      most = (weight(current), current)
      for (index, node) in graph.nodes.enumerated() {
        for output in node.outputs.map({ place[$0] }) where live.insert(output).inserted {
          try change(output, true)
        }
        if weight(current) > most?.weight ?? 0 { most = (weight(current), current) }
        for value in Set((node.inputs + node.outputs).map { place[$0] })
        where lastRead[value] ?? -1 <= index && live.remove(value) != nil {
          try change(value, false)
        }
      }
    } catch {
      return nil
    }
    return most?.size
  }

  /// By what sizes are compared that are not all known: at a thousand each.
  private func weight(_ size: Dimension) -> Double {
    let sizes = Dictionary(
      size.symbols.map { ($0, 1_000) }, uniquingKeysWith: { first, _ in first })
    return Double(size.evaluated(sizes) ?? Int.max)
  }
}
