import NeuralDimension
import NeuralModel
import NeuralSchema

/// An ONNX model: its graph, and where its weights come from when it is written.
public struct ONNXModel: Sendable {
  /// The operators that it speaks: those of libonnx 1.12, which Debian 12 has.
  public static let opset = 17
  /// The version of the file format that goes with it.
  public static let irVersion = 8

  public var name: String
  public var documentation: String?
  /// The name of the source file.
  public var source: String
  public var inputs: [ONNXValueInfo] = []
  public var outputs: [ONNXValueInfo] = []
  var nodes: [ONNXNode] = []
  /// Small numbers that operators read: shapes, axes, bounds.
  var constants: [ONNXTensor] = []
  /// The weights that are in the file; none where they are inputs.
  var weights: [ONNXWeight] = []
  /// Every weight that the declarations have, used or not: what a file of weights must hold.
  public var declaredWeights: [DeclaredWeight] = []
  /// The places in the source that nodes come from, by the paths of their layers.
  public var locations: [String: Location] = [:]
  /// The shapes that tensors have by the rules of our own declarations.
  public var shapes: [String: [ONNXSize]] = [:]

  /// What the operators make, in their order; an operator is called like the first that it makes.
  public var tensors: [String] { nodes.flatMap(\.outputs) }

  /// The layer that a node was made for: the longest of the paths that its name begins with.
  public func location(ofNode name: String) -> Location? {
    var path = name[...]
    while true {
      if let location = locations[String(path)] { return location }
      guard let slash = path.lastIndex(of: "/") else { return nil }
      path = path[..<slash]
    }
  }
}

/// A size of a tensor, known or called by its symbol.
public enum ONNXSize: Hashable, Sendable, CustomStringConvertible {
  case value(Int)
  case parameter(String)

  init(_ dimension: Dimension) {
    self =
      switch dimension {
      case .constant(let value): .value(value)
      case .polynomial: .parameter(dimension.description)
      }
  }

  public var description: String {
    switch self {
    case .value(let value): String(value)
    case .parameter(let name): name
    }
  }
}

/// ONNX's `TensorProto.DataType`.
public enum ONNXType: Int, Sendable {
  case float = 1
  case int32 = 6
  case int64 = 7
  case bool = 9
}

/// An input or an output of a graph.
public struct ONNXValueInfo: Sendable {
  public var name: String
  public var type: ONNXType
  /// `nil` where it is left open, as in the body of a loop.
  public var shape: [ONNXSize]?
  public var documentation: String?
}

struct ONNXNode: Sendable {
  var name: String
  var operation: String
  /// Names of tensors; empty for an optional one that is left out.
  var inputs: [String]
  var outputs: [String]
  var attributes: [(name: String, value: ONNXAttribute)]
  var documentation: String?
}

indirect enum ONNXAttribute: Sendable {
  case float(Float)
  case integer(Int)
  case string(String)
  case floats([Float])
  case integers([Int])
  case strings([String])
  case graph(ONNXSubgraph)
}

/// What a `Scan` runs for each step.
struct ONNXSubgraph: Sendable {
  var name: String
  var nodes: [ONNXNode]
  var inputs: [ONNXValueInfo]
  var outputs: [ONNXValueInfo]
}

/// A small constant.
struct ONNXTensor: Sendable {
  enum Values: Hashable, Sendable {
    case floats([Float])
    case integers([Int])
    case booleans([Bool])
  }

  var name: String
  var shape: [Int]
  var values: Values
}

/// A variable of the source's layers.
public struct DeclaredWeight: Sendable, Hashable {
  /// `stage_1/conv2d_1/kernel`.
  public var path: String
  /// In the layout of the declaration, which is Keras's.
  public var shape: [Int]
  /// How it begins.
  public var initializer: WeightInitializer
  public var location: Location
}

/// A weight as an operator reads it.
struct ONNXWeight: Sendable {
  var name: String
  var recipe: WeightRecipe
  var shape: [Int]
  var weight: DeclaredWeight

  /// Bytes of its values, 32-bit floats.
  var byteCount: Int { shape.reduce(4, *) }
}
