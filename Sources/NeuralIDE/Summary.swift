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

  public var name: String
  public var inputs: [Tensor]
  public var layers: [Layer]
  public var outputs: [Tensor]
  public var parameters: Size
  public var trainable: Size
  public var nonTrainable: Size
  public var macs: Size
  /// Bytes of all weights.
  public var weightsMemory: Size
  /// Bytes that training holds: weights, gradients, the optimizer's state, stored activations.
  /// Absent where it is not known.
  public var trainingMemory: Size?

  public init(
    name: String, inputs: [Tensor], layers: [Layer], outputs: [Tensor], parameters: Size,
    trainable: Size, nonTrainable: Size, macs: Size, weightsMemory: Size, trainingMemory: Size?
  ) {
    self.name = name
    self.inputs = inputs
    self.layers = layers
    self.outputs = outputs
    self.parameters = parameters
    self.trainable = trainable
    self.nonTrainable = nonTrainable
    self.macs = macs
    self.weightsMemory = weightsMemory
    self.trainingMemory = trainingMemory
  }
}
