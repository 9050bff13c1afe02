/// A network with its parameters at their defaults or as the caller sets them, layer by layer.
public struct NetworkSummary: Sendable, Equatable {
  /// An integer, or an expression of symbols where it is not fixed.
  public enum Size: Sendable, Equatable {
    case fixed(Int)
    case symbolic(String)
    /// What it is in several configurations of a search space, as people read it, and in the
    /// default one.
    indirect case searched(String, first: Size)
  }

  public struct Tensor: Sendable, Equatable {
    public var name: String
    /// The batch dimension included.
    public var shape: [Size]
    public var dtype: String

    public init(name: String, shape: [Size], dtype: String) {
      self.name = name
      self.shape = shape
      self.dtype = dtype
    }
  }

  public struct Layer: Sendable, Equatable {
    public var path: String
    public var type: String
    /// Paths of the layers or inputs that it reads; `path:n` where there are several outputs.
    public var inputs: [String]
    public var outputs: [[Size]]
    public var parameters: Size
    public var trainable: Size
    public var macs: Size
    /// The bytes of the source that it comes from.
    public var range: Range<Int>

    public init(
      path: String, type: String, inputs: [String], outputs: [[Size]], parameters: Size,
      trainable: Size, macs: Size, range: Range<Int>
    ) {
      self.path = path
      self.type = type
      self.inputs = inputs
      self.outputs = outputs
      self.parameters = parameters
      self.trainable = trainable
      self.macs = macs
      self.range = range
    }
  }

  /// Bytes; absent past 64 bits.
  public struct Memory: Sendable, Equatable {
    public var weights: Size?
    /// Of weights and of the values that are needed at once to run one sample.
    public var inference: Size?
    public var gradients: Size?
    public var optimizer: Size?
    /// What the backward pass of one batch keeps.
    public var activations: Size?
    /// Of weights, gradients, the optimizer's state and stored activations.
    public var training: Size?
    /// Samples in a batch.
    public var batchSize: Int

    public init(
      weights: Size?, inference: Size?, gradients: Size?, optimizer: Size?, activations: Size?,
      training: Size?, batchSize: Int
    ) {
      self.weights = weights
      self.inference = inference
      self.gradients = gradients
      self.optimizer = optimizer
      self.activations = activations
      self.training = training
      self.batchSize = batchSize
    }
  }

  public var name: String
  public var inputs: [Tensor]
  public var layers: [Layer]
  public var outputs: [Tensor]
  public var parameters: Size
  public var trainable: Size
  public var nonTrainable: Size
  public var macs: Size
  public var memory: Memory
  /// What is to be known of totals of a search space.
  public var searchNote: String?

  public init(
    name: String, inputs: [Tensor], layers: [Layer], outputs: [Tensor], parameters: Size,
    trainable: Size, nonTrainable: Size, macs: Size, memory: Memory, searchNote: String? = nil
  ) {
    self.name = name
    self.searchNote = searchNote
    self.inputs = inputs
    self.layers = layers
    self.outputs = outputs
    self.parameters = parameters
    self.trainable = trainable
    self.nonTrainable = nonTrainable
    self.macs = macs
    self.memory = memory
  }
}

extension NetworkSummary.Size {
  /// `97.8 MiB`.
  public var bytes: String {
    let size: Int
    switch self {
    case .fixed(let number): size = number
    case .symbolic(let text), .searched(let text, _): return text + " bytes"
    }
    var value = Double(size)
    var unit = 0
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    if unit == 0 { return "\(size) bytes" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }
}
